"""Worked cases by hand: what few exercises ask for, and what is refused beside what is not."""

from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from offing.cases import words
from offing.cases.checking import Checked, answers_of, check_case
from offing.cases.given import Case, Value
from offing.cases.inputs import Inputs
from offing.cli.app import run as run_cli
from offing.terms.errors import InputError, Where
from shared_data import shared

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
    # --- money of settlement
    ("cip_simple", {"spot_home_per_fc": 7.0, "points": 350, "point_size": 0.0001, "days": 90,
     "day_count": 360}, {"forward": 7.035, "points": 0.035, "premium": 0.005,
     "premium_annual": 0.02}),
    ("forward_receivable", {"receivable_fc": 100, "forward_home_per_fc": 7.0, "fees_home": 3,
     "fee_rate": 0.01}, {"hedged_home": 700, "home_at_maturity": 690, "forward": 7.0}),
    ("forward_payable", {"payable_fc": 100, "forward_home_per_fc": 7.0, "fees_home": 3},
     {"home_at_maturity": 703}),
    ("partial_hedge", {"receivable_fc": 100, "hedge_ratio": 0.25, "forward_home_per_fc": 7.0,
     "spot_at_maturity_home_per_fc": 6.0},
     {"hedged_home": 175, "unhedged_home": 450, "home_at_maturity": 625, "forward": 7.0}),
    ("option_receivable", {"receivable_fc": 100, "strike_home_per_fc": 7.0, "premium_home": 10,
     "spot_at_maturity_home_per_fc": 7.0},
     {"home_at_maturity": 690, "exercised": False, "break_even_spot": 6.9}),
    ("option_receivable", {"receivable_fc": 100, "strike_home_per_fc": 7.0, "premium_home": 10,
     "premium_interest": 0.036, "days": 100, "spot_at_maturity_home_per_fc": 6.0},
     {"home_at_maturity": 689.9, "exercised": True}),
    ("option_payable", {"payable_fc": 100, "strike_home_per_fc": 7.0, "premium_home": 10,
     "spot_at_maturity_home_per_fc": 7.5},
     {"home_at_maturity": 710, "exercised": True, "break_even_spot": 7.1}),
    ("portfolio_sigma", {"exposures": [300, 100], "sigmas": [0.04, 0.04], "rho": 1, "days": 4,
     "z": 2, "mean": 0.01}, {"sigma_p": 0.04, "var_pct": 0.16, "worst_pct": -0.12,
     "var_home": 64, "worst_home": -48}),
    ("spread_cost", {"bid": 7.0, "ask": 7.2, "amount": 100},
     {"mid": 7.1, "spread": 0.2, "spread_cost": 10, "round_trip_cost": 20}),
    ("spread_cost", {"bid": 7.0, "ask": 7.2}, {"spread_cost": 0.1, "spread_rate": 0.03}),
    ("currency_choice", {"offers": [
        {"currency": "USD", "amount": 100, "forward": 7.0, "fees": 20, "fee_rate": 0.01},
        {"currency": "EUR", "amount": 90, "spot": 8.0}, {"currency": "CNY", "amount": 680}]},
     {"best": "EUR", "best_home": 720, "advantage": 40}),
    ("finance_cost", {"amount": 36000, "rate": 0.05, "months": 3, "premium": 0.01},
     {"finance_cost": 450, "total_cost": 810}),
    ("finance_cost", {"amount": 36000, "rate": 0.05, "years": 2, "day_count": 365},
     {"finance_cost": 3600}),
    ("expected_credit_loss", {"amount": 1000, "pd": 0.1, "lgd": 0.5, "cover": 0.8, "premium": 3},
     {"expected_loss": 13, "uninsured_loss": 10, "premium": 3}),
    ("discount", {"amount": 1000, "rate": 0.072, "days": 45, "grace_days": 5, "commission": 2},
     {"discount": 10, "proceeds": 988, "fee": 2}),
    ("discount", {"amount": 1010, "yield": 0.072, "days": 50}, {"proceeds": 1000, "discount": 10}),
    ("broken_date", {"near_days": 30, "far_days": 90, "days": 45, "near_points": 100,
     "far_points": 300, "point_size": 0.0001, "spot": 7.0}, {"points": 150, "forward": 7.015}),
    ("broken_date", {"near_days": 30, "far_days": 90, "days": 90, "near_points": 100,
     "far_points": 300, "point_size": 0.0001, "spot": 7.0}, {"points": 300}),
    ("broken_date", {"near_days": 30, "far_days": 90, "days": 30, "near_points": 100,
     "far_points": 300, "point_size": 0.0001, "spot": 7.0}, {"points": 100}),
    ("netting", {"receivable_fc": 100, "payable_fc": 130, "spot_home_per_fc": 7},
     {"net_fc": -30, "offset_fc": 100, "net_home": -210, "offset_home": 700}),
    ("bank_fees", {"fee_lines": [{"amount": 1000, "rate": 0.01}, {"flat": 5}]},
     {"fee": 15, "total_cost": 15}),
    # --- refunds
    ("surtax", {"tax_raw": -50, "ecr": 30, "location": "county"},
     {"refund": 30, "carry_forward": 20, "exempt_credit": 0, "vat_payable": 0, "surtax_total": 0}),
    ("input_transfer", {"input_tax": 100, "exempt_sales": 30, "other_sales": 70,
     "exempt_input_tax": 4}, {"input_transfer_out": 34, "exempt_share": 0.3, "deductible": 70}),
    ("input_transfer", {"input_tax": 100, "exempt_sales": 30, "total_sales": 30},
     {"input_transfer_out": 100, "deductible": 0}),
    ("er", {"invoice_tax": 13, "invoice_rate": 0.13, "rebate_rate": 0.09},
     {"base": 100, "input_tax": 13, "refund": 9, "cost_addition": 4}),
    ("er", {"invoice_tax": 13, "invoice_net": 100, "rebate_rate": 0.09}, {"refund": 9}),
    ("er", {"unit_price_net": 5, "quantity": 20, "vat_rate": 0.13, "rebate_rate": 0.13},
     {"refund": 13, "total_refund": 13}),
    ("taxable_export", {"export_fob_cny": 1130, "rate": 0.13, "input_tax": 30,
     "opening_credit": 10}, {"output_tax": 130, "taxable_sales": 1000, "vat_payable": 90}),
    ("ecr", {"lines": [{"levy_rate": 0.13, "rebate_rate": 0.09, "export_fob_cny": 100},
     {"levy_rate": 0.13, "rebate_rate": 0.09, "export_fob_cny": 200}], "exempt_material": 50,
     "input_tax": 60}, {"nondeductible": 10, "ecr": 22.5, "refund": 22.5}),
    # --- trade
    ("ddp_to_cif", {"ddp": 1320, "duty_rate": 0.1, "vat_rate": 0.2, "insurance": 5, "freight": 95},
     {"cif": 1000, "duty": 100, "vat": 220, "cfr": 995, "fob": 900, "dap": 1000}),
    ("ddp_to_cif", {"ddp": 1340, "destination_charges": 20, "duty_rate": 0.1, "vat_rate": 0.2,
     "premium_rate": 0.01}, {"cif": 1000, "cfr": 989, "dap": 1020}),
    ("preference", {"customs_value": 1000, "mfn_rate": 0.1, "preferential_rate": 0.04,
     "compliance_cost": 60}, {"saving": 60, "net_saving": 0, "use_preference": False,
     "break_even_margin": 0.06}),
    ("preference", {"customs_value": 1000, "mfn_rate": 0.1, "preferential_rate": 0.04,
     "compliance_cost": 59.5}, {"net_saving": 0.5, "use_preference": True}),
    ("export_margin", {"fob": 100, "purchase": 565, "vat_rate": 0.13, "rebate_rate": 0.13,
     "fee_rate_on_purchase": 0.02, "fx": 7}, {"rebate": 65, "fees": 11.3, "total_cost": 511.3,
     "revenue": 700, "profit": 188.7, "margin_on_revenue": 0.27}),
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
    ("input_transfer", {"input_tax": 1, "exempt_sales": 31, "total_sales": 30},
     {"deductible": 1}, "check.bad_input"),
    ("input_transfer", {"input_tax": 1, "exempt_sales": 0, "total_sales": 0},
     {"deductible": 1}, "check.bad_input"),
    ("broken_date", {"near_days": 30, "far_days": 90, "days": 91, "near_points": 100,
     "far_points": 300, "spot": 7.0}, {"points": 1}, "check.bad_input"),
    ("broken_date", {"near_days": 30, "far_days": 90, "days": 29, "near_points": 100,
     "far_points": 300, "spot": 7.0}, {"points": 1}, "check.bad_input"),
    ("broken_date", {"near_days": 30, "far_days": 30, "days": 30, "near_points": 100,
     "far_points": 300, "spot": 7.0}, {"points": 1}, "check.bad_input"),
    ("spread_cost", {"bid": 7.3, "ask": 7.2}, {"mid": 1}, "check.bad_input"),
    ("currency_choice", {"offers": [{"currency": "CNY", "amount": 680}]}, {"best": "CNY"},
     "check.missing_input"),
    ("ecr", {"lines": [{"levy_rate": 0.13, "rebate_rate": 0.09, "export_fob_cny": 100},
     {"levy_rate": 0.13, "rebate_rate": 0.13, "export_fob_cny": 200}], "exempt_material": 50,
     "input_tax": 60}, {"ecr": 1}, "check.material_of_no_group"),
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


