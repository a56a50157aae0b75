"""The mean of a pair's last three years of sales: the bar that costs nothing, and its ties."""

import numpy as np

from offing.estimators import TINY
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
