"""The state of a running workbench: its settings, users, studies, jobs and log."""

import json
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import gettempdir
from threading import RLock
from urllib.parse import urlencode

from offing.warehouse.catalog import default_folder
from offing.warehouse.store import starter_folder
from offing.web.drafts import Ledgers
from offing.web.jobs import Jobs
from offing.web.results import Results
from offing.web.sessions import Sessions
from offing.web.settings import Settings
from offing.web.studies import Studies

LOCKS = 64
"""So many users are told apart; two who share a lock wait for each other."""


class Turns:
    """The locks of users."""

    def __init__(self) -> None:
        self._locks = tuple(RLock() for _ in range(LOCKS))

    def of(self, user: str) -> RLock:
        """The lock of a user, to be held ``with`` it."""
        return self._locks[hash(user) % LOCKS]


@dataclass(frozen=True)
class AuditEntry:
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
        line = json.dumps(
            asdict(AuditEntry(now, user, client, act, study, about)), ensure_ascii=False
        )
        with self._lock, self._file.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def entries(self) -> Iterator[AuditEntry]:
        """All lines, the oldest first."""
        if self._file.exists():
            for line in self._file.read_text("utf-8").splitlines():
                yield AuditEntry(**json.loads(line))


class Workbench:
    """All that outlives a request.

    Args:
        settings: what it is started with.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.sessions = Sessions(settings)
        self.audit = Audit(settings.home)
        self.studies = Studies(settings)
        self.jobs = Jobs(settings.limits.jobs)
        self.results = Results()
        self.ledgers = Ledgers()
        self.turns = Turns()
        study = settings.study
        opened = [] if study is None else [study if study.is_dir() else study.parent]
        data = (default_folder(), starter_folder(), *filter(None, [settings.warehouse]))
        of_users = (settings.home, *opened, *data, Path(gettempdir()))
        folders = {str(path) for folder in of_users for path in (folder, folder.absolute())}
        self._folders = sorted(folders - {".", "/"}, key=len, reverse=True)

    def tidy(self, text: str) -> str:
        """A text without the folders of this machine: of a path its last part is left."""
        for folder in self._folders:
            if folder in text:
                text = re.sub(re.escape(folder) + r"/(?:[^/\s:,;，；]+/)*", "", text)
                text = re.sub(re.escape(folder) + r"(?![\w.-])", Path(folder).name, text)
        return text

    def link(self, page: str, query: Mapping[str, str]) -> str:
        """The address of ``page``, ``page/part`` or ``page.json``, with a query."""
        address = "/" if page == "start" else f"/{page}"
        return address + (f"?{urlencode(query)}" if query else "")
