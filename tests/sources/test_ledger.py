"""Ledgers as firms keep them: headings, encodings, workbooks, credit notes, slips."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from openpyxl import Workbook

from offing.report.views.ledger import read_as
from offing.sources.ledger import LedgerRead, look_at, look_at_first, read_ledger
from offing.sources.numbers import read_amount
from offing.terms.errors import InputError, OffingError
from offing.terms.messages import has_message, using_language
from offing.terms.tables import Sales
from shared_data import ROOT, shared

HEAD = "Date,Invoice,Market,HS code,Quantity,Unit,Amount,Currency\n"
GOOD = "2024-03-05,A1,DEU,852872,10,sets,1234.50,EUR\n"


def read(folder: Path, text: str | bytes, **options: Any) -> tuple[pl.DataFrame, LedgerRead]:
    path = folder / "l.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_of(path, **options)


def read_of(path: Path, **options: Any) -> tuple[pl.DataFrame, LedgerRead]:
    found = look_at(path, **options)
    if found.trouble is not None:
        raise found.trouble
    return found.sales, found


def reasons(found: LedgerRead) -> dict[str, int]:
    return {reason: count for reason, count, _ in found.quarantined}


CHINESE = (
    "发票号,出口日期,客户,运抵国,商品编码,型号,品牌,数量,单位,金额（万美元）,成交方式\n"
    "A1,2024年3月5日,买家甲,德国,8528722200101,X1,自主品牌,1000,台,12.5,FOB 宁波\n"
    "A1,2024/3/6,买家甲,英国(GBR),85287222,X1,贴牌,-10,台,-0.125,C&F\n"
    "合计,,,,,,,990,,12.375,\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_ledger(tmp_path: Path, encoding: str) -> None:
    rows, staging = read(tmp_path, CHINESE.encode(encoding))
    assert rows.drop("invoice", "buyer", "model").rows() == [
        (
            date(2024, 3, 5), "DEU", "8528722200", "own", Decimal(1000), "item", Decimal(125000),
            "USD", "FOB", 2,
        ),
        (
            date(2024, 3, 6),
            "GBR",
            "85287222",
            "oem",
            Decimal(-10),
            "item",
            Decimal(-1250),
            "USD",
            "CFR",
            3,
        ),
    ]  # fmt: skip
    assert staging.skipped == {"reference.total_line": 1}
    assert not staging.rejected
    Sales.validate(rows)


def test_headings_named_by_the_user(tmp_path: Path) -> None:
    text = "when,where,what,how many,how much\n2024-03-05,DEU,852872,10,5000\n"
    columns = {
        "on": "When", "market": "where", "product": "what", "quantity": "how many",
        "amount": "how much",
    }  # fmt: skip
    rows, staging = read(tmp_path, text, columns=columns, currency="美元")
    assert rows.select("quantity", "amount", "currency").rows() == [
        (Decimal(10), Decimal(5000), "USD")
    ]
    assert [note.key for note in staging.notes] == ["reference.no_unit_column"]


NO_MARKET = "Date,Ort,HS,Qty,Amount USD\n2024-01-02,DE,8528,3,1\n"
NO_CURRENCY = "Date,Market,HS,Qty,Amount\n2024-01-02,DE,8528,3,1\n"


@pytest.mark.parametrize(
    ("text", "options", "key", "said"),
    [
        ("", {}, "sources.empty", "empty"),
        (HEAD, {}, "sources.no_rows", "no rows"),
        (NO_MARKET, {}, "reference.no_ledger_column", 'column="market=HEADING"'),
        (NO_MARKET, {}, "reference.no_ledger_column", "add a column 国别"),
        (HEAD + GOOD, {"columns": {"markt": "x"}}, "errors.unknown_name", "market?"),
        (NO_CURRENCY.replace(",1\n", ",$1\n"), {}, "reference.bare_sign", "several countries"),
        (HEAD + GOOD, {"currency": "XXQ"}, "currencies.unknown", "XXQ"),
    ],
)
def test_ledgers_that_cannot_be_read(
    tmp_path: Path, text: str, options: dict[str, Any], key: str, said: str
) -> None:
    with pytest.raises(InputError) as found:
        read(tmp_path, text, **options)
    assert found.value.key == key
    assert said in str(found.value)


def test_words_that_are_no_country_are_said(tmp_path: Path) -> None:
    file = tmp_path / "sales.csv"
    lost = "Date,Market,HS,Qty,Amount USD\n2024-01-02,Atlantis,8528,3,1\n"
    file.write_text(lost, "utf-8")
    with pytest.raises(InputError, match="not known, Atlantis"):
        read_ledger(file)
    file.write_text(lost + "2024-01-02,DE,8528,3,1\n2024-01-03,Lemuria,8528,3,1\n", "utf-8")
    (said,) = (n for n in read_ledger(file).notes if n.key == "reference.unknown_countries")
    assert said["names"] == "Atlantis, Lemuria"


def test_words_that_are_no_currency_are_said(tmp_path: Path) -> None:
    file = tmp_path / "sales.csv"
    lines = (f"2024-01-0{day},DE,8528,3,1,{money}\n" for day, money in enumerate("里铢￡", 1))
    file.write_text("Date,Market,HS,Qty,Amount,Currency\n" + "".join(lines), "utf-8")
    (said,) = (n for n in look_at(file).notes if n.key == "reference.unknown_currencies")
    assert said["names"] == "里, 铢"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("03/05/2024,A,DEU,852872,1,sets,1,EUR", "reference.ambiguous_date"),
        ("2024-03-05,A,Atlantis,852872,1,sets,1,EUR", "reference.unknown_country"),
        ("2024-03-05,A,EU,852872,1,sets,1,EUR", "sources.group_of_countries"),
        ("2024-03-05,A,DEU,52872,1,sets,1,EUR", "reference.lost_zero"),
        ("2024-03-05,A,DEU,852872,few,sets,1,EUR", "reference.bad_quantity"),
        ("2024-03-05,A,DEU,852872,1,sets,much,EUR", "reference.bad_amount"),
        ("2024-03-05,A,DEU,852872,1,sets,1e13,EUR", "reference.bad_amount"),
        ("2024-03-05,A,DEU,852872,0,sets,0,EUR", "reference.nothing_sold"),
        ("2024-03-05,A,DEU,852872,-1,sets,1,EUR", "reference.signs_differ"),
        ("2024-03-05,A,DEU,852872,1,sets,1,XXQ", "reference.unknown_currency"),
        ("2024-03-05,A,DEU,852872,1,sets,USD 1,EUR", "reference.two_currencies"),
        ("2024-03-05,A,DEU,852872,1,sets,1,", "reference.line_without_currency"),
    ],
)
def test_a_bad_line_is_put_aside_and_the_others_stay(
    tmp_path: Path, line: str, reason: str
) -> None:
    rows, staging = read(tmp_path, HEAD + GOOD + line + "\n" + GOOD.replace("A1", "A2"))
    assert rows["row"].to_list() == [2, 4]
    assert reasons(staging) == {reason: 1}
    (bad,) = staging.rejected
    assert (bad.row, bad.text.rstrip(",")) == (3, line.rstrip(","))


@pytest.mark.shared_data
def test_customs_records_with_stray_carriage_returns(tmp_path: Path) -> None:
    """Comex Stat's own file: byte order mark, semicolons, carriage returns inside fields.

    It has years, not days: a row counts on the last day of its year. Its markets are in Portuguese.
    """
    source = shared("brazil_comexstat", "raw", "exportacoes_carnes_sc_2019_2024.csv")
    columns = {
        "on": "Ano", "market": "Países", "product": "Código NCM", "quantity": "Quilograma Líquido",
        "amount": "Valor US$ FOB",
    }  # fmt: skip
    rows, staging = read_of(source, columns=columns, currency="USD")
    assert {(on.month, on.day) for on in rows["on"]} == {(12, 31)}
    # README: 4,946; 41 lines say "Congo" alone
    found = reasons(staging)
    unsold = found.pop("reference.nothing_sold", 0)  # of a country named in Portuguese
    unknown = 4946 - 41 - rows.height - unsold
    assert found == {"reference.unknown_country": unknown, "reference.two_countries": 41}
    assert "reference.whole_years" in {note.key for note in staging.notes}


@pytest.mark.locked  # the rates that the locked package of the ECB's has
def test_the_example_ledger_is_made_of_real_exporters(tmp_path: Path) -> None:
    from tools.make_ledger import SOURCE, write

    data = shared(*SOURCE.parts).parents[len(SOURCE.parts) - 1]
    write(data, tmp_path / "ledger.csv")
    kept = ROOT / "examples" / "tv-maker" / "ledger.csv"
    assert (tmp_path / "ledger.csv").read_bytes() == kept.read_bytes()


def test_a_quantity_may_have_its_unit_beside_it(tmp_path: Path) -> None:
    head = "Date,Market,HS,Model,Quantity,Amount,Currency\n"
    lines = ('"1,200 台"', "500pcs", "3 dozen", "-20 台", "7 乙")
    text = head + "".join(f"2024-03-01,DEU,852872,A{n},{cell},{-300 if '-' in cell else 300},USD\n"
                          for n, cell in enumerate(lines))  # fmt: skip
    rows, staging = read(tmp_path, text)
    assert [float(value) for value in rows["quantity"]] == [1200, 500, 36, -20]
    assert set(rows["unit"]) == {"item"}
    assert reasons(staging) == {"reference.bad_quantity": 1}
    assert "reference.no_unit_column" not in {note.key for note in staging.notes}
    other = text.replace("Quantity,", "Quantity,Unit,").replace("500pcs,", "500pcs,kg,")
    _, staging = read(tmp_path, other.replace("台,", "台,台,").replace('台",', '台",台,'))
    assert reasons(staging)["reference.two_units"] == 1


@pytest.mark.parametrize(
    ("heading", "unit", "items"),
    [("数量(千件)", "千件", 2000), ("数量(千件)", "件", None), ("数量(千)", "件", 2000)],
)
def test_a_unit_beside_must_be_that_of_its_heading(
    tmp_path: Path, heading: str, unit: str, items: int | None
) -> None:
    head = f"日期,国家,商品编码,型号,{heading},单位,金额,币种\n"
    rows, staging = read(tmp_path, f"{head}2024-03-01,德国,852872,A,2,{unit},600000,USD\n")
    assert rows["quantity"].to_list() == ([] if items is None else [items])
    assert reasons(staging) == ({"reference.two_units": 1} if items is None else {})


TEXT = (
    "Sales of 2024,,,,,\n"
    "Tag,Destination,HS code,Qty (dozen),Amount (EUR),Model\n"
    "05/03/2024,Germany,852872,10,\"1.234,50\",A\n"
    "13/03/2024,Atlantis,852872,10,\"99,00\",A\n"
    "14/03/2024,France,852872,10,\"2.000,00\",A\n"
    "Total,,,30,\"3.333,50\",\n"
)  # fmt: skip


def test_it_says_what_each_column_was_taken_for(tmp_path: Path) -> None:
    file = tmp_path / "l.csv"
    file.write_text(TEXT, encoding="utf-8")
    look = look_at(file, columns={"on": "Tag"})
    columns = {column.name: column for column in look.columns}
    assert look.sheets[0].sheet.row == 2
    assert look.order == "day-first", "the 13th shows it"
    quantity, amount = columns["quantity"].heading, columns["amount"].heading
    assert quantity is not None
    assert (quantity.unit, quantity.per_unit) == ("item", Decimal(12))
    assert amount is not None
    assert (amount.currency, columns["amount"].comma) == ("EUR", True)
    assert columns["price"].heading is None
    assert not columns["price"].needed, "the amount is there"
    assert [(bad.row, bad.reason) for bad in look.rejected] == [(4, "reference.unknown_country")]
    assert look.skipped == {"reference.total_line": 1}
    assert all(has_message(bad.reason) for bad in look.rejected)
    assert look.sheets[0].first(1) == (
        (3, ["05/03/2024", "Germany", "852872", "10", "1.234,50", "A"]),
    )
    assert look.sales.equals(read_ledger(file, columns={"on": "Tag"}).sales)
    assert look.usable


@pytest.mark.parametrize(
    ("heading", "said"), [("金额(万元)", "按各行币种计"), ("金额(人民币万元)", "以元计")]
)
def test_yuan_beside_a_currency_column_is_of_each_line_s_currency(
    tmp_path: Path, heading: str, said: str
) -> None:
    file = tmp_path / "l.csv"
    currency = {"金额(万元)": "EUR", "金额(人民币万元)": "CNY"}.get(heading, "USD")
    file.write_text(
        f"日期,国别,海关编码,型号,数量(台),币种,{heading}\n2024-03-01,德国,852872,A,10,{currency},0.3\n",
        encoding="utf-8",
    )
    look = look_at(file)
    with using_language("zh"):
        (amount,) = [read_as(one, look) for one in look.columns if one.name == "amount"]
    assert amount == f"数字 × 10,000、{said}"
    assert look.sales.item(0, "currency") == currency


HEADINGS = "海关编号 申报日期 {} 运抵国 商品编号 规格型号 成交数量 成交单位 总价 币制"
OWN, OTHER = "青岛海川厨具有限公司", "烟台东方进出口有限公司"


def lines(firm: str | None, number: int) -> list[list[str]]:
    """Three declarations; without the firm where it is ``None``."""
    rows = [
        f"42012026{number}{n:08} 2026-0{n}-0{number} {firm} 德国 7323930000 FS-24 10 个 125 美元"
        for n in (1, 2, 3)
    ]
    return [[cell for cell in row.split(" ") if cell != "None"] for row in rows]


def firms_said(folder: Path, **sheets: Sequence[Sequence[str]]) -> list[str]:
    """The other firms that a look at the workbook names; all lines are read."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(folder / "list.xlsx")
    look = look_at_first(folder / "list.xlsx")[1]
    assert (look.sales.height, look.rejected) == (6, ())
    return [
        str(note.values["firms"]) for note in look.notes if note.key.endswith("several_shippers")
    ]


