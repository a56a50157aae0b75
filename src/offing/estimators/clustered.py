"""Weighted least squares with fixed effects, errors clustered in several ways, and one instrumented
slope.

Fixed effects are taken out exactly (Frisch and Waugh 1933; Lovell 1963). The covariance is that of
Cameron, Gelbach and Miller (2011), JBES 29(2): clusters of exporters, importers and products may
each move together. With few clusters, *t* has as many degrees of freedom as the smallest number
of clusters less one (Cameron and Miller 2015, Journal of Human Resources 50(2)).

*By instruments*: two-stage least squares and the interval of Anderson and Rubin. Where an
instrument hardly moves the regressor, two-stage least squares leans to least squares and its
interval is too short. The test of Anderson and Rubin (1949), Annals of Mathematical Statistics
20(1), asks of each slope whether what is left of the outcome is unrelated to the instruments: it
holds its level however weak they are. The slopes that it does not reject may be an interval, two
rays or the whole line; the last two are the honest answer "not identified" (Andrews, Stock and Sun
2019, Annual Review of Economics 11). With few clusters, and instruments that differ more between
clusters than within, it is still a little too short.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import fsum

import numpy as np

from offing.estimators import Codes, Design, Floats
from offing.estimators.newton import weighted_square

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


ANGLES = 4001
"""Slopes are looked at as directions, so that infinity is a direction like another."""
STEPS, ROUNDS = 65, 7
"""Of a search in ever finer steps."""


@dataclass(frozen=True)
class Instrumented:
    """A slope with the set of slopes that the data do not reject.

    Attributes:
        value: two-stage least squares.
        error: its clustered standard error.
        low: lower end of the Anderson-Rubin set; −∞ where it has none.
        high: upper end; ∞ where it has none.
        strength: F of the instruments in the first stage, clustered.
        rows: number of observations.
        clusters: the smallest number of clusters.
    """

    value: float
    error: float
    low: float
    high: float
    strength: float
    rows: int
    clusters: int

    @property
    def is_identified(self) -> bool:
        """Whether the set has two ends and is not empty."""
        return bool(np.isfinite(self.low) and np.isfinite(self.high) and self.low <= self.high)


def instrument_slope(
    y: Floats, x: Floats, instruments: Floats, effects: Sequence[Codes], clusters: Sequence[Codes]
) -> Instrumented:
    """The slope of ``y`` on ``x``, both without their effects, moved by the instruments alone.

    Args:
        y: ``(n,)``.
        x: ``(n,)``.
        instruments: ``(n, k)``.
        effects: labels of the fixed effects; none leaves a constant.
        clusters: labels by which rows may depend on one another, in one way or more.

    Raises:
        NotIdentifiedError: nothing is left of a variable once the effects are taken out, the
            instruments follow from one another, or there are fewer clusters than these and two.
    """
    from scipy.special import fdtri

    before = np.column_stack([y, x, instruments])
    residuals, rank = partial_out_effects(before, np.ones(len(y)), effects)
    if ((residuals**2).sum(axis=0) <= TINY * (before**2).sum(axis=0)).any():
        raise NotIdentifiedError
    target, z = residuals[:, :2], residuals[:, 2:] / np.sqrt((residuals[:, 2:] ** 2).sum(axis=0))
    n, k = z.shape
    groups = min(len(np.unique(way)) for way in clusters)
    normal = z.T @ z
    if groups < k + 2 or np.linalg.eigvalsh(normal)[0] < TINY:
        raise NotIdentifiedError
    reduced = np.linalg.solve(normal, z.T @ target)
    rest = target - z @ reduced
    scores = np.hstack([z * rest[:, [0]], z * rest[:, [1]]])
    factor = groups / (groups - 1) * (n - 1) / max(n - rank - k, 1)
    moments, covariance = z.T @ target, factor * clustered_matrix(scores, clusters)

    blocks = covariance.reshape(2, k, 2, k)

    def statistic(directions: Floats) -> Floats:
        """Wald's, of each ``direction @ (y, x)`` having nothing to do with the instruments."""
        moment = directions @ moments.T
        spread = np.einsum("as,sitj,at->aij", directions, blocks, directions)
        inverse = np.linalg.pinv(spread, hermitian=True)
        return np.asarray(np.einsum("ai,aij,aj->a", moment, inverse, moment))

    # Hotelling's: the covariance of few clusters is itself an estimate.
    critical = k * (groups - 1) / (groups - k) * float(fdtri(k, groups - k, 0.95))
    first = reduced[:, 1] @ normal @ reduced[:, 1]
    value = float(reduced[:, 1] @ moments[:, 0] / first)
    fitted = z @ reduced[:, 1]
    influence = fitted * (target[:, 0] - value * target[:, 1])
    error = float(np.sqrt(factor * clustered_matrix(influence[:, None], clusters)[0, 0])) / first
    low, high = _not_rejected(statistic, critical, value)
    strength = float(statistic(np.array([[0.0, 1.0]]))[0]) / k
    return Instrumented(value, error, low, high, strength, n, groups)


