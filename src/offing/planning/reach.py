"""How much the firm may sell where: its share of its country's exports, market by market.

Where it sells, its share is a random effect. The record of a market is drawn to the firm's typical
share by how thin it is (partial pooling, empirical Bayes: Efron and Morris 1975, JASA 70(350)), on
the logarithm of shares: the answer is the same in any money. Where it does not sell, sales are
missing and not zero.

**Selection.** A firm entered where its draw was good, so that the shares of the markets it is in
say too much about the others. The rule supposed here: of the markets looked at, it is in those
where its sales would pass one threshold, the same everywhere:
``log share + log of the origin's exports > k``. The shares that would be met in all of them are
then those of a regression censored at points that differ by market (Tobin 1958, Econometrica
26(1)).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offing.estimators.newton import Objective, Point, Search, newton
from offing.terms.errors import MissingDataError

Floats = NDArray[np.float64]

PRIOR_BETWEEN = 1.0
"""Standard deviation of log shares between a firm's markets, before its own are seen: an assumption
of ours. It counts as much as one market."""

SLOPE_PRIOR = 1.0
"""Before its markets are seen, shares do not depend on size; that counts as much as one market at
``e`` times the usual size, an assumption of ours."""

LASTING = 0.2
"""Part of the variance of a share's move from one year to the next that lasts; the rest is two
years that pass, each for itself. Of Brazilian states in the coffee of Santos 0.19, of Santa
Catarina's meat (221 pairs of heading and country, 2019 to 2024) 0.30. With 0.2, half as much weight
for each year further back is the best filter (Muth 1960, Journal of the American Statistical
Association 55(290))."""

LEAST_MARKETS = 3
"""Below it no spread of shares can be told."""


@dataclass(frozen=True)
class Pooled:
    """The firm's lasting share of its country's exports, by market where it sells.

    Attributes:
        log_share: m, of each market as drawn to the typical one.
        error: m, its standard deviation: how far the lasting share may lie from it.
        today: m, the log share of the last year.
        typical: the mean of log shares.
        between: their standard deviation between markets, without the noise of the record.
    """

    log_share: Floats
    error: Floats
    today: Floats
    typical: float
    between: float

    @property
    def from_today(self) -> Floats:
        """How far the lasting share lies from today's, in logarithms: m."""
        return self.log_share - self.today


def pooled(sales: Floats, origin: Floats, spread: float) -> Pooled:
    """Shares where the firm sells today, thin records drawn to its typical share.

    At a given number of years it rises with today's sales, without a step.

    Args:
        sales: markets × years, the firm's sales, any money; not a number where it sold nothing yet.
        origin: markets × years, its country's exports in the same money.
        spread: standard deviation of how a log share moves from one year to the next, see
            :func:`offing.planning.scenarios.yearly_spread`.

    Raises:
        MissingDataError: ``plan.no_share`` where a market has no sales or exports in the last year.
    """
    present = (sales > 0) & (origin > 0)
    if not present[:, -1].all():
        raise MissingDataError("plan.no_share", count=int((~present[:, -1]).sum()))
    # Shares wander: what lies a year further back says half as much of the lasting share.
    weight_of = np.where(present, 0.5 ** np.arange(sales.shape[1])[::-1], 0.0)
    sold, whole = (np.where(present, values, 0.0) for values in (sales, origin))
    share = (weight_of * sold).sum(axis=1) / (weight_of * whole).sum(axis=1)
    noise = spread**2 * _uncertain(weight_of / weight_of.sum(axis=1, keepdims=True))
    # The lasting share is the mean one: the logarithm of a few years lies below its logarithm.
    record = np.log(share) + noise / 2
    typical, count = float(record.mean()), len(record)
    # A firm is where its sales are worth it: in a small market only with a large share. All are
    # drawn to a line in the market's size, else a large market's share would be drawn too high.
    size = np.log(origin[:, -1])
    size = size - size.mean()
    squares = float((size**2).sum())
    expected = typical + size * float((size * record).sum()) / (squares + SLOPE_PRIOR)
    # The unweighted mean and the moments about it keep the answer rising in a market's own sales.
    freedom = count - 1 - squares / (squares + SLOPE_PRIOR)
    beyond = max(float(((record - expected) ** 2).sum()) - float(noise.mean()) * freedom, 0.0)
    between = (beyond + PRIOR_BETWEEN**2) / count
    weight = between / (between + noise)
    return Pooled(
        log_share=expected + weight * (record - expected),
        error=np.sqrt(weight * noise),
        today=np.log(sales[:, -1] / origin[:, -1]),
        typical=typical,
        between=float(np.sqrt(between)),
    )


