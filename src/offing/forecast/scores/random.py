"""A random order, the floor of every comparison. The same seed, the same order."""

import numpy as np
import polars as pl

from offing.forecast.scores import scored_all
from offing.market.history import History

SEED = 1
UNIT = "index"


def score(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """A random number for each candidate."""
    rng = np.random.default_rng([SEED, base_year, horizon])
    cubes = history.until(base_year).cubes(base_year, [])
    return scored_all(cubes, lambda cube: {"score": rng.random(cube.base.shape)})
