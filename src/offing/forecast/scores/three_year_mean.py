"""The mean of the last three years' sales: the bar that costs nothing.

Nothing is fitted. A single year's luck is averaged out, and markets in which nothing was sold stand
in the order of what gravity with the textbook's elasticities would sell there, so that no lottery
among empty markets flatters a rival.
"""

import numpy as np
import polars as pl

from offing.estimators import TINY
from offing.forecast.scores import scored_all
from offing.market.gravity.geography import potential
from offing.market.history import Array, Cube, History

SPAN = 3
"""Years of the mean, the base year among them."""
HARDLY = 1e-9
"""By so much of its own size gravity may lift a mean: it parts equal ones and no others."""


def years_of_mean(history: History, base_year: int) -> list[int]:
    """The last three years of which there are data."""
    return [year for year in history.years if base_year - SPAN < year <= base_year]


def mean_sales(history: History, cube: Cube, years: list[int]) -> Array:
    """Exporter × importer, USD; the mean of the years in which either side reported."""
    total, count = np.zeros(cube.base.shape), np.zeros(cube.base.shape)
    at = np.ix_(cube.exporters, cube.importers)
    for year in years:
        told = history.known(year)[at]
        total += told * cube.values.get(year, 0.0)
        count += told
    mean = total / np.maximum(count, 1)
    gravity = potential(cube, history.nearness)
    first = HARDLY * gravity / max(float(gravity.max()), TINY)
    smallest = float(mean[mean > 0].min(initial=1.0))
    return np.where(mean > 0, mean * (1 + first), smallest * first)


ANY_HORIZON = True


def score(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """The mean, a whisker more where gravity expects more."""
    past = history.until(base_year)
    years = years_of_mean(past, base_year)
    return scored_all(
        past.cubes(base_year, years), lambda cube: {"score": mean_sales(past, cube, years)}
    )
