"""Run a study under today's rules and again under a reform, and set the two side by side.

The reform changes rules, rates and exchange rates. Each market's outlook is the same in both runs,
so the plan moves by margins alone, unless the reform gives an elasticity. Then the outlook of a
market is multiplied by ``(landed cost after / before) ^ −elasticity``, both in the market's own
currency: the partial-equilibrium response of one exporter's sales, all others' prices as they are.
"""

from collections.abc import Iterator
from dataclasses import replace

from offing.forecast.results import Outlook
from offing.landed.costed import Quote
from offing.policy.compare import Segment, compare
from offing.policy.comparison import SegmentFigures
from offing.policy.overlay import Rules, under
from offing.rules.reform import Reform, reform_of
from offing.rules.rule_use import RuleUse
from offing.study.book import sales_of
from offing.study.demand import Demand
from offing.study.markets import Standings, standings_of
from offing.study.result import StudyResult
from offing.study.run import Outcome, Studied, finish, run_study
from offing.study.world import World
from offing.terms.errors import Where
from offing.terms.progress import stretch


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
        factor = _dearer(was, now, currency) ** -float(reform.elasticity)
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
    def times(value: float | None) -> float | None:
        return None if value is None else value * factor

    return replace(
        outlook,
        expected_usd=outlook.expected_usd * factor,
        low80=times(outlook.low80),
        high80=times(outlook.high80),
    )


def under_reform(before: Outcome, reform: Reform) -> Outcome:
    """A study's run again under a reform: costs, plan and settlement; trade as it was."""
    laws = under(before.world.laws, reform)
    world = before.world.under(laws)
    products = []
    for studied in before.products:
        standings = standings_of(world, studied.imports)
        demand = studied.demand
        if reform.elasticity:
            demand = _moved(studied, standings, laws, reform)
        sales = sales_of(world, studied.imports.facts, standings)
        products.append(Studied(world.study, studied.imports, standings, demand, sales))
    return finish(world, products, before.records)


def what_if(world: World, reform: Reform) -> Outcome:
    """A study's result under today's rules, with what the reform would change in ``what_if``.

    Args:
        world: the study and what it rests on.
        reform: laid over its rules in the second run.

    Raises:
        InputError, MissingDataError, RuleError: see :func:`~offing.study.run.run_study` and
            :func:`~offing.policy.overlay.under`.
    """
    under(world.laws, reform)  # what it cannot lay over the rules is said before the work
    with stretch(0.0, 0.8):
        before = run_study(world)
    with stretch(0.8, 1.0):
        after = under_reform(before, reform)
    comparison = compare(
        reform,
        dict(_figures(before.result)),
        dict(_figures(after.result)),
        _uses(before.result),
        _uses(after.result),
        (_settling(before.result), _settling(after.result)),
    )
    return replace(before, result=replace(before.result, what_if=comparison))
