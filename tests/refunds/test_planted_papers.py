"""Papers with each doubt planted once, and their clean twin: every doubt is said, and no other.

One declaration, export invoice, receipt and supplier's invoice for each kind; a plant changes one.
 The library is written byte by byte in the official layout.
"""

import csv
import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from offing.cli.app import run
from rate_library_file import table

Row = dict[str, str]
Papers = dict[str, list[Row]]
"""``declared``, ``sold``, ``received`` and ``bought``, each with its rows."""
ON = "2026-11-24"
CODES = [
    ("8528724000", "13", "13", ""), ("8507100000", "13", "0", ""),
    ("7604210000", "13", "0", "1"), ("7108120000", "13", "0", "2"),
]  # fmt: skip


def clean(number: int, goods: str) -> Papers:
    """A declaration of 100 sets at USD 500, bought at CNY 3,300, invoiced, paid in full."""
    key = f"42012026{number:010d}"
    return {
        "declared": [{
            "海关编号": key, "项号": "1", "出口日期": "2026-03-02", "监管方式": "0110",
            "商品编号": "8528724000", "商品名称": goods, "成交数量": "100", "成交单位": "台",
            "单价": "", "毛重": "",
            "总价": "50000", "币制": "USD", "成交方式": "FOB", "境外收货人": "Nord Handel GmbH",
            "境内货源地": "37029青岛其他", "记账月份": "2026-03",
        }],
        "sold": [{
            "出口发票号": f"INV-{number}", "发票日期": "2026-03-01", "报关单号": key, "项号": "1",
            "商品名称": goods, "商品编码": "8528724000", "数量": "100", "单位": "台",
            "总价": "50000", "币制": "USD", "买方": "NORD HANDEL GMBH",
        }],
        "received": [{
            "报关单号": key, "收汇日期": "2026-06-01", "收汇金额": "49960", "币种": "USD",
            "付款人": "Nord Handel GmbH", "视同收汇原因": "",
        }],
        "bought": [{
            "数电发票号码": f"2637{number:016d}", "开票日期": "2026-02-20", "发票状态": "正常",
            "销方名称": "青岛甲电器有限公司",
            "货物或应税劳务名称": f"*家用电器*{goods}", "商品编码": "8528724000", "单位": "台",
            "数量": "100", "金额": "330000.00", "税率": "13%", "税额": "42900.00",
            "销方识别号": "91370200MA3C1234X5", "购方识别号": "91370200MA3D5678X9",
            "购买方名称": "青岛乙贸易有限公司", "税收分类编码": "1090105010000000000",
            "单价": "3300", "价税合计": "372900.00", "发票来源": "电子发票服务平台",
            "发票票种": "数电票", "发票风险等级": "正常", "开票人": "王",
        }],
    }  # fmt: skip


def setting(paper: str, **cells: str) -> Callable[[Papers], None]:
    """A plant that changes cells of a paper's row."""

    def plant(papers: Papers) -> None:
        papers[paper][0] |= cells

    return plant


def everywhere(**cells: str) -> Callable[[Papers], None]:
    """A plant that changes cells in all papers which have them."""

    def plant(papers: Papers) -> None:
        for rows in papers.values():
            for row in rows:
                row |= {name: cell for name, cell in cells.items() if name in row}

    return plant


def again(paper: str, **cells: str) -> Callable[[Papers], None]:
    """A plant that puts a row of a paper there twice."""
    return lambda papers: papers[paper].append(papers[paper][0] | cells)


def without(paper: str) -> Callable[[Papers], None]:
    """A plant that takes a paper away."""
    return lambda papers: papers[paper].clear()


def both(*plants: Callable[[Papers], None]) -> Callable[[Papers], None]:
    def plant(papers: Papers) -> None:
        for one in plants:
            one(papers)

    return plant


def coded(code: str) -> Callable[[Papers], None]:
    return everywhere(商品编号=code, 商品编码=code)


def of_number(number: str) -> Callable[[Papers], None]:
    return everywhere(海关编号=number, 报关单号=number)


