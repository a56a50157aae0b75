"""Months with one slip of the hand each, said or refused, and their twins, which are not."""

from datetime import date
from pathlib import Path

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
    "dollars above": (f"单位：美元,,\n{HEAD}\n{ROW}", "sources.foreign_heading"),
    "with tax": (changed("离岸价", "离岸价(含税)"), "sources.caution_with_tax"),
    "sign": (changed("1000000", "$1000000"), "refund.no_good_rows"),
    "a mark that lacks": (
        f"{HEAD}\n{ROW}".replace(",", ";").replace("1000000", "1000,000"), "sources.which_mark"),
    "negative credit": (more("上期留抵", "-3"), "refund.no_good_rows"),
    "dollar sign in the heading": (changed("离岸价", "离岸价($)"), "sources.bare_sign"),
    "yuan at 7": (money("140000", "RMB", "7.02"), "refund.no_good_rows"),
    "euro beneath dollars": (
        money("14", "EUR", "7.8").replace("离岸价外币", "离岸价(万美元)"), "refund.no_good_rows"),
    "a return without a minus": (
        more("备注", "客户退运，冲减上月"), "sources.caution_given_back"),
    "at CIF": (changed("离岸价", "到岸价"), "refund.not_fob"),
    "dollars and yuan exchanged": (
        f"{HEAD.replace('离岸价', '美元离岸价,汇率,离岸价(人民币)')}\n"
        + ROW.replace("1000000", "982800,7.02,140000"),
        "refund.no_good_rows"),
    "a purchase without a rate": (
        changed("113000,13%", "113000,", TRADED, BOUGHT), "refund.no_good_rows"),
    "an export without a price": (changed("1000000", ""), "refund.no_good_rows"),
    "rates without a sign that are none": (changed("13%,13%", "130,130"), "refund.no_good_rows"),
}  # fmt: skip
TWINS = {
    "a return with its minus": (
        f"{HEAD},备注\n{ROW},\n2026-01,2026-01-08,-9000,13%,13%,62113310,,,退运"
    ),
    "a line that holds": more("发票状态", "正常"),
    "the rate of a purchase by its other name": (
        f"{TRADED.replace('价税合计', '税额').replace('发票税率', '征税率')}\n"
        f"{BOUGHT.replace('113000', '13000')}"
    ),
    "headings on each page": f"{HEAD}\n{ROW}\n{HEAD}\n{ROW.replace('01-05', '01-19')}",
    "who fills in": f"填表单位：青岛某公司,,\n{HEAD}\n{ROW}",
    "decimal commas": f"{HEAD}\n{ROW}".replace(",", ";").replace("1000000", "1000000,50"),
    "sums of parts and of all": (
        f"{HEAD}\n{ROW}\n{ROW.replace('01-05', '01-19')}\n小计,,2000000,,,,100000,240000\n"
        f"{ROW.replace('2026-01', '2026-02')}\n小计,,1000000,,,,50000,120000\n"
        "合计,,3000000.00,,,,150000,360000"
    ),
    "credit note": f"{HEAD}\n{ROW}\n2026-01,2026-01-08,-100000,13%,13%,62113310,,",
    "yuan in foreign columns": money("140000", "RMB", "1"),
    "dollars beneath dollars": money("140000", "USD", "7").replace("离岸价外币", "离岸价(美元)"),
    "a line of taxes": f"{HEAD}\n{ROW.replace(',50000,120000', ',,')}\n2026-01,,,,,,50000,120000",
}


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_is_said(tmp_path: Path, name: str) -> None:
    text, key = SLIPS[name]
    assert key in read(tmp_path, text)


@pytest.mark.parametrize("name", TWINS)
def test_its_twin_is_not(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, TWINS[name]) <= USUAL


@pytest.mark.parametrize(
    ("fob", "tax", "key"),
    [
        ("4000", "355", ""), ("4000", "0", ""), ("4000", "520", ""),
        ("4000", "3550", "caution_more_tax"),
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


def test_a_month_stands_once(tmp_path: Path) -> None:
    file = tmp_path / "months.toml"
    month = '[[month]]\nperiod = "2026-03"\ninput_tax = "9"\n'
    file.write_text(month * 2, encoding="utf-8")
    assert asked(file) == {"refund.month_twice"}


@pytest.mark.parametrize(
    ("fob", "tiny"), [("1", True), ("999", True), (".5", True), ("1000000", False)]
)
def test_a_month_of_hardly_any_yuan_is_asked_for_its_unit(
    fob: str, tiny: bool, tmp_path: Path
) -> None:
    assert ("refund.caution_tiny" in read(tmp_path, changed("1000000", fob))) is tiny


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
