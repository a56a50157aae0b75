"""The markets of a product in their order, on a map, and up to four of them side by side; and the
price ladder of one: who sells at which price, and where a price of ours stands.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from offing.api.asking import Answer
from offing.api.ladder import LadderAnswer, ladder
from offing.api.markets import MarketsAnswer, markets
from offing.api.price import PriceAnswer, price
from offing.api.quote import quote
from offing.api.rules import law
from offing.ladders.ladder import piece_price
from offing.report.blocks import Block, Callout, Heading, place_figures
from offing.report.charts.ladder import span
from offing.report.views import view_of
from offing.report.views.markets import Beside, compare_markets, map_of
from offing.report.views.price import asked_price_blocks, curve
from offing.report.words import unit
from offing.terms.countries import country_code, country_name
from offing.terms.errors import InputError, OffingError
from offing.terms.messages import say
from offing.web.asking import (
    Field,
    Form,
    countries,
    filled_in,
    form_of,
    goods,
    models_of,
    product_of,
    question_arguments,
)
from offing.web.page import Page, View, Visit

A = TypeVar("A", bound=Answer)
NAMES = ("product", "origin", "horizon", "tiers")
COMPARE = "compare"
MOST = 4


def show(visit: Visit) -> View:
    """The ranking, with what stands behind each place."""
    form = form_of(
        visit,
        markets,
        names=NAMES,
        hints={"product": goods(), "origin": countries()},
        presets={"product": product_of(visit), "origin": "CHN"},
        without=("dataset",),
    )
    view = visit.view("markets.html", form=form, ticks=(), kept=())
    if not (filled_in(visit, markets) and visit.value("origin")):
        return view
    with view.refusals():
        answer = visit.workbench.results.answer(markets, None, **question_arguments(visit, markets))
        # what the address says beside the markets to compare
        kept = [(name, text) for name, text in visit.query.multi_items() if name != COMPARE]
        view.values |= {"ticks": _ticks(visit, answer), "kept": kept}
        view.blocks = place_figures((*map_of(answer), *view_of(answer)))
        view.data = answer.data
        if chosen := _markets_to_compare(visit):
            beside, compared = _side_by_side(visit, answer, chosen)
            view.blocks = (*beside, *view.blocks)
            view.data = lambda: {**answer.data(), COMPARE: compared}
    return view


def _ticks(visit: Visit, answer: MarketsAnswer) -> list[tuple[str, str, bool]]:
    """The markets that can be compared: code, name, and whether it is."""
    told = (segment.market for segment in answer.ranking.segments)
    ranked = list(dict.fromkeys(told))[: answer.top]
    chosen = visit.values(COMPARE)
    return [(code, country_name(code), code in chosen) for code in ranked]


def _markets_to_compare(visit: Visit) -> list[str]:
    """The markets to compare.

    Raises:
        InputError: ``web.compare_most``, or a country that is none.
    """
    chosen = list(dict.fromkeys(map(country_code, visit.values(COMPARE))))
    if len(chosen) > MOST:
        raise InputError("web.compare_most", count=len(chosen), most=MOST)
    return chosen


def _side_by_side(
    visit: Visit, answer: MarketsAnswer, chosen: list[str]
) -> tuple[tuple[Block, ...], dict[str, Any]]:
    """The table, and the answers it is made from: ranking, ladder, quote, law."""
    code, origin = answer.ranking.product, answer.ranking.origin
    arguments = question_arguments(visit, ladder, ("warehouse",), of_study=False)
    own = next(iter(models_of(visit, code)), None)
    columns, data = [], {}
    for market in chosen:
        reasons: list[str] = []
        segment = next((s for s in answer.ranking.segments if s.market == market), None)
        steps = _or_why(reasons, ladder, code, market, **arguments)
        rules = _or_why(reasons, law, market, code=code, origin=origin, **arguments)
        costed = None
        if own is not None:
            of_study = {"of": own[0], "study": visit.study.file}
            costed = _or_why(reasons, quote, destination=market, **of_study, **arguments)
        columns.append(
            Beside(
                market,
                segment,
                None if steps is None else steps.ladder,
                None if costed is None else costed.quote,
                None if rules is None else rules.requirements,
                tuple(dict.fromkeys(reasons)),
            )
        )
        data[market] = {
            "segment": segment,
            "ladder": steps and steps.data(),
            "quote": costed and costed.data(),
            "requirements": rules and rules.data()["requirements"],
            "reasons": reasons,
        }
    return compare_markets(columns, None if own is None else own[1]), data


def _or_why(reasons: list[str], ask: Callable[..., A], *words: str, **arguments: Any) -> A | None:
    """An answer, or why there is none: a market without a ladder still has its law."""
    try:
        return ask(*words, **arguments)
    except OffingError as error:
        reasons.append(error.found)
        return None


OF_LADDER = ("product", "market", "price", "unit")
MODEL, PER, UNITS = "of", "per", ("item", "kg")


def show_ladder(visit: Visit) -> View:
    """The ladder, with a price on it where one is given, and what a model would bring at it."""
    view = visit.view("ladder.html", form=_form(visit), handle=None)
    if not filled_in(visit, ladder):
        return view
    with view.refusals():
        answer, kg, told = _ladder_at_price(visit)
        view.values |= {"form": _form(visit, answer), "handle": _handle(answer, kg)}
        view.blocks = (*((Callout(told),) if told else ()), *view_of(answer))
        view.data = answer.data
        if (priced := _price_answer(visit, answer, view, kg)) is not None:
            view.data = lambda: {**answer.data(), "of_model": priced.data()}
    return view


def _ladder_at_price(visit: Visit) -> tuple[LadderAnswer, float | None, str]:
    """The ladder with the price in its unit, what a piece weighs, and what is said of it."""
    asked = question_arguments(visit, ladder)
    answer, typed = ladder(**asked), asked.get("price")
    kg, of = _piece_kg(visit, answer), answer.ladder.unit
    if typed is not None and kg is not None:
        each = typed / kg
        values = {"kg": f"{kg:g}", "price": f"{typed:,.2f}", "each": f"{each:,.2f}"}
        placed = ladder(**asked | {"unit": "kg", "price": each})
        return placed, kg, say("web.ladder_per_kg", **values)
    if typed is not None and visit.value(PER, of) != of:
        return ladder(**asked | {"price": None}), kg, say("web.ladder_no_weight", unit=unit(of))
    return answer, kg, ""


def _piece_kg(visit: Visit, answer: LadderAnswer) -> float | None:
    """What a piece of the chosen model weighs, where the price is of one and the ladder of a kg."""
    per, model = visit.value(PER, visit.value("unit", "item")), visit.value(MODEL)
    if answer.ladder.unit != "kg" or per != "item" or visit.place is None:
        return None
    if model not in {key for key, _, of in models_of(visit, answer.ladder.product) if of == "item"}:
        return None
    return next(float(facts.kg) for facts in visit.place.read().model if facts.key == model)


def _form(visit: Visit, answer: LadderAnswer | None = None) -> Form:
    form = form_of(
        visit,
        ladder,
        names=OF_LADDER,
        options={"unit": [(u, say(f"web.unit_{u or 'either'}")) for u in ("", *UNITS)]},
        hints={"product": goods(), "market": countries()},
        presets={"product": product_of(visit)},
        without=("dataset",),
    )
    units = [(u, say(f"web.{'unit_' + u if u else 'ladder_per_usual'}")) for u in ("", *UNITS)]
    per = Field(PER, say("web.ladder_per"), "select", visit.value(PER), options=tuple(units))
    at = OF_LADDER.index("price") + 1
    form = replace(form, fields=(*form.fields[:at], per, *form.fields[at:]))
    code = product_of(visit) if answer is None else answer.ladder.product
    own = models_of(visit, code)
    if not own:
        return form
    choices = (("", say("web.ladder_no_model")), *((key, name) for key, name, _ in own))
    field = Field(MODEL, say("web.ladder_of"), "select", visit.value(MODEL), options=choices)
    return replace(form, fields=(*form.fields, field))


def _handle(answer: LadderAnswer, kg: float | None) -> dict[str, Any] | None:
    """The ends of the handle, of a piece where the price is; none where none can be placed."""
    if answer.ladder.thin:
        return None
    low, high = (piece_price(end, kg) for end in span(answer.ladder))
    return {"low": low, "high": high, "unit": unit("item" if kg else answer.ladder.unit)}


def _price_answer(
    visit: Visit, answer: LadderAnswer, view: View, kg: float | None
) -> PriceAnswer | None:
    """What the chosen model would sell and earn there, told after the ladder."""
    own = {key: (name, of) for key, name, of in models_of(visit, answer.ladder.product)}
    model = visit.value(MODEL)
    if model not in own:
        return None
    name, of = own[model]
    market = country_name(answer.ladder.market)
    view.blocks = (*view.blocks, Heading(say("price.heading", model=name, market=market)))
    if of != answer.ladder.unit and kg is None:
        refusal = Callout(say("web.ladder_other_unit", model=name, unit=unit(of)))
        view.blocks = (*view.blocks, refusal)
        return None
    priced = visit.workbench.results.answer(
        price, visit.study, model=model, market=answer.ladder.market, study=visit.study.file,
        warehouse=visit.warehouse, explain=True,
    )  # fmt: skip
    if answer.place is not None:
        priced = priced.weighed(piece_price(answer.place.price, kg), answer.ladder.basis)
        # beside the handle, which moves it
        view.blocks = (*asked_price_blocks(priced), *view.blocks)
    view.blocks = (*view.blocks, *curve(priced))
    return priced


PAGES = (
    Page("markets", order=25, show=show, guide="rank-markets", asks=markets),
    Page("ladder", order=30, show=show_ladder, guide="read-a-ladder", asks=ladder),
)
