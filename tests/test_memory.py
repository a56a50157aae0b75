"""What the C library does with memory is ours to say, for work that ends."""

import subprocess
import sys

import pytest

from offing.terms.memory import keep_memory

GROWN = """
import numpy as np
from offing.terms.memory import keep_memory
assert {ask} in (None, keep_memory)
if {ask}: keep_memory()
[np.ones(3_000_000) for _ in range(4)]
print(int(open("/proc/self/statm").read().split()[1]) * 4096)
"""


def test_asking_never_fails() -> None:
    assert keep_memory() in (True, False)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_what_an_array_leaves_is_kept_for_the_next() -> None:
    def resident(ask: str) -> int:
        code = GROWN.format(ask=ask)
        return int(subprocess.check_output([sys.executable, "-c", code]))

    if not keep_memory():
        pytest.skip("another C library")
    assert resident("keep_memory") - resident("None") > 70e6


def test_nothing_is_looked_for_at_the_end() -> None:
    """What a process made goes back whole: all is set aside before Python would look through it."""
    code = (
        "import atexit, gc\n"
        "atexit.register(lambda: print(len(gc.get_objects()), gc.get_freeze_count()))\n"
        "from offing.terms.memory import collect_seldom\n"
        "collect_seldom()\n"
    )
    left, aside = map(int, subprocess.check_output([sys.executable, "-c", code]).split())
    assert left < 100
    assert aside > 5_000
