"""The mean of the last three years' sales: the bar that costs nothing.

Nothing is fitted. A single year's luck is averaged out, and markets in which nothing was sold stand
in the order of what gravity with the textbook's elasticities would sell there, so that no lottery
among empty markets flatters a rival.
"""

import polars as pl

from offing.forecast.scores import mean_sales, scored_all, years_of_mean
from offing.market.history import History

ANY_HORIZON = True


def score(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """The mean, a whisker more where gravity expects more."""
    past = history.until(base_year)
    years = years_of_mean(past, base_year)
    return scored_all(
        past.cubes(base_year, years), lambda cube: {"score": mean_sales(past, cube, years)}
    )
