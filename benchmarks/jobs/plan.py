"""A plan over 184 markets, ten models and nine prices in 2,000 scenarios; larger and smaller ones.

Offers are made up: constant-elasticity demand, markets that fall together, an exchange rate, entry
and keeping costs, a full line, a budget for entries, a share of each market at most. No open peer
plans with choices and expected shortfall at this size, so the bars stand alone. Seconds run from
the arrays of the offers to the plan; making the arrays is not counted.
"""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks import Row, measured
from offing.planning.inaction import plan
from offing.planning.linear import Pool
from offing.planning.offers import Offer, Offers, PlanLimits, Risk
from offing.planning.outcome import fix_markets, status_quo_decision
from offing.planning.programme import Programme, build, facts_of
from offing.planning.solving import solve

SCENARIOS = 2_000
GAP = 1e-3
RISK = Risk(0.2)


@dataclass(frozen=True)
class Size:
    """How many of what."""

    models: int
    markets: int
    prices: int = 9
    plants: int = 1
    years: int = 1


def _rows(size: Size, rng: np.random.Generator) -> tuple[list[Offer], NDArray[np.float64]]:
    """Offers, with units, price, cost and the market's place of each."""
    rows, facts = [], []
    for model in range(size.models):
        cost = rng.uniform(50, 500)
        for market in range(size.markets):
            sold = bool(rng.random() < 0.3)
            units = np.exp(rng.normal(6, 1.2)) * (1.0 if sold else 0.5)
            elasticity, price = rng.uniform(2.5, 6), cost * rng.uniform(1.1, 1.5)
            for step in range(size.prices):
                factor = 0.8 + 0.05 * step
                for plant in range(size.plants):
                    rows.append(
                        Offer(
                            f"m{model}",
                            f"K{market:03d}",
                            f"p{plant}",
                            "line",
                            "own",
                            ("USD", "EUR")[market % 2],
                            price * factor,
                            sold and step == size.prices // 2 and plant == 0,
                            sold,
                            keep_cny=20_000.0,
                            entry_cny=0.0 if sold else 300_000.0 * (market % 3 + 1),
                        )
                    )
                    quantity = units * factor**-elasticity
                    facts.append((quantity, price * factor, cost * (1 + 0.07 * plant), market))
    return rows, np.array(facts).T


def offers(size: Size) -> Offers:
    """The offers of a size, in float32: what a firm of this size would hold."""
    rng = np.random.default_rng(1)
    rows, (units, price, cost, market) = _rows(size, rng)
    shape = (SCENARIOS, size.years, len(rows))
    sold, profit = (np.empty(shape, np.float32) for _ in range(2))
    world = rng.normal(0, 0.1, (SCENARIOS, 1))
    own = rng.normal(0, 0.2, (SCENARIOS, size.markets))
    for year in range(size.years):
        growth = np.exp(world + own * np.sqrt(year + 1))[:, market.astype(int)]
        sold[:, year] = units * growth
        profit[:, year] = sold[:, year] * (price - cost) * 7
        profit[:, year] *= np.exp(rng.normal(0, 0.05, (SCENARIOS, 1)))
    sales = sold * price.astype(np.float32)
    discount = np.array([0.92**year for year in range(1, size.years + 1)])
    years = tuple(range(2027, 2027 + size.years))
    return Offers(tuple(rows), years, sold, profit, sales, discount)  # type: ignore[arg-type]


def programme(offered: Offers, size: Size) -> Programme:
    """A line a tenth longer than today's sales, a budget, a fifth of sales in a market at most."""
    today = np.array([row.today for row in offered.rows], dtype=float)
    hours = float(offered.units[:, 0].mean(axis=0, dtype=np.float64) @ today)
    lines = {("p0", "line"): (hours * 1.1,) * size.years}
    if size.plants > 1:
        lines["p1", "line"] = (hours / 2,) * size.years
    limits = PlanLimits(
        lines,
        entry_budget_cny=30_000.0 * size.models * size.markets,
        market_share={f"K{market:03d}": 0.2 for market in range(size.markets)},
    )
    return build(facts_of(offered, limits))


def whole(size: Size) -> tuple[float, float, int]:
    """Build and solve: seconds, the gap, the offers."""
    offered = offers(size)
    began = time.perf_counter()
    solution = solve(programme(offered, size), RISK, gap=GAP)
    return time.perf_counter() - began, solution.gap, len(offered.rows)


def again(size: Size) -> tuple[float, float, int]:
    """Solve once more with a market held: the median of some; the largest gap; the offers."""
    offered = offers(size)
    built, pool = programme(offered, size), Pool()
    first, stay = solve(built, RISK, pool, GAP), status_quo_decision(built)
    groups = sorted(set(built.facts.group[first.decision.choice > 0.5].tolist()))[:9]
    seconds, gaps = [], []
    for group in groups:
        began = time.perf_counter()
        gaps.append(solve(fix_markets(built, stay, {group}), RISK, pool, GAP).gap)
        seconds.append(time.perf_counter() - began)
    return float(np.median(seconds)), max(gaps), len(offered.rows)


def moves(size: Size) -> tuple[float, int]:
    """The whole plan: each move weighed, the unlikely struck; seconds and moves."""
    offered = offers(size)
    built = programme(offered, size)
    began = time.perf_counter()
    chosen = plan(built, RISK)
    return time.perf_counter() - began, len(chosen.moves)


def run() -> list[Row]:
    """Print the gap beside the size; a gap above 0.1 % is a failure."""
    table = []
    for target, size, bar in (
        ("whole", Size(10, 184), 10.0),
        ("whole", Size(10, 184, plants=2, years=3), 60.0),
        ("again", Size(5, 20), 0.3),
    ):
        mine = measured(f"benchmarks.jobs.plan:{target}", size)
        seconds, gap, count = mine.result
        if gap > GAP:
            raise AssertionError(f"a gap of {gap:.2%} is left")
        name = "a plan" if target == "whole" else "a re-solve"
        label = f"{name}, {count:,} offers × {size.years} × {SCENARIOS:,}, gap {gap:.3%}"
        table.append(Row(label, seconds, peak_mb=mine.peak_mb, bar=bar))
    size = Size(5, 20)
    mine = measured("benchmarks.jobs.plan:moves", size)
    seconds, count = mine.result
    table.append(Row(f"{count} moves of 900 offers, each weighed", seconds, peak_mb=mine.peak_mb))
    return table
