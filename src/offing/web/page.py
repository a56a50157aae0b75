"""What a page is: an address, what it shows, and what can be changed on it.

A module of :mod:`offing.web.pages` has a ``PAGE``::

    def show(visit: Visit) -> View:
        return question_view(visit, ladder, names=("product", "market"))

    PAGE = Page("ladder", order=50, show=show)

Its addresses are then ``/ladder`` for a person, ``/ladder.json`` for a program and
``/ladder.csv?table=ID`` for each table that is shown. Its heading in the navigation is the message
``web.nav_ladder``, that of the page ``web.ladder_title``; a field whose sentence on the command
line does not suit a form has its label in ``web.ladder_<field>``. Where one question is not enough,
a page makes its :class:`View` itself, with a template of its own that extends ``base.html``.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from starlette.datastructures import FormData, QueryParams, UploadFile
from starlette.responses import FileResponse

from offing.api.asking import Answer
from offing.report.blocks import Block
from offing.terms.errors import InputError, MissingDataError, OffingError
from offing.terms.messages import say
from offing.terms.plain import values_of
from offing.web.guard import Session
from offing.web.jobs import Job
from offing.web.studies import StudyPlace
from offing.web.workbench import Workbench

PAPER = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "png": "image/png",
}
"""What is handed on of a page, by the end of its name, and its media type."""


@dataclass(frozen=True)
class Visit:
    """A request to a page.

    Attributes:
        workbench: studies, jobs and settings.
        session: who asks.
        client: the address they ask from.
        page: that is asked for.
        query: of the address.
        form: of a change.
        place: the study that is open, if any.
    """

    workbench: Workbench
    session: Session
    client: str
    page: "Page"
    query: QueryParams
    form: FormData
    place: StudyPlace | None

    @property
    def user(self) -> str:
        """Who asks."""
        return self.session.user

    @property
    def study(self) -> StudyPlace:
        """The study that is open.

        Raises:
            MissingDataError: ``web.which_study`` where none is.
        """
        if self.place is None:
            raise MissingDataError("web.which_study")
        return self.place

    @property
    def warehouse(self) -> Path | None:
        """The folder of the data that are asked; ``None`` is the user's own, else the starter's."""
        return self.workbench.settings.warehouse

    def value(self, name: str, default: str = "") -> str:
        """A text of the form, else of the query, without blanks around it."""
        text = self.form.get(name) if name in self.form else self.query.get(name)
        return text.strip() if isinstance(text, str) and text.strip() else default

    def values(self, name: str) -> list[str]:
        """All texts of one name, as boxes that are ticked have."""
        texts = [*self.form.getlist(name), *self.query.getlist(name)]
        return [text.strip() for text in texts if isinstance(text, str) and text.strip()]

    def upload(self, name: str) -> UploadFile | None:
        """A file of the form, where one was chosen."""
        file = self.form.get(name)
        return file if isinstance(file, UploadFile) and file.filename else None

    def sent(self, name: str) -> UploadFile:
        """A file of the form that must be there.

        Raises:
            InputError: ``web.no_file_chosen``.
        """
        if (file := self.upload(name)) is None:
            raise InputError("web.no_file_chosen")
        return file

    def must_be_kept(self) -> None:
        """Refuse to change a study that is not the workbench's own.

        Raises:
            InputError: ``web.not_kept``.
        """
        if not self.study.kept:
            raise InputError("web.not_kept")

    def hand_on(self, file: Path, name: str, media_type: str) -> FileResponse:
        """A file under a name of ours, written into the audit log."""
        self.note("download", name)
        return FileResponse(file, media_type=media_type, filename=name)

    def link(self, page: str, /, **query: str) -> str:
        """The address of a page or of one of its parts, with the study that is open."""
        merged = ({"study": self.place.name} if self.place else {}) | query
        kept = {name: value for name, value in merged.items() if value or name != "study"}
        return self.workbench.link(page, kept)

    def note(self, act: str, about: str = "") -> None:
        """Write into the audit log what is read or changed."""
        name = self.place.name if self.place else ""
        self.workbench.audit.note(self.user, self.client, act, name, about)

    def view(self, template: str = "view.html", **values: Any) -> "View":
        """The page under its usual title, with nothing answered yet."""
        title = say(f"web.{self.page.name.replace('-', '_')}_title")
        return View(title, template=template, values=values)

    def job(self, kind: str) -> Job | None:
        """The job of a kind that was begun last for the page's study, or for its user."""
        return self.workbench.jobs.of(self.user, self._job_study, kind)

    def begin_job(self, kind: str, work: Callable[..., Any], *arguments: Any) -> None:
        """Begin a job in the place of the one of its kind."""
        self.workbench.jobs.begin(self.user, self._job_study, kind, work, *arguments)

    @property
    def _job_study(self) -> str:
        return self.study.name if self.page.needs_study else ""


