"""A plan as moves away from today: what each brings, how likely, and which are not made.

The gain of a move is the value of the plan less the value of the plan re-solved without it; its
chance, how often the one earns more than the other on the same scenarios. A move whose chance is
below the threshold is struck and the rest is solved again. Gains need not add up: moves compete for
the same line hours.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offing.planning.linear import InfeasibleError, Pool, Risk
from offing.planning.offers import Array, Offer
from offing.planning.outcome import Decision, outcome
from offing.planning.programme import Places, Programme
from offing.planning.shortfall import expected_shortfall
from offing.planning.solving import GAP, Solution, solve, value_of
from offing.planning.today import held, staying
from offing.terms.messages import say
from offing.terms.progress import tell

THRESHOLD = 2 / 3
"""A move less likely than this to beat doing nothing is not made."""

SAME = 1e-6
"""Shares that differ by less are the same."""

Veto = Callable[["Move"], str | None]
"""Looks at a move and says why it is not to be made, as a message key; ``None`` lets it pass."""


@dataclass(frozen=True)
class Move:
    """One step away from today.

    Attributes:
        kind: ``enter``, ``leave``, ``other_plant``, ``other_currency``, ``other_brand``,
            ``dearer``, ``cheaper``, ``grow`` or ``shrink``: the first of ``kinds``.
        kinds: all that change.
        model: the firm's article.
        market: alpha-3.
        before: today's offer, where there is one.
        after: the offer taken, where there is one.
        units_before: mean units by year, if nothing is done.
        units_after: as planned.
        sales_before_usd: mean sales by year, if nothing is done.
        sales_after_usd: as planned.
        gain_cny: value of the plan less that of the plan re-solved without the move; ``None`` where
            the limits allow no plan without it.
        alone_cny: what it brings as the only change from today; ``None`` where limits forbid that.
        mean_cny: by how much it raises the mean profit.
        chance: share of scenarios in which the plan with it earns more than the one without.
        low_cny: the 5 % quantile of that difference.
        worst_cny: its average in the worst twentieth.
        by_year_cny: mean difference on the plan's day and by year, discounted.
        payback_years: median over the scenarios in which what was paid on the plan's day comes
            back within the horizon; ``None`` where nothing is paid or it comes back in none.
        payback_chance: the share of those scenarios; ``None`` where nothing is paid.
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
    by_year_cny: Array | None
    payback_years: float | None
    payback_chance: float | None

    @property
    def forced(self) -> bool:
        """Whether the limits allow no plan without it."""
        return self.gain_cny is None


@dataclass(frozen=True)
class NotYet:
    """A move that was not made, and why: a message key."""

    move: Move
    reason: str


@dataclass(frozen=True)
class Plan:
    """Moves away from today; none means: stay.

    Attributes:
        programme: what was solved.
        solution: the plan.
        stay: doing nothing.
        moves: by gain, the largest first; forced ones last.
        not_yet: moves that were struck, by gain.
        threshold: the chance asked of a move.
    """

    programme: Programme
    solution: Solution
    stay: Solution
    moves: tuple[Move, ...]
    not_yet: tuple[NotYet, ...]
    threshold: float


