"""What a case does not say: held to what its own figures prove, told, and else as is usual."""

from decimal import Decimal
from pathlib import Path

import pytest

from offing.cases.checking import Checked, check_case
from offing.cases.reading import Case
from offing.cli.app import run
from offing.terms.errors import Where

D = Decimal


def checked(name: str, given: dict[str, object], **expected: object) -> Checked:
    return check_case(Case("A", name, given, expected, "half_up_2", Where()))  # type: ignore[arg-type]


BLOUSES: dict[str, object] = {"cif": D("105.45"), "duty_rate": "10%", "vat_rate": "20%"}


def test_each_charge_rounded_before_the_next_is_read_from_the_figures() -> None:
    """10.545 and 23.199: 33.744 together; as a customs notice adds them, 10.55 + 23.20 = 33.75."""
    plain = checked("GB", BLOUSES, total_taxes=D("33.74"))
    assert (plain.ok, plain.ways) == (True, {})
    cents = checked("GB", BLOUSES, duty=D("10.55"), total_taxes=D("33.75"))
    assert (cents.ok, cents.ways) == (True, {"each_charge": "rounded"})
    assert not checked("GB", BLOUSES, total_taxes=D("33.76")).ok


def test_a_year_of_365_days_is_proven_where_the_case_does_not_say() -> None:
    loan: dict[str, object] = {"amount": D(365000), "rate": "5%", "days": D(30)}
    assert checked("finance_cost", loan, interest=D("1520.83")).ways == {}
    assert checked("finance_cost", loan, interest=D(1500)).ways == {"day_count": "365"}
    said = {**loan, "day_count": D(360)}
    assert not checked("finance_cost", said, interest=D(1500)).ok


@pytest.mark.parametrize(
    ("loss", "way"), [("1645", None), ("1644.85", "exact"), ("1650", "two_places")]
)
def test_the_quantile_of_95_per_cent_is_the_printed_one_or_what_the_loss_proves(
    loss: str, way: str | None
) -> None:
    given: dict[str, object] = {"value_home": D(100000), "sigma_daily": "1%", "confidence": "95%"}
    found = checked("var_single", given, var_home=D(loss))
    assert (found.ok, found.ways) == (True, {"quantile": way} if way else {})


def test_a_preference_without_a_word_of_its_proof_is_read_from_the_duty() -> None:
    given: dict[str, object] = {
        "cif": D(1000),
        "mfn_rate": "8%",
        "fta_rate": "2%",
        "vat_rate": "10%",
    }
    assert checked("KR", given, duty=D(20), vat=D(102)).ways == {"proof_of_origin": "yes"}
    assert checked("KR", given, duty=D(80), vat=D(108)).ways == {"proof_of_origin": "no"}
    error = checked("KR", given, duty=D(50), vat=D(105)).error
    assert error is not None
    assert error.key == "check.missing_input"


def test_a_charge_that_the_rules_do_not_know_is_of_what_its_figures_prove() -> None:
    given: dict[str, object] = {"fob": D(900), "freight": D(90), "insurance": D(10),
                                "duty_rate": "10%", "vat_rate": "20%",
                                "pier_levy_rate": "1%"}  # fmt: skip
    for levy, vat, way in ((D(10), D(222), None), (D(10), D(220), "value_beside"),
                           (D(9), D("221.8"), "goods"), (D(1), D("220.2"), "duty")):  # fmt: skip
        found = checked("CL", given, pier_levy=levy, duty=D(100), vat=vat)
        assert found.ok, way
        assert found.read == {"pier_levy_rate": "additional_rates"}
        assert found.ways == ({"base_of_pier_levy": way} if way else {})
    assert checked("CL", given, pier_levy=D(7), duty=D(100), vat=D(220)).error is not None
    assert checked("CL", given, duty=D(100), vat=D(222)).error is not None  # nobody asks for it


