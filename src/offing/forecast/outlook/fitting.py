"""Fit the outlook's parts on what earlier base years showed."""

from dataclasses import dataclass, replace

import numpy as np

from offing.estimators import SMALL, TINY, stretches
from offing.estimators.penalised import (
    PENALTY,
    Apart,
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
from offing.forecast.outlook.distribution import PROBABILITIES, Errors, entry_size_shape, usual
from offing.forecast.outlook.features import COLUMNS, ESTABLISHED, NEW, Cells, Matrix
from offing.forecast.outlook.training import TrainingSet, beyond
from offing.market.history import FLOOR_USD, Array, Codes, Mask

LEAST_FLOW = 0.2
"""A flow keeps at least this part for itself."""
YEARS_OF_PRIOR = 3.0
"""What the prior counts for, in base years."""


@dataclass(frozen=True)
class Common:
    """Parts of the variance of a normal score; the rest is the flow's own.

    Attributes:
        year: of all flows of the world.
        exporter: of an exporter's sales of a product.
        importer: of a market's purchases of a product.
        years: base years that it was estimated on.
    """

    year: float
    exporter: float
    importer: float
    years: int = 0

    @property
    def flow(self) -> float:
        """The flow's own part."""
        return 1 - self.year - self.exporter - self.importer


PRIOR = Common(0.08, 0.12, 0.05)
"""Taken where nothing was seen: set by judgement beside the panels of decision 11, not
estimated."""


def common_parts(score: Array, base: Array, origin: Codes, seller: Codes, buyer: Codes) -> Common:
    """The parts of errors made on earlier base years.

    Args:
        score: normal scores of flows.
        base: USD then; weighs by its root.
        origin: base year.
        seller: exporter × product × base year.
        buyer: importer × product × base year.
    """
    weight = np.sqrt(base + 1e4)
    score = score / np.sqrt(np.average(score**2, weights=weight))
    by_year, by_seller, by_buyer = (
        _group_correlation(score, weight, code) for code in (origin, seller, buyer)
    )
    years = len(np.unique(origin))
    # The fit takes the mean of the years seen out of their errors.
    by_year *= years / (years - 1) if years > 1 else 1.0
    trust = (years - 1) / (years - 1 + YEARS_OF_PRIOR)
    year = trust * max(by_year, 0.0) + (1 - trust) * PRIOR.year
    certain = years / (years + 1)
    exporter = certain * max(by_seller - by_year, 0.0) + (1 - certain) * PRIOR.exporter
    importer = certain * max(by_buyer - by_year, 0.0) + (1 - certain) * PRIOR.importer
    shrink = min(1.0, (1 - LEAST_FLOW) / max(year + exporter + importer, 1e-9))
    return Common(year * shrink, exporter * shrink, importer * shrink, years)


def scores_with_stops(ends: Array, on: Mask, score: Array) -> Array:
    """Normal scores of all flows, those that stopped among them: many may be left at once.

    A stop says that the score lay below the quantile of its probability; it counts as the mean of
    what lies there. ``ends`` is the probability that each stops, ``score`` of those that went on.
    """
    from scipy.special import ndtr, ndtri

    scores = np.empty(len(ends))
    went = ends[on] + (1 - ends[on]) * ndtr(score)
    scores[on] = ndtri(np.clip(went, 1e-3, 1 - 1e-3))
    stopped = np.clip(ends[~on], 1e-6, 1 - 1e-6)
    scores[~on] = -np.exp(-(ndtri(stopped) ** 2) / 2) / np.sqrt(2 * np.pi) / stopped
    return scores


def add_level_error(
    parts: Common, levels: Array, spread: float, horizon: int
) -> tuple[Common, float]:
    """The same with a year's part that is large enough for errors of the level.

    What the level asks for beyond what flows show is in no residual, so it widens every flow's
    error too: the other parts keep their size and fall as shares. Pairs of years that overlap are
    not independent. ``levels``: see ``long_run.level_errors``.

    Returns:
        The parts, and the variance to be added to the log error of every flow.
    """
    if not len(levels) or spread <= 0:
        return parts, 0.0
    independent = 1 + (len(levels) - 1) / horizon
    seen = min(float(np.mean(levels**2)) / spread**2, 1.0)
    trust = independent / (independent + YEARS_OF_PRIOR)
    more = max(trust * seen + (1 - trust) * PRIOR.year - parts.year, 0.0)
    year, exporter, importer = (
        share / (1 + more) for share in (parts.year + more, parts.exporter, parts.importer)
    )
    shrink = min(1.0, (1 - LEAST_FLOW) / max(year + exporter + importer, 1e-9))
    shared = Common(year * shrink, exporter * shrink, importer * shrink, parts.years)
    return shared, more * spread**2


def _group_correlation(score: Array, weight: Array, code: Codes) -> float:
    """Mean product of the scores of two flows of one group."""
    weighted = np.bincount(code, weight * score)
    whole = np.bincount(code, weight)
    products = weighted @ weighted - np.sum((weight * score) ** 2)
    pairs = whole @ whole - np.sum(weight**2)
    return float(products / pairs) if pairs > 1e-9 * (whole @ whole) else 0.0


LEAST = 30.0
"""Pairs that a state's rate needs; one with fewer leans on the rate of its likes."""
_BEGUN = COLUMNS.index("just_begun")
_LATELY = COLUMNS.index("new_sold_before_latest")
_NO_TURNOVER, _LATE, _LONG, _FIRST, _BACK, _SECOND, _THIRD, _OLD = range(8)


@dataclass(frozen=True)
class Turnover:
    """Rates of one step.

    Attributes:
        opens: probability of sales a step on, of a pair in each of the eight states.
        lately: of pairs that may return, the share that sold the year before.
        ages: whether any base year tells the age of its flows. Where none does, pairs that pause
            look new, and what begins in a step is all that is known.
    """

    opens: Array
    lately: float
    ages: bool

    @classmethod
    def of(cls, data: TrainingSet) -> "Turnover":
        """Of a training set, whose horizon is the step."""
        old, came = data.base > 0, data.later > 0
        told = data.looked > 0
        begun = data.design[:, _BEGUN] > 0
        lately = data.design[:, _LATELY] > 0
        empty = ~old & data.returns

        def rate(which: Mask, pool: float) -> float:
            weight = float(data.stands_for[which].sum())
            seen = float(data.stands_for[which & came].sum())
            return (seen + LEAST * pool) / (weight + LEAST)

        never = rate(~old & ~data.returns, 0.0)
        back = rate(empty, never)
        lasting = rate(old, 1.0)
        first = old & begun & (data.seen == 1)
        ages = bool(first.any())
        if not ages:
            # No base year tells ages: flows as small as the smaller half of those that begin.
            small = np.median(data.later[~old & came]) if (~old & came).any() else 0.0
            first, told = old & (data.base <= small), told | True
        young = rate(first, lasting)
        opens = (
            never,
            rate(empty & lately, back),
            rate(empty & ~lately, back),
            young,
            rate(old & begun & (data.seen > 1), young),
            *(rate(old & ~begun & told & (data.seen == age), lasting) for age in (2, 3)),
            rate(old & ~begun & told & (data.seen > 3), lasting),
        )
        waiting = float(data.stands_for[empty].sum())
        share = float(data.stands_for[empty & lately].sum()) / waiting if waiting else 1.0
        return cls(np.array(opens), share, ages)

    def open_after(self, steps: int, returning: bool) -> tuple[float, float]:
        """Probability of sales after some steps, and of sales then and the step before."""
        state = np.zeros(8)
        state[[_NO_TURNOVER, _LATE, _LONG]] = (
            (0, self.lately, 1 - self.lately) if returning else (1, 0, 0)
        )
        for _ in range(steps):
            before = float(state[_FIRST:] @ self.opens[_FIRST:])
            state = self._step(state)
        return float(state[_FIRST:].sum()), before

    def _step(self, state: Array) -> Array:
        opens, ends = state * self.opens, state * (1 - self.opens)
        return np.array(
            [
                ends[_NO_TURNOVER],
                ends[_FIRST:].sum(),
                ends[_LATE] + ends[_LONG],
                opens[_NO_TURNOVER],
                opens[_LATE] + opens[_LONG],
                opens[_FIRST] + opens[_BACK],
                opens[_SECOND],
                opens[_THIRD] + opens[_OLD],
            ]
        )

    def stretch_probability(self, chance: Array, steps: float, returning: bool) -> Array:
        """Probabilities of one step made those of several; between whole steps on a line."""
        low = int(steps)
        if not self.ages:
            return chance
        ends = [self.open_after(count, returning)[0] for count in (1, low, low + 1)]
        there = ends[1] + (steps - low) * (ends[2] - ends[1])
        if not 0 < ends[0] < 1 or there >= 1:
            return chance
        return np.asarray(1 - (1 - chance) ** (np.log1p(-there) / np.log1p(-ends[0])))

    def lasting(self, chance: Array, steps: int, returning: bool) -> Array:
        """Of pairs open after some steps, two or more, the share open the step before too."""
        there, both = self.open_after(steps - 1, returning)[0], self.open_after(steps, returning)[1]
        stay = both / there if there > 0 else 1.0
        before, then = (
            self.stretch_probability(chance, count, returning) for count in (steps - 1, steps)
        )
        return np.divide(stay * before, then, out=np.ones(len(then)), where=then > 0)


SMALL_USD = 1_000.0
"""Keeps the share of an empty pair above zero."""
EMPTY_SHARE = 0.02
"""The weight of an empty pair, of its proportional flow, before the features correct it."""


def start(base: Array, proportional: Array) -> Array:
    """Log of today's sales, a little above zero where there are none."""
    return np.asarray(
        np.log(base + np.where(base == 0, EMPTY_SHARE * proportional, 0.0) + SMALL_USD)
    )


def scale_by_score(cells: Cells, score: Array) -> Array:
    """In proportion to today's sales times ``exp(score)``."""
    return _share_out(cells, start(cells.base, cells.proportional) + score)


def weight_by_today(cells: Cells) -> Array:
    """In proportion to today's sales."""
    return scale_by_score(cells, np.zeros(len(cells.base)))


def weight_by_recent(cells: Cells) -> Array:
    """In proportion to the mean of the last three years: a single year's luck evens out."""
    return _share_out(cells, start(cells.recent, cells.proportional))


def weight_by_gravity(cells: Cells) -> Array:
    """In proportion to what gravity expects; to recent sales where no distances are loaded."""
    if cells.gravity_trade is None:
        return weight_by_recent(cells)
    whole = np.bincount(cells.row, cells.gravity_trade, len(cells.exports))[cells.row]
    return np.asarray(cells.gravity_trade / np.maximum(whole, TINY))


def _share_out(cells: Cells, predictor: Array) -> Array:
    first, size = stretches(cells.row)
    top = np.repeat(np.maximum.reduceat(predictor, first), size)
    weight = np.exp(predictor - top)
    return np.asarray(weight / np.repeat(np.add.reduceat(weight, first), size))


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
class EntryFit:
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


def seen_range(data: TrainingSet) -> tuple[Array, Array]:
    """The lowest and the highest value of each feature among the rows that are fitted on.

    A feature of a whole product in a year, such as its size, was seen as often as there were base
    years: a line through three of them says nothing of what lies beyond. Columns of flows that
    exist are those of such flows, and those of empty pairs, of theirs.

    Returns:
        2 × ``COLUMNS``, and 2 × ``EXPORTER_FEATURES``.
    """
    old = data.base > 0
    cells = np.zeros((2, data.design.shape[1]))
    for kind, columns in ((old, _ESTABLISHED), (~old, slice(len(ESTABLISHED), None))):
        if kind.any():
            cells[:, columns] = _ends(data.design[kind, columns])
    return cells, _ends(data.exporters)


def clip_to_seen(cells: Cells, seen: tuple[Array, Array]) -> Cells:
    """The cells with what goes beyond at its nearer end."""
    design, exporters = cells.design, cells.exporters
    return replace(
        cells,
        design=np.clip(design, *seen[0].astype(design.dtype)),
        exporters=np.clip(exporters, *seen[1].astype(exporters.dtype)),
    )


def _ends(features: Matrix) -> Array:
    return np.array([features.min(axis=0), features.max(axis=0)], dtype=np.float64)


@dataclass(frozen=True)
class FittedParts:
    """Everything fitted on a training set; see ``outlook.model``."""

    seen: tuple[Array, Array]
    share: Array
    total: Linear
    going: Going
    returning: EntryFit
    new: EntryFit
    turnover: Turnover
    more: float


def established_columns(design: Matrix) -> Matrix:
    """The columns of flows that exist."""
    return design[:, _ESTABLISHED]


def beginning(design: Matrix) -> Matrix:
    """The columns of empty pairs."""
    return design[:, _NEW]


def fit_parts(data: TrainingSet) -> FittedParts:
    """Fit every part on the training set."""
    seen = seen_range(data)
    share, total = _gains(data)
    going = _going(data)
    empty = data.base == 0
    new = _beginning(data, empty & ~data.returns)
    # Base years without any before them cannot tell the two apart: one model then serves both.
    told_apart = bool((data.looked[empty] > 0).any())
    return FittedParts(
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
    score = scores_with_stops(ends, on, errors.scores(off / spread, base, seen[on]))
    common = common_parts(
        score, data.base[old], *(code[old] for code in (data.origin, data.group, data.buyer))
    )
    squares = usual(off**2)
    by_dollar = float(np.average(squares, weights=base))
    common, added = add_level_error(common, data.levels, float(np.sqrt(by_dollar)), data.horizon)
    drift = added * float(usual(spread**2).sum()) / max(float(squares.sum()), SMALL)
    bent = errors.bent(log, spread, later, base, seen[on])
    level = common.year * (by_dollar + added)
    return Going(stop, middle, scale, bent, common, drift, level)


def _beginning(data: TrainingSet, kind: Mask) -> EntryFit:
    begins = kind & (data.later > 0)
    if begins.sum() < 2:
        even = Linear(0.0, np.zeros(len(NEW)))
        return EntryFit(_NEVER, even, even, np.zeros(len(PROBABILITIES)))
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
    shape = entry_size_shape(log - middle, middle, data.later[begins], weight)
    return EntryFit(chance, lasting, size, shape)


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
