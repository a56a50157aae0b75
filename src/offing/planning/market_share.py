"""How much the firm may sell where, and at which price: its own record, market by market.

Where it sells, its share of its country's exports is a random effect. The record of a market is
drawn to the firm's typical share by how thin it is (partial pooling, empirical Bayes: Efron and
Morris 1975, JASA 70(350)), on the logarithm of shares: the answer is the same in any money. Where
it does not sell, sales are missing and not zero.

**Selection.** A firm entered where its draw was good, so that the shares of the markets it is in
say too much about the others. The rule supposed here: of the markets looked at, it is in those
where its sales, and something that nobody sees, would pass one threshold, the same everywhere:
``log share + log of the origin's exports + noise > k``. The shares that would be met in all of them
lie about a line in the market's size; it is that of a regression with selection (Tobin 1958,
Econometrica 26(1); Heckman 1979, Econometrica 47(1)), drawn to what is known before.

**Price.** A year's unit value is no margin for good: part of what sets a market apart is the year's
own (a lot, a month, a currency) and passes: how much, the firm's own years tell. Of what lasts,
part is what is sold there (档次), and costs differ with it. How far its lasting price lies from
the one to which the firm's stated cost belongs tells what its goods cost: half of that is taken to
be grade, as likely more as less.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offing.estimators.newton import NewtonPoint, Objective, Search, newton
from offing.terms.errors import MissingDataError

Floats = NDArray[np.float64]

PRIOR_BETWEEN = 1.0
"""Standard deviation of log shares between a firm's markets, before its own are seen: an assumption
of ours. It counts as much as one market."""

FLAT_PRIOR = 1.0
"""Of the markets that a firm is in: before they are seen, shares do not depend on size; that counts
as much as one market at ``e`` times the usual size, an assumption of ours."""

LASTING = 0.2
"""Part of the variance of a share's move from one year to the next that lasts; the rest is two
years that pass, each for itself. Of Brazilian states in the coffee of Santos 0.19, of Santa
Catarina's meat (221 pairs of heading and country, 2019 to 2024) 0.30. With 0.2, half as much weight
for each year further back is the best filter (Muth 1960, Journal of the American Statistical
Association 55(290))."""

SLOPE_PRIOR = 4.0
"""Before a firm's markets are seen, shares do not depend on the market's size, and that counts as
much as so many markets at ``e`` times the usual size: the slope is uncertain by half the spread of
shares. An assumption of ours. First years of Brazilian states in the coffee of Santos fall by
0.66 ± 0.06 with the log of the market's size and the shares of those sold in by 0.34, but nearly
all of it is that small sales in small markets are not made: shares as they would be met in all
markets fall by 0.10, 0.11 apart between states."""

UNSEEN = 0.75
"""What decides on an entry beside its sales (a buyer who called, a language), over the spread of
log shares: the likeliest of those states, a state and year at a time. Without it the smallest of a
firm's sales alone would be the threshold."""


@dataclass(frozen=True)
class ShrunkShare:
    """The firm's lasting share of its country's exports, by market where it sells.

    Attributes:
        log_share: m, of each market as drawn to the typical one.
        error: m, its standard deviation: how far the lasting share may lie from it.
        today: m, the log share of the last year.
        typical: the mean of log shares.
        between: their standard deviation between markets, without the noise of the record.
        slope: how the typical log share changes with the log of the market's size.
        centre: the mean of these.
    """

    log_share: Floats
    error: Floats
    today: Floats
    typical: float
    between: float
    slope: float = 0.0
    centre: float = 0.0

    def usual(self, log_size: float) -> float:
        """The typical log share of the markets that it is in, at this size."""
        return self.typical + self.slope * (log_size - self.centre)

    @property
    def from_today(self) -> Floats:
        """How far the lasting share lies from today's, in logarithms: m."""
        return self.log_share - self.today


