"""How the kernels are compiled: once, kept beside the package or in the user's cache.

Where neither place can be written, they are compiled again in every process (some 20 seconds).
"""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar, cast

from offing.terms.errors import InputError

try:
    from numba import njit
except ModuleNotFoundError:
    raise InputError("gravity.no_numba") from None

F = TypeVar("F", bound=Callable[..., Any])

SUMS_IN_ANY_ORDER = {"reassoc", "contract", "nsz"}
"""Lets sums run in vector lanes. Not-a-number and infinity keep their meaning."""


def compile_kernel(function: F) -> F:
    """Compile without the interpreter lock, with sums in vector lanes."""
    return _compile(function, SUMS_IN_ANY_ORDER)


def written_into(function: F) -> F:
    """Compile as part of the one function that calls it: on its own it would be compiled twice."""
    return _compile(function, SUMS_IN_ANY_ORDER, inline="always")


def compiled_as_written(function: F) -> F:
    """Compile without reordering: for code whose rounding is part of the method."""
    return _compile(function, set())


def _compile(function: F, fastmath: set[str], inline: str = "never") -> F:
    jit = partial(njit, nogil=True, error_model="numpy", fastmath=fastmath, inline=inline)
    try:
        jitted = jit(cache=True)(function)
    except RuntimeError:  # no folder for the cache
        jitted = jit()(function)
    return cast(F, jitted)