def _uncertain(weights: Floats) -> Floats:
    """Variance of a weighted record about the share of today, of year-to-year moves of variance 1.

    Each year passes by its own, and what lasts has moved on since the earlier ones. ``weights`` is
    markets × years, the last year last, of sum 1.
    """
    earlier = np.cumsum(weights, axis=1)[:, :-1]
    passing = (1 - LASTING) / 2
    return np.asarray(passing * (weights**2).sum(axis=1) + LASTING * (earlier**2).sum(axis=1))


@dataclass(frozen=True)
class Unselected:
    """Log shares that the firm would meet in all markets, those it did not enter included.

    Attributes:
        mean: of log shares.
        spread: their standard deviation.
        threshold: log sales above which it entered.
    """

    mean: float
    spread: float
    threshold: float

    @property
    def share(self) -> float:
        """The mean share: ``exp(mean + spread² / 2)``."""
        return float(np.exp(self.mean + self.spread**2 / 2))


HALF_LOG_2PI = float(np.log(2 * np.pi)) / 2


def unselected(log_share: Floats, log_size: Floats, log_size_left_out: Floats) -> Unselected:
    """Correct shares for the firm having entered where its draw was good.

    The threshold is told from the two smallest sales (Robson and Whitlock 1964, Biometrika 51(1):
    twice the smallest less the next), the rest by maximum likelihood.

    Args:
        log_share: of the markets it is in.
        log_size: log of the origin's exports to these.
        log_size_left_out: to the markets it looked at and is not in.

    Raises:
        MissingDataError: ``plan.too_few_markets`` below three: no spread can be told.
    """
    if len(log_share) < LEAST_MARKETS:
        raise MissingDataError("plan.too_few_markets", count=len(log_share))
    smallest = np.sort(log_share + log_size)[:2]
    threshold = float(2 * smallest[0] - smallest[1])
    seen, out = len(log_share), len(log_size_left_out)
    first = np.concatenate([log_share, threshold - log_size_left_out, [1.0]])
    design = np.column_stack([first, np.repeat([-1.0, 0.0], [seen + out, 1])])
    start = np.array([1.0, log_share.mean()]) / max(log_share.std(), 0.1)
    search = Search(lambda gained, _: gained < 1e-14, steps=50, collinear=1e-10)
    precision, scaled_mean = newton(design, _unlikely(seen), start, search).coefficients
    return Unselected(float(scaled_mean / precision), float(1 / precision), threshold)


def _unlikely(seen: int) -> Objective:
    """How unlikely shares are, of ``1 / spread`` and ``mean / spread``, with one minimum.

    Olsen (1978), Econometrica 46(5): each share and each limit of one not seen is one row of a
    linear predictor; the last row is ``1 / spread`` itself.
    """
    from scipy.special import log_ndtr

    def at(predictor: Floats) -> Point:
        inside, outside, precision = predictor[:seen], predictor[seen:-1], predictor[-1]
        if precision <= 0:
            return Point(np.inf, predictor, predictor)
        below = log_ndtr(outside)
        hazard = np.exp(-(outside**2) / 2 - HALF_LOG_2PI - below)
        return Point(
            float((inside**2).sum() / 2 - seen * np.log(precision) - below.sum()),
            np.concatenate([inside, -hazard, [-seen / precision]]),
            np.concatenate([np.ones(seen), hazard * (outside + hazard), [seen / precision**2]]),
        )

    return at


def entry_correction(log_share: Floats, log_size: Floats, log_size_left_out: Floats) -> float:
    """What to add to the logarithm of an entry's share for entries having been chosen; at most 0.

    It is that of :func:`unselected`: the mean share of all markets over that of those the firm is
    in. It never raises an entry: a spread that few markets tell to be wide would make those not
    entered better markets than those that were. The arguments are those of :func:`unselected`. 0 of
    fewer than three markets, or where none was left out.
    """
    if len(log_share) < LEAST_MARKETS or not len(log_size_left_out):
        return 0.0
    fair = unselected(log_share, log_size, log_size_left_out)
    return min(float(np.log(fair.share / np.exp(log_share).mean())), 0.0)
