"""Ranks inside groups."""

import numpy as np

from offing.estimators import stretches
from offing.market.history import Array, Codes


def within(first: Codes, size: Codes) -> Codes:
    """The place of each cell in its group, where groups stand together."""
    return np.arange(int(size.sum())) - np.repeat(first, size)


def midranks(values: Array, block: Codes) -> Array:
    """Midranks inside each block, centred and scaled to the size of the block."""
    order = np.lexsort((values, block))
    sorted_block, sorted_values = block[order], values[order]
    first, size = stretches(sorted_block)
    new = np.r_[True, np.diff(sorted_values) != 0]
    new[first] = True
    tie = np.cumsum(new) - 1
    rank = (np.bincount(tie, within(first, size)) / np.bincount(tie))[tie]
    length = np.repeat(size, size)
    ranks = np.empty(len(values))
    ranks[order] = np.where(length > 1, (rank - (length - 1) / 2) / np.maximum(length - 1, 1), 0.0)
    return ranks
