"""Draws, shares of entries, cuts and chances of single offers, each by hand."""

from dataclasses import replace
from math import exp, log
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.planning import exchange, scenarios
from offing.planning import risk as frontier
from offing.planning.elasticity import Chain, Panel, Sigma, own_sigma
from offing.planning.limits import without
from offing.planning.market_share import ShrunkShare, selection_line
from offing.planning.moves import chance, kinds_of, payback
from offing.planning.offers import (
    Currency,
    ExchangeRisk,
    Forward,
    Offer,
    Offers,
    PlanLimits,
    Risk,
    Switch,
    Treasury,
)
from offing.planning.programme import build, facts_of
from offing.planning.track_record import (
    EarlierMove,
    EarlierPlan,
    better_than_staying,
    independent,
    level_of,
)
from offing.terms.sale_terms import PriceLevel

EUR = Offer("m", "DEU", "p", "l", "own", "EUR", 100.0, True, True, 2.0)
USD = replace(EUR, market="USA", currency="USD")


def offers(*units: float, worlds: int = 4) -> Offers:
    """Each piece sells for a dollar and earns five yuan, in two years."""
    sold = np.ones((worlds, 2, 1)) * np.array(units)
    discount = np.array([0.9, 0.81])
    return Offers((EUR, USD)[: len(units)], (2027, 2028), sold, sold * 5, sold.copy(), discount)


def test_a_draw_of_an_elasticity_by_hand() -> None:
    """σ − 1 is three times e^(s z − s²/2): three at z = s/2, 3e one over s further on."""
    sigma = Sigma(4.0, 3.0, 5.0, "user")
    s = sigma.log_spread
    assert s == pytest.approx(np.sqrt(np.log1p((1 / 1.959964 / 3) ** 2)), rel=1e-6)
    drawn = sigma.drawn(np.array([s / 2, s / 2 + 1 / s, s / 2 - 1 / s]))
    assert drawn == pytest.approx([4, 1 + 3 * np.e, 1 + 3 / np.e])
    flat = Sigma(4.0, 4.0, 4.0, "user")
    assert flat.drawn(np.array([5.0, -5.0])).tolist() == [4, 4]


def test_a_price_that_never_varies_tells_nothing() -> None:
    rows, none = np.arange(12.0), np.zeros((12, 1))
    labels = np.arange(12) % 3
    found = own_sigma(Panel(rows, np.zeros(12), none, (labels,), (labels,)))
    assert (found.sigma, found.reason, found.strength, found.rows) == (
        None, "nothing_varies", 0.0, 12
    )  # fmt: skip


def test_receipts_that_are_no_risk() -> None:
    assert Currency("EUR", out_usd=100.0, held_usd=50.0).used_usd == 150
    assert Currency("EUR", out_usd=100.0, held_usd=-150.0).used_usd == 0
    assert Currency("EUR").used_usd == 0


def euro(**more: Any) -> Currency:
    return Currency("EUR", (Forward(90, np.zeros(4)),), **more)


@pytest.mark.parametrize(("used", "asked"), [(0.0, False), (0.5, True), (80.0, True)])
def test_whether_anything_more_is_hedged(used: float, asked: bool) -> None:
    facts = facts_of(offers(100.0), PlanLimits(), Treasury((euro(out_usd=used),)))
    rows = {row.limit: row for row in exchange.hedge_within_receipts(facts)}
    assert ("hedge_or_not" in rows) == asked
    assert rows["hedge"].further.get("hedging_EUR", 0.0) == -used
    names = [variable.name for variable in exchange.variables(facts)]
    assert ("hedging_EUR" in names) == asked


def test_a_cut_of_the_exchange_risk_by_hand() -> None:
    """On its bad paths a euro loses 0.3 and a hedged one 0.1; of the rest nothing is said."""
    switch = Switch("DEU", "EUR", "USD", np.zeros(4), (1.0, 1.0))
    owed, cut = {"EUR": 10.0, "JPY": 7.0}, ({"EUR": 0.3}, {"EUR": 0.1})
    risk = ExchangeRisk(0.05, 0.5, {}, owed_usd=owed, scale=2.0, cuts=(cut,))
    treasury = Treasury(
        (euro(held_usd=20.0), Currency("USD", (Forward(90, np.zeros(4)),))), (switch,), risk
    )
    [row] = exchange.exchange_risk(facts_of(offers(100.0, 40.0), PlanLimits(), treasury))
    assert row.share is not None
    assert row.share[0] == pytest.approx([100 * (0.3 - 0.1), 40 * (0 - 0.1)])
    assert (row.share[1] == 0).all()
    assert row.further == pytest.approx(
        {switch.name: -0.3, "hedge_EUR_90": -0.2, "hedge_USD_90": 0.0}
    )
    assert row.high == pytest.approx(0.2 * 20 + 0.3 * 10 / 0.5)
    no_risk = facts_of(offers(100.0), PlanLimits(), Treasury((euro(),)))
    assert exchange.exchange_risk(no_risk) == []


