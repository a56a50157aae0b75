"""Declaration × invoice × receipt: each planted fault is found in its row, and nothing else."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from offing.cli.app import run
from offing.refunds.checks.claim import ClaimPapers, finding
from offing.refunds.checks.papers import cross_check
from offing.refunds.fob import fob_prices
from offing.sources import papers
from offing.sources.papers import read_invoices, read_receipts
from offing.terms.errors import Where
from offing.terms.firm_records import Declared, Invoiced, Received, Records, Sold
from offing.terms.messages import using_language

ON = date(2026, 11, 24)
A, B = "420120260000000001", "420120260000000002"

DECLARED = f"""出口货物报关单导出
海关编号,项号,出口日期,监管方式,商品编号,商品名称,成交数量,成交单位,总价,币制,成交方式,运费,保费
{A},1,2026-03-02,0110,8528724000,液晶电视,100,台,50000,USD,CIF,800,33
{A},2,2026-03-02,0110,8516500000,微波炉,200,台,12000,USD,FOB,,
{B},1,20260410,0110,8450111000,洗衣机,50,台,10000,USD,FOB,,
"""

HEAD = (
    "序号,发票代码,发票号码,数电发票号码,销方识别号,销方名称,购方识别号,购买方名称,开票日期,"
    "税收分类编码,特定业务类型,货物或应税劳务名称,规格型号,单位,数量,单价,金额,税率,税额,价税合计,"
    "发票来源,发票票种,发票状态,是否正数发票,发票风险等级,开票人,备注"
)


def read_declarations(path: Path, rates: dict[str, Decimal] | None = None) -> Records[Declared]:
    return fob_prices(papers.read_declarations(path), rates or {})


def invoice(number: int, name: str, unit: str, quantity: int, net: str, tax: str) -> str:
    key = f"2642000000000000{number:04d}"
    positive = "否" if net.startswith("-") else "是"
    return (
        f"{number},,,{key},,甲厂,,乙公司,2026-02-20 10:11:12,109,,*家用电器*{name},,{unit},"
        f"{quantity},,{net},13%,{tax},,,数电专票,正常,{positive},正常,张三,"
    )


GOOD = [
    invoice(1, "液晶电视", "台", 100, "330000.00", "42900.00"),
    invoice(2, "微波炉", "台", 220, "88000.00", "11440.00"),
    invoice(3, "微波炉", "台", -20, "-8000.00", "-1040.00"),
    invoice(4, "洗衣机", "台", 50, "65000.00", "8450.00"),
]
PAID = f"报关单号,收汇日期,收汇金额,币种\n{A},2026-06-01,62000,USD\n{B},2026-06-02,10000,USD\n"


def files(
    folder: Path, declared: str = DECLARED, invoices: list[str] = GOOD, paid: str = PAID
) -> tuple[Path, Path, Path]:
    paths = folder / "declared.csv", folder / "invoices.csv", folder / "paid.csv"
    paths[0].write_text(declared, encoding="gb18030")
    paths[1].write_text("\n".join([HEAD, *invoices]), encoding="utf-8")
    paths[2].write_text(paid, encoding="utf-8")
    return paths


def found(folder: Path, on: date = ON, **changed: object) -> list[tuple[str, int | None]]:
    one, two, three = files(folder, **changed)  # type: ignore[arg-type]
    declared, invoiced, received = read_declarations(one), read_invoices(two), read_receipts(three)
    assert declared.quarantined == invoiced.quarantined == received.quarantined == ()
    claim = ClaimPapers(declared.rows, on, None, received.rows, invoiced.rows)
    return sorted((each.kind, each.where.row) for each in cross_check(claim))


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        (f"{B},1", "4201202600000002,1", [("number", 5), ("stray_money", 3), ("money", 5)]),
        # The year of its number is that of the export or the one before.
        (f"{B},1", "420120240000000002,1", [("number", 5), ("stray_money", 3), ("money", 5)]),
        (f"{B},1", "420120250000000002,1", [("stray_money", 3), ("money", 5)]),
        # An import's 1 stands before the serial number; that may begin with any digit.
        (f"{B},1", "420120261000000002,1", [("number", 5), ("stray_money", 3), ("money", 5)]),
        (f"{B},1", "420120260100000002,1", [("stray_money", 3), ("money", 5)]),
        (f"{A},2", f"{A},1", [("twice", 4)]),
        (f"{B},1,20260410,0110", f"{B},1,20260410,进料对口（0615）", [("mode", 5)]),
        (f"{B},1,20260410,0110", f"{B},1,20260410,一般贸易", []),
        ("洗衣机,50,台", "洗衣机,60,台", [("quantity", 5)]),
        ("洗衣机,50,台", "洗衣机,50,套", [("unit", 5)]),
        ("洗衣机", "洗碗机", [("no_invoice", 5)]),
        ("50000,USD", "55000,USD", [("money", 3)]),
        (f"{B},1,20260410", f"{B},1,2025-04-10", [("late", 5), ("number", 5), ("money", 5)]),
    ],
)
def test_a_fault_in_a_declaration(
    old: str, new: str, finding: list[tuple[str, int]], tmp_path: Path
) -> None:
    assert found(tmp_path, declared=DECLARED.replace(old, new)) == sorted(finding)


@pytest.mark.parametrize(
    ("total", "came", "currency", "missing"),
    [
        (4_000, "3950", "USD", None),  # banks on the way keep fifty of a small sum
        (4_000, "3949.99", "USD", "50.01"),
        (20_000, "19900", "USD", None),  # and half a per cent of a large one
        (20_000, "19899.5", "USD", "100.50"),
        (20_000, "19400", "EUR", None),  # at a rate of another day: three per cent
        (20_000, "19399", "EUR", "601.00"),
        (20_000, "1", "JPY", None),  # at no known rate
    ],
)
def test_money_that_is_missing(total: int, came: str, currency: str, missing: str | None) -> None:
    """Late money counts where a reason is given; none is due before the export."""
    day = date(2026, 3, 20)
    row = Declared(
        A, "1", day, "0110", "", "TV", Decimal(1), "台", Decimal(total), Decimal(total), "USD",
        "FOB", None, {}, Where(row=3),
    )  # fmt: skip

    def told(on: date, paid: list[Received]) -> list[str]:
        def worth(value: Decimal, of: str, to: str) -> Decimal | None:
            return None if of == "JPY" else value

        claim = ClaimPapers([row], on, received=paid, worth=worth)
        return [one.values["missing"] for one in cross_check(claim) if one.kind == "money"]

    receipt = Received(A, day, Decimal(came), currency, Where(row=2))
    assert told(date(2026, 6, 1), [receipt]) == ([missing] if missing else [])
    late = replace(receipt, on=date(2027, 5, 1))
    assert told(date(2027, 6, 1), [late]) == [f"{total:,.2f}"]
    assert told(date(2027, 6, 1), [replace(late, reason="08")]) == []
    assert told(date(2026, 3, 19), []) == []


@pytest.mark.parametrize(
    ("line", "fits"),
    [
        ({}, True),
        ({"total": Decimal(900)}, True),  # the FOB price
        ({"total": Decimal("1001.01")}, False),
        ({"total": Decimal("898.99")}, False),
        ({"currency": "EUR"}, False),
        ({"total": Decimal(7130), "currency": "CNY"}, True),  # two per cent of CNY 7,000
        ({"total": Decimal(7150), "currency": "CNY"}, False),
    ],
)
def test_an_export_invoice_has_the_amount_declared(line: dict[str, Any], fits: bool) -> None:
    row = Declared(
        A, "1", ON, "0110", "", "TV", Decimal(10), "台", Decimal(1000), Decimal(900), "USD", "CIF",
        None, {}, Where(row=2),
    )  # fmt: skip
    usual = Sold(
        "I1", ON, "TV", "", Decimal(10), "台", Decimal(1000), "USD", "", A, "1", Where(row=3)
    )

    def worth(value: Decimal, currency: str, to: str) -> Decimal | None:
        return value * 7 if (currency, to) == ("USD", "CNY") else None

    def told(*lines: Sold) -> list[str]:
        claim = ClaimPapers([row], ON, sold=lines, worth=worth)
        return [one.kind for one in cross_check(claim)]

    assert told(replace(usual, **line)) == ([] if fits else ["sale_amount"])
    halves = [replace(usual, total=Decimal(n)) for n in (400, 600)]
    assert told(*halves) == []


def test_half_a_tonne_is_bought_and_a_red_line_takes_off_the_last(tmp_path: Path) -> None:
    """0.5 t bought and declared: no finding. Of two lots a red line of 30 takes the later one."""

    def kinds(declared: str, *bought: tuple[str, str, str]) -> list[tuple[str, Decimal]]:
        head = "海关编号,项号,出口日期,商品名称,成交数量,成交单位,总价,币制"
        one, two = tmp_path / "declared.csv", tmp_path / "bought.csv"
        one.write_text(f"{head}\n42012026{1:010d},1,2026-03-02,铜丝,{declared}\n", encoding="utf-8")
        head = "数电发票号码,开票日期,货物或应税劳务名称,单位,数量,金额,税率,税额"
        rows = [
            f"2637{at:016d},{day},铜丝,吨,{quantity},{net},13%,{Decimal(net) * 13 / 100}"
            for at, (day, quantity, net) in enumerate(bought, start=1)
        ]
        two.write_text("\n".join([head, *rows]), encoding="utf-8")
        claim = ClaimPapers(papers.read_declarations(one).rows, ON, bought=read_invoices(two).rows)
        return [(one.kind, one.money[0]) for one in cross_check(claim)]

    assert kinds("500,千克,5000,USD", ("2026-02-02", "0.5", "30000")) == []
    lots = (("2026-02-02", "50", "300000"), ("2026-02-03", "50", "300000"))
    red = ("2026-02-04", "-30", "-180000")
    assert kinds("70,吨,70000,USD", *lots, red) == []
    assert kinds("80,吨,80000,USD", *lots, red) == [("quantity", Decimal(10000))]


@pytest.mark.parametrize(
    ("net", "cost"),
    [(8000, None), (80000, "80.0000"), (5000, None), (4999, "4.9990"), (8001, "8.0010")],
)
def test_yuan_that_a_dollar_costs(net: int, cost: str | None) -> None:
    """20 pieces bought, of which 10 are in the item of 1,000 dollars: half of the invoice's net."""
    row = Declared(
        A, "1", ON, "0110", "", "TV", Decimal(10), "台", Decimal(1000), Decimal(1000), "USD",
        "FOB", None, {}, Where(row=2),
    )  # fmt: skip
    bought = Invoiced(
        "2637" + "1" * 16, ON, "TV", Decimal(20), "台", Decimal(2 * net), None, Decimal(1), "",
        Where(row=2),
    )  # fmt: skip
    found = cross_check(ClaimPapers([row], ON, bought=[bought]))
    assert [one.values["cost"] for one in found] == ([cost] if cost else [])