def test_sheets_and_titles_say_it(tmp_path: Path) -> None:
    head, bare = HEADINGS.format("境内发货人").split(" "), HEADINGS.replace("{} ", "").split(" ")
    two = {"一": [head, *lines(OWN, 1)], "二": [head, *lines(OTHER, 2)]}
    assert firms_said(tmp_path, **two) == [OTHER]
    blocks = [[[f"境内发货人：{firm}"], bare, *lines(None, n)]
              for n, firm in enumerate((OWN, OTHER), 1)]  # fmt: skip
    assert firms_said(tmp_path, 一=blocks[0], 二=blocks[1]) == [OTHER]
    assert firms_said(tmp_path, s=[*blocks[0], *blocks[1]]) == [OTHER]
    titles = [[[f"{firm}出口报关单明细"], bare, *lines(None, n)]
              for n, firm in enumerate((OWN, OTHER), 1)]  # fmt: skip
    assert firms_said(tmp_path, 一=titles[0], 二=titles[1]) == [OTHER]


SOLD_HEAD = "date,market,model,quantity,unit,currency,amount,incoterm,product"
ROWS = (
    "2024-03-15,Germany,A,100,pcs,USD,56000,FOB,852872",
    "2024-05-20,France,A,120,pcs,USD,67200,FOB,852872",
    "2024-07-25,Japan,A,200,pcs,USD,80000,FOB,852872",
    "2024-09-30,India,A,150,pcs,USD,60000,FOB,852872",
)
SOLD = "\n".join((SOLD_HEAD, *ROWS))


