"""An order part by part, and the prices at which it pays, on paper."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from offing.settlement.defaults import shipped
from offing.study import order
from offing.study.order import Order
from offing.study.schema import SettlementFacts
from offing.terms.caution import CountryCode
from offing.terms.errors import InputError
from offing.terms.money import Money
from offing.warehouse import Warehouse
from offing.warehouse.exchange_rates import fx_of
from study.stand_ins import like, plain

D = Decimal
TEN = D(10)
YUAN = {"USD": D(7), "EUR": D(8), "CNY": D(1)}


def convert(amount: Decimal, source: str, target: str) -> Decimal:
    return amount * YUAN[source] / YUAN[target]


def ordered(price: str = "6", term: Any = "FOB", **more: Any) -> Order:
    """40 sets."""
    facts = plain().model[0]
    return Order(facts, "DEU", D(40), Money(D(price), "USD"), term, date(2026, 3, 1), **more)


@dataclass(frozen=True)
class Base:
    """A shipment of 10, in euros."""

    quantity: Decimal = TEN
    currency: str = "EUR"
    price: Any = None
    price_term: str = "FOB"
    destination_costs: Any = None
    duties: Any = None

    def check(self) -> None:
        assert self.quantity == 40


def world(km: float | None = 9000.0, per_1000km: int = 2, days: int | None = 90) -> Any:
    study = like(
        shipping=like(freight_usd_per_m3_1000km=per_1000km),
        settlement=None if days is None else like(days=days),
        channel_in=lambda market: like(commission=D("0.05")),
        rates=like(credit_insurance=D("0.01"), interest=D("0.06")),
    )  # fmt: skip
    return like(
        study=study, fx=like(convert=convert), km={} if km is None else {"DEU": km},
        laws=like(rulebook=None),
    )  # fmt: skip


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is costed: of ten sets 50 euros at FOB, 30 of goods, 2 and 3 at the port, 4 of tax."""
    found: list[Any] = []

    def with_refund(_: Any, __: Any, base: Any, lacking: Any) -> tuple[Any, Decimal]:
        found.append(base)
        return base, D(50)

    way = like(cost=D(30), inland=D(2), export_clearance=D(3), not_deductible=D(4))
    monkeypatch.setattr(order, "importer_of", lambda *_: None)
    monkeypatch.setattr(order, "request_for", lambda *_: Base())
    monkeypatch.setattr(order, "_request_with_refund", with_refund)
    monkeypatch.setattr(order, "carriage_of", lambda *_: way)
    return found


def test_parts_of_four_times_a_shipment(seen: list[Any]) -> None:
    """40 × 6 × 7 are received, and owed until then; 4 × 50 × 8 of it are FOB."""
    lines = order._lines(world(), ordered(), {})
    assert lines == pytest.approx(
        {"received": 1680, "way": -80, "goods": -960, "port": -160, "tax": -128, "channel": -80,
         "cover": -16.8, "wait": -1680 * 0.06 * 90 / 360}
    )  # fmt: skip
    assert order._lines(world(days=None), ordered(), {})["wait"] == 0.0
    assert (seen[0].price, seen[0].price_term) == (Money(D(6), "USD"), "FOB")


def test_costs_at_the_destination_are_of_the_order_and_shared_by_shipments(seen: list[Any]) -> None:
    order._lines(world(), ordered(term="DAP", destination=Money(D(200), "CNY")), {})
    assert seen[0].destination_costs == Money(D(50), "CNY")


@pytest.mark.parametrize(
    ("term", "km", "per_1000km", "lacks"),
    [
        ("FOB", None, 2, {}), ("CFR", 9000.0, 2, {}), ("CFR", None, 0, {}),
        ("CFR", None, 2, {"order.lack_freight": CountryCode("DEU")}),
        ("DAP", 9000.0, 2, {"order.lack_destination": "DAP"}),
    ],
)  # fmt: skip
def test_what_a_term_contains_and_nobody_knows(
    seen: list[Any], term: Any, km: float | None, per_1000km: int, lacks: dict[str, Any]
) -> None:
    lacking: dict[str, Any] = {}
    order._lines(world(km, per_1000km), ordered(term=term), lacking)
    assert lacking == lacks


