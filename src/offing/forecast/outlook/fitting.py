"""Fit the outlook's parts on what earlier base years showed."""

from dataclasses import dataclass, replace

import numpy as np

from offing.estimators import SMALL
from offing.estimators.apart import Apart
from offing.estimators.penalised import (
    PENALTY,
    Linear,
    Standard,
    chance,
    least_deviations,
    least_squares,
    logistic,
    poisson,
    prediction_error,
    shares,
)
from offing.forecast.outlook.common import PRIOR, Common, common_parts, with_stops, with_the_level
from offing.forecast.outlook.distribution import PROBABILITIES
from offing.forecast.outlook.features import COLUMNS, ESTABLISHED, NEW, Cells, Matrix
from offing.forecast.outlook.intervals import Errors, of_beginnings, usual
from offing.forecast.outlook.long_run import beyond
from offing.forecast.outlook.sharing import start
from offing.forecast.outlook.training import TrainingSet
from offing.forecast.outlook.turnover import Turnover
from offing.market.history import FLOOR_USD, Array, Mask

SMALLEST_ERROR = 0.05
"""Added to the size of an error before its log is taken: a lucky hit is no lasting precision."""
PRIOR_ROWS = 30.0
"""What "a feature says nothing" counts for, in flows: a panel of a hundred flows has hardly shown
what thirty features do, one of ten thousand has."""
LEAST_BEGINNINGS = 30
"""Flows that began, before years are left out that know less of the past than others."""
_ESTABLISHED = slice(0, len(ESTABLISHED))
_NEW = slice(len(ESTABLISHED), len(COLUMNS) - 1)
_NEVER = Linear(-30.0, np.zeros(len(NEW)))
"""The predictor of new flows where none was ever seen."""


@dataclass(frozen=True)
class Beginning:
    """Empty pairs of one kind: those that return, or those that would be new.

    Attributes:
        chance: logit of the probability of sales.
        lasting: that such sales last: they were there the year before too.
        size: their log.
        errors: quantiles of the error of that log at ``PROBABILITIES``.
    """

    chance: Linear
    lasting: Linear
    size: Linear
    errors: Array


@dataclass(frozen=True)
class Going:
    """Flows that exist.

    Attributes:
        stop: logit of the probability that nothing is sold.
        middle: median log change of those that go on.
        scale: log of the size of its error.
        errors: shape of the error, by size and age of the flow.
        common: how much of an error flows share.
        drift: square of what errors of the level add to the spread.
        level: variance of the log level.
    """

    stop: Linear
    middle: Linear
    scale: Linear
    errors: Errors
    common: Common
    drift: float
    level: float

    def spread(self, established: Matrix) -> Array:
        """How large the error of a flow's log change usually is."""
        own = np.exp(np.clip(self.scale(established), -4, 4))
        return np.sqrt(own**2 + self.drift)


@dataclass(frozen=True)
class Seen:
    """The lowest and the highest value of each feature among the rows that were fitted on.

    A feature of a whole product in a year, such as its size, was seen as often as there were base
    years: a line through three of them says nothing of what lies beyond.

    Attributes:
        cells: 2 × ``COLUMNS``.
        exporters: 2 × ``EXPORTER_FEATURES``.
    """

    cells: Array
    exporters: Array

    @classmethod
    def of(cls, data: TrainingSet) -> "Seen":
        """Of a training set; columns of flows that exist, and those of empty pairs, of theirs."""
        old = data.base > 0
        cells = np.zeros((2, data.design.shape[1]))
        for kind, columns in ((old, _ESTABLISHED), (~old, slice(len(ESTABLISHED), None))):
            if kind.any():
                cells[:, columns] = _ends(data.design[kind, columns])
        return cls(cells, _ends(data.exporters))

    def within(self, cells: Cells) -> Cells:
        """The cells with what goes beyond at its nearer end."""
        return replace(
            cells,
            design=np.clip(cells.design, *self.cells.astype(cells.design.dtype)),
            exporters=np.clip(cells.exporters, *self.exporters.astype(cells.exporters.dtype)),
        )


def _ends(features: Matrix) -> Array:
    return np.array([features.min(axis=0), features.max(axis=0)], dtype=np.float64)


@dataclass(frozen=True)
class Parts:
    """Everything fitted on a training set; see ``outlook.model``."""

    seen: Seen
    share: Array
    total: Linear
    going: Going
    returning: Beginning
    new: Beginning
    turnover: Turnover
    more: float


def established(design: Matrix) -> Matrix:
    """The columns of flows that exist."""
    return design[:, _ESTABLISHED]


def beginning(design: Matrix) -> Matrix:
    """The columns of empty pairs."""
    return design[:, _NEW]


