"""Names outside the vocabulary: read where the figures prove them, told, and else refused."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from offing.cases.checking import Checked, check_case
from offing.cases.phrases import likeness
from offing.cases.reading import Case, read_cases
from offing.cases.readings import answer_names, figures
from offing.cases.words import methods
from offing.terms.errors import Where

D = Decimal
SIXTH = Path(__file__).with_name("sixth_examiner.yaml")


def checked(name: str, given: dict[str, object], **expected: object) -> Checked:
    return check_case(Case("A", name, given, expected, "half_up_2", Where()))  # type: ignore[arg-type]


INVOICE: dict[str, object] = {"invoice_net": D(1000), "invoice_rate": "13%", "rebate_rate": "9%"}


def test_a_name_that_is_no_word_is_refused_though_the_figures_hold_without_it() -> None:
    error = checked("er", {**INVOICE, "colour": "red"}, refund=D(90)).error
    assert error is not None
    assert error.key == "check.unknown_word"


def test_a_name_is_read_as_the_word_that_the_figures_prove() -> None:
    given: dict[str, object] = {"cif": D(1000), "duty_percentage_rate": "10%", "vat_rate": "20%"}
    assert checked("DE", given, duty=D(100), vat=D(220)).ok
    given = {"receivable_fc": D(360000), "annual_borrowing_cost": "4%", "deposit_rate": "2%",
             "spot": D(7), "days": D(90)}  # fmt: skip
    found = checked("money_market_receivable", given, borrow_fc=D("356435.64"))
    assert (found.ok, found.read) == (True, {"annual_borrowing_cost": "borrow_rate"})


def test_a_name_that_the_figures_do_not_prove_is_refused() -> None:
    given: dict[str, object] = {**INVOICE, "share_of_input_to_cost": "50%"}
    error = checked("er", given, refund=D(45)).error
    assert error is not None
    assert error.key == "check.unknown_word"


@pytest.mark.parametrize("expected", [{"refund": D(0)}, {"cancelled": True}, {"refund": "none"}])
def test_nought_and_yes_prove_nothing(expected: dict[str, object]) -> None:
    nothing = {**INVOICE, "invoice_net": D(0), "colour": "red"}
    error = checked("er", nothing, **expected).error
    assert error is not None


def test_what_contradicts_itself_is_not_read_otherwise() -> None:
    given: dict[str, object] = {"cif": D(1000), "duty_rate": "10%", "import_duty_rate": "12%"}
    error = checked("DE", {**given, "vat_rate": "19%", "colour": "red"}, duty=D(100)).error
    assert error is not None
    assert error.key in ("check.unknown_word", "check.word_twice")


def test_a_method_of_another_name_is_known_by_what_it_gives() -> None:
    given: dict[str, object] = {"amount": D(100000), "pd": "2%", "lgd": "60%", "cover": "90%"}
    found = checked("loss_expected_of_a_buyer", given, uninsured_loss=D(120))
    assert (found.ok, found.name) == (True, "loss_expected_of_a_buyer")
    assert found.read == {"loss_expected_of_a_buyer": "expected_credit_loss"}
    given = {"goods_value": D(1000), "freight": D(100), "duty_rate": "10%", "vat_rate": "20%"}
    assert checked("landed_GB", given, vat=D(242), duty=D(110)).read == {"landed_GB": "GB"}


def test_answers_keep_the_case_s_own_names_and_months() -> None:
    months = [{"export_fob_cny": D(100), "input_tax": D(30)}]
    given: dict[str, object] = {"levy_rate": "13%", "rebate_rate": "10%", "periods": months}
    asked = [{"tax_disallowed_part": D(3), "refund": D(10)}]
    found = checked("ecr_multi", given, periods=asked)
    assert found.ok
    assert found.read == {"tax_disallowed_part": "nondeductible"}
    assert found.got == {"periods": asked}


def test_a_misspelt_word_is_asked_back_and_never_read() -> None:
    given: dict[str, object] = {"amount": D(5000), "rate": "0.1%", "minimm": D(50)}
    error = checked("bank_fee", given, fee=D(50)).error
    assert error is not None
    assert error.key == "check.unknown_word"
    assert "minimum" in (error.expected or "")


def _changed(value: object) -> object:
    """The value with its first figure one per cent higher."""
    if isinstance(value, Decimal) and value:
        return value * D("1.01")
    if isinstance(value, list | dict):
        places = value.items() if isinstance(value, dict) else enumerate(value)
        for place, item in places:
            if (other := _changed(item)) != item:
                changed = {**value} if isinstance(value, dict) else [*value]
                changed[place] = other
                return changed
    return value


def test_no_reading_makes_a_changed_figure_hold() -> None:
    """The cases that need another reading, with a figure one per cent higher."""
    for case in read_cases(SIXTH):
        if check_case(case).read and (expected := _changed(case.expected)) != case.expected:
            wrong = replace(case, expected=expected)  # type: ignore[arg-type]
            assert not check_case(wrong).ok, (case.id, expected)


@pytest.mark.parametrize(
    ("name", "refund", "holds"),
    [("含税采购价", 13_000, True), ("含税采购价", 14_690, False),
     ("不含税采购价", 14_690, True), ("不含税采购价", 13_000, False)],
)  # fmt: skip
def test_with_tax_is_never_read_as_without(name: str, refund: int, holds: bool) -> None:
    """113,000 with 13 % in it is 100,000; a refund of 14,690 takes it for the price without tax."""
    given: dict[str, object] = {name: "11.3万元", "增值税率": "13%", "出口退税率": "13%"}
    assert checked("er", given, 应退增值税=D(refund)).ok is holds


def test_a_name_much_like_one_answer_is_not_read_as_another() -> None:
    gives = methods()["spread_cost"].gives
    case = Case("A", "spread_cost", {}, {"spread_cost_today": D(1)}, "exact", Where())
    asked = answer_names(case, gives)
    assert asked["spread_cost_today"][0] == "spread_cost"
    assert "round_trip_cost" not in asked["spread_cost_today"]


def test_a_figure_of_many_digits_says_beside_known_ones_which_answer_it_is() -> None:
    """Of three digits, or where no other answer is known, a name that is like none is refused."""
    given: dict[str, object] = {"invoice_net": D(12345), "invoice_rate": "13%", "rebate_rate": "9%"}
    found = checked("er", given, refund=D("1111.05"), qzx=D("493.80"))
    assert (found.ok, found.read) == (True, {"qzx": "cost_addition"})
    assert not checked("er", given, qzx=D("493.80")).ok
    assert not checked("er", given, refund=D("1111.05"), qzx=D("493.81")).ok
    assert not checked("er", INVOICE, refund=D(90), qzx=D(40)).ok


def test_an_answer_heard_and_missed_is_tried_as_another() -> None:
    """In India the total duty has the integrated tax in it."""
    given: dict[str, object] = {"assessable_value": D(1000), "bcd_rate": "10%", "sws_rate": "10%",
                                "igst_rate": "18%"}  # fmt: skip
    assert checked("IN", given, bcd=D(100), total_duty=D(110)).ok
    found = checked("IN", given, bcd=D(100), total_duty=D("309.80"))
    assert (found.ok, found.read) == (True, {"total_duty": "total_taxes"})
    assert not checked("IN", given, bcd=D(100), total_duty=D("199.80")).ok


@pytest.mark.parametrize(("asked", "figure"), [("spread_pips", 382), ("spread_percent", "0.54")])
def test_an_answer_may_be_in_the_units_that_its_name_says(asked: str, figure: object) -> None:
    given: dict[str, object] = {"bid": D("7.0800"), "ask": D("7.1182"), "amount": D(1000)}
    assert checked("spread_cost", given, **{asked: D(str(figure))}).ok
    assert not checked("spread_cost", given, **{asked: D(str(figure)) * 10}).ok


def test_names_are_like_by_what_they_say_and_not_by_what_every_name_has() -> None:
    assert likeness("statistics_rate", "statistical_fee") > 0
    assert likeness("qzx_rate", "duty_rate") == likeness("qzx_usd", "price_usd") == 0
    assert likeness("留抵税额", "opening_credit") > 0


def test_how_many_digits_prove_a_reading() -> None:
    assert [figures(value) for value in (D(0), D("0.050"), D(120), D("3698.63"))] == [0, 1, 2, 6]
    assert figures({"days": ["2026-01-15"]}) > figures({"used": True}) == 0


def test_a_method_of_fillers_alone_is_what_bears_that_name() -> None:
    """福费廷 says nothing by itself, as 截止 does, which stands before the claim's calendar."""
    bill: dict[str, object] = {
        "amount": D(100000),
        "rate": "6%",
        "days": D(60),
        "day_count": D(360),
    }
    found = checked("福费廷", bill, discount=D(1000))
    assert (found.ok, found.read) == (True, {})


