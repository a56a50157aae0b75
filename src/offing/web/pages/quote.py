"""What one shipment costs landed and what is earned on it: a waterfall, each line with its rule."""

import re
from dataclasses import replace
from typing import Any

from offing.api.quote import quote
from offing.report.blocks import Block
from offing.report.views.quote import side_by_side, view
from offing.terms.countries import country_code
from offing.terms.errors import InputError, OffingError
from offing.terms.incoterms import INCOTERMS, WITHOUT_VAT
from offing.terms.messages import say
from offing.web.asking import Field, Form, asked, filled_in, form_of
from offing.web.choices import countries, currencies, goods, models
from offing.web.page import Page, View, Visit

OF_STUDY = ("of", "destination", "quantity", "price", "on", "preference")
ALONE = ("product", "destination", "quantity", "price", "cost", "freight", "term", "on")
BESIDE = "beside"
MOST = 3
"""Other destinations that stand beside the first."""


def show(visit: Visit) -> View:
    """Of a model of the open study, with the firm's own figures; else of any goods."""
    own = () if visit.value("alone") else models(visit)
    title, values = say("web.quote_title"), {"form": _form(visit, own)}
    if not (filled_in(visit, quote) and visit.value("destination")):
        return View(title, values=values)
    blocks: tuple[Block, ...] = ()
    data: dict[str, Any] | None = None
    try:
        arguments = asked(visit, quote, of_study=bool(own))
        answer = quote(**arguments)
        blocks, data = view(answer), answer.data()
        if others := _others(visit, answer.quote.destination):
            beside, compared = _side_by_side(arguments, answer.quote.destination, others)
            blocks, data = (*beside, *blocks), {**data, BESIDE: compared}
    except OffingError as error:
        return View(title, blocks, data, values=values, error=error)
    return View(title, blocks, data, values=values)


def _form(visit: Visit, own: tuple[tuple[str, str], ...]) -> Form:
    form = form_of(
        visit,
        quote,
        names=OF_STUDY if own else ALONE,
        options={"of": own, "term": _terms()},
        hints={"product": goods(), "destination": countries(), "currency": currencies()},
        without=("product",) if own else ("of",),
    )
    field = Field(BESIDE, say("web.quote_beside", most=MOST), value=visit.value(BESIDE))
    return replace(form, fields=(*form.fields, field))


def _others(visit: Visit, first: str) -> list[str]:
    """The other destinations, each once.

    Raises:
        InputError: ``web.quote_most``, or a country that is none.
    """
    named = [name for name in re.split(r"[,，、;；]", visit.value(BESIDE)) if name.strip()]
    codes = dict.fromkeys(country_code(name.strip()) for name in named)
    others = [code for code in codes if code != first]
    if len(others) > MOST:
        raise InputError("web.quote_most", count=len(others), most=MOST)
    return others


def _side_by_side(
    arguments: dict[str, Any], first: str, others: list[str]
) -> tuple[tuple[Block, ...], dict[str, Any]]:
    """The same shipment to each destination, and why one has no quote."""
    quotes, reasons = [], {}
    for market in (first, *others):
        try:
            quotes.append(quote(**{**arguments, "destination": market}).quote)
        except OffingError as error:
            reasons[market] = error.found
    told = side_by_side(quotes, reasons)
    return told, {"quotes": quotes, "reasons": reasons}


def _terms() -> list[tuple[str, str]]:
    """The price terms, FOB first, each with what it is called."""
    terms = ("FOB", *(term for term in INCOTERMS if term != "FOB"))
    named: dict[str, str] = {WITHOUT_VAT: say("landed.term_without_vat")}
    return [(term, named.get(term, term)) for term in terms]


PAGE = Page("quote", order=40, show=show, asks=quote)
