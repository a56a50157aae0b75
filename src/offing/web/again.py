"""Answers that are shown again without being made again, while all that they rest on is the same.

An answer is kept under who asks (with the mark of their session where the page has forms), the
page, its query, the language, the day, the state of the loaded data and of every file of the open
study. A page says by ``Page.rests_on`` what else it shows; without that it is made anew each time.
What the page wrote into the log when it was made is written again each time it is shown.
"""

import gzip
import hashlib
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from offing.terms.messages import language
from offing.terms.toml import parse_toml
from offing.warehouse.store import data_state
from offing.web.page import Visit
from offing.web.studies import StudyPlace

VARY = "Accept-Encoding, Accept-Language, Cookie"
LEVEL = 6
NAMED = ("content-type", "content-disposition")


@dataclass(frozen=True)
class KeptAnswer:
    """An answer of status 200: its compressed body, its sign, its headers, what was noted of it."""

    body: bytes
    sign: str
    headers: dict[str, str]
    noted: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, response: Response, noted: Sequence[tuple[str, str]] = ()) -> "KeptAnswer":
        """An answer that was just made."""
        body = bytes(response.body)
        sign = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
        headers = {name: response.headers[name] for name in NAMED if name in response.headers}
        return cls(gzip.compress(body, LEVEL, mtime=0), sign, headers, tuple(noted))

    def response(self, request: Request) -> Response:
        """As the client takes it: nothing where it has it, compressed where it can."""
        headers = self.headers | {
            "etag": self.sign,
            "cache-control": "private, no-cache",
            "vary": VARY,
        }
        if self.sign in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if takes_gzip(request):
            return Response(self.body, headers=headers | {"content-encoding": "gzip"})
        return Response(gzip.decompress(self.body), headers=headers)


def takes_gzip(request: Request) -> bool:
    """Whether a client says that it can unpack; ``gzip;q=0`` says that it cannot.

    >>> takes_gzip(Request({"type": "http", "headers": [(b"accept-encoding", b"br, gzip")]}))
    True
    >>> takes_gzip(Request({"type": "http", "headers": [(b"accept-encoding", b"gzip;q=0")]}))
    False
    """
    for coding in request.headers.get("accept-encoding", "").lower().split(","):
        name, _, weight = coding.strip().partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def state_of(visit: Visit, form: str, *, fresh: bool) -> Hashable | None:
    """All that an answer rests on; ``None`` where it must be made anew.

    Args:
        visit: the request.
        form: ``page``, ``json`` or ``csv``; only a page carries the mark of its session.
        fresh: whether the session began with this very request: nothing could be kept for it.
    """
    rests_on = None if visit.page.rests_on is None else visit.page.rests_on(visit)
    if rests_on is None or "token" in visit.query or (fresh and form == "page"):
        return None
    return (
        visit.user,
        visit.session.mark if form == "page" else "",
        visit.page.name,
        form,
        tuple(visit.query.multi_items()),
        language(),
        datetime.now(UTC).date(),
        data_state(visit.workbench.settings.warehouse),
        () if visit.place is None else (visit.place.name, *_stamps(visit.place)),
        rests_on,
    )


def _stamps(place: StudyPlace) -> Iterator[tuple[str, int, int, int]]:
    """Name, time, size and number of every file of a study and of its results."""
    results = [place.results / name for name in ("result.json", "manifest.json")]
    for file in (*place.files(), *results):
        if (stamp := stamp_of(file)) is not None:
            yield str(file), *stamp


Stamp = tuple[int, int, int]


def stamp_of(file: Path) -> Stamp | None:
    """Time, size and number of a file; ``None`` where there is none."""
    try:
        seen = file.stat()
    except (OSError, ValueError):  # no name could be so
        return None
    return seen.st_mtime_ns, seen.st_size, seen.st_ino


def of_study(visit: Visit) -> Hashable | None:
    """What the page of a question rests on beside data and study: the ledger, where it lies.

    A study outside the workbench may name folders of rules anywhere: its answers are not kept.
    """
    if visit.place is None:
        return ()
    place, stamp = visit.place, stamp_of(visit.place.file)
    ledger = None if stamp is None else _ledger_named(place.file, stamp)
    if ledger is None and not place.kept:
        return None
    return () if ledger is None else stamp_of(place.folder / ledger)


@lru_cache(maxsize=64)
def _ledger_named(file: Path, _: Stamp) -> str | None:
    """The ledger that a study names, empty where it names none; ``None`` with rules of its own."""
    try:
        data = parse_toml(file.read_text("utf-8"))
        return None if "rules" in data else str(data.get("ledger", {}).get("file", ""))
    except (OSError, ValueError, AttributeError):
        return None
