"""How good a ranking was: each measure as sums over groups, so that any resampling is a weighting.

A group is an exporter's candidates for one product (and tier) in one base year.
"""

from dataclasses import dataclass

import numpy as np

from offing.estimators import SMALL, stretches
from offing.forecast.backtest.ranks import midranks, within
from offing.forecast.backtest.trial import Trial
from offing.forecast.outlook.intervals import LEVELS
from offing.market.history import FLOOR_USD, Array, Mask

FIRST_TODAY = 10
"""Markets an exporter knows already: growth outside them is what a search is for."""


@dataclass(frozen=True)
class Places:
    """Which cells stand among each group's first k.

    Tied cells share the places that are left to them: each is taken in part, which is what an
    order by lot would take on average.

    Attributes:
        inside: k → share of each cell that is taken, 0 to 1.
    """

    inside: dict[int, Array]

    @classmethod
    def of(cls, trial: Trial, score: Array, tops: tuple[int, ...]) -> "Places":
        """By one way of ranking.

        The larger its score, the earlier a cell; ``-inf`` is never taken.
        """
        first, (widest, slots) = trial.first, trial.slots
        rows = np.full((len(first), widest), -np.inf)
        rows.ravel()[slots] = score
        cuts = sorted({widest - min(k, widest) for k in tops})
        rows.partition(cuts, axis=1)
        inside = {}
        for k in tops:
            limit = rows[trial.group, widest - min(k, widest)]
            above, tie = score > limit, (score == limit) & (score > -np.inf)
            room = k - np.add.reduceat(above, first, dtype=float)
            share = room / np.maximum(np.add.reduceat(tie, first, dtype=float), 1)
            inside[k] = np.where(tie, np.minimum(share, 1.0)[trial.group], above)
        return cls(inside)

    def taken(self, trial: Trial, values: Array) -> dict[int, Array]:
        """Sum of the values on each group's first k, by k."""
        return {k: np.add.reduceat(values * share, trial.first) for k, share in self.inside.items()}


def outside_today(trial: Trial) -> Mask:
    """Cells that are not among an exporter's ten largest markets of the base year."""
    order = np.lexsort((-trial.base, trial.group))
    outside = np.empty(len(order), dtype=bool)
    outside[order] = within(*stretches(trial.group)) >= FIRST_TODAY
    return np.asarray(outside | (~trial.old))


def growth_moments(trial: Trial, growth: Array) -> Array:
    """Cross products of within-exporter ranks, by group.

    Columns of the ranks: the ranking's word on growth, the growth that came (log ratio), the flow's
    size and its share of the market. Only flows that exist in the base year have a growth rate.

    Returns:
        groups × 4 × 4.
    """
    old = trial.old
    group = trial.group[old]
    predicted = midranks(growth[old], trial.exporter[group])
    moments = np.zeros((trial.groups, 4, 4))
    moments[:, 1:, 1:] = trial.rank_moments
    for i, rank in enumerate((predicted, *trial.ranks)):
        products = np.bincount(group, predicted * rank, trial.groups)
        moments[:, 0, i] = moments[:, i, 0] = products
    return moments


def rank_correlation(moments: Array) -> Array:
    """Spearman's correlation of said and actual growth, from summed moments, draws × 4 × 4."""
    scale = np.sqrt(moments[:, 0, 0] * moments[:, 1, 1])
    gone = np.full(len(scale), np.nan)
    return np.asarray(np.divide(moments[:, 0, 1], scale, out=gone, where=scale > 0))


def partial_rank_correlation(moments: Array) -> Array:
    """The same beyond what small size and small share say."""
    gone = np.linalg.pinv(moments[:, 2:, 2:], rcond=SMALL, hermitian=True) @ moments[:, 2:, :2]
    rest = moments[:, :2, :2] - moments[:, :2, 2:] @ gone
    predicted, came = rest[:, 0, 0], rest[:, 1, 1]
    told = (predicted > 1e-9 * np.maximum(moments[:, 0, 0], SMALL)) & (came > 0)
    scale = np.sqrt(np.where(told, predicted * came, 1.0))
    return np.where(told, rest[:, 0, 1] / scale, np.nan)


def hits(trial: Trial, low: Array, high: Array) -> tuple[Array, Array]:
    """Flows inside the 80 % interval, and flows, by group; flows that exist in the base year."""
    old = trial.old
    inside = (trial.later >= low) & (trial.later <= high)
    return trial.sums(inside, old), trial.sums(old)


def log_scores(trial: Trial, quantiles: Array, of: Mask) -> Array:
    """Sum of the continuous ranked probability score on log sales, by group.

    The integral of the pinball loss over the levels: trapezoids between them, the outermost held to
    the ends (Gneiting and Raftery, 2007, Journal of the American Statistical Association
    102:359-378; Laio and Tamea, 2007, Hydrology and Earth System Sciences 11:1267-1277).
    ``quantiles`` is cells × ``LEVELS``, USD; ``of`` marks the cells that count.
    """
    came = np.log(trial.later[of] + FLOOR_USD)
    levels = np.asarray(LEVELS)
    off = came[:, None] - np.log(np.maximum(quantiles[of], 0) + FLOOR_USD)
    pinball = 2 * np.maximum(levels * off, (levels - 1) * off)
    edges = np.r_[0.0, (levels[1:] + levels[:-1]) / 2, 1.0]
    return np.bincount(trial.group[of], pinball @ np.diff(edges), trial.groups).astype(float)
