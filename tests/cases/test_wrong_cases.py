"""Cases that contradict themselves or cannot be: refused, each with its reason, not computed."""

from decimal import Decimal
from typing import Any

import pytest

from offing.cases.checking import check_case
from offing.cases.given import Case
from offing.terms.errors import Where

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
