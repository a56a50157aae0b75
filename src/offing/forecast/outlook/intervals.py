"""Intervals of a predictive distribution, and how far off the outlook was before.

The errors of earlier years are kept as quantiles by size and age of a flow: the shape of the
distribution of each (``distribution``).
"""

from dataclasses import dataclass

import numpy as np

from offing.estimators import SMALL
from offing.forecast.outlook.distribution import BENT_FROM, PROBABILITIES, Distribution
from offing.market.history import FLOOR_USD, Array, Codes

LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
"""Ends of the 95, 80 and 50 % intervals, and the median."""
SHARES = (("95", 0.95), ("80", 0.8), ("50", 0.5))
"""Name and probability of each interval."""
ENDS = tuple(f"{side}{name}" for name, _ in SHARES for side in ("low", "high"))
"""Columns of :func:`ends`."""
SIZES = (1e3, 1e4, 1e5, 1e6, 1e7, 1e8)
"""Class limits of a flow, USD."""
RUNS = 4
"""Classes of the number of years seen: 1, 2, 3, 4 and more."""
LEAST = 30.0
"""Observations a class needs; one with less leans on the pool of its size, then on all."""


USUAL = 0.99
"""Rises beyond this quantile of a class count as it where means are matched."""
BISECTIONS = 8


def usual(values: Array) -> Array:
    """What lies above their quantile :data:`USUAL` counts as it: one rise makes no mean.

    >>> usual(np.array([0.0, 100.0]))
    array([ 0., 99.])
    """
    return np.minimum(values, np.quantile(values, USUAL))


