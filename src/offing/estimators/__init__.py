"""What every regression here shares: Newton's method, weighted least squares, clustered errors.

Products of matrices are made on one thread: the same bytes anywhere, and small ones are quicker.

Numbers in, numbers out: nothing in this room knows trade. What is estimated stands where it is used
(gravity in ``market``, the outlook in ``forecast``, evidence in ``policy``).
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

import numpy as np
import threadpoolctl
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

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


@cache
def _libraries(_with_scipy: bool) -> ThreadpoolController:
    """The libraries that are there; SciPy brings one of its own, once it is imported."""
    return ThreadpoolController()


def _be_heard() -> None:
    """Let this thread set the number of OpenBLAS.

    To threadpoolctl 3.8 the first thread that sets it is the only one: what others set is dropped
    without a word. Ours share one limit, which they set in turn.
    """
    of_openblas = getattr(threadpoolctl, "OpenBLASController", None)
    if clear := getattr(of_openblas, "clear_controlling_thread", None):
        clear(force=True)


class _Limit:
    """The limit of the process, which all callers that are inside at once share."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.inside = 0
        self.with_scipy = False
        self.set: list[Any] = []

    def enter(self) -> None:
        with_scipy = "scipy.linalg" in sys.modules
        with self.lock:
            self.inside += 1
            if not self.set or with_scipy > self.with_scipy:
                _be_heard()
                self.set.append(_libraries(with_scipy).limit(limits=1, user_api="blas"))
                self.with_scipy = with_scipy

    def leave(self) -> None:
        with self.lock:
            self.inside -= 1
            while not self.inside and self.set:
                _be_heard()
                self.set.pop().restore_original_limits()


_LIMIT = _Limit()


@contextmanager
def one_thread() -> Iterator[None]:
    """BLAS keeps one thread until the last caller has left.

    The number of threads is the process's: were it put back by the first that leaves, the others
    would go on with more, and sums would end in other digits from run to run.
    """
    _LIMIT.enter()
    try:
        yield
    finally:
        _LIMIT.leave()
