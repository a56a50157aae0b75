"""Duties by hand: what a text may be at its edges, and what each kind of duty comes to."""

from datetime import date
from decimal import Decimal

import pytest

from offing.rules.duty import (
    AdValorem,
    Bounded,
    Dutiable,
    Duty,
    MinimumPrice,
    Season,
    Seasonal,
    Specific,
    Sum,
    convert_duty,
    share_of,
)
from offing.rules.duty_text import LONGEST, as_tariffs_write, duty_of_user, measure, parse_duty
from offing.terms.errors import InputError, RuleError

D = Decimal


@pytest.mark.parametrize(
    ("text", "share"),
    [("22/88", "0.25"), ("1/4", "0.25"), ("1", "1"), ("0.5", "0.5"), ("0", "0"), ("150%", "1.5")],
)
def test_a_share_as_a_person_types_it(text: str, share: str) -> None:
    assert share_of(duty_of_user(text)) == D(share)


@pytest.mark.parametrize("text", ["1.01", "1.5", "2", "14"])
def test_a_number_above_one_may_be_either(text: str) -> None:
    with pytest.raises(InputError, match="share or a percentage"):
        duty_of_user(text)


def test_a_text_may_be_four_hundred_letters_long() -> None:
    longest = "10.5%" + " + 1%" * 79
    assert len(longest) == LONGEST == 400
    assert share_of(parse_duty(longest)) == D("0.895")
    with pytest.raises(InputError, match="not understood"):
        parse_duty(longest + "0")
    with pytest.raises(InputError, match="not understood"):
        parse_duty("5%\x07")


@pytest.mark.parametrize(
    "text",
    [
        "10% (01 FOO-31 MAY)", "10% (01 MAY-31 FOO)", "10% (00 JAN-31 MAY)", "10% (01 JAN-32 MAY)",
        "nonsense (01 JAN-31 MAY)", "10% (01 JAN-31 MAY, soon)", "0.30 EUR/parsec", "MIP 5%",
        "10% MIN 1% MIN 2%", "10% MIN nothing",
    ],
)  # fmt: skip
def test_a_part_that_is_no_day_no_unit_and_no_bound_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not understood"):
        parse_duty(text)


def test_a_season_has_its_first_and_its_last_day() -> None:
    duty = parse_duty("10% (01 JAN-31 MAY), 4% (1-30 JUN), 2%")
    assert isinstance(duty, Seasonal)
    days = {(1, 1): 10, (5, 31): 10, (6, 1): 4, (6, 30): 4, (7, 1): 2, (12, 31): 2}
    for (month, day), rate in days.items():
        found = duty.on(date(2026, month, day))
        assert share_of(found) == D(rate) / 100, (month, day)
    assert str(duty) == "10% (01 JAN-31 MAY), 4% (01 JUN-30 JUN), 2%"


def test_a_season_over_new_year() -> None:
    winter = Season((((11, 15), (2, 10)),), AdValorem(D("0.1")))
    for day in (date(2026, 11, 15), date(2026, 12, 31), date(2027, 1, 1), date(2027, 2, 10)):
        assert winter.holds(day)
    for day in (date(2026, 11, 14), date(2027, 2, 11)):
        assert not winter.holds(day)


def test_two_seasons_of_one_day_are_refused_and_so_is_a_day_without_one() -> None:
    may = Season((((5, 1), (5, 31)),), AdValorem(D("0.1")))
    with pytest.raises(RuleError, match="two rates"):
        Seasonal((may, may)).on(date(2026, 5, 1))
    with pytest.raises(RuleError, match="2026-06-01"):
        Seasonal((may,)).on(date(2026, 6, 1))


def goods(**quantities: int) -> Dutiable:
    return Dutiable(D(1000), "EUR", date(2026, 6, 1), {u: D(n) for u, n in quantities.items()})


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("Free", 0),
        ("14%", 140),
        ("93.10 EUR/100 kg", "186.2"),  # 200 kg
        ("4% + 10 EUR/100 kg", 60),
        ("4% MIN 1 EUR/kg", 200),
        ("40% MIN 1 EUR/kg", 400),
        ("40% MAX 1 EUR/kg", 200),
        ("4% MAX 1 EUR/kg", 40),
        ("1% MIN 5% MAX 3%", 30),  # the upper one wins where they cross
        ("MIP 6 EUR/kg", 200),  # 1,200 less the value of 1,000
        ("MIP 5 EUR/kg", 0),
        ("MIP 4 EUR/kg", 0),
    ],
)
def test_amounts_on_a_thousand_euros_of_two_hundred_kilograms(text: str, amount: object) -> None:
    assert parse_duty(text).of(goods(kg=200)) == D(str(amount))


