"""Run a study under today's rules and again under a reform, and set the two side by side.

The reform changes rules, rates and exchange rates; it may move demand too, in one of three ways: by
draws of a counterfactual (:mod:`offing.study.effects`), by the reform's own elasticity, or not at
all. With an own elasticity the outlook of a market is multiplied by
``(landed cost after / before) ^ −elasticity``, both in the market's own currency: the response of
one exporter's sales, all others' prices as they are.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from offing.forecast.results import Outlook
from offing.landed.costed import Quote
from offing.planning.candidates import reach
from offing.planning.plan import PlanRow
from offing.policy.compare import Segment, compare
from offing.policy.comparison import SegmentFigures
from offing.policy.effects import Effects, SegmentDraws, plan_effects
from offing.policy.overlay import Rules, under
from offing.rules.reform import Reform, reform_of
from offing.rules.rule_use import RuleUse
from offing.study.book import sales_of
from offing.study.demand import Demand
from offing.study.effects import USUAL, Assumed, Worked, effects_on_segments, moved, scaled
from offing.study.markets import Standings, standings_of
from offing.study.result import StudyResult
from offing.study.run import Outcome, Studied, finish, run_study
from offing.study.world import World
from offing.terms.errors import Where
from offing.terms.progress import stretch

Array = npt.NDArray[np.float64]


def own_reform(world: World) -> Reform | None:
    """The reform that a study brings itself, in its ``[reform]``."""
    own = world.study.reform
    return None if own is None else reform_of(own, own, Where(world.file))


def _duty(quote: Quote) -> float:
    return float(
        sum(line.per_unit for line in quote.lines if line.stage == "duty" and not line.subtotal)
    )


def _figures(result: StudyResult) -> Iterator[tuple[Segment, SegmentFigures]]:
    quoted = {(p.product, m.market): m for p in result.products for m in p.markets}
    for row in result.plan.rows:
        market = quoted[row.product, row.market]
        quote = market.quote
        yield (
            (row.product, row.market),
            SegmentFigures(
                fob=row.price_usd,
                landed=None if quote is None else float(quote.landed / quote.quantity),
                duty=None if quote is None else _duty(quote),
                refund=market.refund_usd,
                margin_rate=row.margin_rate,
                sales=row.sales_usd,
                margin=row.margin_usd,
                units=row.units,
            ),
        )


SETTLING: Segment = ("", "")
"""The rules of the settlement rest on no market."""


def _settling(result: StudyResult) -> float | None:
    return None if result.settlement is None else result.settlement.cost_rate


def _uses(result: StudyResult) -> dict[Segment, tuple[RuleUse, ...]]:
    settling = {SETTLING: result.settlement.rules} if result.settlement else {}
    return settling | {
        (product.product, market.market): (
            *(market.quote.rules if market.quote else ()),
            *((market.refund_rule,) if market.refund_rule else ()),
        )
        for product in result.products
        for market in product.markets
    }


def _moved(before: Studied, after: Standings, laws: Rules, reform: Reform) -> Demand:
    """The demand, each outlook scaled by what the landed cost of its market does to sales."""
    outlooks = dict(before.demand.outlook)
    for market, outlook in outlooks.items():
        was, now = (side.by_market[market].cost.quote for side in (before.standings, after))
        if was is None or now is None:
            continue
        currency = laws.rulebook.regime(market).currency
        factor = _dearer(was, now, currency) ** -float(reform.elasticity or 0)
        outlooks[market] = _scaled(outlook, factor)
    return replace(before.demand, outlook=outlooks)


def _dearer(was: Quote, now: Quote, currency: str) -> float:
    """Landed cost after ÷ before, in the market's own currency."""
    ratio = float(now.landed / was.landed)
    units = [{code: float(rate) for code, rate, _ in quote.fx} for quote in (was, now)]
    if all(currency in rates for rates in units):
        ratio *= units[1][currency] / units[0][currency]
    return ratio


