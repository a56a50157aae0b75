"""Prices of limits against finite differences inside their range, and by hand."""

from dataclasses import replace

import numpy as np
import pytest

from offing.planning.limits import (
    ShadowPrice,
    amounts_of,
    binding_caps,
    loosen_limit,
    shadow_prices,
    value_of_more,
)
from offing.planning.linear import InfeasibleError, Pool
from offing.planning.offers import Offer, Offers, PlanLimits, Risk
from offing.planning.outcome import Decision, fix_markets, status_quo_decision
from offing.planning.programme import Programme, build, facts_of
from offing.planning.solving import Solution, settle, solve
from planning.offer_world import Shape, hours_today, world


def moved(programme: Programme, price: ShadowPrice, limit: float) -> Programme:
    """The programme with another value of one limit."""
    rows = tuple(
        (replace(row, high=limit) if np.isfinite(row.high) else replace(row, low=limit))
        if (row.limit, row.subject, row.year) == (price.limit, price.subject, price.year)
        else row
        for row in programme.rows
    )
    return replace(programme, rows=rows)


def value_at(
    programme: Programme, risk: Risk, solution: Solution, price: ShadowPrice, limit: float
) -> float:
    changed = moved(programme, price, limit)
    return settle(changed, risk, Pool(), solution.decision).value


def test_price_of_an_hour_by_hand() -> None:
    """Three markets of 10, 8 and 6 hours that earn 50, 30 and 20 an hour; 15 hours.

    The second is served by 5 of its 8: an hour earns 30, from 10 (the first alone) to 18.
    """
    rows, units, profit = [], [], []
    for market, count, each in (("A", 10, 50), ("B", 8, 30), ("C", 6, 20)):
        rows.append(Offer("m", market, "p", "l", "own", "USD", 1.0, True, True))
        units.append(count)
        profit.append(count * each)
    ones = np.ones((20, 1, 1))
    offers = Offers(tuple(rows), (2027,), ones * units, ones * profit, ones * units, np.ones(1))
    programme = build(facts_of(offers, PlanLimits({("p", "l"): (15.0,)})))
    solution = solve(programme, Risk())
    # Choices held: all three, the third with nothing.
    solution = settle(programme, Risk(), Pool(), replace(solution.decision, choice=np.ones(3)))
    (price,) = shadow_prices(programme, Risk(), solution)
    assert price.price_cny == pytest.approx(30.0)
    assert (price.now, price.low, price.high) == pytest.approx((15.0, 10.0, 18.0))
    assert price.confirmed
    assert (price.limit, price.subject, price.year) == ("line_hours", "p/l", 2027)


@pytest.mark.parametrize("risk", [Risk(), Risk(1.5), Risk(0.0, 5e5)])
@pytest.mark.parametrize("seed", range(4))
def test_prices_are_finite_differences_inside_their_range(seed: int, risk: Risk) -> None:
    offers = world(Shape(3, 6, 4, scenarios=120, years=2), seed)
    hours = tuple(hours_today(offers) * 0.7 for _ in offers.years)
    limits = PlanLimits({("p0", "line"): hours}, market_share={"K0": 0.3})
    programme = build(facts_of(offers, limits))
    try:
        solution = solve(programme, risk)
    except InfeasibleError:
        pytest.skip("this world cannot bear so little")
    prices = shadow_prices(programme, risk, solution)
    assert prices
    for price in prices:
        assert price.confirmed
        assert price.low <= price.now <= price.high
        scale = max(abs(price.now), 1.0)
        for end in (price.low, price.high):
            step = (end - price.now) * 0.9
            if not np.isfinite(step) or abs(step) < 1e-6 * scale:
                continue
            there = value_at(programme, risk, solution, price, price.now + step)
            slope = (there - solution.value) / step
            assert slope == pytest.approx(
                price.price_cny, rel=1e-3, abs=1e-5 * solution.value / scale
            )


def test_outside_the_range_the_price_no_longer_holds() -> None:
    offers = world(Shape(3, 6, 4, scenarios=120), 2)
    limits = PlanLimits({("p0", "line"): (hours_today(offers) * 0.7,)})
    programme = build(facts_of(offers, limits))
    solution = solve(programme, Risk(0.5))
    (price,) = [p for p in shadow_prices(programme, Risk(0.5), solution) if np.isfinite(p.high)]
    far = price.now + (price.high - price.now) * 3 + 10
    gained = value_at(programme, Risk(0.5), solution, price, far) - solution.value
    assert gained < price.price_cny * (far - price.now) * 0.999