CHARGED = "海关编号,项号,出口日期,商品名称,总价,币制,成交方式,运费,运费标记,保费,毛重"
BY_MARK = {
    "the whole freight on both rows, shared out by price": (
        ["30000,USD,C&F,800,3,,", "10000,USD,C&F,800,3,,"], [29400, 9800]
    ),
    "the whole freight on the first row": (
        ["30000,USD,2,502/800/3,,,", "10000,USD,2,,,,"], [29400, 9800]
    ),
    "each row its own": (["30000,USD,2,500,3,,", "10000,USD,2,100,3,,"], [29500, 9900]),
    "rates: freight 5 per cent, insurance 3 per mille": (
        ["30000,美元,1,5,1,000/0.3/1,", "10000,502,1,5,1,000/0.3/1,"], [28410, 9470]
    ),
    "USD 24 for a tonne, 10,000 kg": (["30000,USD,2,502/24/2,,,10000"], [29760]),
    "freight in yuan at 7.2 for one dollar": (["30000,USD,2,142/7200/3,,,"], [29000]),
}  # fmt: skip


@pytest.mark.parametrize("name", BY_MARK)
def test_charges_by_their_marks(name: str, tmp_path: Path) -> None:
    """报关单填制规范: 502/7000/3 is USD 7,000 in all, 502/24/2 USD 24 a tonne."""
    rows, fobs = BY_MARK[name]
    path = tmp_path / "declared.csv"
    lines = [f"{A},{n},2026-03-02,货{n},{row}" for n, row in enumerate(rows, start=1)]
    path.write_text("\n".join([CHARGED, *lines]), encoding="utf-8")
    read = read_declarations(path, {"CNY": Decimal("7.2")})
    assert read.quarantined == ()
    assert [row.fob for row in read.rows] == fobs


