"""How concentrated trade is: Herfindahl-Hirschman and Theil, with their parts.

HHI: Hirschman (1964), "The paternity of an index", AER 54(5). Theil (1967), "Economics and
Information Theory"; its parts as in Cadot, Carrère and Strauss-Kahn (2011), "Export
diversification: what's behind the hump?", Review of Economics and Statistics 93(2).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from offing.terms.errors import MissingDataError

Floats = NDArray[np.float64]


def _shares(values: ArrayLike) -> Floats:
    amounts = np.asarray(values, dtype=np.float64).ravel()
    if not amounts.any():
        raise MissingDataError("indicators.no_trade")
    amounts = amounts / amounts.max()
    return np.asarray(amounts / amounts.sum())


def hhi(values: ArrayLike) -> float:
    """Sum of squared shares: 1/n for n equal lines, 1 for a single one.

    Raises:
        MissingDataError: ``indicators.no_trade`` where all are 0 or there is none.

    >>> hhi([1, 1, 1, 1])
    0.25
    """
    return float((_shares(values) ** 2).sum())


def normalised_hhi(values: ArrayLike) -> float:
    """``(HHI − 1/n) / (1 − 1/n)``: 0 for equal lines, 1 for a single one that trades.

    Lines with 0 count in n. One line alone is as concentrated as can be: 1.
    """
    count = np.size(values)
    index = hhi(values)
    return 1.0 if count == 1 else max(0.0, (index - 1 / count) / (1 - 1 / count))


def theil(values: ArrayLike) -> float:
    """``(1/n) Σ (x/μ) ln(x/μ)``: 0 for equal lines, ln n for a single one that trades.

    >>> bool(abs(theil([1, 0, 0]) - np.log(3)) < 1e-12)
    True
    """
    share = _shares(values)
    some = share[share > 0]
    return float((some * np.log(some * len(share))).sum())


@dataclass(frozen=True)
class TheilParts:
    """``total = within + between``, exactly."""

    total: float
    within: float
    between: float


def theil_by(values: ArrayLike, groups: Sequence[object]) -> TheilParts:
    """Theil's index split into inequality within groups and between them.

    Args:
        values: one for each line, none below 0.
        groups: the group of each line, such as its section or its market.

    Raises:
        MissingDataError: as :func:`hhi`.
    """
    share = _shares(values)
    _, at = np.unique(np.array([str(group) for group in groups]), return_inverse=True)
    weight, lines = np.bincount(at, share), np.bincount(at)
    some = weight > 0
    between = float((weight[some] * np.log(weight[some] * len(share) / lines[some])).sum())
    within = fsum(float(weight[group]) * theil(share[at == group]) for group in np.nonzero(some)[0])
    return TheilParts(theil(share), within, between)


def theil_by_margin(values: ArrayLike) -> TheilParts:
    """Theil's index with lines that trade and lines that do not as the two groups.

    Between is the extensive margin ``ln(n / n1)``, n1 lines of n trading; within the intensive.
    """
    amounts = np.asarray(values, dtype=np.float64).ravel()
    return theil_by(amounts, [bool(value > 0) for value in amounts])
