"""In which currency to invoice a deal, and how much of it to hedge; many deals netted together."""

from dataclasses import replace
from typing import Any

from offing.api.settle import settle
from offing.report.blocks import Block, Heading
from offing.report.views import view_of
from offing.terms.errors import OffingError
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
    papers = HandedIn.of(visit)
    values = {"shows_deals": bool(visit.value(DEALS))}
    if visit.value(DEALS) and papers.path(DEALS) is not None:
        return _book(visit, papers, values)
    view = question_view(
        visit,
        settle,
        names=NAMES,
        hints={"currency": currencies(), "market": countries()},
        without=("backtest", "seed"),
        needs=("amount",),
    )
    return replace(view, template="settle.html", values={**view.values, **values})


def _book(visit: Visit, papers: HandedIn, values: dict[str, Any]) -> View:
    """The deals of the file that was handed in, netted and hedged together."""
    title, paper = say("web.settle_title"), papers.all()[DEALS]
    values |= {"form": form_of(visit, settle, names=OF_DEALS[:2], without=_deal_fields())}
    visit.note("read book", paper.shown)
    try:
        answer = settle(**question_arguments(visit, settle, OF_DEALS), book=papers.path(DEALS))
    except OffingError as error:
        return View(title, (), None, "settle.html", values, papers.as_sent(error))
    blocks: tuple[Block, ...] = (Heading(say("web.settle_book_of", file=paper.shown)),)
    return View(title, (*blocks, *view_of(answer)), answer.data, "settle.html", values)


def _deal_fields() -> set[str]:
    """What a deal alone is asked."""
    return {field.name for field in askable(settle)} - {*OF_DEALS}


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
