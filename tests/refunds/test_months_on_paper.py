"""Doubts about a firm's months on both sides of their edges, and FOB prices by hand."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from cautions import keyed
from offing.refunds import calendar, fob, month_checks
from offing.refunds.months import ExportLine
from offing.terms.errors import InputError, Where
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
    assert month_checks.levies(day) == {D(n) / 100 for n in levels.split()} | always


def test_levels_of_the_refund() -> None:
    since, before = date(2019, 7, 1), date(2019, 6, 30)
    assert not any(month_checks.is_odd_refund(D(n) / 100, since) for n in (13, 10, 9, 6, 5, 0))
    assert all(month_checks.is_odd_refund(D(n) / 100, since) for n in (16, 11, 7))
    assert not any(month_checks.is_odd_refund(D(n) / 100, before) for n in (17, 15, 11))
    assert month_checks.is_odd_refund(D("0.18"), before)
    assert month_checks.is_odd_refund(D("0.125"), before)


@pytest.mark.parametrize(
    ("currency", "fx", "odd"),
    [("USD", "8.4", False), ("USD", "8.41", True), ("USD", "7.6", False), ("USD", "7.59", True),
     ("EUR", "8.8", False), ("EUR", "8.81", True), ("CNY", "5", False), ("JPY", "9", False)],
)  # fmt: skip
def test_a_rate_of_exchange(currency: str, fx: str, odd: bool) -> None:
    """A dollar and a euro are known at 8 yuan, yen are not."""
    known = {"USD": DayRate(D(8)), "EUR": DayRate(D(8))}
    made = line(fx=D(fx), currency=currency)
    assert month_checks._has_odd_fx(made, lambda code, _: known.get(code)) is odd


def test_an_export_of_three_years_ago() -> None:
    assert not month_checks._is_old(line(export_date=date(2023, 3, 1)))
    assert month_checks._is_old(line(export_date=date(2023, 2, 28)))
    assert not month_checks._is_old(line())


@pytest.mark.parametrize(
    ("net", "gross", "consumption", "odd"),
    [
        ("1000", "1130", "0", False),
        ("1000", "1141.3", "0", False),  # a hundredth off
        ("1000", "1142", "0", True),
        ("50", "57.63", "0", False),  # one yuan off
        ("50", "57.7", "0", True),
        ("1000", None, "1000", False),
        ("1000", None, "1000.01", True),
        (None, "1130", "1131", True),
        (None, None, "0", False),
    ],
)
def test_net_and_gross_of_an_invoice(
    net: str | None, gross: str | None, consumption: str, odd: bool
) -> None:
    left, whole = (None if each is None else D(each) for each in (net, gross))
    bought = Bought(left, whole, D("0.13"), D(consumption))
    assert month_checks._has_odd_invoice(line(bought=bought)) is odd
    assert not month_checks._has_odd_invoice(line())


@pytest.mark.parametrize(
    ("term", "charges", "total", "notes"),
    [
        ("CIF", {}, 1000, "no_freight"),
        ("1", {}, 1000, "no_freight"),
        ("FOB", {}, 1000, ""),
        ("fob", {"freight": ("3", "10", "")}, 1000, "freight_fob"),
        ("CIF", {"freight": ("3", "1", "")}, 1000, ""),
        ("CIF", {"freight": ("3", "0.99", "")}, 1000, "freight_tiny"),
        ("CIF", {"freight": ("1", "0.05", "")}, 1000, "freight_tiny"),  # 5 % as a share
        ("CIF", {"freight": ("1", "5", ""), "insurance": ("1", "0.3", "")}, 1000, ""),
        ("CIF", {"freight": ("1", "5", ""), "insurance": ("1", "3", "")}, 1000, "insurance_dear"),
        ("CIF", {"freight": ("1", "5", ""), "insurance": ("3", "21", "")}, 1000, "insurance_dear"),
        ("CIF", {"freight": ("1", "5", ""), "insurance": ("3", "21", "CNY")}, 1000, ""),
        ("CIF", {"freight": ("3", "0.99", "USD")}, 1000, "freight_tiny"),
        ("CIF", {"freight": ("3", "0.99", "EUR")}, 1000, ""),
        ("CIF", {"freight": ("1", "0.99", "")}, 1000, ""),
    ],
)
def test_freight_of_a_declaration(
    term: str, charges: dict[str, tuple[str, str, str]], total: int, notes: str
) -> None:
    made = {
        name: SimpleNamespace(mark=mark, value=D(value), currency=currency)
        for name, (mark, value, currency) in charges.items()
    }
    row: Any = SimpleNamespace(
        term=term, charges=made, total=D(total), currency="USD", code="", where=HERE,
        export_date=date(2026, 3, 1),
    )  # fmt: skip
    found = [
        key.removeprefix("refund.caution_") for key, _ in keyed(month_checks.declared_notes([row]))
    ]
    assert found == notes.split()


def months(**given: Any) -> dict[str, list[str]]:
    """Doubts about one month, and about others beside it."""
    return {key: periods for key, periods in month_checks._of_months([line(**given)]) if periods}


def test_sums_of_a_month_that_cannot_be() -> None:
    assert "input_tax_over" not in months(fob_cny=D(1000), input_tax_cny=D(500))
    assert "input_tax_over" in months(fob_cny=D(1000), input_tax_cny=D(501))
    with_sales = {"fob_cny": D(1000), "output_tax_cny": D(10)}
    assert "input_tax_over" not in months(input_tax_cny=D(585), **with_sales)
    assert "input_tax_over" in months(input_tax_cny=D(586), **with_sales)
    assert "input_tax_over" not in months(fob_cny=D(0), input_tax_cny=D(5))
    assert "input_tax_under" in months(input_tax_cny=D("1.16"), **with_sales)
    assert "input_tax_under" not in months(input_tax_cny=D("1.17"), **with_sales)
    assert "input_tax_under" not in months(input_tax_cny=D(0), **with_sales)
    assert "below_nought" in months(fob_cny=D(-1))
    assert "below_nought" not in months(fob_cny=D(0))
    assert "tiny_exports" in months(fob_cny=D(999))
    assert "tiny_exports" not in months(fob_cny=D(1000))
    assert "tiny_exports" not in months(fob_cny=D(0))
    gap = {"fob_cny": D(1000), "levy_rate": D("0.13"), "refund_rate": D("0.09")}
    assert "transfer_out" in months(transfer_out_cny=D(40), **gap)
    assert "transfer_out" not in months(transfer_out_cny=D(39), **gap)
    assert "transfer_out" not in months(
        transfer_out_cny=D(40), **(gap | {"refund_rate": D("0.13")})
    )


@pytest.mark.parametrize(
    ("values", "far"),
    [
        ([100, 200, 1600], []),  # alike: eight times the largest
        ([100, 200, 1601], ["c"]),
        ([100, 200, 2], []),
        ([100, 200, "1.99"], ["c"]),  # a fiftieth of the smallest
        ([100, 201, 2000], []),  # not alike: a hundred times
        ([100, 201, 20_101], ["c"]),
        ([100, 201, 1], []),
        ([100, 201, "0.99"], ["c"]),
        ([100, 9_000_000], []),  # two have no others
        ([100, 9_000_000, 0], []),
    ],
)
def test_months_far_from_the_others(values: list[Any], far: list[str]) -> None:
    sums = dict(zip("abc", (D(str(value)) for value in values), strict=False))
    assert list(month_checks._far_from_others(sums)) == far


@pytest.mark.parametrize(
    ("values", "sums"),
    [
        ([100, 200, 300, 400, 500, 600], True),
        ([100, 110, 120, 130, 140, 299], False),
        ([100, 110, 120, 130, 140, 300], True),  # three times the first, of six months
        ([100, 200, 300, 400, 500], False),
        ([100, 200, 200, 400, 500, 600], False),
    ],
)
def test_sums_from_january_on(values: list[int], sums: bool) -> None:
    def found(first: int) -> list[str]:
        named = {f"2026-{n:02}": D(value) for n, value in enumerate(values, first)}
        return month_checks._rising_from_january(named)

    assert bool(found(1)) is sums
    assert found(2) == []
    if sums:
        assert found(1) == ["2026-01", "2026-06"]


def test_a_tax_that_stands_in_each_line() -> None:
    one, two = line(fob_cny=D(1), input_tax_cny=D(5)), line(fob_cny=D(2), input_tax_cny=D(5))
    assert list(month_checks._taxes_repeated([one, two])) == [one, two]
    assert list(month_checks._taxes_repeated([one, one])) == []
    other = line(fob_cny=D(2), input_tax_cny=D(6))
    assert list(month_checks._taxes_repeated([one, other])) == []
    none = [line(fob_cny=D(n)) for n in (1, 2)]
    assert list(month_checks._taxes_repeated(none)) == []


def test_five_rows_are_named_and_more_are_many() -> None:
    assert month_checks._named(list("abcde")) == {"count": 5, "rows": "a, b, c, d, e"}
    assert str(month_checks._named(list("abcdef"))["rows"]).endswith("e…")


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
    friday = date(2026, 3, 6)
    assert [calendar.working_days_later(friday, n).day for n in (0, 1, 5, 6)] == [6, 9, 13, 16]
    assert calendar.refund_expected_on(date(2026, 3, 31), 1) == calendar.working_days_later(
        date(2026, 4, 15), calendar.firm_class(1).working_days
    )
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


def test_exports_of_a_month_lapse_together() -> None:
    found = calendar.lapses(
        [(date(2026, 1, 20), D(5)), (date(2026, 1, 10), D(7)), (date(2025, 12, 1), D(1))],
        on=date(2026, 6, 1), class_number=1,
    )  # fmt: skip
    assert [(lapse.month, lapse.fob_cny, lapse.state) for lapse in found] == [
        ("2025-12", D(1), "late"), ("2026-01", D(12), "open")
    ]  # fmt: skip
    assert found[1].deemed_domestic_on == date(2029, 1, 11)  # of the first
    assert found[0].deemed_domestic_on is None
    assert found[1].refund_expected_on == calendar.refund_expected_on(date(2026, 1, 20), 1)


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
