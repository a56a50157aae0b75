"""A plan recomputed without some of its moves, while a person waits.

What was struck stays struck and the moves switched off stay as today; the rest is solved again from
the plan that is there, which takes a fraction of a second. The moves left are weighed beside that
plan, all else as chosen, and one that is no longer likely enough is struck as well.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from offing.planning.inaction import COMPARED, PlanSearch, PlanSolution
from offing.planning.limits import refusal
from offing.planning.linear import InfeasibleError, Pool
from offing.planning.moves import chance, changed_markets, describe_moves, weigh_moves
from offing.planning.offers import Key, Risk
from offing.planning.outcome import Decision, fix_markets
from offing.planning.plan import ProfitDistribution
from offing.planning.programme import Programme
from offing.planning.solving import Solution, settle
from offing.planning.treasury import plan_with_money
from offing.study.decision import TAIL, scaled_profit
from offing.study.plan import StudyPlan
from offing.terms.errors import InputError

ROUNDS = 4
"""How often what is no longer likely is struck; more than enough for what one switch changes."""


@dataclass(frozen=True)
class Switchable:
    """A plan that can be recomputed: the solved plan and how its worst scenarios count.

    Attributes:
        solved: the plan.
        risk: of the study.
        sha256: of the study file that it was made from.
        factor: what is sold over what was computed, by the plan's record.
    """

    solved: PlanSolution
    risk: Risk
    sha256: str
    factor: float

    @classmethod
    def of(cls, planned: StudyPlan, sha256: str) -> "Switchable":
        """That of a study's plan."""
        return cls(planned.solved, planned.choices.risk, sha256, planned.decided.factor)


@dataclass(frozen=True)
class MarketSales:
    """Sales in the last year of the horizon in one market, USD, by the three ways."""

    market: str
    today_usd: float
    plan_usd: float
    remade_usd: float


@dataclass(frozen=True)
class RevisedPlan:
    """A plan without some of its moves.

    Attributes:
        off: the moves switched off.
        dropped: moves of the plan that no longer stand without those.
        added: moves that come instead.
        kept: how many moves of the plan stay.
        plan: profit of the whole plan over the horizon, discounted, CNY.
        remade: of this one.
        today: if nothing is done.
        lost_cny: mean profit of the whole plan less that of this one.
        chance_better: how often this one earns more than doing nothing; ``None`` where it is doing
            nothing. Hedges stay.
        gain_cny: its mean gain over doing nothing; ``gain_low_cny`` the 5 % quantile.
        markets: where the three differ.
        least_worst_cny: what the worst twentieth was asked to earn; ``None`` as the study has it.
    """

    off: tuple[Key, ...]
    dropped: tuple[Key, ...]
    added: tuple[Key, ...]
    kept: int
    plan: ProfitDistribution
    remade: ProfitDistribution
    today: ProfitDistribution
    lost_cny: float
    chance_better: float | None
    gain_cny: float
    gain_low_cny: float
    markets: tuple[MarketSales, ...]
    least_worst_cny: float | None


def revise_plan(
    state: Switchable, off: Collection[Key], least_worst_cny: float | None = None
) -> RevisedPlan:
    """The plan without some of its moves; keys that are no move of it change nothing.

    Args:
        state: the plan as it was handed back.
        off: the moves to leave out.
        least_worst_cny: what the worst twentieth of the worlds is to earn on average at least; as
            the study has it where ``None``.

    Raises:
        InputError: ``planning.limits_conflict`` where the limits need one of them, or no plan
            earns so much in the worst twentieth.
    """
    if least_worst_cny is not None:
        # The bound of a point of the frontier is what its own solve found, within that gap.
        least = least_worst_cny - COMPARED * abs(least_worst_cny)
        state = replace(state, risk=replace(state.risk, least_worst_cny=least))
    solved, programme = state.solved, state.solved.programme
    keys = programme.facts.keys
    moves = {move.key for move in solved.moves}
    chosen = tuple(key for key in keys if key in moves.intersection(off))
    bounded = least_worst_cny is not None
    solution, now = solved.solution, moves
    if chosen or bounded:
        solution, now = _solve_without(state, moves, chosen, bounded=bounded)
    gained = solution.outcome.profit - solved.stay.outcome.profit
    # The points that a bound is one of are as computed.
    factor = 1.0 if bounded else state.factor
    plan, remade, today = (
        scaled_profit(programme, one, factor) for one in (solved.solution, solution, solved.stay)
    )
    return RevisedPlan(
        off=chosen,
        dropped=tuple(key for key in keys if key in moves - now - set(chosen)),
        added=tuple(key for key in keys if key in now - moves),
        kept=len(now & moves),
        plan=plan,
        remade=remade,
        today=today,
        lost_cny=plan.mean - remade.mean,
        chance_better=chance(gained) if gained.any() else None,
        gain_cny=float(gained.mean()),
        gain_low_cny=float(np.quantile(gained, TAIL)),
        markets=_markets(state, solution, factor),
        least_worst_cny=least_worst_cny,
    )


