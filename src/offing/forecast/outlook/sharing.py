"""How an exporter's growth may be shared out among its markets: by today's sales, by gravity.

Neither needs anything fitted. The shares of an exporter of a product add up to 1.
"""

import numpy as np

from offing.estimators import TINY, stretches
from offing.forecast.outlook.features import Cells
from offing.market.history import Array

SMALL_USD = 1_000.0
"""Keeps the share of an empty pair above zero."""
EMPTY_SHARE = 0.02
"""The weight of an empty pair, of its proportional flow, before the features correct it."""


def start(base: Array, proportional: Array) -> Array:
    """Log of today's sales, a little above zero where there are none."""
    return np.asarray(
        np.log(base + np.where(base == 0, EMPTY_SHARE * proportional, 0.0) + SMALL_USD)
    )


def corrected(cells: Cells, score: Array) -> Array:
    """In proportion to today's sales times ``exp(score)``."""
    return _shared(cells, start(cells.base, cells.proportional) + score)


def by_today(cells: Cells) -> Array:
    """In proportion to today's sales."""
    return corrected(cells, np.zeros(len(cells.base)))


def by_recent(cells: Cells) -> Array:
    """In proportion to the mean of the last three years: a single year's luck evens out."""
    return _shared(cells, start(cells.recent, cells.proportional))


def by_gravity(cells: Cells) -> Array:
    """In proportion to what gravity expects; to recent sales where no distances are loaded."""
    if cells.by_gravity is None:
        return by_recent(cells)
    whole = np.bincount(cells.row, cells.by_gravity, len(cells.exports))[cells.row]
    return np.asarray(cells.by_gravity / np.maximum(whole, TINY))


def _shared(cells: Cells, predictor: Array) -> Array:
    first, size = stretches(cells.row)
    top = np.repeat(np.maximum.reduceat(predictor, first), size)
    weight = np.exp(predictor - top)
    return np.asarray(weight / np.repeat(np.add.reduceat(weight, first), size))
