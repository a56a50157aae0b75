"""Allocate capacity to segments: build the model, solve it, read the plan back.

A linear programme. Sales ``x_s`` in USD maximise the margin ``Σ margin_rate_s w_s x_s``, where
``w_s = 1 - caution · (1 - low_s / expected_s)`` counts a wide outlook for less,

* within reach: ``0 ≤ x_s ≤ reach_s``;
* within capacity: ``Σ_{s on line l} hours_s x_s / price_s ≤ capacity_l``;
* spread over markets: ``Σ_{s in market m} x_s ≤ cap · Σ_s x_s``;
* only where the margin rate is at least ``least_margin_rate``.

Goods that are sold in items are then rounded to whole ones, the largest remainders up. The cap on
a market holds before this rounding.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from offing.planning.candidates import Candidate, Reach, reach
from offing.planning.plan import Plan, PlanRow
from offing.terms.errors import InputError

SHARE_OF_BOUND = 1 - 1e-6
"""A limit counts as binding from here on."""

NEARLY = 1e-6
"""Units by which a solver's answer may miss a whole number."""


@dataclass(frozen=True)
class Limits:
    """What a plan must respect.

    Attributes:
        capacity: hours a year by line.
        largest_market_share: of all planned sales, 0 to 1.
        least_margin_rate: segments below it are left out.
        largest_growth: planned over today's sales, where there are any.
        entry_share: of the origin's expected sales, where there are none.
        caution: 0 looks at the mean of the outlook alone, 1 at the lower end of its interval. An
            outlook without an interval counts in full.
        whole: models that are sold in whole units.
    """

    capacity: Mapping[str, float]
    largest_market_share: float = 0.35
    least_margin_rate: float = 0.03
    largest_growth: float = 3.0
    entry_share: float = 0.02
    caution: float = 0.0
    whole: frozenset[str] = frozenset()


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


def weight(within: Reach, caution: float) -> float:
    """What a yuan of margin counts for in a segment: less where the outlook is wide."""
    if within.expected <= 0 or within.low is None:
        return 1.0
    return 1 - caution * (1 - min(max(within.low / within.expected, 0.0), 1.0))


def build(candidates: Sequence[Candidate], limits: Limits) -> Model:
    """The model of a plan, in a fixed order of segments.

    Raises:
        InputError: ``plan.no_capacity``; ``plan.capacity_too_small`` where not even one whole unit
            may go to a market; or ``plan.cap_too_tight`` where the cap on one market cannot be met
            because too few markets earn the least margin.
    """
    ordered = tuple(sorted(candidates, key=lambda c: (c.product, c.market, c.tier)))
    lines = sorted({c.made_on for c in ordered})
    reaches = tuple(
        reach(c, entry_share=limits.entry_share, largest_growth=limits.largest_growth)
        for c in ordered
    )
    rates = np.array([c.margin_rate for c in ordered])
    most = np.array([max(r.expected, 0.0) for r in reaches])
    upper = np.where(rates >= limits.least_margin_rate, most, 0.0)
    markets = np.array([c.market for c in ordered])
    _check(limits, ordered, set(markets[upper > 0].tolist()))
    prices = np.array([c.price_usd for c in ordered])
    hours = np.array([c.hours for c in ordered])
    on = np.array([c.made_on for c in ordered])
    rows = [np.where(on == line, hours / prices, 0.0) for line in lines]
    rows += [(markets == market) - limits.largest_market_share for market in np.unique(markets)]
    bound = np.zeros(len(rows))
    bound[: len(lines)] = [limits.capacity[line] for line in lines]
    return Model(
        ordered,
        reaches,
        limits,
        gain=rates * [weight(r, limits.caution) for r in reaches],
        matrix=np.array(rows).reshape(len(rows), len(ordered)),
        bound=bound,
        upper=upper,
    )


