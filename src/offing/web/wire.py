"""Connections: seconds for each head, and few of one address, so that silent ones block nobody.

A connection that has no request in work is silent: it is new, sends a head or the rest of a body
that nobody waits for, or is kept for the next request. Where there are too many, the one that has
been silent longest makes place for the new one.
"""

from asyncio import BaseTransport
from typing import Any

import uvicorn
from fastapi import FastAPI
from h11 import IDLE, SEND_RESPONSE
from uvicorn.protocols.http.h11_impl import H11Protocol

from offing.web.settings import Settings

AT_ONCE = 200
"""Connections of all addresses; a proxy may have them all."""


class Wire(H11Protocol):
    """One connection; :func:`config_of` sets what holds for all of a server."""

    settings: Settings
    _since = 0.0

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin to wait for a head, and make room where there are too many connections."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self._await_head()
        address = self._address
        wires = [wire for wire in self.connections if isinstance(wire, Wire)]
        there = [wire for wire in wires if not wire.transport.is_closing()]
        most = AT_ONCE if address == self.settings.proxy else self.settings.limits.connections
        self._make_room([wire for wire in there if wire._address == address], most)
        self._make_room(there, AT_ONCE - 1)

    def on_response_complete(self) -> None:
        """Begin to wait for the next head."""
        super().on_response_complete()
        self._await_head()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP: a request in work ends as if its visitor had hung up."""
        cycle = None if self._is_silent else self.cycle
        if cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()
        if self.conn.our_state in (IDLE, SEND_RESPONSE):
            super().send_400_response(msg)
        else:  # it has its answer
            self.transport.close()

    @property
    def _address(self) -> str:
        return self.client[0] if self.client else ""

    @property
    def _is_silent(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _await_head(self) -> None:
        self._since = self.loop.time()
        self.loop.call_later(self.settings.limits.head_seconds, self._give_up, self._since)

    def _give_up(self, since: float) -> None:
        if self._is_silent and self._since == since:
            self.transport.abort()

    def _make_room(self, wires: list["Wire"], most: int) -> None:
        if len(wires) > most:
            silent = [wire for wire in wires if wire._is_silent and wire is not self]
            min(silent, key=lambda wire: wire._since, default=self).transport.abort()


def config_of(app: FastAPI, settings: Settings, **more: Any) -> uvicorn.Config:
    """How a workbench is served."""
    return uvicorn.Config(
        app,
        http=type("Wire", (Wire,), {"settings": settings}),
        ws="none",
        server_header=False,
        proxy_headers=bool(settings.proxy),
        forwarded_allow_ips=settings.proxy or "",
        limit_concurrency=AT_ONCE,
        timeout_keep_alive=int(settings.limits.head_seconds),
        timeout_graceful_shutdown=3,
        **more,
    )
