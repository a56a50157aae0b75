"""Numbers merged over the items of a declaration, and rows of one declaration's sum."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from cautions import keyed
from offing.sources.papers import read_declarations

HEAD = ["报关单号", "项号", "出口日期", "商品编号", "商品名称", "成交数量", "成交单位", "总价",
        "币制", "成交方式", "运费"]  # fmt: skip
FIRST, SECOND = "530120260000000011", "530120260000000012"
ROWS: list[list[Any]] = [
    [FIRST, "1", "2026-03-05", "8528722200", "液晶电视机", 100, "台", 30000, "USD", "CIF", 500],
    [FIRST, "2", "2026-03-05", "8528722200", "液晶电视机", 50, "台", 20000, "USD", "CIF", None],
    [SECOND, "1", "2026-03-09", "9401790000", "金属框架椅", 200, "把", 8000, "USD", "FOB", None],
]
NONE = [None] * 11


def sum_row(number: str, **cells: Any) -> list[Any]:
    row: list[Any] = [number, *NONE[1:]]
    for name, value in cells.items():
        row[{"quantity": 5, "total": 7, "name": 4, "day": 2, "code": 3}[name]] = value
    return row


Change = Callable[[Any], None]


def read(folder: Path, rows: Sequence[Sequence[Any]], change: Change = lambda _: None) -> Any:
    book = Workbook()
    sheet = book.active
    for row in (HEAD, *rows):
        sheet.append(row)
    change(sheet)
    file = folder / "declarations.xlsx"
    book.save(file)
    return read_declarations(file)


def items(found: Any) -> list[tuple[str, str, Decimal]]:
    return [(row.number, row.item, row.total) for row in found.rows]


THREE = [(FIRST, "1", Decimal(30000)), (FIRST, "2", Decimal(20000)), (SECOND, "1", Decimal(8000))]


SUM = sum_row(FIRST, quantity=150, total=50000)


@pytest.mark.parametrize(
    ("rows", "at"),
    [
        ([*ROWS[:2], SUM, ROWS[2]], "4"),
        ([SUM, *ROWS], "2"),
        ([*ROWS[:2], sum_row(f"{FIRST} 小计", total=50000), ROWS[2]], "4"),
    ],
)
def test_the_sum_of_a_declaration_is_put_aside(
    tmp_path: Path, rows: list[list[Any]], at: str
) -> None:
    found = read(tmp_path, rows)
    assert items(found) == THREE
    assert dict(keyed(found.notes))["sources.note_sums"]["rows"] == at
    assert not found.quarantined
