"""How a unit reaches a market, and what its market pays there, by hand."""

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from offing.planning.offering import Delivery
from offing.study import delivery
from offing.study.markets import Standing, average, price_at
from offing.terms.money import Money
from study.stand_ins import like

D = Decimal


class Fx:
    """A dollar is eight yuan."""

    def convert(self, amount: Decimal, currency: str, to: str) -> Decimal:
        assert (currency, to) == ("USD", "CNY")
        return amount * 8


PLANT, LINE = SimpleNamespace(key="home"), SimpleNamespace(key="line")
CHANNEL = SimpleNamespace(commission=D("0.03"), margin=D("0.2"))
STUDY: Any = SimpleNamespace(
    settlement=SimpleNamespace(days=90),
    rates=SimpleNamespace(credit_insurance=D("0.005"), interest=D("0.04")),
    channel_in=lambda market: CHANNEL, plant_of=lambda facts: PLANT, line_of=lambda facts: LINE,
    firm=None,
)  # fmt: skip
WORLD: Any = SimpleNamespace(
    study=STUDY, fx=Fx(), laws=SimpleNamespace(rulebook=None), km={}, costing=None, warehouse=None
)
FACTS: Any = SimpleNamespace(brand="own", hours=D("1.5"), minimum_lot=300)


def cost(**more: Any) -> Any:
    given = {"fob_usd": D(100), "cif_usd": D(108), "duty_rate": D("0.14"), "margin_rate": D("0.25"),
             "missing": None}  # fmt: skip
    return SimpleNamespace(**(given | more))


def test_what_goes_off_in_proportion() -> None:
    """3 % commission, 0.5 % cover, and 4 % a year for 90 days."""
    assert delivery._shares(WORLD, "DEU") == pytest.approx(0.045)
    at_once: Any = SimpleNamespace(study=SimpleNamespace(**(vars(STUDY) | {"settlement": None})))
    assert delivery._shares(at_once, "DEU") == pytest.approx(0.035)


def test_a_unit_from_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two units cost 120 dollars and 4 % of their price on board, of which 10 carry them there."""
    monkeypatch.setattr(delivery, "importer_of", lambda *_: None)
    request = SimpleNamespace(price=None, price_term="", quantity=D(2))
    monkeypatch.setattr(delivery, "request_for", lambda *_: request)
    monkeypatch.setattr(
        delivery, "replace",
        lambda made, **more: SimpleNamespace(**(vars(made) | more))
        if isinstance(made, SimpleNamespace) else replace(made, **more),
    )  # fmt: skip
    monkeypatch.setattr(delivery, "add_refund", lambda asked, *_: (asked, 0, None))

    def way(asked: Any, _: object) -> Any:
        assert asked.price_term == "FOB"
        assert isinstance(asked.price, Money)
        whole = 120 + D("0.04") * asked.price.amount * asked.quantity
        return SimpleNamespace(fob_cost=whole, inland=D(7), export_clearance=D(3))

    monkeypatch.setattr(delivery, "carriage_of", way)
    standing: Any = SimpleNamespace(cost=cost())
    made = delivery._from_home(WORLD, FACTS, "DEU", standing, D("0.13"))
    assert (made.plant, made.line, made.currency, made.brand) == ("home", "line", "USD", "own")
    assert made.carried_cny == pytest.approx(40)
    assert made.cost_cny == pytest.approx(60 * 8 - 40)
    assert made.proportional == pytest.approx(0.04 + 0.045)
    assert (made.freight_usd, made.duty, made.hours, made.lot) == (8, 0.14, 1.5, 300)
    assert made.retail == pytest.approx(0.25)  # a fifth of the shelf price
    assert made.receivable_days == 90


def test_a_unit_from_a_plant_abroad(monkeypatch: pytest.MonkeyPatch) -> None:
    """75 of 100 dollars are its costs, 600 yuan; 480 of them make it, the rest carry it."""
    plants = {key: SimpleNamespace(key=key) for key in ("mexico", "poland", "nowhere")}
    makes = {
        "mexico": SimpleNamespace(line="m", cost_cny=D(480), hours=None),
        "poland": SimpleNamespace(line="p", cost_cny=D(500), hours=D(2)),
        "nowhere": SimpleNamespace(line="n", cost_cny=D(500), hours=D(2)),
    }
    costs = {
        "mexico": cost(),
        "poland": cost(duty_rate=None, missing=delivery.SAME_UNION),
        "nowhere": cost(duty_rate=None, missing="study.no_duty"),
    }
    monkeypatch.setattr(
        delivery, "other_plants", lambda *_: [(plants[key], makes[key]) for key in plants]
    )
    monkeypatch.setattr(delivery, "from_other_plants", lambda *_: costs)
    mexico, poland = delivery._from_abroad(WORLD, FACTS, "DEU")
    assert (mexico.plant, mexico.line, mexico.hours, mexico.duty) == ("mexico", "m", 1.5, 0.14)
    assert (mexico.cost_cny, mexico.carried_cny) == (480, 120)
    assert mexico.proportional == pytest.approx(0.045)
    assert (poland.plant, poland.hours, poland.duty) == ("poland", 2, 0)


def test_each_way_in_each_currency(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = Delivery(plant="home", line="l", currency="USD", cost_cny=1.0)
    monkeypatch.setattr(delivery, "_from_home", lambda *_: bare)
    monkeypatch.setattr(delivery, "_from_abroad", lambda *_: [replace(bare, plant="mexico")])
    nothing: Any = None
    ways = delivery.deliveries(WORLD, FACTS, "DEU", nothing, ["EUR", "USD"], None)
    assert [(way.plant, way.currency) for way in ways] == [
        ("home", "EUR"), ("home", "USD"), ("mexico", "EUR"), ("mexico", "USD")
    ]  # fmt: skip


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