def test_every_word_of_a_share() -> None:
    said = {"35%": "0.35", "35 percent": "0.35", "35 per cent": "0.35", "35‰": "0.035",
            "35 per mille": "0.035", "35 basis points": "0.0035", "35bps": "0.0035",
            "35 bp": "0.0035", "35个基点": "0.0035"}  # fmt: skip
    for text, share in said.items():
        found = words.parse_number(text)
        assert found is not None
        assert (found.number, found.share, found.unit, found.currency) == (
            Decimal(share), True, "", ""
        ), text  # fmt: skip


def test_how_many_of_a_unit_a_case_has() -> None:
    """Tonnes are a thousand kilograms; both must agree; a quantity counts where its unit fits."""

    def count(words: str, unit: str = "kg", written: str = "", **given: str) -> Decimal:
        inputs: Any = SimpleNamespace(
            vocabulary=SimpleNamespace(words=words.split()), where=None, case="X",
            number=lambda word: Decimal(given[word]), has=lambda word: word in given,
            unit_written=lambda word: written,
            missing=lambda word: InputError("x.missing", word=word),
            error=lambda key, **values: InputError(key, **values),
        )  # fmt: skip
        return Inputs.count_of(inputs, unit)

    words = "weight_kg weight_t quantity"
    assert count(words, weight_kg="1500") == count(words, weight_t="1.5") == 1500
    assert count(words, weight_kg="1500", weight_t="1.5", quantity="9") == 1500
    assert count(words, written="kg", quantity="9") == 9
    assert count("quantity", "item", quantity="4") == 4
    with pytest.raises(InputError) as twice:
        count(words, weight_kg="1500", weight_t="1.6")
    assert (twice.value.values["first"], twice.value.values["second"]) == ("weight_kg", "weight_t")
    for wanted, written in ((words, ""), ("weight_kg", "kg")):
        with pytest.raises(InputError) as missing:
            count(wanted, written=written, quantity="9")
        assert missing.value.values["word"] == "weight_kg"
    with pytest.raises(InputError) as missing:
        count("quantity", quantity="9")
    assert missing.value.values["word"] == "kg"


