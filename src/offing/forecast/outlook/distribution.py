"""The predictive distribution of each cell's later sales: everything that is said is read from it.

A flow may stop, or a pair stay empty: then sales are zero. Else their log follows a quantile
function that is linear between knots::

    sales(u) = 0                                    u ≤ 1 - alive
    sales(u) = scale · (exp(q(v)) - floor)          v = (u - (1 - alive)) / alive

``q`` is piecewise linear, so the mean, the mean of rises, any quantile and any probability are
closed forms, and draws are ``sales(u)`` of uniform ``u``. Nothing can contradict anything else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from offing.estimators import SMALL, TINY
from offing.market.history import FLOOR_USD, Array, Codes, Mask

PROBABILITIES = np.array(
    [0.0, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.35, 0.5, 0.65, 0.75, 0.85, 0.9, 0.95, 0.975, 0.99,
     1.0]
)  # fmt: skip
"""Knots of the quantile function, of what is alive."""
BENT_FROM = 0.9
"""Above it a quantile function is bent for the sake of its mean: the 80 % interval stays."""
HALVINGS = 10
"""Of the interval in which the bend of a tail is looked for."""
_LEAST = float(np.log(FLOOR_USD + 1.0))
"""What is alive sells a dollar at least: ``alive`` is the probability of any sales."""


@dataclass(frozen=True)
class Distribution:
    """Of the sales of some cells.

    Attributes:
        alive: probability that there are sales at all, by cell.
        logs: cells × ``PROBABILITIES``, rising: log of sales before scaling plus ``FLOOR_USD``.
        scale: USD, what such sales are multiplied by.
    """

    alive: Array
    logs: Array
    scale: Array

    @classmethod
    def of(cls, alive: Array, logs: Array, most: Array | float) -> "Distribution":
        """Knots from a dollar to ``most`` USD."""
        top = np.log(np.maximum(most, FLOOR_USD) + FLOOR_USD)
        clipped = np.clip(logs, _LEAST, np.reshape(top, (-1, 1)))
        return cls(alive, np.maximum.accumulate(clipped, axis=1), np.ones(len(alive)))

    @classmethod
    def certain(cls, sales: Array) -> "Distribution":
        """Sales that are taken as given, for nothing is known of how far off they are."""
        logs = np.full((len(sales), len(PROBABILITIES)), np.log(2 * FLOOR_USD))
        return cls(np.ones(len(sales)), logs, sales / FLOOR_USD)

    def scaled(self, factor: Array | float) -> "Distribution":
        """Sales times a factor."""
        return replace(self, scale=self.scale * factor)._set_area(self._under)

    def shift_mean(self, mean: Array, bent: Mask) -> "Distribution":
        """The same with another mean, USD.

        Where it is to fall and ``bent`` says so, what lies beyond ``BENT_FROM`` is drawn in first:
        the middle of a wide distribution says where flows of its kind mostly go, its mean hangs on
        a few. What is left is a factor.
        """
        falls = np.flatnonzero(bent & (mean < self.mean))
        logs, under = self.logs.copy(), self._under.copy()
        logs[falls] = self.at(falls)._drawn_in(mean[falls])
        under[falls] = _area(logs[falls], 0)
        moved = replace(self, logs=logs)._set_area(under)
        now = moved.mean
        return moved.scaled(np.divide(mean, now, out=np.ones(len(now)), where=now > 1e-9))

    def _drawn_in(self, mean: Array) -> Array:
        bend = int(np.searchsorted(PROBABILITIES, BENT_FROM))
        knot, tail = self.logs[:, [bend]], self.logs[:, bend:] - self.logs[:, [bend]]
        least = _area(self.logs[:, : bend + 1], 0)
        target = mean / np.maximum(self.scale * self.alive, TINY) + FLOOR_USD - least
        low, high = np.zeros(len(mean)), np.ones(len(mean))
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            below = _area(knot + middle[:, None] * tail, bend) < target
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.hstack([self.logs[:, :bend], knot + low[:, None] * tail])

    def at(self, cells: Codes | slice) -> "Distribution":
        """Of some of the cells."""
        return Distribution(self.alive[cells], self.logs[cells], self.scale[cells])

    @classmethod
    def concatenate(cls, parts: Sequence["Distribution"]) -> "Distribution":
        """The cells of several, one after the other."""
        if not parts:
            return cls.certain(np.zeros(0))
        return cls(
            np.concatenate([cells.alive for cells in parts]),
            np.concatenate([cells.logs for cells in parts]),
            np.concatenate([cells.scale for cells in parts]),
        )

    def below(self, most: Array) -> "Distribution":
        """The same with nothing above ``most`` USD."""
        top = self._log_of(np.maximum(most, 0.0))[:, None]
        return replace(self, logs=np.minimum(self.logs, np.maximum(top, _LEAST)))

    def where(self, mine: Mask, other: "Distribution") -> "Distribution":
        """Of the cells that are marked this, of others the other."""
        return Distribution(
            np.where(mine, self.alive, other.alive),
            np.where(mine[:, None], self.logs, other.logs),
            np.where(mine, self.scale, other.scale),
        )

    @property
    def mean(self) -> Array:
        """Expected sales, USD."""
        return np.asarray(self.scale * self.alive * np.maximum(self._under - FLOOR_USD, 0.0))

    @cached_property
    def _under(self) -> Array:
        """The area under the exponential of the knots: most of the work of a mean."""
        return _area(self.logs, 0)

    def _set_area(self, under: Array) -> "Distribution":
        """The same, whose area is known from the one it was made of."""
        vars(self)["_under"] = under
        return self

    @staticmethod
    def area(logs: Array, first: int = 0) -> Array:
        """Under the exponential of some knots that rise, from the ``first`` one on, by cell."""
        return _area(np.maximum(logs, _LEAST), first)

    def probability_below(self, value: Array) -> Array:
        """Probability of less than a value above zero; of a cell where it is zero, 0."""
        level = self._log_of(value)[:, None]
        low, high = self.logs[:, :-1], self.logs[:, 1:]
        fraction = np.where(high > low, (level - low) / np.maximum(high - low, SMALL), level > low)
        below = np.einsum("ij,j->i", np.clip(fraction, 0.0, 1.0), np.diff(PROBABILITIES))
        return np.where(value > 0, 1 - self.alive + self.alive * below, 0.0)

    def quantile(self, level: float | Array) -> Array:
        """Sales at a level of probability, one for all cells or one for each, USD."""
        levels = np.broadcast_to(np.asarray(level, dtype=float), self.alive.shape)
        return np.asarray(self.sales(levels[None])[0])

    def sales(self, uniform: Array) -> Array:
        """Sales at levels of probability: draws × cells, USD."""
        alive = np.maximum(self.alive, SMALL)
        inside = (uniform - (1 - self.alive)) / alive
        at = np.searchsorted(PROBABILITIES, inside, side="right").clip(1, len(PROBABILITIES) - 1)
        cell = np.arange(len(self.alive))
        low, high = self.logs[cell, at - 1], self.logs[cell, at]
        start = PROBABILITIES[at - 1]
        fraction = (inside - start) / (PROBABILITIES[at] - start)
        value = self.scale * (np.exp(low + fraction * (high - low)) - FLOOR_USD)
        return np.where(inside > 0, np.maximum(value, 0.0), 0.0)

    def _log_of(self, value: Array) -> Array:
        return np.log(value / np.maximum(self.scale, TINY) + FLOOR_USD)


def _area(logs: Array, first: int) -> Array:
    steps = _mean_of_exponential(logs[:, :-1], logs[:, 1:])
    width = np.diff(PROBABILITIES[first : first + logs.shape[1]])
    return np.asarray(np.einsum("ij,j->i", steps, width))


def _mean_of_exponential(low: Array, high: Array) -> Array:
    """Mean of ``exp`` between two ends."""
    width = high - low
    near = width < 1e-6
    return np.asarray(
        np.exp(low) * np.where(near, 1 + width / 2, np.expm1(width) / np.where(near, 1.0, width))
    )


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


def crps(off: Array) -> Array:
    """Continuous ranked probability scores: outcome less quantile, cells × :data:`LEVELS`.

    The integral of the pinball loss over the levels: trapezoids between them, the outermost held to
    the ends (Gneiting and Raftery, 2007, Journal of the American Statistical Association
    102:359-378; Laio and Tamea, 2007, Hydrology and Earth System Sciences 11:1267-1277).
    """
    levels = np.asarray(LEVELS)
    edges = np.r_[0.0, (levels[1:] + levels[:-1]) / 2, 1.0]
    return np.asarray(2 * np.maximum(levels * off, (levels - 1) * off) @ np.diff(edges))


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
            table[i] = _match_errors(table[i], run, log[mine], spread[mine], came)
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


def entry_size_shape(error: Array, log: Array, later: Array, weight: Array) -> Array:
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
    return np.asarray(_match_errors(table, run, log, whole, float(usual.sum()))[0])


def _knots(error: Array, weight: Array) -> Array:
    """Quantiles at ``PROBABILITIES``.

    The largest and the smallest error are chance: an end lies beyond the outermost quantile by
    the step before it, which is where that of a normal tail has its mean right.
    """
    inner = weighted_quantiles(error, weight, tuple(PROBABILITIES[1:-1].tolist()))
    low, high = 2 * inner[0] - inner[2], 2 * inner[-1] - inner[-3]
    return np.asarray(np.r_[low, inner, high])


def _match_errors(error: Array, run: Codes, log: Array, spread: Array, came: float) -> Array:
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
