"""Months with one slip of the hand each, said or refused, and their twins, which are not."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from cautions import keyed
from offing.api.refund import refund
from offing.report.blocks import Callout, cautions
from offing.terms.caution import Caution
from offing.terms.errors import OffingError

HEAD = "所属期,出口日期,离岸价,征税率,退税率,商品编码,销项税额,进项税额"
ROW = "2026-01,2026-01-05,1000000,13%,13%,62113310,50000,120000"
FOREIGN = HEAD.replace("离岸价", "离岸价外币,币种,汇率")
TRADED = "所属期,出口日期,商品编码,金额,价税合计,发票税率,退税率,消费税"
BOUGHT = "2026-01,2026-01-05,62113310,100000,113000,13%,13%,0"


def money(amount: str, currency: str, fx: str) -> str:
    return f"{FOREIGN}\n{ROW.replace('1000000', f'{amount},{currency},{fx}')}"


def changed(old: str, new: str, head: str = HEAD, row: str = ROW) -> str:
    assert old in head + row
    return f"{head}\n{row.replace(old, new)}" if old in row else f"{head.replace(old, new)}\n{row}"


def months(*exports: int, rising_tax: bool = False) -> str:
    """Months of 2026 with these exports; the input tax of all since January where it rises."""
    taxes = [120_000 * n if rising_tax else 120_000 for n in range(1, len(exports) + 1)]
    rows = (
        f"2026-{n:02d},2026-{n:02d}-05,{fob},13%,13%,62113310,50000,{taxes[n - 1]}"
        for n, fob in enumerate(exports, start=1)
    )
    return "\n".join((HEAD, *rows))


def more(heading: str, cell: str) -> str:
    return f"{HEAD},{heading}\n{ROW},{cell}"


def asked(path: Path) -> set[str]:
    """What the months are asked, or the error that they end with."""
    try:
        answer = refund(months=path, on=date(2026, 11, 24))
    except OffingError as error:
        return {error.key}
    assert answer.months is not None
    quarantined = {error.key for error in answer.months.file.quarantined}
    return {key for key, _ in keyed(answer.months.cautions)} | quarantined


def read(tmp_path: Path, text: str) -> set[str]:
    file = tmp_path / "months.csv"
    file.write_text(text + "\n", encoding="utf-8")
    return asked(file)


USUAL = {"refund.note_36_months", "sources.note_sums", "sources.note_words"}
SLIPS = {
    "unit above": (f"单位：万元\n{HEAD}\n{ROW}", "sources.caution_scaled"),
    "unit above in words": (f"金额单位：人民币千元,,,\n{HEAD}\n{ROW}", "sources.caution_scaled"),
    "unit below": (f"{HEAD}\n{ROW}\n注：以上金额单位为万元,,", "sources.caution_scaled"),
    "dollars above": (f"单位：美元,,\n{HEAD}\n{ROW}", "sources.foreign_heading"),
    "with tax": (changed("离岸价", "离岸价(含税)"), "sources.caution_with_tax"),
    "sign": (changed("1000000", "$1000000"), "refund.no_good_rows"),
    "a thousandth": (changed("13%,13%", "13%,0.13%"), "refund.caution_odd_rate"),
    "old levy": (changed("13%,13%", "17%,13%"), "refund.caution_odd_rate"),
    "old day": (changed("2026-01-05", "2016-01-05"), "refund.caution_old_export"),
    "no code": (changed("62113310", "99999999"), "refund.caution_code"),
    "code of 2002": (changed("62113310", "85281291"), "refund.caution_code"),
    "price with tax": (changed("120000", "1130000"), "refund.caution_input_tax_over"),
    "another day of the month": (changed("2026-01,", "2026-01-17,"), "refund.no_good_rows"),
    "tax in fen": (changed("120000", "120000000"), "refund.caution_input_tax_over"),
    "exports in hundreds": (
        changed("1000000", "1000000000"), "refund.caution_input_tax_under"),
    "a mark that lacks": (
        f"{HEAD}\n{ROW}".replace(",", ";").replace("1000000", "1000,000"), "sources.which_mark"),
    "negative output": (changed(",50000,", ",-50000,"), "refund.caution_negative_output_tax"),
    "nothing left": (changed("1000000", "-1000000"), "refund.caution_below_nought"),
    "negative credit": (more("上期留抵", "-3"), "refund.no_good_rows"),
    "gap moved out": (
        more("进项税额转出", "40000").replace("13%,13%", "13%,9%"), "refund.caution_transfer_out"),
    "negative transfer": (more("进项税额转出", "-5"), "refund.no_good_rows"),
    "negative material": (more("免税料件", "-3"), "refund.no_good_rows"),
    "dollar dear": (money("140000", "USD", "9.1"), "refund.caution_fx_day"),
    "euro as dollar": (money("140000", "EUR", "7.12"), "refund.caution_fx_day"),
    "won for 100": (money("200000000", "KRW", "0.52"), "refund.caution_fx_day"),
    "net is gross": (changed("100000,", "113000,", TRADED, BOUGHT), "refund.caution_invoice"),
    "a maker and a trader": (
        f"{HEAD},金额,发票税率\n{ROW},100000,13%", "refund.caution_both_methods"),
    "rates exchanged": (
        changed("13%,13%", "9%,13%", TRADED, BOUGHT).replace("113000", "109000"),
        "refund.caution_refund_above_invoice"),
    "consumption": (changed(",0", ",900000", TRADED, BOUGHT[:-2] + ",0"), "refund.caution_invoice"),
    "dollar sign in the heading": (changed("离岸价", "离岸价($)"), "sources.bare_sign"),
    "dollars of tax": (changed("进项税额", "进项税额($)"), "sources.bare_sign"),
    "yuan at 7": (money("140000", "RMB", "7.02"), "refund.no_good_rows"),
    "rate of last year": (money("140000", "USD", "6.35"), "refund.caution_fx_day"),
    "ten thousands": (changed("1000000", "100"), "refund.caution_tiny_exports"),
    "a nought too many": (months(1_000_000, 1_100_000, 12_000_000), "refund.caution_far_month"),
    "one of lumps in thousands": (
        months(1_000_000, 4_100_000, 2_200), "refund.caution_far_month"),
    "one in ten thousands": (months(1_000_000, 1_100_000, 1200), "refund.caution_far_month"),
    "sums from January": (
        months(*(1_000_000 * n + 7 for n in range(1, 7))), "refund.caution_cumulated"),
    "tax in each line": (
        f"{HEAD}\n{ROW}\n{ROW.replace('01-05', '01-19').replace('1000000', '700000')}",
        "refund.caution_tax_repeated"),
    "a return without a minus": (
        more("备注", "客户退运，冲减上月"), "sources.caution_given_back"),
    "at CIF": (changed("离岸价", "到岸价"), "refund.not_fob"),
    "input tax summed from January": (
        months(*(1_000_000 + 9 * (-1) ** n for n in range(1, 7)), rising_tax=True),
        "refund.caution_cumulated_tax"),
    "a purchase in ten thousands": (
        changed("100000,113000", "1.0,1.13", TRADED, BOUGHT), "refund.caution_tiny_purchase"),
    "a void line": (more("发票状态", "作废"), "sources.caution_given_back"),
    "a budget": (more("类型", "预算"), "sources.caution_given_back"),
    "one declaration in two months": (
        (f"{HEAD},报关单号\n{ROW},310120260018420055\n"
        "2026-02,2026-02-03,1000000,13%,13%,62113310,7,9,310120260018420055"),
        "refund.caution_declared_again"),
    "the rate of a euro under a heading of dollars": (
        f"{HEAD.replace('离岸价', '美元离岸价,汇率')}\n{ROW.replace('1000000', '140000,8.19')}",
        "refund.caution_fx_day"),
    "sales for their tax": (
        months(1_000_000, 1_100_000, 1_200_000).replace("1100000,13%,13%,62113310,50000",
                                                        "1100000,13%,13%,62113310,384615"),
        "refund.caution_output_of_sales"),
    "dollars and yuan exchanged": (
        f"{HEAD.replace('离岸价', '美元离岸价,汇率,离岸价(人民币)')}\n"
        + ROW.replace("1000000", "982800,7.02,140000"),
        "refund.no_good_rows"),
    "an invoice in two months": (
        (f"{TRADED},进货凭证号\n{BOUGHT},24442000000012345671\n"
        "2026-02,2026-02-03,62113310,100000,113000,13%,13%,0,24442000000012345671"),
        "refund.caution_bought_again"),
    "the year before": (
        f"{HEAD}\n{ROW}\n{ROW.replace('2026-01-05', '2025-01-19')}", "refund.caution_year_before"),
    "net is gross beside its tax": (
        changed("价税合计", "税额", TRADED, BOUGHT), "refund.caution_invoice"),
    "a purchase without a rate": (
        changed("113000,13%", "113000,", TRADED, BOUGHT), "refund.no_good_rows"),
    "an export without a price": (changed("1000000", ""), "refund.no_good_rows"),
    "rates without a sign that are none": (changed("13%,13%", "130,130"), "refund.no_good_rows"),
    "one code at two rates": (
        (f"{HEAD}\n{ROW}\n{ROW.replace('01-05', '01-19').replace('13%,13%', '13%,9%')}\n"
        f"{ROW.replace('01-05', '01-27').replace('1000000', '700000')}"),
        "refund.caution_two_rates"),
    "invoice at 7": (changed("113000,13%", "107000,7%", TRADED, BOUGHT), "refund.caution_odd_rate"),
}  # fmt: skip
TWINS = {
    "a return with its minus": (
        f"{HEAD},备注\n{ROW},\n2026-01,2026-01-08,-9000,13%,13%,62113310,,,退运"
    ),
    "items of one declaration": (
        f"{HEAD},报关单号,项号\n{ROW},310120260018420055,1\n"
        "2026-01,2026-01-05,1000000,13%,13%,62113310,7,9,310120260018420055,2"
    ),
    "a good month at home": (
        months(1_000_000, 1_100_000, 1_200_000).replace(
            "1100000,13%,13%,62113310,50000", "1100000,13%,13%,62113310,190000"
        )
    ),
    "an invoice made anew": more("备注", "红冲后重开"),
    "a line that holds": more("发票状态", "正常"),
    "actual": more("类型", "实际"),
    "an invoice of two lines": (
        f"{TRADED},进货凭证号\n{BOUGHT},24442000000012345671\n"
        "2026-01,2026-01-06,62113390,100000,113000,13%,13%,0,24442000000012345671"
    ),
    "nothing came back": more("备注", "无退货"),
    "a late claim": f"{HEAD}\n{ROW}\n{ROW.replace('2026-01-05', '2025-09-19')}",
    "the rate of a purchase by its other name": (
        f"{TRADED.replace('价税合计', '税额').replace('发票税率', '征税率')}\n"
        f"{BOUGHT.replace('113000', '13000')}"
    ),
    "numbers of papers": more("进货凭证号", "4401240317"),
    "a firm that sells in lumps": months(200_000, 900_000, 150_000, 8_500_000),
    "lumps with a small month": months(3_000_000, 15_000, 900_000, 7_400_000),
    "welfare moved out": more("进项税额转出", "5000").replace("13%,13%", "13%,9%"),
    "welfare without a gap": more("进项税额转出", "5000"),
    "as it is": f"{HEAD}\n{ROW}",
    "a month's last day": changed("2026-01,", "2026-01-31,"),
    "headings on each page": f"{HEAD}\n{ROW}\n{HEAD}\n{ROW.replace('01-05', '01-19')}",
    "page numbers": f"{HEAD}\n{ROW}\n第 1 页 共 1 页,,",
    "yuan above": f"单位：人民币元,,\n{HEAD}\n{ROW}",
    "who fills in": f"填表单位：青岛某公司,,\n{HEAD}\n{ROW}",
    "who made it": f"{HEAD}\n{ROW}\n制表人：张三,,",
    "decimal commas": f"{HEAD}\n{ROW}".replace(",", ";").replace("1000000", "1000000,50"),
    "a sum": f"{HEAD}\n{ROW}\n合计,,1000000,,,,50000,120000",
    "sums of parts and of all": (
        f"{HEAD}\n{ROW}\n{ROW.replace('01-05', '01-19')}\n小计,,2000000,,,,100000,240000\n"
        f"{ROW.replace('2026-01', '2026-02')}\n小计,,1000000,,,,50000,120000\n"
        "合计,,3000000.00,,,,150000,360000"
    ),
    "a sum of months before": (
        f"{HEAD}\n{ROW}\n{ROW.replace('01-05', '01-19')}\n本年累计,,9000000,,,,400000,900000"
    ),
    "a rate that changed on a day": (
        f"{HEAD}\n{ROW}\n{ROW.replace('01-05', '01-19').replace('13%,13%', '13%,9%')}"
    ),
    "swiss": changed("1000000", "1\u2019000\u2019000"),
    "yuan sign": changed("1000000", "￥1000000"),
    "code as text": changed("62113310", "'62113310"),
    "credit note": f"{HEAD}\n{ROW}\n2026-01,2026-01-08,-100000,13%,13%,62113310,,",
    "dollar": money("140000", "USD", "7.02"),
    "yuan in foreign columns": money("140000", "RMB", "1"),
    "yuan sign in the heading": changed("离岸价", "离岸价(¥)"),
    "dollar sign beside a currency": money("140000", "USD", "7.02").replace("外币", "外币($)"),
    "months that grow": months(1_000_000, 1_100_000, 1_300_000, 1_200_000, 1_500_000, 1_900_000),
    "a season": months(1_000_000, 3_000_000, 7_000_000, 300_000),
    "taxes line by line": (
        f"{HEAD}\n{ROW}\n{ROW.replace('01-05', '01-19').replace('120000', '80000,')[:-1]}"
    ).replace("50000,80000", "10000,80000"),
    "two shipments alike": f"{HEAD}\n{ROW}\n{ROW.replace('01-05', '01-19')}",
    "euro of the month's first day": money("140000", "EUR", "7.8431")
    .replace("2026-01", "2025-04")
    .replace("04-05", "04-22"),
    "a word of sums in a remark": f"{HEAD},备注\n{ROW},见汇总",
    "dollar sign": money("$140000", "USD", "7.02"),
    "yen": money("22000000", "JPY", "0.0449"),
    "purchase": f"{TRADED}\n{BOUGHT}",
    "a line of taxes": f"{HEAD}\n{ROW.replace(',50000,120000', ',,')}\n2026-01,,,,,,50000,120000",
}


@pytest.fixture(autouse=True)
def _starter_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFING_WAREHOUSE", str(tmp_path / "no-warehouse"))


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_is_said(tmp_path: Path, name: str) -> None:
    text, key = SLIPS[name]
    assert key in read(tmp_path, text)


@pytest.mark.parametrize("name", TWINS)
def test_its_twin_is_not(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, TWINS[name]) <= USUAL


def book(*, hidden_row: bool = False, formula: str = "", error: bool = False) -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    for line in (HEAD, ROW, ROW.replace("01-05", "01-06").replace("50000,120000", "30000,90000")):
        cells = [int(c) if c.isdigit() and len(c) > 4 else c for c in line.split(",")]
        made.active.append(cells)
    if hidden_row:
        made.active.row_dimensions[3].hidden = True
    if formula:
        made.active["C2"] = formula
    if error:
        made.active["C2"] = "#REF!"
    return made


def test_what_a_workbook_hides(tmp_path: Path) -> None:
    """Formulas without a value, cells in error, hidden parts, more sheets; a cover is left out.

    A hidden sheet is not read.
    """
    several, cover = book(), book()
    for line in (HEAD, ROW):
        several.create_sheet("二月" + line[:2]).append(line.split(","))
        several["二月" + line[:2]].append(ROW.split(","))
    cover.create_sheet("说明", 0).append(["本表说明"])
    narrow, elsewhere = book(), book()
    narrow.active.column_dimensions["C"].hidden = True
    elsewhere.active["I1"], elsewhere.active["I2"] = "备注", "李"
    elsewhere.active.column_dimensions["I"].hidden = True
    hidden = book()
    hidden.create_sheet("旧", 0).append(HEAD.split(","))
    hidden["旧"].append(ROW.replace("1000000", "5").split(","))
    hidden["旧"].sheet_state = "hidden"
    hidden.active = 1
    for made, key in (
        (book(formula="=500000*2"), "refund.bad_amount"),
        (book(error=True), "refund.bad_amount"),
        (book(hidden_row=True), "sources.caution_hidden_rows"),
        (narrow, "sources.caution_hidden_columns"),
        (elsewhere, ""),
        (several, "sources.caution_sheets"),
        (cover, ""),
        (hidden, ""),
    ):
        file = tmp_path / "months.xlsx"
        made.save(file)
        said = asked(file)
        assert key in said if key else said <= USUAL
    answer = refund(months=file, on=date(2026, 11, 24))
    assert answer.months is not None
    assert answer.months.file.months[0].exports[0].fob_cny == 2_000_000


@pytest.mark.parametrize(
    ("fob", "tax", "key"),
    [
        ("4000", "355", ""), ("4000", "520", ""), ("4000", "3550", "caution_more_tax"),
        ("4000", "40000", "more_unlikely"), ("-4000", "0", "more_unlikely"),
    ],
)  # fmt: skip
def test_one_more_unit_must_be_likely(tmp_path: Path, fob: str, tax: str, key: str) -> None:
    file = tmp_path / "months.csv"
    file.write_text(f"{HEAD}\n{ROW}\n", encoding="utf-8")
    found = ""
    try:
        answer = refund(months=file, on=date(2026, 11, 24), more_fob=fob, more_input_tax=tax)
        assert answer.months is not None
        found = next((key for key, _ in keyed(answer.months.cautions) if "more" in key), "")
    except OffingError as error:
        found = error.key
    assert found == (f"refund.{key}" if key else "")


def test_what_the_rate_makes_is_told_beside_what_stands_there(tmp_path: Path) -> None:
    file = tmp_path / "months.csv"
    head = HEAD.replace("离岸价", "美元离岸价,汇率,离岸价(人民币)")
    file.write_text(f"{head}\n{ROW.replace('1000000', '140000,7.02,98280')}\n", encoding="utf-8")
    answer = refund(months=file, on=date(2026, 11, 24))
    assert answer.months is not None
    told = dict(keyed(answer.months.cautions))["refund.caution_fob"]
    assert (told["sum"], told["made"]) == ("98,280.00", "982,800.00")


def test_a_line_of_a_toml_file_is_named_by_its_month(tmp_path: Path) -> None:
    file = tmp_path / "months.toml"
    export = 'fob_fc = "9000"\ncurrency = "USD"\nfx = "0.144"\nlevy_rate = "13%"\n'
    text = f'[[month]]\nperiod = "2026-03"\n[[month.export]]\n{export}refund_rate = "13%"\n'
    file.write_text(text, encoding="utf-8")
    answer = refund(months=file, on=date(2026, 11, 24))
    assert answer.months is not None
    assert dict(keyed(answer.months.cautions))["refund.caution_fx"]["rows"] == "month 1"


def test_a_month_stands_once(tmp_path: Path) -> None:
    file = tmp_path / "months.toml"
    month = '[[month]]\nperiod = "2026-03"\ninput_tax = "9"\n'
    file.write_text(month * 2, encoding="utf-8")
    assert asked(file) == {"refund.month_twice"}


def test_input_tax_that_is_moved_out_comes_off(tmp_path: Path) -> None:
    file = tmp_path / "months.csv"
    file.write_text(more("进项税额转出", "5000") + "\n", encoding="utf-8")
    answer = refund(months=file, on=date(2026, 11, 24))
    assert answer.months is not None
    assert answer.months.file.months[0].input_tax_cny == 115000


@pytest.mark.parametrize("key", ["sources.caution_scaled", "sources.caution_stated"])
def test_figures_that_were_multiplied_are_a_cause_for_care(key: str) -> None:
    """A heading of 万元 over yuan is a slip that pays ten thousand times too much."""
    (told,) = cautions([Caution(key, {"count": 1, "text": "单位：万元", "columns": "FOB"})])
    assert isinstance(told, Callout)
