"""Regret (后悔值): in each world, what the best of some plans would have earned more (Savage 1951).

A plan that is best on average may be far from the best in many worlds; one that is never best may
never be far from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from offing.planning.offers import Array
from offing.planning.shortfall import LEVEL


@dataclass(frozen=True)
class Regret:
    """Regret of one plan among others on the same scenarios; CNY.

    Attributes:
        mean: over the scenarios.
        high: its 95 % quantile.
        best: share of the scenarios in which no other earns more; ties are shared.
    """

    mean: float
    high: float
    best: float


def regrets(profits: Mapping[str, Array]) -> dict[str, Regret]:
    """Regret of each plan.

    Args:
        profits: name → n, profit in each scenario.

    >>> found = regrets({"a": np.array([1.0, 5.0]), "b": np.array([3.0, 3.0])})
    >>> found["a"].mean, found["b"].mean, found["a"].best
    (1.0, 1.0, 0.5)
    """
    if not profits:
        return {}
    table = np.array(list(profits.values()))
    missed = table.max(axis=0) - table
    first = missed == 0
    shares = (first / first.sum(axis=0)).mean(axis=1)
    return {
        name: Regret(float(less.mean()), float(np.quantile(less, LEVEL)), float(share))
        for name, less, share in zip(profits, missed, shares, strict=True)
    }