@pytest.mark.parametrize(
    ("own", "known", "taken", "lacks"),
    [
        (None, True, {}, False), (D("0.1"), True, {}, False),
        (D("0.1"), False, {"mfn": "0.1"}, False), (None, False, None, True),
    ],
)  # fmt: skip
def test_a_duty_is_the_law_s_else_the_study_s(
    own: Decimal | None, known: bool, taken: dict[str, str] | None, lacks: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Where neither is known what the buyer pays at the border stays out, and that is said."""

    def add_refund(request: Any, *_: Any) -> tuple[Any, Decimal, str]:
        if request.price_term == "DDP" and not (request.duties or known):
            raise InputError("landed.no_line_for")
        return request, D(1), "further"

    monkeypatch.setattr(order, "refund_rate_of", lambda *_, **__: (D("0.13"), ()))
    monkeypatch.setattr(order, "add_refund", add_refund)
    study = like(on=date(2026, 1, 1), duty={} if own is None else {"DEU": own}, firm=None)
    lacking: dict[str, Any] = {}
    request, fob = order._request_with_refund(
        like(study=study, laws=like(refund_rates=None), costing=None),
        ordered(term="DDP"), Base(price_term="DDP", duties={}), lacking,  # type: ignore[arg-type]
    )  # fmt: skip
    assert fob == 1
    assert lacking == ({"order.lack_duty": CountryCode("DEU")} if lacks else {})
    assert (request.price_term, request.duties) == (("DAP", {}) if lacks else ("DDP", taken))


def test_an_order_of_a_month_without_rates_takes_those_of_the_study_s_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Half of 0.4 % to the bank, by rates of 2026-10-30; of the riyal no risk is known."""
    monkeypatch.setattr(order, "_lines", lambda *_: {})
    warehouse, lacking = Warehouse.open(), dict[str, Any]()
    study = like(on=date(2027, 1, 1), settlement=SettlementFacts(days=60), seed=1, rates_age=30,
                 rates=like(per_usd={}))  # fmt: skip
    of_study: Any = like(study=study, warehouse=warehouse, laws=like(settlement=shipped()),
                         fx=fx_of(warehouse, date(2026, 10, 30)))  # fmt: skip
    lines, at_risk = order._lines_with_bank(of_study, ordered("1000"), lacking)
    assert lines["bank"] < -0.002 * 40_000 * 6.6
    assert at_risk
    assert not lacking
    riyal = ordered().at(D(4000), "SAR", "FOB")
    assert order._lines_with_bank(of_study, riyal, lacking) == ({}, None)
    assert "SAR" in lacking["order.lack_bank"]


@pytest.mark.parametrize(
    ("hours", "planned", "worth"), [("1", False, 100.0), ("1", True, 0.0), ("9", False, 0.0)]
)
def test_prices_at_which_nothing_is_left_and_the_usual_margin_is(
    hours: str, planned: bool, worth: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At p a set 280 p come in; 50 go on the way and 1,000 into the goods. At the usual 7.5 dollars
    2,050 are FOB and 1,050 are left."""

    def lines(_: Any, one: Order, lacking: dict[str, Any]) -> tuple[dict[str, float], float]:
        lacking["order.lack_bank"] = "x"
        received = 280 * float(one.price.amount)
        return {"received": received, "way": -50.0, "goods": -1000.0}, 33.0

    def no_plan(_: Any, __: Any, lacking: dict[str, Any]) -> tuple[tuple[float, float], None]:
        lacking["order.lack_hours"] = "y"
        return (0.0, 100.0), None

    monkeypatch.setattr(order, "_hours_and_outlet", no_plan)
    monkeypatch.setattr(order, "_as_ordered", lambda world, _: world)
    monkeypatch.setattr(order, "_usual_price_order", lambda *_: ordered("7.5"))
    monkeypatch.setattr(order, "_lines_with_bank", lines)
    monkeypatch.setattr(order, "_owed_by_buyer", lambda _, buyer, days: 10.0 * days)
    monkeypatch.setattr(order, "_entering", lambda *_: 5.0)
    facts = plain().model[0].model_copy(update={"hours": D(hours)})
    asked = Order(facts, "DEU", D(40), Money(D(6), "USD"), "FOB", date(2026, 3, 1), buyer="a",
                  planned=planned)  # fmt: skip
    settlement = like(days=30, buyer_limits_cny={"a": D(2000)})
    study = like(
        line_of=lambda _: like(hours=D(300)), settlement=settlement, rates=like(interest=D("0.035"))
    )
    made = order.weigh_order(like(study=study), asked)
    assert made.profit_cny == 630.0
    assert made.hours_cny == worth
    assert made.zero == pytest.approx((1050 + worth) / 280)
    assert made.usual == pytest.approx(7.5)
    assert made.margin == pytest.approx(1050 / 2050)
    assert (made.owed_cny, made.limit_cny, made.at_risk_cny) == (1680 + 300, 2000.0, 33.0)
    assert (made.line_hours, made.entering_cny) == (300.0, 5.0)
    assert set(made.lacking) == {"order.lack_bank"} | ({"order.lack_hours"} if worth else set())
