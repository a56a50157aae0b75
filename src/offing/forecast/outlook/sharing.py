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


def corrected(one: Cells, score: Array) -> Array:
    """In proportion to today's sales times ``exp(score)``."""
    return _shared(one, start(one.base, one.proportional) + score)


def by_today(one: Cells) -> Array:
    """In proportion to today's sales."""
    return corrected(one, np.zeros(len(one.base)))


def by_recent(one: Cells) -> Array:
    """In proportion to the mean of the last three years: a single year's luck evens out."""
    return _shared(one, start(one.recent, one.proportional))


def by_gravity(one: Cells) -> Array:
    """In proportion to what gravity expects; to recent sales where no distances are loaded."""
    if one.by_gravity is None:
        return by_recent(one)
    whole = np.bincount(one.row, one.by_gravity, len(one.exports))[one.row]
    return np.asarray(one.by_gravity / np.maximum(whole, TINY))


def _shared(one: Cells, predictor: Array) -> Array:
    first, size = stretches(one.row)
    top = np.repeat(np.maximum.reduceat(predictor, first), size)
    part = np.exp(predictor - top)
    return np.asarray(part / np.repeat(np.add.reduceat(part, first), size))
