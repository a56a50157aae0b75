"""What a person sees of a workbook beside its values: formats, merged cells, hidden rows."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from offing.sources.gacc import read as read_gacc
from offing.sources.ledger import LedgerRead, read_ledger
from offing.sources.staging import Staging

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


def formatted(code: str, *letters: str) -> Touch:
    """The cells of some columns in a number format."""

    def touch(sheet: Any) -> None:
        for letter in letters:
            for row in range(2, 6):
                sheet[f"{letter}{row}"].number_format = code

    return touch


def keys(lines: LedgerRead) -> dict[str, Any]:
    return {note.key: note.values.get("count") for note in lines.notes}


@pytest.mark.parametrize(
    ("code", "said"), [('#,##0.0" 万美元"', True), ('0.0" k"', True), ('0.0,"千套"', True),
                       ('#,##0" 台"', False), ("[$€-407] #,##0.00", False)]
)  # fmt: skip
def test_a_counting_word_that_a_format_alone_shows_is_said(
    tmp_path: Path, code: str, said: bool
) -> None:
    """4000.5 that is shown as "4000.5 万美元" is read as 4,000.50."""
    lines = read_ledger(book(tmp_path, formatted(code, "G")))
    assert lines.sales["amount"].sum() == Decimal("16008")
    assert ("sources.caution_formats" in keys(lines)) == said


def test_words_merged_downwards_stand_in_each_row(tmp_path: Path) -> None:
    lines = read_ledger(book(tmp_path, lambda sheet: sheet.merge_cells("C2:C5")))
    assert set(lines.sales["market"]) == {"DEU"}
    assert lines.sales.height == 4


def test_an_amount_that_is_merged_stays_where_it_is(tmp_path: Path) -> None:
    lines = read_ledger(book(tmp_path, lambda sheet: sheet.merge_cells("G2:G3")))
    assert lines.quarantined == (("reference.bad_amount", 1, 3),)


def test_official_workbooks_are_looked_at_too(tmp_path: Path) -> None:
    made = Workbook()
    made.active.append(["数据年月", "商品编码", "贸易伙伴名称", "第一数量", "第一计量单位", "美元"])
    for month in (1, 2):
        made.active.append([f"2024{month:02d}", "85287240", "德国", 100, "台", 20000])
    made.active.row_dimensions[3].hidden = True
    made.save(tmp_path / "gacc.xlsx")
    staging = Staging(tmp_path)
    read_gacc([tmp_path / "gacc.xlsx"], staging, flow="export")
    assert {note.key for note in staging.notes} == {"sources.caution_hidden_rows"}
    assert not staging.reasons
