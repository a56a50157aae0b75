"""Run a study twice, under today's rules and under a reform, and set the two side by side.

The reform changes rules, rates and exchange rates. Each market's outlook is the same in both runs,
so the plan moves by margins alone, unless the reform gives an elasticity. Then the outlook of a
market is multiplied by ``(landed cost after / before) ^ −elasticity``, both in the market's own
currency: the partial-equilibrium response of one exporter's sales, all others' prices as they are.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from offing.forecast.results import Outlook
from offing.landed.costed import Quote
from offing.policy.compare import Segment, compare
from offing.policy.comparison import SegmentFigures
from offing.policy.overlay import Rules, under
from offing.rules.reform import Reform, reform_of
from offing.rules.rule_use import RuleUse
from offing.study.file import Study
from offing.study.laws import laws_of
from offing.study.result import StudyResult
from offing.study.run import Demand, Outcome, Progress, run_study
from offing.terms.errors import Where
from offing.warehouse import Warehouse


def own_reform(path: Path, study: Study) -> Reform | None:
    """The reform that a study brings itself, in its ``[reform]``."""
    if study.reform is None:
        return None
    return reform_of(study.reform, study.reform, Where(path))


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


def _landed(result: StudyResult) -> dict[Segment, Quote]:
    return {
        (product.product, market.market): market.quote
        for product in result.products
        for market in product.markets
        if market.quote is not None
    }


def _dearer(was: Quote, now: Quote, currency: str) -> float:
    """Landed cost after ÷ before, in the market's own currency."""
    ratio = float(now.landed / was.landed)
    units = [{code: float(rate) for code, rate, _ in quote.fx} for quote in (was, now)]
    if all(currency in each for each in units):
        ratio *= units[1][currency] / units[0][currency]
    return ratio


def _moved_demand(
    before: Outcome, after: StudyResult, laws: Rules, reform: Reform
) -> dict[str, Demand]:
    """The demand of the first run, each outlook scaled by what its landed cost does to sales."""
    was, now = _landed(before.result), _landed(after)
    found: dict[str, Demand] = {}
    for product, demand in before.demand.items():
        outlooks = dict(demand.outlook)
        for market, outlook in demand.outlook.items():
            key = (product, market)
            if key not in was or key not in now:
                continue
            currency = laws.rulebook.regime(market).currency
            factor = _dearer(was[key], now[key], currency) ** -float(reform.elasticity)
            outlooks[market] = _scaled(outlook, factor)
        found[product] = replace(demand, outlook=outlooks)
    return found


def _scaled(outlook: Outlook, factor: float) -> Outlook:
    def times(value: float | None) -> float | None:
        return None if value is None else value * factor

    return replace(
        outlook,
        expected_usd=outlook.expected_usd * factor,
        low80=times(outlook.low80),
        high80=times(outlook.high80),
    )


def what_if(
    path: Path, study: Study, warehouse: Warehouse, progress: Progress, reform: Reform
) -> Outcome:
    """A study's result under today's rules, with what the reform would change in ``what_if``.

    Args:
        path: the study's file.
        study: what it says.
        warehouse: the data.
        progress: told a message key and the share done.
        reform: laid over today's rules in the second run.

    Raises:
        InputError, MissingDataError, RuleError: see :func:`~offing.study.run.run_study` and
            :func:`~offing.policy.overlay.under`.
    """
    laws = under(laws_of(path, study), reform)
    before = run_study(path, study, warehouse, lambda key, share: progress(key, share * 0.8))
    after = run_study(
        path,
        study,
        warehouse,
        lambda key, share: progress(key, 0.8 + share * 0.2),
        laws,
        before.demand,
    )
    if reform.elasticity:
        moved = _moved_demand(before, after.result, laws, reform)
        after = run_study(path, study, warehouse, lambda key, share: None, laws, moved)
    made = compare(
        reform,
        dict(_figures(before.result)),
        dict(_figures(after.result)),
        _uses(before.result),
        _uses(after.result),
        (_settling(before.result), _settling(after.result)),
    )
    return replace(before, result=replace(before.result, what_if=made))