EUROS = Specific(D(2), "EUR", D(1), "kg")
DOLLARS = Specific(D(3), "USD", D(1), "kg")


@pytest.mark.parametrize(
    ("duty", "means"),
    [
        (EUROS, "200 RUB/kg"),
        (Specific(D(7), "RUB", D(1), "kg"), "7 RUB/kg"),
        (AdValorem(D("0.1")), "10%"),
        (Sum((AdValorem(D("0.1")), EUROS, DOLLARS)), "10% + 200 RUB/kg + 240 RUB/kg"),
        (Bounded(AdValorem(D("0.1")), EUROS), "10% MIN 200 RUB/kg"),
        (Bounded(EUROS, None, DOLLARS), "200 RUB/kg MAX 240 RUB/kg"),
        (MinimumPrice(EUROS), "MIP 200 RUB/kg"),
        (Seasonal((Season((((1, 1), (1, 31)),), EUROS),)), "200 RUB/kg (01 JAN-31 JAN)"),
    ],
)
def test_amounts_in_the_importers_currency(duty: Duty, means: str) -> None:
    rates = {"EUR": D(100), "USD": D(80)}
    assert str(convert_duty(duty, "RUB", rates.__getitem__)) == means


def test_the_share_of_a_duty() -> None:
    assert share_of(Sum((AdValorem(D("0.03")), AdValorem(D("0.02"))))) == D("0.05")
    assert share_of(Sum(())) == 0
    assert share_of(Sum((AdValorem(D("0.03")), EUROS))) is None
    assert share_of(EUROS) is None


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("kg", (1, "kg")), ("1 kg", (1, "kg")), ("100 kg", (100, "kg")),
        ("1,000 kg", (1000, "kg")), ("2 doz", (24, "item")), ("12", (12, "item")),
        ("0.5 hl", (50, "l")), ("0 kg", None), ("2 parsec", None), ("parsec", None),
    ],
)  # fmt: skip
def test_how_many_of_which_unit(text: str, means: tuple[int, str] | None) -> None:
    found = measure(text)
    assert found == (means and (D(means[0]), means[1]))


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("10% or 0.5 EUR/kg, whichever is higher", "10% MIN 0.5 EUR/kg"),
        ("10% or 0.5 EUR/kg, whichever is the greater", "10% MIN 0.5 EUR/kg"),
        ("10% or 0.5 EUR/kg, whichever is lower", "10% MAX 0.5 EUR/kg"),
        ("10% or 0.5 EUR/kg, whichever is less", "10% MAX 0.5 EUR/kg"),
        ("10%或每公斤0.5欧元，取较高者", "10% MIN 0.5 EUR/kg"),
        ("10%或每公斤0.5欧元，取低", "10% MAX 0.5 EUR/kg"), ("每100公斤5欧元", "5 EUR/100 kg"),
        ("5欧元/100公斤", "5 EUR/100 kg"), ("5欧元/双", "5 EUR/pair"),
        ("3 percent plus 2 usd per kg", "3% + 2 USD/kg"), ("€2/kg", "2 EUR/kg"),
        ("10% min 2 eur/kg", "10% MIN 2 EUR/kg"), ("usd 2/kg", "2 USD/kg"),
        ("MIP 2 EUR/kg", "MIP 2 EUR/kg"),
    ],
)  # fmt: skip
def test_duties_as_people_write_them(text: str, means: str) -> None:
    assert as_tariffs_write(text) == means


def test_free_is_written_as_a_word_and_one_per_cent_is_not() -> None:
    assert str(AdValorem(D(0))) == "Free"
    assert str(AdValorem(D(1))) == "100%"
    assert str(AdValorem(D("0.01"))) == "1%"
    assert str(Specific(D(5), "EUR", D(1), "kg")) == "5 EUR/kg"
    assert str(Specific(D("5.50"), "EUR", D(100), "kg")) == "5.5 EUR/100 kg"
