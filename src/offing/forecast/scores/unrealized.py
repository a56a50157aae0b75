"""Unrealized potential: how far a flow lies below what gravity says it could be, in USD.

The potential is structural gravity with the mean elasticities of the literature, balanced so that
every exporter's and every market's total is what it is. Nothing is estimated, so it works on any
data and without further packages; ``gravity_gap`` estimates.
"""

import numpy as np
import polars as pl

from offing.forecast.scores import candidate_frame
from offing.market.gravity.expected import room_to_grow
from offing.market.gravity.geography import potential
from offing.market.history import History

ANY_HORIZON = True


def score(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """Potential less today's sales, never below zero."""
    past = history.until(base_year)
    parts = []
    for cube in past.cubes(base_year, []):
        could_be = potential(cube, past.nearness)
        gap = room_to_grow(cube, could_be)
        parts.append(
            candidate_frame(cube, {"score": np.maximum(could_be - cube.base, 0.0), "growth": gap})
        )
    return pl.concat(parts)