PLANTS: dict[str, tuple[str, Callable[[Papers], None]]] = {
    "number": ("declared", of_number("42012026000000099")),
    "number_cut": ("declared", of_number("420120260000099000")),
    "number_year": ("declared", of_number("420120240000000099")),
    "twice": (
        "declared", both(setting("declared", 总价="25000", 成交数量="50"), again("declared"))),
    "split_days": ("declared", both(
        setting("declared", 总价="25000", 成交数量="50"),
        again("declared", 项号="2", 出口日期="2026-03-03", 总价="25000", 成交数量="50"),
        setting("sold", 总价="25000", 数量="50"), again("sold", 项号="2"))),
    "day": ("declared", both(setting("declared", 出口日期="2026-12-24", 记账月份="2026-12"),
                             setting("sold", 发票日期="2026-12-20"))),
    "not_positive": ("declared",
        both(setting("declared", 成交数量="0"), setting("sold", 数量="0"))),
    "mode": ("declared", setting("declared", 监管方式="0214")),
    "mode_other": ("declared", setting("declared", 监管方式="9810")),
    "mode_unknown": ("declared", setting("declared", 监管方式="2600")),
    "code": ("declared", setting("declared", 商品编号="852872400")),
    "total_is_price": ("declared", setting("declared", 单价="50000")),
    "total_not_product": ("declared", setting("declared", 单价="400")),
    "weight_in_tonnes": ("declared", setting("declared", 毛重="2.3")),
    "total_too_small": ("declared", setting("declared", 毛重="2300000")),
    "booked_month": ("declared", setting("declared", 记账月份="2026-04")),
    "invoice_twice": ("bought", again("bought")),
    "void": ("bought", setting("bought", 发票状态="异常凭证")),
    "tax": ("bought", setting("bought", 税额="49200.00")),
    "other_buyer": ("bought", setting("bought", 购买方名称="Nord Handel GmbH")),
    "no_tax": ("bought", setting("bought", 税额="***", 税率="免税")),
    "invoice_number": ("bought", setting("bought", 数电发票号码="2.637E+19")),
    "invoice_cut": ("bought", setting("bought", 数电发票号码="26370000000001700000")),
    "no_invoice": ("declared", without("bought")),
    "unit": ("declared", setting("bought", 单位="箱")),
    "quantity": ("declared", setting("bought", 数量="90", 金额="297000.00", 税额="38610.00")),
    "input_after": ("declared", setting("bought", 开票日期="2026-03-20")),
    "input_old": ("declared", setting("bought", 开票日期="2025-02-20")),
    "input_code": ("declared", setting("bought", 商品编码="8516500000")),
    "supplier_place": ("declared", setting("bought", 销方名称="广州乙电器有限公司")),
    "levy": ("declared", setting("bought", 税率="9%", 税额="29700.00")),
    "exchange_cost": ("declared", setting("bought", 金额="450000.00", 税额="58500.00")),
    "no_sale": ("declared", without("sold")),
    "stray_sale": ("sold", again("sold", 报关单号="420120260000009999", 出口发票号="INV-9999")),
    "sale_twice": ("sold", both(setting("sold", 总价="25000", 数量="50"),
                                again("sold", 发票日期="2026-03-02"))),
    "sale_currency": ("declared", setting("sold", 币制="EUR")),
    "sale_amount": ("declared", setting("sold", 总价="48000")),
    "sale_quantity": ("declared", setting("sold", 数量="98")),
    "sale_code": ("declared", setting("sold", 商品编码="8516500000")),
    "buyer": ("declared", setting("sold", 买方="Sud Handel GmbH")),
    "stray_money": ("received", again("received", 报关单号="420120260000009998")),
    "currency": ("received", setting("received", 币种="EUR", 收汇金额="43300")),
    "money": ("declared", setting("received", 收汇金额="45000")),
    "money_over": ("declared", setting("received", 收汇金额="56000")),
    "receipt_nought": ("received", again("received", 收汇金额="0")),
    "receipt_early": ("received", setting("received", 收汇日期="2025-03-01")),
    "receipt_future": ("received", setting("received", 收汇日期="2062-06-01")),
    "sale_old": ("declared", setting("sold", 发票日期="2025-03-01")),
    "invoice_rate": ("bought", setting("bought", 税率="17%", 税额="56100.00")),
    "payer": ("received", setting("received", 付款人="Offshore Ltd")),
    "payer_invoice": ("received", both(setting("declared", 境外收货人=""),
                                       setting("received", 付款人="Third Party LLC"))),
    "rate_unknown": ("declared", coded("8999999999")),
    "rate_nought": ("declared", both(coded("8507100000"),
                                     setting("bought", 金额="290000.00", 税额="37700.00"))),
    "rate_cancelled": ("declared", both(coded("7604210000"),
                                        setting("bought", 金额="290000.00", 税额="37700.00"))),
    "rate_exempt": ("declared", both(coded("7108120000"),
                                     setting("bought", 金额="290000.00", 税额="37700.00"))),
}  # fmt: skip
"""Kind → the paper that has its row, and the plant. Lapsed, late and missing money have a test of
their own below: they depend on the day of asking."""