def shrunk_shares(sales: Floats, origin: Floats, spread: float) -> ShrunkShare:
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
    centre = float(size.mean())
    size = size - centre
    squares = float((size**2).sum())
    slope = float((size * record).sum()) / (squares + FLAT_PRIOR)
    expected = typical + slope * size
    # The unweighted mean and the moments about it keep the answer rising in a market's own sales.
    freedom = count - 1 - squares / (squares + FLAT_PRIOR)
    beyond = max(float(((record - expected) ** 2).sum()) - float(noise.mean()) * freedom, 0.0)
    between = (beyond + PRIOR_BETWEEN**2) / count
    weight = between / (between + noise)
    drawn, variance = expected + weight * (record - expected), weight * noise
    # Thin records may not add up to more than was sold: the mean of each is a guess, their sum is
    # seen (benchmarking: Pfeffermann 2013, Statistical Science 28(1), 6.3).
    exports = origin[:, -1]
    told = np.log(np.exp(drawn + variance / 2) @ exports / (share @ exports))
    return ShrunkShare(
        log_share=drawn - told,
        error=np.sqrt(variance),
        today=np.log(sales[:, -1] / origin[:, -1]),
        typical=typical,
        between=float(np.sqrt(between)),
        slope=slope,
        centre=centre,
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
    """The line about which lie the log shares of all markets, those not entered included.

    Attributes:
        level: the mean log share in a market of the size ``centre``.
        slope: how it changes with the log of the market's size.
        spread: standard deviation of log shares about it.
        centre: log of the origin's exports.
        doubt: covariance of the errors of level and slope, 2 × 2.
    """

    level: float
    slope: float
    spread: float
    centre: float
    doubt: Floats

    def at(self, log_size: float) -> float:
        """The mean log share in a market of this size."""
        return self.level + self.slope * (log_size - self.centre)

    def error(self, log_size: float) -> float:
        """The standard error of that mean."""
        along = np.array([1.0, log_size - self.centre])
        return float(np.sqrt(along @ self.doubt @ along))


HALF_LOG_2PI = float(np.log(2 * np.pi)) / 2


def selection_line(log_share: Floats, log_size: Floats, log_size_left_out: Floats) -> Unselected:
    """Shares as they would be met in all markets, of a firm that entered where its draw was good.

    Without markets that were left out it is the line of the shares. One market is enough: what is
    supposed before counts as few.

    Args:
        log_share: of the markets it is in.
        log_size: log of the origin's exports to these.
        log_size_left_out: to the markets it looked at and is not in.
    """
    centre = float(log_size.mean())
    size, out = log_size - centre, log_size_left_out - centre
    seen = len(log_share)
    # Coefficients: 1 / spread, level / spread, slope / spread, threshold / spread. What is known
    # before stands as two rows more of shares: a slope, and a spread.
    steep, none = SLOPE_PRIOR**0.5, np.zeros(seen)
    shares = np.column_stack([log_share, none - 1, -size, none])
    before = np.array([[0, 0, steep, 0], [PRIOR_BETWEEN, 0, 0, 0]])
    entered = np.column_stack([log_share + size, none, none, none - 1]) / UNSEEN
    not_entered = np.column_stack([-out, 0 * out - 1, -out, 0 * out + 1]) / np.hypot(1, UNSEEN)
    design = np.concatenate([shares, before, entered, not_entered, [[1.0, 0, 0, 0]]])
    smallest = float((log_share + size).min())
    start = np.array([1.0, log_share.mean(), 0.0, smallest])
    if not len(out):
        # Nothing tells a threshold.
        design = np.concatenate([shares, before, design[-1:]])[:, :3]
        start = start[:3]
    search = Search(lambda gained, _: gained < 1e-14, steps=100)
    found, at, _ = newton(design, _unlikely(seen), start, search)
    precision, level, slope = (float(value) for value in found[:3])
    level, slope = level / precision, slope / precision
    by = np.zeros((2, len(start)))
    by[:, 0], by[0, 1], by[1, 2] = (-level, -slope), 1.0, 1.0
    by /= precision
    doubt = by @ np.linalg.solve(at.hessian(design), by.T)
    return Unselected(level, slope, 1 / precision, centre, doubt)


def _unlikely(seen: int) -> Objective:
    """How unlikely shares and entries are, of the coefficients of :func:`selection_line`.

    Over the spread, each share, each entry made and each not made is one row of a linear predictor,
    and there is one minimum (Olsen 1978, Econometrica 46(5)); the last row is ``1 / spread``.
    """
    from scipy.special import log_ndtr

    shares = seen + 2

    def at(predictor: Floats) -> NewtonPoint:
        inside, chosen, precision = predictor[:shares], predictor[shares:-1], predictor[-1]
        if precision <= 0:
            return NewtonPoint(np.inf, predictor, predictor)
        likely = log_ndtr(chosen)
        hazard = np.exp(-(chosen**2) / 2 - HALF_LOG_2PI - likely)
        count = seen + 1
        return NewtonPoint(
            float((inside**2).sum() / 2 - count * np.log(precision) - likely.sum()),
            np.concatenate([inside, -hazard, [-count / precision]]),
            np.concatenate([np.ones(shares), hazard * (chosen + hazard), [count / precision**2]]),
        )

    return at


ILLUSTRATIVE_RAMP = (1.0, 1.5, 2.0)
"""Illustrative, of no data: the second year is half as large again, the third double."""
RAMP_PRIOR = 5.0
"""The illustrative ramp counts as much as so many entries seen at that age."""
PRIOR_SPREAD = 1.0
"""Standard deviation of an entry's log size where the ledger tells none: an assumption of ours."""
PRIOR_PART_SPREAD = 0.5
"""Standard deviation of the log of a first year over the grown share, before entries are seen: an
assumption of ours. It counts as one entry, and so does :data:`ILLUSTRATIVE_RAMP`."""
MEDIAN_YEARS = 3.0
"""The middle of the two to four years of Besedeš and Prusa (2006), Canadian Journal of Economics
39(1), NBER w9936: median duration of exporting a product to the United States."""
SHAPE = 0.5
"""Of the Weibull curve through that median. They report that the risk falls with age; how fast is
an assumption of ours: a third fail in the first year, six in ten within five."""


Survival = tuple[float, ...]
"""The share of entries alive after 1, 2, … years; never rises."""


def years_there(survival: Survival, uniform: Floats, years: int) -> NDArray[np.bool_]:
    """Whether an entry is still in the market in its 1st, 2nd, … year: shape of draws × years.

    It is there in the first year; in the second if it outlasts one, and so on. Beyond its last
    point the curve stays level.
    """
    curve = np.array((1.0, *survival))
    alive = curve[np.minimum(np.arange(years), len(curve) - 1)]
    return np.asarray(uniform[..., None] < alive)


def published_survival(years: int, median: float = MEDIAN_YEARS, hazard: float = 1.0) -> Survival:
    """The published curve of US imports, see :data:`MEDIAN_YEARS`: ``S(t) = 2^(−(t / median)^½)``.

    Args:
        years: of the curve.
        median: years.
        hazard: factor on the risk of ending at any age, see :func:`hazard_factor`.

    >>> [round(share, 2) for share in published_survival(3)]
    [0.67, 0.57, 0.5]
    """
    return tuple(float(2.0 ** (-hazard * (t / median) ** SHAPE)) for t in range(1, years + 1))


HAZARD_PRIOR = 2.0
"""The published risk of ending counts as much as so many ended entries: an assumption of ours."""


def hazard_factor(lasted: Floats, ended: int, median: float = MEDIAN_YEARS) -> float:
    """What the firm's own entries make of the published risk of ending: a factor on it.

    Posterior mean of a factor with a Gamma prior of mean 1 and shape :data:`HAZARD_PRIOR`, on a
    Weibull hazard of known shape, with censored lives: ``(a + ended) / (a + expected)``.

    Args:
        lasted: years that each entry was seen in its market, until it ended or is still there.
        ended: how many of them ended.
        median: of the published curve, years.

    >>> hazard_factor(np.array([3.0, 3.0, 3.0]), ended=0)  # three that would be 2.08 ended ones
    0.490263...
    """
    expected = np.log(2) * float(((lasted / median) ** SHAPE).sum())
    return float((HAZARD_PRIOR + ended) / (HAZARD_PRIOR + expected))


@dataclass(frozen=True)
class Entry:
    """The size of an entry while it is there.

    Attributes:
        share: of the origin's exports to the segment, in the first year: the mean of a log-normal
            distribution, before ``most``.
        spread: standard deviation of its logarithm between entries.
        ramp: mean size in the 1st, 2nd, … year of those still there, over the first year's mean.
        source: ``entries`` of the ledger, the ``shares`` where it sells, or the ``user``'s entry
            share.
        most: no first year has a larger share.
    """

    share: float
    spread: float
    ramp: tuple[float, ...] = ILLUSTRATIVE_RAMP
    source: str = "user"
    most: float = np.inf

    def drawn(self, normal: Floats) -> Floats:
        """First years' shares from standard normal draws."""
        share = self.share * np.exp(self.spread * normal - self.spread**2 / 2)
        return np.asarray(np.minimum(share, self.most))

    def size(self, year: int) -> float:
        """Mean share in its year 0, 1, …; level after the last of the ramp."""
        return self.share * self.ramp[min(year, len(self.ramp) - 1)]

    def at(self, exports: float) -> "Entry":
        """The same in a market of any size."""
        return self


def assumed_entry_size(share: float) -> Entry:
    """Where there is no ledger of entries: what the person says, to be shown as an assumption."""
    return Entry(share, PRIOR_SPREAD)


@dataclass(frozen=True)
class FirstYears:
    """What earlier entries sold in their first year, beside the shares there once grown.

    Attributes:
        part: log of the first year over the grown share, mean over entries.
        spread: standard deviation of that logarithm between entries.
        ramp: as of :class:`Entry`.
        seen: entries behind it.
    """

    part: float = float(np.log(ILLUSTRATIVE_RAMP[0] / ILLUSTRATIVE_RAMP[-1]))
    spread: float = PRIOR_PART_SPREAD
    ramp: tuple[float, ...] = ILLUSTRATIVE_RAMP
    seen: int = 0


def ramp_of(shares: Floats) -> tuple[float, ...]:
    """How entries grow while they are there, drawn to :data:`ILLUSTRATIVE_RAMP`.

    Args:
        shares: entries × years since the entry: the share of the origin's exports; 0 once it had
            left, not a number where that year is not over yet.
    """
    seen, width = shares[:, 0][shares[:, 0] > 0], shares.shape[1]
    ramp = [1.0]
    for year in range(1, max(width, len(ILLUSTRATIVE_RAMP))):
        prior = ILLUSTRATIVE_RAMP[min(year, len(ILLUSTRATIVE_RAMP) - 1)]
        there = shares[:, year][shares[:, year] > 0] if year < width else shares[:0, 0]
        own = float(there.sum() / seen.mean()) if len(there) else 0.0
        ramp.append((own + RAMP_PRIOR * prior) / (len(there) + RAMP_PRIOR))
    return tuple(ramp)


def first_years(shares: Floats, grown: Floats) -> FirstYears:
    """Part and ramp from the firm's own entries; without any, what is supposed.

    Args:
        shares: as of :func:`ramp_of`.
        grown: log of the share in each entry's market once it has grown: what the firm has there
            or, where it has left, what it has in markets of that size.
    """
    sold = shares[:, 0] > 0
    if not sold.any():
        return FirstYears()
    prior, count = FirstYears(), int(sold.sum())
    parts = np.log(shares[sold, 0]) - grown[sold]
    part = float(parts.sum() + prior.part) / (count + 1)
    squares = float(((parts - part) ** 2).sum()) + (prior.part - part) ** 2
    spread = float(np.sqrt((squares + prior.spread**2) / (count + 1)))
    return FirstYears(part, spread, ramp_of(shares[sold]), count)


@dataclass(frozen=True)
class EntryLine:
    """The size of an entry by the market's size.

    Attributes:
        line: of the shares that would be met in all markets.
        first: what a first year is of a share.
        pooled: the shares where it sells.
        most: the largest share of a first year, beside that: a person's, where no entry is seen.
    """

    line: Unselected
    first: FirstYears
    pooled: ShrunkShare
    most: float = np.inf

    @property
    def source(self) -> str:
        """``entries`` where there are any, else the ``shares`` where it sells."""
        return "entries" if self.first.seen else "shares"

    def at(self, exports: float) -> Entry:
        """In a market to which the origin exports so much.

        Whether a firm is in its markets because it sells well there is not known: the line of all
        markets, which takes that for granted, and what it has where it is count the same. How far
        these lie apart, how uncertain they are and how first years differ widens the draws. None
        is larger than in the firm's best market.
        """
        size, first, pooled = float(np.log(max(exports, 1.0))), self.first, self.pooled
        chosen, met = self.line.at(size), pooled.usual(size)
        known = self.line.error(size) ** 2 + pooled.between**2 / len(pooled.log_share)
        variance = (self.line.spread**2 + pooled.between**2 + known) / 2
        variance += ((met - chosen) / 2) ** 2 + first.spread**2 * (1 + 1 / (first.seen + 1))
        middle = (chosen + met) / 2 + first.part
        best = float(np.exp(pooled.log_share.max() + first.part))
        return Entry(
            share=float(np.exp(middle + variance / 2)),
            spread=float(np.sqrt(variance)),
            ramp=first.ramp,
            source="user" if self.most < best else self.source,
            most=min(best, self.most),
        )


PRIOR_SLOPE = 0.6
PRIOR_APART = 0.15
"""Before a seller's own years are seen: the part of a market's price gap that is left in the years
after, and the standard deviation of gaps between markets and of what comes about that part. Of the
most uniform goods of the battery chain that countries sell (UN Comtrade, 2018 to 2024: phosphorus,
nickel, nickel sulphate, nickel oxides) 0.57 to 0.66 is left, give or take 0.16. Not validated on
firms."""
AGE = 0.27
"""What a year further back says, over the year after it: the best filter where half of a year's
move lasts (Muth 1960), as the scenarios have it (:data:`offing.planning.scenarios.AHEAD`)."""
FAR = 2.0
"""Grades lie within so many standard deviations: a price further off is a price, not a grade."""
PRIOR_FREEDOM = 4.0
"""They count as much as so many years of one market, and as so many markets."""


MEAN_SIZE = float(np.sqrt(np.pi / 2))
"""Standard deviation over mean size of a normal variable; one market far off counts less."""


@dataclass(frozen=True)
class PriceRecord:
    """How lasting a market's price is, in logarithms; m of each.

    Attributes:
        from_today: the lasting price over that of the last twelve months.
        error: its standard deviation, one for all markets.
        grade: what the goods sold there are expected to cost over what is stated.
        grade_error: its standard deviation, one for all markets.
    """

    from_today: Floats
    error: float
    grade: Floats
    grade_error: float


def shrunk_prices(price: Floats, units: Floats, costed: float) -> PriceRecord:
    """Lasting prices by market: of its gap to the firm's usual price, the part that lasts.

    That part is estimated from the firm's own earlier years, drawn to that of other sellers
    (empirical Bayes): by how much of a gap the next year still had. Grade and what the market pays
    for the same goods are independent and of one variance, so that of a difference half is expected
    to be grade, give or take half of the spread of differences.

    Args:
        price: markets × years, FOB of a unit, the last year last; not a number where none was sold.
        units: sold, likewise.
        costed: the price of the unit whose cost is known, in the same money.
    """
    sold = (price > 0) & (units > 0)
    level = np.log(price, out=np.full(price.shape, np.nan), where=sold)
    # the usual price is that of the middle market: one whose money fell would draw down a mean
    apart = np.where(sold, level - np.nanmedian(level, axis=0), 0.0)
    age = np.where(sold, AGE ** -np.arange(price.shape[1]), 0.0)
    record = (age * apart).cumsum(axis=1) / np.maximum(age.cumsum(axis=1), 1.0)
    again = sold[:, :-1] & sold[:, 1:]
    gap, left = record[:, :-1][again], apart[:, 1:][again]
    # by signs and sizes: in squares one market far off would be the whole record
    known = PRIOR_FREEDOM * PRIOR_APART
    slope = (np.sign(gap) @ left + known * PRIOR_SLOPE) / (np.abs(gap).sum() + known)
    slope = float(np.clip(slope, 0.0, 1.0))
    lasting = slope * record[:, -1]
    grade = _deviation(lasting) / 2
    usual_today = np.nanmedian(level[:, -1])
    expected = np.clip((usual_today + lasting - np.log(costed)) / 2, -FAR * grade, FAR * grade)
    return PriceRecord(lasting - apart[:, -1], _deviation(left - slope * gap), expected, grade)


def _deviation(values: Floats) -> float:
    """Standard deviation of values of mean 0, drawn to :data:`PRIOR_APART`."""
    own = MEAN_SIZE * float(np.abs(values).mean()) if len(values) else 0.0
    known = PRIOR_FREEDOM * PRIOR_APART**2
    return float(np.sqrt((len(values) * own**2 + known) / (len(values) + PRIOR_FREEDOM)))
