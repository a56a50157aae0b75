"""The value of information, and which fairs a budget supports, against enumeration."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.stats import norm

from offing.planning.fairs import FairOffer, Segment, brought, choose
from offing.planning.moves import expected_given

DRAWS = 20_000


def heard(earned: np.ndarray, figure: np.ndarray) -> tuple[float, float, float]:
    """What hearing a figure first gains, the error of that, how often it turns the choice."""
    expected = expected_given(earned, figure)
    chosen, best = int(expected.mean(axis=0).argmax()), expected.argmax(axis=1)
    gain = expected.max(axis=1) - expected[:, chosen]
    return gain.mean(), gain.std() / np.sqrt(len(gain)), (best != chosen).mean()


def closed_form(mean: float, spread: float) -> float:
    """A gain that is normal, or nothing: the unit normal loss (Raiffa and Schlaifer 1961)."""
    z = abs(mean) / spread
    return float(spread * (norm.pdf(z) - z * norm.cdf(-z)))


@pytest.mark.parametrize(("mean", "spread"), [(0.0, 1.0), (1.0, 1.0), (-0.5, 2.0), (3.0, 1.0)])
def test_one_move_whose_gain_is_the_figure(mean: float, spread: float) -> None:
    rng = np.random.default_rng(2)
    figure = rng.normal(mean, spread, DRAWS)
    noise = rng.normal(0, 3, DRAWS)
    earned = np.column_stack([noise, noise + figure])
    value, error, turns = heard(earned, figure)
    assert abs(value - closed_form(mean, spread)) < 5 * error + 0.002
    assert turns == pytest.approx(norm.cdf(-abs(mean) / spread), abs=0.015)


def test_a_curved_gain_against_nested_simulation() -> None:
    """Gains that bend with the figure, three candidates, noise of their own: means within draws."""
    rng = np.random.default_rng(4)
    figure = rng.gamma(4.0, 1.0, DRAWS)
    truth = np.column_stack([np.zeros(DRAWS), 4 - 0.25 * figure**2, np.log(figure) - 1])
    nested = truth.max(1).mean() - truth.mean(0).max()
    value, *_ = heard(truth + rng.normal(0, 2, truth.shape), figure)
    assert value == pytest.approx(nested, rel=0.05)


def test_a_figure_that_tells_nothing_scatters_about_zero() -> None:
    rng = np.random.default_rng(5)
    values = []
    for _ in range(50):
        earned = np.column_stack([np.zeros(2000), rng.normal(0.5, 1.0, 2000)])
        values.append(heard(earned, rng.normal(size=2000))[0])
    assert 0 <= np.mean(values) < 0.002


def test_a_figure_of_two_values_is_a_class_each() -> None:
    figure = np.array([0.0, 0.0, 1.0, 1.0] * 10)
    earned = np.column_stack([np.zeros(40), np.array([-1.0, -3.0, 5.0, 7.0] * 10)])
    assert expected_given(earned, figure)[[0, 2], 1] == pytest.approx([-2.0, 6.0])
    value, _, turns = heard(earned, figure)
    assert value == pytest.approx(3.0 - 2.0)  # 6 in half the draws, against 2 always
    assert turns == 0.5


OPEN, CLOSED = ("8528", "DEU"), ("8528", "FRA")


def flow(
    offers: Sequence[FairOffer], room: Mapping[Segment, float], sums: Sequence[float]
) -> float:
    """What is brought, by another solver."""
    pairs = [(f, s) for f, o in enumerate(offers) for s in (o.segments or (None,))]
    rows = [[float(f == fair) for f, _ in pairs] for fair in range(len(offers))]
    rows += [[float(s == one) for _, s in pairs] for one in room]
    limits = [*sums, *room.values()]
    return -float(linprog(-np.ones(len(pairs)), A_ub=rows, b_ub=limits).fun)


def by_hand(
    offers: Sequence[FairOffer], room: Mapping[Segment, float], budget: float
) -> tuple[float, float]:
    """The most that can be brought, and the least cost of it, over all programmes."""
    best = (0.0, 0.0)
    for places in product(*(range(o.places + 1) for o in offers)):
        cost = sum(
            o.place_cost * p + o.fixed_cost * (p > 0) for o, p in zip(offers, places, strict=True)
        )
        if cost <= budget + 1e-9:
            value = flow(offers, room, [o.effect * p for o, p in zip(offers, places, strict=True)])
            if value > best[0] + 1e-6 or (value > best[0] - 1e-6 and cost < best[1] - 1e-9):
                best = (max(value, best[0]), cost)
    return best


def drawn(seed: int) -> tuple[list[FairOffer], dict[Segment, float], float]:
    rng = np.random.default_rng(seed)
    segments = [("8528", "DEU"), ("8528", "FRA"), ("8507", "DEU")]
    offers = [
        FairOffer(
            int(rng.integers(1, 4)),
            float(rng.integers(1, 6)),
            float(rng.integers(0, 3)),
            float(rng.integers(0, 40)),
            tuple(segments[i] for i in rng.choice(3, size=rng.integers(1, 4), replace=False)),
        )
        for _ in range(4)
    ]
    room = {s: float(rng.integers(0, 60)) for s in segments[: rng.integers(1, 4)]}
    return offers, room, float(rng.integers(0, 25))


@pytest.mark.parametrize("seed", range(12))
def test_small_catalogues_are_solved_as_enumeration_does(seed: int) -> None:
    offers, room, budget = drawn(seed)
    made = choose(offers, room, budget)
    value, cost = by_hand(offers, room, budget)
    assert made.value == pytest.approx(value, abs=1e-6)
    assert made.cost == pytest.approx(cost, abs=1e-6)
    assert made.cost <= budget + 1e-9
    sums = np.array([[o.effect * p for o, p in zip(offers, made.places, strict=True)]])
    assert brought(offers, room, sums)[0] == pytest.approx(value, abs=1e-6)
    assert all(used <= room[s] + 1e-6 for s, used in made.used.items())


@pytest.mark.long
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_more_budget_never_brings_less_and_the_price_bounds_it(seed: int) -> None:
    offers, room, budget = drawn(seed)
    less, more = choose(offers, room, budget), choose(offers, room, budget + 1)
    assert more.value >= less.value - 1e-6
    continuous = [replace(o, fixed_cost=0.0, places=o.places * 1000, place_cost=o.place_cost / 1000,
                          effect=o.effect / 1000) for o in offers]  # fmt: skip
    fine, finer = choose(continuous, room, budget), choose(continuous, room, budget + 0.01)
    assert finer.value - fine.value <= fine.next_unit * 0.01 + 0.05
    assert finer.value - fine.value >= finer.next_unit * 0.01 - 0.05


def test_a_market_without_room_gets_no_place() -> None:
    offers = [FairOffer(10, 1.0, 0.0, 100.0, (CLOSED,)), FairOffer(10, 1.0, 0.0, 1.0, (OPEN,))]
    made = choose(offers, {CLOSED: 0.0, OPEN: 5.0}, 100.0)
    assert made.places == (0, 5)
    assert made.next_unit == 0.0


def test_a_fixed_cost_is_paid_once() -> None:
    offers = [FairOffer(3, 1.0, 4.0, 10.0), FairOffer(3, 2.0, 0.0, 9.0)]
    assert choose(offers, {}, 6.0).places == (0, 3)
    assert choose(offers, {}, 7.0).places == (3, 0)
    assert choose([], {}, 7.0).places == ()
