"""The state of a running workbench: its settings, users, studies, jobs and log."""

import re
from collections.abc import Mapping
from pathlib import Path
from tempfile import gettempdir
from urllib.parse import urlencode

from offing.warehouse.store import default_folder, starter_folder
from offing.web.again import KeptAnswers
from offing.web.audit import Audit
from offing.web.drafts import Ledgers
from offing.web.jobs import Jobs
from offing.web.page import Page
from offing.web.results import Results
from offing.web.sessions import Sessions
from offing.web.settings import Settings
from offing.web.studies import Studies
from offing.web.turns import Turns


class Workbench:
    """All that outlives a request.

    Args:
        settings: what it is started with.
        pages: in the order of the navigation.
    """

    def __init__(self, settings: Settings, pages: tuple[Page, ...]) -> None:
        self.settings = settings
        self.pages = pages
        self.sessions = Sessions(settings)
        self.audit = Audit(settings.home)
        self.studies = Studies(settings)
        self.jobs = Jobs(settings.limits.jobs)
        self.results = Results()
        self.ledgers = Ledgers()
        self.answers = KeptAnswers(settings.limits.kept_bytes)
        self.turns = Turns()
        study = settings.study
        opened = [] if study is None else [study if study.is_dir() else study.parent]
        data = (default_folder(), starter_folder(), *filter(None, [settings.warehouse]))
        of_users = (settings.home, *opened, *data, Path(gettempdir()))
        folders = {str(path) for folder in of_users for path in (folder, folder.absolute())}
        self._folders = sorted(folders - {".", "/"}, key=len, reverse=True)
        self._addresses = {page.name: page.address for page in pages}

    def tidy(self, text: str) -> str:
        """A text without the folders of this machine: of a path its last part is left."""
        for folder in self._folders:
            if folder in text:
                text = re.sub(re.escape(folder) + r"/(?:[^/\s:,;，；]+/)*", "", text)
                text = re.sub(re.escape(folder) + r"(?![\w.-])", Path(folder).name, text)
        return text

    def link(self, page: str, query: Mapping[str, str]) -> str:
        """The address of ``page``, ``page/part`` or ``page.json``, with a query."""
        name = page.partition("/")[0].partition(".")[0]
        address = self._addresses[name] if page == name else f"/{page}"
        return address + (f"?{urlencode(query)}" if query else "")
