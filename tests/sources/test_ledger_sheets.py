"""A ledger with a sheet for each year, and old lines without a code."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl import Workbook

from cautions import keyed
from offing.sources.ledger import read_ledger
from offing.sources.papers import read_declarations
from offing.terms.errors import InputError
from offing.terms.messages import say

HEADINGS = ["出口日期", "运抵国", "商品编码", "规格型号", "数量", "单位", "金额", "币种"]
OLD = ["2023-03-01", "德国", None, "HD-2", 10, "台", 1000, "EUR"]
ITALY = ["2023-05-01", "意大利", None, "HD-2", 5, "台", 500, "EUR"]
NEW = ["2024-03-01", "德国", "85163100", "hd-2 ", 20, "台", 2100, "EUR"]


def book(folder: Path, **sheets: Sequence[Sequence[object]]) -> Path:
    """A workbook with a cover; ``x_hidden`` is a sheet that nobody sees."""
    made = openpyxl.Workbook()
    made.active.title = "封面"
    made.active["A1"] = "青岛某某电器有限公司"
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in [[f"{name} 明细"], HEADINGS, *rows]:
            sheet.append(row)
        if name.endswith("_hidden"):
            sheet.sheet_state = "hidden"
    file = folder / "ledger.xlsx"
    made.save(file)
    return file


@pytest.mark.parametrize("every", ["all", "全部"])
def test_every_sheet_that_a_person_sees_is_read(tmp_path: Path, every: str) -> None:
    """Of a model without a code in its old lines the code is that of the new ones."""
    file = book(tmp_path, Y2023=[OLD, ITALY], Y2024=[NEW], Y2022_hidden=[OLD])
    lines = read_ledger(file, sheet=every)
    assert lines.sales["amount"].to_list() == [1000, 500, 2100]
    assert set(lines.sales["product"]) == {"85163100"}
    assert {note.key: note.values["count"] for note in lines.notes} == {
        "reference.code_of_model": 2
    }
    assert lines.quarantined == ()


def test_a_month_in_the_name_of_a_sheet_is_that_of_its_lines(tmp_path: Path) -> None:
    """Without a year, or beside a column of days, the name says nothing."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name in ("2024年1月", "2024年2月"):
        sheet = made.create_sheet(name)
        for row in (HEADINGS, NEW):
            sheet.append(row[1:])
    made.save(tmp_path / "l.xlsx")
    lines = read_ledger(tmp_path / "l.xlsx", sheet="all")
    assert [str(day) for day in lines.sales["on"]] == ["2024-01-31", "2024-02-29"]
    assert {note.key: note.values["count"] for note in lines.notes} == {"reference.whole_months": 2}
    assert lines.covers == (date(2024, 1, 1), date(2024, 2, 29))
    assert str(read_ledger(book(tmp_path, 五月=[NEW])).sales["on"][0]) == "2024-03-01"
    made["2024年1月"].title = "1月"
    made.save(tmp_path / "l.xlsx")
    with pytest.raises(InputError) as caught:
        read_ledger(tmp_path / "l.xlsx", sheet="1月")
    assert say("reference.which_year") in str(caught.value)


NAMES = ["date", "buyer", "market", "hs_code", "model", "quantity", "amount", "currency"]
GERMAN: list[list[Any]] = [
    [date(2024, 3, 1 + n), "Muster GmbH", "Germany", "85287240", "TV-55", 10, 4000.5 + n, "EUR"]
    for n in range(4)
]
Touch = Callable[[Any], None]


def touched(folder: Path, touch: Touch, *, without: Sequence[str] = ()) -> Path:
    """A ledger of four lines whose sheet is touched up by hand."""
    made = Workbook()
    sheet = made.active
    kept = [at for at, name in enumerate(NAMES) if name not in without]
    for row in [NAMES, *GERMAN]:
        sheet.append([row[at] for at in kept])
    touch(sheet)
    made.save(folder / "ledger.xlsx")
    return folder / "ledger.xlsx"


@pytest.mark.parametrize(
    ("cells", "column", "value"), [("C2:C5", "market", "DEU"), ("D2:D5", "product", "85287240")]
)
def test_words_and_codes_merged_downwards_stand_in_each_row(
    tmp_path: Path, cells: str, column: str, value: str
) -> None:
    lines = read_ledger(touched(tmp_path, lambda sheet: sheet.merge_cells(cells)))
    assert lines.sales[column].to_list() == [value] * 4


def test_an_amount_that_is_merged_stays_where_it_is(tmp_path: Path) -> None:
    lines = read_ledger(touched(tmp_path, lambda sheet: sheet.merge_cells("G2:G3")))
    assert lines.quarantined == (("reference.bad_amount", 1, 3),)


def test_a_declaration_s_cell_has_several_quantities_and_a_place_its_country(
    tmp_path: Path,
) -> None:
    """The one that the price is of counts; towns before a country's name; years of two digits."""
    file = tmp_path / "list.csv"
    file.write_text(
        "出口日期,运抵国,商品编号,数量及单位,单价,总价,币制\n"
        '04-Jan-25,"Busan, South Korea",6110200090,"5,701件/2394.4千克",8.85,50453.85,USD\n'
        '2025-02-03,"Vigo, Spain",6110200090,2394.4千克；570件,9,5130,USD\n'
        "2025-02-04,France,6110200090,2394.4千克；570件,7,5130,USD\n",
        encoding="utf-8",
    )
    read = read_ledger(file)
    told = read.sales.select("on", "market", "quantity", "unit").rows()
    assert told == [
        (date(2025, 1, 4), "KOR", Decimal(5701), "item"),
        (date(2025, 2, 3), "ESP", Decimal(570), "item"),
    ]
    assert [one.reason for one in read.rejected] == ["reference.bad_quantity"]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_a_text_that_is_called_a_workbook_is_read(tmp_path: Path, encoding: str) -> None:
    """So accounting systems write their tables: tabs, and a name that ends in .xls."""
    file = tmp_path / "l.xls"
    lines = "日期\t国家\t商品编码\t数量\t金额(USD)", "2025-03-05\t德国\t841370\t10\t100"
    file.write_text("\n".join(lines), encoding)
    assert read_ledger(file).sales["market"].to_list() == ["DEU"]


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
