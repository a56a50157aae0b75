"""Pages that are one question: its form, the files it takes, its answer."""

from dataclasses import replace
from functools import partial
from typing import Any, get_args

from offing.api.experiment import By, experiment
from offing.api.fairs import fairs
from offing.api.order import order
from offing.api.province import province
from offing.api.quotations import quotations
from offing.api.rules import law
from offing.api.settle import settle
from offing.report.blocks import Heading
from offing.report.views import view_of
from offing.terms.frames import write_csv
from offing.terms.messages import say
from offing.terms.plain import values_of
from offing.web.asking import askable, form_of, question_arguments, question_view
from offing.web.choices import countries, currencies, models
from offing.web.page import Download, Goto, Page, View, Visit
from offing.web.papers import HandedIn, answer_of_files, answered_from_files, drop, forget


def show_law(visit: Visit) -> View:
    """The law of a day: what holds for a country, how well it is known, and what changed."""
    names, hints = ("country", "on", "since", "code"), {"country": countries()}
    hints["origin"] = hints["country"]
    return question_view(visit, law, names=names, hints=hints, needs=("country",))


def show_order(visit: Visit) -> View:
    """An order on the table: what it comes to by the open study, and the price at which it pays."""
    names = ("model", "market", "quantity", "price", "term", "buyer", "month", "days")
    options, hints = {"model": models(visit)}, {"market": countries()}
    return question_view(visit, order, names=names, options=options, hints=hints)


def show_quotations(visit: Visit) -> View:
    """How often quotations are won, at which price, in which market."""
    return answered_from_files(visit, quotations, names=("model", "cost", "against", "currency"))


def show_province(visit: Visit) -> View:
    """Where a province's exports stand: its customs file, beside the country's trade."""
    names = ("province", "origin", "product", "digits", "ahead", "horizon")
    return answered_from_files(visit, province, names=names, hints={"origin": countries()})


def show_fairs(visit: Visit) -> View:
    """Which fairs to support, as soon as a budget is named."""
    names = ("budget", "province", "origin", "draw", "horizon")
    hints = {"origin": countries()}
    return answered_from_files(visit, fairs, needs=("budget",), names=names, hints=hints)


OF_TEST = ("change", "by", "model", "months", "margin", "elasticity")


def show_experiment(visit: Visit) -> View:
    """The ledger that is there, and the price test; it is planned once a change is named."""
    planned = HandedIn.of(visit).path("test") is None
    view = answered_from_files(
        visit,
        experiment,
        needs=("change",) if planned else (),
        own=_own_ledger(visit),
        names=OF_TEST,
        options={"by": [(by, say(f"experiment.by_{by}")) for by in get_args(By)]},
        hints={"model": models(visit)},
    )
    if not (view.blocks and planned):
        return view
    link = visit.link("experiment/file", **{n: v for n in OF_TEST if (v := visit.value(n))})
    more = link, say("web.experiment_keep")  # in the place of the note of the command line
    return replace(view, blocks=view.blocks[:-1], values={**view.values, "more": more})


def _own_ledger(visit: Visit) -> dict[str, Any]:
    """The ledger of the open study, read as that says."""
    named = None if visit.place is None else visit.place.read().ledger
    if visit.place is None or named is None:
        return {}
    how = values_of(named, "sheet", "currency", "dates", "period")
    return {"ledger": visit.place.folder / named.file, "column": dict(named.columns), **how}


def test_file(visit: Visit) -> Download:
    """Who is asked what, to be handed back when the test has run.

    Raises:
        InputError, MissingDataError: as :func:`offing.experiment`.
    """
    target = HandedIn.of(visit).folder.parent / "price-test.csv"
    write_csv(answer_of_files(visit, experiment, _own_ledger(visit)).table, target)
    return visit.hand_on(target, target.name, "text/csv; charset=utf-8")


DEALS = "deals"
OF_DEALS = ("risk", "on", "hedge", "rates_age", "explain", "frontier")
"""What is asked of a book: a deal's own figures stand in its rows."""


def show_settle(visit: Visit) -> View:
    """The ways to invoice and hedge a deal side by side, or the book of deals."""
    papers, shows_deals = HandedIn.of(visit), bool(visit.value(DEALS))
    if shows_deals and papers.path(DEALS) is not None:
        view = _book(visit, papers)
    else:
        names = (
            "amount", "currency", "market", "days", "invoice", "cost_cny", "risk", "on", "frontier",
        )  # fmt: skip
        hints, without = {"currency": currencies(), "market": countries()}, ("backtest", "seed")
        view = question_view(
            visit, settle, names=names, hints=hints, without=without, needs=("amount",)
        )
    view.template, view.values["shows_deals"] = "settle.html", shows_deals
    return view


def _book(visit: Visit, papers: HandedIn) -> View:
    """The deals of the file that was handed in, netted and hedged together."""
    file = papers.all()[DEALS].shown
    of_one_deal = {field.name for field in askable(settle)} - {*OF_DEALS}
    view = visit.view(form=form_of(visit, settle, names=OF_DEALS[:2], without=of_one_deal))
    visit.note("read book", file)
    with view.refusals(), papers.names_as_sent():
        answer = settle(**question_arguments(visit, settle, OF_DEALS), book=papers.path(DEALS))
        heading = Heading(say("web.settle_book_of", file=file))
        view.blocks, view.data = (heading, *view_of(answer)), answer.data
    return view


def drop_deals(visit: Visit) -> Goto:
    """Take a book of deals in, and show it.

    Raises:
        InputError: ``web.no_file_chosen``, and as the upload.
    """
    return replace(drop(visit), query={DEALS: "1"})


files_page = partial(Page, changes={"drop": drop, "forget": forget}, replaces_files=True)
PAGES = (
    Page("law", 70, show_law, group="basis", guide="know-the-law-of-a-day", asks=law),
    Page(
        "order", 23, show_order, group="study", guide="weigh-an-order", asks=order,
        needs_study=True,
    ),
    files_page(
        "quotations", 24, show_quotations, group="study", guide="learn-from-quotations",
        asks=quotations, takes=("quotations",), file_label="web.quotations_file_{}",
    ),
    files_page(
        "province", 48, show_province, guide="see-where-a-province-stands", asks=province,
        takes=("exports",), file_label="web.province_file_{}",
    ),
    files_page(
        "fairs", 49, show_fairs, guide="choose-which-fairs-to-support", asks=fairs,
        takes=("fairs", "exports", "firms"), file_label="web.fairs_file_{}",
    ),
    files_page(
        "experiment", 24, show_experiment, group="study", guide="test-a-price", asks=experiment,
        takes=("ledger", "test"), file_label="web.experiment_file_{}", parts={"file": test_file},
    ),
    files_page(
        "settle", 60, show_settle, group="money", guide="settle-a-deal", asks=settle,
        takes=(DEALS,), file_label="web.settle_file_{}",
        changes={"drop": drop_deals, "forget": forget},
    ),
)  # fmt: skip
