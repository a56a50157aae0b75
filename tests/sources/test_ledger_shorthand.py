"""Lines that leave out what another place says, and headings that nobody knows."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from offing.sources.ledger import LedgerRead, look_at

HEADINGS = "日期,国家,商品编码,型号,数量,金额(美元)"


def read(folder: Path, *lines: str, name: str = "ledger.csv", **options: Any) -> LedgerRead:
    file = folder / name
    file.write_text("\n".join(lines), "utf-8")
    return look_at(file, **options)


def days(look: LedgerRead) -> list[str]:
    return [f"{day:%Y-%m-%d}" for day in look.sales["on"]]


def line(day: str, market: str = "德国", rest: str = "841370,A,10,100") -> str:
    return f"{day},{market},{rest}"


def keys(look: LedgerRead) -> set[str]:
    return {note.key for note in look.notes}


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (
            ["2025.12.30", "12.28", "2026.1.14", "3月5日"],
            ["2025-12-30", "2025-12-28", "2026-01-14", "2026-03-05"],
        ),
        (["2025-04-01", "25.3."], ["2025-04-01", "2025-03-25"]),
    ],
)
def test_a_day_takes_the_year_of_the_line_above_it(
    tmp_path: Path, texts: Sequence[str], found: Sequence[str]
) -> None:
    look = read(tmp_path, HEADINGS, *map(line, texts))
    assert days(look)[: len(found)] == found
    assert "reference.year_of_around" in keys(look)


def test_which_part_is_the_day_is_asked_where_nothing_shows_it(tmp_path: Path) -> None:
    lines = "2025年台账", HEADINGS, line("3.5"), line("4.6")
    assert {bad.reason for bad in read(tmp_path, *lines).rejected} == {"reference.ambiguous_date"}
    assert days(read(tmp_path, *lines, dates="day-first")) == ["2025-05-03", "2025-06-04"]


def test_the_head_of_a_paper_stands_above_its_items(tmp_path: Path) -> None:
    look = read(tmp_path, HEADINGS, line("2025-03-05"), line("", ""), ",,,,20,200",
                line("", "日本"))  # fmt: skip
    assert look.sales["market"].to_list() == ["DEU", "DEU"]
    assert "reference.head_of_above" in keys(look)
    sums = read(tmp_path, HEADINGS, line("2025-03-05"), ",,,共 2 单,20,200")
    assert sums.sales.height == 1, "what may be a sum is no further item"
    assert [bad.reason for bad in look.rejected] == ["reference.bad_date"] * 2


def test_a_buyer_stands_once_above_its_lines(tmp_path: Path) -> None:
    head = "日期,客户,国家,型号,数量,金额(美元)"
    block = ["2025-03-05,A,德国,X,10,100", "2025-04-05,,,X,20,200", ",小计,,,30,300"]
    lines = *block, "2025-03-06,B,日本,X,1,10", "2025-04-06,,,Y,2,20", "2025-05-06,,,Y,2,20"
    look = read(tmp_path, head, *lines, codes={"x": "841370", "y": "841370"})
    assert look.sales["market"].to_list() == ["DEU"] * 2 + ["JPN"] * 3
    assert "reference.buyer_of_above" in keys(look)
    slips = read(tmp_path, head, *[block[0]] * 3, block[1], codes={"x": "841370"})
    assert [bad.reason for bad in slips.rejected] == ["reference.no_country"]


@pytest.mark.parametrize(
    ("part", "markets"),
    [("日本", ["JPN"]), ("客户：Aoki（日本）", ["JPN"]), ("客户：Aoki", []), ("小计", [])],
)
def test_a_country_stands_above_its_lines(
    tmp_path: Path, part: str, markets: Sequence[str]
) -> None:
    book, head = Workbook(), ["日期", "商品编码", "型号", "数量", "金额(美元)"]
    book.active.title = "德国"
    for row in (
        head,
        ["2025-03-05", "841370", "A", 1, 9],
        [part],
        ["2025-03-06", "841370", "A", 1, 9],
    ):
        book.active.append(row)
    book.save(file := tmp_path / "sales.xlsx")
    look = look_at(file)
    assert look.sales["market"].to_list() == ["DEU", *markets]
    assert "reference.country_of_above" in keys(look)


def test_headings_over_two_rows_are_read_as_one(tmp_path: Path) -> None:
    """The group tells which of two amounts is read: that in the invoice's own money."""
    heads = "日期,国家,商品编码,数量,,币种,本币,,原币,", ",,,数值,单位,,单价,金额,单价,金额"
    look = read(tmp_path, *heads, "2024-03-05,德国,85287222,10,台,USD,2130,21300,300,3000")
    (sold,) = look.sales.iter_rows(named=True)
    assert (sold["quantity"], sold["unit"], sold["amount"]) == (10, "item", 3000)
    block = read(tmp_path, HEADINGS, ",德国,,甲,,", line("2025-03-05"))
    assert [bad.row for bad in block.rejected] == [2], (
        "a line of words is no second row of headings"
    )


