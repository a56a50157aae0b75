"""An order's verdict, what the ledger says of σ, and what a figure is worth, on two worlds."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from math import exp, log
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.special import ndtri

from offing.planning.elasticity import Sigma
from offing.planning.offering import Selling
from offing.planning.offers import Offer, Offers
from offing.planning.plan import OpenFigure
from offing.planning.scenarios import PULL, MarketDraws, RateDraws
from offing.report.layout import markdown
from offing.report.views.price import view_order
from offing.settlement.defaults import shipped
from offing.study import open_figures, order, sales_history, stress
from offing.study.inputs import StudyInputs
from offing.study.order import Order, OrderResult
from offing.study.schema import Entering, Ranges, SettlementFacts
from offing.terms.caution import CountryCode
from offing.terms.errors import InputError
from offing.terms.money import Money
from offing.warehouse import Warehouse
from offing.warehouse.exchange_rates import fx_of
from study.stand_ins import flows, like, plain

D = Decimal
DAY = date(2024, 12, 31)


def ordered(units: str = "100", **more: Any) -> Order:
    """So many sets of an hour each, at 300 dollars."""
    price = Money(D(300), "USD")
    return Order(plain().model[0], "DEU", D(units), price, "FOB", date(2026, 3, 1), **more)


def weighed(**more: Any) -> OrderResult:
    """100 yuan come in and 60 go off."""
    given: dict[str, Any] = {
        "order": ordered(), "lines": {"received": 100.0, "goods": -60.0}, "hours_cny": 40.0,
        "zero": 10.0, "usual": 10.0, "margin": 0.4, "at_risk_cny": None, "owed_cny": None,
        "limit_cny": None, "line_hours": 100.0, "entering_cny": None, "lacking": {},
    }  # fmt: skip
    return OrderResult(**given | more)


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({}, "take"), ({"line_hours": 99.9}, "beyond"), ({"owed_cny": 50.0}, "take"),
        ({"owed_cny": 50.0, "limit_cny": 50.0}, "take"), ({"limit_cny": 0.0}, "take"),
        ({"owed_cny": 50.1, "limit_cny": 50.0}, "limit"), ({"hours_cny": 40.1}, "counter"),
        ({"hours_cny": 40.1, "zero": 10.1}, "refuse"), ({"lacking": {"x": ""}}, "withheld"),
        ({"hours_cny": 10.0, "entering_cny": 30.0}, "take"), ({"entering_cny": 0.1}, "entered"),
        ({"lacking": {"x": ""}, "entering_cny": 9.0}, "withheld"),
        ({"hours_cny": 40.1, "entering_cny": 9.0}, "counter"),
        ({"hours_cny": None, "lines": {"received": 1.0, "goods": -1.1}}, "counter"),
    ],
)  # fmt: skip
def test_a_verdict_turns_at_its_bound(more: dict[str, Any], verdict: str) -> None:
    assert weighed(**more).verdict == verdict
    assert (weighed().profit_cny, weighed().net_cny, weighed(hours_cny=None).net_cny) == (40, 0, 40)


def test_hours_are_priced_in_the_year_of_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the plan's first year where the order is of an earlier one."""
    asked = []

    def worth(*given: Any) -> tuple[float, float] | None:
        asked.append(given[3:])
        return (5.0, 7.0) if given[4] < 200 else None

    outlets = [like(market="FRA"), like(market="DEU")]
    programme = like(offers=like(years=(2027, 2028)))
    made = like(solved=like(programme=programme, solution=None),
                choices=like(risk=None, shelves={"LX-55U": like(outlets=outlets)}))  # fmt: skip
    monkeypatch.setattr(order, "analyse_products", lambda _: [])
    monkeypatch.setattr(order, "plan_study", lambda *_: made)
    monkeypatch.setattr(order, "hours_worth", worth)
    world: Any = like(study=plain())
    lacking: dict[str, Any] = {}
    assert order._hours_and_outlet(world, ordered(), lacking) == ((5.0, 7.0), outlets[1])
    late = replace(ordered("200"), on=date(2028, 1, 1), market="USA")
    assert order._hours_and_outlet(world, late, lacking) == (None, None)
    assert asked == [(("home/main", 2027), 100.0), (("home/main", 2028), 200.0)]
    assert lacking == {"order.lack_hours": "home/main, 2028"}
    made.choices.shelves = {}
    assert order._hours_and_outlet(world, ordered(), {}) == ((5.0, 7.0), None)

    def none(_: Any) -> None:
        raise InputError("study.no_file", path="x")

    monkeypatch.setattr(order, "analyse_products", none)
    assert order._hours_and_outlet(world, ordered(), lacking) == (None, None)
    assert lacking["order.lack_hours"] == InputError("study.no_file", path="x").found.rstrip(".。")