def test_a_convention_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "cases.yaml"
    inputs = "{amount: 365000, rate: 0.05, days: 30}"
    file.write_text(f"- id: ONE\n  method: finance_cost\n  inputs: {inputs}\n"
                    "  expected: {interest: 1500}\n  rounding: half_up_2\n")  # fmt: skip
    assert run(["check", str(file)]) == 0
    assert "ONE: what it does not say, as its figures prove it: a year of 365" in (
        capsys.readouterr().out
    )
    assert run(["--lang", "zh", "check", str(file)]) == 0
    assert "一年按 365 天计" in capsys.readouterr().out
    assert run(["check", str(file), "--json"]) == 0
    assert '"conventions": {"day_count": "365"}' in capsys.readouterr().out


def test_a_further_duty_of_a_short_name_is_the_anti_dumping_duty() -> None:
    given: dict[str, object] = {"cif": D(1000), "duty_rate": "6%", "vat_rate": "20%"}
    for ad in ({"additional_rates": {"ad": D("0.2")}}, {"ad_rate": D("0.2")}):
        found = checked("GB", {**given, **ad}, anti_dumping=D(200), vat=D(252))
        assert found.ok, found


def test_the_export_of_spring_2019_with_the_old_refund_has_no_gap_below_nothing() -> None:
    month: dict[str, object] = {"levy_rate": "13%", "rebate_rate": "16%", "export_fob_cny": D(300),
                                "input_tax": D(70), "export_date": "2019-06-30"}  # fmt: skip
    found = checked("ecr", month, nondeductible=D(0), ecr=D(48), tax_raw=D(-70), refund=D(48))
    assert found.ok, found
    assert checked("ecr", {**month, "export_date": "2019-07-01"}, ecr=D(48)).error is not None


def test_points_of_yen_are_hundredths() -> None:
    given: dict[str, object] = {"spot": D("156.20"), "r_price": "0.75%", "r_base": "3.9%",
                                "days": D(180)}  # fmt: skip
    found = checked("cip_simple", given, forward=D("153.79"), swap_points=D("-241.31"))
    assert found.ok, found


def test_the_fee_of_each_line_is_answered_by_its_name() -> None:
    given: dict[str, object] = {"amount": D(480000), "negotiation_rate": "0.125%",
                                "negotiation_min": D(200), "swift_fee": D(250)}  # fmt: skip
    found = checked("lc_cost", given, negotiation_fee=D(600), swift_fee=D(250), fee=D(850))
    assert found.ok, found


def test_factoring_is_a_discount_of_the_part_that_is_advanced() -> None:
    given: dict[str, object] = {"invoice": D(600000), "advance_rate": "80%", "rate": "5%",
                                "days": D(90), "commission_rate": "1.2%"}  # fmt: skip
    found = checked("factoring", given, advance=D(480000), interest=D(6000), reserve=D(120000),
                    commission=D(7200), proceeds=D(466800), total_cost=D(13200))  # fmt: skip
    assert found.ok, found


def test_the_answer_that_rests_on_a_standing_charge_says_so() -> None:
    """Pakistan's income tax is on the value with the value addition tax in it."""
    given: dict[str, object] = {"import_value": D(1000), "customs_duty_rate": "20%",
                                "sales_tax_rate": "18%", "income_tax_rate": "6%"}  # fmt: skip
    assert checked("PK", given, income_tax=D("87.12")).charged == ("value_addition_tax 36.00",)


def test_a_charge_on_the_excise_and_the_steps_of_the_law() -> None:
    given: dict[str, object] = {"cif": D(800), "duty_rate": "20%", "excise_rate": "25%",
                                "interior_tax_rate": "10%", "vat_rate": "7%"}  # fmt: skip
    found = checked("PH", given, excise=D(240), interior_tax=D(24), vat=D("85.68"))
    assert (found.ok, found.ways) == (True, {"base_of_interior_tax": "excise"})
    goods: dict[str, object] = {
        "cif": D(3000000),
        "duty_rate": "6.3%",
        "consumption_tax_rate": "10%",
    }
    assert checked("JP", goods, consumption_tax=D(318800)).ways == {}
    assert checked("JP", goods, consumption_tax=D(318900)).ways == {"each_charge": "plain"}


