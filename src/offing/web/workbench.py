"""The state of a running workbench: its settings, users, studies, jobs and log."""

import json
import re
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import gettempdir
from threading import RLock
from urllib.parse import urlencode

from offing.warehouse.catalog import default_folder
from offing.warehouse.store import starter_folder
from offing.web.drafts import Ledgers
from offing.web.guard import Sessions
from offing.web.jobs import Jobs
from offing.web.results import Results
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


class Audit:
    """The log of a workbench, a line of JSON for each act; it only grows."""

    def __init__(self, home: Path) -> None:
        self.file = home / "audit.jsonl"
        self._lock = threading.Lock()

    def note(self, user: str, client: str, act: str, study: str, about: str = "") -> None:
        """Add a line: when (UTC, to the second), who from which address, the act, of what."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        entry = {"at": at, "user": user, "client": client, "act": act, "study": study,
                 "about": about}  # fmt: skip
        line = json.dumps(entry, ensure_ascii=False)
        with self._lock, self.file.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


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
