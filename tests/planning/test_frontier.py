"""The frontier, a target and the tornado."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from offing.planning import solving
from offing.planning.inaction import plan
from offing.planning.limits import (
    ShadowPrice,
    amounts,
    amounts_of,
    binding_caps,
    loosen_limit,
    most,
    shadow_prices,
    value_of_more,
)
from offing.planning.linear import InfeasibleError, Pool
from offing.planning.offers import Offer, Offers, PlanLimits, Risk, Target
from offing.planning.outcome import Decision, fix_markets, outcome, status_quo_decision
from offing.planning.programme import Programme, build, facts_of
from offing.planning.risk import frontier, gains_at, regrets, turning_points
from offing.planning.solving import Solution, settle, solve
from offing.terms.errors import InputError
from planning.offer_world import Shape, hours_today, world


def risky() -> Programme:
    """A calm market and a wild one of higher mean, and hours for one of them."""
    rng = np.random.default_rng(0)
    rows = [
        Offer("m", market, "p", "l", "own", "USD", 10.0, market == "CALM", market == "CALM")
        for market in ("CALM", "WILD")
    ]
    wild = rng.normal(130, 80, 400)
    profit = np.stack([rng.normal(100, 5, 400), wild], axis=1)[:, None]
    units = np.full_like(profit, 100.0)
    offers = Offers(tuple(rows), (2027,), units, profit, units * 10, np.ones(1))
    return build(facts_of(offers, PlanLimits({("p", "l"): (100.0,)})))


def test_three_points_trade_the_mean_for_the_worst() -> None:
    programme = risky()
    found = {name: plan.outcome for name, plan in frontier(programme).items()}
    assert list(found) == ["careful", "0.25", "middle", "0.75", "bold"]
    means = [point.mean for point in found.values()]
    worst = [-point.shortfall for point in found.values()]
    assert means == sorted(means)
    assert worst == sorted(worst, reverse=True)
    assert worst[2] == pytest.approx((worst[0] + worst[-1]) / 2, rel=1e-4)
    profit = programme.offers.profit_cny[:, 0]
    assert means[-1] == pytest.approx(profit[:, 1].mean())
    assert worst[-1] == pytest.approx(np.sort(profit[:, 1])[:20].mean())
    assert worst[0] >= np.sort(profit[:, 0])[:20].mean()
    # Neither today nor half of it lies above the frontier.
    stay = status_quo_decision(programme)
    for other in (stay, replace(stay, share=stay.share / 2)):
        dot = outcome(programme, other)
        least = -dot.shortfall - 1e-6
        better = [mean for mean, low in zip(means, worst, strict=True) if low >= least]
        assert max(better) >= dot.mean - 1e-6


def test_a_target_says_what_it_costs_and_how_likely_it_is() -> None:
    """By hand: the loss-making market adds sales of 1,000 for 40; half of it is needed."""
    rows = (
        Offer("m", "GOOD", "p", "l", "own", "USD", 10.0, True, True),
        Offer("m", "POOR", "p", "l", "own", "USD", 10.0, False, False),
    )
    growth = np.linspace(0.5, 1.5, 41)[:, None, None]
    units = growth * [100.0, 100.0]
    offers = Offers(rows, (2027,), units, growth * [500.0, -40.0], units * 10, np.ones(1))
    goal = Target("sales", 1500.0, 2027)
    programme = build(facts_of(offers, PlanLimits(target=goal)))
    assert most(programme, Risk(), goal) == pytest.approx(2000.0)
    free, found = solve(build(facts_of(offers, PlanLimits())), Risk()), solve(programme, Risk())
    assert free.value - found.value == pytest.approx(20.0)
    came = amounts(programme, found.decision, goal) >= goal.amount
    assert came.mean() == pytest.approx(21 / 41)
    far = Target("sales", 2500.0, 2027)
    beyond = build(facts_of(offers, PlanLimits(target=far)))
    with pytest.raises(InfeasibleError):
        solve(beyond, Risk())
    assert most(beyond, Risk(), far) == pytest.approx(2000.0)
    # Where four fifths are sold of what is computed, 1,200 need the same half of it.
    low = Target("sales", 1200.0, 2027, level=0.8)
    fifths = build(facts_of(offers, PlanLimits(target=low)))
    assert solve(fifths, Risk()).value == pytest.approx(found.value)
    assert most(fifths, Risk(), low) == pytest.approx(1600.0)
    earn = Target("profit", 480.0, 2027)
    both = build(facts_of(offers, PlanLimits(target=earn)))
    assert most(both, Risk(), earn) == pytest.approx(500.0)
    earned = amounts(both, solve(both, Risk()).decision, earn)
    assert earned.mean() == pytest.approx(500.0)
    # Growths of 0.975 and more, 22 of 41, bring 480 and more.
    assert (earned >= earn.amount).mean() == pytest.approx(22 / 41)


def test_the_most_begins_from_a_known_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that finds no plan within its nodes left a target without an answer."""
    programme, goal = entering(), Target("sales", 1.0, 2027)
    known = plan(programme, Risk()).solution.decision

    def searched(*given: Any) -> tuple[Solution, float]:
        best = given[6] if len(given) > 6 else None
        if best is None:
            raise InfeasibleError
        return best, best.value

    monkeypatch.setattr(solving, "_whole", searched)
    with pytest.raises(InfeasibleError):
        most(programme, Risk(), goal)
    assert most(programme, Risk(), goal, start=known) == pytest.approx(100.0)


