"""Tables that a user hands to a page, such as tax papers, until they are taken away."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from starlette.datastructures import UploadFile

from offing.terms.errors import InputError, OffingError
from offing.web.page import Visit
from offing.web.settings import Limits
from offing.web.uploads import taken_in

KINDS = ("declarations", "invoices", "receipts", "inputs", "months", "library")
LIST = "papers.json"


@dataclass(frozen=True)
class Paper:
    """One table: its file in the user's folder, the name that it had, headings named by hand."""

    file: str
    shown: str
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Papers:
    """The tables of one user, by kind.

    Attributes:
        folder: of the page that takes them.
        kinds: of tables that it takes, in their order.
    """

    folder: Path
    kinds: tuple[str, ...] = KINDS

    @classmethod
    def of(cls, visit: Visit, page: str, kinds: tuple[str, ...] = KINDS) -> "Papers":
        """The tables that the user of a visit has handed to a page."""
        return cls(visit.workbench.studies.home(visit.user) / page, kinds)

    def all(self) -> Mapping[str, Paper]:
        """Those that are there, in their order."""
        file = self.folder / LIST
        listed = json.loads(file.read_text("utf-8")) if file.is_file() else {}
        return {kind: Paper(**listed[kind]) for kind in self.kinds if kind in listed}

    def path(self, kind: str) -> Path | None:
        """Where a table lies, if it is there."""
        paper = self.all().get(kind)
        return None if paper is None else self.folder / paper.file

    def take(self, kind: str, upload: UploadFile, limits: Limits) -> str:
        """Keep a table that was sent, in the place of the one of its kind; the name it had.

        Raises:
            InputError, RefusedError: as :func:`~offing.web.uploads.taken_in`.
        """
        file = taken_in(upload, self.folder / kind, limits, signed=False)
        shown = (upload.filename or "")[-80:]
        name = file.relative_to(self.folder).as_posix()
        self._write({**self.all(), kind: Paper(name, shown)})
        return shown

    def take_sent(self, visit: Visit) -> None:
        """Keep every table that a visit sends, each in the place of the one of its kind.

        Raises:
            InputError: ``web.no_file_chosen`` where it sends none, and as :meth:`take`.
        """
        sent = [(kind, file) for kind in self.kinds if (file := visit.upload(kind)) is not None]
        if not sent:
            raise InputError("web.no_file_chosen")
        for kind, upload in sent:
            visit.note("upload", self.take(kind, upload, visit.workbench.settings.limits))

    def as_sent(self, error: OffingError) -> OffingError:
        """The error, its place by the name that the table had when it was sent."""
        names = {Path(paper.file).name: paper.shown for paper in self.all().values()}
        where = error.where
        if where is not None and where.file is not None:
            name = Path(where.file).name
            error.where = replace(where, file=Path(names[name]) if name in names else where.file)
        return error

    def name(self, kind: str, columns: Mapping[str, str]) -> None:
        """Remember which heading of a table is which of our columns."""
        if (paper := self.all().get(kind)) is not None:
            self._write({**self.all(), kind: replace(paper, columns=dict(columns))})

    def remove(self, kind: str) -> None:
        """Take a table away."""
        self._write({name: paper for name, paper in self.all().items() if name != kind})

    def _write(self, papers: Mapping[str, Paper]) -> None:
        """The list, in one step; what it does not name is removed."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self.folder / f".{LIST}.part"
        listed = {kind: asdict(paper) for kind, paper in papers.items()}
        fresh.write_text(json.dumps(listed, ensure_ascii=False), encoding="utf-8")
        fresh.replace(self.folder / LIST)
        named = {LIST, *(paper.file for paper in papers.values())}
        for file in self.folder.rglob("*"):
            if file.is_file() and file.relative_to(self.folder).as_posix() not in named:
                file.unlink()
