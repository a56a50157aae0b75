"""Cases in tables of their own and in rows, and what the thirteenth examiner found besides."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from offing.cases.checking import Checked, check_case
from offing.cases.reading import Case
from offing.cli.app import run
from offing.terms.errors import Where

D = Decimal


def exact(value: Any) -> Any:
    """Numbers as a file of cases has them."""
    if isinstance(value, dict):
        return {name: exact(one) for name, one in value.items()}
    if isinstance(value, list):
        return [exact(one) for one in value]
    return value if isinstance(value, str | bool | None) else D(str(value))


def checked(name: str, given: dict[str, Any], rounding: str = "half_up_2", **asked: Any) -> Checked:
    return check_case(Case("A", name, exact(given), exact(asked), rounding, Where()))


def test_the_two_sides_of_a_quote_may_stand_below_it() -> None:
    given = {"usd_cny": {"bid": 7.1, "ask": 7.12}, "eur_usd": {"bid": 1.08, "ask": 1.081}}
    assert checked("cross_rate", given, "half_up_4", eur_cny_bid=7.668, eur_cny_ask=7.6967).ok
    assert not checked("cross_rate", given, "half_up_4", eur_cny_bid=7.68, eur_cny_ask=7.6967).ok


LANDED = {"currency": "EUR", "goods_value": 1000, "duty_rate": 0.1, "vat_rate": 0.2}


def test_an_amount_for_a_unit_and_a_quantity_are_multiplied_and_never_added() -> None:
    """They were: 200 a tonne of 40 tonnes was 240."""
    given = LANDED | {"anti_dumping": {"amount_per_tonne": 200, "tonnes": 40}}
    assert checked("CIF_VAT", given, anti_dumping=8000, duty=100, vat=1820).ok
    assert not checked("CIF_VAT", given, anti_dumping=240, duty=100, vat=268).ok
    given = LANDED | {"excise": {"per_litre": 1.5, "litres": 1200}}
    assert checked("CIF_VAT", given, excise=1800).ok


def test_amounts_of_two_currencies_are_not_added() -> None:
    given = {"levy_rate": 0.13, "rebate_rate": 0.09, "input_tax": 10}
    found = checked("ecr", given | {"export_fob": {"usd": 100, "eur": 50}}, nondeductible=6)
    assert found.error is not None
    assert checked("ecr", given | {"export_fob": {"own": 100, "agency": 50}}, nondeductible=6).ok


def test_what_stands_below_a_heading_keeps_its_name() -> None:
    given = {"levy_rate": 0.13, "rebate_rate": 0.09, "export": {"fob": 100, "currency": "USD"},
             "fx": 7, "domestic": {"sales": 200, "rate": 0.13}, "input_tax": 90}  # fmt: skip
    assert checked("ecr", given, nondeductible=28, tax_raw=-36, refund=36).ok


def test_names_that_clash_below_two_headings_are_refused() -> None:
    given = {"spot": 7.1, "home": {"days": 90}, "abroad": {"days": 180}, "r_price": 0.02,
             "r_base": 0.04, "day_count": 360}  # fmt: skip
    found = checked("cip_simple", given, "half_up_4", forward=7.0651)
    assert found.error is not None


def test_a_bound_of_a_duty_may_be_an_amount_for_so_many() -> None:
    """10 % MIN 22 EUR/100 kg MAX 56 EUR/100 kg of 30 tonnes worth 45,000: 6,600."""
    bounds = {"per": 100, "unit": "kg", "quantity": 30000}
    given = {"customs_value": 45000, "duty_rate": 0.1, "duty_min": {"amount": 22, **bounds},
             "duty_max": {"amount": 56, **bounds}}  # fmt: skip
    assert checked("duty_expression", given, duty=6600).ok
    assert not checked("duty_expression", given, duty=4500).ok


def test_rows_of_numbers_are_the_lists_that_a_method_reads() -> None:
    rows = [{"currency": "USD", "value_home": 300, "sigma_daily": 0.03},
            {"currency": "EUR", "value_home": 400, "sigma_daily": 0.03}]  # fmt: skip
    given = {"positions": rows, "rho": 0, "z": 2, "days": 1}
    assert checked("var_portfolio", given, var_home=30, var_undiversified=42).ok
    assert not checked("var_portfolio", given, var_home=31, var_undiversified=42).ok


OPTION = {"receivable_fc": 100, "strike": 7, "premium_per_fc": 0.05}
OUTCOMES = [{"spot_at_maturity": 6.8}, {"spot_at_maturity": 7.2}]


@pytest.mark.parametrize(("strong", "total", "ok"), [(715, 1410, True), (716, 1411, False),
                                                     (715, 1411, False)])  # fmt: skip
def test_a_case_of_several_rows_is_each_of_them(strong: int, total: int, ok: bool) -> None:
    rows = [{"home_at_maturity": 695}, {"home_at_maturity": strong}]
    given = OPTION | {"outcomes": OUTCOMES}
    found = checked("option_receivable", given, outcomes=rows, total_home_at_maturity=total)
    assert (found.ok, found.error) == (ok, None)


def test_rows_may_have_names_and_must_have_the_same() -> None:
    given = OPTION | {"outcomes": dict(zip(("weak", "strong"), OUTCOMES, strict=True))}
    asked = {"weak": {"home_at_maturity": 695}, "strong": {"home_at_maturity": 715}}
    assert checked("option_receivable", given, outcomes=asked).ok
    other = dict(zip(("weak", "firm"), asked.values(), strict=True))
    assert not checked("option_receivable", given, outcomes=other).ok


def test_the_kind_of_a_component_is_what_its_words_say_where_the_figures_prove_it() -> None:
    part = {"kind": "price_floor", "price": 1020, "quantity": 50, "unit": "t"}
    given = {"customs_value": 46000, "components": [part]}
    assert checked("duty_expression", given, duty=5000).ways == {"kind": "words"}
    found = checked("duty_expression", given, duty=5100)
    assert found.error is not None
    assert found.error.key == "landed.bad_choice"


@pytest.mark.parametrize(("more", "duty", "ways"), [
    ({}, 280, {}), ({}, 160, {"combine": "max"}), ({}, 120, {"combine": "min"}),
    ({"kind": "mixed"}, 160, {"kind": "words", "combine": "max"}),
    ({"kind": "compound", "combine": "max"}, 160, {}),
])  # fmt: skip
def test_a_component_by_value_and_by_quantity_is_both(
    more: dict[str, str], duty: int, ways: dict[str, str]
) -> None:
    """12 % of 1,000 and 0.40 of each of 400 kg; the amount had been left out in silence."""
    part = {"rate": 0.12, "amount": 0.4, "quantity": 400, "unit": "kg", **more}
    found = checked("duty_expression", {"customs_value": 1000, "components": [part]}, duty=duty)
    assert (found.ok, found.ways) == (True, ways)
    assert not checked(
        "duty_expression", {"customs_value": 1000, "components": [part]}, duty=duty + 1
    ).ok


def test_a_word_without_a_part_may_be_another_that_the_figures_prove() -> None:
    """``other_costs`` is a cost beyond the border; in a value content nobody asks for it."""
    materials = [{"origin": "CN", "value": 30}, {"origin": "US", "value": 60}]
    given = {"fob": 100, "materials": materials, "other_costs": 10, "parties": ["CN"]}
    found = checked("rvc", given, "half_up_4", rvc_build_down=0.4, rvc_build_up=0.4)
    assert found.read == {"other_costs": "other_originating_costs"}
    assert not checked("rvc", given, "half_up_4", rvc_build_down=0.4, rvc_build_up=0.41).ok


def test_goods_that_leave_a_special_zone_have_the_rate_of_that_day() -> None:
    given = {"group": "battery", "zone": "bonded", "declaration_date": "2026-03-27"}
    left = given | {"departure_date": "2026-04-03"}
    assert checked("dated_rate", left, "exact", rebate_rate=0.06).ok
    assert not checked("dated_rate", left, "exact", rebate_rate=0.09).ok
    error = checked("dated_rate", given, "exact", rebate_rate=0.09).error
    assert error is not None
    assert error.values["name"] == "departure_date"


def test_a_line_of_a_group_has_the_rate_of_its_day() -> None:
    lines = [{"export_date": day, "invoice_net": 100, "invoice_rate": 0.13}
             for day in ("2024-11-15", "2026-03-20", "2026-06-15")]  # fmt: skip
    assert checked("er", {"group": "battery", "lines": lines}, refund=28, cost_addition=11).ok


def test_tax_first_and_refund_later_carries_what_is_below_zero() -> None:
    """(500 - 100) x 17 % = 68 less 80 of input tax is carried; 400 x 13 % comes back."""
    given = {"levy_rate": 0.17, "rebate_rate": 0.13, "export_fob_cny": 500, "bonded_material": 100,
             "input_tax": 80}  # fmt: skip
    asked: dict[str, Any] = {"vat_payable": 0, "carry_forward": 12, "refund": 52, "net_tax": -52}
    assert checked("levy_then_refund", given, **asked).ok
    assert not checked("levy_then_refund", given, **asked | {"refund": 65}).ok


def test_of_exports_turned_to_the_home_market_only_those_are_asked() -> None:
    given = {
        "purchase_net": 100,
        "invoice_rate": 0.13,
        "domestic_sales": 120,
        "domestic_rate": 0.13,
    }
    assert checked("export_to_domestic", given, input_credit=13, vat_payable=2.6).ok
    found = checked("export_to_domestic", given | {"export_share": 0.5}, input_credit=6.5)
    assert found.error is not None


def test_an_export_that_is_taxed_like_a_sale_at_home_is_in_the_output_tax() -> None:
    given = {"levy_rate": 0.13, "rebate_rate": 0.13, "export_fob_cny": 500, "input_tax": 40,
             "deemed_domestic_fob_cny": 113}  # fmt: skip
    assert checked("ecr", given, tax_raw=-27, ecr=65, refund=27).ok
    assert not checked("ecr", given, tax_raw=-25.31, ecr=65, refund=25.31).ok


def test_what_a_cash_flow_may_fall_short_by() -> None:
    """60 of 100 sold at 7.05; the rest at 7 (1 - 2 x 10 % x sqrt(1/4)) = 6.3."""
    given = {"receivable_fc": 100, "spot": 7, "forward": 7.05, "hedge_ratio": 0.6, "z": 2,
             "sigma_annual": 0.1, "years": 0.25}  # fmt: skip
    asked: dict[str, Any] = {"hedged_home": 423, "worst_spot": 6.3, "worst_home": 675}
    assert checked("cash_flow_at_risk", given, cfar=28, **asked).ok
    assert checked("cash_flow_at_risk", given | {"budget_rate": 6.9}, cfar=15, **asked).ok
    assert not checked("cash_flow_at_risk", given, cfar=15, **asked).ok
    owed = given | {"payable_fc": 100}
    del owed["receivable_fc"]
    assert checked("cash_flow_at_risk", owed, worst_spot=7.7, worst_home=731, cfar=28).ok


@pytest.mark.parametrize(("rate", "fob", "ways"), [
    (5, 950, {}), (0.05, 999.5, {}), (0.05, 950, {"declared_rate": "share"}),
])  # fmt: skip
def test_a_declared_rate_is_per_cent_or_as_its_figures_prove_a_share(
    rate: float, fob: float, ways: dict[str, str]
) -> None:
    given = {"terms": "CFR", "amount": 1000, "freight": rate, "freight_mark": 1}
    found = checked("fob_conversion", given, fob=fob)
    assert (found.ok, found.ways) == (True, ways)
    assert not checked("fob_conversion", given, fob=fob + 1).ok


def test_what_the_thirteenth_examiner_proves_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    file = Path(__file__).with_name("thirteenth_examiner.yaml")
    for language in ("en", "zh"):
        assert run(["--lang", language, "check", str(file)]) == 0
    assert "the kind of a component is what it gives" in capsys.readouterr().out.replace(
        "\n  ", " "
    )
