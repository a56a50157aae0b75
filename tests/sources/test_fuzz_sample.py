"""A few inputs for each reader of ``make fuzz``; the whole takes an hour and is not run here."""

import signal
from contextlib import suppress
from pathlib import Path

import pytest
from tools.fuzz import SOURCES, fuzz, readers, too_long

from offing.sources.staging import Staging
from offing.terms.errors import OffingError

SEED, INPUTS = 20261126, 25


@pytest.mark.parametrize("name", readers())
def test_broken_files_are_rows_or_words(name: str) -> None:
    before = signal.signal(signal.SIGALRM, too_long)
    try:
        assert fuzz(name, SEED, INPUTS) == []
    finally:
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("name", SOURCES)
def test_a_cell_without_a_value_is_a_quarantined_row_or_words(name: str, tmp_path: Path) -> None:
    """A Comtrade row without its code ended in a traceback (seed 11, input 3172)."""
    source, ending, text = SOURCES[name]
    heading, row = text.splitlines()[:2]
    mark = ";" if ";" in heading else ","
    cells = row.split(mark)
    for blank in range(len(cells)):
        rows = mark.join(["" if at == blank else cell for at, cell in enumerate(cells)])
        path = tmp_path / (f"x{ending}" if ending.startswith(".") else ending)
        path.write_text(f"{heading}\n{rows}\n{row}\n", encoding="utf-8")
        place = tmp_path / str(blank)
        place.mkdir()
        with suppress(OffingError):
            source.read([path], Staging(place))
