"""Weighted least squares with fixed effects, and errors clustered in several ways.

Fixed effects are taken out exactly (Frisch and Waugh 1933; Lovell 1963). The covariance is that of
Cameron, Gelbach and Miller (2011), JBES 29(2): clusters of exporters, importers and products may
each move together. With few clusters, *t* has as many degrees of freedom as the smallest number
of clusters less one (Cameron and Miller 2015, Journal of Human Resources 50(2)).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import fsum

import numpy as np

from offing.estimators import Codes, Design, Floats
from offing.estimators.least_squares import weighted_square

TINY = 1e-10
"""Eigenvalues of the scaled normal equations, and shares of variance, that count as nothing."""


@dataclass(frozen=True)
class Fit:
    """A fitted regression.

    Attributes:
        beta: slopes of the regressors, not of the fixed effects.
        influence: ``(n, k)``: what each row adds to each slope's deviation from the truth, to
            first order; sums to zero. Covariances are sums of products of these over clusters.
        clusters: one array of labels for each way of clustering.
        rank: of all regressors with the fixed effects.
    """

    beta: Floats
    influence: Floats
    clusters: tuple[Codes, ...]
    rank: int

    @property
    def rows(self) -> int:
        """Number of observations."""
        return len(self.influence)


@dataclass(frozen=True)
class Estimate:
    """A number with its uncertainty.

    ``error`` is clustered; ``low`` and ``high`` end the 95 % interval; ``p`` is two-sided, of no
    difference; ``freedom`` counts the degrees of *t*.
    """

    value: float
    error: float
    low: float
    high: float
    p: float
    freedom: int

    @property
    def clear(self) -> bool:
        """Whether the 95 % interval leaves out zero."""
        return not self.low <= 0 <= self.high


class NotIdentifiedError(Exception):
    """The outcome or a regressor does not vary once the effects and the others are taken out."""


def partial_out_effects(
    columns: Floats, weights: Floats, effects: Sequence[Codes]
) -> tuple[Floats, int]:
    """What is left of the columns after a weighted regression on dummies of each effect.

    Args:
        columns: ``(n, k)``.
        weights: above zero.
        effects: labels; none at all leaves a constant.

    Returns:
        The residuals, and the rank of the dummies.
    """
    from scipy import sparse

    n = len(columns)
    groups = sorted(effects or [np.zeros(n, dtype=np.int64)], key=lambda group: -int(group.max()))
    large, others = _dummies(groups[:1], n), _dummies(groups[1:], n)
    weight = sparse.diags_array(weights)
    # Eliminating the largest effect by hand leaves few equations, however many products there are.
    sums = np.asarray(large.T @ weights)
    across = (others.T @ weight @ large).toarray()
    normal = (others.T @ weight @ others).toarray() - (across / sums) @ across.T
    scale = np.sqrt(np.asarray(others.T @ weights))
    values, vectors = np.linalg.eigh(normal / np.outer(scale, scale))
    estimable = values > TINY
    basis = vectors[:, estimable] / np.sqrt(values[estimable]) / scale[:, None]
    residuals = columns
    for _ in range(2):  # the second pass takes away what rounding left of the first
        weighted = weights[:, None] * residuals
        means = (large.T @ weighted) / sums[:, None]
        rest = basis @ (basis.T @ (others.T @ weighted - across @ means))
        residuals = residuals - others @ rest - large @ (means - (across.T @ rest) / sums[:, None])
    return residuals, len(sums) + int(estimable.sum())


def _dummies(groups: Sequence[Codes], n: int) -> Design:
    """A sparse ``(n, labels)`` matrix of zeros and ones, a column for each label of each group."""
    from scipy import sparse

    columns = np.zeros((n, len(groups)), dtype=np.int64)
    width = 0
    for number, group in enumerate(groups):
        columns[:, number] = group + width
        width += int(group.max()) + 1
    rows = np.repeat(np.arange(n), len(groups))
    return sparse.csr_array((np.ones(rows.size), (rows, columns.ravel())), shape=(n, width))


def fit(
    y: Floats,
    regressors: Floats,
    weights: Floats,
    effects: Sequence[Codes],
    clusters: Sequence[Codes],
) -> Fit:
    """Regress ``y`` on the regressors and dummies of each effect.

    Args:
        y: ``(n,)``.
        regressors: ``(n, k)``.
        weights: ``(n,)``, above zero; only their ratios matter.
        effects: labels of the fixed effects.
        clusters: labels by which rows may depend on one another.

    Raises:
        NotIdentifiedError: a regressor follows from the others and the effects, or the outcome
            follows from the effects.
    """
    share = weights / weights.mean()
    before = np.column_stack([y, regressors])
    residuals, rank = partial_out_effects(before, share, effects)
    variation = share @ residuals**2
    if (variation <= TINY * (share @ before**2)).any():
        raise NotIdentifiedError
    target, design, deviation = residuals[:, 0], residuals[:, 1:], np.sqrt(variation[1:])
    scaled = design / deviation
    normal = weighted_square(scaled, share)
    if np.linalg.eigvalsh(normal)[0] < TINY:
        raise NotIdentifiedError
    inverse = np.linalg.inv(normal)
    slopes = inverse @ (scaled.T @ (share * target))
    rest = target - scaled @ slopes
    influence = (scaled * (share * rest)[:, None]) @ inverse / deviation
    return Fit(slopes / deviation, influence, tuple(clusters), rank + design.shape[1])


def _sums_squared(values: Floats, group: Codes) -> float:
    return float((np.bincount(group, weights=values) ** 2).sum())


def joint(ways: Sequence[Codes]) -> Codes:
    """Labels of rows that are in the same cluster in every way."""
    labels = ways[0]
    for way in ways[1:]:
        labels = np.unique(labels * (way.max() + 1) + way, return_inverse=True)[1]
    return labels


def clustered_variance(values: Floats, clusters: Sequence[Codes]) -> float:
    """The sum of squares over clusters, by inclusion and exclusion over the ways of clustering.

    Falls back on the largest one-way sum where the combination is not positive, as it can be.

    Args:
        values: influence of each row.
        clusters: at least one array of labels.
    """
    total = 0.0
    for size in range(1, len(clusters) + 1):
        for chosen in combinations(clusters, size):
            total += (-1) ** (size + 1) * _sums_squared(values, joint(chosen))
    return total if total > 0 else max(_sums_squared(values, group) for group in clusters)


def combine_slopes(fits: Sequence[Fit], weights: Sequence[float], slope: int = 0) -> Estimate:
    """A linear combination of one slope of several regressions, which may share clusters.

    One fit with the weight 1 gives its slope. A shock year less the mean of quiet years is a
    combination too: the same exporter in both is one cluster, as if the regressions were stacked
    with every regressor and effect of its own.

    Args:
        fits: their cluster labels must mean the same in all of them.
        weights: of each fit's slope.
        slope: which regressor.

    Returns:
        With the small-sample factor G/(G−1) · (N−1)/(N−K), G the smallest number of clusters.
    """
    from scipy.special import stdtr, stdtrit

    value = fsum(w * float(fitted.beta[slope]) for fitted, w in zip(fits, weights, strict=True))
    values = np.concatenate(
        [w * fitted.influence[:, slope] for fitted, w in zip(fits, weights, strict=True)]
    )
    ways = [np.concatenate(way) for way in zip(*(fitted.clusters for fitted in fits), strict=True)]
    n, rank = len(values), sum(fitted.rank for fitted in fits)
    groups = min(len(np.unique(way)) for way in ways)
    factor = groups / (groups - 1) * (n - 1) / max(n - rank, 1)
    error = float(np.sqrt(factor * clustered_variance(values, ways)))
    width = float(stdtrit(groups - 1, 0.975)) * error
    p = float(2 * stdtr(groups - 1, -abs(value) / error)) if error > 0 else 1.0
    return Estimate(value, error, value - width, value + width, p, groups - 1)