def _solve_without(
    state: Switchable, moves: Collection[Key], off: Collection[Key], *, bounded: bool
) -> tuple[Solution, set[Key]]:
    """The best plan without these moves, and those that it has, all of them likely enough.

    Hedges are chosen as they are for the plan itself. ``bounded``: as a point of the frontier is
    found, with the plan's own hedges and no move struck besides, so that it is that point.

    Raises:
        InputError: ``planning.limits_conflict``.
    """
    solved, keys = state.solved, state.solved.programme.facts.keys
    struck = {move.key for move in solved.not_yet} - set(moves)
    groups = {keys.index(key) for key in (*struck, *off)}

    def quickly(programme: Programme, pool: Pool) -> PlanSolution:
        search = _Search(programme, solved, state.risk, pool)
        try:
            return replace(solved, programme=programme, solution=search.likely())
        except InfeasibleError:  # which limits conflict takes long to say: only at the end
            raise InputError("planning.limits_conflict", limits="", count=0) from None

    programme = fix_markets(solved.programme, solved.stay.decision, groups)
    try:
        if bounded:
            search = _Search(programme, solved, state.risk, Pool())
            solution = search.best(set(), solved.solution.decision)
        else:
            solution = plan_with_money(programme, state.risk, quickly).solution
    except (InputError, InfeasibleError):
        raise refusal(programme, state.risk) from None
    return solution, {
        keys[g] for g in changed_markets(programme, solution.decision, solved.stay.decision)
    }


class _Search(PlanSearch):
    """The rounds of a plan without some moves; ``known`` is the plan with them."""

    def __init__(self, programme: Programme, known: PlanSolution, risk: Risk, pool: Pool) -> None:
        super().__init__(programme, risk, known.stay, pool, COMPARED)
        self.known = known

    def likely(self) -> Solution:
        """The best plan of which each move is likely enough; the others are struck."""
        start, groups = self.known.solution.decision, set[int]()
        for last in (False,) * (ROUNDS - 1) + (True,):
            solution = self.best(groups, start)
            unlikely = self.unlikely(solution, groups)
            if last or not unlikely:
                break
            groups |= unlikely
            start = solution.decision
        return solution

    def best(self, groups: set[int], start: Decision) -> Solution:
        """The best plan; one with other moves than the known one's only where clearly better.

        Within what the solver leaves open two plans are as good as each other, and the one that a
        person knows goes first.
        """
        keys = set(range(len(self.programme.facts.keys)))
        known = self.known.solution.decision
        moving = set(changed_markets(self.programme, known, self.stay.decision))
        try:
            current = self.solve(groups | (keys - moving), start)
        except InfeasibleError:
            return self.solve(groups, start)
        other = self.solve(groups, current.decision)
        return other if other.value > current.value + 2 * COMPARED * abs(current.value) else current

    def unlikely(self, solution: Solution, groups: set[int]) -> set[int]:
        """Moves that are not likely enough: in passing, and then with the rest solved again."""
        moving = set(changed_markets(self.programme, solution.decision, self.stay.decision))
        still = set(range(len(self.programme.facts.keys))) - moving
        doubtful = set()
        for group in moving:
            of_group = self.programme.facts.group == group
            choice = np.where(of_group, self.stay.decision.choice, solution.decision.choice)
            as_chosen = replace(solution.decision, choice=choice)
            try:
                fixed = fix_markets(self.programme, self.stay.decision, groups | {group})
                beside = settle(fixed, self.risk, self.pool, as_chosen)
                if self.falls_short(solution, beside, group):
                    beside = self.solve(groups | still | {group}, solution.decision)
                    if self.falls_short(solution, beside, group):
                        doubtful.add(group)
            except InfeasibleError:
                continue  # the limits force it
        return doubtful

    def falls_short(self, solution: Solution, beside: Solution, group: int) -> bool:
        """Whether a move beats the plan beside it too seldom."""
        move = describe_moves(self.programme, solution.decision, self.stay.decision, group)
        likely = weigh_moves(self.programme, move, solution, beside).chance or 0.0
        return likely < self.known.threshold


def _markets(state: Switchable, solution: Solution, factor: float = 1.0) -> tuple[MarketSales, ...]:
    """Markets in which the recomputed plan differs from the plan, the largest difference first."""
    solved, programme = state.solved, state.solved.programme
    usd = programme.offers.sales_usd[:, -1, :].mean(axis=0, dtype=np.float64) * factor
    ways = [of.decision.share[-1] for of in (solved.stay, solved.solution, solution)]
    rows = []
    for market in sorted({market for _, market in programme.facts.keys}):
        in_market = np.array([offer.market == market for offer in programme.offers.rows])
        today, plan, new = (float(usd[in_market] @ share[in_market]) for share in ways)
        if abs(plan - new) >= 1:
            rows.append(MarketSales(market, today, plan, new))
    return tuple(sorted(rows, key=lambda row: -abs(row.plan_usd - row.remade_usd)))
