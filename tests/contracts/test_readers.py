"""One table in many disguises: each reader of a firm's files gives the same numbers or refuses.

A disguise is what spreadsheets, offices and locales do to a table: encodings, delimiters, titles,
sums, other orders of columns, other marks, units in headings. Never may another number come out.
"""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from offing.sources.deals import read_deals
from offing.sources.fairs import read_fairs
from offing.sources.ledger import read_ledger
from offing.sources.market_panel import read_panel
from offing.sources.month_lines import read_months
from offing.sources.own_table import numbers, read_table
from offing.sources.papers import read_declarations, read_invoices, read_receipts
from offing.sources.quotations import read_quotations
from offing.sources.trade_table import read_trade
from offing.sources.unit_facts import read_model_figures
from offing.terms.errors import OffingError

Numbers = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Table:
    """Headings in both languages, rows, and what a reader makes of them.

    ``money`` are the places of amounts, ``figures`` of all numbers with decimals.
    """

    chinese: list[str]
    english: list[str]
    rows: list[list[str]]
    money: tuple[int, ...]
    figures: tuple[int, ...]
    read: Callable[[Path], Numbers]


def months(path: Path) -> Numbers:
    lines = read_months(path)
    assert not lines.quarantined
    return [(x.period, x.export_date, x.fob_cny, x.input_tax_cny, x.code) for x in lines.rows]


def deals(path: Path) -> Numbers:
    lines = read_deals(path)
    assert not lines.quarantined
    return [(x.name, x.amount, x.currency, x.days) for x in lines.rows]


def fairs(path: Path) -> Numbers:
    lines = read_fairs(path)
    assert not lines.quarantined
    return [(x.name, x.markets, x.products, x.places, x.place_cny, x.edition) for x in lines.rows]


def declarations(path: Path) -> Numbers:
    lines = read_declarations(path)
    assert not lines.quarantined
    return [(x.number, x.export_date, x.name, x.quantity, x.total, x.code) for x in lines.rows]


def invoices(path: Path) -> Numbers:
    lines = read_invoices(path)
    assert not lines.quarantined
    return [(x.key, x.on, x.quantity, x.net, x.tax) for x in lines.rows]


def receipts(path: Path) -> Numbers:
    lines = read_receipts(path)
    assert not lines.quarantined
    return [(x.number, x.on, x.amount, x.currency) for x in lines.rows]


def ledger(path: Path) -> Numbers:
    lines = read_ledger(path)
    assert not [key for key, _, _ in lines.quarantined if key != "reference.total_line"]
    kept = ("on", "market", "product", "quantity", "amount", "currency")
    return lines.sales.select(kept).rows()


def quotations(path: Path) -> Numbers:
    lines = read_quotations(path)
    assert not lines.quarantined
    kept = ("on", "market", "model", "price", "currency", "target", "outcome")
    return [tuple(map(x.get, kept)) for x in lines.rows]


def model_figures(path: Path) -> Numbers:
    rows = read_model_figures(path).values()
    return [(x.model, x.code, x.cost_cny, x.input_vat_cny, x.kg, x.refund_rate) for x in rows]


def market_panel(path: Path) -> Numbers:
    lines = read_panel(path)
    assert not lines.quarantined
    kept = ("market", "year", "product", "units", "value", "currency")
    return [tuple(map(x.get, kept)) for x in lines.rows]


def trade_table(path: Path) -> Numbers:
    lines = read_trade(path)
    assert not lines.quarantined
    kept = ("exporter", "importer", "product", "year", "value_usd")
    return [tuple(map(x.get, kept)) for x in lines.rows]


def own_table(path: Path) -> Numbers:
    table = read_table(path)
    return table.select("region", numbers(table, path, "trade"), numbers(table, path, "gdp")).rows()


