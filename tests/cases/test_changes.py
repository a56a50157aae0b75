"""Cases of a change: counted before and after it; and what the tenth examiner found besides."""

from decimal import Decimal

import pytest

from offing.cases.checking import Checked, check_case
from offing.cases.reading import Case
from offing.cases.states import changed
from offing.cases.weighted import net_name
from offing.terms.errors import Where

D = Decimal
MONTH: dict[str, object] = {
    "levy_rate": D("0.13"),
    "export_fob_cny": D(1000),
    "exempt_material": D(300),
}


def checked(name: str, given: dict[str, object], **expected: object) -> Checked:
    return check_case(Case("A", name, given, expected, "half_up_2", Where()))  # type: ignore[arg-type]


def two_rates(before: str, after: str) -> dict[str, object]:
    return {**MONTH, before: D("0.13"), after: D("0.09")}


@pytest.mark.parametrize(
    "marks", [("rebate_rate_before", "rebate_rate_after"), ("old_rebate_rate", "new_rebate_rate"),
              ("rebate_rate", "new_rebate_rate")]
)  # fmt: skip
def test_both_sides_of_a_change_and_what_it_costs(marks: tuple[str, str]) -> None:
    """700 x (13 - 9) per cent cannot be deducted any more: 28."""
    found = checked(
        "ecr_nondeductible_only",
        two_rates(*marks),
        nondeductible_before=D(0),
        nondeductible_after=D(28),
        nondeductible_increase=D(28),
    )
    assert found.error is None
    assert (found.ok, dict(found.read)) == (True, {})


def test_a_difference_of_another_name_is_what_its_figure_proves_and_is_told() -> None:
    given = two_rates("rebate_rate_before", "rebate_rate_after")
    found = checked("ecr_nondeductible_only", given, cost_increase=D(28))
    assert (found.ok, dict(found.read)) == (True, {"cost_increase": "nondeductible_change"})
    assert not checked("ecr_nondeductible_only", given, cost_increase=D(29)).ok


def test_a_wrong_difference_of_a_known_answer_is_shown() -> None:
    given = two_rates("rebate_rate_before", "rebate_rate_after")
    found = checked("ecr_nondeductible_only", given, nondeductible_change=D(27))
    assert (found.ok, found.error, found.got) == (False, None, {"nondeductible_change": D(28)})


def test_an_additional_input_tax_is_more_of_it() -> None:
    given: dict[str, object] = {"levy_rate": D("0.13"), "rebate_rate": D("0.13"),
                                "export_fob_cny": D(200), "domestic_output_tax": D(13),
                                "input_tax": D(30), "additional_input_tax": D(4)}  # fmt: skip
    found = checked("ecr", given, refund_before=D(17), refund_after=D(21), refund_change=D(4))
    assert found.ok, found.got


def test_a_case_of_one_time_is_no_change() -> None:
    assert changed(Case("A", "ecr", dict(MONTH), {}, "exact", Where())) is None  # type: ignore[arg-type]


def test_a_commission_in_the_price_is_no_receipt() -> None:
    given: dict[str, object] = {"cif": D(100), "commission_rate": "5%", "freight": D(10),
                                "insurance": D(1), "purchase_gross_cny": D(565), "vat_rate": "13%",
                                "rebate_rate": "13%", "fx_bid": D(7)}  # fmt: skip
    assert checked("export_margin", given, fob=D(84)).ok
    assert not checked("export_margin", given, fob=D(89)).ok


def test_a_buying_commission_is_not_in_the_customs_value_and_a_royalty_is() -> None:
    given: dict[str, object] = {"goods_value": D(1000), "royalty": D(50),
                                "buying_commission": D(30), "duty": "10%",
                                "vat": "20%"}  # fmt: skip
    found = checked("GB", given, customs_value=D(1050), duty=D(105))
    assert (found.ok, found.unused) == (True, ("buying_commission",))
    whole: dict[str, object] = {"customs_value": D(1050), "royalty": D(50), "duty_rate": "10%"}
    assert checked("US", whole, duty=D(105)).ok, "a customs value has it already"