def beside(heading: str, *cells: str) -> str:
    """The ledger with a column more; the last cell is that of all further rows."""
    more = (heading, *cells, *cells[-1:] * 4)
    return "\n".join(f"{line},{cell}" for line, cell in zip(SOLD.splitlines(), more, strict=False))


def said(tmp_path: Path, text: str) -> set[str]:
    file = tmp_path / "ledger.csv"
    file.write_text(text + "\n", encoding="utf-8")
    try:
        lines = read_ledger(file)
    except OffingError as error:
        return {error.key}
    return {note.key for note in lines.notes} | {key for key, _, _ in lines.quarantined}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Japan", "中国香港"),
        ("amount", "amount ($)"),
        (",USD,56000", ",EUR,56000"),  # near a dollar: no price tells them apart
        (",USD,56000", ",CNY,408000"),
        (ROWS[3], f"{ROWS[3]}\n2024-10-30,India,A,-10,pcs,USD,-4000,FOB,852872"),
        (ROWS[1], f"{ROWS[1]}\n小计,,,220,,,123200,,"),
        (ROWS[3], f"{ROWS[3]}\nIndia Total,,,150,,,60000,,"),
        (ROWS[0], f"2024-01-01,Germany,期初余额,900,pcs,USD,500000,,852872\n{ROWS[0]}"),
        (SOLD, beside("单价(元)", "560", "560", "400", "400")),
        (SOLD, beside("状态", "未作废")),
        (SOLD, beside("备注", "plan B packing")),
        (SOLD, SOLD.replace(",A,", ",红冲件 A,")),
    ],
)
def test_its_twin_is_not(tmp_path: Path, old: str, new: str) -> None:
    assert said(tmp_path, SOLD.replace(old, new, 1)) == set()