def weighted_quantiles(values: Array, weights: Array, levels: tuple[float, ...]) -> Array:
    """Quantiles of weighted values: the first value at which the share reaches the level."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    at = np.searchsorted(reached, np.asarray(levels) * reached[-1])
    return np.asarray(values[order][at.clip(max=len(values) - 1)])


def interval(sales: Distribution, share: float) -> tuple[Array, Array]:
    """The ends of one interval: equal tails, but from zero where the flow may well end.

    Where the lower tail is all at zero, an interval with equal tails would hold more than it says
    (nothing lies below it). Then it runs from zero to the quantile of its own probability. Wide
    intervals hold narrow ones either way.
    """
    low = sales.quantile((1 - share) / 2)
    return low, sales.quantile(np.where(low > 0, (1 + share) / 2, share))


def ends(sales: Distribution) -> Array:
    """Every :func:`interval`: cells × ``ENDS``, USD."""
    return np.column_stack([end for _, share in SHARES for end in interval(sales, share)])


@dataclass(frozen=True)
class Errors:
    """Quantiles of the error of a log forecast, sizes × runs × ``PROBABILITIES``."""

    table: Array

    @classmethod
    def of(cls, error: Array, size: Array, seen: Codes, weight: Array) -> "Errors":
        """From errors made on earlier years.

        Args:
            error: actual less forecast, in logs.
            size: USD that the class goes by.
            seen: years with a flow.
            weight: how many flows each stands for.
        """
        table = np.empty((len(SIZES) + 1, RUNS, len(PROBABILITIES)))
        everything = _knots(error, weight)
        size_class = np.searchsorted(SIZES, size)
        run = np.clip(seen, 1, RUNS) - 1
        for i in range(len(SIZES) + 1):
            of_size = size_class == i
            pooled = _leaning(error[of_size], weight[of_size], everything)
            for j in range(RUNS):
                both = of_size & (run == j)
                table[i, j] = _leaning(error[both], weight[both], pooled)
        return cls(table)

    def bent(self, log: Array, spread: Array, later: Array, size: Array, seen: Codes) -> "Errors":
        """The same with upper tails that give each class of size the sales that came.

        The mean of a wide distribution of logs hangs on its last few per cent, which no quantile of
        a class tells. So beyond ``BENT_FROM`` the steps of a class are shortened, by one factor for
        each, until its flows expect together what they sold, a hundredth of them that grew most
        counted as the next: one flow that exploded is no reason to expect it of all. Steps are
        never lengthened.

        Args:
            log: log of the middle, of ``sales + FLOOR_USD``.
            spread: what the error is multiplied by.
            later: USD that came.
            size: USD that the class goes by.
            seen: years with a flow.
        """
        table = self.table.copy()
        size_class = np.searchsorted(SIZES, size)
        for i in range(len(SIZES) + 1):
            mine = size_class == i
            if not mine.any():
                continue
            run = np.clip(seen[mine], 1, RUNS) - 1
            ratio = later[mine] / (size[mine] + FLOOR_USD)
            came = float((usual(ratio) * (size[mine] + FLOOR_USD)).sum())
            table[i] = _matched(table[i], run, log[mine], spread[mine], came)
        return Errors(table)

    @classmethod
    def none(cls) -> "Errors":
        """Where nothing was seen to go on."""
        return cls(np.zeros((len(SIZES) + 1, RUNS, len(PROBABILITIES))))

    def scores(self, error: Array, size: Array, seen: Codes) -> Array:
        """Normal scores of errors: where each lies in the errors of its class."""
        from scipy.special import ndtri

        table = self(size, seen)
        at = (table[:, 1:-1] <= error[:, None]).sum(axis=1)
        row = np.arange(len(error))
        low, high = table[row, at], table[row, at + 1]
        fraction = np.clip((error - low) / np.maximum(high - low, SMALL), 0.0, 1.0)
        level = PROBABILITIES[at] + fraction * (PROBABILITIES[at + 1] - PROBABILITIES[at])
        return np.asarray(ndtri(np.clip(level, 1e-3, 1 - 1e-3)))

    def __call__(self, size: Array, seen: Codes) -> Array:
        """Quantiles of the error of each flow: flows × ``PROBABILITIES``."""
        return np.asarray(self.table[np.searchsorted(SIZES, size), np.clip(seen, 1, RUNS) - 1])


def of_beginnings(error: Array, log: Array, later: Array, weight: Array) -> Array:
    """The shape of the size of new flows, bent as above: quantiles at ``PROBABILITIES``.

    Args:
        error: actual less fitted log of ``sales + FLOOR_USD``.
        log: fitted.
        later: USD that came.
        weight: how many flows each stands for.
    """
    usual = np.minimum(later, weighted_quantiles(later, weight, (USUAL,))[0])
    table, whole = _knots(error, weight)[None], np.ones(len(log))
    run = np.zeros(len(log), dtype=np.int64)
    return np.asarray(_matched(table, run, log, whole, float(usual.sum()))[0])


def _knots(error: Array, weight: Array) -> Array:
    """Quantiles at ``PROBABILITIES``.

    The largest and the smallest error are chance: an end lies beyond the outermost quantile by
    the step before it, which is where that of a normal tail has its mean right.
    """
    inner = weighted_quantiles(error, weight, tuple(PROBABILITIES[1:-1].tolist()))
    low, high = 2 * inner[0] - inner[2], 2 * inner[-1] - inner[-3]
    return np.asarray(np.r_[low, inner, high])


def _matched(error: Array, run: Codes, log: Array, spread: Array, came: float) -> Array:
    """The errors of a class, bent until its flows expect what came.

    Only what lies above the bend moves: the area below it is reckoned once.
    """
    bend = int(np.searchsorted(PROBABILITIES, BENT_FROM))
    knot, last = error[:, [bend]], log[:, None] + spread[:, None] * error[run, bend:][:, :1]
    below = Distribution.area(log[:, None] + spread[:, None] * error[run, : bend + 1])

    def bent(share: float) -> Array:
        pulled = error.copy()
        pulled[:, bend + 1 :] = knot + share * (error[:, bend + 1 :] - knot)
        return pulled

    def expected(share: float) -> float:
        logs = log[:, None] + spread[:, None] * bent(share)[run, bend + 1 :]
        area = below + Distribution.area(np.hstack([last, logs]), bend)
        return float(np.maximum(area - FLOOR_USD, 0.0).sum())

    if expected(1.0) <= came:
        return error
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if expected(middle) < came else (low, middle)
    return bent(low)


def _leaning(error: Array, weight: Array, pool: Array) -> Array:
    """A class's quantiles, leaning on its pool where it is thin."""
    if not len(error):
        return pool
    trust = len(error) / (len(error) + LEAST)
    return trust * _knots(error, weight) + (1 - trust) * pool
