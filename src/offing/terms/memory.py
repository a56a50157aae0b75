"""How Python and the C library treat memory: for work that ends, and then gives all back."""

import atexit
import ctypes
import gc

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Options of ``mallopt``, as ``malloc.h`` of the GNU C library has them."""

LARGE = 32 << 20
"""Bytes; the C library takes no more."""


def keep_memory() -> bool:
    """Have what one array leaves used for the next, by all threads; for work that ends.

    The GNU C library gives an array back to the kernel at once, which makes each page anew for the
    next one, and lets threads keep what they do not use: a twelfth of the processor time of a
    study, and a quarter of its memory. Arrays above ``LARGE`` still go back: else they leave holes.

    Returns:
        Whether the C library is that one.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    settings = ((_ARENA_MAX, 1), (_MMAP_THRESHOLD, LARGE), (_TRIM_THRESHOLD, 4 * LARGE))
    return all(mallopt(option, value) for option, value in settings)


def collect_seldom() -> None:
    """Have Python look for rings of dead objects after 50,000 new ones, not 700.

    Such rings are few, and loading our modules makes 200,000 objects that stay: to look through
    them again and again took a tenth of the time that it takes. Nor for a last time at the end,
    which took a twentieth of a study: the process gives all back.
    """
    gc.set_threshold(50_000, 20, 100)
    atexit.register(gc.freeze)
