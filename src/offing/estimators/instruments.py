"""One slope by instruments: two-stage least squares and the interval of Anderson and Rubin.

Where an instrument hardly moves the regressor, two-stage least squares leans to least squares and
its interval is too short. The test of Anderson and Rubin (1949), Annals of Mathematical Statistics
20(1), asks of each slope whether what is left of the outcome is unrelated to the instruments: it
holds its level however weak they are. The slopes that it does not reject may be an interval, two
rays or the whole line; the last two are the honest answer "not identified" (Andrews, Stock and Sun
2019, Annual Review of Economics 11). With few clusters, and instruments that differ more between
clusters than within, it is still a little too short.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from offing.estimators import Codes, Floats
from offing.estimators.clustered import TINY, NotIdentifiedError, joint, partial_out_effects

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
