"""Who asks: tokens that open a session, the cookie that keeps it, the token against forged forms.

A token is shown once and kept as its hash. The cookie names user, day and a random mark and is
signed with the workbench's own key; the token of its forms is signed from that mark. So there is
nothing to store, and nothing that another workbench would accept.
"""

import hashlib
import hmac
import json
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from offing.terms.errors import InputError
from offing.web.settings import OWNER, Settings

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
