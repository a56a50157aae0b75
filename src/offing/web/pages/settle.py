"""In which currency to invoice a deal, and how much of it to hedge; many deals netted together."""

from offing.api.settle import settle
from offing.report.blocks import Heading
from offing.report.views import view_of
from offing.terms.messages import say
from offing.web.asking import askable, form_of, question_arguments, question_view
from offing.web.choices import countries, currencies
from offing.web.page import Goto, Page, View, Visit
from offing.web.papers import HandedIn, forget

NAMES = ("amount", "currency", "market", "days", "invoice", "cost_cny", "risk", "on", "frontier")
DEALS = "deals"
OF_DEALS = ("risk", "on", "hedge", "rates_age", "explain", "frontier")
"""What is asked of a book: a deal's own figures stand in its rows."""


def show(visit: Visit) -> View:
    """The ways to invoice and hedge a deal side by side, or the book of deals."""
    papers, shows_deals = HandedIn.of(visit), bool(visit.value(DEALS))
    if shows_deals and papers.path(DEALS) is not None:
        view = _book(visit, papers)
    else:
        view = question_view(
            visit,
            settle,
            names=NAMES,
            hints={"currency": currencies(), "market": countries()},
            without=("backtest", "seed"),
            needs=("amount",),
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


def drop(visit: Visit) -> Goto:
    """Take a book of deals in.

    Raises:
        InputError: ``web.no_file_chosen``, and as the upload.
    """
    HandedIn.of(visit).take_sent(visit)
    return Goto("settle", {DEALS: "1"})


PAGE = Page(
    "settle",
    order=60,
    group="money",
    show=show,
    guide="settle-a-deal",
    asks=settle,
    takes=(DEALS,),
    file_label="web.settle_file_{}",
    changes={"drop": drop, "forget": forget},
    replaces_files=True,
)
