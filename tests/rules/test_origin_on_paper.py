"""Origin by hand: RCEP's two formulas, its change of tariff code, its tolerance (art. 3.5, 3.7)."""

from decimal import Decimal

import pytest

from offing.rules.origin import Material, preference_gain, regional_value, tariff_shift
from offing.terms.errors import InputError

D = Decimal


def value(
    originating: str, outside: str, *, other: str = "0", fob: str = "100"
) -> tuple[object, ...]:
    parts = [Material("CHN", D(originating)), Material("IND", D(outside))]
    found = regional_value(D(fob), parts, other_originating=D(other))
    return found.build_down, found.build_up, found.qualifies


def test_build_down_and_build_up() -> None:
    parts = [Material("CHN", D(30)), Material("THA", D(20)), Material("IND", D(10))]
    alone = regional_value(D(100), parts)
    assert (alone.build_down, alone.build_up) == (D("0.7"), D("0.3"))
    with_thailand = regional_value(D(100), parts, other_originating=D(15), parties=("CHN", "THA"))
    assert (with_thailand.build_down, with_thailand.build_up) == (D("0.9"), D("0.65"))
    assert regional_value(D("0.5"), []).build_down == 1
    assert regional_value(D("0.5"), []).build_up == 0


def test_forty_per_cent_are_enough_by_either_formula() -> None:
    assert value("0", "60") == (D("0.4"), 0, True)
    assert value("0", "60.01")[2] is False
    assert value("10", "90", other="30") == (D("0.1"), D("0.4"), True)
    assert value("10", "90", other="29.99")[2] is False


@pytest.mark.parametrize("fob", ["0", "-1"])
def test_a_price_of_nothing_is_refused(fob: str) -> None:
    with pytest.raises(InputError):
        value("0", "0", fob=fob)
    with pytest.raises(InputError):
        tariff_shift("741980", "CTH", D(fob), [])


@pytest.mark.parametrize(
    ("material", "rules"),
    [
        ("740811", "CTH CTSH"),  # another heading of the same chapter
        ("741910", "CTSH"),  # another subheading of the same heading
        ("741980", ""),
        ("720110", "CC CTH CTSH"),
    ],
)
def test_the_digits_that_a_rule_asks_for(material: str, rules: str) -> None:
    part = Material("IND", D(50), material)
    for rule in ("CC", "CTH", "CTSH"):
        found = tariff_shift("7419.80", rule.lower(), D(100), [part])
        assert found.qualifies is (rule in rules.split()), rule
        assert found.unshifted == (() if found.qualifies else (part,))
        own = tariff_shift("741980", rule, D(100), [Material("CHN", D(50), material)])
        assert own.qualifies
        assert own.value_share == 0


def test_ten_per_cent_of_the_value_need_not_change() -> None:
    def shift(*worth: str) -> tuple[object, bool]:
        parts = [Material("IND", D(each), "741980") for each in worth]
        found = tariff_shift("741980", "CTH", D(200), parts)
        return found.value_share, found.qualifies

    assert shift("15", "5") == (D("0.1"), True)
    assert shift("20.02") == (D("0.1001"), False)
    assert tariff_shift("741980", "CC", D("0.5"), []).qualifies


@pytest.mark.parametrize(
    ("chapter", "kg", "weighed"),
    [("49", "1", False), ("50", "1", True), ("63", "1", True), ("64", "1", False),
     ("61", "1.01", False)],
)  # fmt: skip
def test_textiles_may_go_by_weight(chapter: str, kg: str, weighed: bool) -> None:
    part = Material("IND", D(90), f"{chapter}0100", D(kg))
    found = tariff_shift(f"{chapter}0200", "CC", D(100), [part], kg=D(10))
    assert found.value_share == D("0.9")
    assert found.qualifies is weighed
    if weighed:
        assert found.weight_share == D("0.1")


def test_a_weight_that_is_not_known_is_none() -> None:
    known, unknown = Material("IND", D(90), "610100", D(1)), Material("IND", D(1), "610100")
    assert tariff_shift("610200", "CC", D(100), [known, unknown], kg=D(10)).weight_share is None
    assert tariff_shift("610200", "CC", D(100), [known]).weight_share is None
    both = tariff_shift("610200", "CC", D(100), [known, known], kg=D(10))
    assert (both.weight_share, both.qualifies) == (D("0.2"), False)


@pytest.mark.parametrize(
    ("code", "rule"), [("741980", "CTX"), ("741", "CTH"), ("74198x", "CTSH"), ("74198", "CTSH")]
)
def test_another_rule_and_too_short_a_code_are_refused(code: str, rule: str) -> None:
    with pytest.raises(InputError):
        tariff_shift(code, rule, D(100), [])


def test_a_preference_that_does_not_pay_is_worth_nothing() -> None:
    # 10,000 at 5 instead of 8 per cent saves 300
    assert preference_gain(D(10000), D("0.08"), D("0.05"), D(120)) == 180
    assert preference_gain(D(10000), D("0.08"), D("0.05"), D(300)) == 0
    assert preference_gain(D(10000), D("0.08"), D("0.05"), D(301)) == 0