@dataclass
class View:
    """What a page shows, in the language of the visit.

    Attributes:
        title: heading of the page.
        blocks: the answer, told; a template places them with ``row(view.blocks)``.
        data: the answer as plain data, or what makes it, for the JSON twin.
        template: of ``offing/web/templates``; the usual one shows a form, if any, and the blocks.
        values: what the template names beside the blocks.
        error: what could not be answered; it stands above the form.
    """

    title: str
    blocks: tuple[Block, ...] = ()
    data: Any = None
    template: str = "view.html"
    values: dict[str, Any] = field(default_factory=dict)
    error: OffingError | None = None

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """What is refused inside stands above the form; what is shown already stays."""
        try:
            yield
        except OffingError as error:
            self.error = error

    @property
    def status(self) -> int:
        """Of the response."""
        return 200 if self.error is None else status_of(self.error)


def status_of(error: OffingError) -> int:
    """What an error is to a program."""
    status: int = getattr(error, "status", 404 if isinstance(error, MissingDataError) else 400)
    return status


@dataclass(frozen=True)
class Goto:
    """After a change: the page to show next, with its query."""

    page: str
    query: Mapping[str, str] = field(default_factory=dict)


Shown = View | FileResponse | Goto | Mapping[str, Any]
"""The last is plain data for a script of ours, such as how far a job is."""
Show = Callable[[Visit], Shown]
Group = Literal["study", "trade", "money", "basis"]
"""Pages that stand together in the navigation; its heading is ``web.group_<name>``."""


@dataclass(frozen=True)
class Page:
    """A page of the workbench.

    Attributes:
        name: its address is ``/<name>``; that of ``start`` is ``/``.
        order: its place in the navigation.
        show: answers a GET; it changes nothing.
        changes: name → what answers a POST to ``/<page>/<name>``: the token against forged
            requests is checked before.
        refused: the page again, where a change is refused; else the refusal has a page alone.
        parts: name → what answers a GET of ``/<page>/<name>``: a download, a piece of the page.
        needs_study: whether it says something only of an open study.
        listed: whether the navigation has it.
        group: with which pages it stands there.
        guide: of ``docs/how-to``, which its help opens.
        asks: the question whose options are its fields: sentences name them by their labels.
        takes: kinds of tables that are handed to it, in their order.
        file_label: message of the label of a file that it takes, ``{}`` for its field.
        files: that one request may send.
        jobs: kinds of long work that it begins.
        replaces_files: whether its changes replace files that it reads: a user's changes then wait
            for it, and it for them (:class:`~offing.web.workbench.Turns`).
    """

    name: str
    order: int
    show: Show
    changes: Mapping[str, Show] = field(default_factory=dict)
    refused: Callable[[Visit, OffingError], View] | None = None
    parts: Mapping[str, Show] = field(default_factory=dict)
    needs_study: bool = False
    listed: bool = True
    group: Group = "trade"
    guide: str = ""
    asks: Callable[..., Answer] | None = None
    file_label: str = ""
    takes: tuple[str, ...] = ()
    files: int = 8
    jobs: tuple[str, ...] = ()
    replaces_files: bool = False

    @property
    def address(self) -> str:
        """Where it is."""
        return "/" if self.name == "start" else f"/{self.name}"


def job_values(job: Job | None) -> dict[str, Any]:
    """What a template names of a job: ``job`` while it runs, ``failed`` where it has failed."""
    state = None if job is None else job.state
    failed = None
    if job is not None and state == "failed":
        failed = job.error or MissingDataError("web.job_broke")
    return {"job": job if state == "running" else None, "failed": failed}


def running_job(visit: Visit) -> Job | None:
    """The job of the page that runs, if any does."""
    jobs = map(visit.job, visit.page.jobs)
    return next((job for job in jobs if job is not None and job.state == "running"), None)


def progress(visit: Visit) -> dict[str, Any]:
    """How far the page's job is, while it runs."""
    job = running_job(visit)
    return {"state": "none"} if job is None else values_of(job, "state", "share", "message")


def stop(visit: Visit) -> Goto:
    """End the page's job if it runs, and show the page again; what was there before it stays."""
    if (job := running_job(visit)) is not None:
        visit.workbench.jobs.stop(job)
    return Goto(visit.page.name)
