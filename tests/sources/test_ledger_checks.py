"""Ledgers and deals with one slip each, and their twins: what is said of them, or put aside."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from cautions import keyed
from offing.sources.deals import read_deals
from offing.sources.ecb import read as read_ecb
from offing.sources.ledger import read_ledger, sales
from offing.sources.market_panel import read_panel
from offing.sources.numbers import read_amount
from offing.sources.staging import Staging
from offing.terms.errors import InputError, OffingError

HEAD = "date,market,model,quantity,unit,currency,amount,incoterm,product"
ROWS = (
    "2024-03-15,Germany,A,100,pcs,USD,56000,FOB,852872",
    "2024-05-20,France,A,120,pcs,USD,67200,FOB,852872",
    "2024-07-25,Japan,A,200,pcs,USD,80000,FOB,852872",
    "2024-09-30,India,A,150,pcs,USD,60000,FOB,852872",
)
TEXT = "\n".join((HEAD, *ROWS))
EARLY = "2014-06-01,India,A,10,pcs,USD,4000,FOB,852872"
LATER = EARLY.replace("2014", "2022")
LAST = "2024-12-31,India,A,570,pcs,USD"


def beside(heading: str, *cells: str) -> str:
    """The ledger with a column more; the last cell is that of all further rows."""
    more = (heading, *cells, *cells[-1:] * 4)
    return "\n".join(f"{line},{cell}" for line, cell in zip(TEXT.splitlines(), more, strict=False))


def exchanged() -> str:
    """The ledger with amounts under quantity and quantities under amount."""
    rows = (row.split(",") for row in ROWS)
    return "\n".join((HEAD, *(",".join([*r[:3], r[6], *r[4:6], r[3], *r[7:]]) for r in rows)))


def buttons(quantity: str, amount: str) -> str:
    """Six sales of goods that cost five cents a piece."""
    rows = (f"2024-0{n}-11,Germany,A,{quantity},pcs,USD,{amount},,960621" for n in range(1, 7))
    return "\n".join((HEAD, *rows))


def invoiced(*numbers: str) -> str:
    """A first sale on several days under these numbers, and twelve invoices of one day."""
    head = HEAD.replace("date", "date,invoice", 1)
    again = (ROWS[0].replace("03-15", f"03-{n:02d},{of}") for n, of in enumerate(numbers, 1))
    more = (ROWS[1].replace("05-20", f"{n:02d}-20,B{n}") for n in range(1, 13))
    return "\n".join((head, *again, *more))


def said(tmp_path: Path, text: str) -> set[str]:
    file = tmp_path / "ledger.csv"
    file.write_text(text + "\n", encoding="utf-8")
    try:
        lines = read_ledger(file)
    except OffingError as error:
        return {error.key}
    return {note.key for note in lines.notes} | {key for key, _, _ in lines.quarantined}


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        (HEAD, f"单位：万美元\n{HEAD}", "sources.caution_scaled"),
        ("quantity", "quantity (thousand)", "sources.caution_scaled"),
        ("quantity", "数量(打)", "sources.caution_scaled"),
        ("amount", "金额(人民币)", "reference.no_good_lines"),
        ("amount", "amount (incl. VAT)", "sources.caution_with_tax"),
        ("100,pcs", "100,打", "reference.units_turned"),
        ("100,pcs", "100,斤", "reference.units_turned"),
        ("100,pcs", "100,箱", "reference.unit_of_its_own"),
        ("100,pcs", "100,kg", "reference.units_mixed"),
        ("56000", "￥56000", "reference.two_currencies"),
        ("Germany", "SUN", "reference.country_gone"),
        ("Germany", "China", "reference.sold_at_home"),
        ("2024-03-15", "2099-12-30", "reference.day_to_come"),
        ("56000", "56000000", "reference.price_far"),
        ("56000", "560", "reference.price_far"),
        (",100,", ",0,", "reference.no_quantity"),
        ("852872", "852812", "reference.code_gone"),
        ("852872", "999999", "reference.code_gone"),
        (ROWS[1], ROWS[0], "reference.lines_twice"),
        (TEXT, beside("客户", "Hansa GmbH", "客户小计"), "reference.sum_word"),
        (TEXT, beside("Customer", "Hansa GmbH", "Grand total"), "reference.sum_word"),
        (TEXT, beside("Customer", "Total", "TotalEnergies SE", "Total Wine & More"), None),
        (TEXT, beside("单价(人民币)", "560", "560", "400", "400"), "reference.no_good_lines"),
        (TEXT, invoiced("A1", "A1"), "reference.other_day"),
        (TEXT, invoiced("A1", "A2"), None),
        (TEXT, invoiced(*("P1", "P2", "P3", "P4") * 3), None),
        (ROWS[3], f"{ROWS[3]}\n合计,,,570,,,363200,,", "sources.caution_sum_apart"),
        (ROWS[3], f"{ROWS[3]}\n合计,,,670,,,263200,,", "sources.caution_sum_apart"),
        (ROWS[1], f"{ROWS[1]}\n小计,,,220,,,133200,,", "sources.caution_sum_apart"),
        ("56000", "560000", "reference.price_far"),  # a nought too many
        (",100,", ",1000,", "reference.price_far"),
        ("100,pcs", "100,", "reference.no_unit"),
        ("852872", "847130", "reference.other_heading"),
        ("A,100", "A 退货,100", "reference.given_back"),
        (",USD,56000", ",JPY,56000", "reference.other_currency"),
        (",USD,56000", ",CNY,56000", "reference.other_currency"),
        (",USD,56000", ",CNY,40000", "reference.other_currency"),
        (",USD,56000", ",CNY,80000", None),  # twice the usual figure is no slip
        (",USD,56000", ",XXX,56000", "reference.unknown_currency"),
        (",USD,56000", ",XAU,56000", "reference.unknown_currency"),
        ("amount", "amount ($)", None),
        (",USD,56000", ",EUR,56000", None),  # near a dollar: no price tells them apart
        (",USD,56000", ",CNY,408000", None),
        (TEXT, exchanged(), "reference.exchanged"),
        (
            TEXT,
            f"{TEXT}\n{TEXT.partition(chr(10))[2].replace('2024', '2023')}\n{EARLY}",
            "reference.day_far",
        ),
        (TEXT, f"{TEXT}\n{TEXT.partition(chr(10))[2].replace('2024', '2023')}\n{LATER}", None),
        (TEXT, exchanged().replace("852872", "853321"), None),  # resistors cost less than a cent
        (
            ROWS[3],
            f"{ROWS[3]}\n2024-12-31,India,,570,pcs,USD,263200,,852872",
            "reference.sum_of_all",
        ),
        (ROWS[3], f"{ROWS[3]}\n2024-12-31,India,A,570,pcs,USD,263300,,852872", None),
        (ROWS[3], f"{ROWS[3]}\nIndia Total,,,150,,,60000,,", None),
        (ROWS[3], f"{ROWS[3]}\n印度 汇总,,,150,,,60000,,", None),
        (ROWS[3], f"{ROWS[3]}\n2024-10-01,India,承前页,150,pcs,USD,60000,,852872", None),
        (ROWS[0], f"2024-01-01,Germany,期初余额,900,pcs,USD,500000,,852872\n{ROWS[0]}", None),
        (TEXT, beside("备注", "红字"), "reference.given_back"),
        (TEXT, beside("Document type", "Invoice", "Credit Memo"), "reference.given_back"),
        (TEXT, beside("状态", "正常", "作废"), "reference.given_back"),
        (TEXT, beside("Invoice status", "posted", "void"), "reference.given_back"),
        (TEXT, beside("是否作废", "否", "是"), "reference.given_back"),
        (TEXT, beside("Cancelled", "N", "Y"), "reference.given_back"),
        (TEXT, beside("单据状态", "已审核", "已关闭"), None),
        (TEXT, beside("折扣率", "", "10%"), "reference.deducted"),
        (TEXT, beside("Discount", "500.00"), "reference.deducted"),
        (TEXT, beside("折扣率", "0"), None),
        (TEXT, beside("折扣率", "100%"), None),
        (ROWS[1], ROWS[1].replace(",A,", ",a,"), "reference.model_otherwise"),
        (
            TEXT,
            TEXT.replace(",A,", ",HC-55Q,").replace("HC-55Q", "hc 55q", 1),
            "reference.model_otherwise",
        ),
        (
            TEXT,
            beside("客户", "Lindqvist Kläder AB", "LINDQVIST KLADER AB."),
            "reference.buyer_otherwise",
        ),
        (TEXT, beside("客户", "Hansa GmbH", "Hansa Ltd"), None),
        (TEXT, TEXT.replace(",A,", ",HC-1.5,").replace("HC-1.5", "HC15", 1), None),
        (TEXT, beside("状态", "未作废"), None),
        (TEXT, beside("本币金额", "56000"), "reference.other_home"),
        (TEXT, beside("amount CNY", "9000000"), "reference.other_home"),
        (TEXT, beside("本币金额", "403200", "483840", "576000", "432000"), None),
        (TEXT, beside("类型", "实际", "预算"), "reference.not_sold"),
        (TEXT, beside("类别", "实际", "预测"), "reference.not_sold"),
        (TEXT, beside("单据类型", "订单", "报价单"), "reference.not_sold"),
        (TEXT, beside("Scenario", "Actual", "Forecast"), "reference.not_sold"),
        (TEXT, beside("单据状态", "已审核", "草稿"), "reference.not_sold"),
        (TEXT, beside("类型", "计划内订单"), None),
        (TEXT, beside("阶段", "成交", "意向"), "reference.not_sold"),
        (TEXT, beside("是否成交", "是", "否"), "reference.given_back"),
        (TEXT, beside("删除标志", "0", "1"), "reference.given_back"),
        (TEXT, beside("是否成交", "是"), None),
        (TEXT, beside("类别", "预制件"), None),
        (TEXT, beside("备注", "plan B packing"), None),
        (ROWS[1], ROWS[1].replace(",A,", ",Ocean freight,"), "reference.charges"),
        (ROWS[1], ROWS[1].replace(",A,", ",模具费,"), "reference.charges"),
        (ROWS[1], ROWS[1].replace(",A,", ",Freight scale 300,"), None),
        (TEXT, beside("是否作废", "否"), None),
        (TEXT, beside("备注", "样品"), None),
        (TEXT, beside("备注", "", "来料加工"), "reference.fee_only"),
        (TEXT, beside("备注", "客供面料 只收加工费"), "reference.fee_only"),
        (TEXT, beside("贸易方式", "FOB", "CMT"), "reference.fee_only"),
        (TEXT, beside("Order type", "CM"), "reference.fee_only"),
        (TEXT, beside("remark", "cut-make-trim only"), "reference.fee_only"),
        (TEXT, TEXT.replace(",A,", ",Jacket CMT,"), "reference.fee_only"),
        (TEXT, beside("备注", "含加工费"), None),
        (TEXT, beside("贸易方式", "一般贸易"), None),
        (TEXT, beside("Order type", "FOB"), None),
        (TEXT, TEXT.replace(",A,", ",CMOS camera CM300,"), None),
        (TEXT, beside("出货工厂", "南通一厂", "越南海防厂"), "reference.made_abroad"),
        (TEXT, beside("Factory", "Hai Phong Vietnam"), "reference.made_abroad"),
        (TEXT, beside("产地", "孟加拉达卡"), "reference.made_abroad"),
        (TEXT, beside("原产国", "柬埔寨"), "reference.made_abroad"),
        (TEXT, beside("产地", "宁波"), None),
        (TEXT, beside("原产国", "中国"), None),
        (TEXT, beside("Factory", "Plant 2 Nantong China"), None),
        (TEXT, beside("工厂", "印染二厂"), None),
        (TEXT, TEXT.replace(",A,", ",Non-return valve DN50,"), None),
        (TEXT, TEXT.replace(",A,", ",红冲件 A,"), None),
        (TEXT, exchanged().replace("56000", "56000.5"), "reference.exchanged"),
        (TEXT, beside("remark", "on returnable pallets"), None),
        (TEXT, buttons("1234.5", "25000"), "reference.counts_with_cents"),
        (TEXT, buttons("25000", "1234.5"), None),
        ("852872\n", "85287222\n", None),
    ],
)
def test_a_slip_in_a_ledger_is_said(tmp_path: Path, old: str, new: str, key: str | None) -> None:
    assert old in TEXT
    found = said(tmp_path, TEXT.replace(old, new, 1))
    assert key in found if key else not found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("56000", "$56000"),
        ("56000", "56\u2019000"),
        ("Germany", "Kosovo"),
        ("Japan", "中国香港"),
        ("pcs", "台"),
        ("pcs", "张"),
        ("pcs", "把"),
        ("pcs", "条"),
        (HEAD, f"2024年销售台账,,\n{HEAD}"),
        (ROWS[3], f"{ROWS[3]}\n制表：张三,,,,,,,,"),
        (ROWS[3], f"{ROWS[3]}\n2024-10-30,India,A,-10,pcs,USD,-4000,FOB,852872"),
        (ROWS[3], f"{ROWS[3]}\n合计,,,570,,,263200.00,,"),
        (ROWS[1], f"{ROWS[1]}\n小计,,,220,,,123200,,"),
        (HEAD, f"{HEAD}\nTotal,,,570,,,263200,,"),
        (TEXT, beside("单价(美元)", "560", "560", "400", "400")),
        (TEXT, beside("单价(元)", "560", "560", "400", "400")),
        (TEXT, beside("单价(人民币)", "4032", "4032", "2880", "2880")),
        (ROWS[3], f'{ROWS[3]}\nGrand total,,,,,,"263,200",,'),
        (ROWS[3], f"{ROWS[3]}\nFrance Total,,,120,,,67200,,"),
        (ROWS[3], f"{ROWS[3]}\n累计,,,9570,,,4263200,,"),
    ],
)
def test_its_twin_is_not(tmp_path: Path, old: str, new: str) -> None:
    assert said(tmp_path, TEXT.replace(old, new, 1)) == set()


def test_units_of_a_line_become_ours(tmp_path: Path) -> None:
    file = tmp_path / "ledger.csv"
    file.write_text(TEXT.replace("100,pcs", "100,打") + "\n", encoding="utf-8")
    line = read_ledger(file).sales.row(0, named=True)
    assert (line["quantity"], line["unit"]) == (1200, "item")


DEALS = "名称,金额,币种,天数\nHamburg,250000,EUR,90\n"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (f"单位：万元\n{DEALS}", "sources.caution_scaled"),
        (DEALS.replace("250000", "$250000"), "sources.other_currency"),
        (DEALS.replace("250000", "€250000"), None),
    ],
)
def test_deals(tmp_path: Path, text: str, key: str | None) -> None:
    file = tmp_path / "book.csv"
    file.write_text(text, encoding="utf-8")
    try:
        keys = {found for found, _ in keyed(read_deals(file).notes)}
    except OffingError as error:
        keys = {error.key}
    assert keys == ({key} if key else set())


PANEL = (
    "国家,商品编码,期间,价格段下限,价格段上限,销量,零售额,币种\n"
    "德国,852872,2023 Q4,500,700,1000,600000,EUR\n"
)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("零售额", "零售额(千欧元)", "sources.caution_scaled"),
        ("零售额", "零售额(美元)", "sources.other_currency"),
        ("600000", "6000000", "reference.outside_band"),
        ("2023 Q4", "2099 Q4", "reference.bad_period"),
        ("600000", "610000", None),
    ],
)
def test_panels(tmp_path: Path, old: str, new: str, key: str | None) -> None:
    file = tmp_path / "panel.csv"
    file.write_text(PANEL.replace(old, new), encoding="utf-8")
    try:
        keys = {found for found, _ in keyed(read_panel(file).notes)}
    except OffingError as error:
        keys = {error.key, getattr(error.__cause__, "key", "")}
    assert key in keys if key else not keys


@pytest.mark.parametrize(
    ("rate", "day", "odd"),
    [("7.58", "2024-12-31", False), ("0.1319", "2024-12-31", True), ("7.58", "2099-12-31", True)],
)
def test_rates_of_the_ecb(tmp_path: Path, rate: str, day: str, odd: bool) -> None:
    file = tmp_path / "rates.csv"
    file.write_text(f"Date,CNY,\n{day},{rate},\n2024-12-30,7.62,\n", encoding="utf-8")
    folder = tmp_path / "staging"
    folder.mkdir()
    staging = Staging(folder)
    read_ecb([file], staging)
    assert bool(staging.notes or staging.reasons) is odd


@pytest.mark.parametrize(
    ("cell", "currency", "fits"),
    [("$5", "CNY", False), ("$5", "HKD", True), ("￥5", "USD", False), ("￥5", "JPY", True),
     ("US$5", "HKD", False), ("5", "CNY", True), ("￥5元", "CNY", True)],
)  # fmt: skip
def test_a_bare_sign_must_fit(cell: str, currency: str, fits: bool) -> None:
    read = read_amount(cell)
    assert read is not None
    assert read.is_in(currency) is fits


@pytest.mark.parametrize(
    ("day", "said_so"), [("31/05/2024", set()), ("05/31/2024", {"reference.days_against"})]
)
def test_a_day_against_the_order_that_was_said(tmp_path: Path, day: str, said_so: set[str]) -> None:
    file = tmp_path / "ledger.csv"
    text = TEXT.replace("2024-03-15", "03/05/2024").replace("2024-05-20", day)
    file.write_text(text + "\n", encoding="utf-8")
    lines = read_ledger(file, dates="day-first")
    assert lines.sales.height == len(ROWS)
    assert {note.key for note in lines.notes} == said_so


@pytest.mark.parametrize(
    ("cells", "key"),
    [
        (("60天", "90 days", "TT 30%+70%", "L/C at sight"), None),
        (("FOBB", "CFRR", "XYZ", "ABC"), "reference.unread_incoterms"),
        (("FOB", "60天", "CIF", "FOB"), "reference.unread_incoterms"),
    ],
)
def test_days_of_payment_under_terms_are_no_terms_of_delivery(
    tmp_path: Path, cells: tuple[str, ...], key: str | None
) -> None:
    bare = [line.rsplit(",", 2) for line in TEXT.splitlines()]
    column = ("Terms", *cells)
    rows = (f"{start},{term},{code}" for (start, _, code), term in zip(bare, column, strict=True))
    assert said(tmp_path, "\n".join(rows)) == ({key} if key else set())


def test_a_currency_that_is_said_against_the_file_is_asked_about(tmp_path: Path) -> None:
    """The heading says dollars: euros are refused; each line says dollars: euros change nothing."""
    file = tmp_path / "ledger.csv"
    file.write_text(TEXT, encoding="utf-8")
    noted = {note.key for note in read_ledger(file, currency="EUR").notes}
    assert "reference.currency_in_vain" in noted
    assert "reference.currency_in_vain" not in {
        note.key for note in read_ledger(file, currency="USD").notes
    }
    bare = TEXT.replace(",currency", "").replace(",USD", "").replace("amount", "amount (USD)")
    file.write_text(bare, encoding="utf-8")
    assert set(read_ledger(file, currency="USD").sales["currency"]) == {"USD"}
    with pytest.raises(InputError) as caught:
        read_ledger(file, currency="EUR")
    assert caught.value.key == "reference.currency_against"


def test_lines_of_two_files_that_overlap_are_counted(tmp_path: Path) -> None:
    for name, rows in (("a.csv", ROWS[:3]), ("b.csv", ROWS[2:]), ("c.csv", ROWS[3:])):
        (tmp_path / name).write_text("\n".join((HEAD, *rows)) + "\n", encoding="utf-8")

    def said(*names: str) -> list[Mapping[str, object]]:
        staging = Staging(tmp_path / "staging")
        sales([tmp_path / name for name in names], staging)
        return [n.values for n in staging.notes if n.key == "reference.lines_in_files"]

    assert said("a.csv", "b.csv") == [{"count": 1, "files": "a.csv, b.csv"}]
    assert said("a.csv", "c.csv") == []


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
