"""Quotes whose level is that of their inverse are asked about."""

from decimal import Decimal

import pytest

from offing.cases.checking import Checked, check_case
from offing.cases.given import Case, Value
from offing.cases.inputs import is_upside_down
from offing.terms.errors import Where

D = Decimal


@pytest.mark.parametrize(
    ("price", "priced", "rate", "asked"),
    [
        ("usd", "eur", "0.92", True),
        ("usd", "eur", "0.96", False),  # September 2022: below one, and so it was
        ("usd", "aud", "1.5", True),
        ("cad", "usd", "1.0", False),  # 2011
        ("cny", "usd", "7.1", False),
        ("usd", "eur", "0", False),
    ],
)
def test_levels(price: str, priced: str, rate: str, asked: bool) -> None:
    assert is_upside_down((price, priced), D(rate)) is asked


def checked(**given: Value) -> Checked:
    inputs: dict[str, Value] = {**given, "second_cny_per_usd": D("7.1")}
    expected: dict[str, Value] = {"cross_cny_per_eur": D("7.668")}
    return check_case(Case("A", "cross_rate", inputs, expected, "exact", Where()))


def test_a_case_is_not_reckoned_with_a_rate_that_is_turned_over() -> None:
    assert checked(first_usd_per_eur=D("1.08")).ok
    for value in (D("0.92"), "0.92"):
        error = checked(first_usd_per_eur=value).error
        assert error is not None
        assert error.key == "check.upside_down"
        assert "1.0870" in str(error.next_step)


FORWARD = {"tenor_days": D(180), "cny_rate": D("0.0185"), "usd_rate": D("0.042")}


def told(method: str, **given: object) -> str:
    case = Case("A", method, dict(given), {"forward": D(1)}, "exact", Where())  # type: ignore[arg-type]
    error = check_case(case).error
    return "" if error is None else f"{error} {error.next_step}"


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        ("spot_cny_per_usd", "7.19"), ("spot", "7.14"),
    ],
)  # fmt: skip
def test_a_quote_as_banks_write_it_is_not(name: str, rate: str) -> None:
    assert told("cip_simple", **{name: D(rate), **FORWARD}) == ""
