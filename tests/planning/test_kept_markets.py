"""A market that models share costs the same as long as one of them is sold there."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from offing.planning.inaction import plan
from offing.planning.limits import amounts, most
from offing.planning.offers import Offer, Offers, PlanLimits, Risk, Target
from offing.planning.outcome import Decision, continue_sales, outcome
from offing.planning.programme import build, facts_of

MODEL = Offer("a", "DEU", "p", "l", "own", "USD", 100.0, True, True, keep_cny=100.0)
ROWS = (
    MODEL, replace(MODEL, model="b"), replace(MODEL, model="b", price_usd=110.0, today=False),
    replace(MODEL, model="c", market="FRA"),
)  # fmt: skip


def offers(*yearly: float, worlds: int = 4) -> Offers:
    """What each earns a year before its part of the market's 200; the second year is worth half."""
    units = np.ones((worlds, 2, len(yearly)))
    profit = units * np.array(yearly)
    return Offers(ROWS[: len(yearly)], (2027, 2028), units, profit, units, np.array([1.0, 0.5]))


@pytest.mark.parametrize(
    ("yearly", "beside", "sold", "profit"),
    [
        ((60.0, 150.0), False, [1, 1], 1.5 * 10),  # a leaves: 150 - 200, not 150 - 100
        ((60.0, 100.0), False, [0, 0], 0.0),  # together they leave, and take the 200 along
        ((-10.0, 250.0), False, [0, 1], 1.5 * 50),  # a leaves for what it loses itself
        ((60.0, 100.0), True, [1, 1], 1.5 * -40),  # others are sold there: the 200 stay
        ((-10.0, -5.0), True, [0, 0], 1.5 * -200),
    ],
)  # fmt: skip
def test_leaving_saves_what_the_market_costs_only_where_all_leave(
    yearly: tuple[float, ...], beside: bool, sold: list[int], profit: float
) -> None:
    limits = PlanLimits(beside=frozenset({"DEU"}) if beside else frozenset())
    programme = build(facts_of(offers(*yearly), limits))
    found = plan(programme, Risk(), threshold=0.0).solution
    assert found.decision.choice.tolist() == sold
    assert found.value == pytest.approx(profit)
    assert found.outcome.cash.mean(axis=0) == pytest.approx([0, profit / 1.5, profit / 3])


def test_no_choice_is_better_and_each_is_worth_its_sum() -> None:
    """Beside every choice there is: two prices of one model, and a market of one model."""
    rng = np.random.default_rng(5)
    for _ in range(20):
        yearly = rng.uniform(-20, 220, 4)
        programme = build(facts_of(offers(*yearly), PlanLimits()))
        best = -np.inf
        for choice in product((0.0, 1.0), repeat=4):
            if choice[1] + choice[2] > 1:
                continue
            taken = np.array(choice)
            decision = continue_sales(
                programme, Decision(taken, np.tile(taken, (2, 1)), np.zeros(0))
            )
            worth = 1.5 * (yearly @ taken - 200 * taken[:3].any() - 100 * taken[3])
            assert outcome(programme, decision).mean == pytest.approx(worth)
            best = max(best, worth)
        assert plan(programme, Risk(), threshold=0.0).solution.value == pytest.approx(best)


def test_a_target_of_profit_counts_what_stays() -> None:
    of, goal = offers(60.0, 150.0), Target("profit", 5.0, 2028)
    programme = build(facts_of(of, PlanLimits(target=goal)))
    assert most(programme, Risk(), goal) == pytest.approx(10.0)
    alone = continue_sales(
        programme, Decision(np.array([0.0, 1.0]), np.tile([0.0, 1.0], (2, 1)), np.zeros(0))
    )
    assert amounts(programme, alone, goal).mean() == pytest.approx(-50.0)


def test_a_market_that_takes_nothing_any_more_costs_nothing() -> None:
    of = offers(60.0, 150.0)
    gone = of.units.copy()
    gone[0, 1] = 0.0  # in one world of four, from the second year on
    programme = build(
        facts_of(replace(of, units=gone, profit_cny=of.profit_cny * gone), PlanLimits())
    )
    alone = continue_sales(
        programme, Decision(np.array([0.0, 1.0]), np.tile([0.0, 1.0], (2, 1)), np.zeros(0))
    )
    assert outcome(programme, alone).profit == pytest.approx([-50, -75, -75, -75])