def test_more_of_a_limit_by_hand() -> None:
    """Entries that cost 60 and earn 100 each, a budget for one: with twice of it there are two.

    The last yuan of the budget has no price: only whole entries can be bought.
    """
    rows = tuple(
        Offer("m", market, "p", "l", "own", "USD", 1.0, False, False, entry_cny=60.0)
        for market in "ABC"
    )
    ones = np.ones((20, 1, 3))
    offers = Offers(rows, (2027,), ones, ones * [100.0, 100.0, 100.0], ones, np.ones(1))
    limits = PlanLimits(line_hours={("p", "l"): (2.5,)}, entry_budget_cny=70.0)
    programme = build(facts_of(offers, limits))
    plan = solve(programme, Risk())
    assert plan.value == pytest.approx(40.0)
    assert shadow_prices(programme, Risk(), plan) == []
    budget, hours = ("entry_budget", ""), ("line_hours", "p/l")
    assert set(amounts_of(programme)) == {budget, hours}
    assert value_of_more(programme, Risk(), plan, [budget], 1.1)[budget] == pytest.approx(0.0)
    assert value_of_more(programme, Risk(), plan, [budget], 2.0)[budget] == pytest.approx(40.0)
    # Half of 2.5 hours is enough for the one; a tenth of it is not, and the entry is not worth it.
    assert value_of_more(programme, Risk(), plan, [hours], 0.5)[hours] == pytest.approx(0.0)
    assert value_of_more(programme, Risk(), plan, [hours], 0.1)[hours] == pytest.approx(-40.0)
    # Beside a plan that was not the best one: what choosing anew earns is not the hours'.
    bought = Decision(np.zeros(3), np.zeros((1, 3)), np.zeros(0))
    nothing = settle(programme, Risk(), Pool(), bought)
    assert nothing.value == 0.0
    assert value_of_more(programme, Risk(), nothing, [hours], 1.1)[hours] == pytest.approx(0.0)


def test_what_stays_as_today_has_more_or_less_of_a_full_line_too() -> None:
    """Two markets of 10 hours that earn 500 and 300, on a line of 16: each sells 0.8 today.

    The second stays as today. Of 20 hours both sell all, 160 more; of 6.4 hours 0.32 each, 384
    less. Held at 0.8 it had made of the first 100, and of the other no plan.
    """
    rows = [Offer("m", at, "p", "l", "own", "USD", 1.0, True, True) for at in ("A", "B")]
    ones = np.ones((20, 1, 1))
    profit = ones * np.array([500.0, 300.0])
    units = ones * np.array([10.0, 10.0])
    offers = Offers(tuple(rows), (2027,), units, profit, units, np.ones(1))
    programme = build(facts_of(offers, PlanLimits({("p", "l"): (16.0,)})))

    def opened(made: Programme) -> Programme:
        return fix_markets(made, status_quo_decision(made), [1])

    plan, [hours] = solve(opened(programme), Risk()), amounts_of(programme)
    assert plan.value == pytest.approx(640.0)
    for factor, earns in ((1.25, 160.0), (0.4, -384.0)):
        found = value_of_more(programme, Risk(), plan, [hours], factor, opened=opened)
        assert found[hours] == pytest.approx(earns)


def test_with_fewer_hours_what_must_be_kept_gives_way_as_today() -> None:
    """Ten sold at 5 on a line of ten hours; on one of nine, nine are."""
    rows = (Offer("m", "A", "p", "l", "own", "USD", 1.0, True, True),)
    ones = np.ones((20, 1, 1))
    offers = Offers(rows, (2027,), ones * 10, ones * 50, ones, np.ones(1))
    limits = PlanLimits({("p", "l"): (10.0,)}, must_keep=frozenset({("m", "A")}))
    programme = build(facts_of(offers, limits))
    plan = solve(programme, Risk())
    hours = ("line_hours", "p/l")
    assert value_of_more(programme, Risk(), plan, [hours], 0.9) == pytest.approx({hours: -5.0})


def test_a_tenth_more_of_a_cap_by_hand() -> None:
    """A takes up to half of all sales; B sells 100, so that A sells 100 of its 400.

    With a cap of six tenths A sells 150: 50 more that earn 2 each. With four tenths 66.7.
    """
    rows = tuple(
        Offer("m", market, "p", "l", "own", "USD", 1.0, False, False) for market in ("A", "B")
    )
    ones = np.ones((20, 1, 1))
    units = ones * [400.0, 100.0]
    offers = Offers(rows, (2027,), units, units * 2.0, units, np.ones(1))
    limits = PlanLimits({("p", "l"): (1000.0,)}, market_share={"A": 0.5, "B": 1.0})
    programme = build(facts_of(offers, limits))
    plan = solve(programme, Risk())
    assert plan.value == pytest.approx(400.0)
    cap = ("market_share", "A")
    assert binding_caps(programme, plan) == {cap: pytest.approx(0.5)}
    assert value_of_more(programme, Risk(), plan, [cap], 1.2)[cap] == pytest.approx(100.0)
    assert value_of_more(programme, Risk(), plan, [cap], 0.8)[cap] == pytest.approx(
        200 / 3 * 2 - 200
    )
    tighter = loosen_limit(programme, cap, 0.8)
    assert binding_caps(tighter, solve(tighter, Risk())) == {cap: pytest.approx(0.4)}


def test_a_limit_that_does_not_bind_has_no_price() -> None:
    offers = world(Shape(scenarios=30), 1)
    limits = PlanLimits({("p0", "line"): (1e9,)}, working_capital_cny=1e12)
    programme = build(facts_of(offers, limits))
    assert shadow_prices(programme, Risk(), solve(programme, Risk())) == []
