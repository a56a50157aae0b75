"""Unrealized gravity potential: how far a flow lies below what gravity expects of it, in USD.

As ``unrealized``, with the elasticities of each product estimated on the base year instead of the
textbook's; see ``gravity``.
"""

import numpy as np
import polars as pl

from offing.forecast.scores import scored
from offing.market.gravity.by_year import expected_by_product, room_to_grow
from offing.market.history import History

ANY_HORIZON = True
NEEDS = ("numba",)


def score(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """Expected less today's sales, never below zero."""
    past = history.until(base_year)
    parts = []
    for cube, could_be in expected_by_product(past, base_year):
        gap = room_to_grow(cube, could_be)
        parts.append(scored(cube, {"score": np.maximum(could_be - cube.base, 0.0), "growth": gap}))
    return pl.concat(parts)
