"""A few inputs for each reader of ``make fuzz``; the whole takes an hour and is not run here."""

import io
import re
import signal
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from tools.fuzz import SOURCES, fuzz, readers, too_long

from offing.sources.ledger import read_ledger
from offing.sources.staging import Staging
from offing.terms.errors import InputError, OffingError

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


def test_a_workbook_without_a_sheet_is_named(tmp_path: Path) -> None:
    """Seed 13, input 1529 of the workbooks."""
    good, ending, _ = readers()["workbook"]
    path = tmp_path / f"ledger{ending}"
    with zipfile.ZipFile(io.BytesIO(good)) as whole, zipfile.ZipFile(path, "w") as without:
        for name in whole.namelist():
            data = whole.read(name)
            if name == "xl/workbook.xml":
                data = re.sub(rb"<sheets>.*</sheets>", b"<sheets></sheets>", data)
            without.writestr(name, data)
    with pytest.raises(InputError) as refused:
        read_ledger(path)
    assert refused.value.key == "sources.empty"
