"""Files of cases: what each line says or is refused for, and whether an answer holds."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from offing.cases import given
from offing.cases.checking import (
    EXACT_PLACES,
    LARGEST,
    Checked,
    check_case,
    compare_answer,
    round_as_stated,
)
from offing.cases.given import Case, Value, read_cases
from offing.cases.inputs import is_upside_down
from offing.cases.words import day_written, parse_number
from offing.refunds.calendar import months_later
from offing.settlement.forwards import PairQuote, _working_day
from offing.terms.errors import InputError, Where

ONE = "- id: A\n  method: bank_fee\n  inputs: {amount: 1}\n  expected: {fee: 1}\n"


def test_the_line_of_a_case_and_what_it_leaves_out(tmp_path: Path) -> None:
    file = tmp_path / "cases.yaml"
    file.write_text(f"{ONE}\n# another\n{ONE.replace('A', 'B')}", encoding="utf-8")
    first, second = read_cases(file)
    assert (first.where.row, second.where.row) == (1, 7)
    assert first.rounding == "exact"
    file.write_text(f"{ONE}\n{ONE}", encoding="utf-8")
    with pytest.raises(InputError) as twice:
        read_cases(file)
    assert twice.value.values["first"] == 1


def test_a_file_of_twenty_megabytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert given.LARGEST_FILE == 20_000_000
    file = tmp_path / "cases.yaml"
    file.write_text(ONE, encoding="utf-8")
    monkeypatch.setattr(given, "LARGEST_FILE", len(ONE))
    assert len(read_cases(file)) == 1
    file.write_text("#" * 3_500_000, encoding="utf-8")
    monkeypatch.setattr(given, "LARGEST_FILE", 2_999_999)
    with pytest.raises(InputError) as large:
        read_cases(file)
    assert large.value.values == {"size": 3, "largest": 2}


@pytest.mark.parametrize(
    ("text", "number", "currency", "unit", "share"),
    [
        ("8%", "0.08", "", "", True),
        ("35bp", "0.0035", "", "", True),
        ("USD 40,000", "40000", "usd", "", False),
        ("40,000元", "40000", "", "", False),  # a part of many words
        ("¥3", "3", "", "", False),
        ("$ 3m", None, "", "", False),
        ("USD 3m", "3000000", "usd", "", False),
        ("1800 kg", "1800", "", "kg", False),
        ("30万美元", "300000", "usd", "", False),
        ("1,5,0", None, "", "", False),
        ("lots", None, "", "", False),
    ],
)
def test_numbers_as_they_are_written(
    text: str, number: str | None, currency: str, unit: str, share: bool
) -> None:
    found = parse_number(text)
    if number is None:
        assert found is None
        return
    assert found is not None
    assert found.number == Decimal(number)
    assert (found.currency, found.unit, found.share) == (currency, unit, share)


def test_days_as_they_are_written() -> None:
    day = date(2026, 5, 20)
    for text in ("2026-05-20", "2026/5/20", "2026年5月20日", "20 May 2026", "May 20, 2026"):
        assert day_written(text) == day, text
    for text in ("2026-13-01", "2026-02-30", "05/06/2026", "soon", "May"):
        assert day_written(text) is None, text


D = Decimal


def holds(expected: Value, got: Value, rounding: Value = "exact") -> bool:
    return compare_answer(expected, got, rounding, "x", Where())[0]


@pytest.mark.parametrize(
    ("expected", "got", "rounding", "same"),
    [
        ("2.35", "2.345", "half_up_2", True),
        ("2.34", "2.345", "half_even_2", True),
        ("2.35", "2.341", "up_2", True),
        ("-2.34", "-2.349", "ceiling_2", True),
        ("2", "2.5", "tol_0.5", True),
        ("2", "2.51", "tol_0.5", False),
        ("1", "1.0000000000004", "exact", True),
        ("0.333333333333", "0.3333333333333333", "exact", True),
        ("2.346", "2.3454", "half_up_2", False),
    ],
)
def test_a_number_in_its_rounding(expected: str, got: str, rounding: str, same: bool) -> None:
    assert holds(D(expected), D(got), rounding) is same


def test_how_many_places_and_how_large() -> None:
    assert (EXACT_PLACES, LARGEST) == (12, 30)
    assert round_as_stated(D("1.0000000000005"), "exact") == D("1.000000000001")
    assert round_as_stated(D("1e30") + D("0.123"), "half_up_2") == D("1e30") + D("0.12")
    assert round_as_stated(D("1.5e31"), "half_up_2") == D("1.5e31")
    assert round_as_stated("x", "half_up_2") == "x"
    assert round_as_stated(D("2.345"), "nonsense") == D("2.345")


def test_a_rounding_for_each_answer() -> None:
    many: Value = {"x": "half_up_1", "default": "half_up_0"}
    assert compare_answer(D("2.3"), D("2.34"), many, "x", Where()) == (True, D("2.3"))
    assert compare_answer(D(2), D("2.34"), many, "y", Where()) == (True, D(2))
    assert not holds(D(2), D("2.34"), {"z": "half_up_1"})
    wrongs: tuple[Value, ...] = ("half_up", "tol_", "nearest_2", D(2), {"x": None})
    for wrong in wrongs:
        with pytest.raises(InputError):
            compare_answer(D(2), D(2), wrong, "x", Where())


def test_what_one_of_a_currency_brings() -> None:
    quote = PairQuote("USD", "EUR", D("1.10"), D("1.25"))
    assert quote.sold("EUR") == ("USD", D("1.10"))
    assert quote.sold("USD") == ("EUR", D("0.8"))


def test_months_on_and_working_days() -> None:
    assert months_later(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_later(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert months_later(date(2026, 12, 15), 12) == date(2027, 12, 15)
    assert months_later(date(2026, 12, 15), 0) == date(2026, 12, 15)
    friday, none = date(2026, 11, 27), frozenset[date]()
    assert _working_day(friday, none) == friday
    assert _working_day(date(2026, 11, 28), none) == friday.replace(day=30)
    assert _working_day(date(2026, 10, 31), none) == date(2026, 10, 30)  # before a new month begins
    assert _working_day(friday, frozenset({friday})) == date(2026, 11, 30)
    assert _working_day(date(2026, 11, 30), frozenset({date(2026, 11, 30)})) == friday


PLAN = {"levy_rate": 0.13, "rebate_rate": 0.09, "export_fob_cny": 100}
WRONG: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "freight below zero": (
        "DE", {"goods_value": 100, "freight": -5, "duty_rate": 0.1, "vat": "19%"},
        "duty", "out_of_range"),
    "goods above their CIF value": (
        "DE", {"fob": 100, "cif": 90, "duty_rate": 0.1, "vat": "19%"}, "duty", "bad_input"),
    "110 % a day": (
        "var_single", {"exposure_fc": 100, "spot": 7, "sigma_daily": 1.1, "z": 1.65},
        "var_home", "out_of_range"),
    "a loss twice certain": (
        "expected_credit_loss", {"amount": 100, "pd": 2, "lgd": 0.6}, "uninsured_loss",
        "out_of_range"),
    "more cover than debt": (
        "expected_credit_loss", {"amount": 100, "pd": 0.02, "lgd": 0.6, "cover": 1.2},
        "uninsured_loss", "out_of_range"),
    "a least fee above the greatest": (
        "bank_fee", {"amount": 1000, "rate": 0.001, "min": 200, "max": 100}, "fee", "fee_limits"),
    "a least duty above the greatest": (
        "duty_expression", {"cif": 1000, "duty_rate": 0.1, "duty_min": 200, "duty_max": 90},
        "duty", "bad_input"),
    "a plan of 130 %": (
        "ecr_nondeductible_only", {**PLAN, "processing_fob_cny": 90, "plan_ratio": 1.3},
        "nondeductible", "out_of_range"),
    "a claim before the export": (
        "deadline", {"export_date": "2026-05-01", "claim_date": "2026-01-01"},
        "status", "bad_input"),
    "tonnes that are not the kilograms": (
        "RU", {"cif": 1000, "weight_kg": 2, "weight_t": 2, "duty": "10%, at least 9 RUB/kg"},
        "duty", "word_twice"),
    "materials above the price": ("rvc", {"fob": 10, "vnm": 12}, "rvc_build_down", "bad_input"),
    "a lower duty above the quota": (
        "tariff_quota", {"goods_value": 100, "quantity": 10, "quota": 5, "in_quota_rate": 0.5,
                         "out_of_quota_rate": 0.1}, "duty", "bad_input"),
    "a fixing the other way round": (
        "ndf_sell_local", {"notional_local": 1000, "ndf_local_per_usd": 7,
                           "fixing_local_per_usd": 0.14}, "usd_at_fixing", "quotes_apart"),
    "seven dollars for a yuan": (
        "forward_receivable", {"receivable_usd": 1000, "forward_usd_per_cny": 7.1},
        "home_at_maturity", "upside_down"),
}  # fmt: skip


def as_read(value: Any) -> Any:
    if isinstance(value, list):
        return [as_read(one) for one in value]
    return value if isinstance(value, str) else Decimal(str(value))


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_is_refused(name: str) -> None:
    method, given, asked, key = WRONG[name]
    inputs = {word: as_read(value) for word, value in given.items()}
    error = check_case(Case("A", method, inputs, {asked: Decimal(50)}, "exact", Where())).error
    assert error is not None
    assert error.key.partition(".")[2] == key


def test_no_more_comes_back_than_the_invoice_has() -> None:
    """A supplier who charges 3 % of tax: 财税〔2012〕39号, art. 4, the lower of the two rates."""
    given: dict[str, Any] = {"fob": 100, "purchase_gross_cny": 618, "vat_rate": 0.03,
                             "rebate_rate": 0.13, "fx_bid": 7}  # fmt: skip
    inputs = {word: as_read(value) for word, value in given.items()}
    case = Case("A", "export_margin", inputs, {"rebate_cny": Decimal(18)}, "exact", Where())
    assert check_case(case).ok


def held(method: str, given: dict[str, Any], rounding: str = "exact", **expected: float) -> bool:
    inputs = {word: as_read(value) for word, value in given.items()}
    figures = {name: as_read(value) for name, value in expected.items()}
    return check_case(Case("A", method, inputs, figures, rounding, Where())).ok


def test_of_a_purchase_without_its_tax_nothing_is_said_of_that_tax() -> None:
    given = {"invoice_net": 1000, "rebate_rate": 0.09}
    assert held("er", given, refund=90)
    assert not held("er", given, refund=90, cost_addition=0)
    assert not held("er", given, refund=90, input_tax=90)
    assert not held("er", {"invoice_gross": 1130, "rebate_rate": 0.09}, refund=90)


@pytest.mark.parametrize(
    ("price", "priced", "rate", "asked"),
    [
        ("usd", "eur", "0.92", True),
        ("usd", "eur", "0.96", False),  # September 2022: below one, and so it was
        ("usd", "aud", "1.5", True),
        ("cad", "usd", "1.0", False),  # 2011
        ("cny", "usd", "7.1", False),
        ("usd", "eur", "0", False),
    ],
)
def test_levels(price: str, priced: str, rate: str, asked: bool) -> None:
    assert is_upside_down((price, priced), D(rate)) is asked


def checked(**given: Value) -> Checked:
    inputs: dict[str, Value] = {**given, "second_cny_per_usd": D("7.1")}
    expected: dict[str, Value] = {"cross_cny_per_eur": D("7.668")}
    return check_case(Case("A", "cross_rate", inputs, expected, "exact", Where()))


def test_a_case_is_not_reckoned_with_a_rate_that_is_turned_over() -> None:
    assert checked(first_usd_per_eur=D("1.08")).ok
    for value in (D("0.92"), "0.92"):
        error = checked(first_usd_per_eur=value).error
        assert error is not None
        assert error.key == "check.upside_down"
        assert "1.0870" in str(error.next_step)


FORWARD = {"tenor_days": D(180), "cny_rate": D("0.0185"), "usd_rate": D("0.042")}


def told(method: str, **given: object) -> str:
    case = Case("A", method, dict(given), {"forward": D(1)}, "exact", Where())  # type: ignore[arg-type]
    error = check_case(case).error
    return "" if error is None else f"{error} {error.next_step}"


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        ("spot_cny_per_usd", "7.19"), ("spot", "7.14"),
    ],
)  # fmt: skip
def test_a_quote_as_banks_write_it_is_not(name: str, rate: str) -> None:
    assert told("cip_simple", **{name: D(rate), **FORWARD}) == ""
