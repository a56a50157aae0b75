"""How the C library treats the memory of large arrays."""

import ctypes

_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8
"""Options of ``mallopt``, as ``malloc.h`` of the GNU C library has them."""


def keep_memory() -> bool:
    """Have what one array leaves used for the next, by all threads; for work that ends.

    The GNU C library gives a large array back to the kernel at once, which makes each page anew for
    the next one, and lets threads keep what they do not use: a tenth of the processor time of a
    study, and a third of its memory.

    Returns:
        Whether the C library is that one.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    wanted = ((_ARENA_MAX, 1), (_MMAP_MAX, 0), (_TRIM_THRESHOLD, 2**31 - 1))
    return all(mallopt(option, value) for option, value in wanted)