def test_a_part_of_an_invoice_and_a_certificate_with_its_duty() -> None:
    rates: dict[str, object] = {"invoice_rate": "13%", "rebate_rate": "13%"}
    bought: dict[str, object] = {"invoice_net": D(120000), "purchase_quantity": D(400)}
    found = checked("er", {**rates, **bought, "export_quantity": D(250)}, refund=D(9750))
    assert found.ok, found
    error = checked("er", {**rates, **bought, "export_quantity": D(401)}, refund=D(15639)).error
    assert error is not None
    again = {**rates, "customs_value": D(88000), "customs_duty": D(8800)}
    assert checked("er", again, refund=D(12584)).ok


def test_a_duty_within_a_share_of_the_value() -> None:
    weight = {"kind": "specific", "amount": D("20.6"), "quantity": D(9000), "per": D(100)}
    parts = [{"kind": "ad_valorem", "rate": D("0.144")}, weight]
    given: dict[str, object] = {"customs_value": D(30000), "components": parts}
    assert checked("duty_expression", {**given, "duty_max_rate": "18.7%"}, duty=D(5610)).ok
    assert checked("duty_expression", {**given, "duty_min_rate": "25%"}, duty=D(7500)).ok


def test_the_content_of_a_price_ex_works_has_the_way_to_the_port_in_it() -> None:
    given: dict[str, object] = {"exw": D(72), "inland": D(3), "vnm": D(33)}
    assert checked("rvc", given, rvc_build_down=D("0.56")).ok


def test_a_charge_on_all_that_the_value_added_tax_is_of() -> None:
    """Mexico's fee is in the base of both."""
    given: dict[str, object] = {"customs_value": D(600000), "igi_rate": "35%", "dta_rate": "0.8%",
                                "ieps_rate": "8%", "iva_rate": "16%"}  # fmt: skip
    found = checked("MX", given, ieps=D("65184"), iva=D("140797.44"))
    assert (found.ok, found.ways) == (True, {"base_of_ieps": "taxed"})


def test_an_answer_that_is_read_otherwise_keeps_its_rounding() -> None:
    given: dict[str, object] = {"spot": D("7.115"), "cny_rate": "1.55%", "usd_rate": "4.3%",
                                "months": D(3)}  # fmt: skip
    asked = {"forward": D("7.0666"), "relative_premium": D("-0.0068")}
    rounding = {"forward": "half_up_4", "relative_premium": "half_up_4"}
    found = check_case(Case("A", "cip_simple", given, asked, rounding, Where()))  # type: ignore[arg-type]
    assert (found.ok, found.read) == (True, {"relative_premium": "premium"})


def test_amounts_in_parts_are_laid_together_where_the_figures_prove_it() -> None:
    month: dict[str, object] = {"levy_rate": "13%", "rebate_rate": "10%", "input_tax": D(52),
                                "direct_export_fob_cny": D(260),
                                "agency_export_fob_cny": D(90)}  # fmt: skip
    found = checked("ecr", month, nondeductible=D("10.5"), tax_raw=D("-41.5"), ecr=D(35))
    word = "export_fob_cny"
    assert found.read == {"direct_export_fob_cny": word, "agency_export_fob_cny": word}
    assert not checked("ecr", month, nondeductible=D("10.6"), tax_raw=D("-41.4"), ecr=D(35)).ok
    costs: dict[str, object] = {"customs_value": D(45000), "mfn_rate": "8%",
                                "preferential_rate": "2%", "certificate_cost": D(300),
                                "guarantee_cost": D(120)}  # fmt: skip
    found = checked("preference", costs, saving=D(2700), net_saving=D(2280))
    assert found.read == {"guarantee_cost": "certificate_cost"}


