"""One step away from today: what changes, what it brings, how likely, when it pays back.

The gain of a move is the value of the plan less the value of the plan re-solved without it; its
chance, how often the one earns more than the other on the same scenarios. Gains need not add up:
moves compete for the same line hours.

What is learnt before or after deciding: pilots, and the value of a figure heard first.

*A pilot* (试点进入) is an entry in stages: a first year, then to go on or to stop by what came. The
rule is a threshold: go on where the first year sold at least so much. What is to be expected of the
later years rises with the first one's units, so no other rule by these units does better; it is
found by trying every threshold on the scenarios. The right to stop is a real option (Dixit and
Pindyck 1994, Investment under Uncertainty, chapter 2). Supposed is that a first year sells no less
where the costs that can wait (listing, promotion) are paid on going on. Who knows better says what
a pilot costs.

*Information* (信息价值). Each draw of the plan's scenarios has a figure that could be asked (an
elasticity, a buyer's price, a cost) and what every candidate plan would earn. A regression of the
earnings on the figure gives what one would expect on hearing it, and the best candidate then:
Strong, Oakley, Brennan, Medical Decision Making 34, 2014 (perfect information about part of the
parameters, EVPPI).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

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
    gain_cny: float | None = None
    alone_cny: float | None = None
    mean_cny: float | None = None
    chance: float | None = None
    low_cny: float | None = None
    worst_cny: float | None = None
    payback_years: float | None = None
    payback_chance: float | None = None
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

    units_before, units_after = by_year(facts.units, stay), by_year(facts.units, plan)
    sold = any(programme.offers.rows[offer].sold for offer in np.flatnonzero(of_group))
    kinds = kinds_of(before, after, float((units_after - units_before).sum()), sold=sold)
    model, market = facts.keys[group]
    return Move(
        kinds[0],
        tuple(kinds),
        model,
        market,
        before,
        after,
        units_before,
        units_after,
        by_year(facts.sales_usd, stay),
        by_year(facts.sales_usd, plan),
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


Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pilot:
    """An entry with a stopping rule; amounts in CNY, discounted to the plan's day.

    Attributes:
        units: the middle of what the first year sells.
        go_on_units: go on where it sells at least so many.
        at_risk_cny: what is lost on average in the scenarios that stop; 0 where nothing is.
        worth_cny: mean, with the stop.
        straight_cny: mean of entering at once and staying.
        chance: share of scenarios that go on.
        comparable: how many entries of its own the firm's ledger shows, and how many of them sold
            the share of the country's exports that ``go_on_units`` are; (0, 0) where none is seen.
        cost_cny: paid on the plan's day.
        later_cny: paid on going on, not discounted.
    """

    units: float
    go_on_units: float
    at_risk_cny: float
    worth_cny: float
    straight_cny: float
    chance: float
    comparable: tuple[int, int] = (0, 0)
    cost_cny: float = 0.0
    later_cny: float = 0.0


def best_pilot(
    units: Floats, profit_cny: Floats, discount: Floats, cost: float, later: float, first: int = 0
) -> Pilot | None:
    """The pilot of an entry, with the threshold that is worth most on average.

    Args:
        units: scenarios × years, sold while the entry is there.
        profit_cny: scenarios × years, after what keeping the market costs.
        discount: years, what a yuan of each is worth on the plan's day.
        cost: CNY of the pilot, paid on that day.
        later: CNY paid at the end of the first year, on going on.
        first: the place of the year at whose end it is decided; what came before counts to it.

    Returns:
        ``None`` where no year is left to go on in, or no pilot is worth anything.
    """
    if first + 1 >= len(discount):
        return None
    cash = profit_cny.astype(np.float64) * discount
    begun = cash[:, : first + 1].sum(axis=1) - cost
    rest = cash[:, first + 1 :].sum(axis=1) - discount[first] * later
    if begun.mean() + np.maximum(rest, 0.0).mean() <= 0:
        return None
    sold = units[:, : first + 1].sum(axis=1, dtype=np.float64)
    order = np.argsort(-sold, kind="stable")
    ranked = sold[order]
    # Scenarios that sell the same go on together.
    ends = np.append(ranked[1:] != ranked[:-1], True)
    gained = np.where(ends, np.cumsum(rest[order]), -np.inf)
    best = int(gained.argmax())
    worth = float(begun.mean() + gained[best] / len(rest))
    if gained[best] <= 0 or worth <= 0:
        return None
    stops = sold < ranked[best]
    return Pilot(
        units=float(np.median(sold)),
        go_on_units=float(ranked[best]),
        at_risk_cny=max(-float(begun[stops].mean()), 0.0) if stops.any() else 0.0,
        worth_cny=worth,
        straight_cny=float(cash.sum(axis=1).mean()) - cost - later,
        chance=float(1 - stops.mean()),
        cost_cny=cost,
        later_cny=later,
    )


def pilots_within(budget: float | None, pilots: Mapping[Key, Pilot]) -> tuple[Key, ...]:
    """The most valuable pilots that a budget pays for, those of most worth first.

    The budget counts what is paid on the plan's day; on going on, a person decides again. Exact:
    of all choices those are kept beside which no other costs less and is worth more.

    Args:
        budget: CNY; ``None`` without one.
        pilots: by model and market.
    """
    ranked = sorted(pilots, key=lambda key: -pilots[key].worth_cny)
    if budget is None:
        return tuple(ranked)
    kept: list[tuple[float, float, tuple[Key, ...]]] = [(0.0, 0.0, ())]
    for key in ranked:
        pilot = pilots[key]
        longer = [
            (cost + pilot.cost_cny, worth + pilot.worth_cny, (*chosen, key))
            for cost, worth, chosen in kept
            if cost + pilot.cost_cny <= budget
        ]
        everything = sorted([*kept, *longer], key=lambda one: (one[0], -one[1]))
        kept, most = [], -1.0
        for choice in everything:
            if choice[1] > most:
                kept.append(choice)
                most = choice[1]
    return kept[-1][2]


KNOTS = 4
"""Inner knots of the natural cubic spline, at quantiles of the figure."""


def expected_given(earned: Floats, figure: Floats) -> Floats:
    """What each candidate would be expected to earn on hearing the figure of each draw.

    Least squares on a natural cubic spline; a figure of fewer values than knots is a class each.
    """
    values = np.unique(figure)
    if len(values) <= KNOTS + 2:
        basis = (figure[:, None] == values[None, :]).astype(np.float64)
    else:
        basis = natural_spline(figure)
    basis /= np.linalg.norm(basis, axis=0)
    # normal equations: six columns of one length, and hundreds of candidates
    return np.asarray(basis @ np.linalg.solve(basis.T @ basis, basis.T @ earned))


def natural_spline(figure: Floats) -> Floats:
    """A natural cubic spline's basis (Hastie, Tibshirani and Friedman 2009, section 5.2.1)."""
    scaled = (figure - figure.mean()) / figure.std()
    knots = np.quantile(scaled, np.linspace(0.01, 0.99, KNOTS + 2))
    cubes = np.maximum(scaled[:, None] - knots[None, :], 0.0) ** 3
    last = (cubes - cubes[:, -1:]) / (knots[-1] - knots + np.eye(len(knots))[-1])
    bent = last[:, :-2] - last[:, -2:-1]
    return np.column_stack([np.ones_like(scaled), scaled, bent])
