"""One step away from today: what changes, what it brings, how likely, when it pays back.

The gain of a move is the value of the plan less the value of the plan re-solved without it; its
chance, how often the one earns more than the other on the same scenarios. Gains need not add up:
moves compete for the same line hours.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from offing.planning.offers import Array, Key, Offer
from offing.planning.outcome import Decision, expected_shortfall
from offing.planning.programme import Programme
from offing.planning.solving import Solution

SMALL = 0.03
"""Shares that differ by less are no move: the last hours of a line find their place anyway."""
ROUNDING = 1e-9
"""Of the largest difference: what is smaller is the rounding of two sums."""
SAME = 1e-6
"""Prices that differ by less are the same."""


@dataclass(frozen=True)
class Move:
    """One step away from today; a result keeps it as :class:`offing.planning.plan.MoveSummary`.

    Attributes:
        kind: ``enter``, ``leave``, ``other_plant``, ``other_currency``, ``other_brand``,
            ``dearer``, ``cheaper``, ``grow`` or ``shrink``: the first of ``kinds``.
        before: today's offer, where there is one.
        after: the offer taken, where there is one.
        gain_cny: ``None`` where the limits allow no plan without it.
        alone_cny: ``None`` where limits forbid it as the only change.
        chance: share of scenarios in which the plan with it earns more than the one without.
        low_cny: the 5 % quantile of that difference.
        payback_years: median over the scenarios in which what was paid on the plan's day comes
            back within the horizon; ``None`` where nothing is paid or it comes back in none.
        reason: message key of why it is not made; empty of one that is.
        solved_again: whether the plan was solved again without it. Otherwise, of very many moves,
            gain and chance are beside the plan in which all else is left as chosen, and no less.
    """

    kind: str
    kinds: tuple[str, ...]
    model: str
    market: str
    before: Offer | None
    after: Offer | None
    units_before: Array
    units_after: Array
    sales_before_usd: Array
    sales_after_usd: Array
    gain_cny: float | None
    alone_cny: float | None
    mean_cny: float | None
    chance: float | None
    low_cny: float | None
    worst_cny: float | None
    payback_years: float | None
    payback_chance: float | None
    reason: str = field(default="", kw_only=True)
    solved_again: bool = field(default=False, kw_only=True)

    @property
    def key(self) -> Key:
        """The model and the market."""
        return self.model, self.market

    @property
    def is_forced(self) -> bool:
        """Whether the limits allow no plan without it."""
        return self.gain_cny is None


def changed_markets(programme: Programme, decision: Decision, stay: Decision) -> list[int]:
    """Groups in which a decision differs from staying."""
    differs = np.abs(decision.share - stay.share).max(axis=0, initial=0) > SMALL
    differs |= (decision.choice > 0.5) != (stay.choice > 0.5)
    return sorted(set(programme.facts.group[differs].tolist()))


def kinds_of(before: Offer | None, after: Offer | None, units: float, *, sold: bool) -> list[str]:
    """What changes between two offers; ``units`` is what is sold more in all years."""
    if after is None:
        return ["leave"]
    if before is None and not sold:
        return ["enter"]
    kinds = []
    if before is not None:
        if (after.plant, after.line) != (before.plant, before.line):
            kinds.append("other_plant")
        if after.currency != before.currency:
            kinds.append("other_currency")
        if after.brand != before.brand:
            kinds.append("other_brand")
        if abs(after.price_usd / before.price_usd - 1) > SAME:
            kinds.append("dearer" if after.price_usd > before.price_usd else "cheaper")
    return kinds or ["grow" if units > 0 else "shrink"]


def chance(gained: Array) -> float:
    """How often a difference is a gain; no difference, but for rounding, counts half."""
    none = np.abs(gained) <= ROUNDING * np.abs(gained).max(initial=0.0)
    return float(((gained > 0) & ~none).mean() + none.mean() / 2)


def payback(programme: Programme, cash: Array) -> tuple[float | None, float | None]:
    """Years until what is paid on the plan's day has come back: median, and share of scenarios.

    ``cash`` is scenarios × (1 + years), discounted; not discounted for this.
    """
    paid = -cash[:, 0]
    if paid.max() <= 0:
        return None, None
    yearly = cash[:, 1:] / programme.offers.discount
    before = np.cumsum(yearly, axis=1) - yearly - paid[:, None]
    reached = before + yearly >= 0
    first = reached.argmax(axis=1)
    come = reached.any(axis=1)
    rows = np.flatnonzero(come)
    if not rows.size:
        return None, 0.0
    within = -before[rows, first[rows]] / yearly[rows, first[rows]]
    return float(np.median(first[rows] + within)), float(come.mean())


def _chosen_offer(programme: Programme, decision: Decision, group: int) -> int | None:
    chosen = np.flatnonzero((programme.facts.group == group) & (decision.choice > 0.5))
    return int(chosen[0]) if chosen.size else None


def describe_moves(programme: Programme, plan: Decision, stay: Decision, group: int) -> Move:
    """What changes in one (model, market), not yet what it brings."""
    facts = programme.facts
    old, new = _chosen_offer(programme, stay, group), _chosen_offer(programme, plan, group)
    before = None if old is None else programme.offers.rows[old]
    after = None if new is None else programme.offers.rows[new]
    of_group = facts.group == group

    def by_year(values: Array, decision: Decision) -> Array:
        return np.asarray((values[:, of_group] * decision.share[:, of_group]).sum(axis=1))

    units = by_year(facts.units, stay), by_year(facts.units, plan)
    sold = any(programme.offers.rows[offer].sold for offer in np.flatnonzero(of_group))
    kinds = kinds_of(before, after, float((units[1] - units[0]).sum()), sold=sold)
    model, market = facts.keys[group]
    return Move(
        kinds[0],
        tuple(kinds),
        model,
        market,
        before,
        after,
        *units,
        by_year(facts.sales_usd, stay),
        by_year(facts.sales_usd, plan),
        *[None] * 8,
    )


def weigh_moves(programme: Programme, move: Move, plan: Solution, without: Solution) -> Move:
    """A move with what it brings: the plan beside the plan without it, scenario by scenario."""
    cash = plan.outcome.cash - without.outcome.cash
    gained = cash.sum(axis=1)
    years, share = payback(programme, cash)
    return replace(
        move,
        gain_cny=plan.value - without.value,
        mean_cny=float(gained.mean()),
        chance=chance(gained),
        low_cny=float(np.quantile(gained, 0.05)),
        worst_cny=-expected_shortfall(gained),
        payback_years=years,
        payback_chance=share,
    )