def test_scenarios_are_numbers() -> None:
    good = offers(1.0, 2.0)
    facts_of(good, PlanLimits())
    for name in ("units", "profit_cny", "sales_usd"):
        with pytest.raises(AssertionError):
            facts_of(replace(good, **{name: np.full((4, 2, 2), np.nan)}), PlanLimits())  # type: ignore[arg-type]


def test_a_market_that_is_freed_may_have_any_share() -> None:
    made = build(facts_of(offers(100.0, 40.0), PlanLimits(must_keep=frozenset({("m", "USA")}))))
    made = replace(made, least=np.array([0.25, 1.0]))
    freed, risk = without(made, Risk(0.1, 5.0), [("must_keep", "m USA")])
    assert freed.least.tolist() == [0.25, 0]
    assert not freed.needed.any()
    assert risk == Risk(0.1, 5.0)
    _, free = without(made, Risk(0.1, 5.0), [("least_worst", "")])
    assert free == Risk(0.1, None)


def test_what_an_offer_earns_alone() -> None:
    """5 yuan a piece, over 0.9 and 0.81; keeping the market costs 30 in a year that sells."""
    made = offers(10.0, 20.0)
    made.units[0, 1, 0] = 0.0  # in one world nothing is sold of the first in the second year
    dear = replace(made, rows=(replace(EUR, keep_cny=30.0, entry_cny=7.0), USD))
    found = dear.earned_alone(np.array([0, 1]))
    whole, half = 50 * 1.71 - 30 * 1.71 - 7, 50 * 1.71 - 30 * 0.9 - 7
    assert found[:, 0] == pytest.approx([half, whole, whole, whole])
    assert found[:, 1] == pytest.approx([100 * 1.71] * 4)


@pytest.mark.parametrize(("apart", "points"), [(1.0, 1), (1.01, 5)])
def test_a_curve_of_one_point_where_the_ends_meet(
    monkeypatch: pytest.MonkeyPatch, apart: float, points: int
) -> None:
    """Shortfalls of 100 and of a little less, a hundredth being as good as nothing."""

    def solve(_: object, risk: Risk, *__: object) -> Any:
        careful = risk.aversion or (risk.least_worst_cny or -1e9) > -100
        result = SimpleNamespace(mean=0.0, shortfall=100 - apart * bool(careful),
                                 worst_year_of_twenty=0.0)  # fmt: skip
        return SimpleNamespace(decision=None, outcome=result)

    monkeypatch.setattr(frontier, "solve", solve)
    programme: Any = None
    found = frontier.frontier(programme, gap=0.01)
    assert len(found) == points
    assert list(found)[-1] == "bold"


def test_a_price_at_each_level() -> None:
    """100 at FOB, 20 of freight, 10 % duty and 80 % on the way to the shelf."""
    chain = Chain(50.0, freight_usd=20.0, duty=0.1, retail=0.8)
    prices: dict[PriceLevel, float] = {"fob": 100, "cif": 120, "landed": 132, "retail": 237.6}
    for level, price in prices.items():
        assert chain.at(level, 100.0) == pytest.approx(price)
        assert chain.fob(level, price) == pytest.approx(100)


def test_shares_where_nothing_was_left_out() -> None:
    """The line of the shares, with four markets' worth of a slope and one's worth of a spread that
    are known before.
    """
    shares, sizes = np.array([-2.0, -1.0, 0.0]), np.array([1.0, 2.5, 4.0])
    found = selection_line(shares, sizes, np.zeros(0))
    # Squares of sizes about 2.5: 4.5; with shares: 3. Known before: no slope, weight 4; spread 1.
    slope = 3 / (4.5 + 4)
    left = 2 * (1 - 1.5 * slope) ** 2 + 4 * slope**2 + 1
    assert (found.level, found.slope) == pytest.approx((-1, slope))
    assert found.spread == pytest.approx((left / 4) ** 0.5)
    assert found.at(4.0) == pytest.approx(-1 + 1.5 * slope)


def test_shares_of_markets_that_were_left_out() -> None:
    """Half are not entered: the mean is lower than what is seen, and more so the more are left."""
    shares, sizes = np.array([0.1, 0.4, 0.9]), np.zeros(3)
    few, many = (selection_line(shares, sizes, np.zeros(count)) for count in (3, 30))
    assert many.level < few.level < shares.mean()
    assert few.error(0.0) > selection_line(shares, sizes, np.zeros(0)).error(0.0)


