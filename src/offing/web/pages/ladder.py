"""The price ladder of a market: who sells at which price, and where a price of ours stands."""

from dataclasses import replace
from typing import Any

from offing.api.ladder import LadderAnswer, ladder
from offing.api.price import PriceAnswer, price
from offing.report.blocks import Callout, Heading
from offing.report.charts.ladder import span
from offing.report.views import view_of
from offing.report.views.price import asked_price_blocks, curve
from offing.report.words import unit
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.web.asking import Field, Form, filled_in, form_of, question_arguments
from offing.web.choices import countries, goods, models_of, product_of
from offing.web.page import Page, View, Visit

NAMES = ("product", "market", "price", "unit")
MODEL = "of"


def show(visit: Visit) -> View:
    """The ladder, with a price on it where one is given, and what a model would bring at it."""
    view = visit.view("ladder.html", form=_form(visit), handle=None)
    if not filled_in(visit, ladder):
        return view
    with view.refusals():
        answer = ladder(**question_arguments(visit, ladder))
        view.values |= {"form": _form(visit, answer), "handle": _handle(answer)}
        view.blocks, view.data = view_of(answer), answer.data
        if (priced := _price_answer(visit, answer, view)) is not None:
            view.data = lambda: {**answer.data(), "of_model": priced.data()}
    return view


def _form(visit: Visit, answer: LadderAnswer | None = None) -> Form:
    form = form_of(
        visit,
        ladder,
        names=NAMES,
        options={"unit": [(u, say(f"web.unit_{u or 'either'}")) for u in ("", "item", "kg")]},
        hints={"product": goods(), "market": countries()},
        presets={"product": product_of(visit)},
        without=("dataset",),
    )
    code = product_of(visit) if answer is None else answer.ladder.product
    own = models_of(visit, code)
    if not own:
        return form
    choices = (("", say("web.ladder_no_model")), *((key, name) for key, name, _ in own))
    field = Field(MODEL, say("web.ladder_of"), "select", visit.value(MODEL), options=choices)
    return replace(form, fields=(*form.fields, field))


def _handle(answer: LadderAnswer) -> dict[str, Any] | None:
    """The ends of the handle; none where a price cannot be placed."""
    if answer.ladder.thin:
        return None
    low, high = span(answer.ladder)
    return {"low": low, "high": high, "unit": unit(answer.ladder.unit)}


def _price_answer(visit: Visit, answer: LadderAnswer, view: View) -> PriceAnswer | None:
    """What the chosen model would sell and earn there, told after the ladder."""
    own = {key: (name, of) for key, name, of in models_of(visit, answer.ladder.product)}
    model = visit.value(MODEL)
    if model not in own:
        return None
    name, of = own[model]
    market = country_name(answer.ladder.market)
    view.blocks = (*view.blocks, Heading(say("price.heading", model=name, market=market)))
    if of != answer.ladder.unit:
        refusal = Callout(say("web.ladder_other_unit", model=name, unit=unit(of)))
        view.blocks = (*view.blocks, refusal)
        return None
    priced = visit.workbench.results.answer(
        price, visit.study, model=model, market=answer.ladder.market, study=visit.study.file,
        warehouse=visit.warehouse, explain=True,
    )  # fmt: skip
    if answer.place is not None:
        priced = priced.weighed(answer.place.price, answer.ladder.basis)
        # beside the handle, which moves it
        view.blocks = (*asked_price_blocks(priced), *view.blocks)
    view.blocks = (*view.blocks, *curve(priced))
    return priced


PAGE = Page("ladder", order=30, show=show, guide="read-a-ladder", asks=ladder)