def write(folder: Path, planted: bool) -> dict[str, Path]:
    papers: Papers = {"declared": [], "sold": [], "received": [], "bought": []}
    for number, (kind, (_, plant)) in enumerate(PLANTS.items(), start=1):
        mine = clean(number, f"货物{number:02d}")
        if planted:
            plant(mine)
        for name, rows in mine.items():
            papers[name] += [row | {"备注": kind} for row in rows]
    return put(folder, papers)


def put(folder: Path, papers: Papers) -> dict[str, Path]:
    """The papers and the library as files."""
    paths = {}
    for name, rows in papers.items():
        paths[name] = folder / f"{name}.csv"
        with paths[name].open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [*rows[0]])
            writer.writeheader()
            writer.writerows(rows)
    paths["library"] = folder / "CMCODE.DBF"
    rows_of = [
        (code, "货", "台", levy, rate, "20190401", "", flag) for code, levy, rate, flag in CODES
    ]
    paths["library"].write_bytes(table(rows_of))
    return paths


def asked(paths: dict[str, Path], capsys: pytest.CaptureFixture[str], *more: str) -> Any:
    arguments = [
        "refund", "--declarations", str(paths["declared"]), "--invoices", str(paths["sold"]),
        "--receipts", str(paths["received"]), "--inputs", str(paths["bought"]),
        "--rates", str(paths["library"]), "--on", ON, *more,
    ]  # fmt: skip
    code = run(arguments)
    return code, capsys.readouterr().out


def test_each_doubt_is_said_once_and_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = write(tmp_path, planted=True)
    code, out = asked(paths, capsys, "--json")
    told = json.loads(out)
    assert code == 2
    assert told["aside"] == []
    assert Counter(one["finding"] for one in told["findings"]) == Counter(list(PLANTS))
    assert len(PLANTS) >= 14
    for one in told["findings"]:
        paper, _ = PLANTS[one["finding"]]
        assert Path(one["file"]).stem == paper, one
        with Path(one["file"]).open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert rows[one["row"] - 2]["备注"] == one["finding"], one
        assert one["do"]
        assert one["text"]
        assert Decimal(str(one["cny"])) >= 0
        assert all(Path(place["file"]).is_file() for place in one["rows"])
    sums = Counter[str]()
    for one in told["findings"]:
        sums[one["finding"]] += Decimal(one["cny"])  # type: ignore[assignment]
    assert {one["finding"]: Decimal(one["cny"]) for one in told["totals"]} == dict(sums)


def test_the_clean_twin_raises_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = asked(write(tmp_path, planted=False), capsys, "--json")
    told = json.loads(out)
    assert (told["findings"], told["aside"], told["notes"]) == ([], [], [])
    assert code == 0
    assert told["items"] == len(PLANTS)


