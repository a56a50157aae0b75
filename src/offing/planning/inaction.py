"""Inaction is the default: a plan is a list of moves, and a move that is not likely is not made.

A move whose chance is below the threshold is struck and the rest is solved again, until every move
left is likely enough. With none left, or where all together bring too little, the plan is: stay.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offing.planning.limits import refusal
from offing.planning.linear import InfeasibleError, Master, Pool
from offing.planning.moves import Move, changed_markets, describe_moves, weigh_moves
from offing.planning.offers import INFINITE, Array, Offer, Risk
from offing.planning.outcome import Decision, fix_markets, outcome, status_quo_decision
from offing.planning.programme import Programme
from offing.planning.solving import GAP, Solution, settle, solve, value_of
from offing.terms.background import told_of
from offing.terms.messages import say

THRESHOLD = 2 / 3
"""A move less likely than this to beat doing nothing is not made."""

LEAST_GAIN = 0.02
"""A plan that promises less than this share of what today's way earns is not made. An assumption of
ours: two thirds of the 3 % at which a proof by planted worlds speaks of room. What a change costs
in attention stands in no ledger."""

COMPARED = 1e-4
"""The gap of plans that a move is compared with: a gain is known to this share of the value."""

DOUBT = 0.2
"""A move judged in passing to be likelier than the threshold by this much is not doubtful."""

IN_FULL = 40
"""So many moves, the largest, are weighed by solving again without each."""

Veto = Callable[[Move], str | None]
"""Looks at a move and says why it is not to be made, as a message key; ``None`` lets it pass."""


@dataclass(frozen=True)
class PlanSolution:
    """Moves away from today; none means: stay.

    Both lists are by gain, the largest first, forced moves last; moves that are not made have their
    reason. ``threshold`` is the chance asked of a move; ``money_failed`` says that hedges that fit
    its moves could not be found.
    """

    programme: Programme
    solution: Solution
    stay: Solution
    moves: tuple[Move, ...]
    not_yet: tuple[Move, ...]
    threshold: float
    money_failed: bool = False

    def keep_struck(self, programme: Programme) -> Programme:
        """A programme of these models and markets in which what was struck stays as today."""
        struck = [programme.facts.keys.index(move.key) for move in self.not_yet]
        return fix_markets(programme, status_quo_decision(programme), struck)


_State = tuple[set[int], NDArray[np.bool_]]
"""What is struck, and the offers that are closed."""


_Tried = tuple[set[int], _State, _State]
"""The groups whose moves were struck, what was struck and closed for them, and how it was before.
"""


class PlanSearch:
    """What the rounds of solving again share: the programme, doing nothing, what was learnt."""

    def __init__(
        self, programme: Programme, risk: Risk, stay: Solution, pool: Pool, gap: float
    ) -> None:
        self.programme, self.risk, self.stay = programme, risk, stay
        self.pool, self.gap = pool, gap
        self.struck: set[int] = set()
        self.tried: set[int] = set()
        self.is_forced: set[int] = set()
        self.latest: list[_Tried] = []
        self.trim_columns = False

    def solve(self, groups: set[int], start: Decision | None = None) -> Solution:
        """The best plan in which these (model, market) stay as they are; ``start`` is a hint."""
        kept = fix_markets(self.programme, self.stay.decision, groups)
        if start is not None:
            here = np.isin(self.programme.facts.group, list(groups))
            choice = np.where(here, self.stay.decision.choice, start.choice)
            start = replace(start, choice=choice)
        gap = self.gap if start is None else max(self.gap, COMPARED)
        return solve(kept, self.risk, self.pool, gap, start)

    def without(self, plan: Solution, group: int) -> Solution:
        """The plan re-solved without one of its moves and with no other put in its place.

        A substitute would make of two good moves two doubtful ones: each is hardly better than the
        other, and both are better than doing nothing.

        Raises:
            InfeasibleError: the limits force this move.
        """
        keys = set(range(len(self.programme.facts.keys)))
        moving = set(changed_markets(self.programme, plan.decision, self.stay.decision))
        try:
            return self.solve(self.struck | (keys - moving) | {group}, plan.decision)
        except InfeasibleError:
            return self.solve(self.struck | {group}, plan.decision)

    def move(self, plan: Solution, group: int) -> Move:
        """One move, weighed."""
        move = describe_moves(self.programme, plan.decision, self.stay.decision, group)
        try:
            found = weigh_moves(self.programme, move, plan, self.without(plan, group))
            return replace(found, solved_again=True)
        except InfeasibleError:
            return move

    def gain(self, plan: Solution, move: Move) -> Move:
        """A move with its gain: against the plan re-solved without it, substitutes allowed."""
        group = self.programme.facts.keys.index(move.key)
        try:
            others = self.solve(self.struck | {group}, plan.decision)
        except InfeasibleError:
            return replace(move, gain_cny=None)
        return replace(move, gain_cny=plan.value - others.value)

    def solved(self) -> Solution:
        """The best plan without what was struck; what the limits force is taken back.

        What was struck last is taken back until there is a plan; of that, only what leaves none
        when it is struck again is forced.
        """
        back: list[_Tried] = []
        while True:
            try:
                found = self.solve(self.struck)
                break
            except InfeasibleError:
                if not self.latest:
                    raise
                back.append(self.latest.pop())
                self._take(back[-1][-1])
        for groups, (struck, closed), _ in reversed(back):
            now = self.struck.copy(), self.programme.closed
            self._take((now[0] | struck, now[1] | closed))
            try:
                found = self.solve(self.struck)
            except InfeasibleError:
                self._take(now)
                self.is_forced |= groups
        return found

    def _take(self, state: _State) -> None:
        self.struck, self.programme = state[0], replace(self.programme, closed=state[1])

    def _try(self, groups: set[int], struck: set[int], closed: NDArray[np.bool_]) -> None:
        """Strike groups and close offers, so that it can be taken back."""
        before = self.struck, self.programme.closed
        self.latest.append((groups, (struck, closed), before))
        self._take((before[0] | struck, before[1] | closed))

    def strike(self, group: int, after: Offer | None) -> None:
        """Close the offer that was taken; the second time, or without one, hold the market."""
        # Selling more or less of today's own offer has no other way: that offer must stay open.
        none = np.zeros_like(self.programme.closed)
        if group in self.tried or after is None or after.today:
            self._try({group}, {group}, none)
            return
        self.tried.add(group)
        here = np.flatnonzero(self.programme.facts.group == group)
        none[[place for place in here if self.programme.offers.rows[place] == after]] = True
        self._try({group}, set(), none)

    def narrow(self, threshold: float) -> None:
        """Close offers that are unlikely on their own; once, where there is a plan without them."""
        if self.trim_columns:
            return
        try:
            relaxed = Master(self.programme, self.risk, self.pool).solve()
        except InfeasibleError:
            # Too much is struck for the limits; there is a next round.
            return
        self.trim_columns = True
        offers = unlikely(self.programme, self.stay.decision, threshold, relaxed.charge)
        self._try(set(), set(), offers)

    def alone(self, moves: Sequence[Move]) -> list[Move]:
        """The moves with what each brings as the only change from today, struck or not."""
        keys = self.programme.facts.keys
        every = set(range(len(keys)))
        try:
            base = self.solve(every).value
        except InfeasibleError:
            # Today itself breaks a limit: no move stands alone.
            return list(moves)
        found = []
        for move in moves:
            group = keys.index(move.key)
            kept = fix_markets(self._only(group, move.after), self.stay.decision, every - {group})
            try:
                value = solve(kept, self.risk, self.pool, self.gap).value
                found.append(replace(move, alone_cny=value - base))
            except InfeasibleError:
                found.append(move)
        return found

    def _only(self, group: int, after: Offer | None) -> Programme:
        """The programme in which a (model, market) has this offer and today's, though struck."""
        rows, closed = self.programme.offers.rows, self.programme.closed.copy()
        here = np.flatnonzero(self.programme.facts.group == group)
        closed[here] = [not rows[place].today and rows[place] != after for place in here]
        return replace(self.programme, closed=closed)