@pytest.mark.parametrize(
    ("cell", "currency", "fits"),
    [("$5", "CNY", False), ("$5", "HKD", True), ("￥5", "USD", False), ("￥5", "JPY", True),
     ("US$5", "HKD", False), ("5", "CNY", True), ("￥5元", "CNY", True)],
)  # fmt: skip
def test_a_bare_sign_must_fit(cell: str, currency: str, fits: bool) -> None:
    read = read_amount(cell)
    assert read is not None
    assert read.is_in(currency) is fits


@pytest.mark.parametrize("of", [1, 10_000])
def test_a_price_beside_a_count_of_ten_thousands_is_of_one_or_of_them(
    of: int, tmp_path: Path
) -> None:
    """数量（万台） beside 单价: whichever makes the amount is no slip; a tenth of it is one."""
    head = "date,market,model,数量（万台）,currency,单价,amount,product"

    def said(slip: float) -> set[str]:
        rows = (row.split(",") for row in ROWS)
        lines = (
            f"{c[0]},{c[1]},A,{int(c[3]) / 10_000},USD,"
            f"{int(c[6]) / int(c[3]) * of * slip},{c[6]},852872"
            for c in rows
        )
        file = tmp_path / "ledger.csv"
        file.write_text("\n".join((head, *lines)) + "\n", encoding="utf-8")
        return {note.key for note in read_ledger(file).notes}

    assert "reference.price_times_quantity" not in said(1)
    assert "reference.price_times_quantity" in said(0.1)


