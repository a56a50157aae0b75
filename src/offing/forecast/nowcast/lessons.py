"""How far months may be believed: fitted to earlier years of the same data.

An earlier base year gives for each flow what its months said beyond the annual outlook of that
base year (x, in logs), and what came beyond it (y). The months' word counts ``weight``, the slope
of y on x through zero: 1 where a season comes back exactly, 0 where months are noise. What is left
over, against the outlook's own half-interval, is how far the distribution may be narrowed. Both
lean on a prior as long as few flows were seen (credibility; Bühlmann, 1967, ASTIN Bulletin
4:199-207), by kind of flow: how steadily it sells says how noisy its months are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from offing.estimators import SMALL
from offing.forecast.nowcast.signals import (
    BEGAN,
    EMPTY,
    HABITS,
    KINDS,
    LUMPY,
    SILENT,
    STEADY,
    UNEVEN,
    MonthlySales,
    habits,
)
from offing.forecast.outlook.model import COMMON_SHARE
from offing.market.history import Array, Codes, Mask

PRIOR_MONTHS = 3.0
"""Months that must be seen until they count as much as the outlook, where nothing was fitted. A
choice, not an estimate."""
STEADINESS = {STEADY: 10 / 12, UNEVEN: 6 / 12, LUMPY: 2.5 / 12, BEGAN: 6 / 12, SILENT: 2.5 / 12}
"""Effective months of a kind over twelve: the middle of its class."""
LEAST = 30.0
"""Flows seen that count as much as the prior."""
LEAST_SOLD = 5.0
"""Flows seen that count as much as an even year, where it is asked how many sell late."""
FURTHEST = 4.0
"""Surprises beyond so many spreads count as that."""
SHARE = 0.8
"""Of errors that shall lie inside the narrowed 80 % interval."""
NARROWEST, WIDEST = 0.02, 2.0
"""Bounds of what a distribution is multiplied by: where an outlook was too sure of itself on the
same data, its months make it wider."""


@dataclass(frozen=True)
class Seen:
    """Flows of one earlier base year.

    Attributes:
        year: the base year.
        kind: of each flow.
        said: log of what the months point to, over the outlook's median.
        came: log of what came, over it.
        up: log of the outlook's 90 % quantile over its median.
        down: log of its median over its 10 % quantile.
    """

    year: int
    kind: Codes
    said: Array
    came: Array
    up: Array
    down: Array


@dataclass(frozen=True)
class Lesson:
    """What so many months of a year are worth.

    Attributes:
        weight: by kind, 0 to 1.
        narrowing: by kind: what the outlook's distribution is multiplied by around its median.
        late: by habit: the share of pairs that sold nothing in these months of those that sold in
            the year.
        flows: seen, by kind.
        years: base years that were trained on.
    """

    weight: Array
    narrowing: Array
    late: Array
    flows: Array
    years: tuple[int, ...]


def prior_weight(kind: int, months: int) -> float:
    """The credibility of so many months of a flow where nothing was fitted.

    >>> round(prior_weight(STEADY, 6), 3), round(prior_weight(LUMPY, 6), 3)
    (0.625, 0.294)
    """
    effective = months * STEADINESS.get(kind, 0.0)
    return effective / (effective + PRIOR_MONTHS)


def lesson(seen: Sequence[Seen], months: int, late: Array) -> Lesson:
    """What earlier base years show of so many months."""
    weight, narrowing, flows = np.zeros(KINDS), np.ones(KINDS), np.zeros(KINDS)
    years = tuple(past.year for past in seen)
    pooled = _joined(seen)
    for kind in range(EMPTY):
        prior = prior_weight(kind, months)
        spread = float(np.sqrt(1 - prior))
        if pooled:
            if kind < BEGAN:
                grows = pooled["kind"] < BEGAN
                prior, spread = _leaning(pooled, grows, prior, spread, len(years))
            mine = pooled["kind"] == kind
            flows[kind] = mine.sum()
            prior, spread = _leaning(pooled, mine, prior, spread, len(years))
        weight[kind], narrowing[kind] = prior, spread
    return Lesson(weight, np.clip(narrowing, NARROWEST, WIDEST), late, flows, years)


def _joined(seen: Sequence[Seen]) -> dict[str, Array]:
    names = ("kind", "said", "came", "up", "down")
    if not seen:
        return {}
    return {name: np.concatenate([getattr(past, name) for past in seen]) for name in names}


def _leaning(
    pooled: dict[str, Array], mine: Mask, prior: float, spread: float, years: int
) -> tuple[float, float]:
    """Weight and narrowing of some flows, leaning on what was known before."""
    count = int(mine.sum())
    if not count:
        return prior, spread
    predicted, came, up, down = (pooled[name][mine] for name in ("said", "came", "up", "down"))
    width = np.maximum((up + down) / 2, 0.05)
    x, y = (np.clip(value / width, -FURTHEST, FURTHEST) for value in (predicted, came))
    slope = float(np.clip((x @ y) / max(float(x @ x), SMALL), 0.0, 1.0))
    trust = count / (count + LEAST)
    weight = trust * slope + (1 - trust) * prior
    error = came - weight * predicted
    ratio = np.abs(error) / np.maximum(np.where(error > 0, up, down), 0.05)
    reached = float(np.quantile(ratio, SHARE, method="higher"))
    # An error that all flows of a year share has hardly been seen in few years.
    reached *= float(np.sqrt(1 + COMMON_SHARE / max(years, 1)))
    return weight, trust * reached + (1 - trust) * spread


def late_sellers(sales: MonthlySales, months: int, before: int) -> Array:
    """By habit, the share of a year's sellers that sold nothing in its first months.

    Only years before ``before`` are looked at.
    """
    late, sellers = np.zeros(HABITS), np.zeros(HABITS)
    for habit, silent in _years_of_sales(sales, months, before):
        late += np.bincount(habit, silent, HABITS)
        sellers += np.bincount(habit, minlength=HABITS)
    even = 1 - months / 12
    return np.asarray((late + LEAST_SOLD * even) / (sellers + LEAST_SOLD))


def _years_of_sales(sales: MonthlySales, months: int, before: int) -> Iterable[tuple[Codes, Array]]:
    for side in sales.sides:
        for year in side.years:
            now, last = side.of(year), side.of(year - 1)
            there = np.isfinite(now).all(axis=1) & np.isfinite(last).all(axis=1)
            there &= np.where(there, now.sum(axis=1), 0.0) > 0
            if year < before and there.any():
                yield habits(last[there]), now[there, :months].sum(axis=1) == 0


_LEAST_WIDTH = 0.05


@dataclass(frozen=True)
class Both:
    """Surprises of the flows of one base year: log of what came over the outlook's median.

    Attributes:
        near: in the earlier year.
        near_width: log of the outlook's 90 % over its 10 % quantile then.
        late: in the later year.
        late_width: of that year.
    """

    near: Array
    near_width: Array
    late: Array
    late_width: Array


@dataclass(frozen=True)
class Lasting:
    """How surprises last.

    Attributes:
        slope: of the later on the earlier, in logs.
        correlation: of both, each over its spread.
    """

    slope: float
    correlation: float


WHOLLY = Lasting(1.0, 1.0)
"""In the same year."""


def lasting(seen: Sequence[Both], ahead: tuple[int, int]) -> Lasting:
    """What earlier base years show of two horizons.

    The prior of both is that of a random walk's correlation, √(near/late).
    """
    prior = float(np.sqrt(ahead[0] / ahead[1]))
    count = sum(len(both.near) for both in seen)
    if not count:
        return Lasting(prior, prior)
    near, near_width, late, late_width = (
        np.concatenate([getattr(both, name) for both in seen])
        for name in ("near", "near_width", "late", "late_width")
    )
    near_width, late_width = (np.maximum(w, _LEAST_WIDTH) for w in (near_width, late_width))
    x, y = (
        np.clip(value / width, -FURTHEST, FURTHEST)
        for value, width in ((near, near_width), (late, late_width))
    )
    product = max(float(x @ y), 0.0)
    correlation = product / max(float(np.sqrt((x @ x) * (y @ y))), SMALL)
    raw = x * near_width / late_width
    slope = max(float(raw @ y), 0.0) / max(float(raw @ raw), SMALL)
    trust = count / (count + LEAST)
    return Lasting(
        trust * min(slope, 1.0) + (1 - trust) * prior,
        trust * min(correlation, 1.0) + (1 - trust) * prior,
    )