def _weigh_moves(search: PlanSearch, plan: Solution) -> dict[int, Move]:
    """Every move, weighed beside the plan in which all else is left as chosen.

    That takes a hundredth of the time of solving again.
    """
    programme, stay = search.programme, search.stay.decision
    moves = {}
    groups = changed_markets(programme, plan.decision, stay)
    for group in told_of(groups, say("planning.weighing_moves", count=len(groups))):
        moves[group] = describe_moves(programme, plan.decision, stay, group)
        choice = np.where(programme.facts.group == group, stay.choice, plan.decision.choice)
        kept = fix_markets(programme, stay, search.struck | {group})
        other = replace(plan.decision, choice=choice)
        with suppress(InfeasibleError):
            without = settle(kept, search.risk, search.pool, other)
            moves[group] = weigh_moves(programme, moves[group], plan, without)
    return moves


def _failing(
    search: PlanSearch,
    solved: Solution,
    moves: dict[int, Move],
    threshold: float,
    veto: Veto | None,
) -> dict[int, str]:
    """Weigh moves, into ``moves``, until some fall short, and say why those do.

    All are weighed in passing, then the doubtful in full and at last the others. Of more than
    :data:`IN_FULL` moves those that fall short in passing are struck at once, and only the largest
    are weighed in full.
    """
    passing = _weigh_moves(search, solved)
    moves.update(passing)
    sure = threshold + DOUBT
    many = len(passing) > IN_FULL

    def short(groups: Iterable[int]) -> dict[int, str]:
        reasons = {group: _reason(moves[group], threshold, veto) for group in groups}
        found = {g: r for g, r in reasons.items() if r is not None and g not in search.is_forced}
        return dict(sorted(found.items(), key=lambda item: moves[item[0]].chance or 0.0))

    if many and (failing := short(passing)):
        return failing
    largest = sorted(passing, key=lambda group: -(passing[group].gain_cny or INFINITE))[:IN_FULL]
    doubtful = [group for group in largest if (passing[group].chance or 0.0) < sure]
    for groups in (doubtful, [group for group in largest if group not in doubtful]):
        for group in told_of(groups, say("planning.weighing_moves", count=len(groups))):
            moves[group] = search.move(solved, group)
        if failing := short(groups):
            return failing
    return {}


