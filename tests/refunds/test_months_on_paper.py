"""Doubts about a firm's months on both sides of their edges, and FOB prices by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cautions import keyed
from offing.api.refund import refund
from offing.refunds import calendar, fob
from offing.refunds.checks.months import MONTH_CHECKS, FirmLines
from offing.refunds.methods import ExportLine, Purchase
from offing.refunds.rates import is_odd_refund, levies
from offing.report.blocks import Callout, cautions
from offing.terms.caution import Caution
from offing.terms.errors import InputError, OffingError, Where
from offing.terms.exchange import DayRate
from offing.terms.firm_records import Bought, MonthLine

D = Decimal
HERE = Where("m.csv", 2)


def line(period: str = "2026-03", **more: Any) -> MonthLine:
    return MonthLine(period, HERE, **more)


@pytest.mark.parametrize(
    ("day", "levels"),
    [
        (date(2017, 6, 30), "17 13 11"),
        (date(2017, 7, 1), "17 13 11"),  # with those of three months before
        (date(2017, 9, 30), "17 13 11"),
        (date(2017, 10, 1), "17 11"),
        (date(2018, 5, 1), "17 16 11 10"),
        (date(2019, 4, 1), "16 13 10 9"),
        (date(2019, 7, 1), "16 13 10 9"),
        (date(2019, 7, 2), "13 9"),
        (date(2026, 1, 1), "13 9"),
    ],
)
def test_levels_of_the_levy(day: date, levels: str) -> None:
    always = {D(n) / 100 for n in range(7)}
    assert levies(day) == {D(n) / 100 for n in levels.split()} | always


def test_levels_of_the_refund() -> None:
    since, before = date(2019, 7, 1), date(2019, 6, 30)
    assert not any(is_odd_refund(D(n) / 100, since) for n in (13, 10, 9, 6, 5, 0))
    assert all(is_odd_refund(D(n) / 100, since) for n in (16, 11, 7))
    assert not any(is_odd_refund(D(n) / 100, before) for n in (17, 15, 11))
    assert is_odd_refund(D("0.18"), before)
    assert is_odd_refund(D("0.125"), before)


def told(*lines: MonthLine) -> set[str]:
    """A dollar and a euro are known at 8 yuan, yen are not."""
    known = {"USD": DayRate(D(8)), "EUR": DayRate(D(8))}
    months = FirmLines(lines, lambda code, _: known.get(code))
    found = MONTH_CHECKS.findings(months)
    return {caution.key.removeprefix("refund.caution_") for caution in found}


@pytest.mark.parametrize(
    ("currency", "fx", "odd"),
    [("USD", "8.4", False), ("USD", "8.41", True), ("USD", "7.6", False), ("USD", "7.59", True),
     ("EUR", "8.8", False), ("EUR", "8.81", True), ("CNY", "5", False), ("JPY", "9", False)],
)  # fmt: skip
def test_a_rate_of_exchange(currency: str, fx: str, odd: bool) -> None:
    assert ("fx_day" in told(line(fx=D(fx), currency=currency))) is odd


@pytest.mark.parametrize(
    ("net", "gross", "consumption", "odd"),
    [
        ("1000", "1130", "0", False),
        ("1000", "1141.3", "0", False),  # a hundredth off
        ("1000", "1142", "0", True),
        ("50", "57.7", "0", True),  # more than one yuan off
        ("1000", None, "1000", False),
        ("1000", None, "1000.01", True),
        (None, "1130", "1131", True),
    ],
)
def test_net_and_gross_of_an_invoice(
    net: str | None, gross: str | None, consumption: str, odd: bool
) -> None:
    left, whole = (None if each is None else D(each) for each in (net, gross))
    bought = Bought(left, whole, D("0.13"), D(consumption))
    assert ("invoice" in told(line(bought=bought))) is odd


def test_sums_of_a_month_that_cannot_be() -> None:
    def input_tax(tax: str, **more: Any) -> bool:
        return "input_tax" in told(line(fob_cny=D(1000), input_tax_cny=D(tax), **more))

    assert [input_tax(tax) for tax in ("500", "501", "1", "0.9", "0")] == [
        False, True, False, True, False
    ]  # fmt: skip
    at_home = {"output_tax_cny": D(10)}
    assert [input_tax(tax, **at_home) for tax in ("585", "586", "1.17", "1.16")] == [
        False, True, False, True
    ]  # fmt: skip
    assert "input_tax" not in told(line(fob_cny=D(0), input_tax_cny=D(5)))
    assert "below_nought" in told(line(output_tax_cny=D(-1)))
    assert "tiny" in told(line(fob_cny=D(999)))
    assert not told(line(fob_cny=D(0)))


def test_papers_that_are_used_again() -> None:
    """One paper in two months at one price; two of its items in one month may be alike."""
    one = line(declaration="1", fob_cny=D(5000))
    bought = Bought(D(5000), None, D("0.13"))
    for usual in (one, line(invoice="1", bought=bought)):
        assert "used_again" in told(usual, replace(usual, period="2026-04"))
        assert "used_again" not in told(usual, usual)
    assert "used_again" not in told(one, replace(one, period="2026-04", fob_cny=D(6000)))


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([10_000, 20_100, 2_010_100], "far_month"),
        ([10_000, 20_100, 2_010_000], ""),
        ([300_000, 201_000, 2_009], "far_month"),
        ([300_000, 201_000, 2_010], ""),
        ([10_000, 9_000_000], ""),  # two have no others
        ([1000, 2000, 3000, 4000, 5000], ""),
    ],
)
def test_months_beside_each_other(values: list[int], kind: str) -> None:
    months = [line(f"2026-{n:02}", fob_cny=D(value)) for n, value in enumerate(values, 1)]
    assert told(*months) == ({kind} if kind else set())


@pytest.mark.parametrize(
    ("term", "left"),
    [("EXW", 1049), ("FCA", 1049), ("FAS", 1049), ("FOB", 999), ("CFR", 899), ("C&F", 899),
     ("CPT", 899), ("C&I", 989), ("CIF", 889), ("1", 889), ("CIP", 889), ("DAP", 869),
     ("DPU", 869), ("DDP", 839), ("3", 999), ("7", 1049)],
)  # fmt: skip
def test_a_price_brought_to_the_port(term: str, left: int) -> None:
    """1,000 with 1 of other charges; freight 100, insurance 10, beyond 20, duty 30, inland 50."""
    found = fob.fob_price(
        term, D(1000), misc=D(1), freight=D(100), insurance=D(10), destination=D(20), duty=D(30),
        inland=D(50),
    )  # fmt: skip
    assert found == left


def test_charges_may_not_eat_the_price() -> None:
    assert fob.fob_price("CFR", D(100), freight=D("99.5")) == D("0.5")
    for freight in ("100", "101"):
        with pytest.raises(InputError):
            fob.fob_price("CFR", D(100), freight=D(freight))
    with pytest.raises(InputError):
        fob.fob_price("CFR", D("0.5"), freight=D(1))
    assert fob.fob_price("CFR", D(-100), freight=D(5)) == -105
    with pytest.raises(TypeError):
        fob.fob_price("CFR", D(100), fright=D(5))


def test_charges_as_they_are_declared() -> None:
    def charge(mark: str, value: str, tonnes: str | None = None, name: str = "freight") -> Decimal:
        weight = None if tonnes is None else D(tonnes)
        return fob.declared_charge(mark, D(value), of=D(1000), tonnes=weight, name=name)

    assert charge("1", "5") == charge("率", "5") == charge("1.0", "5") == 50
    assert charge("2", "5", "4") == charge("单价", "5", "4") == 20
    assert charge("3", "5") == charge("总价", "5") == 5
    assert charge("1", "0") == 0
    assert charge("1", "99.9") == 999
    for mark, value, tonnes, name in (
        ("1", "100", None, "freight"), ("1", "-1", None, "freight"), ("2", "5", None, "freight"),
        ("2", "5", "4", "insurance"), ("4", "5", None, "freight"),
    ):  # fmt: skip
        with pytest.raises(InputError):
            charge(mark, value, tonnes, name)


def test_days_of_a_claim_by_hand() -> None:
    assert calendar.months_later(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert calendar.months_later(date(2026, 12, 15), 1) == date(2027, 1, 15)
    assert calendar.months_later(date(2026, 11, 15), 13) == date(2027, 12, 15)
    days = calendar.deadlines(date(2026, 1, 15))
    assert calendar.state_on(days, days.ordinary_claim_by) == "open"
    assert calendar.state_on(days, date(2027, 5, 1)) == "late"
    assert calendar.state_on(days, date(2029, 1, 15)) == "late"
    assert calendar.state_on(days, date(2029, 1, 16)) == "lapsed"
    late = calendar.deadlines(date(2026, 1, 15), receipt_due=date(2028, 1, 1))
    assert late.fx_receipt_by == date(2028, 1, 1)
    later = calendar.deadlines(date(2026, 1, 15), receipt_due=date(2030, 1, 1))
    assert later.fx_receipt_by == date(2029, 1, 15)
    early = calendar.deadlines(date(2026, 1, 15), receipt_due=date(2026, 2, 1))
    assert early.fx_receipt_by == early.ordinary_claim_by == date(2027, 4, 30)


@pytest.mark.parametrize(
    ("year", "days"),
    [
        # 税总办征科函〔2025〕64号 (at fdctax.com) for February, April, May and October.
        (2026, "01-20 02-24 03-16 04-20 05-22 06-15 07-15 08-17 09-15 10-26 11-16 12-15"),
        # The yearly notices for 2025 and 2024, recalled.
        (2025, "01-15 02-20 03-17 04-18 05-22 06-16 07-15 08-15 09-15 10-27 11-17 12-15"),
        (2024, "01-15 02-23 03-15 04-18 05-22 06-19 07-15 08-15 09-18 10-24 11-15 12-16"),
    ],
)
def test_last_days_of_filing_are_those_of_the_yearly_notices(year: int, days: str) -> None:
    """A long holiday moves the 15th by its days, a weekend to the next working day."""
    before = [date(year - 1, 12, 1), *(date(year, month, 1) for month in range(1, 12))]
    assert [str(calendar.filed_on(month)) for month in before] == [
        f"{year}-{day}" for day in days.split()
    ]


@pytest.mark.parametrize(
    ("month", "day"), [((2026, 1), "03-09"), ((2026, 3), "05-07"), ((2026, 4), "06-05")]
)
def test_holidays_are_no_working_days_of_a_refund(month: tuple[int, int], day: str) -> None:
    """Ten working days by the calendar of 2026: 28 February and 9 May are worked."""
    assert str(calendar.refund_expected_on(date(*month, 1), 2)) == f"2026-{day}"


def test_exports_of_a_month_lapse_together() -> None:
    found = calendar.lapses(
        [(date(2026, 1, 20), "2026-02", D(5)), (date(2026, 1, 10), "2026-02", D(7)),
         (date(2025, 12, 1), "2026-05", D(1))],
        on=date(2026, 6, 1), class_number=1,
    )  # fmt: skip
    assert [(lapse.month, lapse.fob_cny, lapse.state) for lapse in found] == [
        ("2025-12", D(1), "late"), ("2026-01", D(12), "open")
    ]  # fmt: skip
    assert found[1].deemed_domestic_on == date(2029, 1, 11)  # of the first
    assert found[0].deemed_domestic_on is None
    assert found[1].refund_expected_on == date(
        2026, 3, 23
    )  # filed by Monday 16 March, five working days


@pytest.mark.parametrize(
    ("claimed_in", "state"), [("2026-03", "open"), ("2026-04", "late"), ("2029-01", "late")]
)
def test_an_export_is_claimed_in_the_return_that_has_it(claimed_in: str, state: str) -> None:
    """December's may be claimed until 30 April: in March's return, filed by 20 April, not later."""
    exports = [(date(2025, 12, 28), claimed_in, D(846_000))]
    (item,) = calendar.lapses(exports, on=date(2026, 5, 10), class_number=2)
    assert (item.month, item.claimed_in, item.state) == ("2025-12", claimed_in, state)
    assert item.ordinary_claim_by == date(2026, 4, 30)
    if claimed_in == "2026-03":
        assert item.refund_expected_on == date(2026, 5, 7)  # ten working days from 20 April


@pytest.mark.parametrize("name", ["levy_rate", "refund_rate"])
def test_a_rate_is_a_share_of_less_than_one(name: str) -> None:
    """13 for 13 % is refused, and so are one and less than nothing."""

    def made(**more: Any) -> ExportLine:
        return ExportLine(D(100), **({"levy_rate": D("0.99"), "refund_rate": D(0)} | more))

    assert made(levy_rate=D(0)).levy_rate == 0
    assert made(refund_rate=D("0.99")).refund_rate == D("0.99")
    for wrong in (D(1), D("1.5"), D(13), D("-0.01")):
        with pytest.raises(InputError) as said:
            made(**{name: wrong})
        assert said.value.key == "refund.bad_rate"
        assert said.value.values["name"] == name


@pytest.mark.parametrize("rate", ["1", "13", "-0.01"])
def test_a_rate_of_the_whole_price_or_more_is_none(rate: str) -> None:
    """13 % is 0.13: of 113 yuan 100 are net and 13 are tax; 1 would be all of the net again."""
    for of_invoice, refunded in ((rate, "0.09"), ("0.13", rate)):
        with pytest.raises(InputError) as refused:
            Purchase(D(100), D(of_invoice), D(refunded))
        assert refused.value.key == "refund.bad_rate"
    assert Purchase(D(100), D("0.13"), D("0.09")).applied_rate == D("0.09")


def test_only_a_rate_is_a_share_of_the_price() -> None:
    marks = ("1", " 1.0", "率", "2", "单价", "3", "总价", "4", "")
    assert [mark for mark in marks if fob.is_share_mark(mark)] == ["1", " 1.0", "率"]


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
