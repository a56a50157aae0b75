"""Work in a second process, and what Python and the C library do with memory."""

import math
import os
import subprocess
import sys
from typing import Any

import pytest

from offing.terms import background
from offing.terms.background import BackgroundProcess, allow_processes, keep_memory


@pytest.fixture(autouse=True)
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "processors", lambda: 2)


def asked(work: "BackgroundProcess[Any]", *arguments: object) -> object:
    with work:
        work.start(*arguments)
        return work.answer()


def test_a_library_starts_no_process() -> None:
    assert asked(BackgroundProcess(os.getpid)) == os.getpid()


def test_a_program_has_it_done_beside() -> None:
    with allow_processes():
        assert asked(BackgroundProcess(os.getpid)) != os.getpid()
        assert asked(BackgroundProcess(math.factorial), 20) == math.factorial(20)


def test_on_one_processor_it_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "processors", lambda: 1)
    with allow_processes():
        assert asked(BackgroundProcess(os.getpid)) == os.getpid()


def test_an_error_is_raised_where_it_is_waited_for() -> None:
    with allow_processes(), pytest.raises(ValueError, match="not defined for negative"):
        asked(BackgroundProcess(math.factorial), -1)


def test_a_process_that_dies_costs_nothing_but_time() -> None:
    with allow_processes():
        work = BackgroundProcess(os.getpid)
        assert work._process is not None
        work._process.kill()
        assert asked(work) == os.getpid()


GROWN = """
import numpy as np
from offing.terms.background import keep_memory
assert {ask} in (None, keep_memory)
if {ask}: keep_memory()
[np.ones(3_000_000) for _ in range(4)]
print(int(open("/proc/self/statm").read().split()[1]) * 4096)
"""


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
        "from offing.terms.background import collect_seldom\n"
        "collect_seldom()\n"
    )
    left, aside = map(int, subprocess.check_output([sys.executable, "-c", code]).split())
    assert left < 100
    assert aside > 5_000
