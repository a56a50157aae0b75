"""Newton's method with step halving, and weighted least squares.

Cross products, their solution, what is collinear, sums by cluster.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from offing.estimators import Codes, Design, Floats, Matrix


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
            below it: then the columns are collinear. Not looked at where it is 0.
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
) -> tuple[Floats, NewtonPoint, bool]:
    """Minimise the objective, and half the penalty times the squared coefficients.

    Returns:
        the coefficients, the point there, and whether the method had converged.
    """
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
            return b, at, True
    return b, at, False


ROWS_AT_ONCE = 1_024
LEAST_DEVIATION = 1e-6
"""A column with less does not vary."""


def weighted_square(design: Design, weight: Floats) -> Floats:
    """``X' diag(weight) X``.

    Dense rows are taken ``ROWS_AT_ONCE`` at a time, so that the scaled copy stays in the cache; a
    plain product of so few rows is then quicker than a symmetric update.
    """
    if not isinstance(design, np.ndarray):
        return np.asarray((design.T @ design.multiply(weight[:, None]).tocsr()).toarray())
    whole = np.zeros((design.shape[1],) * 2)
    for start in range(0, len(design), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        whole += design[rows].T @ (design[rows] * weight[rows, None])
    return np.asarray(np.triu(whole) + np.triu(whole, 1).T)


def solve_normal_equations(normal: Floats, right: Floats) -> Floats:
    """``normal⁻¹ right`` by Cholesky, with rows and columns brought to one size first.

    Raises:
        numpy.linalg.LinAlgError: ``normal`` is not positive definite.
    """
    from scipy.linalg import cho_factor, cho_solve

    size = np.sqrt(np.diag(normal))
    factor = cho_factor(normal / np.outer(size, size))
    scale = size if right.ndim == 1 else size[:, None]
    return np.asarray(cho_solve(factor, right / scale) / scale)


def standardise(
    x: Matrix, weight: Floats, into: Floats | None = None
) -> tuple[Floats, Floats, Floats]:
    """Columns less their weighted mean over their deviation; that mean, and that deviation.

    A column that does not vary has an infinite deviation, and so becomes zero.

    Args:
        x: rows × columns.
        weight: of each row.
        into: where the columns are put; a new matrix where ``None``.
    """
    share = weight / weight.sum()
    if into is None:
        z = np.array(x, dtype=np.float64)
        mean = share @ z  # of single precision it would make a second copy
        z -= mean
    else:
        mean = share @ x
        z = np.subtract(x, mean, out=into)
    deviation = np.sqrt(np.einsum("i,ij,ij->j", share, z, z))
    deviation = np.where(deviation > LEAST_DEVIATION, deviation, np.inf)
    z /= deviation
    return z, np.asarray(mean), deviation


def independent(curvature: Floats, scale: Floats) -> list[int]:
    """Columns that the earlier ones and the effects do not give, in order.

    Args:
        curvature: cross products after the effects are taken out, ``(k, k)``.
        scale: sums of squares before, ``(k,)``.
    """
    chosen: list[int] = []
    for column in range(len(scale)):
        if curvature[column, column] <= 1e-10 * scale[column]:
            continue
        trial = curvature[np.ix_([*chosen, column], [*chosen, column])]
        if least_eigenvalue(trial) > 1e-10:
            chosen.append(column)
    return chosen


def least_eigenvalue(normal: Floats) -> float:
    """Of cross products scaled to a diagonal of ones; near 0 where columns are collinear."""
    size = np.sqrt(np.diag(normal))
    return float(np.linalg.eigvalsh(normal / size[:, None] / size)[0]) if size.min() > 0 else 0.0


def cluster_sums(scores: Floats, cluster: Codes) -> Floats:
    """The rows of each cluster, added up: clusters × columns."""
    sums = np.zeros((int(cluster.max()) + 1, scores.shape[1]))
    np.add.at(sums, cluster, scores)
    return sums