A, B = "420120260000000101", "420120260000000202"
TABLES = {
    "months": Table(
        ["所属期", "出口日期", "离岸价", "进项税额", "征税率", "退税率", "商品编码"],
        ["period", "export_date", "fob_cny", "input_tax", "levy_rate", "refund_rate", "code"],
        [["2026-01", "2026-01-05", "1234567.50", "98000.25", "13%", "13%", "62113310"],
         ["2026-02", "2026-02-06", "850000.00", "61250.75", "13%", "13%", "0901210000"]],
        (2, 3), (2, 3), months,
    ),
    "deals": Table(
        ["名称", "金额", "币种", "天数"],
        ["name", "amount", "currency", "days"],
        [["甲", "1250000.50", "EUR", "90"], ["乙", "-900000.25", "USD", "45"]],
        (1,), (1,), deals,
    ),
    "fairs": Table(
        ["展会", "市场", "商品编码", "名额", "参展补贴", "上届参展企业数", "实绩", "币种"],
        ["fair", "market", "hs code", "places", "subsidy", "firms", "recorded", "currency"],
        [["甲", "DEU", "8528", "40", "30000.50", "36", "1240000.25", "USD"],
         ["乙", "GBR", "850760", "25", "1218000.75", "18", "846000.50", "CNY"]],
        (4, 6), (4, 6), fairs,
    ),
    "declarations": Table(
        ["海关编号", "出口日期", "商品名称", "商品编号", "成交数量", "总价", "币制"],
        ["number", "export_date", "name", "code", "quantity", "total", "currency"],
        [[A, "2026-03-02", "液晶电视", "8528724000", "1200", "50000.50", "USD"],
         [B, "2026-03-09", "微波炉", "8516500000", "80", "1212000.75", "USD"]],
        (5,), (5,), declarations,
    ),
    "invoices": Table(
        ["数电发票号码", "开票日期", "货物或应税劳务名称", "数量", "金额", "税率", "税额"],
        ["digital", "on", "name", "quantity", "net", "rate", "tax"],
        [["26420000000000000001", "2026-02-20", "电视", "1200", "200000.50", "13%", "26000.07"],
         ["26420000000000000002", "2026-02-21", "冰箱", "80", "1044000.25", "13%", "135720.03"]],
        (4, 6), (4, 6), invoices,
    ),
    "receipts": Table(
        ["报关单号", "收汇日期", "收汇金额", "币种"],
        ["number", "on", "amount", "currency"],
        [[A, "2026-06-01", "62000.50", "USD"], [B, "2026-06-02", "1210000.25", "USD"]],
        (2,), (2,), receipts,
    ),
    "ledger": Table(
        ["出口日期", "往来单位", "运抵国", "商品编码", "数量", "单位", "金额", "币种"],
        ["date", "customer", "country", "hs code", "quantity", "unit", "amount", "currency"],
        [["2024-03-05", "Total", "DEU", "852872", "1200", "台", "1234567.50", "EUR"],
         ["2024-03-31", "乙", "GBR", "85287222", "10", "台", "8500.25", "EUR"]],
        (6,), (6,), ledger,
    ),
    "quotations": Table(
        ["报价日期", "国家", "型号", "单价", "币种", "目标价", "结果"],
        ["date", "country", "model", "unit price", "currency", "target price", "result"],
        [["2024-03-05", "DEU", "HC-65M", "1567.50", "EUR", "1500.25", "won"],
         ["2024-04-06", "GBR", "HC-75M", "8500.25", "GBP", "8400.75", "lost"]],
        (3, 5), (3, 5), quotations,
    ),
    "model figures": Table(
        ["型号", "海关编码", "单位成本", "进项税", "毛重", "体积", "退税率"],
        ["model", "hs code", "cost_cny", "input_vat_cny", "kg", "m3", "refund_rate"],
        [["HC-65M", "8528722200", "3150.50", "355.25", "22.5", "0.21", "13%"],
         ["HC-75M", "85287222", "1214150.75", "455.50", "31.25", "0.34", "13%"]],
        (2, 3), (2, 3), model_figures,
    ),
    "market panel": Table(
        ["国家", "商品编码", "期间", "销量", "零售额", "币种"],
        ["country", "hs", "period", "units", "value", "currency"],
        [["DEU", "852872", "2024 Q1", "1200", "1234567.50", "EUR"],
         ["GBR", "85287222", "2024 Q2", "80", "48500.25", "GBP"]],
        (4,), (4,), market_panel,
    ),
    "trade table": Table(
        ["出口国", "进口国", "商品编码", "年份", "金额", "币种"],
        ["exporter", "importer", "hs code", "year", "value", "currency"],
        [["CHN", "DEU", "621133", "2023", "1234567.50", "USD"],
         ["VNM", "GBR", "6211", "2024", "48500.25", "USD"]],
        (4,), (4,), trade_table,
    ),
    "own table": Table(
        ["region", "trade", "gdp"],
        ["region", "trade", "gdp"],
        [["甲", "1234567.50", "1.25"], ["乙", "850000.25", "12.5"]],
        (1,), (1, 2), own_table,
    ),
}  # fmt: skip


