"""What an agreement, or a cut of duties for all, does to a market's imports and customs revenue.

Line by line, as the World Bank's TRIST does (Brenton, Saborowski, Staritz and von Uexkull 2011,
World Trade Review 10(2)): imports of each origin under the new duties, and the duty on them, from
duties as they are collected where these are known. Demand is
:func:`offing.policy.partial.armington`, world prices held; SMART, which is linear, stands beside.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from offing.policy.effects import EffectRange, spread
from offing.policy.partial import Array, armington, smart


@dataclass(frozen=True)
class DutyLine:
    """A product's imports into a market, before duty, and duties, as shares.

    ``imports``, ``before`` and ``after`` are by origin.
    """

    product: str
    origins: tuple[str, ...]
    imports: Array
    before: Array
    after: Array


@dataclass(frozen=True)
class LineEffect:
    """What new duties change in a product, a year, in the currency of its imports.

    Attributes:
        product: HS code.
        imports: of all origins, today.
        change: of them.
        duty: today's on them, as a share: collected over imports.
        revenue: of customs, today.
        revenue_change: of it.
        home: of the origin that is looked at, today.
        home_change: of it.
        home_smart: the same by SMART, the mean.
    """

    product: str
    imports: float
    change: EffectRange
    duty: float
    revenue: float
    revenue_change: EffectRange
    home: float
    home_change: EffectRange
    home_smart: float


@dataclass(frozen=True)
class LineDraws:
    """K draws of a line: R changes of imports, and that of customs revenue."""

    line: DutyLine
    imports: Array
    revenue: Array
    smart: Array


def line_draws(line: DutyLine, substitution: Array, demand: float) -> LineDraws:
    """Imports and revenue under the new duties less today's.

    Args:
        line: today's imports and both duties.
        substitution: K, positive.
        demand: of all imports to their price, negative.

    >>> one = DutyLine("8528", ("VNM",), np.array([100.0]), np.array([0.25]), np.array([0.0]))
    >>> made = line_draws(one, np.array([3.0]), -1.0)
    >>> made.imports.tolist(), made.revenue.tolist()
    ([[25.0]], [-25.0])
    """
    factors = armington(line.imports, line.before, line.after, substitution, demand)
    later = line.imports * factors
    drawn = smart(line.imports, line.before, line.after, substitution, demand=demand)
    revenue = later @ line.after - float(line.imports @ line.before)
    return LineDraws(line, later - line.imports, revenue, drawn.creation + drawn.diversion)


def line_effect(drawn: LineDraws, home: str) -> LineEffect:
    """The figures of a line; those of ``home`` are nought where it sells nothing."""
    line = drawn.line
    mine = np.array([origin == home for origin in line.origins], dtype=float)
    today, revenue = float(line.imports.sum()), float(line.imports @ line.before)
    return LineEffect(
        line.product, today, spread(drawn.imports.sum(axis=1)), revenue / today, revenue,
        spread(drawn.revenue), float(line.imports @ mine), spread(drawn.imports @ mine),
        float((drawn.smart @ mine).mean()),
    )  # fmt: skip


@dataclass(frozen=True)
class OriginEffect:
    """What an origin sells in the market today, and its change over all lines."""

    origin: str
    today: float
    change: EffectRange


def effects_by_origin(drawn: Sequence[LineDraws]) -> tuple[OriginEffect, ...]:
    """The origins over all lines, who loses most first; draws of lines move together."""
    today: dict[str, float] = {}
    change: dict[str, Array] = {}
    for one in drawn:
        for at, origin in enumerate(one.line.origins):
            today[origin] = today.get(origin, 0.0) + float(one.line.imports[at])
            change[origin] = change.get(origin, 0.0) + one.imports[:, at]
    effects = (OriginEffect(origin, today[origin], spread(change[origin])) for origin in today)
    return tuple(sorted(effects, key=lambda one: one.change.mean))


def total_effects(drawn: Sequence[LineDraws]) -> tuple[EffectRange, EffectRange]:
    """Imports and customs revenue over all lines: their changes."""
    imports = sum((one.imports.sum(axis=1) for one in drawn), np.zeros(1))
    return spread(imports), spread(sum((one.revenue for one in drawn), np.zeros(1)))