@pytest.mark.parametrize(
    ("amount", "model", "far"),
    [(56_000 * 4.7, "A", False), (56_000 * 5.3, "A", True), (56_000 / 5.3, "A", True),
     (56_000 * 19, "", False), (56_000 * 21, "", True)],
)  # fmt: skip
def test_a_price_many_times_that_of_its_model_or_code(
    tmp_path: Path, amount: float, model: str, far: bool
) -> None:
    lines = [
        f"2024-01-{day:02d},Germany,{model},100,pcs,USD,56000,FOB,852872" for day in range(1, 5)
    ]
    odd = lines[0].replace("01-01", "01-09").replace("56000", f"{amount:.4f}")
    assert ("reference.price_far" in said(tmp_path, "\n".join((SOLD_HEAD, *lines, odd)))) == far
    few = said(tmp_path, "\n".join((SOLD_HEAD, lines[0], odd)))
    assert "reference.price_far" not in few, "two lines tell no middle"


def test_a_buyer_of_two_spellings_is_one(tmp_path: Path) -> None:
    head = "日期,国家,客户,商品编码,型号,数量,金额,币种\n"
    names = ["ACME Home LLC", "Acme Home, LLC", "acme home llc", "ACME Home LLC", "Other", "***"]
    rows = [
        f'2024-03-0{day},美国,"{name}",852872,HC,1,3,USD\n' for day, name in enumerate(names, 1)
    ]
    (file := tmp_path / "l.csv").write_text(head + "".join(rows), encoding="utf-8")
    read = look_at(file)
    assert read.sales["buyer"].to_list() == ["ACME Home LLC"] * 4 + ["Other", "***"]
    (said,) = [note for note in read.notes if note.key == "reference.buyers_spelled"]
    assert said.values["count"] == 2
