"""The export refund: papers checked against each other before filing, and the months' returns."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from offing.api.refund import RefundAnswer, refund
from offing.report.blocks import Block, Heading
from offing.report.tellings.refund import tell
from offing.terms.errors import InputError, OffingError, Where
from offing.terms.messages import say
from offing.web.asking import Form, asked, form_of
from offing.web.page import Goto, Page, View
from offing.web.papers import KINDS, Paper, Papers
from offing.web.visit import Visit

NAMES = ("on", "firm_class", "place", "rate", "more_fob", "more_input_tax")
CHECKED = ("declarations", "invoices", "receipts", "inputs")
OF_PAPERS = ("on", "rate", "rates_age")
CLASSES = ("2", "1", "3", "4")
PLACES = ("city", "county", "other")


def show(visit: Visit) -> View:
    """The papers that are there, and what they say."""
    papers = _papers(visit)
    kept = papers.all()
    named = {kind: say(f"web.paper_{kind}") for kind in KINDS}
    named["rates"] = named["library"]
    values: dict[str, Any] = {
        "form": _form(visit),
        "kinds": KINDS,
        "papers": kept,
        "named": named,
    }
    title = say("web.refund_title")
    blocks: list[Block] = []
    data: dict[str, Any] = {}
    if kept:
        visit.note("read papers", ", ".join(kept))
    try:
        for part, answer in _answers(visit, papers):
            blocks += [Heading(say(f"web.refund_{part}_heading")), *tell(answer)]
            data[part] = answer.data()
    except OffingError as error:
        error.where = _shown(error.where, kept)
        return View(title, tuple(blocks), data, "refund.html", values, error)
    return View(title, tuple(blocks), data, "refund.html", values)


def _shown(where: Where | None, kept: Mapping[str, Paper]) -> Where | None:
    """A place in a table, by the name that the table had when it was sent."""
    names = {paper.file: paper.shown for paper in kept.values()}
    if where is None or where.file is None or Path(where.file).name not in names:
        return where
    return replace(where, file=Path(names[Path(where.file).name]))


def _form(visit: Visit) -> Form:
    every = {*NAMES, "rates_age", "more_rates", "explain"}
    return form_of(
        visit,
        refund,
        names=NAMES,
        labels={name: say(f"web.refund_{name}") for name in sorted(every)},
        options={
            "firm_class": [(c, c) for c in CLASSES],
            "place": [(place, say(f"web.place_{place}")) for place in PLACES],
        },
        without=("warehouse",),
    )


def _answers(visit: Visit, papers: Papers) -> Iterator[tuple[str, RefundAnswer]]:
    """What the papers can answer: the check of the papers, the months."""
    given = asked(visit, refund, of_study=False)
    library = papers.path("library")
    if papers.path("declarations") is not None:
        fitting: dict[str, Any] = {name: given[name] for name in OF_PAPERS if name in given}
        fitting |= {kind: papers.path(kind) for kind in CHECKED}
        yield "papers", refund(**fitting, library=library)
    elif any(papers.path(kind) is not None for kind in CHECKED):
        raise InputError("web.refund_declarations")
    if papers.path("months") is not None:
        yield "months", refund(papers.path("months"), **given, library=library)


def drop(visit: Visit) -> Goto:
    """Take tables in, each under its kind."""
    papers, sent = _papers(visit), 0
    for kind in KINDS:
        if (upload := visit.upload(kind)) is not None:
            visit.note("upload", papers.take(kind, upload, visit.workbench.settings.limits))
            sent += 1
    if not sent:
        raise InputError("web.no_file_chosen")
    return Goto("refund")


def forget(visit: Visit) -> Goto:
    """Take one table away."""
    _papers(visit).remove(visit.value("kind"))
    return Goto("refund")


def _papers(visit: Visit) -> Papers:
    return Papers(visit.workbench.studies.home(visit.user) / "papers")


PAGE = Page("refund", order=50, group="money", show=show, changes={"drop": drop, "forget": forget})
