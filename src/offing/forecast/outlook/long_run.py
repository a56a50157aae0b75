"""The long run that totals are drawn to, and how far totals went from it before."""

import numpy as np

from offing.market.history import Array, History

LONG_RUN = 0.04
"""Log growth a year of world trade in current dollars. A choice: exports of goods
were USD 18.8 trillion in 2013 (WTO, press release of April 2014) and about 24 in 2023 (WTO, World
Trade Statistics 2023), 2.4 % a year, after more than 7 % a year from 1996 to 2013."""

LONG_RUN_YEARS = 20.0
"""What the long run counts for, in years. A choice, not an estimate: by the credibility formula of
Bühlmann (1967, ASTIN Bulletin 4:199-207) it is the variance of a product's yearly growth over that
of its lasting growth between products. Six or seven years of data tell neither; on the two sets
tried, the less was trusted of what was fitted, the nearer the level."""


def beyond(errors: Array, horizon: int, fitted: int = 0) -> float:
    """How far growth of these data lies from the long run's, as far as their years can tell.

    Args:
        errors: see :func:`level_errors`.
        horizon: years that each spans.
        fitted: years that a fit was trained on already.

    >>> round(beyond(np.full(16, 0.15), 5), 3)
    0.075
    """
    years = len(errors) + horizon - 1 - fitted
    if not len(errors) or years <= 0:
        return 0.0
    return float(np.mean(errors)) * years / (years + LONG_RUN_YEARS)


def level_errors(history: History, horizon: int) -> Array:
    """Log growth of all trade less the long run's, over every pair of years the history has.

    Only pairs of countries of which both years are known are added up.
    """
    errors = []
    for year in history.years:
        if year + horizon not in history.years:
            continue
        both = history.known(year) & history.known(year + horizon)
        before, after = (
            float(history.pairs(end).value[both].sum()) for end in (year, year + horizon)
        )
        if before > 0 and after > 0:
            errors.append(float(np.log(after / before)) - LONG_RUN * horizon)
    return np.array(errors)