def test_how_far_the_lasting_share_lies_from_todays() -> None:
    made = ShrunkShare(np.array([-1.0, -2.0]), np.zeros(2), np.array([-1.5, -1.0]), 0.0, 0.0)
    assert made.from_today.tolist() == [0.5, -1]


class Ones:
    """In place of a generator: every tent-shaped draw is one."""

    def laplace(self, size: tuple[int, ...]) -> Any:
        return np.ones(size)


@pytest.mark.parametrize(("spread", "scale"), [(0.4, 0.4), (2.0, 0.9)])
def test_moves_of_shares_by_hand(spread: float, scale: float) -> None:
    rng: Any = Ones()
    together, spreads = np.full((1, 2, 1), 0.5), np.array([spread * 2**0.5])
    shared = scenarios._moves(together, np.array([spread]), 1.0, rng)
    assert shared == pytest.approx(np.full((1, 2, 1), 0.5 * spread - spread**2 / 2))
    own = scenarios._moves(together, spreads, 0.0, rng)
    assert own == pytest.approx(np.full((1, 2, 1), scale + np.log(1 - scale**2)))


def test_rates_in_the_middle_of_each_year(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three years of 252 days the middles lie 630, 378 and 126 days before the end."""
    asked: list[Any] = []

    def simulate_at(_: object, horizon: int, left: list[int], **__: object) -> list[Any]:
        asked.extend([horizon, left])
        return [np.array([[6.0], [10.0]]) for _ in left]

    monkeypatch.setattr(scenarios, "simulate_at", simulate_at)
    history: Any = SimpleNamespace(currencies=("USD",), cny_per_fc=np.array([[5.0], [7.0]]))
    made = scenarios.simulated_rates(history, 3, paths=2, seed=1)
    assert asked == [756, [630, 378, 126]]
    assert made.today.tolist() == [7, 1]
    assert made.draws[:, 1, 0] == pytest.approx([5.25, 8.75])
    assert (made.draws[:, :, 1] == 1).all()


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
        (
            {"plant": "q", "currency": "USD", "brand": "buyer", "price_usd": 80.0}, -1.0,
            ["other_plant", "other_currency", "other_brand", "cheaper"],
        ),
    ],
)  # fmt: skip
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


def plan(year: int, gain: float | None = 1.0, kept: float = 1.0, horizon: int = 2) -> EarlierPlan:
    move = EarlierMove("enter", "tv", "DEU", 1.0, gain, observed=False)
    return EarlierPlan(year, horizon, (move,), 100.0, 100.0 * kept, observed=True)


def test_outcomes_that_share_a_year_are_one() -> None:
    """Two years ahead: 2018 ends in 2020, so 2019 goes with it and 2020 is another."""
    groups = independent([plan(year) for year in (2020, 2018, 2019, 2023)])
    assert [[one.base_year for one in some] for some in groups] == [[2018, 2019], [2020], [2023]]
    assert better_than_staying([plan(2018, -3.0), plan(2019, 2.0), plan(2020, 1.0)]) == (1, 2)
    # One that nobody knows the outcome of is none.
    assert better_than_staying([plan(2018, None), plan(2020, 1.0)]) == (1, 1)


@given(st.sets(st.integers(2000, 2020)), st.integers(1, 4))
def test_there_are_as_many_as_windows_that_share_no_year(years: set[int], horizon: int) -> None:
    """Against trying all subsets, from the last year back."""
    best: dict[int, int] = {}
    for year in sorted(years, reverse=True):
        best[year] = 1 + max((best[y] for y in best if y >= year + horizon), default=0)
    found = independent([plan(year, horizon=horizon) for year in years])
    assert len(found) == max(best.values(), default=0)
    assert sum(map(len, found)) == len(years)


def test_the_level_is_drawn_towards_one_by_what_few_outcomes_cannot_tell() -> None:
    """One of 0.7: a fifth of its log. Two of 0.7 and 0.8: a third of the mean of the logs."""
    one = level_of([plan(2018, kept=0.6), plan(2019, kept=0.8)])
    assert one is not None
    assert one.outcomes == 1
    assert one.kept == pytest.approx(0.7)
    assert one.factor == pytest.approx(exp(log(0.7) / 5))
    two = level_of([plan(2018, kept=0.7), plan(2020, kept=0.8)])
    assert two is not None
    assert two.factor == pytest.approx(exp((log(0.7) + log(0.8)) / 6))
    assert level_of([]) is None
