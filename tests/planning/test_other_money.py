"""A plan is the same plan in fen, with its offers in another order, and with every world twice.

None of it needs to know what a plan is: it holds of any that is right.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from offing.planning.inaction import PlanSolution, plan, unlikely
from offing.planning.limits import (
    amounts,
    amounts_of,
    binding_caps,
    conflicting,
    most,
    shadow_prices,
    value_of_more,
)
from offing.planning.linear import Master, Pool
from offing.planning.moves import payback
from offing.planning.offers import Offer, Offers, PlanLimits, Risk, Target
from offing.planning.outcome import currency_receipts, status_quo_decision
from offing.planning.programme import build, facts_of
from offing.planning.risk import frontier
from offing.planning.solving import solve
from planning.offer_world import Shape, hedged, hours_today, treasury, world

FEN = 128.0
"""Of one yuan: a power of two, so that no digit is lost."""
SHAPE = Shape(2, 4, 3, scenarios=40, years=2, dies=0.1)


def in_fen(offers: Offers) -> Offers:
    rows = tuple(
        replace(row, keep_cny=row.keep_cny * FEN, entry_cny=row.entry_cny * FEN)
        for row in offers.rows
    )
    return replace(offers, rows=rows, profit_cny=offers.profit_cny * FEN)


def limits_of(offers: Offers, money: float = 1.0) -> PlanLimits:
    return PlanLimits(
        {("p0", "line"): (hours_today(offers) * 0.9,) * 2},
        entry_budget_cny=6e5 * money,
        working_capital_cny=2e6 * money,
        cny_per_usd=7.0 * money,
        market_share={"K0": 0.6, "K1": 0.6},
    )


def of(offers: Offers, money: float = 1.0) -> PlanSolution:
    return plan(build(facts_of(offers, limits_of(offers, money))), Risk(0.2))


@pytest.mark.parametrize("seed", range(3))
def test_a_plan_in_fen_is_the_same_plan(seed: int) -> None:
    offers = world(SHAPE, seed)
    yuan, fen = of(offers), of(in_fen(offers), FEN)
    assert fen.solution.decision.choice.tolist() == yuan.solution.decision.choice.tolist()
    assert fen.solution.decision.share == pytest.approx(yuan.solution.decision.share, abs=1e-5)
    assert fen.solution.value == pytest.approx(yuan.solution.value * FEN, rel=1e-6)
    names = [(m.kind, m.model, m.market) for m in yuan.moves]
    assert [(m.kind, m.model, m.market) for m in fen.moves] == names
    for one, other in zip(yuan.moves, fen.moves, strict=True):
        assert other.chance == pytest.approx(one.chance)
        for name in ("gain_cny", "alone_cny", "mean_cny", "low_cny", "worst_cny"):
            was, now = getattr(one, name), getattr(other, name)
            assert (was is None) == (now is None)
            assert now is None or now == pytest.approx(was * FEN, rel=1e-4, abs=FEN)
        assert other.payback_years == pytest.approx(one.payback_years)
    said = [(i.model, i.market, i.reason) for i in yuan.not_yet]
    assert [(i.model, i.market, i.reason) for i in fen.not_yet] == said


@pytest.mark.parametrize("seed", range(3))
def test_prices_of_limits_in_fen(seed: int) -> None:
    """An hour is worth so much more of the smaller coin; a yuan of a budget stays a yuan."""
    offers = world(SHAPE, seed)
    found = []
    for money, rows in ((1.0, offers), (FEN, in_fen(offers))):
        programme = build(facts_of(rows, limits_of(rows, money)))
        solution = solve(programme, Risk())
        prices = {
            (p.limit, p.subject, p.year): (
                p.price_cny / (money if p.limit == "line_hours" else 1.0),
                p.now / (1.0 if p.limit == "line_hours" else money),
                p.confirmed,
            )
            for p in shadow_prices(programme, Risk(), solution)
            if p.limit in ("line_hours", "working_capital")
        }
        more = value_of_more(programme, Risk(), solution, amounts_of(programme), 1.1)
        curve = frontier(programme)
        found.append(
            (
                prices,
                {name: None if gain is None else gain / money for name, gain in more.items()},
                binding_caps(programme, solution),
                [
                    (name, p.outcome.mean / money, -p.outcome.shortfall / money)
                    for name, p in curve.items()
                ],
            )
        )
    yuan, fen = found
    assert fen[0].keys() == yuan[0].keys()
    for row, values in yuan[0].items():
        assert fen[0][row] == pytest.approx(values, rel=1e-4)
    for name, gain in yuan[1].items():
        assert fen[1][name] == pytest.approx(gain, rel=1e-3, abs=50.0)
    assert fen[2] == pytest.approx(yuan[2], rel=1e-4)
    assert [p[0] for p in fen[3]] == [p[0] for p in yuan[3]]
    for one, other in zip(yuan[3], fen[3], strict=True):
        assert other[1:] == pytest.approx(one[1:], rel=1e-3)


def entry(keep: float, lot: float = 0.0, there: int = 3, pieces: float = 100.0) -> Offers:
    """A market that is there in some worlds of four, for pieces of a dollar, 7 yuan each."""
    row = Offer("m", "DEU", "p", "l", "own", "EUR", 1.0, False, False, lot=lot, keep_cny=keep)
    units = np.full((4, 1, 1), pieces)
    units[there:] = 0.0
    return Offers((row,), (2027,), units, units * 7, units.copy(), np.ones(1))


@pytest.mark.parametrize(
    ("keep", "there", "pieces", "earned"),
    [
        (100.0, 3, 100.0, 525 - 75),  # 700 and 100 in three worlds of four
        (600.0, 1, 100.0, 175 - 150),  # kept where it is there: 600 in one world of four
        (2.0, 4, 0.5, 3.5 - 2),  # half a piece is a sale, too
        (800.0, 3, 100.0, 0.0),
    ],
)
def test_the_most_that_can_be_earned_pays_for_the_years_in_which_the_market_is_there(
    keep: float, there: int, pieces: float, earned: float
) -> None:
    offers, goal = entry(keep, there=there, pieces=pieces), Target("profit", -1e9, 2027)
    programme = build(facts_of(offers, PlanLimits(target=goal)))
    assert most(programme, Risk(), goal) == pytest.approx(earned)
    if earned:
        decision = solve(programme, Risk()).decision
        whole = [pieces * 7 - keep] * there + [0.0] * (4 - there)
        assert amounts(programme, decision, goal) == pytest.approx(whole)


def test_the_most_that_can_be_earned_has_nothing_to_do_with_hedges() -> None:
    """The cheaper of two prices sells ten times as much and earns a yuan less."""
    dear = entry(0.0).rows[0]
    rows = (dear, replace(dear, price_usd=0.5))
    units = np.full((4, 1, 2), 100.0)
    offers = Offers(rows, (2027,), units, units * [7.0, 6.99], units * [1.0, 10.0], np.ones(1))
    goal = Target("profit", 0.0, 2027)
    euro = treasury(hedged("EUR", np.zeros(4)))
    assert most(build(facts_of(offers, PlanLimits(target=goal), euro)), Risk(), goal) == 700


def test_without_room_no_plan_and_the_limit_is_named() -> None:
    offers = entry(0.0)
    kept = PlanLimits({("p", "l"): (10.0,)}, must_keep=frozenset({("m", "DEU")}))
    programme = build(facts_of(offers, kept))
    assert sorted(conflicting(programme, Risk())) == [("line_hours", "p/l"), ("must_keep", "m DEU")]
    roomy = build(facts_of(offers, replace(kept, line_hours={("p", "l"): (100.0,)})))
    assert conflicting(roomy, Risk()) == []


def test_a_hedge_in_fen() -> None:
    rng = np.random.default_rng(4)
    offers, payoff = world(SHAPE, 4), rng.normal(0, 0.4, 40)
    values = []
    for money, rows in ((1.0, offers), (FEN, in_fen(offers))):
        euro = hedged("EUR", payoff * money, spread_cny=0.02 * money, out_usd=2e4)
        programme = build(facts_of(rows, limits_of(rows, money), treasury(euro)))
        found = solve(programme, Risk(0.5))
        relaxed = Master(programme, Risk(0.5), Pool()).solve()
        assert found.value <= relaxed.value * (1 + 1e-6)
        units = [money if v.name.startswith("kept") else 1.0 for v in programme.further]
        further = found.decision.further / units
        values.append((found.value / money, relaxed.value / money, *further))
    assert values[1] == pytest.approx(values[0], rel=1e-4, abs=1.0)


def test_more_of_a_limit_never_earns_less() -> None:
    offers = world(SHAPE, 1)
    limits = limits_of(offers)
    values = []
    for room in (0.7, 0.8, 0.9, 1.0, 1.1):
        hours = {key: tuple(h * room for h in given) for key, given in limits.line_hours.items()}
        programme = build(facts_of(offers, replace(limits, line_hours=hours)))
        values.append(solve(programme, Risk()).value)
    assert values == sorted(values)


@pytest.mark.parametrize("seed", range(3))
def test_offers_in_another_order_are_the_same_plan(seed: int) -> None:
    offers = world(SHAPE, seed)
    order = np.random.default_rng(seed).permutation(len(offers.rows))
    mixed = Offers(
        tuple(offers.rows[at] for at in order), offers.years, offers.units[:, :, order],
        offers.profit_cny[:, :, order], offers.sales_usd[:, :, order], offers.discount,
    )  # fmt: skip
    one, other = of(offers), of(mixed)
    assert other.solution.value == pytest.approx(one.solution.value, rel=1e-6)
    taken = one.solution.decision.choice[order]
    assert other.solution.decision.choice.tolist() == taken.tolist()


@pytest.mark.parametrize("seed", range(3))
def test_every_world_twice_is_the_same_plan(seed: int) -> None:
    """Means, quantiles of the tail and chances do not know how often a world is written down."""
    offers = world(SHAPE, seed)
    twice = replace(
        offers,
        units=np.repeat(offers.units, 2, axis=0),
        profit_cny=np.repeat(offers.profit_cny, 2, axis=0),
        sales_usd=np.repeat(offers.sales_usd, 2, axis=0),
    )
    one, other = of(offers), of(twice)
    assert other.solution.value == pytest.approx(one.solution.value, rel=1e-6)
    assert other.solution.decision.choice.tolist() == one.solution.decision.choice.tolist()
    assert [m.chance for m in other.moves] == pytest.approx([m.chance for m in one.moves])


def test_a_charge_closes_no_offer_that_is_likely_without_it() -> None:
    """An offer is unlikely only where it is so with what it uses of the limits and without."""
    offers = world(SHAPE, 2)
    programme = build(facts_of(offers, limits_of(offers)))
    stay, none = status_quo_decision(programme), np.zeros(len(offers.rows))
    free = unlikely(programme, stay, 2 / 3, none)
    dear = unlikely(programme, stay, 2 / 3, np.full(len(offers.rows), 1e12))
    assert not (dear & ~free).any()
    assert not free[stay.choice > 0.5].any()


@pytest.mark.parametrize(("lot", "may"), [(99.0, True), (100.0, True), (100.001, False)])
def test_a_lot_of_just_what_the_market_takes_may_be_made(lot: float, may: bool) -> None:
    """A hundred pieces where the market is there at all: the lot is not counted where it is not."""
    programme = build(facts_of(entry(0.0, lot), PlanLimits()))
    assert bool(programme.closed[0]) is not may
    assert solve(programme, Risk()).decision.choice.tolist() == [float(may)]


def test_an_offer_without_a_lot_is_open_though_its_market_is_gone_in_a_year() -> None:
    """In 2028 the market takes none in any world: a lot is then never taken, no lot always is."""
    for lot, may in ((0.0, True), (5.0, False)):
        row = replace(entry(0.0).rows[0], lot=lot)
        units = np.full((4, 2, 1), 100.0)
        units[:, 1] = 0.0
        offers = Offers((row,), (2027, 2028), units, units * 7, units.copy(), np.ones(2))
        assert bool(build(facts_of(offers, PlanLimits())).closed[0]) is not may


def test_a_cap_is_a_share_of_what_is_sold_however_little_that_is() -> None:
    """A dollar in each of two markets: of 0.3 in one of them it sells 0.3 / 0.7 of a dollar."""
    rows = tuple(replace(entry(0.0).rows[0], market=market) for market in ("DEU", "FRA"))
    units = np.ones((4, 1, 2))
    offers = Offers(rows, (2027,), units, units * 7, units.copy(), np.ones(1))
    found = solve(build(facts_of(offers, PlanLimits(market_share={"DEU": 0.3}))), Risk())
    assert found.decision.share[0] == pytest.approx([0.3 / 0.7, 1.0])


UNIT = 2.0**-20
"""A plan is worth a few of it: what a solver may leave open is a share of more than one."""
LOT_SHAPE = Shape(2, 4, 3, scenarios=40, years=2, lot=600.0)


def small(offers: Offers) -> Offers:
    """The same firm, that counts in millions; a unit takes as many more hours."""
    rows = [
        replace(row, hours=row.hours / UNIT, lot=row.lot * UNIT, keep_cny=row.keep_cny * UNIT,
                entry_cny=row.entry_cny * UNIT)
        for row in offers.rows
    ]  # fmt: skip
    return replace(
        offers, rows=tuple(rows), units=offers.units * UNIT,
        profit_cny=offers.profit_cny * UNIT, sales_usd=offers.sales_usd * UNIT,
    )  # fmt: skip


def solved(offers: Offers, unit: float, hours: float) -> PlanSolution:
    limits = PlanLimits(
        {("p0", "line"): (hours, hours)}, entry_budget_cny=6e5 * unit,
        working_capital_cny=2e6 * unit, market_share={"K0": 0.3},
    )  # fmt: skip
    return plan(build(facts_of(offers, limits)), Risk(0.5))


@pytest.fixture(scope="module", params=range(3))
def both(request: pytest.FixtureRequest) -> tuple[PlanSolution, PlanSolution]:
    offers = world(LOT_SHAPE, request.param)
    hours = hours_today(offers) * 0.8
    return solved(offers, 1.0, hours), solved(small(offers), UNIT, hours)


Pair = tuple[PlanSolution, PlanSolution]


def test_the_same_moves_for_so_much_less(both: Pair) -> None:
    large, little = both
    assert [(m.key, m.kinds, m.reason) for m in (*little.moves, *little.not_yet)] == [
        (m.key, m.kinds, m.reason) for m in (*large.moves, *large.not_yet)
    ]
    assert little.solution.value == pytest.approx(large.solution.value * UNIT, rel=1e-6)
    assert little.stay.value == pytest.approx(large.stay.value * UNIT, rel=1e-6)
    for few, many in zip(little.moves, large.moves, strict=True):
        assert few.chance == many.chance
        assert few.units_after == pytest.approx(np.array(many.units_after) * UNIT, rel=1e-5)
    assert little.solution.decision.share == pytest.approx(large.solution.decision.share, abs=1e-5)


def test_limits_bind_alike_and_their_prices_are_in_the_unit(both: Pair) -> None:
    def told(one: PlanSolution) -> tuple[Any, ...]:
        programme, solution, risk = one.programme, one.solution, Risk(0.5)
        names = sorted(set(amounts_of(programme)))
        prices = shadow_prices(programme, risk, solution)
        return (
            binding_caps(programme, solution), names,
            {(p.limit, p.subject, p.year): (p.price_cny, p.confirmed) for p in prices},
            value_of_more(programme, risk, solution, names, 1.1),
        )  # fmt: skip

    (caps, names, prices, more), (few_caps, few_names, few_prices, few_more) = map(told, both)
    assert few_caps == pytest.approx(caps, rel=1e-5)
    assert few_names == names
    assert few_prices.keys() == prices.keys()
    for name, (price, is_confirmed) in prices.items():
        per = UNIT if name[0] == "line_hours" else 1.0
        assert few_prices[name] == (pytest.approx(price * per, rel=1e-5), is_confirmed)
    for name, worth in more.items():
        assert few_more[name] == (None if worth is None else pytest.approx(worth * UNIT, rel=1e-4))


def test_what_is_paid_back_and_received(both: Pair) -> None:
    large, little = both
    cash = np.array([[-3.0, 2.0, 2.0], [-3.0, 4.0, 0.0], [-3.0, 1.0, 1.0]])
    assert payback(little.programme, cash * UNIT) == payback(large.programme, cash)
    for code in ("USD", "EUR"):
        few, many = (
            currency_receipts(one.programme, one.solution.decision.share, {}, code, 2027)
            for one in (little, large)
        )
        assert few == pytest.approx(many * UNIT, rel=1e-5)


def test_the_frontier_has_the_same_points(both: Pair) -> None:
    large, little = both
    few, many = (
        frontier(one.programme, None, start=one.solution.decision) for one in (little, large)
    )
    assert few.keys() == many.keys()
    for name, point in many.items():
        assert few[name].outcome.mean == pytest.approx(point.outcome.mean * UNIT, rel=1e-4)