def entering(margin: float = 1.0) -> Programme:
    """An entry that earns 130 times a margin and costs 100."""
    rows = (
        Offer("m", "A", "p", "l", "own", "USD", 10.0, True, True),
        Offer("m", "B", "p", "l", "own", "USD", 10.0, False, False, entry_cny=100.0),
    )
    ones = np.ones((20, 1, 2))
    offers = Offers(rows, (2027,), ones * 5, ones * [300, 130], ones * 50, np.ones(1))
    return build(facts_of(replace(offers, profit_cny=offers.profit_cny * margin), PlanLimits()))


def test_tornado_names_what_turns_a_move_around_and_where() -> None:
    """By hand: at 0.8 the entry earns 104 - 100; it breaks even at 100 / 130 of the margin."""
    found = plan(entering(), Risk())
    assert [move.kind for move in found.moves] == ["enter"]
    groups = range(len(found.programme.facts.keys))
    assert gains_at(found, Risk(), entering, (0.7, 1.2)) == pytest.approx((91 - 100, 156 - 100))
    (turn,) = turning_points(found, Risk(), entering, (0.7, 1.2), groups)
    assert turn.market == "B"
    assert turn.change == pytest.approx(100 / 130 - 1, rel=1e-2)
    assert turning_points(found, Risk(), entering, (0.7, 1.2), ()) == ()
    assert gains_at(found, Risk(), lambda _: entering(), (0.7, 1.2)) == pytest.approx((30, 30))
    assert turning_points(found, Risk(), entering, (0.8, 1.2), groups) == ()


def test_an_input_that_changes_the_offers_is_refused() -> None:
    found = plan(entering(), Risk())
    with pytest.raises(InputError) as caught:
        gains_at(found, Risk(), lambda factor: risky())
    assert caught.value.key == "planning.other_offers"


def test_regret_by_hand() -> None:
    """Three worlds, three plans: the middle one is never best and never far from it."""
    profits = {
        "bold": np.array([10.0, 0.0, 4.0]),
        "middle": np.array([6.0, 5.0, 4.0]),
        "careful": np.array([2.0, 6.0, 4.0]),
    }
    found = regrets(profits)
    assert [found[name][0] for name in profits] == pytest.approx([6 / 3, 5 / 3, 8 / 3])
    # The third world is a tie of all: each is best in a third of it.
    assert [found[name][2] for name in profits] == pytest.approx([4 / 9, 1 / 9, 4 / 9])
    assert found["careful"][1] == pytest.approx(np.quantile([8.0, 0.0, 0.0], 0.95))


def test_a_bound_that_was_said_holds_at_every_point() -> None:
    programme = risky()
    for point in frontier(programme, least_worst_cny=20.0).values():
        assert -point.outcome.shortfall >= 20.0 - 1e-4


def test_the_kept_plan_goes_on_in_a_bad_year() -> None:
    """By hand: the entry loses 40 in a bad year, and nobody is there to shed it.

    As assumed it earns 160 for 100; at a margin of a fifth 32, so that it loses 68.
    """
    found = plan(entering(160 / 130), Risk())

    def poor(factor: float) -> Programme:
        return entering(160 / 130 * factor)

    assert gains_at(found, Risk(), poor, (0.2, 1.0)) == pytest.approx((32 - 100, 160 - 100))
    (turn,) = turning_points(found, Risk(), poor, (0.2, 1.0), (0, 1))
    assert turn.change == pytest.approx(100 / 160 - 1, rel=2e-2)


def test_without_plans_there_is_nothing_to_regret() -> None:
    assert regrets({}) == {}


def test_where_nothing_is_traded_there_is_one_point() -> None:
    rows = (Offer("m", "A", "p", "l", "own", "USD", 10.0, True, True),)
    ones = np.ones((40, 1, 1))
    offers = Offers(rows, (2027,), ones, ones * 5, ones, np.ones(1))
    assert len(frontier(build(facts_of(offers, PlanLimits())))) == 1


def test_the_most_sales_are_not_the_most_units() -> None:
    """By hand: 100 at 10 bring 1,000 in each year; 150 at 5 bring 750."""
    row = Offer("m", "A", "p", "l", "own", "USD", 10.0, True, True)
    rows = (replace(row, price_usd=5.0, today=False), row)
    ones = np.ones((20, 2, 2))
    units = ones * [150.0, 100.0]
    offers = Offers(rows, (2027, 2028), units, ones, units * [5.0, 10.0], np.ones(2))
    goal = Target("sales", 900.0, 2028)
    assert most(build(facts_of(offers, PlanLimits(target=goal))), Risk(), goal) == pytest.approx(
        1000
    )


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
@pytest.mark.parametrize("seed", [0, 1, 2, 4])
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