def text_of(header: list[str], rows: list[list[str]], delimiter: str = ",", **options: Any) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n", **options).writerows([header, *rows])
    return out.getvalue()


def changed(table: Table, places: tuple[int, ...], change: Callable[[str], str]) -> list[list[str]]:
    return [[change(c) if at in places else c for at, c in enumerate(row)] for row in table.rows]


def marked(thousands: str, decimal: str) -> Callable[[str], str]:
    def write(cell: str) -> str:
        text = f"{Decimal(cell):,.2f}"
        return text.replace(",", "#").replace(".", decimal).replace("#", thousands)

    return write


def in_unit(times: int) -> Callable[[str], str]:
    return lambda cell: str(Decimal(cell) / times)


def of_unit(table: Table, unit: str, times: int) -> str:
    header = [f"{h}({unit})" if at in table.money else h for at, h in enumerate(table.chinese)]
    return text_of(header, changed(table, table.money, in_unit(times)))


def with_sums(table: Table, word: str, at: int = 0) -> str:
    sums = ["" for _ in table.chinese]
    sums[at] = word
    for place in table.money:
        sums[place] = str(sum(Decimal(row[place]) for row in table.rows))
    return text_of(table.chinese, [table.rows[0], sums, *table.rows[1:], sums])


def permuted(table: Table) -> str:
    order = list(reversed(range(len(table.chinese))))
    return text_of(
        [table.chinese[i] for i in order], [[row[i] for i in order] for row in table.rows]
    )


def plain(table: Table) -> str:
    return text_of(table.chinese, table.rows)


def trailing(table: Table) -> str:
    return text_of([*table.chinese, "", ""], [[*row, "", ""] for row in table.rows])


SAME: dict[str, Callable[[Table], str | bytes]] = {
    "utf-8 with a mark": lambda t: plain(t).encode("utf-8-sig"),
    "gb18030": lambda t: plain(t).encode("gb18030"),
    "utf-16": lambda t: plain(t).encode("utf-16"),
    "semicolons": lambda t: text_of(t.chinese, t.rows, ";"),
    "tabs": lambda t: text_of(t.chinese, t.rows, "\t"),
    "crlf": lambda t: plain(t).replace("\n", "\r\n"),
    "all quoted": lambda t: text_of(t.chinese, t.rows, quoting=csv.QUOTE_ALL),
    "permuted": permuted,
    "trailing columns": trailing,
    "english": lambda t: text_of(t.english, t.rows),
    "english in capitals": lambda t: text_of([h.upper() for h in t.english], t.rows),
    "blank lines": lambda t: plain(t).replace("\n", "\n\n"),
}
"""Every reader must give the same numbers."""

BY_FIRMS = {
    "title": lambda t: "出口明细表（2026年）\n" + plain(t),
    "title and unit": lambda t: (
        "出口明细表\n\n编制：张三;日期：2026-03-31\n" + text_of(t.chinese, t.rows, ";")
    ),
    "total": lambda t: with_sums(t, "合计"),
    "subtotal in English": lambda t: with_sums(t, "Subtotal"),
    "total in another column": lambda t: with_sums(t, "小 计", 2 if 1 in t.money else 1),
    "decimal commas": lambda t: text_of(t.chinese, changed(t, t.figures, marked("", ",")), ";"),
    "thousands points": lambda t: text_of(t.chinese, changed(t, t.figures, marked(".", ",")), ";"),
    "thousands commas": lambda t: text_of(t.chinese, changed(t, t.figures, marked(",", "."))),
    "thousands blanks": lambda t: text_of(t.chinese, changed(t, t.figures, marked(" ", "."))),
    "in 万元": lambda t: of_unit(t, "万元", 10_000),
    "in 千元": lambda t: of_unit(t, "千元", 1_000),
    "in 百万": lambda t: of_unit(t, "百万", 1_000_000),
}
"""Every reader but that of statistical tables must give the same numbers, unless money forbids it:
yuan in a heading beside a row in dollars is refused."""

