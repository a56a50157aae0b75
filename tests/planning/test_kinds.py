"""What kind of change a move is, how often a gain is one, and when an entry has paid back."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from offing.planning.moves import chance, kinds_of, payback
from offing.planning.offers import Offer

TODAY = Offer("m", "DEU", "p", "l", "own", "EUR", 100.0, True, True, 2.0)


@pytest.mark.parametrize(
    ("changes", "units", "kinds"),
    [
        ({}, 1.0, ["grow"]),
        ({}, 0.0, ["shrink"]),
        ({}, -1.0, ["shrink"]),
        ({"plant": "q"}, 1.0, ["other_plant"]),
        ({"line": "k"}, 1.0, ["other_plant"]),
        ({"currency": "USD"}, 1.0, ["other_currency"]),
        ({"brand": "buyer"}, 1.0, ["other_brand"]),
        ({"price_usd": 120.0}, 1.0, ["dearer"]),
        ({"price_usd": 80.0}, 1.0, ["cheaper"]),
        ({"price_usd": 100.0 + 1e-12}, 1.0, ["grow"]),
        ({"plant": "q", "price_usd": 80.0}, 1.0, ["other_plant", "cheaper"]),
    ],
)
def test_what_changes_between_two_offers(
    changes: dict[str, Any], units: float, kinds: list[str]
) -> None:
    assert kinds_of(TODAY, replace(TODAY, **changes), units, sold=True) == kinds


def test_markets_that_are_left_and_entered() -> None:
    assert kinds_of(TODAY, None, -5.0, sold=True) == ["leave"]
    assert kinds_of(None, None, -5.0, sold=False) == ["leave"]
    assert kinds_of(None, TODAY, 5.0, sold=False) == ["enter"]
    assert kinds_of(None, TODAY, 5.0, sold=True) == ["grow"]  # it sold there without the model


def test_when_an_entry_has_paid_back() -> None:
    """100 are paid; 60 a year, not discounted, bring them back in 1 + 40 / 60 years."""
    programme: Any = SimpleNamespace(offers=SimpleNamespace(discount=np.array([0.9, 0.8, 0.7])))
    discount = programme.offers.discount

    def paid(*yearly: list[float], once: float = 100.0) -> tuple[float | None, float | None]:
        cash = np.array([[-once, *(np.array(row) * discount)] for row in yearly])
        return payback(programme, cash)

    assert paid([60.0, 60, 60]) == pytest.approx((1 + 40 / 60, 1.0))
    assert paid([100.0, 0, 0]) == pytest.approx((1.0, 1.0))
    assert paid([200.0, 0, 0], [50.0, 50, 50], [1.0, 1, 1]) == pytest.approx((1.25, 2 / 3))
    assert paid([10.0, 10, 10]) == (None, 0.0)
    assert paid([10.0, 10, 10], once=0.0) == (None, None)


def test_how_often_a_difference_is_a_gain() -> None:
    assert chance(np.array([1.0, -1.0, 2.0, 3.0])) == 0.75
    assert chance(np.array([0.0, 0.0, 2.0, -3.0])) == 0.5
    assert chance(np.zeros(4)) == 0.5
    assert chance(np.array([1e9, 1e-9])) == 0.75  # the second is rounding
