"""What a person sees of a workbook beside its values: formats, merged cells, hidden rows."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from offing.sources.ledger import read_ledger

HEAD = ["date", "buyer", "market", "hs_code", "model", "quantity", "amount", "currency"]
ROWS: list[list[Any]] = [
    [date(2024, 3, 1 + n), "Muster GmbH", "Germany", "85287240", "TV-55", 10, 4000.5 + n, "EUR"]
    for n in range(4)
]
Touch = Callable[[Any], None]


def book(folder: Path, touch: Touch, *, without: Sequence[str] = ()) -> Path:
    """A ledger of four lines whose sheet is touched up by hand."""
    made = Workbook()
    sheet = made.active
    kept = [at for at, name in enumerate(HEAD) if name not in without]
    for row in [HEAD, *ROWS]:
        sheet.append([row[at] for at in kept])
    touch(sheet)
    made.save(folder / "ledger.xlsx")
    return folder / "ledger.xlsx"


def test_words_merged_downwards_stand_in_each_row(tmp_path: Path) -> None:
    lines = read_ledger(book(tmp_path, lambda sheet: sheet.merge_cells("C2:C5")))
    assert set(lines.sales["market"]) == {"DEU"}
    assert lines.sales.height == 4


def test_an_amount_that_is_merged_stays_where_it_is(tmp_path: Path) -> None:
    lines = read_ledger(book(tmp_path, lambda sheet: sheet.merge_cells("G2:G3")))
    assert lines.quarantined == (("reference.bad_amount", 1, 3),)