def _scaled(outlook: Outlook, factor: float) -> Outlook:
    return replace(
        outlook,
        expected_usd=outlook.expected_usd * factor,
        low80=scaled(outlook.low80, factor),
        high80=scaled(outlook.high80, factor),
    )


def under_reform(before: Outcome, reform: Reform, draws: SegmentDraws | None = None) -> Outcome:
    """A study's run again under a reform: costs, plan and settlement; trade as it was.

    Args:
        before: the run under today's rules.
        reform: laid over them.
        draws: factors on what the origin sells, by product and market.
    """
    laws = under(before.world.laws, reform)
    world = before.world.under(laws)
    products = []
    for studied in before.products:
        standings = standings_of(world, studied.imports)
        demand = studied.demand
        if reform.elasticity:
            demand = _moved(studied, standings, laws, reform)
        sales = sales_of(world, studied.imports.facts, standings)
        again = Studied(studied.imports, standings, demand, sales)
        products.append(moved(again, draws) if draws else again)
    return finish(world, products, before.records)


def _earned(rows: Sequence[PlanRow], after: Outcome, draws: SegmentDraws, count: int) -> Array:
    """K draws of what a plan earns a year under the change: it sells what its markets take."""
    limits, base = after.planned.limits, {}
    for studied in after.products:
        demand = studied.demand.outlook
        for candidate in studied.candidates:
            mean = draws.get((candidate.product, candidate.market), np.ones(count)).mean()
            whole = demand[candidate.market].expected_usd / (mean or 1.0)
            base[candidate.product, candidate.market] = (candidate, whole)
    earned = np.zeros(count)
    for row in rows:
        segment = row.product, row.market
        if segment not in base or not row.units:
            continue
        candidate, whole = base[segment]
        taken = [
            reach(
                replace(candidate, origin_expected_usd=whole * factor),
                entry_share=limits.entry_share,
                largest_growth=limits.largest_growth,
            ).expected
            for factor in draws.get(segment, np.ones(count))
        ]
        sold = np.minimum(row.units * candidate.price_usd, taken)
        earned += candidate.margin_rate * sold
    return earned


def _on_the_plan(before: Outcome, after: Outcome, worked: Worked) -> Effects:
    """The effects with what today's plan loses and the one made anew saves."""
    count = max(worked.effects.draws, 1)
    old, new = (
        _earned(side.planned.plan.rows, after, worked.draws, count) for side in (before, after)
    )
    plan = plan_effects(before.planned.plan.margin_usd, old, new)
    return replace(worked.effects, plan=plan)


def what_if(
    world: World,
    reform: Reform,
    work: Callable[[Outcome], Worked | None] | None = None,
    assumed: Assumed | None = USUAL,
) -> Outcome:
    """A study's result under today's rules, with what the reform would change in ``what_if``.

    Args:
        world: the study and what it rests on.
        reform: laid over its rules in the second run.
        work: gives what moves demand, from the run under today's rules; SMART on the reform's
            duties where ``None``. A reform with an elasticity of its own moves demand by that.
        assumed: of SMART; ``None`` leaves demand as it is.

    Raises:
        InputError, MissingDataError, RuleError: see :func:`~offing.study.run.run_study` and
            :func:`~offing.policy.overlay.under`.
    """
    laws = under(world.laws, reform)  # what it cannot lay over the rules is said before the work
    with stretch(0.0, 0.8):
        before = run_study(world)
    with stretch(0.8, 1.0):
        worked: Worked | None = None
        if work is not None:
            worked = work(before)
        elif reform.elasticity is None and assumed is not None:
            worked = effects_on_segments(before, laws, reform, assumed)
        after = under_reform(before, reform, None if worked is None else worked.draws)
    comparison = compare(
        reform,
        dict(_figures(before.result)),
        dict(_figures(after.result)),
        _uses(before.result),
        _uses(after.result),
        (_settling(before.result), _settling(after.result)),
    )
    if worked is not None:
        comparison = replace(comparison, effects=_on_the_plan(before, after, worked))
    return replace(before, result=replace(before.result, what_if=comparison))
