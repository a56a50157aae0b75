"""A price test (价格试验): what it could tell, how long it takes, what it costs, what it found.

Some buyers or markets are asked another price, the others are not; the elasticity is read from how
the one group's units move against the other's (difference in differences on log units). Groups are
drawn within pairs of like size, so that each pair is a small experiment of its own; the interval is
that of the pairs (paired t). Sources: Bruhn and McKenzie, American Economic Journal: Applied 1(4),
2009 (pairs); McKenzie, Journal of Development Economics 99, 2012 (months before and after).

Where all buyers see one price, blocks of weeks are the arms (交替试验, switchback): of each two
neighbours a coin says which has the other price (Bojinov, Simchi-Levi and Zhao, Management Science
69(7), 2023). An order must not outlast its block, else a block sells what another one's price won.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import ceil, log

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]

POWER = 0.8
"""How often a difference of the size that is named would be found."""
LEVEL = 0.95
"""Of intervals."""
USEFUL = 0.15
"""A relative error of the elasticity with which the plan gains much of what can be gained."""
STOP_AFTER = 3
"""Periods of a test before it is looked at: earlier looks find chance."""
LEAST_PAIRS = 2
"""One pair has no error of its own."""


@dataclass(frozen=True)
class SalesPanel:
    """Units by arm (a buyer or a market) and period, only arms that bought in every one.

    Attributes:
        arms: names.
        units: shape (arms, periods), above zero.
        prices: of one, in the arm's own currency, likewise.
        currencies: of the arms.
    """

    arms: tuple[str, ...]
    units: Floats
    prices: Floats
    currencies: tuple[str, ...] = ()


def sales_panel(sales: pl.DataFrame, by: str, starts: Sequence[date], end: date) -> SalesPanel:
    """The arms that bought in every period, each in one currency.

    Args:
        sales: lines of one kind of goods, see ``Sales``; returns and nameless arms are left out.
        by: the column that names an arm.
        starts: first day of each period, rising.
        end: the day after the last period.
    """
    of_period = sales.filter(
        (pl.col("on") >= starts[0]) & (pl.col("on") < end)
        & (pl.col("quantity") > 0) & (pl.col("amount") > 0) & pl.col(by).is_not_null()
    ).with_columns(
        period=pl.lit(np.array(starts, "datetime64[D]")).search_sorted(pl.col("on"), side="right")
    )  # fmt: skip
    one_currency = of_period.group_by(by).agg(pl.col("currency").unique()).filter(
        pl.col("currency").list.len() == 1
    )  # fmt: skip
    sums = of_period.group_by(by, "period").agg(
        pl.col("quantity", "amount").cast(pl.Float64).sum(), pl.col("currency").first()
    )
    whole = (
        sums.join(one_currency.select(by), on=by)
        .filter(pl.len().over(by) == len(starts))
        .sort(by, "period")
    )
    arms = whole[by].unique(maintain_order=True).to_list()
    units = whole["quantity"].to_numpy().reshape(len(arms), len(starts))
    amounts = whole["amount"].to_numpy().reshape(len(arms), len(starts))
    currencies = whole["currency"].to_list()[:: len(starts)]
    return SalesPanel(tuple(arms), units, amounts / units, tuple(currencies))


@dataclass(frozen=True)
class PriceTest:
    """What a test would be.

    Attributes:
        raised: arms that are asked the other price, one of each pair.
        held: their partners, in the same order.
        periods: how long.
        change: of the price, a share; below zero for a cut.
        error: standard error of the elasticity.
        least_seen: the smallest difference of the elasticity from a figure that is found in 80 of
            100 tests.
        cost: what it is expected to cost at the elasticity held likely, in the money of the
            panel's prices; negative where it earns, ``None`` without that or a margin.
        stop_after: periods until it may be stopped.
        stop_below: stop then where the raised arms sell less than this share of what their
            partners' change lets expect: the test surely loses. ``None`` without a margin.
    """

    raised: tuple[str, ...]
    held: tuple[str, ...]
    periods: int
    change: float
    error: float
    least_seen: float
    cost: float | None
    stop_after: int
    stop_below: float | None


@dataclass(frozen=True)
class PriceTestResult:
    """What a test found.

    Attributes:
        elasticity: by how many per cent fewer are sold at a price of one per cent more.
        low, high: 95 % interval from the pairs; ``None`` with one pair.
        error: its standard error; ``None`` likewise.
        pairs: of arms that sold before and during the test.
        months: during the test.
        sold: by the raised arms over what their partners' change lets expect.
    """

    elasticity: float
    low: float | None
    high: float | None
    error: float | None
    pairs: int
    months: int
    sold: float


def noise_of(panel: SalesPanel) -> tuple[float, float]:
    """Spread and persistence of log units, with arm and month effects taken out.

    The standard deviation of a month, and the correlation with the month before, 0 to below 1.

    Degrees of freedom are (arms - 1) × (months - 1); at least two arms and three months.
    """
    values = np.log(panel.units)
    arms, months = values.shape
    left = values - values.mean(1, keepdims=True) - values.mean(0) + values.mean()
    spread = float(np.sqrt((left**2).sum() / ((arms - 1) * (months - 1))))
    if spread == 0:
        return 0.0, 0.0
    together = float((left[:, 1:] * left[:, :-1]).sum() / (left**2).sum()) * months / (months - 1)
    # an estimate from few months is too low by about (1 + 3 r) / months (Kendall 1954)
    return spread, float(np.clip(together + (1 + 3 * together) / months, 0.0, 0.95))


def elasticity_error(
    noise: tuple[float, float], pairs: int, before: int, during: int, change: float
) -> float:
    """Standard error of the elasticity that a test would give.

    Args:
        noise: spread and persistence of one arm.
        pairs: of arms.
        before: months of history that are compared.
        during: months of the test.
        change: of the price, a share.
    """
    weights = np.concatenate([np.full(before, -1 / before), np.full(during, 1 / during)])
    apart = np.abs(np.subtract.outer(np.arange(len(weights)), np.arange(len(weights))))
    spread, persistence = noise
    of_arm = float(weights @ (persistence**apart) @ weights) * spread**2
    return float(np.sqrt(2 * of_arm / pairs)) / abs(log(1 + change))


def pairs_of(panel: SalesPanel, seed: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Raised and held arms: neighbours by units are a pair, a coin says which is raised.

    The smallest arm is left out where their number is odd.
    """
    order = [panel.arms[at] for at in np.argsort(-panel.units.mean(1), kind="stable")]
    coins = np.random.default_rng(seed).random(len(order) // 2) < 0.5
    pairs = list(zip(order[::2], order[1::2], strict=False))
    raised = tuple(a if coin else b for (a, b), coin in zip(pairs, coins, strict=True))
    held = tuple(b if coin else a for (a, b), coin in zip(pairs, coins, strict=True))
    return raised, held


def design_test(
    panel: SalesPanel,
    change: float,
    periods: int,
    *,
    elasticity: float | None = None,
    margin: float | None = None,
    seed: int = 1,
) -> PriceTest:
    """Plan a test.

    Args:
        panel: sales of the last periods, its prices in one money.
        change: of the price, a share.
        periods: how long.
        elasticity: held likely until then; it says what the test costs.
        margin: contribution of today's price, a share of it; above -``change``.
        seed: of the draw within pairs.
    """
    raised, held = pairs_of(panel, seed)
    noise, count, before = noise_of(panel), len(raised), panel.units.shape[1]
    of = [panel.arms.index(arm) for arm in raised]
    sales = float((panel.units[of].mean(1) * panel.prices[of].mean(1)).sum())
    stop_after = min(STOP_AFTER, periods)
    errors = [
        elasticity_error(noise, count, before, during, change) for during in (periods, stop_after)
    ]
    test = PriceTest(raised, held, periods, change, errors[0], 0.0, None, stop_after, None)
    return _evaluate_test(test, errors[1], periods * sales, elasticity, margin)


def _evaluate_test(
    test: PriceTest, early: float, sales: float, elasticity: float | None, margin: float | None
) -> PriceTest:
    """A test with what it finds, what it costs and when to stop.

    Args:
        test: who is asked what.
        early: the error of the elasticity when it may first be stopped.
        sales: of the raised arms over the whole test, at today's price.
        elasticity: held likely until then.
        margin: contribution of today's price, a share of it.
    """
    from scipy.stats import norm, t

    degrees, change = max(len(test.raised) - 1, 1), test.change
    seen = float(t.ppf((1 + LEVEL) / 2, degrees) + t.ppf(POWER, degrees)) * test.error
    cost = below = None
    if margin is not None:
        # where the price earns per unit what it loses in units: the break-even elasticity
        even = log((margin + change) / margin) / log(1 + change)
        below = (1 + change) ** -(even + float(norm.ppf(LEVEL)) * early * (1 if change > 0 else -1))
    if margin is not None and elasticity is not None:
        cost = sales * (margin - (1 + change) ** -elasticity * (margin + change))
    return replace(test, least_seen=seen, cost=cost, stop_below=below)


def block_error(units: Floats, pairs: int, change: float) -> float:
    """Standard error of the elasticity that so many pairs of blocks would give.

    Args:
        units: of past blocks, the newest last, in an even number; at least two pairs.
        pairs: of blocks in the test.
        change: of the price, a share.
    """
    logs = np.log(units).reshape(-1, 2)
    spread = float((logs[:, 1] - logs[:, 0]).std(ddof=1))
    return spread / float(np.sqrt(pairs)) / abs(log(1 + change))


def design_blocks(
    panel: SalesPanel,
    change: float,
    starts: Sequence[date],
    *,
    elasticity: float | None = None,
    margin: float | None = None,
    seed: int = 1,
) -> PriceTest:
    """Plan a test by blocks of weeks, all buyers at one price.

    Args:
        panel: one arm, sales of the last blocks, in an even number.
        change: of the price, a share.
        starts: first days of the blocks to come, in an even number.
        elasticity: held likely until then.
        margin: contribution of today's price, a share of it; above -``change``.
        seed: of the draw within pairs.
    """
    coins = np.random.default_rng(seed).random(len(starts) // 2) < 0.5
    days = np.array([day.isoformat() for day in starts]).reshape(-1, 2)
    days = np.where(coins[:, None], days, days[:, ::-1])
    raised, held = (tuple(map(str, side)) for side in days.T)
    count, stop_after = len(raised), min(STOP_AFTER, len(raised))
    error, early = (block_error(panel.units[0], n, change) for n in (count, stop_after))
    sales = count * float((panel.units[0] * panel.prices[0]).mean())
    test = PriceTest(raised, held, len(starts), change, error, 0.0, None, 2 * stop_after, None)
    return _evaluate_test(test, early, sales, elasticity, margin)


def blocks_needed(panel: SalesPanel, change: float, elasticity: float, most: int) -> int | None:
    """Blocks until the error is :data:`USEFUL` of the elasticity; ``None`` beyond ``most``."""
    pairs = ceil((block_error(panel.units[0], 1, change) / (USEFUL * elasticity)) ** 2)
    found = 2 * max(pairs, LEAST_PAIRS)
    return found if found <= most else None


def periods_needed(
    panel: SalesPanel, change: float, elasticity: float, most: int = 36
) -> int | None:
    """Periods until the error is :data:`USEFUL` of the elasticity; ``None`` beyond ``most``."""
    noise, count = noise_of(panel), len(panel.arms) // 2
    for periods in range(1, most + 1):
        error = elasticity_error(noise, count, panel.units.shape[1], periods, change)
        if error <= USEFUL * elasticity:
            return periods
    return None


def estimate_elasticity(
    before: SalesPanel, during: SalesPanel, raised: Sequence[str], held: Sequence[str]
) -> PriceTestResult | None:
    """Read a test: within each pair, how units moved against how prices moved.

    Pairs of which an arm sold nothing before or during are left out; ``None`` without any, or
    where the prices of the two groups did not part.
    """
    units, prices = [], []
    for one, other in zip(raised, held, strict=True):
        if all(arm in panel.arms for arm in (one, other) for panel in (before, during)):
            moves = [_mean_changes(before, during, arm) for arm in (one, other)]
            units.append(moves[0][0] - moves[1][0])
            prices.append(moves[0][1] - moves[1][1])
    return elasticity_of_pairs(np.array(units), np.array(prices), during.units.shape[1])


def elasticity_of_pairs(gaps: Floats, prices: Floats, months: int) -> PriceTestResult | None:
    """Read pairs; ``None`` without any, or where the prices of the two groups did not part.

    Args:
        gaps: by how much log units of the raised arm moved against its partner's, by pair.
        prices: likewise of the log price.
        months: of the test.
    """
    if not len(gaps) or abs(price := float(prices.mean())) < 1e-6:
        return None
    found, sold = -float(gaps.mean()) / price, float(np.exp(gaps.mean()))
    if len(gaps) < LEAST_PAIRS:
        return PriceTestResult(found, None, None, None, len(gaps), months, sold)
    from scipy.stats import t

    # the error is that of the pairs at the elasticity found: prices need not part alike
    left = gaps + found * prices
    error = float(np.sqrt((left**2).sum() / (len(gaps) - 1) / len(gaps))) / abs(price)
    reach = float(t.ppf((1 + LEVEL) / 2, len(gaps) - 1)) * error
    return PriceTestResult(found, found - reach, found + reach, error, len(gaps), months, sold)


def _mean_changes(before: SalesPanel, during: SalesPanel, arm: str) -> tuple[float, float]:
    """By how much an arm's mean log units and mean log price changed."""
    then, now = before.arms.index(arm), during.arms.index(arm)
    return (
        float(np.log(during.units[now]).mean() - np.log(before.units[then]).mean()),
        float(np.log(during.prices[now]).mean() - np.log(before.prices[then]).mean()),
    )