@pytest.mark.parametrize(
    ("spot", "asked", "so"),
    [
        (None, ("home", "fc"), True), (None, ("fc", "home"), False), (None, ("cny", "usd"), True),
        (("usd", "eur"), ("usd", "eur"), True), (("usd", "eur"), ("eur", "usd"), False),
        (("cny", "usd"), ("usd", "fc"), True), (("cny", "usd"), ("usd", "eur"), False),
    ],
)  # fmt: skip
def test_a_rate_is_quoted_as_an_answer_asks(
    spot: tuple[str, str] | None, asked: tuple[str, str], so: bool
) -> None:
    inputs: Any = SimpleNamespace(
        vocabulary=SimpleNamespace(words=["spot"] if spot else []), pair_of=lambda _: spot,
        home=frozenset(("home", "cny")),
    )  # fmt: skip
    assert Inputs.is_quoted_so(inputs, asked) is so


D = Decimal


def answers(model: str, **inputs: object) -> dict[str, Value]:
    case = Case("A", model, inputs, {}, "exact", Where())  # type: ignore[arg-type]
    return answers_of(case)[0]


def test_given_cases_hold() -> None:
    assert run_cli(["check", str(shared("..", "cases", "landed_cost_cases.yaml"))]) == 0


def test_new_zealand_as_its_customs_service_shows() -> None:
    """fyi.org.nz, NZ Customs, example 2: 1,000 and 100 carriage, 5 % duty, 15 % GST."""
    found = answers("NZ", customs_value=D(1000), transport_insurance=D(100), duty_rate=D("0.05"),
                    gst_rate=D("0.15"))  # fmt: skip
    assert (found["duty"], found["vat_base"], found["vat"]) == (50, 1150, D("172.5"))


