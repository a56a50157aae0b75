"""Market size: the larger the market's imports of the product, the better."""

import polars as pl

from offing.forecast.scores import scored_all
from offing.market.history import History

ANY_HORIZON = True


def score(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """The market's imports of the product in the base year."""
    cubes = history.until(base_year).cubes(base_year, [])
    return scored_all(cubes, lambda cube: {"score": cube.base.sum(axis=0, keepdims=True)})
