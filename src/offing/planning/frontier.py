"""The frontier of mean and worst: three plans to take one of, and what else lies beside them.

Nobody is asked for λ. The boldest plan has the highest mean, the most careful the best average of
the worst twentieth, and between them one bears half of what lies between.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from offing.planning.limits import Risk
from offing.planning.linear import Pool
from offing.planning.outcome import Decision, Outcome, outcome
from offing.planning.programme import Programme
from offing.planning.solving import GAP, Effort, Solution, solve

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
