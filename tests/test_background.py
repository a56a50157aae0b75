"""Work in a second process, and what Python and the C library do with memory."""

import math
import os
from typing import Any

import pytest

from offing.terms import background
from offing.terms.background import BackgroundProcess, allow_processes


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
