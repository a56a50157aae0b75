"""What stands before every page: names, sizes, slowness, haste, and the headers of every answer.

It is plain ASGI, so that a request is refused before anything of it is read.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from offing.terms.errors import InputError, OffingError
from offing.web.settings import Settings, VisitorLimits

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}
"""No script and no style but our own files; a length of a bar is a style attribute."""

SAFE = ("GET", "HEAD")
CLIENTS = 10_000
"""Clients whose haste is remembered."""

Refuse = Callable[[Scope, OffingError], ASGIApp]
"""Writes the page of an error."""


class RateLimiter:
    """How much each client may still ask: a bucket that refills."""

    def __init__(self, most: int, a_second: float) -> None:
        self._most, self._a_second = most, a_second
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def takes(self, client: str) -> bool:
        """Take one from a client's bucket; whether there was one."""
        now = time.monotonic()
        tokens, at = self._left.pop(client, (float(self._most), now))
        tokens = min(self._most, tokens + (now - at) * self._a_second)
        self._left[client] = (tokens - 1 if tokens >= 1 else tokens), now
        if len(self._left) > CLIENTS:
            self._left.popitem(last=False)
        return tokens >= 1


class RefusedError(InputError):
    """A request that is not answered; ``status`` says why to a program."""

    def __init__(self, key: str, status: int, **values: object) -> None:
        super().__init__(key, where=None, **values)
        self.status = status


class Guard:
    """Middleware around the whole application."""

    def __init__(self, app: ASGIApp, settings: Settings, refuse: Refuse) -> None:
        self._app, self._settings, self._refuse = app, settings, refuse
        limits = settings.limits
        self._haste = RateLimiter(limits.requests, limits.requests_a_second)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it with a page."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if "cache-control" not in headers:
                    headers["cache-control"] = "no-store"
            await send(message)

        refused = self._refusal(scope)
        app = self._app if refused is None else self._refuse(scope, refused)
        await app(scope, _limit_request(receive, self._settings.limits), sent)

    def _refusal(self, scope: Scope) -> RefusedError | None:
        headers, settings = Headers(scope=scope), self._settings
        if not _is_our_host(headers.get("host", ""), settings):
            return RefusedError("web.foreign_host", 421, host=headers.get("host", "")[:100])
        if not _same_site(headers):
            key = "web.foreign_page" if scope["method"] in SAFE else "web.foreign_form"
            return RefusedError(key, 403)
        length = headers.get("content-length") or ""
        if length.isdecimal() and int(length[:20]) > settings.limits.upload_bytes:
            return too_large(settings.limits)
        client = (scope.get("client") or ("",))[0]
        if settings.open_to_network and not self._haste.takes(client):
            return RefusedError("web.too_many", 429)
        return None


def too_large(limits: VisitorLimits) -> RefusedError:
    """The refusal of an upload that is too large."""
    return RefusedError("web.too_large", 413, limit=limits.upload_bytes // 1_000_000)


def _is_our_host(host: str, settings: Settings) -> bool:
    """Whether the name in a ``Host`` header is ours: another's would be DNS rebinding."""
    name = host[1 : host.find("]")] if host.startswith("[") else host.partition(":")[0]
    return name.lower() in settings.known_names


def _same_site(headers: Headers) -> bool:
    """Whether a page of ours asks, or none does, as the browser says.

    A program says nothing; an old browser, or one on plain HTTP, at most where it comes from.
    """
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    sent = [headers[name] for name in ("origin", "referer") if name in headers]
    pages = {page.partition("://")[2].partition("/")[0].lower() for page in sent}
    return pages <= {headers.get("host", "").lower()}


def _limit_request(receive: Receive, limits: VisitorLimits) -> Receive:
    """A ``receive`` that ends a request which is too large or too slow."""
    seen, whole, until = 0, False, 0.0

    async def receive_limited() -> Message:
        nonlocal seen, whole, until
        now = time.monotonic()
        until = until or now + limits.body_seconds
        waiting: Awaitable[Message] = receive()
        if whole:  # only the end of the connection is waited for
            return await waiting
        try:
            message = await asyncio.wait_for(waiting, until - now)
        except TimeoutError:
            raise RefusedError("web.too_slow", 408) from None
        seen += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if seen > limits.upload_bytes:
            raise too_large(limits)
        return message

    return receive_limited
