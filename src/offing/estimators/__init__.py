"""What every regression here shares: Newton's method, weighted least squares, clustered errors.

Numbers in, numbers out: nothing in this room knows trade. What is estimated stands where it is used
(gravity in ``market``, the outlook in ``forecast``, evidence in ``policy``).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]
Matrix = NDArray[np.floating]
Design = Any
"""A dense matrix, or a sparse array of SciPy, which has no types: rows × columns."""

TINY = 1e-300
"""A divisor that is at least this is not nought: the quotient is a number."""
SMALL = 1e-12
"""Likewise of shares and variances, whose rounding is larger."""


def stretches(groups: Codes) -> tuple[Codes, Codes]:
    """Of groups that stand together: the first place of each, and how many it has.

    >>> [some.tolist() for some in stretches(np.array([3, 3, 7]))]
    [[0, 2], [2, 1]]
    """
    first = np.flatnonzero(np.r_[True, np.diff(groups) != 0])
    return first, np.diff(np.r_[first, len(groups)])