@pytest.mark.parametrize(
    ("quantity", "declared", "sold", "bought"),
    [("0.1", "吨", "千克", "公斤"), ("100", "千克", "KGS", "千克"), ("0.01", "万个", "个", "只")],
)
def test_units_that_are_multiples_of_each_other_are_one(
    quantity: str, declared: str, sold: str, bought: str,
    tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """A tenth of a tonne is 100 kilograms; 个 and 只 stay two units."""
    mine = clean(1, "货物")
    mine["declared"][0] |= {"成交数量": quantity, "成交单位": declared}
    mine["sold"][0] |= {"单位": sold}
    mine["bought"][0] |= {"单位": bought}
    _, out = asked(put(tmp_path, mine), capsys, "--json")
    kinds = [one["finding"] for one in json.loads(out)["findings"]]
    assert kinds == (["unit"] if bought == "只" else [])


@pytest.mark.parametrize(("lang", "word"), [("en", "what to do"), ("zh", "处理办法")])
def test_it_is_told_by_kind(
    lang: str, word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = asked(write(tmp_path, planted=True), capsys, "--lang", lang)
    assert code == 2
    assert word in out
    assert "refund." not in out


def test_what_the_calendar_says(tmp_path: Path) -> None:
    """Late from the end of April, lapsed after 36 months, money after the limit needs a reason."""
    from offing.refunds.cross_check import Papers as Given
    from offing.refunds.cross_check import cross_check
    from offing.refunds.declared_charges import at_fob
    from offing.sources.papers import read_declarations, read_receipts

    def kinds(on: date, **cells: str) -> list[str]:
        mine = clean(1, "货")
        mine["received"][0] |= cells
        paths = {}
        for name in ("declared", "received"):
            paths[name] = tmp_path / f"{name}.csv"
            head, row = ",".join(mine[name][0]), ",".join(mine[name][0].values())
            paths[name].write_text(f"{head}\n{row}\n", encoding="utf-8")
        declared = at_fob(read_declarations(paths["declared"]), {}).rows
        received = read_receipts(paths["received"]).rows
        return sorted(one.kind for one in cross_check(Given(declared, None, received), on=on))

    assert kinds(date(2027, 4, 30)) == []
    assert kinds(date(2027, 5, 1)) == ["late"]
    assert kinds(date(2027, 5, 1), 收汇金额="1000") == ["late", "money_late"]
    assert kinds(date(2027, 5, 9), 收汇日期="2027-05-05") == ["late", "receipt_late"]
    assert kinds(date(2027, 5, 9), 收汇日期="2027-05-05", 视同收汇原因="08") == ["late"]
    assert kinds(date(2029, 3, 2)) == ["late"]
    assert kinds(date(2029, 3, 3)) == ["lapsed"]


def test_the_invoiced_one_may_pay_where_no_consignee_is_declared(tmp_path: Path) -> None:
    """By declaration or by the invoice that the receipt names; one of several buyers is enough."""
    from dataclasses import replace

    from offing.refunds.cross_check import Papers as Given
    from offing.refunds.cross_check import cross_check
    from offing.refunds.declared_charges import at_fob
    from offing.sources.papers import read_declarations, read_invoices, read_receipts, read_sales

    paths = write(tmp_path, planted=False)
    declared = [
        replace(row, buyer="") for row in at_fob(read_declarations(paths["declared"]), {}).rows
    ]
    sold, bought = read_sales(paths["sold"]).rows, read_invoices(paths["bought"]).rows
    paid = [replace(row, invoice="") for row in read_receipts(paths["received"]).rows]

    def doubts(payer: str, buyer: str) -> Counter[str]:
        lines = (*sold, replace(sold[0], buyer=buyer, item="2", total=Decimal(0)))
        money = [replace(paid[0], payer=payer), *paid[1:]]
        given = Given(declared, lines, money, bought)
        kinds = (one.kind for one in cross_check(given, on=date(2026, 6, 1)))
        return Counter(kind for kind in kinds if kind.startswith("payer"))

    assert doubts(sold[0].buyer, sold[0].buyer) == {}
    assert doubts("Third Party LLC", sold[0].buyer) == {"payer_invoice": 1}
    assert doubts("Third Party LLC", "THIRD PARTY, LLC.") == {}


def test_money_is_in_one_currency_at_the_rate_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """USD 5,000 short of a declaration are CNY 36,000 at 7.2: 50,000 less 45,000."""
    code, out = asked(write(tmp_path, planted=True), capsys, "--json", "--rate", "CNY=7.2")
    assert code == 2
    found = {one["finding"]: one for one in json.loads(out)["findings"]}
    assert Decimal(found["money"]["cny"]) == 36000
    assert Decimal(found["quantity"]["cny"]) == 36000  # ten of a hundred sets at 500 dollars
    assert Decimal(found["tax"]["cny"]) == 6300  # 49,200 less 42,900, in yuan already
    assert found["quantity"]["rows"][1]["file"].endswith("bought.csv")


def test_half_a_tonne_is_bought_and_a_red_line_takes_off_the_last(tmp_path: Path) -> None:
    """0.5 t bought and declared: no doubt. Of two lots a red line of 30 takes the later one."""
    from offing.refunds.cross_check import Papers as Given
    from offing.refunds.cross_check import cross_check
    from offing.sources.papers import read_declarations, read_invoices

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
        given = Given(read_declarations(one).rows, bought=read_invoices(two).rows)
        found = cross_check(given, on=date(2026, 6, 1))
        return [(doubt.kind, doubt.money[0]) for doubt in found]

    assert kinds("0.5,吨,5000,USD", ("2026-02-02", "0.5", "30000")) == []
    lots = (("2026-02-02", "50", "300000"), ("2026-02-03", "50", "300000"))
    red = ("2026-02-04", "-30", "-180000")
    assert kinds("70,吨,70000,USD", *lots, red) == []
    assert kinds("80,吨,80000,USD", *lots, red) == [("quantity", Decimal(10000))]