def _check(limits: Limits, candidates: Sequence[Candidate], open_markets: Collection[str]) -> None:
    """Refuse limits that no plan can meet; see :func:`build`."""
    cap = limits.largest_market_share
    most = {c.product: limits.capacity.get(c.made_on, 0) / c.hours for c in candidates}
    for product, units in most.items():
        if not units > 0:
            raise InputError("plan.no_capacity", product=product)
    if open_markets and cap * len(open_markets) < 1 - 1e-12:
        raise InputError(
            "plan.cap_too_tight",
            cap=f"{cap:.0%}",
            count=len(open_markets),
            least=f"{1 / len(open_markets):.0%}",
        )
    for product in sorted(limits.whole & set(most)):
        if cap * most[product] < 1 - 1e-12:
            raise InputError(
                "plan.capacity_too_small",
                product=product,
                capacity=f"{most[product]:g}",
                cap=f"{cap:.0%}",
                least=ceil(1 / cap - 1e-9) if cap else "∞",
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
    # A solver's tolerance is absolute: sales are measured by the most that a row could be, and
    # each capacity by itself.
    capacity = model.limits.capacity
    full = [capacity[c.made_on] / c.hours * c.price_usd for c in model.candidates]
    most = np.minimum(model.upper, full)
    scale = max(float(most.max()), 1.0)
    size = np.where(model.bound > 0, model.bound / scale, 1.0)
    outcome = linprog(
        -model.gain,
        A_ub=model.matrix / size[:, None],
        b_ub=model.bound / scale / size,
        bounds=np.column_stack([np.zeros(len(most)), most / scale]),
        method="highs",
    )
    if not outcome.success:
        raise InputError("plan.not_solved", reason=outcome.message)
    sales = _whole(model, np.maximum(np.asarray(outcome.x, dtype=float) * scale, 0.0))
    rates = np.array([candidate.margin_rate for candidate in model.candidates])
    return Solution(sales, float(rates @ sales))


def _whole(model: Model, sales: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same sales with whole units where goods are sold so, within reach and capacity."""
    prices = np.array([candidate.price_usd for candidate in model.candidates])
    exact = sales / prices
    units = exact.copy()
    for product in sorted(model.limits.whole):
        mine = np.array([candidate.product == product for candidate in model.candidates])
        # A solver's 2999.9999999 is 3,000.
        units[mine] = np.floor(exact[mine] + NEARLY)
    spare = _spare_hours(model, units)
    for product in sorted(model.limits.whole):
        mine = np.array([candidate.product == product for candidate in model.candidates])
        left = round(float(exact[mine].sum()) + NEARLY) - int(units[mine].sum())
        for index in np.argsort(units - exact, kind="stable"):
            candidate = model.candidates[index]
            fits = (units[index] + 1) * prices[index] <= model.upper[index] * (1 + 1e-9)
            fits &= candidate.hours <= spare[candidate.made_on] * (1 + 1e-9) + NEARLY
            if left > 0 and mine[index] and units[index] < exact[index] and fits:
                units[index] += 1
                spare[candidate.made_on] -= candidate.hours
                left -= 1
    return np.where(units == exact, sales, units * prices)


def _spare_hours(model: Model, units: NDArray[np.float64]) -> dict[str, float]:
    """Line → the hours that the units leave of it."""
    spare = dict(model.limits.capacity)
    for candidate, made in zip(model.candidates, units, strict=True):
        spare[candidate.made_on] -= float(made) * candidate.hours
    return spare


def _concentration(by_market: Mapping[str, float]) -> float:
    total = sum(by_market.values())
    return sum((value / total) ** 2 for value in by_market.values()) if total else 0.0


def _limit(
    model: Model, index: int, sales: NDArray[np.float64], full: set[str], capped: set[str]
) -> str:
    candidate = model.candidates[index]
    if candidate.margin_rate < model.limits.least_margin_rate:
        return "margin"
    one = candidate.price_usd if candidate.product in model.limits.whole else 0.0
    if sales[index] + one >= model.upper[index] * SHARE_OF_BOUND:
        return "outlook"
    if candidate.market in capped:
        return "cap"
    return "capacity" if candidate.made_on in full else "cap"


def _end(share: float, end: float | None, most: float) -> float | None:
    """An end of the interval for the planned share of what is in reach; no factory makes more."""
    return None if end is None else min(share * end, most)


def read_back(model: Model, solution: Solution) -> Plan:
    """The plan of a solution: rows in order of planned sales, with what limits each."""
    sales = solution.sales
    total = float(sales.sum())
    hours = dict.fromkeys(model.limits.capacity, 0.0)
    by_market: dict[str, float] = {}
    now_by_market: dict[str, float] = {}
    for candidate, amount in zip(model.candidates, sales, strict=True):
        hours[candidate.made_on] += amount / candidate.price_usd * candidate.hours
        by_market[candidate.market] = by_market.get(candidate.market, 0.0) + amount
        now_by_market[candidate.market] = (
            now_by_market.get(candidate.market, 0.0) + candidate.sales_now_usd
        )
    capacity, whole = model.limits.capacity, model.limits.whole
    used = {line: hours[line] / capacity[line] for line in capacity}
    # Rounding to whole units may leave one a row unused: that is full, too.
    longest = dict.fromkeys(capacity, 0.0)
    for candidate in model.candidates:
        if candidate.product in whole:
            longest[candidate.made_on] = max(longest[candidate.made_on], candidate.hours)
    full = {
        line
        for line, share in used.items()
        if share + longest[line] * len(model.candidates) / capacity[line] > SHARE_OF_BOUND
    }
    cap = model.limits.largest_market_share
    capped = {
        m for m, amount in by_market.items() if total and amount >= cap * total * SHARE_OF_BOUND
    }
    rows = []
    for index, (candidate, within) in enumerate(zip(model.candidates, model.reaches, strict=True)):
        amount = float(sales[index])
        share = amount / within.expected if within.expected > 0 else 0.0
        most = capacity[candidate.made_on] / candidate.hours * candidate.price_usd
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
                low_usd=_end(share, within.low, most),
                high_usd=_end(share, within.high, most),
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
