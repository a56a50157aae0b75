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
from offing.planning.outcome import Decision, Outcome, outcome
from offing.planning.programme import Programme
from offing.planning.shortfall import LEVEL
from offing.planning.solving import GAP, Effort, Solution, solve
from offing.planning.status_quo import continue_sales, status_quo_decision
from offing.terms.errors import InputError
from offing.terms.messages import say
from offing.terms.progress import told_of

MOST_CAREFUL = 100.0
"""The worst counts so much more than the mean that only ties are left to it."""

NODES, ROUNDS = 200, 4
"""How far a point is searched: a curve is looked at, only the plan itself is searched whole."""

STEPS = (0.25, 0.5, 0.75)
"""Points between the ends; the middle one is offered."""


@dataclass(frozen=True)
class Point:
    """A plan on the frontier, or beside it.

    Attributes:
        name: ``careful``, ``middle``, ``bold``, a number of the curve, or a comparison's name.
        mean_cny: mean discounted profit.
        worst_cny: average of the worst twentieth.
        quantile_cny: the 5 % quantile.
        solution: the plan, where it is one of the frontier.
    """

    name: str
    mean_cny: float
    worst_cny: float
    quantile_cny: float
    solution: Solution | None = None


@dataclass(frozen=True)
class Frontier:
    """Plans that cannot be better in both.

    The curve goes from the most careful to the boldest; ``dots`` are today and comparison plans.
    """

    curve: tuple[Point, ...]
    dots: tuple[Point, ...]

    @property
    def offered(self) -> tuple[Point, ...]:
        """The three points to take one of; fewer where they are the same plan."""
        return tuple(point for point in self.curve if point.name in ("careful", "middle", "bold"))


def _point(name: str, result: Outcome, solution: Solution | None = None) -> Point:
    return Point(name, result.mean, -result.shortfall, result.worst_year_of_twenty, solution)


def frontier(
    programme: Programme,
    least_worst_cny: float | None = None,
    comparisons: Mapping[str, Decision] | None = None,
    pool: Pool | None = None,
    gap: float = GAP,
    start: Decision | None = None,
) -> Frontier:
    """The frontier within the limits, with dots for other plans.

    Where the firm has said what it can bear, ``least_worst_cny``, no point is worse.

    Raises:
        InfeasibleError: no plan meets the limits.
    """
    pool = Pool() if pool is None else pool
    risk, short = Risk(0.0, least_worst_cny), Effort(gap, NODES, ROUNDS)
    bold = solve(programme, risk, pool, gap, start, short)
    averse, start = replace(risk, aversion=MOST_CAREFUL), bold.decision
    careful = solve(programme, averse, pool, gap, start, short)
    worst = -careful.outcome.shortfall, -bold.outcome.shortfall
    dots = tuple(
        _point(name, outcome(programme, decision)) for name, decision in (comparisons or {}).items()
    )
    ends = _point("careful", careful.outcome, careful), _point("bold", bold.outcome, bold)
    if worst[0] - worst[1] <= gap * max(map(abs, worst)):
        return Frontier((ends[1],), dots)
    between = []
    for step in STEPS:
        least = float(np.interp(step, (0, 1), worst))
        solution = solve(programme, Risk(0.0, least), pool, gap, careful.decision, short)
        name = "middle" if step == 0.5 else f"{step:g}"
        between.append(_point(name, solution.outcome, solution))
    return Frontier((ends[0], *between, ends[1]), dots)


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


@dataclass(frozen=True)
class Input:
    """Something the plan rests on.

    Attributes:
        name: for the reader; the caller's.
        value: as assumed, such as an elasticity of 4.7.
        rebuilt: the programme when this input is multiplied by a factor; same offers, same order.
    """

    name: str
    value: float
    rebuilt: Callable[[float], Programme]


@dataclass(frozen=True)
class Turn:
    """A move that does not survive one end of an input.

    ``factor`` is the end at which it has turned around, ``break_even`` the value of the input
    beyond which it does.
    """

    model: str
    market: str
    factor: float
    break_even: float


@dataclass(frozen=True)
class Bar:
    """One input of the tornado.

    ``gains_cny`` are of the plan over doing nothing, at each of the factors.
    """

    name: str
    value: float
    gains_cny: tuple[float, ...]
    turns: tuple[Turn, ...]


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


def _break_even(plan: PlanSolution, risk: Risk, varied: Input, group: int, factor: float) -> float:
    """Bisection between the input as assumed and an end at which the move has turned."""
    good, bad = 1.0, factor
    for _ in range(NARROWINGS):
        middle = (good + bad) / 2
        if _World(plan, risk, varied.rebuilt(middle)).gain_of(group) > 0:
            good = middle
        else:
            bad = middle
    return varied.value * (good + bad) / 2


def tornado(
    plan: PlanSolution,
    risk: Risk,
    inputs: Sequence[Input],
    factors: Sequence[float] = FACTORS,
    watched: Collection[int] | None = None,
) -> tuple[Bar, ...]:
    """The bars of the inputs, the widest first.

    The bound on the loss is left out. ``watched`` are the groups of the moves that are looked at
    for where they turn; all where ``None``.

    Raises:
        InputError: ``planning.other_offers`` where an input changes which offers there are.
    """
    free = replace(risk, least_worst_cny=None)
    groups = changed_markets(plan.programme, plan.solution.decision, plan.stay.decision)
    if watched is not None:
        groups = [group for group in groups if group in watched]
    bars = []
    for varied in told_of(inputs, say("planning.varying")):
        gains: list[float] = []
        turns: list[Turn] = []
        for factor in factors:
            world = _World(plan, free, varied.rebuilt(factor))
            gains.append(world.gain())
            for group in groups:
                if world.gain_of(group) <= 0:
                    at = _break_even(plan, free, varied, group, factor)
                    turns.append(Turn(*plan.programme.facts.keys[group], factor, at))
        bars.append(Bar(varied.name, varied.value, tuple(gains), tuple(turns)))
    return tuple(sorted(bars, key=_width, reverse=True))


def _width(bar: Bar) -> float:
    return max(bar.gains_cny) - min(bar.gains_cny)