@pytest.mark.parametrize(("day", "holds"), [("2025-10-15", True), ("2026-08-01", False)])
def test_the_unions_limit_of_small_consignments_frees_while_it_stands(
    day: str, *, holds: bool
) -> None:
    given: dict[str, object] = {"country": "IT", "entry_date": day, "goods_value": D(120),
                                "freight": D(15), "duty_rate": "12%", "vat": "22%"}  # fmt: skip
    found = checked("EU", given, duty=D(0), vat=D("29.70"))
    assert found.ok is holds
    assert found.ways == ({"low_value": "free"} if holds else {})
    assert checked("EU", given, duty=D("16.20"), vat=D("33.26")).ways == {}


def test_an_excise_inside_its_own_base_is_read_where_the_figures_prove_it() -> None:
    given: dict[str, object] = {"cif": D(800), "duty_rate": "12.5%", "excise_rate": "25%",
                                "vat_rate": "10%"}  # fmt: skip
    plain = checked("VN", given, excise=D(225), vat=D("112.50"))
    assert (plain.ok, plain.ways) == (True, {})
    inside = checked("VN", given, excise=D(300), vat=D(120))
    assert (inside.ok, inside.ways) == (True, {"inside_excise": "own"})


def test_a_local_tax_on_a_tax_or_on_the_value() -> None:
    given: dict[str, object] = {"cif": D(1000000), "duty_rate": "0%",
                                "national_consumption_tax_rate": "7.8%"}  # fmt: skip
    of_tax = given | {"local_consumption_tax_rate": "28.2051282051%"}
    found = checked("JP", of_tax, local_consumption_tax=D(22000))
    assert found.ok
    assert "rate_of_local_consumption_tax" not in found.ways
    of_value = given | {"local_consumption_tax_rate": "2.2%"}
    ways = checked("JP", of_value, local_consumption_tax=D(22000)).ways
    assert ways["rate_of_local_consumption_tax"] == "value"


@pytest.mark.parametrize(("side", "rate"), [("put", "1.28"), ("call", "1.32")])
def test_a_put_and_a_call_break_even_on_either_side_of_the_strike(side: str, rate: str) -> None:
    given = {"option": side, "strike": D("1.30"), "premium_per_fc": D("0.02")}
    assert checked("option_breakeven", given, breakeven=D(rate)).ok
    error = checked("option_breakeven", {**given, "option": "swap"}, breakeven=D(rate)).error
    assert error is not None
    assert error.key == "check.bad_input"
    unsaid = {name: value for name, value in given.items() if name != "option"}
    error = checked("option_breakeven", unsaid, breakeven=D(rate)).error
    assert error is not None
    assert error.key == "check.missing_input"


def test_who_nets_with_himself_is_refused_and_every_party_has_its_net() -> None:
    rows = [{"from": "FR", "to": "MX", "amount": D(6)}, {"from": "MX", "to": "FR", "amount": D(4)}]
    given: dict[str, object] = {"payments": rows}
    found = checked("multilateral_netting", given, net_fr=D(-2), net_mx=D(2), net_flow=D(2))
    assert found.ok, found.got
    assert net_name("FR") == "net_fr"
    own: dict[str, object] = {"payments": [{"from": "FR", "to": "FR", "amount": D(6)}]}
    error = checked("multilateral_netting", own, net_flow=D(6)).error
    assert error is not None
    assert error.key == "check.bad_input"


def test_three_quotes_that_do_not_meet_are_refused() -> None:
    given: dict[str, object] = {"capital_usd": D(100), "usd_per_gbp": D("1.6"),
                                "usd_per_eur": D("1.1"), "cny_per_usd": D(7)}  # fmt: skip
    error = checked("triangular_arbitrage", given, profit=D(1)).error
    assert error is not None
    assert error.key == "check.no_common_currency"