def test_an_order_is_costed_as_it_ships() -> None:
    """In shipments of 300 at most; with its own days of payment, else the study's."""
    world: Any = StudyInputs(
        file=None, study=plain(), warehouse=None, laws=None, rates=None, history=None,  # type: ignore[arg-type]
        km={}, groups={}, ledger=None,
    )  # fmt: skip
    small = order._as_ordered(world, ordered("100")).study
    assert small.shipping.shipment_units == 100
    assert (small.on, small.settlement) == (date(2026, 3, 1), None)
    large = order._as_ordered(world, ordered("400", days=30)).study
    assert large.shipping.shipment_units == 300
    assert large.settlement == SettlementFacts(days=30)
    facts = plain().model[0]
    at_home = replace(ordered(), facts=facts.model_copy(
        update={"market_prices_usd": {"DEU": D(350)}, "price_term": "CIF"}
    ))  # fmt: skip
    sold: Any = like(state=Selling(9.0, (1.0, 2.0)), price_usd=310.5)
    for given, outlet, price, term in (
        (ordered(), None, "320", "FOB"), (at_home, None, "350", "CIF"),
        (replace(at_home, market="USA"), like(state=None), "320", "CIF"),
        (at_home, sold, "310.5", "FOB"),
    ):  # fmt: skip
        usual = order._usual_price_order(given, outlet)
        assert (usual.price, usual.term) == (Money(D(price), "USD"), term)


def test_entering_and_what_is_owed_by_hand() -> None:
    """A sale of a year ago to the day is none of the year; an invoice of 30 days ago is due.

    Where another model is sold, the season (100) and the journeys (1,000) are paid already.
    """
    parts = ("certification", "listing", "promotion", "visits", "first_stock")
    own = Entering(**{f"{part}_cny": D(10**n) for n, part in enumerate(parts)})  # type: ignore[arg-type]
    study: Any = like(on=DAY, entering=own)
    for day, key, cost in ((date(2023, 12, 31), "LX-55U", 11111.0), (date(2024, 1, 1), "X", 10011),
                           (date(2024, 1, 1), "LX-55U", None)):  # fmt: skip
        lines = pl.DataFrame({"on": [day], "key": [key], "market": ["DEU"]})
        world: Any = like(study=study, keyed_sales=lines, ledger=like())
        assert order._entering(world, ordered()) == (cost, False), "the study names every part"
        world.ledger = None
        assert order._entering(world, ordered())[0] is None
        bare: Any = like(
            study=like(on=DAY, entering=Entering()), keyed_sales=lines.clear(), ledger=like()
        )
        assert order._entering(bare, ordered())[1]
    days = [DAY - timedelta(30), DAY - timedelta(29), DAY, DAY + timedelta(1), DAY]
    sales = pl.DataFrame(
        {"on": days, "buyer": ["a"] * 4 + ["b"], "usd": [1.0, 2.0, 4.0, 8.0, 16.0]}
    )
    world = like(study=study, sales=sales, ledger_in_usd=lambda lines: lines,
                 fx=like(convert=lambda amount, *_: amount * 7))  # fmt: skip
    assert order._owed_by_buyer(world, "a", 30) == 6.0 * 7
    assert order._owed_by_buyer(world, "b", 30) == 16.0 * 7
    assert order._owed_by_buyer(world, "c", 30) == 0.0


