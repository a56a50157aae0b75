"""Allocate capacity to segments: build the model, solve it, read the plan back.

A linear programme. Sales ``x_s`` in USD maximise the margin ``Σ margin_rate_s w_s x_s``, where
``w_s = 1 - caution · (1 - low_s / expected_s)`` counts a wide outlook for less,

* within reach: ``0 ≤ x_s ≤ reach_s``;
* within capacity: ``Σ_{s of product p} x_s / price_s ≤ capacity_p``;
* spread over markets: ``Σ_{s in market m} x_s ≤ cap · Σ_s x_s``;
* only where the margin rate is at least ``least_margin_rate``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offing.plan.candidates import Candidate, Reach, reach
from offing.plan.shape import Plan, PlanRow
from offing.terms.errors import InputError

SHARE_OF_BOUND = 1 - 1e-6
"""A limit counts as binding from here on."""


@dataclass(frozen=True)
class Limits:
    """What a plan must respect.

    Attributes:
        capacity: units a year by product.
        largest_market_share: of all planned sales, 0 to 1.
        least_margin_rate: segments below it are left out.
        largest_growth: planned over today's sales, where there are any.
        entry_share: of the origin's expected sales, where there are none.
        caution: 0 looks at the mean of the outlook alone, 1 at the lower end of its interval.
    """

    capacity: Mapping[str, float]
    largest_market_share: float = 0.35
    least_margin_rate: float = 0.03
    largest_growth: float = 3.0
    entry_share: float = 0.02
    caution: float = 0.0


@dataclass(frozen=True)
class Model:
    """The linear programme ``max c'x, A x ≤ b, 0 ≤ x ≤ u`` and the segments behind it."""

    candidates: tuple[Candidate, ...]
    reaches: tuple[Reach, ...]
    limits: Limits
    gain: NDArray[np.float64]
    matrix: NDArray[np.float64]
    bound: NDArray[np.float64]
    upper: NDArray[np.float64]


@dataclass(frozen=True)
class Solution:
    """Sales by segment, USD, and the expected margin that they give."""

    sales: NDArray[np.float64]
    margin: float


def _weight(within: Reach, caution: float) -> float:
    if within.expected <= 0:
        return 1.0
    return 1 - caution * (1 - min(max(within.low / within.expected, 0.0), 1.0))


def build(candidates: Sequence[Candidate], limits: Limits) -> Model:
    """The model of a plan, in a fixed order of segments.

    Raises:
        InputError: ``plan.no_capacity``, or ``plan.cap_too_tight`` where the cap on one market
            cannot be met because too few markets earn the least margin.
    """
    ordered = tuple(sorted(candidates, key=lambda c: (c.product, c.market, c.tier)))
    products = sorted({c.product for c in ordered})
    for product in products:
        if not limits.capacity.get(product, 0) > 0:
            raise InputError("plan.no_capacity", product=product)
    reaches = tuple(
        reach(c, entry_share=limits.entry_share, largest_growth=limits.largest_growth)
        for c in ordered
    )
    earns = np.array([c.margin_rate >= limits.least_margin_rate for c in ordered], dtype=bool)
    upper = np.where(earns, [max(r.expected, 0.0) for r in reaches], 0.0)
    markets = sorted({c.market for c in ordered})
    open_markets = {c.market for c, most in zip(ordered, upper, strict=True) if most > 0}
    cap = limits.largest_market_share
    if open_markets and cap * len(open_markets) < 1 - 1e-12:
        raise InputError(
            "plan.cap_too_tight",
            cap=f"{cap:.0%}",
            count=len(open_markets),
            least=f"{1 / len(open_markets):.0%}",
        )
    rows = [
        [1 / c.price_usd if c.product == product else 0.0 for c in ordered] for product in products
    ]
    rows += [[(1.0 if c.market == market else 0.0) - cap for c in ordered] for market in markets]
    bound = [float(limits.capacity[product]) for product in products] + [0.0] * len(markets)
    return Model(
        ordered,
        reaches,
        limits,
        gain=np.array(
            [
                c.margin_rate * _weight(r, limits.caution)
                for c, r in zip(ordered, reaches, strict=True)
            ]
        ),
        matrix=np.array(rows).reshape(len(bound), len(ordered)),
        bound=np.array(bound),
        upper=upper,
    )