def test_state_tax_of_brazil_with_everything_in_it() -> None:
    found = answers("BR", cif=D(1000), ii_rate=D("0.14"), ipi_rate=D("0.1"), pis_rate=D("0.021"),
                    cofins_rate=D("0.0965"), icms_rate=D("0.18"))  # fmt: skip
    # 1000 + 140 + 114 + 21 + 96.5 = 1371.5; × 0.18 / 0.82
    assert found["ipi"] == 114
    assert round(D(str(found["icms"])), 4) == D("301.0610")


@pytest.mark.parametrize(
    ("more", "duty"),
    [
        ({"combine": "max"}, "53"),
        ({"combine": "min"}, "20"),
        ({}, "73"),
        ({"duty_min": D(80)}, "80"),
        ({"duty_max": D(60)}, "60"),
    ],
)
def test_mixed_and_bounded_duties(more: dict[str, object], duty: str) -> None:
    parts = [
        {"kind": "ad_valorem", "rate": D("0.053")},
        {"kind": "specific", "amount": D("0.2"), "quantity": D(100), "unit": "kg"},
    ]
    found = answers("duty_expression", customs_value=D(1000), components=parts, **more)
    assert found["duty"] == D(duty)


@pytest.mark.parametrize(
    ("model", "inputs"),
    [
        ("AU", {}),
        ("US", {"entered_value": D(1), "mode": "balloon"}),
        ("US", {"entered_value": D(1), "additional_rates": D(1)}),
        ("rvc", {"fob": D(0), "materials": []}),
        ("export_margin", {"fob": D(1)}),
        ("duty_expression", {"components": [{"kind": "guess"}]}),
    ],
)
def test_careless_cases_are_told(model: str, inputs: dict[str, object]) -> None:
    with pytest.raises(InputError):
        answers(model, **inputs)


def test_limits_and_sums_of_any_charge() -> None:
    """What one country's fee has, each charge has: a least, a greatest, a sum in its place."""
    least = answers("AU", customs_value=D(1000), gst_rate=D("0.1"), gst_min=D(150))
    greatest = answers("DE", customs_value=D(1000), vat_rate=D("0.2"), vat_max=D(90))
    in_place = answers("US", entered_value=D(1000), mpf=D(40), mode="air")
    assert (least["vat"], greatest["gst"], in_place["mpf"]) == (150, 90, 40)
    assert answers("IN", cif=D(1000), bcd=D(77))["duty"] == 77


def test_a_union_of_many_rates_asks_for_the_rate_or_the_member() -> None:
    with pytest.raises(InputError, match="vat_rate"):
        answers("CIF_VAT", goods_value=D(1000))
    assert answers("EU", goods_value=D(1000), country="DEU")["vat"] == 190