def test_a_value_in_dollars_is_brought_home_before_its_risk_is_told() -> None:
    given: dict[str, object] = {"value_usd": D(1000), "spot": D(7), "sigma_daily": "1%", "z": D(2)}
    assert checked("var_single", given, var_home=D(140)).ok


def test_a_fee_in_the_only_money_of_a_case_is_in_that_money() -> None:
    given: dict[str, object] = {"amount_cny": D(80000), "rate": "0.1%", "min": D(50)}
    assert checked("bank_fee", given, fee_cny=D(80)).ok


def test_a_half_is_a_half_after_a_division_and_its_inverse() -> None:
    """7.11 × 1.085 = 7.71435."""
    given: dict[str, object] = {"usd_cny_bid": D("7.09"), "usd_cny_ask": D("7.11"),
                                "eur_usd_bid": D("1.084"), "eur_usd_ask": D("1.085")}  # fmt: skip
    found = check_case(
        Case("A", "cross_rate", given, {"eur_cny_ask": D("7.7144")}, "half_up_4", Where())  # type: ignore[arg-type]
    )
    assert found.ok


def test_tonnes_of_the_shipment_count_for_a_component_by_the_tonne() -> None:
    part = {"kind": "mip", "price": D(950), "unit": "t"}
    given: dict[str, object] = {"cif": D(20000), "weight_t": D(25), "components": [part]}
    assert checked("duty_expression", given, duty=D(3750)).ok
