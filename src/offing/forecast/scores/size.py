"""Market size: the larger the market's imports of the product, the better."""

import polars as pl

from offing.forecast.scores import scored
from offing.market.history import History

ANY_HORIZON = True


def score(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """The market's imports of the product in the base year."""
    known = history.until(base_year)
    return pl.concat(
        [
            scored(cube, {"score": cube.base.sum(axis=0, keepdims=True)})
            for cube in known.cubes(base_year, [])
        ]
    )
