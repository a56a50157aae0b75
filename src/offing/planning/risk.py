"""The frontier of mean and worst: three plans to take one of, and what else lies beside them.

Nobody is asked for λ. The boldest plan has the highest mean, the most careful the best average of
the worst twentieth, and between them one bears half of what lies between.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from offing.planning.facts import Risk
from offing.planning.inaction import PlanSolution, settled_as
from offing.planning.linear import Pool
from offing.planning.moves import changed_markets
from offing.planning.offers import Array, Offers
from offing.planning.outcome import Decision
from offing.planning.programme import Programme
from offing.planning.risk_figures import TurnFigures
from offing.planning.shortfall import LEVEL
from offing.planning.solving import GAP, Effort, Solution, solve
from offing.planning.status_quo import continue_sales, status_quo_decision
from offing.terms.errors import InputError

MOST_CAREFUL = 100.0
"""The worst counts so much more than the mean that only ties are left to it."""

NODES, ROUNDS = 200, 4
"""How far a point is searched: a curve is looked at, only the plan itself is searched whole."""

STEPS = (0.25, 0.5, 0.75)
"""Points between the ends; the middle one is offered."""


def frontier(
    programme: Programme,
    least_worst_cny: float | None = None,
    pool: Pool | None = None,
    gap: float = GAP,
    start: Decision | None = None,
) -> dict[str, Solution]:
    """Plans within the limits that cannot be better in both, from the most careful to the boldest.

    They are ``careful``, numbers of the curve with ``middle`` among them, and ``bold``, or that
    alone where nothing is traded. Where the firm has said what it can bear, ``least_worst_cny``,
    none is worse.

    Raises:
        InfeasibleError: no plan meets the limits.
    """
    pool = Pool() if pool is None else pool
    risk, short = Risk(0.0, least_worst_cny), Effort(gap, NODES, ROUNDS)
    bold = solve(programme, risk, pool, gap, start, short)
    averse, start = replace(risk, aversion=MOST_CAREFUL), bold.decision
    careful = solve(programme, averse, pool, gap, start, short)
    worst = -careful.outcome.shortfall, -bold.outcome.shortfall
    if worst[0] - worst[1] <= gap * max(map(abs, worst)):
        return {"bold": bold}
    curve = {"careful": careful}
    for step in STEPS:
        least = float(np.interp(step, (0, 1), worst))
        name = "middle" if step == 0.5 else f"{step:g}"
        curve[name] = solve(programme, Risk(0.0, least), pool, gap, careful.decision, short)
    return {**curve, "bold": bold}


@dataclass(frozen=True)
class Regret:
    """Regret of one plan among others on the same scenarios; CNY.

    Attributes:
        mean: over the scenarios.
        high: its 95 % quantile.
        best: share of the scenarios in which no other earns more; ties are shared.
    """

    mean: float
    high: float
    best: float


def regrets(profits: Mapping[str, Array]) -> dict[str, Regret]:
    """Regret of each plan.

    Args:
        profits: name → n, profit in each scenario.

    >>> found = regrets({"a": np.array([1.0, 5.0]), "b": np.array([3.0, 3.0])})
    >>> found["a"].mean, found["b"].mean, found["a"].best
    (1.0, 1.0, 0.5)
    """
    if not profits:
        return {}
    table = np.array(list(profits.values()))
    missed = table.max(axis=0) - table
    first = missed == 0
    shares = (first / first.sum(axis=0)).mean(axis=1)
    return {
        name: Regret(float(less.mean()), float(np.quantile(less, LEVEL)), float(share))
        for name, less, share in zip(profits, missed, shares, strict=True)
    }


FACTORS = (0.8, 1.2)
NARROWINGS = 9
"""Halvings of the interval in which a break-even lies: within 1/2,500 of the input."""


Rebuilt = Callable[[float], Programme]
"""The programme where an input is multiplied by a factor; same offers, same order."""


def rescale_offers(
    offers: Offers, *, units: float = 1.0, profit_cny: float = 1.0, sales_usd: float = 1.0
) -> Offers:
    """Offers whose arrays are multiplied, for inputs that act so: a growth, a margin, a rate."""
    return replace(
        offers,
        units=offers.units * units,
        profit_cny=offers.profit_cny * profit_cny,
        sales_usd=offers.sales_usd * sales_usd,
    )


class _World:
    """The plan at one value of an input."""

    def __init__(self, plan: PlanSolution, risk: Risk, programme: Programme) -> None:
        rows = plan.programme.offers.rows
        keys = [(o.model, o.market, o.plant, o.line, o.brand, o.currency) for o in rows]
        others = programme.offers.rows
        if keys != [(o.model, o.market, o.plant, o.line, o.brand, o.currency) for o in others]:
            raise InputError("planning.other_offers")
        self.plan, self.risk, self.programme = plan, risk, programme
        self.stay = status_quo_decision(programme)

    def value(self, decision: Decision) -> float:
        """What these choices and shares are worth here."""
        return settled_as(self.programme, self.risk, continue_sales(self.programme, decision)).value

    @cached_property
    def kept(self) -> float:
        """The value of the plan."""
        return self.value(self.plan.solution.decision)

    def gain(self) -> float:
        """Of the plan over doing nothing."""
        return self.kept - self.value(self.stay)

    def gain_of(self, group: int) -> float:
        """Of one move: all else as chosen."""
        decision = self.plan.solution.decision
        in_group = self.programme.facts.group == group
        choice = np.where(in_group, self.stay.choice, decision.choice)
        share = np.where(in_group, self.stay.share, decision.share)
        return self.kept - self.value(replace(decision, choice=choice, share=share))


def gains_at(
    plan: PlanSolution, risk: Risk, rebuilt: Rebuilt, factors: Sequence[float] = FACTORS
) -> tuple[float, ...]:
    """Gains of the plan over doing nothing where an input is multiplied; no loss is bounded.

    Raises:
        InputError: ``planning.other_offers`` where an input changes which offers there are.
    """
    free = replace(risk, least_worst_cny=None)
    return tuple(_World(plan, free, rebuilt(factor)).gain() for factor in factors)


def turning_points(
    plan: PlanSolution,
    risk: Risk,
    rebuilt: Rebuilt,
    factors: Sequence[float],
    watched: Collection[int],
) -> tuple[TurnFigures, ...]:
    """The moves that an end of an input turns around, and where.

    ``watched`` are the groups of the moves that are looked at.

    Raises:
        InputError: as :func:`gains_at`.
    """
    free, keys = replace(risk, least_worst_cny=None), plan.programme.facts.keys
    changed = changed_markets(plan.programme, plan.solution.decision, plan.stay.decision)
    turns = []
    for factor in factors:
        world = _World(plan, free, rebuilt(factor))
        for group in (group for group in changed if group in watched):
            if world.gain_of(group) <= 0:
                at = _break_even(plan, free, rebuilt, group, factor)
                turns.append(TurnFigures(*keys[group], at - 1))
    return tuple(turns)


def _break_even(
    plan: PlanSolution, risk: Risk, rebuilt: Rebuilt, group: int, factor: float
) -> float:
    """Bisection between the input as assumed and an end at which the move has turned."""
    good, bad = 1.0, factor
    for _ in range(NARROWINGS):
        middle = (good + bad) / 2
        if _World(plan, risk, rebuilt(middle)).gain_of(group) > 0:
            good = middle
        else:
            bad = middle
    return (good + bad) / 2
