"""A few inputs for each reader of ``make fuzz``; the whole takes an hour and is not run here."""

import signal

import pytest
from tools.fuzz import fuzz, readers, too_long

SEED, INPUTS = 20261126, 25


@pytest.mark.parametrize("name", readers())
def test_broken_files_are_rows_or_words(name: str) -> None:
    before = signal.signal(signal.SIGALRM, too_long)
    try:
        assert fuzz(name, SEED, INPUTS) == []
    finally:
        signal.signal(signal.SIGALRM, before)