def test_an_amount_as_a_table_of_its_parts_is_their_sum() -> None:
    tax = {"materials": D(30), "power": D(6), "freight": D(2)}
    month: dict[str, object] = {"levy_rate": "13%", "rebate_rate": "9%", "input_tax": tax}
    assert checked("ecr", {**month, "export_fob_cny": D(300)}, tax_raw=D(-26), ecr=D(27)).ok


def test_goods_returned_to_the_supplier_and_surtaxes_let_off() -> None:
    line = {"invoice_net": D(200000), "invoice_rate": "13%", "rebate_rate": "13%"}
    assert checked("er", {"lines": [line], "returned_net": D(50000)}, refund=D(19500)).ok
    error = checked("er", {"lines": [line, line], "returned_net": D(50000)}, refund=D(45500)).error
    assert error is not None
    taxes: dict[str, object] = {"tax_raw": D(15), "ecr": D(60), "relief_share": "50%"}
    assert checked("surtax", taxes, surtax_total=D("4.5"), urban_tax=D("2.625")).ok


def test_a_compound_duty_of_flat_names() -> None:
    given: dict[str, object] = {"entered_value": D(9500), "weight_kg": D(1200), "mode": "air",
                                "specific_duty_per_kg": D("0.35"), "mfn_rate": "6%"}  # fmt: skip
    assert checked("US", given, base_duty=D(990)).ok


def test_a_credit_insurance_and_a_buyer_s_credit() -> None:
    cover: dict[str, object] = {"insured_amount": D(1500000), "premium_rate": "0.45%",
                                "indemnity_rate": "90%", "loss": D(500000)}  # fmt: skip
    found = checked("credit_insurance", {**cover, "deductible": D(20000)}, premium=D(6750),
                    indemnity=D(432000), retained_loss=D(68000),
                    net_recovery=D(425250))  # fmt: skip
    assert found.ok, found
    assert checked("credit_insurance", {**cover, "loss": D(1600000)}, indemnity=D(1)).error
    credit: dict[str, object] = {"contract_amount": D(2000000), "advance_payment_rate": "15%",
                                 "annual_rate": "5.5%", "days": D(360)}  # fmt: skip
    found = checked("buyers_credit", credit, financed_amount=D(1700000), interest=D(93500))
    assert found.ok, found


def test_the_whole_spread_is_told() -> None:
    quotes: dict[str, object] = {"amount": D(120000), "bid": D("8.215"), "ask": D("8.255")}
    assert checked("spread_cost", quotes, spread_cost=D(4800)).ways == {"spread": "whole"}
    assert checked("spread_cost", quotes, spread_cost=D(2400)).ways == {}
    one_way = checked("spread_cost", {**quotes, "round_trip": False}, spread_cost=D(4800))
    assert not one_way.ok


def test_a_duty_by_value_and_by_quantity_is_combined_and_never_half_of_it() -> None:
    """Shoes at 30 % or 4,300 yen a pair: 900,000 and 1,290,000; with 200 pairs 860,000."""
    given: dict[str, object] = {"cif": D(3000000), "duty_rate": "30%", "duty_per_pair": D(4300)}
    many, few = {**given, "pairs": D(300)}, {**given, "pairs": D(200)}
    assert checked("JP", {**many, "take": "higher"}, duty=D(1290000)).unused == ()
    assert checked("JP", {**few, "take": "higher"}, duty=D(900000)).ok
    assert checked("JP", {**few, "take": "lower"}, duty=D(860000)).ok
    assert checked("JP", few, duty=D(900000)).ways == {"combine": "max"}
    assert checked("JP", few, duty=D(1760000)).ways == {"combine": "sum"}
    error = checked("JP", few, duty=D(880000)).error
    assert error is not None
    assert error.key == "check.missing_input"


