"""What a page is: an address, what it shows, and what can be changed on it.

A module of :mod:`offing.web.pages` has a ``PAGE``::

    def show(visit: Visit) -> View:
        return answered(visit, ladder, names=("product", "market"))

    PAGE = Page("ladder", order=50, show=show)

Its addresses are then ``/ladder`` for a person, ``/ladder.json`` for a program and
``/ladder.csv?table=ID`` for each table that is shown. Its heading in the navigation is the message
``web.nav_ladder``, that of the page ``web.ladder_title``; a field whose sentence on the command
line does not suit a form has its label in ``web.ladder_<field>``. Where one question is not enough,
a page makes its :class:`View` itself, with a template of its own that extends ``base.html``.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from offing.report.blocks import Block
from offing.terms.errors import MissingDataError, OffingError

if TYPE_CHECKING:
    from offing.web.visit import Visit


@dataclass(frozen=True)
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
    values: Mapping[str, Any] = field(default_factory=dict)
    error: OffingError | None = None

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


@dataclass(frozen=True)
class Download:
    """A file of the user's own, under a name that we give."""

    file: Path
    name: str
    media_type: str = "application/octet-stream"


@dataclass(frozen=True)
class Data:
    """Plain data for a script of ours, such as how far a job is."""

    value: Mapping[str, Any]


Shown = View | Download | Goto | Data
Show = Callable[["Visit"], Shown]
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
        parts: name → what answers a GET of ``/<page>/<name>``: a download, a piece of the page.
        needs_study: whether it says something only of an open study.
        listed: whether the navigation has it.
        rests_on: what the page shows beside its query, the loaded data and the files of the study:
            while it stays the same the answer is shown again (:mod:`offing.web.again`). ``None``
            where it must be made anew.
        group: with which pages it stands there.
        replaces_files: whether its changes replace files that it reads: a user's changes then wait
            for it, and it for them (:mod:`offing.web.turns`).
    """

    name: str
    order: int
    show: Show
    changes: Mapping[str, Show] = field(default_factory=dict)
    parts: Mapping[str, Show] = field(default_factory=dict)
    needs_study: bool = False
    listed: bool = True
    rests_on: "Callable[[Visit], Hashable | None] | None" = None
    group: Group = "trade"
    replaces_files: bool = False

    @property
    def address(self) -> str:
        """Where it is."""
        return "/" if self.name == "start" else f"/{self.name}"
