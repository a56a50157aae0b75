"""Which fairs to support under a budget: a catalogue, the exports and the firms handed in."""

from typing import Any

from offing.api.fairs import fairs
from offing.report.blocks import Block, Heading
from offing.report.views.fairs import view
from offing.terms.errors import OffingError
from offing.terms.messages import say
from offing.web.asking import asked, form_of
from offing.web.choices import countries
from offing.web.page import Goto, Page, View, Visit
from offing.web.papers import Papers

KINDS = ("fairs", "exports", "firms")
"""Tables that the page takes; the first is needed."""
NAMES = ("budget", "province", "origin", "horizon")


def show(visit: Visit) -> View:
    """The tables that are there, and the programme as soon as a budget is named."""
    papers, title = _papers(visit), say("web.fairs_title")
    form = form_of(visit, fairs, names=NAMES, hints={"origin": countries()})
    values = {"papers": papers.all(), "form": form, "kinds": KINDS}
    path, budget = papers.path(KINDS[0]), visit.value("budget")
    if path is None or not budget:
        return View(title, template="fairs.html", values=values)
    there = papers.all()
    for kind, paper in there.items():
        visit.note(f"read {kind}", paper.shown)
    others: dict[str, Any] = {kind: papers.path(kind) for kind in KINDS[1:]}
    try:
        answer = fairs(path, **others, **asked(visit, fairs))
    except OffingError as error:
        return View(title, template="fairs.html", values=values, error=papers.as_sent(error))
    blocks: tuple[Block, ...] = (Heading(there[KINDS[0]].shown), *view(answer))
    return View(title, blocks, answer.data, "fairs.html", values)


def drop(visit: Visit) -> Goto:
    """Take tables in.

    Raises:
        InputError: ``web.no_file_chosen``, and as the upload.
    """
    _papers(visit).take_sent(visit)
    return Goto("fairs")


def forget(visit: Visit) -> Goto:
    """Take one of the tables away."""
    kind = visit.value("kind")
    if kind in KINDS:
        _papers(visit).remove(kind)
    return Goto("fairs")


def _papers(visit: Visit) -> Papers:
    return Papers.of(visit, "fairs", KINDS)


PAGE = Page(
    "fairs",
    order=49,
    show=show,
    asks=fairs,
    file_label="web.fairs_file_{}",
    changes={"drop": drop, "forget": forget},
    replaces_files=True,
)
