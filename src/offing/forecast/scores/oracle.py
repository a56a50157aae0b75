"""A perfect ranking: the growth that came. A yardstick, since nobody can know it."""

import numpy as np
import polars as pl

from offing.forecast.scores import scored_all
from offing.market.history import History

SEES_LATER = True


def score(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """Later sales less today's; 0 where there is no later year."""
    later = base_year + horizon
    return scored_all(
        history.cubes(base_year, [later]),
        lambda cube: {"score": np.asarray(cube.values.get(later, cube.base) - cube.base)},
    )
