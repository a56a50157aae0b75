"""Worked cases by hand: what few exercises ask for, and what is refused beside what is not."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from offing.cases.checking import Checked, check_case
from offing.cases.inputs import Value
from offing.cases.reading import Case
from offing.terms.errors import Where

HERE = Where(Path("cases.yaml"), 3)


def value(given: Any) -> Value:
    if isinstance(given, int | float) and not isinstance(given, bool):
        return Decimal(str(given))
    if isinstance(given, dict):
        return {name: value(inner) for name, inner in given.items()}
    return [value(inner) for inner in given] if isinstance(given, list) else given


def run(method: str, inputs: dict[str, Any], expected: dict[str, Any]) -> Checked:
    return check_case(Case("X", method, value(inputs), value(expected), "half_up_2", HERE))  # type: ignore[arg-type]


VALUE_DATES = [
    # Monday 5 January 2026; spot on Wednesday the 7th
    ({"trade_date": "2026-01-05", "tenor": "1Y"}, "2027-01-07"),
    ({"trade_date": "2026-01-05", "tenor": "2y"}, "2028-01-07"),
    ({"trade_date": "2026-01-05", "tenor": "3M"}, "2026-04-07"),
    ({"trade_date": "2026-01-05", "tenor": "2W"}, "2026-01-21"),
    ({"trade_date": "2026-01-05", "tenor": "10D"}, "2026-01-19"),  # the 17th is a Saturday
    ({"trade_date": "2026-01-05", "months": 1, "days": 5}, "2026-02-12"),
    ({"trade_date": "2026-01-05", "months": 0, "days": 5}, "2026-01-12"),
    ({"trade_date": "2026-01-05", "months": 1, "settle_days": 0}, "2026-02-05"),
    ({"trade_date": "2026-01-05", "months": 1, "settle_days": 1}, "2026-02-06"),
    ({"trade_date": "2026-01-05", "months": 1, "holidays": ["2026-01-06"]}, "2026-02-09"),
    # spot is Friday 30 January, the month's last working day: so is the end
    ({"trade_date": "2026-01-28", "months": 1}, "2026-02-27"),
    ({"trade_date": "2026-01-28", "months": 2}, "2026-03-31"),
    ({"trade_date": "2026-01-28", "days": 10}, "2026-02-09"),
    # spot is Thursday the 29th, and no end of a month
    ({"trade_date": "2026-01-27", "months": 2}, "2026-03-30"),
]


@pytest.mark.parametrize(("inputs", "due"), VALUE_DATES)
def test_value_dates(inputs: dict[str, Any], due: str) -> None:
    found = run("value_date", inputs, {"value_date": due})
    assert found.error is None
    assert found.ok, found.got


ANSWERS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    # 1,000 at 10 % less a discount of 100: 90 of duty on 900
    ("duty_expression", {"price": 1000, "discount": 100, "duty_rate": 0.1},
     {"duty": 90, "total_cost": 990, "ave": 0.1}),
    ("duty_expression", {"unit_price": 5, "quantity": 200, "duty_rate": 0.1},
     {"duty": 100, "total_cost": 1100}),
    ("duty_expression", {"customs_value": 1000, "components": [
        {"kind": "ad_valorem", "rate": 0.1}, {"kind": "amount", "amount": 40}]}, {"duty": 140}),
    ("duty_expression", {"customs_value": 1000, "components": [
        {"kind": "ad_valorem", "rate": 0.1}, {"kind": "amount", "amount": 40}],
        "combine": "min"}, {"duty": 40}),
    ("duty_expression", {"customs_value": 1000, "components": [
        {"kind": "mip", "price": 6, "quantity": 200, "unit": "kg"}]}, {"duty": 200}),
    ("duty_expression", {"customs_value": 1000, "components": [
        {"kind": "specific", "amount": 30, "per": 100, "quantity": 250, "unit": "kg"}]},
     {"duty": 75}),
    ("duty_expression", {"customs_value": 1000, "duty_rate": 0.1, "duty_min": 150}, {"duty": 150}),
    ("duty_expression", {"customs_value": 1000, "duty_rate": 0.1, "duty_max": 50}, {"duty": 50}),
    # a collar from 6.9 to 7.1; what it costs comes off what is received, and on what is paid
    ("collar_receivable", {"receivable_fc": 100, "put_strike_home_per_fc": 6.9,
     "call_strike_home_per_fc": 7.1, "spot_at_maturity_home_per_fc": 6.5, "premium_home": 5},
     {"home_at_maturity": 685, "exercised": True}),
    ("collar_receivable", {"receivable_fc": 100, "put_strike_home_per_fc": 6.9,
     "call_strike_home_per_fc": 7.1, "spot_at_maturity_home_per_fc": 7.0, "premium_home": 5},
     {"home_at_maturity": 695, "exercised": False}),
    ("collar_payable", {"payable_fc": 100, "put_strike_home_per_fc": 6.9,
     "call_strike_home_per_fc": 7.1, "spot_at_maturity_home_per_fc": 7.5, "premium_home": 5},
     {"home_at_maturity": 715, "exercised": True}),
    # who may choose the day gets the worse end
    ("window_receivable", {"receivable_fc": 100, "forward_start_home_per_fc": 7.0,
     "forward_end_home_per_fc": 6.9}, {"home_at_maturity": 690}),
    ("window_payable", {"payable_fc": 100, "forward_start_home_per_fc": 7.0,
     "forward_end_home_per_fc": 6.9}, {"home_at_maturity": 700}),
    # 10,000 of freight at half a share, and 1 % of what lands in India's customs value
    ("UK", {"currency": "GBP", "goods_value": 1000, "freight": 100, "insurance": 0,
     "freight_share": 0.5, "duty_rate": 0.1, "vat_rate": 0.2},
     {"customs_value": 1050, "duty": 105, "freight": 50}),
    ("UK", {"currency": "GBP", "exw": 1000, "inland": 40, "export_clearance": 10, "freight": 100,
     "insurance": 0, "duty_rate": 0.1, "vat_rate": 0.2}, {"customs_value": 1150, "duty": 115}),
    ("UK", {"currency": "GBP", "cif": 1000, "freight": 100, "insurance": 10, "duty_rate": 0.1,
     "vat_rate": 0.2}, {"customs_value": 1000, "fob": 890, "cif": 1000}),
    # one of 100 is a share of what the whole costs
    ("UK", {"currency": "GBP", "cif": 1000, "duty_rate": 0.1, "vat_rate": 0.2, "quantity": 100},
     {"total_taxes": 320, "total_cost": 1320, "per_unit": 13.2, "effective_rate": 0.32,
      "ave": 0.1}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "inputs", "expected"), ANSWERS)
def test_answers_by_hand(method: str, inputs: dict[str, Any], expected: dict[str, Any]) -> None:
    found = run(method, inputs, expected)
    assert found.error is None, str(found.error)
    assert found.ok, (found.expected, found.got)
    assert found.unused == ()


REFUSED: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("collar_receivable", {"receivable_fc": 100, "put_strike_home_per_fc": 7.2,
     "call_strike_home_per_fc": 7.1, "spot_at_maturity_home_per_fc": 6.5, "premium_home": 5},
     {"home_at_maturity": 1}, ""),
    ("value_date", {"trade_date": "2026-01-05", "tenor": "3Q"}, {"value_date": "x"}, ""),
    ("value_date", {"trade_date": "2026-01-05", "months": 1.5}, {"value_date": "x"},
     "cli.bad_given"),
    ("duty_expression", {"customs_value": 1000, "components": [{"kind": "odd", "rate": 0.1}]},
     {"duty": 1}, "landed.bad_choice"),
    ("duty_expression", {"customs_value": 1000, "components": [{"rate": 0.1}, {"rate": 0.2}],
     "combine": "mean"}, {"duty": 1}, "landed.bad_choice"),
    ("nonsense", {}, {"x": 1}, "check.unknown_method"),
    ("bank_fee", {"amount": 1, "rat": 0.1}, {"fee": 1}, "check.unknown_word"),
    ("bank_fee", {"amount": 1, "rate": 0.1}, {"fea": 1}, "check.unknown_answer"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "inputs", "expected", "key"), REFUSED)
def test_what_cannot_be_answered_says_why_and_where(
    method: str, inputs: dict[str, Any], expected: dict[str, Any], key: str
) -> None:
    found = run(method, inputs, expected)
    assert not found.ok
    assert found.error is not None
    assert key in (found.error.key, "")
    assert found.error.where == HERE
    assert found.misses == tuple(expected)


@pytest.mark.parametrize(
    ("duty", "of", "refused"),
    [(1, 10_000, True), (0.5, 10_000, False), (12, 1_000, True), (150, 1_000, False)],
)
def test_a_duty_of_few_units_of_money_may_be_per_cent(duty: float, of: int, refused: bool) -> None:
    found = run("UK", {"currency": "GBP", "cif": of, "duty": duty, "vat_rate": 0.2}, {"duty": 1})
    assert (found.error is not None and found.error.key == "check.small_sum") is refused, str(
        found.error
    )
