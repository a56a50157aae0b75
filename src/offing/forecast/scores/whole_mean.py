"""The three-year mean of the whole flow, whatever its price tiers: a ranking that is blind to them.

Beside rankings by tier it says what the tiers are good for: a tier is foretold only where a ranking
by tier beats it. Where flows are not split by tier it is ``three_year_mean``.
"""

from itertools import groupby

import numpy as np
import polars as pl

from offing.forecast.scores import candidate_frame, mean_sales, years_of_mean
from offing.market.history import History

ANY_HORIZON = True


def score(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """The mean of the pair's sales in all tiers together."""
    past = history.until(base_year)
    years = years_of_mean(past, base_year)
    whole = past.whole() if past.has_tiers else past
    wholes = whole.cubes(base_year, years)
    parts = []
    for _, tiers in groupby(past.cubes(base_year, []), lambda cube: cube.product):
        every = next(wholes)
        mean = mean_sales(whole, every, years)
        for cube in tiers:
            row = np.searchsorted(every.exporters, cube.exporters)
            column = np.searchsorted(every.importers, cube.importers)
            parts.append(candidate_frame(cube, {"score": mean[np.ix_(row, column)]}))
    return pl.concat(parts)
