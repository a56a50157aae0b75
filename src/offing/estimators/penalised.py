"""Regressions that are penalised a little, so that thin data stay tame.

Columns are scaled to one standard deviation first, so one penalty is fair to all; a column that
does not vary gets the coefficient 0.
"""

from dataclasses import dataclass

import numpy as np

from offing.estimators import Codes, Floats, Matrix
from offing.estimators.least_squares import solved, standardised, weighted_square
from offing.estimators.newton import Objective, Point, Search, newton

PENALTY = 0.01
"""Ridge penalty for each observation, on standardised columns."""
TOLERANCE = 1e-6
"""A step that gains a smaller share of the objective is the last."""
REWEIGHTED = 5
"""Rounds of least squares that a regression of the median takes."""
LARGEST = 30.0
"""Largest linear predictor in absolute value: exp() of it is still a number."""


@dataclass(frozen=True)
class Linear:
    """``intercept + x @ slopes``."""

    intercept: float
    slopes: Floats

    def __call__(self, x: Matrix) -> Floats:
        """The linear predictor of each row."""
        return np.asarray(x @ self.slopes + self.intercept, dtype=float)


_SEARCH = Search(lambda gained, _: gained <= TOLERANCE)


def _with_intercept(
    x: Matrix, weight: Floats, objective: Objective, start: float, penalty: float
) -> Linear:
    k = x.shape[1]
    design = np.ones((len(x), k + 1))
    _, mean, deviation = standardised(x, weight, into=design[:, 1:])
    b = newton(
        design,
        objective,
        np.r_[start, np.zeros(k)],
        _SEARCH,
        penalty=np.r_[0.0, np.full(k, penalty * weight.sum())],
    ).coefficients
    slopes = b[1:] / deviation
    return Linear(float(b[0] - mean @ slopes), slopes)


def poisson(
    x: Matrix, y: Floats, offset: Floats, weight: Floats, penalty: float = PENALTY
) -> Linear:
    """Poisson pseudo-maximum likelihood: ``E[y] = exp(offset + a + x b)``; y ≥ 0, any unit.

    Santos Silva and Tenreyro (2006): consistent for the mean of a value that is often zero.
    """
    unit = float(weight @ y) / float(weight.sum())
    if unit <= 0:
        return Linear(-LARGEST, np.zeros(x.shape[1]))
    target = y / unit
    start = float(np.log(weight.sum() / (weight @ np.exp(offset - np.log(unit)))))
    shift = offset - np.log(unit)

    def objective(eta: Floats) -> Point:
        full = np.clip(eta + shift, -LARGEST, LARGEST)
        mean = np.exp(full)
        value = float(weight @ (mean - target * full))
        return Point(value, weight * (mean - target), weight * mean)

    return _with_intercept(x, weight, objective, start, penalty)


def logistic(x: Matrix, share: Floats, weight: Floats, penalty: float = PENALTY) -> Linear:
    """``E[share] = 1 / (1 + exp(-(a + x b)))`` for shares or events between 0 and 1.

    For shares this is the quasi-likelihood of Papke and Wooldridge (1996).
    """
    mean = float(weight @ share / weight.sum())
    if not 0.0 < mean < 1.0:
        return Linear(LARGEST if mean >= 1 else -LARGEST, np.zeros(x.shape[1]))

    def objective(eta: Floats) -> Point:
        full = np.clip(eta, -LARGEST, LARGEST)
        p = 1 / (1 + np.exp(-full))
        value = float(weight @ (np.logaddexp(0.0, full) - share * full))
        return Point(value, weight * (p - share), weight * p * (1 - p))

    return _with_intercept(x, weight, objective, float(np.log(mean / (1 - mean))), penalty)


def least_squares(x: Matrix, y: Floats, weight: Floats, penalty: float = PENALTY) -> Linear:
    """Weighted ridge regression."""
    z, mean, deviation = standardised(x, weight)
    centre = float(weight @ y / weight.sum())
    ridge = np.diag(np.full(x.shape[1], penalty * weight.sum() + 1e-9))
    slopes = solved(weighted_square(z, weight) + ridge, z.T @ (weight * (y - centre))) / deviation
    return Linear(centre - float(mean @ slopes), slopes)


def prediction_error(x: Matrix, penalty: float = PENALTY) -> float:
    """How much larger the error of new rows is than that of the rows a ridge regression saw.

    The root of ``(n + p) / (n - p)``, Akaike's final prediction error (1969, Annals of the
    Institute of Statistical Mathematics 21:243-247), with p the trace of the smoother and the
    intercept.
    """
    rows = len(x)
    z, _, _ = standardised(x, np.ones(rows))
    curvature = np.linalg.eigvalsh(z.T @ z / rows).clip(min=0.0)
    used = 1 + float(np.sum(curvature / (curvature + penalty)))
    return float(np.sqrt((rows + used) / max(rows - used, 1.0)))


def least_deviations(x: Matrix, y: Floats, weight: Floats, penalty: float = PENALTY) -> Linear:
    """Weighted ridge regression of the median: few wild rows do not bend it.

    Least squares, each row's weight over the size of its last error (Schlossmacher, 1973, Journal
    of the American Statistical Association 68:857-859); errors below a tenth of the median one
    count as that.
    """
    line = least_squares(x, y, weight, penalty)
    for _ in range(REWEIGHTED):
        off = np.abs(y - line(x))
        trusted = weight / np.maximum(off, 0.1 * np.median(off) + 1e-6)
        line = least_squares(x, y, trusted * (weight.sum() / trusted.sum()), penalty)
    return line


def shares(
    x: Matrix,
    y: Floats,
    offset: Floats,
    group: Codes,
    sampled: Floats,
    weight: Floats,
    penalty: float = PENALTY,
) -> Floats:
    """How a group's total is shared out: ``share = exp(offset + x b) / Σ_group exp(offset + x b)``.

    The multinomial pseudo-likelihood, which is Poisson PML with an effect for each group: what
    moves a whole group at once (a boom, a price) cannot mislead it.

    Args:
        x: rows × columns.
        y: amounts, at least 0, in any unit.
        offset: of each row.
        group: 0, 1, … in rising order; every group needs some y above zero.
        sampled: how many rows of its kind a row stands for.
        weight: of each group's amounts, by row.
        penalty: for each row.

    Returns:
        The slopes.
    """
    first = np.r_[0, np.flatnonzero(np.diff(group)) + 1]
    size = np.diff(np.r_[first, len(group)])
    amounts = y * weight * sampled
    amounts *= len(y) / amounts.sum()
    totals = np.add.reduceat(amounts, first)
    rows, ends = np.arange(len(y)), np.r_[first, len(y)]
    z, _, deviation = standardised(x, np.ones(len(y)))
    del x  # large, and read no more

    def objective(eta: Floats) -> Point:
        full = offset + eta
        top = np.maximum.reduceat(full, first)
        part = sampled * np.exp(full - np.repeat(top, size))
        whole = np.add.reduceat(part, first)
        mean = np.repeat(totals / whole, size) * part
        value = float(totals @ (np.log(whole) + top) - amounts @ full)

        def curvature(z: Matrix) -> Floats:
            from scipy.sparse import (
                csr_array,  # takes a tenth of a second, which kept fits need not
            )

            by_group = csr_array((mean, rows, ends)) @ z
            return weighted_square(z, mean) - weighted_square(by_group, 1 / totals)

        return Point(value, mean - amounts, curvature)

    k = z.shape[1]
    penalties = np.full(k, penalty * len(y))
    return newton(z, objective, np.zeros(k), _SEARCH, penalty=penalties).coefficients / deviation
