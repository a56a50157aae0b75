"""Revealed comparative advantage.

Balassa (1965), "Trade liberalisation and 'revealed' comparative advantage", The Manchester School
33(2): a product's share in a country's exports over its share in world exports.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bits = NDArray[np.bool_]


def rca(value: Floats) -> Floats:
    """``(X_cp / X_c) / (X_p / X)``.

    Args:
        value: exports ``(C, P)``, none below 0; see :class:`offing.market.indicators.exports`.

    Returns:
        ``(C, P)``; not a number for a country or product without any trade.

    >>> rca(np.array([[2.0, 0.0], [1.0, 1.0]]))
    array([[1.33333333, 0.        ],
           [0.66666667, 2.        ]])
    """
    # In shares of the whole, so that values of any size stay within the range of a float.
    share = value / value.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        own: Floats = share / share.sum(axis=1, keepdims=True)
        own /= share.sum(axis=0)
    return own


def has_advantage(value: Floats, threshold: float = 1.0) -> Bits:
    """Where RCA is at least ``threshold``: the matrix M of complexity and relatedness."""
    return rca(value) >= threshold
