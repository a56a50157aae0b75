"""Weighted least squares: cross products, their solution, what is collinear, sums by cluster."""

import numpy as np

from offing.estimators import Codes, Design, Floats, Matrix

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
