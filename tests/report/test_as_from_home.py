"""What the price of goods from a second plant has to do with that of goods from home, by hand."""

from typing import Any

import pytest

from offing.planning.elasticity import of_literature
from offing.planning.offering import Delivery
from offing.report.views.explain import _as_from_home
from study.stand_ins import like

HOME = Delivery("dongguan", "A", "USD", 300.0, freight_usd=4.0, duty=0.15)
AWAY = Delivery("hai-phong", "B", "USD", 310.0, freight_usd=4.0)


def told(asked: float, way: Delivery, home: Delivery = HOME) -> str:
    outlet: Any = like(deliveries=(home, way), sigma=of_literature(5.0), price_usd=62.0)
    planned: Any = like(decided=like(cny_per_usd=7.0))
    decision: Any = like(plants={"dongguan": "Dongguan", "hai-phong": "Hai Phong"})
    row: Any = like(price_usd=asked)
    return _as_from_home(row, outlet, way, planned, decision)


def test_a_duty_that_is_saved_stands_in_the_price() -> None:
    """From home the buyer pays (62 + 4) × 1.15 = 75.9; free of duty that is 71.9 at FOB."""
    text = told(71.9, AWAY)
    assert "Dongguan" in text
    assert "62.0" in text
    assert "9.90" in text


def test_a_duty_that_comes_on_top_is_taken_off() -> None:
    """From a home without duty he pays 66; at 15 % on the other plant's, 53.39 at FOB."""
    home = Delivery("dongguan", "A", "USD", 300.0, freight_usd=4.0)
    away = Delivery("hai-phong", "B", "USD", 310.0, freight_usd=4.0, duty=0.15)
    text = told(66 / 1.15 - 4, away, home)
    assert "8.61" in text
    assert "taken off" in text


@pytest.mark.parametrize(("asked", "way"), [(62.0, HOME), (62.0, AWAY), (80.0, AWAY)])
def test_of_goods_from_home_or_at_another_price_nothing_is_said(
    asked: float, way: Delivery
) -> None:
    assert told(asked, way) == ""
