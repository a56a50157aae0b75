"""The markets of a product in their order, on a map, and up to four of them side by side."""

from collections.abc import Callable
from typing import Any, TypeVar

from offing.api.asking import Answer
from offing.api.ladder import ladder
from offing.api.markets import MarketsAnswer, markets
from offing.api.quote import quote
from offing.api.rules import law
from offing.report.blocks import Block, place_figures
from offing.report.views import view_of
from offing.report.views.markets import Beside, compare_markets, map_of
from offing.terms.countries import country_code, country_name
from offing.terms.errors import InputError, OffingError
from offing.web.asking import filled_in, form_of, question_arguments
from offing.web.choices import countries, goods, models_of, product_of
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
        view.values |= {"ticks": _ticks(visit, answer), "kept": _other_parameters(visit)}
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


def _other_parameters(visit: Visit) -> list[tuple[str, str]]:
    """What the address says beside the markets to compare."""
    return [(name, text) for name, text in visit.query.multi_items() if name != COMPARE]


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


PAGE = Page("markets", order=25, show=show, guide="rank-markets", asks=markets)
