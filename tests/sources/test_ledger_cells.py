"""The cells of a ledger: what is read, and what is never guessed."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from offing.sources import ledger_cells as cells
from offing.sources import ledger_line, numbers
from offing.sources.ledger import LedgerRead, look_at
from offing.terms.errors import InputError, Where


def amount_of(text: str, comma: bool = False) -> numbers.Amount | None:
    found = numbers.read_amount(text, comma)
    return cells.round_product(found) if found else None


def value_of(text: str, comma: bool = False) -> Decimal | None:
    found = amount_of(text, comma)
    return found.value if found else None


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-05", "2024/3/5", "20240305", "2024年3月5日", "２０２４－０３－０５",
        "2024-03-05 00:00:00", "2024/3/5 下午 3:20", "2024年3月5日 星期二", "45356",
        "5-Mar-2024", "Mar 5, 2024", "二〇二四年三月五日",
    ],
)  # fmt: skip
def test_dates(text: str) -> None:
    assert cells.read_date(text) == date(2024, 3, 5)


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["25.3.5", "24.12.31"], ["2025-3-5", "2024-12-31"]),
        (["05/03/25", "31/12/24"], ["05/03/2025", "31/12/2024"]),
        (["25.3.24"], []),
        (["25.3.5", "2024.12.31"], []),
        (["3.5"], []),
    ],
)
def test_a_year_of_two_digits_is_told_by_the_column(texts: list[str], found: list[str]) -> None:
    assert list(cells.add_centuries(texts).values()) == found


@pytest.mark.parametrize(
    "text", ["", "2024", "2024-02-30", "03/05/2024", "5/3/24", "1899-01-01", "二〇二四年十三月五日"]
)
def test_no_date_is_guessed(text: str) -> None:
    assert cells.read_date(text) is None


def test_day_order_comes_from_the_ledger_itself() -> None:
    assert cells.order_of_days(["03/05/2024", "31/12/2023"]) == "day-first"
    assert cells.order_of_days(["03/05/2024", "12/31/2023"]) == "month-first"
    assert cells.order_of_days(["31/12/2023", "12/31/2023"]) is None
    assert cells.order_of_days(["03/05/2024"]) is None
    assert cells.read_date("03/05/2024", "day-first") == date(2024, 5, 3)
    assert cells.read_date("03/05/2024", "month-first") == date(2024, 3, 5)
    assert cells.read_date("31/12/2023", "month-first") == date(2023, 12, 31)


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("1,234.50", "1234.5", None),
        ("1.234,50", "1234.5", None),
        ("12,34,567", None, None),  # Indian grouping is not told from a slip
        ("(1,234.50)", "-1234.5", None),
        ("12.5万元", "125000", "CNY"),
        ("$1,234", "1234", None),  # a dollar of some country
        ("58800.00000000001", "58800", None),
        ("1.2.3", None, None),
        ("(-5)", None, None),
        ("10000000000000", None, None),
        ("EUR 10 USD", None, None),
    ],
)
def test_amounts(text: str, value: str | None, currency: str | None) -> None:
    found = amount_of(text)
    if value is None:
        assert found is None
    else:
        assert found is not None
        assert (found.value, found.currency) == (Decimal(value), currency)


def test_decimal_comma_is_the_ledgers_own() -> None:
    def comma(*texts: str, money: bool = False) -> bool:
        column = numbers.evidence("x", enumerate(texts), money=money)
        return numbers.decimal_commas({"x": column}, Where("f"))["x"]

    assert comma("1.234,50", "1.234")
    assert not comma("1,234.50", "1,234")
    for unclear in (("1,5", "1.5"), ("1.200", "108.000"), ("850.000",)):
        with pytest.raises(InputError):
            comma(*unclear)
    # money with two decimals, and with three: thousands of another hand
    for mixed in (("150.000,00", "620,125"), ("1.000.000", "-620,000"), ("1,234.50", "850.125"),
                  ("1234.50", "12.000")):  # fmt: skip
        with pytest.raises(InputError):
            comma(*mixed, money=True)
    assert comma("150.000,00", "620,000", "9,5", money=True)
    assert not comma("1,234.5", "850.125", money=True)
    assert not comma("1234.50", "850.125", money=True), "who writes no marks of thousands"
    assert value_of("1.234", comma=True) == value_of("1,234") == 1234
    assert value_of("1,234", comma=True) == value_of("1.234") == Decimal("1.234")


def test_names() -> None:
    currencies = {"usd": "USD", "美元": "USD", "人民币": "CNY", "港币": "HKD", "$": None}
    assert {text: numbers.read_currency(text) for text in currencies} == currencies
    brands = {"自主品牌": "own", "Own brand": "own", "贴牌": "oem", "Hisun": "Hisun"}
    assert {text: cells.read_brand(text) for text in brands} == brands
    terms = {"FOB 宁波": "FOB", "c&f": "CFR", "EXWORKS": None, "CIF/FOB": None, "FOB/SHA": "FOB"}
    assert {text: cells.read_incoterm(text) for text in terms} == terms


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_cell_is_read_or_not(text: str) -> None:
    amount = amount_of(text)
    assert amount is None or abs(amount.value) < Decimal("1e13")
    day = cells.read_date(text)
    assert day is None or cells.FIRST <= day < cells.LAST
    code = cells.read_code(text)
    assert code is None or (code.isascii() and code.isdigit() and len(code) in (2, 4, 6, 8, 10))
    cells.read_market(text)
    numbers.read_currency(text)
    cells.read_brand(text)
    cells.read_incoterm(text)


@given(st.decimals("-9999999999999", "9999999999999", places=4))
def test_written_amounts_come_back(value: Decimal) -> None:
    assert value_of(f"{value:f}") == value_of(f"{value:,.4f}") == value


@given(st.dates(cells.FIRST, cells.LAST - timedelta(days=1)))
def test_written_dates_come_back(day: date) -> None:
    serial = str((day - date(1899, 12, 30)).days)
    for text in (day.isoformat(), f"{day:%Y%m%d}", f"{day.year}年{day.month}月{day.day}日", serial):
        assert cells.read_date(text) == day


TODAY = date.today()  # noqa: DTZ011 - the user's own day


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{TODAY.year - 1}", date(TODAY.year - 1, 12, 31)),
        (f"{TODAY.year}", "reference.year_not_over"),
        (f"{TODAY.year + 1}", "reference.day_to_come"),
        (f"{TODAY:%Y-%m}", None),  # a month that runs: its last day, though that is to come
        ("2024-02", date(2024, 2, 29)),
        (f"{TODAY.year + 1}-01", "reference.day_to_come"),
        (f"{TODAY.isoformat()}", TODAY),
        (f"{(TODAY + timedelta(days=1)).isoformat()}", "reference.day_to_come"),
        ("03/04/2024", "reference.ambiguous_date"),
        ("3.4.2024", "reference.ambiguous_date"),
        ("soon", "reference.bad_date"),
        ("", "reference.bad_date"),
    ],
)
def test_a_day_by_what_is_said_of_it(text: str, found: date | str | None) -> None:
    if isinstance(found, str):
        with pytest.raises(InputError) as caught:
            ledger_line._day(text, None)
        assert caught.value.key == found
        return
    day = ledger_line._day(text, None)
    if found is None:
        assert (day.year, day.month) == (TODAY.year, TODAY.month)
        assert (day + timedelta(days=1)).month != TODAY.month
    else:
        assert day == found


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