def _reason(move: Move, threshold: float, veto: Veto | None) -> str | None:
    if move.is_forced:
        return None
    if (move.chance or 0.0) < threshold:
        return "planning.not_likely"
    return veto(move) if veto is not None else None


def _order(move: Move) -> tuple[bool, float]:
    """Moves that are wanted first, the one that gains most before the others."""
    return move.is_forced, -(move.gain_cny or 0.0)


def _too_little(search: PlanSearch, solved: Solution, moves: Mapping[int, Move]) -> Solution | None:
    """Today's way as a plan, where all moves together are not worth the change; else ``None``."""
    worth = LEAST_GAIN * abs(search.stay.outcome.mean)
    forced = any(move.is_forced for move in moves.values())
    if not moves or forced or solved.value - search.stay.value >= worth:
        return None
    with suppress(InfeasibleError):
        return search.solve(set(range(len(search.programme.facts.keys))))
    return None


def settled_as(programme: Programme, risk: Risk, decision: Decision) -> Solution:
    """A decision as it stands, with what it earns."""
    result = outcome(programme, decision)
    value = value_of(result, risk)
    return Solution(decision, result, value, value)


def unlikely(
    programme: Programme, stay: Decision, threshold: float, charge: Array
) -> NDArray[np.bool_]:
    """Offers that on their own beat today in too few scenarios, whether limits bind or not.

    ``charge`` is what each uses of hours, budgets and caps, at their prices: a dearer offer may
    earn less and free hours that are worth more. Where much is struck these limits come to bind no
    longer; so an offer is unlikely only where it is so with that charge and without.
    """
    offers, facts = programme.offers, programme.facts
    today = np.full(len(facts.keys), -1)
    places = np.flatnonzero(stay.choice > 0.5)
    today[facts.group[places]] = places
    found = np.zeros(len(offers.rows), dtype=bool)
    # By blocks: all offers in all scenarios at once would be a copy of the largest array there is.
    for block in np.array_split(np.arange(len(offers.rows)), max(len(offers.rows) // 2000, 1)):
        earned = offers.earned_alone(block)
        now = today[facts.group[block]]
        sold = np.flatnonzero(now >= 0)
        stays, back = np.unique(now[sold], return_inverse=True)
        earned[:, sold] -= offers.earned_alone(stays)[:, back]
        more = charge[block] - np.where(now >= 0, charge[now], 0.0)
        free, charged = (earned > 0).mean(axis=0), (earned > more).mean(axis=0)
        found[block] = np.maximum(free, charged) < threshold
    found[places] = False
    return found


def plan(
    programme: Programme,
    risk: Risk,
    *,
    threshold: float = THRESHOLD,
    veto: Veto | None = None,
    pool: Pool | None = None,
    gap: float = GAP,
    weighed: bool = True,
) -> PlanSolution:
    """The moves that are worth making, and those that are not yet.

    In each round the less likely half of the moves that fall short is struck. A market whose move
    was struck may be tried once more in another way, among the offers that are likely enough on
    their own; after that it stays as it is.

    Args:
        programme: from :func:`~offing.planning.programme.build`.
        risk: how the worst scenarios count.
        threshold: the chance asked of a move; 0 takes any plan, however little it brings.
        veto: other reasons not to make one.
        pool: what earlier solves of the same offers learnt.
        gap: of the value that may be left open.
        weighed: whether each move is measured in full and alone; the plan is the same without.

    Raises:
        InputError: ``planning.limits_conflict``, with a smallest set of limits that conflict.
    """
    pool = Pool() if pool is None else pool
    stay = settled_as(programme, risk, status_quo_decision(programme))
    search = PlanSearch(programme, risk, stay, pool, gap)
    not_yet: dict[int, Move] = {}
    while True:
        try:
            solved = search.solved()
        except InfeasibleError:
            raise refusal(programme, risk) from None
        moves: dict[int, Move] = {}
        failing = _failing(search, solved, moves, threshold, veto)
        if not failing:
            break
        search.latest.clear()
        for group in list(failing)[: (len(failing) + 1) // 2]:
            move = moves[group]
            if weighed and len(moves) <= IN_FULL:
                move = search.gain(solved, move)
            not_yet.setdefault(group, replace(move, reason=failing[group]))
            search.strike(group, move.after)
        search.narrow(threshold)
    if threshold and (settled := _too_little(search, solved, moves)) is not None:
        for group, move in moves.items():
            not_yet[group] = replace(search.gain(solved, move), reason="planning.too_little")
        solved, moves = settled, {}
    left = [move for group, move in not_yet.items() if group not in moves]
    made = sorted(moves.values(), key=_order)
    if not weighed:
        return PlanSolution(search.programme, solved, stay, tuple(made), tuple(left), threshold)
    made = [search.gain(solved, move) if move.solved_again else move for move in made]
    made.sort(key=_order)
    left.sort(key=_order)
    shown, count = search.alone([*made[:IN_FULL], *left[:IN_FULL]]), len(made[:IN_FULL])
    made[:IN_FULL], left[:IN_FULL] = shown[:count], shown[count:]
    return PlanSolution(search.programme, solved, stay, tuple(made), tuple(left), threshold)
