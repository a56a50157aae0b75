"""The frontier, a target and the tornado."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from offing.planning import solving
from offing.planning.inaction import plan
from offing.planning.limits import amounts, most
from offing.planning.linear import InfeasibleError
from offing.planning.offers import Offer, Offers, PlanLimits, Risk, Target
from offing.planning.outcome import outcome, status_quo_decision
from offing.planning.programme import Programme, build, facts_of
from offing.planning.risk import frontier, gains_at, regrets, turning_points
from offing.planning.solving import Solution, solve
from offing.terms.errors import InputError


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