UNCLEAR: dict[str, Callable[[Table], str | bytes]] = {
    "thousands points alone": lambda t: text_of(
        t.chinese, changed(t, t.figures, lambda c: f"{round(Decimal(c)) % 900 + 100}.000"), ";"
    ),
    "one of each": lambda t: text_of(
        t.chinese,
        [
            [marked(".", ",")(c) if n and at in t.figures else c for at, c in enumerate(row)]
            for n, row in enumerate(t.rows)
        ],
        ";",
    ),
}
"""Every reader must refuse: nothing tells what these are."""


def written(folder: Path, content: str | bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def expected(name: str, folder: Path) -> Numbers:
    found = TABLES[name].read(written(folder, plain(TABLES[name]), "plain.csv"))
    assert len(found) == len(TABLES[name].rows)
    return found


@pytest.mark.parametrize("disguise", SAME)
@pytest.mark.parametrize("name", TABLES)
def test_another_form_gives_the_same_numbers(name: str, disguise: str, tmp_path: Path) -> None:
    if name == "own table" and "capitals" in disguise:
        pytest.skip("the user names the columns of a statistical table as they are written")
    content = SAME[disguise](TABLES[name])
    assert TABLES[name].read(written(tmp_path, content)) == expected(name, tmp_path)


@pytest.mark.parametrize("disguise", BY_FIRMS)
@pytest.mark.parametrize("name", TABLES)
def test_what_firms_write_gives_the_same_numbers(name: str, disguise: str, tmp_path: Path) -> None:
    path = written(tmp_path, BY_FIRMS[disguise](TABLES[name]))
    other_money = "元" in disguise and name not in ("months", "invoices")
    try:
        found = TABLES[name].read(path)
    except (OffingError, AssertionError, KeyError):
        if name == "own table" or other_money:
            return
        raise
    if name != "own table" or "total" not in disguise:
        assert found == expected(name, tmp_path)


@pytest.mark.parametrize("disguise", UNCLEAR)
@pytest.mark.parametrize("name", TABLES)
def test_what_could_be_either_is_refused(name: str, disguise: str, tmp_path: Path) -> None:
    with pytest.raises(OffingError):
        TABLES[name].read(written(tmp_path, UNCLEAR[disguise](TABLES[name])))


@pytest.mark.parametrize("typed", [True, False])
@pytest.mark.parametrize("titled", [True, False])
@pytest.mark.parametrize("name", TABLES)
def test_a_workbook_goes_wherever_text_goes(
    name: str, titled: bool, typed: bool, tmp_path: Path
) -> None:
    table = TABLES[name]
    book = openpyxl.Workbook()
    if titled:
        book.active.append(["出口明细表"])
        book.active.append([])
    book.active.append(table.chinese)
    for row in table.rows:
        book.active.append(
            [float(c) if typed and at in table.figures else c for at, c in enumerate(row)]
        )
    book.save(tmp_path / "table.xlsx")
    assert table.read(tmp_path / "table.xlsx") == expected(name, tmp_path)


def test_numbers_of_a_workbook_beside_texts_with_commas(tmp_path: Path) -> None:
    """1.125 kg is a number cell; the amount beside it is text with a decimal comma."""
    book = openpyxl.Workbook()
    book.active.append(["date", "country", "hs code", "quantity", "unit", "amount", "currency"])
    book.active.append(["2024-03-05", "DEU", "852872", 1.125, "kg", "108.000,50", "EUR"])
    book.save(tmp_path / "table.xlsx")
    ((*_, quantity, amount, _),) = ledger(tmp_path / "table.xlsx")
    assert (quantity, amount) == (Decimal("1.125"), Decimal("108000.50"))
    book.active.append(["2024-03-06", "DEU", "852872", "1.200,5", "kg", "9,50", "EUR"])
    book.save(tmp_path / "mixed.xlsx")
    with pytest.raises(OffingError):
        ledger(tmp_path / "mixed.xlsx")