class _Search:
    """What the rounds of striking share."""

    def __init__(
        self, programme: Programme, risk: Risk, stay: Solution, pool: Pool, gap: float
    ) -> None:
        self.programme, self.risk, self.stay = programme, risk, stay
        self.pool, self.gap = pool, gap
        self.struck: set[int] = set()
        self.tried: set[int] = set()
        self.forced: set[int] = set()
        self.latest: list[int] = []
        self.narrowed = False

    def solve(self, groups: set[int]) -> Solution:
        """The best plan in which these (model, market) stay as they are."""
        kept = held(self.programme, self.stay.decision, groups)
        return solve(kept, self.risk, self.pool, self.gap)

    def solved(self) -> Solution:
        """The best plan without what was struck; what the limits force is taken back."""
        while True:
            try:
                return self.solve(self.struck)
            except InfeasibleError:
                if not self.latest:
                    raise
                back = self.latest.pop()
                self.struck.discard(back)
                self.forced.add(back)

    def strike(self, group: int, after: Offer | None) -> None:
        """Close the offer that was taken; the second time, or without one, hold the market."""
        if group in self.tried or after is None:
            self.struck.add(group)
            self.latest.append(group)
            return
        self.tried.add(group)
        closed = self.programme.closed.copy()
        here = np.flatnonzero(self.programme.facts.group == group)
        closed[[place for place in here if self.programme.offers.rows[place] == after]] = True
        self.programme = replace(self.programme, closed=closed)

    def close(self, offers: NDArray[np.bool_]) -> None:
        """Close offers that are unlikely even alone; once."""
        if not self.narrowed:
            self.narrowed = True
            self.programme = replace(self.programme, closed=self.programme.closed | offers)

    def alone(self, moves: Sequence[Move]) -> list[Move]:
        """The moves with what each brings as the only change from today."""
        keys = self.programme.facts.keys
        every = set(range(len(keys)))
        try:
            base = self.solve(every).value
        except InfeasibleError:
            # Today itself breaks a limit: no move stands alone.
            return list(moves)
        found = []
        for move in moves:
            group = keys.index((move.model, move.market))
            try:
                found.append(replace(move, alone_cny=self.solve(every - {group}).value - base))
            except InfeasibleError:
                found.append(move)
        return found


def settled_as(programme: Programme, risk: Risk, decision: Decision) -> Solution:
    """A decision as it stands, with what it earns."""
    result = outcome(programme, decision)
    value = value_of(result, risk)
    return Solution(decision, result, value, value)


def _measured(search: _Search, solved: Solution) -> dict[int, Move]:
    groups = changed(search.programme, solved.decision, search.stay.decision)
    moves = {}
    for number, group in enumerate(groups):
        tell(say("planning.weighing_moves", count=len(groups)), number / len(groups))
        moves[group] = _move(search, solved, group)
    return moves


def _reason(move: Move, threshold: float, veto: Veto | None) -> str | None:
    if move.forced:
        return None
    if (move.chance or 0.0) < threshold:
        return "planning.not_likely"
    return veto(move) if veto is not None else None


def changed(programme: Programme, decision: Decision, stay: Decision) -> list[int]:
    """Groups in which a decision differs from staying."""
    differs = np.abs(decision.share - stay.share).max(axis=0, initial=0) > SAME
    differs |= (decision.choice > 0.5) != (stay.choice > 0.5)
    return sorted(set(programme.facts.group[differs].tolist()))


def kinds_of(before: Offer | None, after: Offer | None, units: float, *, sold: bool) -> list[str]:
    """What changes between two offers; ``units`` is what is sold more in all years."""
    if after is None:
        return ["leave"]
    if before is None and not sold:
        return ["enter"]
    found = []
    if before is not None:
        if (after.plant, after.line) != (before.plant, before.line):
            found.append("other_plant")
        if after.currency != before.currency:
            found.append("other_currency")
        if after.brand != before.brand:
            found.append("other_brand")
        if after.price_usd != before.price_usd:
            found.append("dearer" if after.price_usd > before.price_usd else "cheaper")
    return found or ["grow" if units > 0 else "shrink"]


