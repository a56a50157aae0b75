"""How far off the outlook was before: quantiles of its errors by size and age of a flow."""

from dataclasses import dataclass

import numpy as np

from offing.market.history import Array, Codes

LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
"""Ends of the 95, 80 and 50 % intervals, and the median."""
SHARES = (("95", 0.95), ("80", 0.8), ("50", 0.5))
"""Name and probability of each interval."""
ENDS = tuple(f"{side}{name}" for name, _ in SHARES for side in ("low", "high"))
"""Columns of :func:`ends`."""
FLOOR_USD = 1_000.0
SIZES = (1e3, 1e4, 1e5, 1e6, 1e7, 1e8)
"""Class limits of a flow, USD."""
RUNS = 4
"""Classes of the number of years seen: 1, 2, 3, 4 and more."""
LEAST = 30.0
"""Observations a class needs; one with less leans on the pool of its size, then on all."""


def weighted_quantiles(values: Array, weights: Array, levels: tuple[float, ...]) -> Array:
    """Quantiles of weighted values: the first value at which the share reaches the level."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    at = np.searchsorted(reached, np.asarray(levels) * reached[-1])
    return np.asarray(values[order][at.clip(max=len(values) - 1)])


def ends(quantiles: Array) -> Array:
    """Intervals from quantiles: equal tails, but from zero where the flow may well end.

    Where the lower tail is all at zero, an interval with equal tails would hold more than it says
    (nothing lies below it). Then it runs from zero to the quantile of its own probability.

    Args:
        quantiles: flows × ``LEVELS``, USD.

    Returns:
        flows × ``ENDS``.
    """
    log = np.log(quantiles + FLOOR_USD)
    made = []
    for _, share in SHARES:
        low = quantiles[:, LEVELS.index(round((1 - share) / 2, 3))]
        high = quantiles[:, LEVELS.index(round((1 + share) / 2, 3))]
        above = int(np.searchsorted(LEVELS, share))
        part = (share - LEVELS[above - 1]) / (LEVELS[above] - LEVELS[above - 1])
        inside = (1 - part) * log[:, above - 1] + part * log[:, above]
        one_sided = np.maximum(np.exp(inside) - FLOOR_USD, 0.0)
        made += [low, np.where(low > 0, high, np.minimum(one_sided, high))]
    return np.column_stack(made)


@dataclass(frozen=True)
class Errors:
    """Quantiles of the error of a log forecast, sizes × runs × ``LEVELS``."""

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
        table = np.empty((len(SIZES) + 1, RUNS, len(LEVELS)))
        everything = weighted_quantiles(error, weight, LEVELS)
        size_class = np.searchsorted(SIZES, size)
        run = np.clip(seen, 1, RUNS) - 1
        for i in range(len(SIZES) + 1):
            of_size = size_class == i
            pooled = _leaning(error[of_size], weight[of_size], everything)
            for j in range(RUNS):
                both = of_size & (run == j)
                table[i, j] = _leaning(error[both], weight[both], pooled)
        return cls(table)

    def __call__(self, size: Array, seen: Codes) -> Array:
        """Quantiles of the error of each flow: flows × ``LEVELS``."""
        return np.asarray(self.table[np.searchsorted(SIZES, size), np.clip(seen, 1, RUNS) - 1])


def _leaning(error: Array, weight: Array, pool: Array) -> Array:
    """A class's quantiles, leaning on its pool where it is thin."""
    if not len(error):
        return pool
    trust = len(error) / (len(error) + LEAST)
    return trust * weighted_quantiles(error, weight, LEVELS) + (1 - trust) * pool
