"""The export refund: papers checked against each other before filing, and the months' returns."""

from collections.abc import Iterator, Mapping
from typing import Any

from offing.api.refund import RefundAnswer, refund
from offing.report.blocks import Heading
from offing.report.views import view_of
from offing.sources.layout import layout_of
from offing.sources.user_table import look_at_table
from offing.terms.errors import InputError, OffingError
from offing.terms.messages import say
from offing.web.asking import column_field, form_of, question_arguments
from offing.web.page import Goto, Page, View, Visit
from offing.web.papers import HandedIn, drop, forget

NAMES = ("on", "firm_class", "place", "rate", "more_fob", "more_input_tax")
KINDS = ("declarations", "invoices", "receipts", "inputs", "months", "library")
CHECKED = ("declarations", "invoices", "receipts", "inputs")
OF_PAPERS = ("on", "rate", "rates_age", "column")
LAYOUTS = {
    "declarations": "declarations",
    "invoices": "sales",
    "receipts": "receipts",
    "inputs": "invoices",
    "months": "months",
}
"""Table → its layout; the rate library has headings of its own."""
CLASSES = ("2", "1", "3", "4")
PLACES = ("city", "county", "other")


def show(visit: Visit) -> View:
    """The papers that are there, and what they say."""
    papers = HandedIn.of(visit)
    form = form_of(
        visit,
        refund,
        names=NAMES,
        options={
            "firm_class": [(c, c) for c in CLASSES],
            "place": [(place, say(f"web.place_{place}")) for place in PLACES],
        },
        without=("column",),
    )
    view = visit.view("refund.html", form=form, mapped=list(_column_choices(papers)))
    view.data = {}
    if listed := papers.all():
        visit.note("read papers", ", ".join(listed))
    with view.refusals(), papers.names_as_sent():
        for question, answer in _answers(visit, papers):
            heading = Heading(say(f"web.refund_{question}_heading"))
            view.blocks = (*view.blocks, heading, *view_of(answer))
            view.data[question] = answer.data()
    return view


def _column_choices(papers: HandedIn) -> Iterator[Mapping[str, Any]]:
    """Of every table: its columns, what they were found to be, and the headings to choose from."""
    for kind, paper in papers.all().items():
        path = papers.path(kind)
        if kind not in LAYOUTS or path is None:
            continue
        try:
            look = look_at_table(path, LAYOUTS[kind], paper.columns)
        except OffingError:
            continue  # the answer says why
        layout = layout_of(LAYOUTS[kind])
        fields = [
            column_field(
                name, layout.label(name), look.found.get(name), look.headings, paper.columns,
                missing=name in look.needed,
            )
            for name in layout.names
        ]  # fmt: skip
        yield {"kind": kind, "fields": fields, "doubt": bool(look.needed)}


def _answers(visit: Visit, papers: HandedIn) -> Iterator[tuple[str, RefundAnswer]]:
    """What the papers can answer: the check of the papers, the months; without any, the study."""
    arguments = question_arguments(visit, refund, of_study=False) | {
        "column": _named_headings(papers)
    }
    library = papers.path("library")
    if papers.path("declarations") is not None:
        fitting: dict[str, Any] = {name: arguments[name] for name in OF_PAPERS if name in arguments}
        fitting |= {kind: papers.path(kind) for kind in CHECKED}
        yield "papers", refund(**fitting, library=library)
    elif any(papers.path(kind) is not None for kind in CHECKED):
        raise InputError("web.refund_declarations")
    if papers.path("months") is not None:
        yield "months", refund(papers.path("months"), **arguments, library=library)
    if visit.place is not None and not papers.all():
        yield "study", refund(study=visit.place.file, warehouse=visit.warehouse)


def _named_headings(papers: HandedIn) -> dict[str, str]:
    """The headings that were named by hand, as the question takes them."""
    listed = papers.all().items()
    return {f"{kind}.{ours}": theirs for kind, p in listed for ours, theirs in p.columns.items()}


def mend(visit: Visit) -> Goto:
    """Which heading of a table is which column, as the person says."""
    names = [name for name in visit.form if name.startswith("column-")]
    chosen = {name.removeprefix("column-"): visit.value(name) for name in names}
    kind = visit.value("kind")
    columns = layout_of(LAYOUTS[kind]).names if kind in LAYOUTS else ()
    HandedIn.of(visit).name(kind, {n: text for n, text in chosen.items() if text and n in columns})
    return Goto("refund")


PAGE = Page(
    "refund",
    order=50,
    group="money",
    show=show,
    guide="compute-the-export-refund",
    asks=refund,
    takes=KINDS,
    file_label="web.paper_{}",
    changes={"drop": drop, "mend": mend, "forget": forget},
    replaces_files=True,
)
