"""How much wider intervals fitted elsewhere must be: shifts, from a region's own errors.

Conformal quantile regression (Romano, Patterson and Candès, 2019, "Conformalized quantile
regression", NeurIPS 32, equation 8), by classes of size (Mondrian: Vovk, Gammerman and Shafer,
2005, "Algorithmic learning in a random world", section 4.5). The interval of the country's exports
does not hold that a region's share moves as well; the region's own earlier years do. A log of sales
is that of the country's and that of the share together, so what a share moves adds to both ends.
"""

from dataclasses import dataclass

import numpy as np

from offing.forecast.outlook.intervals import LEVELS
from offing.market.history import FLOOR_USD, Array

SHARE = 0.8
"""Of outcomes that the interval is to hold."""
LEAST = 30
"""Earlier outcomes that a shift is fitted to, at least: the sixth largest decides."""
CLASSES = 3
"""Of the size of a pair, at most; each has ``LEAST`` outcomes."""


@dataclass(frozen=True)
class Widening:
    """Shifts of the ends, in logs of ``USD + FLOOR_USD``, by class of today's sales.

    Attributes:
        limits: of the classes, USD, rising; one fewer than the shifts.
        shifts: of each class, 0 or more.
        learnt_from: outcomes.
    """

    limits: tuple[float, ...]
    shifts: tuple[float, ...]
    learnt_from: int

    @classmethod
    def fitted(cls, base: Array, came: Array, low: Array, high: Array) -> "Widening | None":
        """From earlier outcomes; arrays in USD, one value a pair; ``low`` and ``high`` of 80 %.

        >>> base = np.full(30, 1e6)
        >>> f"{Widening.fitted(base, base * 4, base / 2, base * 2).shifts[0]:.2f}"  # log 2
        '0.69'
        """
        if len(came) < LEAST:
            return None
        classes = min(len(came) // LEAST, CLASSES)
        limits = np.unique(np.quantile(base, np.arange(1, classes) / classes))
        outside = np.maximum(_log(low) - _log(came), _log(came) - _log(high))
        outside[(low <= 0) & (came <= high)] = -np.inf
        of = np.searchsorted(limits, base)
        parts = [outside[of == at] for at in range(len(limits) + 1)]
        if min(map(len, parts)) < LEAST // 2:  # many pairs of one size
            limits, parts = limits[:0], [outside]
        shifts = tuple(max(_quantile(part), 0.0) for part in parts)
        return cls(tuple(limits.tolist()), shifts, len(came))

    def shift(self, base: Array) -> Array:
        """Of each pair, by today's sales, USD."""
        return np.asarray(self.shifts)[np.searchsorted(np.asarray(self.limits), base)]

    def ends(self, base: Array, share: Array, low: Array, high: Array) -> tuple[Array, Array]:
        """Both ends of the 80 % interval, USD; above the country's own end no share can reach."""
        by = self.shift(base)
        return _usd(_log(low) - by), np.minimum(_usd(_log(high) + by), _whole(high, share))

    def quantiles(self, base: Array, share: Array, quantiles: Array) -> Array:
        """Pairs × ``LEVELS``: those of 10 and 90 % move as the ends, others as a normal's would."""
        from scipy.special import ndtri

        by = ndtri(np.asarray(LEVELS)) / ndtri((1 + SHARE) / 2)
        moved = _usd(_log(quantiles) + self.shift(base)[:, None] * by)
        return np.minimum(moved, _whole(quantiles, share[:, None]))


def _whole(usd: Array, share: Array) -> Array:
    """What the whole country sells where a share of it is so much, USD."""
    return np.asarray(usd / np.minimum(share, 1.0))


def _quantile(outside: Array) -> float:
    """The smallest shift that holds the share of them that n + 1 would have."""
    needed = int(np.ceil(SHARE * (len(outside) + 1)))
    return float(np.sort(outside)[min(needed, len(outside)) - 1])


def _log(usd: Array) -> Array:
    return np.asarray(np.log(np.maximum(usd, 0.0) + FLOOR_USD))


def _usd(log: Array) -> Array:
    return np.asarray(np.maximum(np.exp(log) - FLOOR_USD, 0.0))