def _not_rejected(
    statistic: Callable[[Floats], Floats], critical: float, near: float
) -> tuple[float, float]:
    """The ends of the slopes b for which ``y − b x`` is not rejected; b is the tangent of an angle.

    The direction of a slope is (cos a, −sin a): at ±90° only x is left, the first stage. A set
    narrower than the steps lies about ``near``, or where the statistic is least.
    """

    def excess(angle: Floats) -> Floats:
        return np.asarray(statistic(np.column_stack([np.cos(angle), -np.sin(angle)])) - critical)

    angles = np.linspace(-np.pi / 2, np.pi / 2, ANGLES)
    least = np.clip(excess(angles).argmin(), 1, ANGLES - 2)
    lowest = _lowest(excess, angles[least - 1], angles[least + 1])
    angles = np.sort(np.r_[angles, lowest, np.arctan(near)])
    inside = excess(angles) <= 0
    if inside[0] or inside[-1]:
        return -np.inf, np.inf
    if not inside.any():
        return np.inf, -np.inf
    first, last = np.flatnonzero(inside)[[0, -1]]
    low = _edge(excess, angles[first - 1], angles[first])
    high = _edge(excess, angles[last + 1], angles[last])
    return float(np.tan(low)), float(np.tan(high))


def _lowest(excess: Callable[[Floats], Floats], low: float, high: float) -> float:
    """Where a function with one valley is least, to a 10 ** 13th; all steps are asked for at once.

    SciPy's search asks for them one by one, and takes a tenth of a second to load.
    """
    for _ in range(ROUNDS):
        steps = np.linspace(low, high, STEPS)
        least = np.clip(excess(steps).argmin(), 1, STEPS - 2)
        low, high = steps[least - 1], steps[least + 1]
    return (low + high) / 2


def _edge(excess: Callable[[Floats], Floats], outside: float, inside: float) -> float:
    """Where a function falls to zero between two places, as near as floats lie."""
    for _ in range(ROUNDS):
        steps = np.linspace(outside, inside, STEPS)
        first = int((excess(steps) <= 0).argmax())
        outside, inside = steps[first - 1], steps[first]
    return inside


def clustered_matrix(scores: Floats, clusters: Sequence[Codes]) -> Floats:
    """Sums of products of scores over clusters, by inclusion and exclusion over the ways.

    Where that is not positive definite, as it can be with two ways, the largest one-way sum.

    Args:
        scores: ``(n, k)``.
        clusters: one array of labels for each way of clustering.
    """
    total = np.zeros((scores.shape[1], scores.shape[1]))
    for size in range(1, len(clusters) + 1):
        for chosen in combinations(clusters, size):
            total += (-1) ** (size + 1) * _sums_of_products(scores, joint(chosen))
    if np.linalg.eigvalsh(total)[0] > 0:
        return total
    return max((_sums_of_products(scores, way) for way in clusters), key=np.trace)


def _sums_of_products(scores: Floats, cluster: Codes) -> Floats:
    labels = np.unique(cluster, return_inverse=True)[1]
    sums = np.zeros((int(labels.max()) + 1, scores.shape[1]))
    np.add.at(sums, labels, scores)
    return np.asarray(sums.T @ sums)
