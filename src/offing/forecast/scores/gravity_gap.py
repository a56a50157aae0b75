"""Unrealized gravity potential: how far a flow lies below what gravity expects of it, in USD.

As ``unrealized``, with the elasticities of each product estimated on the base year instead of the
textbook's; see ``gravity``.
"""

import numpy as np
import polars as pl

from offing.forecast.scores import scored_by_gravity
from offing.market.history import History

ANY_HORIZON = True
NEEDS = ("numba",)


def score(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """Expected less today's sales, never below zero."""
    return scored_by_gravity(
        history, base_year, lambda cube, could_be: np.maximum(could_be - cube.base, 0.0)
    )
