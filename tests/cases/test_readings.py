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


@pytest.mark.parametrize(
    ("method", "given", "asked", "near"),
    [
        (
            "forward_receivable",
            {"receivable_usd": 9, "forwrd_cny_per_usd": 7},
            "home_at_maturity",
            "forward_cny_per_usd",
        ),
        (
            "export_margin",
            {"fo_usd": 9, "purchase_net": 9, "vat_rate": 0, "rebate_rate": 0, "fx_bid": 7},
            "revenue_cny",
            "fob_usd",
        ),
        (
            "ZA",
            {"price_fc": 9, "fx_za_per_fc": 7, "duty_rate": 0},
            "customs_value",
            "fx_zar_per_fc",
        ),
    ],
)
def test_a_name_with_one_part_misspelt_is_asked_back(
    method: str, given: dict[str, int], asked: str, near: str
) -> None:
    """Though with it all figures would hold."""
    numbers: dict[str, object] = {name: D(value) for name, value in given.items()}
    error = checked(method, numbers, **{asked: D(63)}).error
    assert error is not None
    assert near in (error.expected or "")


def test_an_answer_is_asked_for_in_any_money_and_for_one_unit() -> None:
    deal: dict[str, object] = {
        "receivable_usd": D(100),
        "forward": D("7.1"),
        "spot": D(7),
        "spot_at_maturity": D("7.2"),
    }
    assert checked("forward_receivable", deal, gain_home=D(-10), gain_fc=D("-1.43")).ok
    goods: dict[str, object] = {
        "cif": D(1000),
        "duty_rate": "10%",
        "vat_rate": "20%",
        "quantity": D(8),
        "weight_kg": D(50),
    }
    assert checked(
        "DE", goods, duty_unit=D("12.5"), duty_per_unit=D("12.5"), vat_per_kg=D("4.4")
    ).ok
    assert not checked("DE", goods, duty_unit=D(100)).ok


def test_interest_has_its_money_anywhere_in_its_name() -> None:
    lent: dict[str, object] = {"receivable_fc": D(10200), "days": D(180), "spot": D(7)}
    for foreign, home in (
        ("borrow_rate_fc", "deposit_rate_home"),
        ("fc_borrow_rate", "cny_deposit_rate"),
        ("usd_rate", "cny_rate"),
    ):
        given = {**lent, foreign: "4%", home: "2%"}
        assert checked("money_market_receivable", given, home_at_maturity=D(70700)).ok, foreign
    both = {
        **lent,
        "borrow_rate_usd": "4%",
        "deposit_rate_usd": "3%",
        "borrow_rate_cny": "5%",
        "deposit_rate_cny": "2%",
    }
    assert checked("money_market_receivable", both, home_at_maturity=D(70700)).ok


def test_what_a_case_gives_may_be_asked_back_in_home_money() -> None:
    given: dict[str, object] = {
        "levy_rate": "13%",
        "rebate_rate": "9%",
        "export_fob_cny": D(900),
        "processing_fob_fc": D(100),
        "fx": D(7),
        "plan_ratio": "50%",
    }
    asked = "ecr_nondeductible_only"
    assert checked(asked, given, processing_fob_cny=D(700), exempt_material=D(350)).ok
    assert not checked(asked, given, processing_fob_cny=D(100), exempt_material=D(350)).ok


def test_answers_of_several_methods_hold_each_by_its_own() -> None:
    given: dict[str, object] = {
        "receivable_usd": D(1000),
        "forward": D("7.05"),
        "strike": D("7.1"),
        "premium_per_fc": D("0.06"),
        "spot": D(7),
        "shock": "-3%",
    }
    found = checked("treasury_note", given, value_after=D(6790), worst_home=D(7040))
    assert (found.ok, found.read) == (
        True,
        {"value_after": "value_after (sensitivity)", "worst_home": "worst_home (option_breakeven)"},
    )
    assert not checked("treasury_note", given, value_after=D(6790), worst_home=D(7041)).ok


def test_amounts_for_one_unit_need_no_quantity_where_all_of_them_are() -> None:
    given: dict[str, object] = {"unit_cost_cny": D("46.8"), "fob_unit_usd": D("7.2")}
    assert checked("break_even_rate", given, break_even_rate=D("6.5")).ok
    mixed = checked(
        "break_even_rate",
        {"total_cost_cny": D(468), "fob_unit_usd": D("7.2")},
        break_even_rate=D("6.5"),
    )
    assert mixed.error is not None
