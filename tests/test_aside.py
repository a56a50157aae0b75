"""Work in a second process: the same answer, wherever it is made."""

import math
import os
import time
from typing import Any

import pytest

from offing.terms import aside
from offing.terms.aside import Aside, allowed


@pytest.fixture(autouse=True)
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "processors", lambda: 2)


def asked(work: "Aside[Any]", *arguments: object) -> object:
    with work:
        work.start(*arguments)
        return work.answer()


def test_a_library_starts_no_process() -> None:
    assert asked(Aside(os.getpid)) == os.getpid()


def test_a_program_has_it_done_beside() -> None:
    with allowed():
        assert asked(Aside(os.getpid)) != os.getpid()
        assert asked(Aside(math.factorial), 20) == math.factorial(20)


def test_on_one_processor_it_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "processors", lambda: 1)
    with allowed():
        assert asked(Aside(os.getpid)) == os.getpid()


def test_an_error_is_raised_where_it_is_waited_for() -> None:
    with allowed(), pytest.raises(ValueError, match="not defined for negative"):
        asked(Aside(math.factorial), -1)


def test_what_cannot_be_sent_is_done_here() -> None:
    with allowed():
        assert asked(Aside(map), lambda one: one, []) is not None


def test_a_process_that_dies_costs_nothing_but_time() -> None:
    with allowed():
        work = Aside(os.getpid)
        assert work._process is not None
        work._process.kill()
        assert asked(work) == os.getpid()


def test_nobody_waits_for_what_is_not_wanted_any_more() -> None:
    with allowed():
        with Aside(time.sleep) as work:
            process = work._process
            work.start(60)
        assert process is not None
        assert process.poll() is not None