def solve(model: Model) -> Solution:
    """The best allocation (HiGHS, through SciPy).

    Raises:
        InputError: ``plan.not_solved``; an empty allocation is always feasible, so this means
            numbers that a solver cannot take.
    """
    from scipy.optimize import linprog

    if not model.candidates:
        return Solution(np.zeros(0), 0.0)
    scale = max(float(model.upper.max()), 1.0)
    outcome = linprog(
        -model.gain,
        A_ub=model.matrix,
        b_ub=model.bound / scale,
        bounds=np.column_stack([np.zeros(len(model.upper)), model.upper / scale]),
        method="highs",
    )
    if not outcome.success:
        raise InputError("plan.not_solved", reason=outcome.message)
    sales = np.maximum(np.asarray(outcome.x, dtype=float) * scale, 0.0)
    rates = np.array([candidate.margin_rate for candidate in model.candidates])
    return Solution(sales, float(rates @ sales))


def _concentration(by_market: Mapping[str, float]) -> float:
    total = sum(by_market.values())
    return sum((value / total) ** 2 for value in by_market.values()) if total else 0.0


def _limit(
    model: Model, index: int, sales: NDArray[np.float64], full: set[str], capped: set[str]
) -> str:
    candidate = model.candidates[index]
    if candidate.margin_rate < model.limits.least_margin_rate:
        return "margin"
    if sales[index] >= model.upper[index] * SHARE_OF_BOUND:
        return "outlook"
    if candidate.market in capped:
        return "cap"
    return "capacity" if candidate.product in full else "cap"


def read_back(model: Model, solution: Solution) -> Plan:
    """The plan of a solution: rows in order of planned sales, with what limits each."""
    sales = solution.sales
    total = float(sales.sum())
    units = dict.fromkeys(model.limits.capacity, 0.0)
    by_market: dict[str, float] = {}
    now_by_market: dict[str, float] = {}
    for candidate, amount in zip(model.candidates, sales, strict=True):
        units[candidate.product] += amount / candidate.price_usd
        by_market[candidate.market] = by_market.get(candidate.market, 0.0) + amount
        now_by_market[candidate.market] = (
            now_by_market.get(candidate.market, 0.0) + candidate.sales_now_usd
        )
    used = {
        product: units[product] / capacity for product, capacity in model.limits.capacity.items()
    }
    full = {product for product, share in used.items() if share >= SHARE_OF_BOUND}
    cap = model.limits.largest_market_share
    capped = {
        m for m, amount in by_market.items() if total and amount >= cap * total * SHARE_OF_BOUND
    }
    rows = []
    for index, (candidate, within) in enumerate(zip(model.candidates, model.reaches, strict=True)):
        amount = float(sales[index])
        share = amount / within.expected if within.expected > 0 else 0.0
        rows.append(
            PlanRow(
                product=candidate.product,
                market=candidate.market,
                tier=candidate.tier,
                sales_now_usd=candidate.sales_now_usd,
                sales_usd=amount,
                units=amount / candidate.price_usd,
                price_usd=candidate.price_usd,
                margin_usd=amount * candidate.margin_rate,
                margin_rate=candidate.margin_rate,
                low_usd=share * within.low,
                high_usd=share * within.high,
                limit=_limit(model, index, sales, full, capped),
            )
        )
    rows.sort(key=lambda row: (-row.sales_usd, -row.sales_now_usd, row.product, row.market))
    return Plan(
        rows=tuple(rows),
        sales_usd=total,
        sales_now_usd=sum(candidate.sales_now_usd for candidate in model.candidates),
        margin_usd=solution.margin,
        capacity_used=tuple(sorted(used.items())),
        concentration=_concentration(by_market),
        concentration_now=_concentration(now_by_market),
    )