def fitted(data: TrainingSet) -> Parts:
    """Fit every part on the training set."""
    seen = Seen.of(data)
    share, total = _gains(data)
    going = _going(data)
    empty = data.base == 0
    new = _beginning(data, empty & ~data.returns)
    # Base years without any before them cannot tell the two apart: one model then serves both.
    told_apart = bool((data.looked[empty] > 0).any())
    return Parts(
        seen,
        share,
        total,
        going=going,
        returning=_beginning(data, empty & data.returns) if told_apart else new,
        new=new,
        turnover=Turnover.of(data),
        more=beyond(data.levels, data.horizon, len(data.origins)) + going.level / 2,
    )


def _going(data: TrainingSet) -> Going:
    old = data.base > 0
    features = data.design[old, _ESTABLISHED]
    base, later, seen, weight = data.base[old], data.later[old], data.seen[old], np.ones(old.sum())
    tame = PENALTY + PRIOR_ROWS / max(len(weight), 1)
    stop = logistic(features, (later == 0).astype(float), weight, tame)
    ends, on = chance(stop(features)), later > 0
    if not on.any():
        never = Linear(0.0, np.zeros(features.shape[1]))
        return Going(stop, never, never, Errors.none(), PRIOR, 0.0, 0.0)
    features, base, later, weight = features[on], base[on], later[on], weight[on]
    change = np.log((later + FLOOR_USD) / (base + FLOOR_USD))
    standard = Standard.of(features)
    middle = least_deviations(standard, change, weight, tame)
    fitted = middle(features)
    off = (change - fitted) * prediction_error(standard, tame)
    scale = least_squares(standard, np.log(np.abs(off) + SMALLEST_ERROR), weight, tame)
    spread = np.exp(np.clip(scale(features), -4, 4))
    errors = Errors.of(off / spread, base, seen[on], weight)
    log = np.log(base + FLOOR_USD) + fitted
    score = with_stops(ends, on, errors.scores(off / spread, base, seen[on]))
    common = common_parts(
        score, data.base[old], *(code[old] for code in (data.origin, data.group, data.buyer))
    )
    squares = usual(off**2)
    by_dollar = float(np.average(squares, weights=base))
    common, added = with_the_level(common, data.levels, float(np.sqrt(by_dollar)), data.horizon)
    drift = added * float(usual(spread**2).sum()) / max(float(squares.sum()), SMALL)
    bent = errors.bent(log, spread, later, base, seen[on])
    level = common.year * (by_dollar + added)
    return Going(stop, middle, scale, bent, common, drift, level)


def _beginning(data: TrainingSet, kind: Mask) -> Beginning:
    begins = kind & (data.later > 0)
    if begins.sum() < 2:
        even = Linear(0.0, np.zeros(len(NEW)))
        return Beginning(_NEVER, even, even, np.zeros(len(PROBABILITIES)))
    # Of a year with few years before it, pairs count as new that would be known to return.
    best = kind & (data.looked == data.looked.max(initial=0, where=kind))
    told = best if (begins & best).sum() >= LEAST_BEGINNINGS else kind
    weight = data.stands_for
    chance = logistic(data.design[told, _NEW], begins[told].astype(float), weight[told])
    features, weight = data.design[begins, _NEW], weight[begins]
    lasting = logistic(features, data.survived[begins].astype(float), weight)
    log = np.log(data.later[begins] + FLOOR_USD)
    size = least_squares(features, log, weight, 0.1)
    middle = size(features)
    shape = of_beginnings(log - middle, middle, data.later[begins], weight)
    return Beginning(chance, lasting, size, shape)


def _gains(data: TrainingSet) -> tuple[Array, Linear]:
    """How an exporter's growth is shared out among its markets, and how much of it there is."""
    gain = np.maximum(data.later - data.base, 0.0)
    totals: Array = np.bincount(data.group, gain * data.stands_for, len(data.exports)).astype(float)
    grows = totals[data.group] > 0
    share = np.zeros(len(COLUMNS))
    if grows.any():
        new = data.base == 0
        kinds = (grows & ~new, _ESTABLISHED), (grows & new, slice(len(ESTABLISHED), None))
        share = shares(
            Apart.of(data.design, kinds),
            gain[grows],
            start(data.base, data.proportional)[grows],
            np.unique(data.group[grows], return_inverse=True)[1],
            data.stands_for[grows],
            1 / np.sqrt(totals[data.group[grows]] + 1e5),
        )
    weight = 1 / np.sqrt(data.exports + 1e5)
    return share, poisson(data.exporters, totals, np.log(data.exports + FLOOR_USD), weight)