def test_a_delivered_price_has_the_costs_after_the_border_in_it() -> None:
    given: dict[str, object] = {"ddp": D(15000), "destination_charges": D(400),
                                "brokerage": D(100), "duty_rate": "12%",
                                "vat_rate": "0"}  # fmt: skip
    found = checked("ddp_to_cif", given, cif=D("12946.43"), dap=D("13346.43"))
    assert found.ok, found


def test_a_cost_in_foreign_money_is_told_at_home_at_the_spot() -> None:
    given: dict[str, object] = {"receivable_fc": D(400000), "spot": D("7.10"), "rate": "4%",
                                "days": D(75)}  # fmt: skip
    found = checked("finance_cost", given, finance_cost=D("3333.33"),
                    finance_cost_home=D("23666.67"))  # fmt: skip
    assert found.ok, found


def test_two_foreign_moneys_one_of_them_without_a_name() -> None:
    """A value in foreign money at fx, and a least duty in euro at its own rate."""
    given: dict[str, object] = {"cif_fc": D(10000), "fx": D(92), "rub_per_eur": D(100),
                                "duty": "10%, but not less than 2 EUR/kg",
                                "weight_kg": D(500)}  # fmt: skip
    assert checked("RU", given, customs_value=D(920000), duty=D(100000)).ok


def test_what_a_cost_comes_to_as_a_share() -> None:
    fee: dict[str, object] = {"amount": D(15000), "rate": "0.125%", "min": D(200)}
    assert checked(
        "bank_fee", {**fee, "amount": D(16000)}, fee=D(200), effective_rate=D("0.0125")
    ).ok
    bill: dict[str, object] = {
        "amount": D(100000),
        "rate": "4%",
        "days": D(180),
        "commission": D(500),
    }
    found = checked("discount", bill, proceeds=D(97500), effective_annual_rate=D("0.05128205128"))
    assert found.ok, found
    risk: dict[str, object] = {"amount": D(500000), "pd": "3%", "lgd": "60%", "cover": "90%"}
    assert checked("expected_credit_loss", risk, gross_loss=D(9000), retained_loss=D(900)).ok


def test_what_a_hedge_brought_more_and_its_points() -> None:
    given: dict[str, object] = {"receivable_fc": D(600000), "hedge_ratio": "50%",
                                "forward": D("7.05"), "spot": D("7.1"),
                                "spot_at_maturity": D("6.95")}  # fmt: skip
    found = checked("partial_hedge", given, gain_vs_unhedged=D(30000), forward_points=D("-0.05"))
    assert found.ok, found


def test_a_share_of_an_invoice_that_was_exported() -> None:
    given: dict[str, object] = {"invoice_rate": "13%", "rebate_rate": "10%",
                                "purchase_net": D(150000), "export_share": "60%"}  # fmt: skip
    assert checked("er", given, refund=D(9000), cost_addition=D(2700)).ok


def test_a_value_of_one_of_the_case_s_own_charges() -> None:
    given: dict[str, object] = {"entered_value": D(150000), "mfn_rate": "2.5%", "mode": "air",
                                "additional_rates": {"s232_copper": D("0.5")},
                                "copper_value": D(60000)}  # fmt: skip
    found = checked("US", given, base_duty=D(3750), additional_duty=D(30000))
    assert (found.ok, found.read) == (True, {"copper_value": "s232_copper_value"})
    whole = checked("US", given, base_duty=D(3750), additional_duty=D(75000))
    assert (whole.read, whole.unused) == ({}, ("copper_value",))  # it has no part, and is told


def test_the_bank_s_margin_is_the_customer_s_loss_on_either_side() -> None:
    points: dict[str, object] = {"spot": D("7.0950"), "points_pips": D(-310), "margin_pips": D(15)}
    sold = checked("forward_receivable", {**points, "receivable_fc": D(1000)}, forward=D("7.0625"))
    assert sold.ok, sold
    bought = checked("forward_payable", {**points, "payable_fc": D(1000)}, forward=D("7.0655"))
    assert bought.ok, bought