@pytest.mark.parametrize(
    ("cells", "key"),
    [
        ("502/24/2,,,", "refund.weight_needed"),
        ("many,3,,", "refund.bad_amount"),
        ("800,4,,", "refund.unknown_mark"),
        ("120,1,,", "refund.bad_charge_rate"),
        ("142/7200/3,,,", "refund.charge_currency"),
        ("999/800/3,,,", "currencies.unknown"),
        ("40000,3,,", "refund.fees_above_amount"),
    ],
)
def test_a_charge_that_cannot_be_told_puts_its_row_aside(
    cells: str, key: str, tmp_path: Path
) -> None:
    path = tmp_path / "declared.csv"
    rows = [f"{A},1,2026-03-02,甲,30000,USD,2,{cells}", f"{B},1,2026-03-02,乙,500,USD,3,,,,"]
    path.write_text("\n".join([CHARGED, *rows]), encoding="utf-8")
    with using_language("zh"):
        read = read_declarations(path)
        told = [error.found for error in read.quarantined]
    assert not any(word in line for line in told for word in ("freight", "insurance", "misc"))
    assert [row.number for row in read.rows] == [B]
    assert [(error.key, error.where and error.where.row) for error in read.quarantined] == [
        (key, 2)
    ]


def test_findings_stand_by_amount_and_are_in_one_currency(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """60 declared and 50 bought: a sixth of USD 10,000; 10,000 short of A's 62,000, at 7.2."""
    one, two, three = files(
        tmp_path,
        declared=DECLARED.replace("洗衣机,50", "洗衣机,60"),
        paid=PAID.replace("62000", "52000"),
    )
    asked = ["refund", "--declarations", str(one), "--inputs", str(two), "--receipts", str(three)]
    assert run([*asked, "--on", "2026-11-24", "--json", "--rate", "CNY=7.2"]) == 2
    told = json.loads(capsys.readouterr().out)
    kinds = [(one["finding"], Decimal(one["cny"])) for one in told["findings"]]
    assert kinds == [("money", Decimal(72000)), ("quantity", Decimal(12000))]
    assert [(row["finding"], Decimal(row["cny"])) for row in told["totals"]] == kinds
    assert told["findings"][1]["rows"][1]["file"].endswith("invoices.csv")


def test_what_is_short_is_in_the_unit_declared_with_every_lot_behind_it() -> None:
    """60 pieces declared, 30 and 20 bought: 10 short, a sixth of the money; both lots are named."""
    row = Declared(
        A, "1", ON, "0110", "", "TV", Decimal(60), "台", Decimal(6000), Decimal(6000), "USD",
        "FOB", None, {}, Where(row=2),
    )  # fmt: skip
    lots = [
        Invoiced(f"2637{at}" + "1" * 15, ON, "TV", Decimal(count), "台", Decimal(3000 * count),
                 None, Decimal(1), "", Where(row=10 + at))
        for at, count in enumerate((30, 20))
    ]  # fmt: skip
    found = [one for one in cross_check(ClaimPapers([row], ON, bought=lots))
             if one.kind == "quantity"]  # fmt: skip
    (one,) = found
    assert (one.values["short"], one.money) == ("10", (Decimal(1000), "USD"))
    assert [place.row for place in one.also] == [10, 11]
    none = replace(row, number=B, item="2", where=Where(row=3))
    both = cross_check(ClaimPapers([row, none], ON, bought=lots))
    told = {one.where.row: one for one in both if one.kind == "quantity"}
    assert {row: one.values["short"] for row, one in told.items()} == {2: "10", 3: "60"}
    assert [place.row for place in told[3].also] == [11], "nothing is left: a line of its unit"


def test_tax_is_net_times_rate_to_six_cents_and_there_is_some() -> None:
    """13 % of 330,000 are 42,900; without a rate any tax may be, none touches the whole net."""
    line = Invoiced("2637" + "1" * 16, ON, "TV", Decimal(100), "台", Decimal(330000),
                    Decimal("0.13"), Decimal(42900), "", Where(row=2))  # fmt: skip

    def told(**changes: object) -> list[tuple[Decimal, str]]:
        bought = [replace(line, **changes)]  # type: ignore[arg-type]
        found = cross_check(ClaimPapers([], ON, bought=bought))
        return [one.money for one in found if one.kind == "tax"]

    assert told() == told(tax=Decimal("42900.06")) == told(rate=None, tax=Decimal(1)) == []
    assert told(tax=Decimal("42900.07")) == [(Decimal("0.07"), "CNY")]
    assert told(rate=None, tax=Decimal(0)) == [(Decimal(330000), "CNY")]
    assert told(rate=None, tax=Decimal(0), net=Decimal(0)) == []


@pytest.mark.parametrize(("item", "told"), [("2", "2"), ("", "—")])
def test_a_finding_names_the_item_of_its_declaration(item: str, told: str) -> None:
    day, price = date(2026, 3, 20), Decimal(1000)
    row = Declared(
        A, item, day, "0615", "", "TV", Decimal(1), "台", price, price, "USD", "FOB", None, {},
        Where(row=3),
    )  # fmt: skip
    (one,) = (f for f in cross_check(ClaimPapers([row], date(2026, 6, 1))) if f.kind == "mode")
    assert one.values["item"] == told


@pytest.mark.parametrize(
    ("own", "usual", "named"), [("EUR", "USD", "EUR"), ("", "USD", "USD"), ("", "", "CNY")]
)
def test_a_finding_touches_money_of_its_row(own: str, usual: str, named: str) -> None:
    """Sold for 100: in the row's currency, else the declaration's, else in yuan."""
    empty = dict.fromkeys(("name", "code", "unit", "buyer", "declaration", "item"), "")
    values = {**empty, "number": "7", "total": Decimal(100), "currency": own, "on": None}
    sold = Sold(**values, quantity=None, where=Where("sold.csv", 2))  # type: ignore[arg-type]
    assert finding(sold, also=Where(), money_in=usual).money == (Decimal(100), named)
    part = finding(sold, also=Where(), money_in=usual, money=Decimal(30))
    assert part.money == (Decimal(30), named)


def test_books_that_fit(tmp_path: Path) -> None:
    assert found(tmp_path) == []
    first = read_declarations(tmp_path / "declared.csv").rows[0]
    assert first.fob == 49167  # 50,000 − 800 − 33


def test_numbers_that_a_spreadsheet_keeps_as_text_fit_too(tmp_path: Path) -> None:
    """An apostrophe before the digits is the spreadsheet's, not the number's."""
    assert found(tmp_path, declared=DECLARED.replace(A, f"'{A}")) == []


def test_a_workbook_with_the_official_sheet(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "发票基础信息"
    sheet = book.create_sheet("信息汇总表")
    for line in [HEAD, *GOOD]:
        sheet.append(line.split(","))
    path = tmp_path / "全量发票查询导出结果.xlsx"
    book.save(path)
    rows = read_invoices(path).rows
    assert len(rows) == 4
    assert rows[0].key == "26420000000000000001"
    assert rows[2].quantity == -20
    assert rows[1].name == "微波炉"


def test_a_split_figure_is_put_aside(tmp_path: Path) -> None:
    """50,000 without quotes is two cells, and everything after it would move."""
    one, _, three = files(
        tmp_path,
        declared=DECLARED.replace("50000,USD,CIF,800,33", "50,000,USD,CIF,800,33"),
        paid=PAID.replace("62000", "62,000"),
    )
    for read in (read_declarations(one), read_receipts(three)):
        (error,) = read.quarantined
        assert error.key == "refund.too_many_cells"
        assert error.where is not None
        assert error.where.row in (2, 3)


def test_why_the_items_of_an_entry_are_put_aside_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both bear the one freight, which stands in the first row, in another currency."""
    head = "报关单号,项号,出口日期,商品编码,商品名称,数量,单位,成交方式,币制,总价,运费\n"
    entry = "422920260000012346"
    rows = (
        f"{entry},1,2026/10/12,6210400090,工作服,1200,件,CIF,EUR,39720,502/1800/3\n"
        f"{entry},2,2026/10/12,6211339000,连体服,600,套,CIF,EUR,8400,\n"
    )
    file = tmp_path / "declared.csv"
    file.write_text(head + rows, encoding="utf-8")
    asked = ["refund", "--declarations", str(file), "--on", "2026-11-20", "--lang", "en"]
    assert run(asked) == 2
    out = " ".join(capsys.readouterr().out.split())
    assert "2 of 2 rows" in out
    assert out.count("The freight is in USD and the price in EUR") == 1
    assert run([*asked, "--rate", "EUR=0.9"]) in (0, 2)
    assert "The freight is in USD" not in capsys.readouterr().out


def test_freight_that_is_in_the_price_and_not_declared_is_said(tmp_path: Path) -> None:
    """Once for a declaration: its other rows leave the cell empty."""
    one, *_ = files(tmp_path)
    assert read_declarations(one).notes == ()
    one.write_text(DECLARED.replace("USD,CIF,800,33", "USD,CIF,,"), encoding="utf-8")
    assert [note.values["rows"] for note in read_declarations(one).notes] == ["3"]
