"""How good a ranking was: each measure as sums over groups, so that any resampling is a weighting.

A group is an exporter's candidates for one product (and tier) in one base year.
"""

from dataclasses import dataclass

import numpy as np

from offing.forecast.backtest.trial import Trial
from offing.forecast.outlook.intervals import LEVELS
from offing.market.history import Array, Codes

FLOOR_USD = 1_000.0
"""Inside logs: changes below it are noise of reporting thresholds."""


def _starts(group: Codes) -> tuple[Codes, Codes]:
    first = np.flatnonzero(np.r_[True, np.diff(group) > 0])
    return first, np.diff(np.r_[first, len(group)])


def captured(trial: Trial, score: Array, tops: tuple[int, ...]) -> dict[int, Array]:
    """Growth that fell on each group's first k markets, USD, by k.

    Tied candidates share their places: each gets the mean growth of the tie, which is what an
    order by lot would catch on average.
    """
    order = np.lexsort((-score, trial.group))
    group, gain, value = trial.group[order], trial.gain[order], score[order]
    first, size = _starts(group)
    rank = np.arange(len(group)) - np.repeat(first, size)
    tie = np.cumsum(np.r_[True, (np.diff(value) != 0) | (np.diff(group) > 0)]) - 1
    mean = (np.bincount(tie, gain) / np.bincount(tie))[tie]
    # A mean of a tie, added up again, may be a rounding above the growth there was.
    most = np.bincount(trial.group, trial.gain)
    return {k: np.minimum(np.bincount(group, mean * (rank < k)), most) for k in tops}


def _ranks(values: Array, block: Codes) -> Array:
    """Midranks inside each block, centred and scaled to the size of the block."""
    order = np.lexsort((values, block))
    sorted_block, sorted_values = block[order], values[order]
    first, size = _starts(sorted_block)
    rank = np.arange(len(values), dtype=float) - np.repeat(first, size)
    tie = np.cumsum(np.r_[True, (np.diff(sorted_values) != 0) | (np.diff(sorted_block) > 0)]) - 1
    rank = (np.bincount(tie, rank) / np.bincount(tie))[tie]
    length = np.repeat(size, size)
    made = np.empty(len(values))
    made[order] = np.where(length > 1, (rank - (length - 1) / 2) / np.maximum(length - 1, 1), 0.0)
    return made


def growth_moments(trial: Trial, growth: Array, groups: int) -> Array:
    """Cross products of within-exporter ranks, by group.

    Columns of the ranks: the ranking's word on growth, the growth that came (log ratio), the flow's
    size and its share of the market. Only flows that exist in the base year have a growth rate.

    Returns:
        groups × 4 × 4.
    """
    old = trial.base > 0
    exporter = trial.exporter[old]
    came = np.log((trial.later[old] + FLOOR_USD) / (trial.base[old] + FLOOR_USD))
    ranks = np.stack(
        [
            _ranks(values, exporter)
            for values in (
                growth[old],
                came,
                trial.base[old],
                trial.base[old] / trial.market[old],
            )
        ]
    )
    group = trial.group[old]
    made = np.zeros((groups, 4, 4))
    for i in range(4):
        for j in range(i, 4):
            made[:, i, j] = made[:, j, i] = np.bincount(group, ranks[i] * ranks[j], groups)
    return made


def rank_correlation(moments: Array) -> float:
    """Spearman's correlation of said and actual growth, from summed moments."""
    scale = np.sqrt(moments[0, 0] * moments[1, 1])
    return float(moments[0, 1] / scale) if scale > 0 else float("nan")


def partial_rank_correlation(moments: Array) -> float:
    """The same beyond what small size and small share say."""
    try:
        gone = np.linalg.solve(moments[2:, 2:], moments[2:, :2])
    except np.linalg.LinAlgError:
        return float("nan")
    rest = moments[:2, :2] - moments[:2, 2:] @ gone
    if rest[0, 0] <= 1e-9 * max(moments[0, 0], 1e-12) or rest[1, 1] <= 0:
        return float("nan")
    return float(rest[0, 1] / np.sqrt(rest[0, 0] * rest[1, 1]))


def hits(trial: Trial, low: Array, high: Array, groups: int) -> tuple[Array, Array]:
    """Flows inside the 80 % interval, and flows, by group; flows that exist in the base year."""
    old = trial.base > 0
    later = trial.later[old]
    inside = (later >= low[old]) & (later <= high[old])
    group = trial.group[old]
    return (
        np.bincount(group, inside, groups).astype(float),
        np.bincount(group, minlength=groups).astype(float),
    )


def log_scores(trial: Trial, expected: Array, quantiles: Array | None, groups: int) -> Array:
    """Sum of the continuous ranked probability score on log sales, by group.

    From quantiles it is the integral of the pinball loss over the levels (trapezoids between
    them, the outermost held to the ends); of a point forecast it is the absolute error.
    """
    old = trial.base > 0
    came = np.log(trial.later[old] + FLOOR_USD)
    if quantiles is None:
        loss = np.abs(came - np.log(expected[old] + FLOOR_USD))
    else:
        levels = np.asarray(LEVELS)
        off = came[:, None] - np.log(np.maximum(quantiles[old], 0) + FLOOR_USD)
        pinball = 2 * np.maximum(levels * off, (levels - 1) * off)
        edges = np.r_[0.0, (levels[1:] + levels[:-1]) / 2, 1.0]
        loss = pinball @ np.diff(edges)
    return np.bincount(trial.group[old], loss, groups).astype(float)


@dataclass(frozen=True)
class Entries:
    """Candidates without a flow in the base year, best first by one way of ranking.

    Attributes:
        group: of each.
        lasting: places of those at which a lasting flow came, rising.
        ends: last place of each tie that holds one of them: precision is read there.
        found: how many of ``lasting`` lie up to each end.
    """

    group: Codes
    lasting: Codes
    ends: Codes
    found: Codes

    @classmethod
    def of(cls, group: Codes, positive: Array, said: Array) -> "Entries":
        """In the order of what was said."""
        order = np.argsort(-said, kind="stable")
        sorted_said, sorted_positive = said[order], positive[order] > 0
        last = np.r_[np.diff(sorted_said) != 0, True] if len(said) else np.zeros(0, bool)
        lasting, tie_ends = np.flatnonzero(sorted_positive), np.flatnonzero(last)
        ends = np.unique(tie_ends[np.searchsorted(tie_ends, lasting)])
        found = np.searchsorted(lasting, ends, side="right")
        return cls(group[order], lasting, ends, found)

    def average_precision(self, weight: Array) -> float:
        """Area under the precision-recall curve, with a weight for each group."""
        cell = weight[self.group]
        found = np.cumsum(cell[self.lasting])
        if not len(found) or found[-1] <= 0:
            return float("nan")
        looked = np.cumsum(cell)[self.ends]
        found = found[self.found - 1]
        gained = np.diff(np.r_[0.0, found])
        return float(gained @ (found / np.maximum(looked, 1e-12)) / found[-1])
