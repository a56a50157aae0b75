"""The plan's own rule, out of time: made in an earlier year, what would have come of it?

A plan lets each market carry the firm: its share of the origin's sales there times the outlook. The
same is done as of earlier years, with that year's trade and with the firm's prices, margins, limits
and shares of today, since nothing older is known of the firm. What the shares of the actual later
trade came to is then known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from offing.forecast.outlook.forecast import of_origin, outlooks
from offing.forecast.ranking import FittedProduct
from offing.planning import Candidate, Limits, build, reach, solve
from offing.study.result import EarlierPlan
from offing.terms.errors import InputError, MissingDataError

RULES = ("outlook", "persistence", "foresight")
"""Plans compared: by the outlook, by no change at all, and by the trade that came."""


@dataclass(frozen=True)
class Earlier:
    """The origin's sales in a market as of an earlier year, USD: then, expected, and what came."""

    base: float
    expected: float
    later: float


def earlier_years(
    fitted: FittedProduct, origin: str, *, horizon: int, base_years: Sequence[int]
) -> dict[int, dict[str, Earlier]]:
    """The outlook of whole markets as of earlier years, beside what came.

    The fits are those that the backtest scores.

    Args:
        fitted: the product's trade up to the study's year.
        origin: the exporter.
        horizon: years ahead.
        base_years: each with a known outcome.

    Returns:
        Year → market → sales. A market that did not report the outcome is left out.
    """
    history = fitted.whole.history
    sold = (
        fitted.trade.flows.filter(pl.col("exporter") == origin)
        .group_by("year", "importer")
        .agg(pl.col("value_usd").sum())
    )
    came = {(year, market): usd for year, market, usd in sold.iter_rows()}
    found: dict[int, dict[str, Earlier]] = {}
    for year in base_years:
        made = outlooks(history, year, horizon)
        reported = history.pairs(year + horizon).present
        try:
            said = of_origin(made, fitted.task.product, origin)
        except MissingDataError:
            continue
        found[year] = {
            market: Earlier(one.base_usd, one.expected_usd, came.get((year + horizon, market), 0.0))
            for (market, _), one in said.items()
            if reported[history.index[market]]
        }
    return found


def earlier_plans(
    candidates: Sequence[Candidate],
    limits: Limits,
    known: Mapping[str, Mapping[int, Mapping[str, Earlier]]],
    horizon: int,
) -> tuple[EarlierPlan, ...]:
    """Make the plan as of each earlier year by every rule of ``RULES``.

    Args:
        candidates: of today's plan.
        limits: of today's plan.
        known: product → year → market → sales.
        horizon: years from a plan to its outcome.

    Returns:
        Plans of the years known for every product, the earliest first; none where the limits
        allow no plan.
    """
    years = set.intersection(*(set(by_year) for by_year in known.values())) if known else set()
    made: list[EarlierPlan] = []
    for year in sorted(years):
        then = []
        for candidate in candidates:
            one = known[candidate.product][year].get(candidate.market)
            if one is not None:
                then.append((_as_of(candidate, one), one.later))
        if not then:
            continue
        try:
            made += [_outcome(then, limits, year, horizon, rule) for rule in RULES]
        except InputError:
            # Too few markets for the cap, as far as the trade of that year goes.
            continue
    return tuple(made)


def _as_of(candidate: Candidate, one: Earlier) -> Candidate:
    share = candidate.sales_now_usd / candidate.origin_now_usd if candidate.origin_now_usd else 0.0
    return replace(
        candidate,
        sales_now_usd=share * one.base,
        origin_now_usd=one.base,
        origin_expected_usd=one.expected,
        origin_low_usd=None,
        origin_high_usd=None,
    )


def _expects(rule: str, candidate: Candidate, later: float) -> float:
    if rule == "foresight":
        return later
    return candidate.origin_now_usd if rule == "persistence" else candidate.origin_expected_usd


def _outcome(
    then: Sequence[tuple[Candidate, float]], limits: Limits, year: int, horizon: int, rule: str
) -> EarlierPlan:
    model = build(
        [replace(c, origin_expected_usd=_expects(rule, c, later)) for c, later in then], limits
    )
    planned = solve(model).sales
    came = {
        (c.product, c.market, c.tier): reach(
            replace(c, origin_expected_usd=later),
            entry_share=limits.entry_share,
            largest_growth=float("inf"),
        ).expected
        for c, later in then
    }
    most = np.array([came[c.product, c.market, c.tier] for c in model.candidates])
    sold = np.minimum(planned, most)
    rates = np.array([c.margin_rate for c in model.candidates])
    return EarlierPlan(
        year, horizon, rule, float(planned.sum()), float(sold.sum()), float(rates @ sold)
    )
