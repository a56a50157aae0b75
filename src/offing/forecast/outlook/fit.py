"""The four regressions of the outlook, each penalised a little so that thin data stay tame.

All are solved by Newton's method with step halving. Columns are scaled to one standard deviation
first, so one penalty is fair to all; a column that does not vary gets the coefficient 0.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import dsyrk
from scipy.sparse import csr_array

from offing.market.history import Array, Codes

Matrix = NDArray[np.floating]

PENALTY = 0.01
"""Ridge penalty for each observation, on standardised columns."""
STEPS = 25
TOLERANCE = 1e-6
LARGEST = 30.0
"""Largest linear predictor in absolute value: exp() of it is still a number."""


@dataclass(frozen=True)
class Linear:
    """``intercept + x @ slopes``."""

    intercept: float
    slopes: Array

    def __call__(self, x: Matrix) -> Array:
        """The linear predictor of each row."""
        return np.asarray(x @ self.slopes + self.intercept, dtype=float)


def _weighted_square(z: Matrix, weight: Array) -> Array:
    """``z' diag(weight) z`` by one symmetric rank-k update, half the work of a product."""
    half = dsyrk(1.0, (z * np.sqrt(weight)[:, None]).T)
    return np.asarray(np.triu(half) + np.triu(half, 1).T)


Curve = Callable[[Array], tuple[float, Array, Callable[[Matrix], Array]]]
"""Linear predictor → objective, its gradient in the predictor, and the curvature for a design."""


def _scaled(x: Matrix, weight: Array) -> tuple[Array, Array, Array]:
    share = weight / weight.sum()
    middle = share @ x
    z = x - middle
    spread = np.sqrt(np.einsum("i,ij,ij->j", share, z, z))
    varies = spread > 1e-6
    scale = np.where(varies, spread, np.inf)
    z /= scale
    return z, np.asarray(middle), scale


def _newton(z: Array, curve: Curve, start: Array, penalty: Array) -> Array:
    """Minimise objective + ½ Σ penalty · b²."""
    b = start
    value, slope, bend = curve(z @ b)
    value += 0.5 * float(penalty @ (b * b))
    for _ in range(STEPS):
        hessian = bend(z)
        ridge = penalty + 1e-10 * np.trace(hessian) / len(b)
        step = np.linalg.solve(hessian + np.diag(ridge), -(z.T @ slope) - penalty * b)
        size = 1.0
        while True:
            tried, slope_tried, bend_tried = curve(z @ (b + size * step))
            moved = b + size * step
            tried += 0.5 * float(penalty @ (moved * moved))
            if tried <= value or size < 1e-3:
                break
            size /= 2
        if not tried <= value:
            break
        gained = value - tried
        b, value, slope, bend = moved, tried, slope_tried, bend_tried
        if gained <= TOLERANCE * max(abs(value), 1.0):
            break
    return b


def _with_intercept(x: Matrix, weight: Array, curve: Curve, start: float, penalty: float) -> Linear:
    z, middle, scale = _scaled(x, weight)
    z = np.column_stack([np.ones(len(z)), z])
    b = _newton(
        z,
        curve,
        np.r_[start, np.zeros(x.shape[1])],
        np.r_[0.0, np.full(x.shape[1], penalty * weight.sum())],
    )
    slopes = b[1:] / scale
    return Linear(float(b[0] - middle @ slopes), slopes)


def poisson(x: Matrix, y: Array, offset: Array, weight: Array, penalty: float = PENALTY) -> Linear:
    """Poisson pseudo-maximum likelihood: ``E[y] = exp(offset + a + x b)``; y ≥ 0, any unit.

    Santos Silva and Tenreyro (2006): consistent for the mean of a value that is often zero.
    """
    unit = float(weight @ y) / float(weight.sum())
    if unit <= 0:
        return Linear(-LARGEST, np.zeros(x.shape[1]))
    target = y / unit
    start = float(np.log(weight.sum() / (weight @ np.exp(offset - np.log(unit)))))
    shift = offset - np.log(unit)

    def curve(eta: Array) -> tuple[float, Array, Callable[[Matrix], Array]]:
        full = np.clip(eta + shift, -LARGEST, LARGEST)
        mean = np.exp(full)
        pull = weight * mean
        value = float(weight @ (mean - target * full))
        return value, weight * (mean - target), lambda z: _weighted_square(z, pull)

    return _with_intercept(x, weight, curve, start, penalty)


def logistic(x: Matrix, share: Array, weight: Array, penalty: float = PENALTY) -> Linear:
    """``E[share] = 1 / (1 + exp(-(a + x b)))`` for shares or events between 0 and 1.

    For shares this is the quasi-likelihood of Papke and Wooldridge (1996).
    """
    mean = float(weight @ share / weight.sum())
    if not 0.0 < mean < 1.0:
        return Linear(LARGEST if mean >= 1 else -LARGEST, np.zeros(x.shape[1]))

    def curve(eta: Array) -> tuple[float, Array, Callable[[Matrix], Array]]:
        full = np.clip(eta, -LARGEST, LARGEST)
        p = 1 / (1 + np.exp(-full))
        pull = weight * p * (1 - p)
        value = float(weight @ (np.logaddexp(0.0, full) - share * full))
        return value, weight * (p - share), lambda z: _weighted_square(z, pull)

    return _with_intercept(x, weight, curve, float(np.log(mean / (1 - mean))), penalty)


def least_squares(x: Matrix, y: Array, weight: Array, penalty: float = PENALTY) -> Linear:
    """Weighted ridge regression."""
    z, middle, scale = _scaled(x, weight)
    centre = float(weight @ y / weight.sum())
    ridge = np.diag(np.full(x.shape[1], penalty * weight.sum() + 1e-9))
    hessian = _weighted_square(z, weight) + ridge
    slopes = np.linalg.solve(hessian, z.T @ (weight * (y - centre))) / scale
    return Linear(centre - float(middle @ slopes), slopes)


def shares(
    x: Matrix,
    y: Array,
    offset: Array,
    group: Codes,
    sampled: Array,
    weight: Array,
    penalty: float = PENALTY,
) -> Array:
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
    z, _, scale = _scaled(x, np.ones(len(y)))

    def curve(eta: Array) -> tuple[float, Array, Callable[[Matrix], Array]]:
        full = offset + eta
        top = np.maximum.reduceat(full, first)
        part = sampled * np.exp(full - np.repeat(top, size))
        whole = np.add.reduceat(part, first)
        mean = np.repeat(totals / whole, size) * part
        value = float(totals @ (np.log(whole) + top) - amounts @ full)

        def bend(z: Matrix) -> Array:
            by_group = csr_array((mean, rows, ends)) @ z
            return _weighted_square(z, mean) - _weighted_square(by_group, 1 / totals)

        return value, mean - amounts, bend

    b = _newton(z, curve, np.zeros(x.shape[1]), np.full(x.shape[1], penalty * len(y)))
    return b / scale