def test_a_month_of_a_sheet_without_its_year_is_asked_for_it(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "3月"
    for row in (HEADINGS.split(",")[1:], ["德国", "841370", "A", 1, 9]):
        book.active.append(row)
    book.save(file := tmp_path / "sales.xlsx")
    assert [bad.reason for bad in look_at(file).rejected] == ["reference.which_year"]
    assert days(look_at(file, period="2025")) == ["2025-03-31"]


def test_a_column_may_hold_several(tmp_path: Path) -> None:
    head = "出口日期,运抵国,商品编号,数量及单位,单价/总价/币制"
    (sold,) = read(tmp_path, head, "2026-03-05,德国,820411,10把,3 / 30 / 美元").sales.iter_rows(
        named=True
    )
    assert (sold["quantity"], sold["amount"], sold["currency"]) == (10, 30, "USD")
    doubt = read(tmp_path, head, "2026-03-05,德国,820411,10把,3 / 30")
    assert doubt.trouble is not None
    whole = head.replace("运抵国", "Customer/Country").replace("单价/总价/币制", "总价(美元)")
    assert read(tmp_path, whole, "2026-03-05,United States,820411,10把,30").sales.height == 1


def test_a_year_or_a_month_stands_in_a_column_or_in_chinese_figures(tmp_path: Path) -> None:
    look = read(
        tmp_path, f"年份,{HEADINGS}", *(f"2025,{line(day)}" for day in ("3月5日", "4月6日"))
    )
    assert days(look) == ["2025-03-05", "2025-04-06"]
    months = read(tmp_path, HEADINGS.replace("日期", "月份"), line("2025年十二月"))
    assert days(months) == ["2025-12-31"]


def test_a_line_may_have_either_of_two_currencies(tmp_path: Path) -> None:
    head = "日期,国家,商品编码,数量,金额（人民币）,金额（美元）"
    rows = ["2025-03-05,德国,841370,1,710,", "2025-03-06,阿联酋,841370,1,,100"]
    sales = read(tmp_path, head, *rows).sales
    assert sales.select("amount", "currency").rows() == [(710, "CNY"), (100, "USD")]
    both = read(tmp_path, head, *rows, "2025-03-07,德国,841370,1,71,10")
    assert "sources.note_two_moneys" in keys(both)


def test_a_nought_that_a_workbook_lost_is_asked(tmp_path: Path) -> None:
    """3.20 is a number there, 3.2, and so is 2 March."""
    book = Workbook()
    book.active.title = "2025年"
    book.active.append(HEADINGS.split(","))
    for number in (3.05, 3.15, 3.2, 3.25, 4.1):
        book.active.append([number, *line("").split(",")[1:]])
    book.save(file := tmp_path / "sales.xlsx")
    look = look_at(file)
    assert days(look) == ["2025-03-05", "2025-03-15", "2025-03-25"]
    assert [bad.row for bad in look.rejected] == [4, 6]


@pytest.mark.parametrize("sheet", ["3月", "2025年3月", "Mar 2025", "March"])
def test_days_of_a_month_are_those_of_the_sheet(tmp_path: Path, sheet: str) -> None:
    book = Workbook()
    book.active.title = sheet
    for row in (HEADINGS, line("5"), line("31")):
        book.active.append(row.split(","))
    book.save(file := tmp_path / "2025年台账.xlsx")
    look = look_at(file)
    assert days(look) == ["2025-03-05", "2025-03-31"]
    assert "reference.day_of_month" in keys(look)


def test_customs_numbers_count_in_a_customs_list_alone(tmp_path: Path) -> None:
    headings = "海关编号,申报日期,运抵国,商品编号,成交数量,成交单位,总价,币制,成交方式"
    rows = [f"42012025{n:010},20250305,{land},8413709990,10,007,100,502,3"
            for n, land in enumerate((304, 502, 999))]  # fmt: skip
    look = read(tmp_path, headings, *rows)
    assert look.sales["market"].to_list() == ["DEU", "USA"]
    assert look.sales.select("currency", "incoterm", "unit").row(0) == ("USD", "FOB", "item")
    assert [bad.reason for bad in look.rejected] == ["reference.unknown_country"]
    own = read(tmp_path, HEADINGS, line("2025-03-05", "276"))
    assert own.sales["market"].to_list() == ["DEU"], "the United Nations' numbers elsewhere"


def test_numbers_of_items_are_no_models(tmp_path: Path) -> None:
    rows = [f"2025-03-05,德国,{item},{code},{name},10,100" for item, code, name in
            ((1, 841370, "Pump"), (2, 848180, "Valve"), (1, 848180, "Valve"))]  # fmt: skip
    look = read(tmp_path, "Date,Country,Item No.,HS Code,Description,Qty,Amount USD", *rows)
    assert look.sales["model"].to_list() == ["Pump", "Valve", "Valve"]
