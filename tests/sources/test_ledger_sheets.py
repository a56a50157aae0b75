"""Sheets of a ledger, for years or months; lines without a code or a year are told or asked."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from openpyxl import Workbook

import offing
from cautions import keyed
from offing.api.province import ProvinceAnswer
from offing.cli.app import run
from offing.sources.ledger import LedgerRead, look_at, read_ledger
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


DATED_HEADINGS = [
    "日期",
    "购货单位",
    "国家",
    "海关编码",
    "规格型号",
    "实发数量",
    "单位",
    "金额(美元)",
]
BUYERS = ("Nord 德国", "Andes 智利", "Home 美国")
TEN = [date(2026, month, 5 + month) for month in range(1, 11)]
TWELVE = [date(2025, 11, 8), date(2025, 12, 28), *TEN]
SPRING = [date(2026, month, day) for month in (3, 4, 5) for day in (5, 16, 27)]
Row = tuple[date, str]


def by_buyer(days: Sequence[date]) -> list[Row]:
    """Each buyer's sales together, as accounting systems sort them; each lacks other months."""
    pairs = [(day, n, buyer) for n, buyer in enumerate(BUYERS) for day in days]
    return [(day, buyer) for at, (day, n, buyer) in enumerate(pairs) if (at + n) % 3]


def by_day(days: Sequence[date]) -> list[Row]:
    return sorted(by_buyer(days))


def look(
    folder: Path, title: str, rows: Sequence[Row], form: str = "{0.month}月{0.day}日", **how: str
) -> LedgerRead:
    book = Workbook()
    for row in ([title], DATED_HEADINGS) if title else (DATED_HEADINGS,):
        book.active.append(row)
    for at, (day, buyer) in enumerate(rows):
        text = f"{day.isoformat()}" if form == "first" and not at else ""
        cell = text or form.replace("first", "{0.month}月{0.day}日").format(day)
        book.active.append([cell, *buyer.split(" "), "7323930000", "FS-24", 10, "个", 100])
    book.save(folder / "list.xlsx")
    return look_at(folder / "list.xlsx", **how)


@pytest.mark.parametrize(
    ("title", "days", "form", "order"),
    [
        ("销售出库明细 2026年1月—2026年10月", TEN, "{0.month}.{0.day}", by_buyer),
        ("销售出库明细（2025年11月至2026年10月）", TWELVE, "{0.month}月{0.day}日", by_buyer),
        ("单据日期：2025-11-01 至 2026-10-31 打印日期：2026-11-20", TWELVE, "{0:%m-%d}", by_buyer),
        ("期间：2026年第1期至2026年第10期", TEN, "{0:%m/%d}", by_buyer),
        ("2026年1-10月销售明细", TEN, "{0.month}月{0.day}日", by_buyer),
        ("Sales Nov 2025 – Oct 2026", TWELVE, "{0:%d-%b}", by_buyer),
        ("销售明细 截至2026年10月31日", TWELVE, "{0.month}月{0.day}日", by_buyer),
        ("", TEN, "first", by_day),
        ("", SPRING, "first", lambda days: by_day(days)[::-1]),
    ],
)
def test_the_year_is_that_of_the_period_or_of_the_line_above(
    tmp_path: Path,
    title: str,
    days: Sequence[date],
    form: str,
    order: Callable[[Sequence[date]], list[Row]],
) -> None:
    rows = order(days)
    assert look(tmp_path, title, rows, form).sales["on"].to_list() == [day for day, _ in rows]


@pytest.mark.parametrize(
    ("title", "days", "form"),
    [
        ("", TEN, "{0.month}月{0.day}日"),
        ("", TEN, "first"),
        ("", TWELVE, "first"),
        ("2025-2026年度", TWELVE, "first"),
    ],
)
def test_a_list_that_is_sorted_otherwise_is_asked(
    tmp_path: Path, title: str, days: Sequence[date], form: str
) -> None:
    rows = by_buyer(days)
    read = look(tmp_path, title, rows, form)
    assert {bad.reason for bad in read.rejected} == {"reference.which_year"}
    assert len(read.rejected) > read.sales.height, "a study does not begin from it"
    true = {2 + at + bool(title): day for at, (day, _) in enumerate(rows)}
    assert all(true[row] == on for row, on in read.sales.select("row", "on").iter_rows())
    told = look(tmp_path, title, rows, form, period="2025-11:2026-10")
    assert told.sales["on"].to_list() == [day for day, _ in rows]


def test_no_day_is_to_come_and_none_lies_outside_the_period(tmp_path: Path) -> None:
    year = date.today().year + 1  # noqa: DTZ011 - the user's own day
    rows = [(date(2026, month, 1), BUYERS[0]) for month in (3, 4, 5)]
    assert look(tmp_path, f"{year}年计划", rows).sales.is_empty()
    late = [*rows, (date(2026, 12, 28), BUYERS[0])]
    read = look(tmp_path, "2026年1月至5月", late)
    assert [bad.row for bad in read.rejected] == [6]


def test_a_period_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        look(tmp_path, "", by_day(TEN), period="last year")
    assert refused.value.key == "reference.no_period"


MARKETS = ("DEU", "FRA", "JPN", "USA", "VNM", "MEX")


def months(first: int = 2023, last: int = 2024) -> list[str]:
    return [f"{year}{month:02d}" for year in range(first, last + 1) for month in range(1, 13)]


def table(*which: str, cumulated: bool = False) -> pl.DataFrame:
    """Exports of a thousand dollars and ten pieces a month and market, or their sums so far."""
    rows = [
        {
            "数据年月": one, "商品编码": "852872", "贸易伙伴名称": market,
            "第一数量": 10 * (int(one[4:]) if cumulated else 1), "第一计量单位": "台",
            "美元": 1000 * (int(one[4:]) if cumulated else 1),
        }
        for one in which or months() for market in MARKETS
    ]  # fmt: skip
    return pl.DataFrame(rows)


def asked(rows: pl.DataFrame, **given: object) -> ProvinceAnswer:
    return offing.province(rows, ahead=0, **given)  # type: ignore[arg-type]


def test_sums_from_january_on_are_asked_about_and_become_months(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sums = table(cumulated=True)
    with pytest.raises(InputError) as refused:
        asked(sums)
    assert refused.value.key == "sources.looks_cumulated"
    made = asked(sums, cumulated=True)
    plain = asked(table())
    assert made.standing.total("now") == plain.standing.total("now")
    assert made.standing.cells["units_now"].sum() == plain.standing.cells["units_now"].sum()
    assert made.standing.full == plain.standing.full
    taken = asked(sums, cumulated=False)
    assert taken.standing.total("now") == 78 * 6 * 1000
    file = tmp_path / "sums.csv"
    sums.write_csv(file)
    for line, code in (([], 2), (["--cumulated"], 0), (["--no-cumulated"], 0)):
        assert run(["province", str(file), "--ahead", "0", "--lang", "en", *line]) == code
    assert "--no-cumulated" in capsys.readouterr().err


def test_a_sum_after_a_month_that_lacks_has_both() -> None:
    """Only December's sums: they are the year."""
    december = table("202312", "202412", cumulated=True)
    made = asked(december, cumulated=True).standing
    assert made.total("now") == made.total("before") == 12 * 6 * 1000
    assert made.full == (2023, 2024)
