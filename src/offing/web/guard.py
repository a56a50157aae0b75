"""What stands before every page: names, sizes, slowness, haste, and the headers of every answer.

It is plain ASGI, so that a request is refused before anything of it is read.
"""

import asyncio
import hashlib
import hmac
import json
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from offing.terms.errors import InputError, OffingError
from offing.web.settings import OWNER, Settings, VisitorLimits

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


COOKIE = "offing"
DAYS = 30
"""How long a cookie is good for."""
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


@dataclass(frozen=True)
class Session:
    """A user's session, with the random mark of its cookie."""

    user: str
    since: int
    mark: str


class Sessions:
    """The users of a workbench, and what proves who asks.

    Args:
        settings: of the workbench; its home is made where there is none.
    """

    def __init__(self, settings: Settings) -> None:
        self._file = settings.home / "users.json"
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._key = _kept_key(settings.home / "key")
        self._open = not settings.open_to_network
        self._hashes: dict[str, str] = {}
        self.fresh: dict[str, str] = {}
        """User → token, of those who got one now: it is shown once."""
        if self._open:
            return
        self._hashes = json.loads(self._file.read_text("utf-8")) if self._file.exists() else {}
        for user in settings.users or (OWNER,):
            if NAME.fullmatch(user) is None:
                raise InputError("web.bad_user", name=user)
            if user not in self._hashes:
                self.fresh[user] = secrets.token_urlsafe(32)
                self._hashes[user] = _hash(self.fresh[user])
        users = set(settings.users or (OWNER,))
        self._hashes = {user: hashed for user, hashed in self._hashes.items() if user in users}
        _write_privately(self._file, json.dumps(self._hashes).encode())

    def session_of_token(self, token: str) -> Session | None:
        """A new session for whose token it is; compared in constant time with every user's."""
        sent, owner = _hash(token), None
        for user, hashed in self._hashes.items():
            if hmac.compare_digest(sent, hashed):
                owner = user
        return None if owner is None else self._new(owner)

    def session_of_cookie(self, cookie: str | None) -> Session | None:
        """The session that a cookie proves; on a machine of one's own a new one without."""
        parts = (cookie or "").split(".")
        if len(parts) == 4:
            user, since, mark, signed = parts
            good = _same(self._signature("session", user, since, mark, self._proof(user)), signed)
            if good and self._may(user) and time.time() - int(since) < DAYS * 86_400:
                return Session(user, int(since), mark)
        return self._new(OWNER) if self._open else None

    def cookie(self, session: Session) -> str:
        """The cookie's value."""
        fields = session.user, str(session.since), session.mark
        return ".".join((*fields, self._signature("session", *fields, self._proof(session.user))))

    def form_token(self, session: Session) -> str:
        """What a form of this session carries."""
        return self._signature("form", session.user, session.mark)

    def form_is_ours(self, session: Session, token: str) -> bool:
        """Whether a form comes from a page of this session; in constant time."""
        return _same(self.form_token(session), token)

    def _proof(self, user: str) -> str:
        """Of the token that opened a session: with the token its cookies are gone."""
        return self._hashes.get(user, "")

    def _may(self, user: str) -> bool:
        return user == OWNER if self._open else user in self._hashes

    def _new(self, user: str) -> Session:
        return Session(user, int(time.time()), secrets.token_hex(16))

    def _signature(self, *parts: str) -> str:
        return hmac.new(self._key, ".".join(parts).encode(), "sha256").hexdigest()


def _same(signed: str, sent: str) -> bool:
    """Whether two signs are the same, in constant time; what was sent may be any text."""
    return hmac.compare_digest(signed.encode(), sent.encode(errors="replace"))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _kept_key(file: Path) -> bytes:
    """The workbench's own key, made at its first start."""
    if not file.exists():
        _write_privately(file, secrets.token_bytes(32))
    return file.read_bytes()


def _write_privately(file: Path, content: bytes) -> None:
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_bytes(content)
