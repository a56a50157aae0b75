"""Newton's method with step halving, for likelihoods of a linear predictor."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from offing.estimators import Design, Floats
from offing.estimators.least_squares import (
    least_eigenvalue,
    solve_normal_equations,
    weighted_square,
)


@dataclass(frozen=True)
class NewtonPoint:
    """An objective at a linear predictor.

    Attributes:
        value: what is minimised, such as a negative log likelihood.
        slope: its derivative in each row's predictor.
        curvature: design → its second derivative in the coefficients, or each row's weight in it.
    """

    value: float
    slope: Floats
    curvature: Callable[[Design], Floats] | Floats

    def hessian(self, design: Design) -> Floats:
        """The second derivative in the coefficients."""
        if callable(self.curvature):
            return self.curvature(design)
        return weighted_square(design, self.curvature)


@dataclass(frozen=True)
class Minimum:
    """Where Newton's method ended; ``settled`` says whether it had converged there."""

    coefficients: Floats
    at: NewtonPoint
    settled: bool


Objective = Callable[[Floats], NewtonPoint]
"""Linear predictor → the objective there."""


def halve_step(
    objective: Callable[[float], float], best: float, *, share: float = 1.0, slack: float
) -> float:
    """Halve how much of a step is gone until the objective is no worse; what it then is.

    Args:
        objective: of the share of the step, computed and remembered by the caller.
        best: the objective before the step.
        share: tried first.
        slack: by how much of ``best`` the objective may be worse, since it is rounded.
    """
    for _ in range(12):
        if (reached := objective(share)) <= best + slack * abs(best):
            break
        share /= 2
    return reached


@dataclass(frozen=True)
class Search:
    """When Newton's method ends.

    Attributes:
        settled: whether to stop, of the share of the objective that a step gained and the largest
            change of a coefficient.
        steps: allowed.
        slack: see :func:`halve_step`.
        collinear: the search ends unsettled where the least eigenvalue of the scaled curvature is
            below it: then the columns cannot be told apart. Not looked at where it is 0.
    """

    settled: Callable[[float, float], bool]
    steps: int = 25
    slack: float = 0.0
    collinear: float = 0.0


def newton(
    design: Design,
    objective: Objective,
    start: Floats,
    search: Search,
    penalty: Floats | None = None,
) -> Minimum:
    """Minimise the objective, and half the penalty times the squared coefficients."""
    ridge = np.zeros(len(start)) if penalty is None else penalty
    b, at = start, objective(design @ start)
    value = at.value + 0.5 * float(ridge @ (b * b))
    for _ in range(search.steps):
        hessian = at.hessian(design)
        if search.collinear and least_eigenvalue(hessian) < search.collinear:
            break
        if penalty is not None:
            hessian += np.diag(ridge + 1e-10 * np.trace(hessian) / len(b))
        step = solve_normal_equations(hessian, -(design.T @ at.slope) - ridge * b)
        before = b

        def objective_at(share: float, before: Floats = before, step: Floats = step) -> float:
            nonlocal b, at
            b = before + share * step
            at = objective(design @ b)
            return at.value + 0.5 * float(ridge @ (b * b))

        after, reached = at, halve_step(objective_at, value, slack=search.slack)
        if not reached <= value + search.slack * abs(value):
            b, at = before, after
            break
        gained, value = (value - reached) / max(abs(reached), 1.0), reached
        if search.settled(gained, float(np.abs(b - before).max())):
            return Minimum(b, at, True)
    return Minimum(b, at, False)
