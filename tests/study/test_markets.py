"""Our price on its way to the shelf, and a panel beside the customs, by hand."""

from decimal import Decimal
from typing import Any

import pytest

from offing.study.markets import Standing, average, price_at
from study.stand_ins import like

QUOTE = like(landed=Decimal(1440), landed_before_recoverable=Decimal(1200), quantity=Decimal(10))
COST: Any = like(fob_usd=Decimal(90), cif_usd=Decimal(100), quote=QUOTE)


def test_a_price_on_its_way_to_the_shelf() -> None:
    """Landed 120 without a fifth of tax; a quarter of the shelf price is the shop's: 160 × 1.2."""
    assert price_at(COST, "fob", 0.25) == 90
    assert price_at(COST, "cif", 0.25) == 100
    assert price_at(COST, "landed", 0.25) == 120
    assert price_at(COST, "retail", 0.25) == pytest.approx(192)
    bare: Any = like(fob_usd=Decimal(90), cif_usd=Decimal(100), quote=None)
    assert price_at(bare, "cif", 0.0) == 100
    assert price_at(bare, "landed", 0.0) is None
    assert price_at(bare, "retail", 0.0) is None


def supplier(unit_value: float | None, quantity: float | None) -> Any:
    return like(unit_value=unit_value, quantity=quantity)


def ladder(dataset: str, *suppliers: Any, basis: str = "cif") -> Any:
    return like(dataset=dataset, suppliers=suppliers, basis=basis, coverage=0.9)


def test_an_average_price_counts_units() -> None:
    """10 at 3 and 30 at 1: 60 over 40 of them; what lacks one of the two does not count."""
    parts = supplier(3.0, 10.0), supplier(1.0, 30.0), supplier(None, 5.0), supplier(7.0, None)
    assert average(ladder("x", *parts)) == 1.5
    assert average(ladder("x", supplier(None, 5.0))) is None


def test_the_bounds_of_our_tier_as_fob_prices() -> None:
    """Of 90 on board that are 100 at the port, bounds of 50 and 150 there are 45 and 135."""
    tiers = [
        like(name="low", low=None, high=50.0, share=0.2),
        like(name="medium", low=50.0, high=150.0, share=0.7),
        like(name="high", low=150.0, high=None, share=0.1),
    ]
    on: Any = like(tiers=tiers, basis="cif")

    def bounds(**chances: float) -> tuple[str, float, tuple[float | None, float | None]]:
        standing = Standing(COST, on, like(tiers=chances), 0.25)
        return standing.tier, standing.tier_share, standing.tier_fob

    assert bounds(low=0.3, medium=0.4, high=0.3) == ("medium", 0.7, (45.0, 135.0))
    assert bounds(low=0.5, medium=0.3, high=0.2) == ("low", 0.2, (None, 45.0))
    assert bounds(low=0.1, medium=0.1, high=0.8) == ("high", 0.1, (135.0, None))
    nowhere = Standing(COST, None, None, 0.25)
    assert (nowhere.tier, nowhere.tier_share, nowhere.tier_fob) == ("all", 1.0, (None, None))
