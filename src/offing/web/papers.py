"""Tables that a user hands to a page, such as tax papers, until they are taken away."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from offing.api.asking import Answer
from offing.report.blocks import Heading
from offing.report.views import view_of
from offing.terms.errors import InputError, OffingError
from offing.terms.whole_file import write_text
from offing.web.asking import form_of, question_arguments
from offing.web.drafts import Draft
from offing.web.page import Goto, View, Visit
from offing.web.uploads import taken_in

A = TypeVar("A", bound=Answer)
LIST = "papers.json"
FOLDERS = {"refund": "papers", "settle": "deals"}
"""Pages whose folder is not called like them."""


@dataclass(frozen=True)
class HandedIn:
    """The tables that one user has handed to a page, by kind.

    Attributes:
        folder: of the page that takes them.
        kinds: of tables that it takes, in their order.
    """

    folder: Path
    kinds: tuple[str, ...]

    @classmethod
    def of(cls, visit: Visit) -> "HandedIn":
        """The tables that the user of a visit has handed to its page."""
        name = FOLDERS.get(visit.page.name, visit.page.name)
        return cls(visit.workbench.studies.home(visit.user) / name, visit.page.takes)

    def all(self) -> Mapping[str, Draft]:
        """Those that are there, in their order."""
        file = self.folder / LIST
        listed = json.loads(file.read_text("utf-8")) if file.is_file() else {}
        return {kind: Draft(**listed[kind]) for kind in self.kinds if kind in listed}

    def path(self, kind: str) -> Path | None:
        """Where a table lies, if it is there."""
        paper = self.all().get(kind)
        return None if paper is None else self.folder / paper.file

    def take_sent(self, visit: Visit) -> None:
        """Keep every table that a visit sends, each in the place of the one of its kind.

        Raises:
            InputError: ``web.no_file_chosen`` where it sends none.
            InputError, RefusedError: as :func:`~offing.web.uploads.taken_in`.
        """
        sent = [(kind, file) for kind in self.kinds if (file := visit.upload(kind)) is not None]
        if not sent:
            raise InputError("web.no_file_chosen")
        limits = visit.workbench.settings.limits
        for kind, upload in sent:
            kept = taken_in(upload, self.folder / kind, limits, signed=False)
            paper = Draft(kept.relative_to(self.folder).as_posix(), (upload.filename or "")[-80:])
            self._write({**self.all(), kind: paper})
            visit.note("upload", paper.shown)

    @contextmanager
    def names_as_sent(self) -> Iterator[None]:
        """What is refused inside names a table as it was called when it was sent."""
        try:
            yield
        except OffingError as error:
            names = {Path(paper.file).name: paper.shown for paper in self.all().values()}
            where = error.where
            if where is not None and where.file is not None and Path(where.file).name in names:
                error.where = replace(where, file=Path(names[Path(where.file).name]))
            raise

    def name(self, kind: str, columns: Mapping[str, str]) -> None:
        """Remember which heading of a table is which of our columns."""
        if (paper := self.all().get(kind)) is not None:
            self._write({**self.all(), kind: replace(paper, columns=dict(columns))})

    def remove(self, kind: str) -> None:
        """Take a table away."""
        self._write({name: paper for name, paper in self.all().items() if name != kind})

    def _write(self, papers: Mapping[str, Draft]) -> None:
        """The list, in one step; what it does not name is removed."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        listed = {kind: asdict(paper) for kind, paper in papers.items()}
        write_text(self.folder / LIST, json.dumps(listed, ensure_ascii=False))
        named = {LIST, *(paper.file for paper in papers.values())}
        for file in self.folder.rglob("*"):
            if file.is_file() and file.relative_to(self.folder).as_posix() not in named:
                file.unlink()


def answered_from_files(
    visit: Visit,
    ask: Callable[..., Answer],
    *,
    needs: Sequence[str] = (),
    own: Mapping[str, Any] | None = None,
    **form: Any,
) -> View:
    """The page of a question about tables, as soon as the first of them and all needed is there.

    Args:
        visit: the request.
        ask: a question whose first field is the first kind of table that the page takes.
        needs: names that must be filled in.
        own: what it is asked of where that table is not handed in, as keyword arguments.
        **form: as :func:`~offing.web.asking.form_of`.
    """
    handed = HandedIn.of(visit)
    there, first = handed.all(), handed.kinds[0]
    ready = first in there or bool(own)
    view = visit.view("files.html", form=form_of(visit, ask, **form), ready=ready, more=None)
    if not (ready and all(map(visit.value, needs))):
        return view
    for kind, paper in there.items():
        visit.note(f"read {kind}", paper.shown)
    with view.refusals(), handed.names_as_sent():
        answer = answer_of_files(visit, ask, own)
        shown = there[first].shown if first in there else Path((own or {})[first]).name
        view.blocks, view.data = (Heading(shown), *view_of(answer)), answer.data
    return view


def answer_of_files(visit: Visit, ask: Callable[..., A], own: Mapping[str, Any] | None = None) -> A:
    """The answer of a question about tables that were handed in, see :func:`answered_from_files`.

    Raises:
        OffingError: as the question.
    """
    handed = HandedIn.of(visit)
    tables = {kind: path for kind in handed.kinds if (path := handed.path(kind)) is not None}
    usual = {} if handed.kinds[0] in tables else own or {}
    return ask(**{**usual, **tables, **question_arguments(visit, ask)})


def drop(visit: Visit) -> Goto:
    """Take tables in.

    Raises:
        InputError: ``web.no_file_chosen``, and as the upload.
    """
    HandedIn.of(visit).take_sent(visit)
    return Goto(visit.page.name)


def forget(visit: Visit) -> Goto:
    """Take one of the tables away."""
    HandedIn.of(visit).remove(visit.value("kind"))
    return Goto(visit.page.name)
