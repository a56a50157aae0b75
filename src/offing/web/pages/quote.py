"""What one shipment costs landed and what is earned on it: a waterfall, each line with its rule."""

import re
from contextlib import suppress
from dataclasses import replace
from typing import Any

from offing.api.lines import LinesAnswer, lines
from offing.api.quote import quote
from offing.report.blocks import Block
from offing.report.views import view_of
from offing.report.views.quote import side_by_side
from offing.report.views.rules import duty_told
from offing.report.views.rules import view_lines as lines_view
from offing.terms.countries import country_code
from offing.terms.errors import InputError, OffingError
from offing.terms.messages import say
from offing.terms.sale_terms import INCOTERMS, WITHOUT_VAT
from offing.web.asking import (
    Field,
    Form,
    countries,
    currencies,
    filled_in,
    form_of,
    goods,
    models,
    question_arguments,
)
from offing.web.editing import save
from offing.web.page import Goto, Page, View, Visit

OF_STUDY = ("of", "destination", "quantity", "price", "on", "preference")
ALONE = ("product", "destination", "quantity", "price", "cost", "freight", "term", "on")
BESIDE = "beside"
MOST = 3
"""Other destinations that stand beside the first."""


def show(visit: Visit) -> View:
    """Of a model of the open study, with the firm's own figures; else of any goods."""
    own = () if visit.value("alone") else models(visit)
    view = visit.view("quote.html", form=_form(visit, own), lines=None)
    if not (filled_in(visit, quote) and visit.value("destination")):
        return view
    with view.refusals():
        arguments = question_arguments(visit, quote, of_study=bool(own))
        answer = quote(**arguments)
        view.blocks, view.data = view_of(answer), answer.data()
        if others := _others(visit, answer.quote.destination):
            beside, compared = _side_by_side(arguments, answer.quote.destination, others)
            view.blocks, view.data = (*beside, *view.blocks), {**view.data, BESIDE: compared}
    parted = visit.value("lines") or (view.error is not None and view.error.key in PARTED)
    if own and parted and visit.study.kept:
        # without words, the quote says what is refused of the lines
        with view.refusals() if visit.value("words") else suppress(OffingError):
            view.values |= _lines(visit)
    return view


PARTED = ("landed.several_lines", "landed.partly_on_list")
"""What a quote says where a code's national lines part."""


def _lines(visit: Visit) -> dict[str, Any]:
    """The national lines of the model that is asked for, and what sends one of them."""
    answer = _national(visit)
    sent = [(name, visit.value(name)) for name in OF_STUDY if visit.value(name)]
    named = [(one.code, " · ".join((one.code, duty_told(one), one.words))) for one in answer.lines]
    told = tuple(lines_view(answer))[:-1]
    return {"lines": answer, "named": named, "lines_told": told, "keeping": sent}


def _national(visit: Visit) -> LinesAnswer:
    study, warehouse = visit.study.file, visit.warehouse
    asked = {name: visit.value(name) or None for name in ("of", "words")}
    return lines(study, visit.value("destination"), **asked, warehouse=warehouse)


def keep(visit: Visit) -> View | Goto:
    """Write the chosen line into the study, and quote with it.

    Raises:
        InputError: ``rules.no_such_line`` of a line of another tariff.
    """
    save(visit, [_national(visit).change(visit.value("keep"))])
    sent = {name: visit.value(name) for name in OF_STUDY if visit.value(name)}
    return Goto("quote", {**sent, "lines": "1"})


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


PAGE = Page(
    "quote", order=40, show=show, guide="quote-a-shipment", asks=quote, changes={"keep": keep}
)
