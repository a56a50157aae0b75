"""Robust regression with many crossed effects, each shrunk as far as the data ask for.

The model is ``y = X b + Σ_g z_g u_g[group] + e`` with ``u_g ~ N(0, τ_g²)`` and Student-t errors
whose scale is a product of factors by group. The t distribution is a scale mixture of normals, so
far-off rows lose weight smoothly (Lange, Little and Taylor 1989); τ and the scales come from the
data by variational EM (mean field over the effects). Nothing is tuned by hand to a data set.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offing.estimators import SMALL

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

FREEDOM = 3.0
"""Degrees of freedom of the t errors: tails as heavy as mirror ratios have, with a variance."""

PRIOR_ROWS = 10.0
"""Rows of mean spread that each group's scale is averaged with, so that small groups stay sane."""


@dataclass(frozen=True)
class ReportEffect:
    """A set of groups that share a prior: the group of each row, and what their effect scales."""

    groups: Codes
    count: int
    along: Floats | None = None

    def rows(self, chosen: NDArray[np.bool_]) -> "ReportEffect":
        """The same for some of the rows."""
        return ReportEffect(
            self.groups[chosen], self.count, None if self.along is None else self.along[chosen]
        )

    def at(self, size: Floats) -> Floats:
        """What each row gets from effects of that size."""
        values: Floats = size[self.groups]
        return values if self.along is None else values * self.along


@dataclass(frozen=True)
class Fitted:
    """Coefficients of the columns of X, and the size of every group's effect."""

    coefficients: Floats
    sizes: tuple[Floats, ...]

    def predict(self, columns: Floats, effects: Sequence[ReportEffect]) -> Floats:
        """The expected y; a group that was never seen adds nothing."""
        total: Floats = columns @ self.coefficients
        for effect, size in zip(effects, self.sizes, strict=True):
            total = total + effect.at(size)
        return total


def t_weights(residuals: Floats, variance: Floats) -> Floats:
    """How much each row counts under t errors: near 1 at home, near 0 far off."""
    return np.asarray((FREEDOM + 1) / (FREEDOM + residuals**2 / variance))


def spread(squares: Floats, scales: Sequence[ReportEffect], factors: list[Floats]) -> Floats:
    """Each row's error variance as a product of group factors, which are improved in place."""
    shares = [factor[scale.groups] for scale, factor in zip(scales, factors, strict=True)]
    product = np.prod(shares, axis=0) if shares else np.ones_like(squares)
    level = float(np.mean(squares / product))
    for number, scale in enumerate(scales):
        rest = level * product / shares[number]
        total = np.bincount(scale.groups, squares / rest, scale.count) + PRIOR_ROWS
        factors[number] = total / (np.bincount(scale.groups, minlength=scale.count) + PRIOR_ROWS)
        product = product / shares[number] * factors[number][scale.groups]
        shares[number] = factors[number][scale.groups]
    variance: Floats = level * product
    return np.maximum(variance, SMALL)


def fit(
    y: Floats,
    columns: Floats,
    effects: Sequence[ReportEffect],
    scales: Sequence[ReportEffect],
    *,
    rounds: int = 40,
) -> Fitted:
    """Fit the model of this module.

    Args:
        y: n values.
        columns: n × p, with a column of ones.
        effects: the crossed effects.
        scales: the groups whose factors make up the error's variance.
        rounds: sweeps over the effects; the fit is deterministic.
    """
    n, p = columns.shape
    sizes = [np.zeros(effect.count) for effect in effects]
    tau = [0.1] * len(effects)
    factors = [np.ones(scale.count) for scale in scales]
    beta = np.zeros(p)
    total = np.zeros(n)
    middle = float(np.median(y)) if n else 0.0
    variance = np.full(n, max(float(np.median(np.abs(y - middle))) ** 2 * 2.2, 1e-6))
    ridge = 1e-8 * np.eye(p)
    for _ in range(rounds if n else 0):
        weights = t_weights(y - total - columns @ beta, variance) / variance
        gram = columns.T * weights
        beta = np.linalg.solve(gram @ columns + ridge, gram @ (y - total))
        fixed = columns @ beta
        unsure = np.zeros(n)
        for number, effect in enumerate(effects):
            total -= effect.at(sizes[number])
            rest = y - fixed - total
            z = np.ones(n) if effect.along is None else effect.along
            seen = np.bincount(effect.groups, weights * z * z, effect.count)
            precision = seen + 1.0 / tau[number]
            sizes[number] = np.bincount(effect.groups, weights * z * rest, effect.count) / precision
            mine = seen > 0
            tau[number] = max(float(np.mean((sizes[number] ** 2 + 1 / precision)[mine])), 1e-8)
            total += effect.at(sizes[number])
            unsure += z * z / precision[effect.groups]
        squares = weights * variance * ((y - fixed - total) ** 2 + unsure)
        variance = spread(squares, scales, factors)
    return Fitted(beta, tuple(sizes))


def deciles(values: Floats) -> Codes:
    """The tenth in which each value lies, 0 to 9."""
    if not values.size:
        return np.zeros(0, dtype=np.int64)
    return np.digitize(values, np.quantile(values, np.arange(0.1, 0.95, 0.1))).astype(np.int64)
