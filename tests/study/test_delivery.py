"""How a unit reaches a market, by hand: what the plant pays, what goes off, what the buyer adds."""

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from offing.planning.offering import Delivery
from offing.study import delivery
from offing.terms.money import Money

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

    monkeypatch.setattr(delivery, "way_of", way)
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
