"""A market's price beside the firm's others: how much of the difference lasts, how much is grade.

A year's unit value is no margin for good: part of what sets a market apart is the year's own (a
lot, a month, a currency) and passes; of what lasts, part is what is sold there (档次), and costs
differ with it. The record of a market is drawn to the firm's usual price by how thin it is, as
shares are (:mod:`offing.planning.entry_size`). How far its lasting price lies from the one to which
the firm's stated cost belongs tells what its goods cost: half of that is taken to be grade, as
likely more as less.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PRIOR_PASSING = 0.15
PRIOR_APART = 0.15
"""Standard deviations of the logarithm of a market's price over the seller's mean, before its own
are seen: of a year about the market's usual one, and of these between markets. Of 36 goods of the
battery chain that countries sell (UN Comtrade, 2018 to 2024), the most uniform ones (nickel
sulphate, phosphorus, titanium, nickel mattes) have 0.06 to 0.15 and 0.03 to 0.18. Not validated on
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
        error: its standard deviation.
        apart: the lasting price over the firm's usual one.
        grade: what the goods sold there are expected to cost over what is stated.
        grade_error: its standard deviation, one for all markets.
    """

    from_today: Floats
    error: Floats
    grade: Floats
    grade_error: float


def shrunk_prices(price: Floats, units: Floats, costed: float) -> PriceRecord:
    """Lasting prices by market, thin records drawn to the firm's usual one (empirical Bayes).

    Grade and what the market pays for the same goods are independent and of one variance, so that
    of a difference half is expected to be grade, give or take half of the spread of differences.

    Args:
        price: markets × years, FOB of a unit, the last year last; not a number where none was sold.
        units: sold, likewise.
        costed: the price of the unit whose cost is known, in the same money.
    """
    sold = (price > 0) & (units > 0)
    level = np.log(price, out=np.full(price.shape, np.nan), where=sold)
    # the usual price is that of the middle market: one whose money fell would draw down a mean
    apart = np.where(sold, level - np.nanmedian(level, axis=0), 0.0)
    age = np.where(sold, AGE ** np.arange(price.shape[1])[::-1], 0.0)
    weight = age / age.sum(axis=1, keepdims=True)
    usual = (weight * apart).sum(axis=1)
    years = sold.sum(axis=1)
    mean = apart.sum(axis=1) / years
    sizes = np.where(sold, np.abs(apart - mean[:, None]), 0.0)
    # a market's mean takes one freedom of its years
    several = years > 1
    freedom = float((years - 1).sum())
    size = float((sizes.sum(axis=1)[several] * ((years - 1) / years)[several] ** 0.5).sum())
    own = MEAN_SIZE * size / max(freedom, 1.0)
    passing = (freedom * own**2 + PRIOR_FREEDOM * PRIOR_PASSING**2) / (freedom + PRIOR_FREEDOM)
    noise = passing * (weight**2).sum(axis=1)
    count = len(usual)
    beyond = max((MEAN_SIZE * float(np.abs(usual).mean())) ** 2 - float(noise.mean()), 0.0)
    between = (count * beyond + PRIOR_FREEDOM * PRIOR_APART**2) / (count + PRIOR_FREEDOM)
    kept = between / (between + noise)
    lasting = kept * usual
    error = np.sqrt(kept * noise)
    grade = float(np.sqrt(between)) / 2
    usual_today = np.nanmedian(level[:, -1])
    expected = np.clip((usual_today + lasting - np.log(costed)) / 2, -FAR * grade, FAR * grade)
    return PriceRecord(lasting - apart[:, -1], error, expected, grade)
