"""Run the workbench until it is stopped."""

import webbrowser
from asyncio import BaseTransport
from typing import Any
from urllib.parse import quote

import uvicorn
from fastapi import FastAPI
from h11 import IDLE, SEND_RESPONSE
from uvicorn.protocols.http.h11_impl import H11Protocol

from offing.terms.errors import InputError, StorageError, Where, refused_by_disk
from offing.terms.messages import say
from offing.web.app import create_app
from offing.web.settings import OWNER, Settings
from offing.web.workbench import Workbench

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


def addresses(settings: Settings, workbench: Workbench) -> list[tuple[str, str]]:
    """User and address to open, of those whose token is new; of a machine of one's own, one."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    base = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/"
    if not settings.open_to_network:
        return [(OWNER, base)]
    fresh = workbench.sessions.fresh
    return [(user, f"{base}?token={quote(token)}") for user, token in fresh.items()]


def run(settings: Settings, *, browser: bool = True) -> None:
    """Serve until Ctrl-C, and open a browser.

    Raises:
        InputError: ``cli.not_a_folder``, of the home.
        StorageError: ``web.port_taken``, or ``web.system_refused`` of the home.
    """
    import socket

    try:
        app = create_app(settings)
    except (FileExistsError, NotADirectoryError):
        home = settings.home
        file = next((part for part in (home, *home.parents) if part.is_file()), home)
        raise InputError("cli.not_a_folder", where=Where(home), folder=file) from None
    except OSError as error:
        reason = refused_by_disk(error)
        raise StorageError(
            "web.system_refused", where=Where(settings.home), reason=reason
        ) from None
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Named as TCP, else asyncio leaves Nagle's algorithm on and every answer waits 40 ms.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except (OSError, OverflowError) as error:  # a number that is no port overflows
        listening.close()
        reason = refused_by_disk(error)
        raise StorageError("web.port_taken", port=settings.port, reason=reason) from error
    config = config_of(app, settings, log_level="warning")
    opened = addresses(settings, app.state.workbench)
    for user, address in opened:
        key = "web.serving_user" if settings.open_to_network else "web.serving"
        print(say(key, address=address, user=user), flush=True)  # noqa: T201
    if browser and opened:
        webbrowser.open(opened[0][1])
    uvicorn.Server(config).run(sockets=[listening])