def payback(programme: Programme, cash: Array) -> tuple[float | None, float | None]:
    """Years until what is paid on the plan's day has come back: median, and share of scenarios.

    Args:
        programme: with its discounts.
        cash: scenarios × (1 + years), discounted; not discounted for this.
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


def _taken(programme: Programme, decision: Decision, group: int) -> int | None:
    here = np.flatnonzero((programme.facts.group == group) & (decision.choice > 0.5))
    return int(here[0]) if here.size else None


def _move(search: _Search, plan: Solution, group: int) -> Move:
    """Measure one move by solving without it."""
    programme, stay = search.programme, search.stay
    facts = programme.facts
    old = _taken(programme, stay.decision, group)
    new = _taken(programme, plan.decision, group)
    before = None if old is None else programme.offers.rows[old]
    after = None if new is None else programme.offers.rows[new]
    here = facts.group == group

    def by_year(values: Array, decision: Decision) -> Array:
        total: Array = (values[:, here] * decision.share[:, here]).sum(axis=1)
        return total

    units = by_year(facts.units, stay.decision), by_year(facts.units, plan.decision)
    sold = any(programme.offers.rows[place].sold for place in np.flatnonzero(here))
    kinds = kinds_of(before, after, float((units[1] - units[0]).sum()), sold=sold)
    model, market = facts.keys[group]
    move = Move(
        kinds[0],
        tuple(kinds),
        model,
        market,
        before,
        after,
        *units,
        by_year(facts.sales_usd, stay.decision),
        by_year(facts.sales_usd, plan.decision),
        *[None] * 9,
    )
    try:
        without = search.solve(search.struck | {group})
    except InfeasibleError:
        return move
    cash = plan.outcome.cash - without.outcome.cash
    gained = cash.sum(axis=1)
    years, chance = payback(programme, cash)
    return replace(
        move,
        gain_cny=plan.value - without.value,
        mean_cny=float(gained.mean()),
        chance=float((gained > 0).mean() + (gained == 0).mean() / 2),
        low_cny=float(np.quantile(gained, 0.05)),
        worst_cny=-expected_shortfall(gained),
        by_year_cny=cash.mean(axis=0),
        payback_years=years,
        payback_chance=chance,
    )


def unlikely(programme: Programme, stay: Decision, threshold: float) -> NDArray[np.bool_]:
    """Offers that even alone, with every line free, beat today in too few scenarios."""
    offers, facts = programme.offers, programme.facts
    today = np.full(len(facts.keys), -1)
    places = np.flatnonzero(stay.choice > 0.5)
    today[facts.group[places]] = places
    found = np.zeros(len(offers.rows), dtype=bool)
    # By blocks: all offers in all scenarios at once would be a copy of the largest array there is.
    for block in np.array_split(np.arange(len(offers.rows)), max(len(offers.rows) // 2000, 1)):
        earned = _alone(programme, block)
        now = today[facts.group[block]]
        sold = np.flatnonzero(now >= 0)
        stays, back = np.unique(now[sold], return_inverse=True)
        earned[:, sold] -= _alone(programme, stays)[:, back]
        found[block] = (earned > 0).mean(axis=0) < threshold
    found[places] = False
    return found


def _alone(programme: Programme, offers: Places) -> Array:
    """Scenarios × offers, discounted profit of each taken whole."""
    rows = [programme.offers.rows[place] for place in offers]
    discount = programme.offers.discount
    earned = np.einsum("syn,y->sn", programme.offers.profit_cny[:, :, offers], discount)
    keep = np.array([row.keep_cny for row in rows])
    if keep.any():
        alive = np.einsum("syn,y->sn", programme.offers.units[:, :, offers] > 0, discount)
        earned = earned - keep * alive
    once = np.array([row.entry_cny for row in rows]) + programme.deduction[offers]
    less: Array = earned - once
    return less


def plan(
    programme: Programme,
    risk: Risk,
    *,
    threshold: float = THRESHOLD,
    veto: Veto | None = None,
    pool: Pool | None = None,
    gap: float = GAP,
) -> Plan:
    """The moves that are worth making, and those that are not yet.

    In each round the less likely half of the moves that fall short is struck. A market whose move
    was struck may be tried once more in another way, among the offers that are likely enough on
    their own; after that it stays as it is.

    Raises:
        InfeasibleError: no plan meets the limits.
    """
    pool = Pool() if pool is None else pool
    stay = settled_as(programme, risk, staying(programme))
    search = _Search(programme, risk, stay, pool, gap)
    not_yet: dict[int, NotYet] = {}
    while True:
        solved = search.solved()
        moves = _measured(search, solved)
        failing = {
            group: reason
            for group, move in moves.items()
            if group not in search.forced and (reason := _reason(move, threshold, veto))
        }
        if not failing:
            break
        order = sorted(failing, key=lambda group: (moves[group].chance or 0.0, group))
        for group in order[: (len(order) + 1) // 2]:
            not_yet.setdefault(group, NotYet(moves[group], failing[group]))
            search.strike(group, moves[group].after)
        search.close(unlikely(search.programme, stay.decision, threshold))
    left = [item for group, item in not_yet.items() if group not in moves]
    made = sorted(moves.values(), key=lambda m: (m.forced, -(m.gain_cny or 0.0)))
    left.sort(key=lambda item: -(item.move.gain_cny or 0.0))
    return Plan(
        search.programme,
        solved,
        stay,
        tuple(search.alone(made)),
        tuple(replace(item, move=search.alone([item.move])[0]) for item in left),
        threshold,
    )