def months(count: int, currency: str, **one: Any) -> Any:
    """A market's months from January 2020 on, 10 units for 200 dollars in each."""
    given = {"units": 10.0, "usd": 200.0, "currency": currency} | one
    firsts = [date(2020 + n // 12, n % 12 + 1, 1) for n in range(count)]
    return like(monthly=[like(first=first, **given) for first in firsts])


def test_the_panel_of_a_ledger_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """The dollar at 1.25 and the zloty at 4 for a euro, means of two days a month: a zloty is
    0.3125 dollars, a euro 1.25; 48 rows are enough, where some are in dollars and others not."""
    days = [date(2020 + n // 12, n % 12 + 1, day) for n in range(24) for day in (3, 20)]
    rates = [(day, code, mean * (0.9 if day.day == 3 else 1.1))
             for day in days for code, mean in (("USD", 1.25), ("PLN", 4.0))]  # fmt: skip
    history = pl.DataFrame(rates, schema=["on", "currency", "per_eur"], orient="row")
    monkeypatch.setattr(sales_history, "own_sigma", lambda panel: panel)
    half = {"DEU": months(24, "EUR"), "USA": months(23, "USD")}
    short = sales_history.sigma_from_ledger(half, history)
    assert (short.sigma, short.reason, short.strength, short.rows) == (
        None,
        "nothing_varies",
        0,
        47,
    )
    bad = [months(1, "USD", units=0.0), months(1, "USD", usd=0.0), months(1, "XXX")]
    more = {"POL": months(1, "PLN"), **{f"M{n}": m for n, m in enumerate(bad)}}
    panel: Any = sales_history.sigma_from_ledger(half | more, history)
    assert panel.log_units == pytest.approx([log(10)] * 48)
    assert panel.log_price == pytest.approx([log(20)] * 48)
    moved = [log(1.25)] * 24 + [log(1.25 / 4)] + [0.0] * 23
    assert panel.instruments[:, 0] == pytest.approx(moved)
    assert panel.pull == (0.0, PULL[1])
    in_market, in_month = panel.effects
    assert in_market.tolist() == [0] * 24 + [1] + [2] * 23
    assert in_month.tolist() == [*range(24), 0, *range(23)]
    assert [c.tolist() for c in panel.clusters] == [in_market.tolist(), in_month.tolist()]
    same = {"USA": months(24, "USD"), "CAN": months(24, "USD")}
    assert sales_history.sigma_from_ledger(same, history).reason == "nothing_varies"
    assert sales_history.sigma_from_ledger({}, history).rows == 0


def test_what_a_shock_moves_by_hand() -> None:
    assert not stress._moves(np.ones(2))
    assert stress._moves(np.array([1.0, 1 + 1e-9]))
    assert stress._moves(np.array([1.0, 1 - 1e-9]))
    trade = flows((2019, "CHN", "DEU", 80.0), (2020, "CHN", "DEU", 60.0),
                  (2020, "USA", "DEU", 40.0), (2019, "CHN", "FRA", 5.0),
                  (2020, "CHN", "POL", 5.0), (2020, "CHN", "ITA", 0.0),
                  (2019, "CHN", "ITA", 5.0))  # fmt: skip
    assert stress._yearly_changes(trade, (2019, 2020)) == pytest.approx({"DEU": 0.25})
    assert stress._yearly_changes(trade, None) == {}
    before: Any = like(products=[like(imports=like(facts=like(key="tv")), standings={"DEU": 1})])
    for weeks, size, left in ((13, 1.0, 0.75), (13, 2.0, 0.5), (60, 1.0, 0.0)):
        shut: Any = like(file=like(closed=[like(weeks=weeks - 3), like(weeks=3)]), size=size)
        assert stress._close_weeks(before, shut, 2)["tv", "DEU"].tolist() == [left] * 2
    assert stress._close_weeks(before, like(file=like(closed=[]), size=1.0), 2) == {}
    three, four = ["a", "b", "c"], ["a", "b", "c", "d"]
    assert stress._title(three, three) == ("a; b; c", "a；b；c")
    english, chinese = stress._title(four, four)
    assert "4" in english
    assert "a" not in chinese


ROWS = tuple(
    Offer("tv", market, plant, "main", "own", "USD", 100.0, sold, sold)
    for market, plant, sold in (("DEU", "home", True), ("POL", "home", False), ("FRA", "vn", True))
)


def planned(threshold: str, chosen: tuple[float, ...], **more: Any) -> Any:
    """Three offers in two worlds and two years; a yuan a year later is worth 0.8."""
    units = np.array([[[1.0, 0, 3]] * 2, [[1, 40, 3]] * 2])
    units[0, 0, 1] = 5.0
    offers: Any = like(rows=ROWS, units=units, years=(2027, 2028))
    study = like(limits=like(likelier_than=D(threshold)), rates=like(discount=D("0.25")),
                 ranges=Ranges.model_validate({"freight": {}}),
                 asking=like(test_cny=D(100), visit_cny=None))  # fmt: skip
    options = like(
        sigma=Sigma(3.0, 2.0, 5.0, "ledger"),
        code="8528",
        outlets=[like(market="POL", state=like(size=like(source="entries")))],
    )
    choices = {"study": study, "shelves": {"tv": options}, "offers": offers, "draws": None,
               "rates": None, "costs": {}} | more  # fmt: skip
    decision, facts = like(choice=np.array(chosen)), like(group=np.arange(3))
    solved = like(solution=like(decision=decision), programme=like(facts=facts))
    lines = {"main": (None, like(hours=D(1000))), "b": (None, like(hours=D(1000)))}
    return like(choices=like(**choices), solved=solved, world=like(study=like(lines=lines)),
                plan=like(capacity_used=(("main", 0.995), ("b", 0.935))))  # fmt: skip


EARNED = np.array([[10.0, 6.0, 100.0], [-4.0, -2.0, 100.0]])


def told(figure: OpenFigure) -> tuple[Any, ...]:
    return (figure.kind, figure.market, *(round(getattr(figure, name), 9) for name in (
        "value_cny", "turns", "low", "middle", "high")))  # fmt: skip


@pytest.mark.parametrize(("threshold", "begins"), [("0.6", 3.0), ("0.5", 1.0)])
def test_what_inputs_will_cost_is_worth_by_hand(
    monkeypatch: pytest.MonkeyPatch, threshold: str, begins: float
) -> None:
    """What is sold earns 10 or −4: ended in time 5 in place of 3. An entry of 6 or −2 is worth 3
    where it is made in the good world alone, and 2 where the rule lets it pass unheard."""
    monkeypatch.setattr(open_figures, "expected_given", lambda values, _: values)
    cost = np.array([[0.8, 1.0], [1.0, 1.2]])
    costs = {"inputs": cost, "still": np.ones((2, 2)), "short": np.ones((1, 1))}
    [found] = open_figures._costs(planned(threshold, (1, 0, 0), costs=costs), EARNED)
    assert found.source == "shipped"
    assert told(found) == ("inputs", "", 2 + begins, 0.5 if begins == 1 else 1.0, 0.92, 1.0, 1.08)


@pytest.mark.parametrize(
    ("threshold", "chosen", "value", "turns"),
    [("0.6", 0, 3.0, 0.5), ("0.5", 0, 1.0, 0.5), ("0.6", 1, 1.0, 0.5)],
)
def test_what_buyers_would_take_is_worth_by_hand(
    monkeypatch: pytest.MonkeyPatch, threshold: str, chosen: float, value: float, turns: float
) -> None:
    monkeypatch.setattr(open_figures, "expected_given", lambda values, _: values)
    worlds = like(lasting=np.zeros((2, 1)), market=lambda _: 0)
    monkeypatch.setattr(open_figures, "product_scenarios", lambda *_: worlds)
    made = planned(threshold, (1, chosen, 0))
    [found] = open_figures._entries(made, EARNED)
    assert told(found) == ("entry", "POL", value, turns, 40.0, 40.0, 40.0)
    assert found.source == "entries"
    made.choices.offers.units[:, -1, 1] = 0.0
    assert [*open_figures._entries(made, EARNED)] == []


def test_an_elasticity_is_worth_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """One outlet gains 0 to 6 by value, and another 7 that is not likely enough."""
    seen = []

    def prices(outlet: Any, values: Any, _: Any, discount: float, *, room: float) -> Any:
        seen.append((discount, room))
        gains = np.arange(7.0) if outlet.good else np.full(7, 7.0)
        assert values[3] == pytest.approx(1 + 2 * exp(-(Sigma(3, 2, 5, "").log_spread ** 2) / 2))
        return gains[:, None], np.full((7, 1), 0.6 if outlet.good else 0.59), np.full(7, 30.0)

    ways = [like(line="b", hours=2.0), like(line="main", hours=1.0)]
    outlets = [like(good=True, deliveries=ways), like(good=False, deliveries=ways)]
    monkeypatch.setattr(open_figures, "_going_on", lambda *_: outlets)
    monkeypatch.setattr(open_figures, "_worlds", lambda *_: None)
    monkeypatch.setattr(open_figures, "other_prices", prices)
    made = planned("0.6", (1, 0, 0))
    [found] = open_figures._elasticities(made)
    assert found.value_cny == 3.0
    assert found.turns == pytest.approx(6 / 7)
    middle, spread = 3 - 1, Sigma(3, 2, 5, "").log_spread
    ends = [1 + middle * exp(spread * z - spread**2 / 2) for z in ndtri([0.1, 0.9])]
    assert [found.low, found.high] == pytest.approx(ends)
    assert np.array(seen) == pytest.approx(np.array([(0.8, 60.0)] * 2)), "2 × 60 hours ÷ 2"
    outlets[1].deliveries = ways[::-1]
    [found] = open_figures._elasticities(made)
    assert np.array(seen[2:]) == pytest.approx(np.array([(0.8, 60.0), (0.8, 0.0)]))
    made.plan.capacity_used = (("b", 0.98),)
    [found] = open_figures._elasticities(made)
    assert found.value_cny == pytest.approx(1.5), "half of its 60 hours are free"
    options = made.choices.shelves["tv"]
    for sigma in (Sigma(3, 3, 3, "ledger"), Sigma(3, 2, 5, "user")):
        options.sigma = sigma
        assert [*open_figures._elasticities(made)] == []


def test_where_a_model_goes_on_as_today() -> None:
    def outlet(market: str, plant: str = "home", asked: float | None = None) -> Any:
        state = Selling(1.0, (1.0, 2.0)) if market != "POL" else None
        way = like(plant=plant, currency="USD")
        return like(market=market, deliveries=[way], state=state, asked_usd=asked, price_usd=100.0)

    options: Any = like(outlets=[outlet("DEU"), outlet("POL"), outlet("FRA"), outlet("FRA", "vn"),
                                 outlet("DEU", asked=90.0)])  # fmt: skip
    made = planned("0.6", (1, 1, 0.5))
    assert open_figures._going_on(made, "tv", options) == [options.outlets[0]]
    made = planned("0.6", (0.4, 1, 1))
    assert open_figures._going_on(made, "tv", options) == [options.outlets[3]]
    assert open_figures._going_on(made, "other", options) == []


def test_the_first_worlds_and_what_offers_earn_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """10 in each of two years at 0.9 and 0.8, keeping of 2 while it sells, entering 3."""
    units = np.array([[[1.0], [1.0]], [[1.0], [0.0]]])
    offer = Offer("tv", "DEU", "home", "main", "own", "USD", 1.0, False, False,
                  keep_cny=2.0, entry_cny=3.0)  # fmt: skip
    offers = Offers((offer,), (2027, 2028), units, np.full((2, 2, 1), 10.0), units,
                    np.array([0.9, 0.8]))  # fmt: skip
    earned = open_figures._discounted_profit(offers)
    assert earned[:, 0] == pytest.approx([17 - 2 * 1.7 - 3, 17 - 2 * 0.9 - 3])
    many = MarketDraws(("DEU",), (2027,), np.ones(1), np.arange(600.0).reshape(600, 1, 1))
    rates = RateDraws(("USD",), np.ones(1), np.arange(600.0).reshape(600, 1, 1))
    choices: Any = like(draws={"8528": many}, rates=rates, study=None)
    monkeypatch.setattr(open_figures, "product_scenarios", lambda *given: given)
    given: Any = open_figures._worlds(choices, "tv", like(code="8528"))
    assert given[3]["8528"].sales_usd.ravel().tolist() == [*range(500)]
    assert given[4].draws.ravel().tolist() == [*range(500)]


def test_figures_of_little_worth_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousandth of a million; a test of a price costs 100."""

    def figure(kind: str, value: float) -> OpenFigure:
        return OpenFigure(kind, "tv", "", value, 0.5, 1.0, 2.0, 3.0)

    answers = [figure("elasticity", 1100.0), figure("elasticity", 1101.0)]
    monkeypatch.setattr(open_figures, "_elasticities", lambda _: answers)
    monkeypatch.setattr(open_figures, "_entries", lambda *_: [figure("entry", 1002.0)])
    monkeypatch.setattr(open_figures, "_costs", lambda *_: [figure("inputs", 1000.0)])
    monkeypatch.setattr(open_figures, "_discounted_profit", lambda _: None)
    made = planned("0.6", (1, 0, 0))
    made.decided = like(plan=like(mean=-1e6))
    found = open_figures.value_open_figures(made)
    assert [(f.kind, f.value_cny, f.cost_cny) for f in found] == [
        ("entry", 1002.0, None), ("elasticity", 1101.0, 100.0)
    ]  # fmt: skip


def test_hours_that_are_free_are_not_taken() -> None:
    """Of its 100 hours 60 are free."""
    answer: Any = like(result=weighed(free_hours=60.0))
    assert "Of its 100 hours 60 are free, 40 are taken" in markdown(view_order(answer))


TEN = D(10)
YUAN = {"USD": D(7), "EUR": D(8), "CNY": D(1)}


def convert(amount: Decimal, source: str, target: str) -> Decimal:
    return amount * YUAN[source] / YUAN[target]


def forty_sets(price: str = "6", term: Any = "FOB", **more: Any) -> Order:
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
    lines = order._lines(world(), forty_sets(), {})
    assert lines == pytest.approx(
        {"received": 1680, "way": -80, "goods": -960, "port": -160, "tax": -128, "channel": -80,
         "cover": -16.8, "wait": -1680 * 0.06 * 90 / 360}
    )  # fmt: skip
    assert order._lines(world(days=None), forty_sets(), {})["wait"] == 0.0
    assert (seen[0].price, seen[0].price_term) == (Money(D(6), "USD"), "FOB")


def test_costs_at_the_destination_are_of_the_order_and_shared_by_shipments(seen: list[Any]) -> None:
    order._lines(world(), forty_sets(term="DAP", destination=Money(D(200), "CNY")), {})
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
    order._lines(world(km, per_1000km), forty_sets(term=term), lacking)
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
        forty_sets(term="DDP"), Base(price_term="DDP", duties={}), lacking,  # type: ignore[arg-type]
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
    lines, at_risk = order._lines_with_bank(of_study, forty_sets("1000"), lacking)
    assert lines["bank"] < -0.002 * 40_000 * 6.6
    assert at_risk
    assert not lacking
    riyal = forty_sets().at(D(4000), "SAR", "FOB")
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
    monkeypatch.setattr(order, "_usual_price_order", lambda *_: forty_sets("7.5"))
    monkeypatch.setattr(order, "_lines_with_bank", lines)
    monkeypatch.setattr(order, "_owed_by_buyer", lambda _, buyer, days: 10.0 * days)
    monkeypatch.setattr(order, "_entering", lambda *_: (5.0, True))
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


def test_markets_share_the_free_hours_of_a_line_the_best_use_first() -> None:
    """20 hours for 10, 40 for 60, and a dearer price that frees 5 and gains 3; of 50 hours free."""
    parts = [
        (np.array([gain]), np.array([hours])) for gain, hours in ((10.0, 20), (60, 40), (3, -5))
    ]
    for free, best in ((1000.0, 73.0), (50.0, 60 + 3 + 5), (10.0, 15 + 3), (0.0, 3.0)):
        assert open_figures._that_fit(parts, free) == pytest.approx([best])
