"""Who read or changed what of whose: one line of JSON for each, in the workbench's home."""

import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """One line.

    Attributes:
        at: in UTC, to the second.
        user: who asked.
        client: the address they asked from.
        act: ``read ledger``, ``upload``, ``run``, ``download``, …
        study: whose.
        about: such as the name of a file.
    """

    at: str
    user: str
    client: str
    act: str
    study: str
    about: str = ""


class Audit:
    """The log of a workbench; it only grows."""

    def __init__(self, home: Path) -> None:
        self._file = home / "audit.jsonl"
        self._lock = threading.Lock()

    def note(self, user: str, client: str, act: str, study: str, about: str = "") -> None:
        """Add a line."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        line = json.dumps(asdict(Entry(now, user, client, act, study, about)), ensure_ascii=False)
        with self._lock, self._file.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def entries(self) -> Iterator[Entry]:
        """All lines, the oldest first."""
        if self._file.exists():
            for line in self._file.read_text("utf-8").splitlines():
                yield Entry(**json.loads(line))
