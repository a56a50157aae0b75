"""SMART and GSIM: cases solved by hand, no change, and small changes against the linear answer."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.estimators import Floats
from offing.policy.partial import armington, gsim, smart

DEMAND, SIGMA = -1.5, 5.0
"""Of television sets."""


def one_draw(imports: Floats, before: Floats, after: Floats) -> tuple[Floats, ...]:
    """By the elasticities of television sets."""
    return smart(imports, before, after, np.array([SIGMA]), demand=DEMAND)


def test_smart_one_origin_by_hand() -> None:
    """M = 100, 25 % to nought: creation 100 × 1.5 × .25/1.25 = 30; welfare 30 × .125 = 3.75."""
    creation, diversion, revenue, welfare = one_draw(
        np.array([100.0]), np.array([0.25]), np.array([0.0])
    )
    assert creation[0] == pytest.approx([30.0])
    assert diversion[0] == pytest.approx([0.0])
    assert revenue == pytest.approx(-25.0)
    assert welfare == pytest.approx(3.75)


def test_smart_preference_for_one_of_two_by_hand() -> None:
    """60 and 40, both at 25 %; the first goes free: price −20 %, pull 5 × .2 = 1.

    Laird and Yeats: 60 × 40 × 1 / (60 + 40 + 60) = 15 is won and the other loses as much.
    """
    creation, diversion, *_ = one_draw(
        np.array([60.0, 40.0]), np.array([0.25, 0.25]), np.array([0.0, 0.25])
    )
    assert diversion[0, 0] == pytest.approx(15.0)
    assert diversion.sum() == pytest.approx(0.0)
    assert creation[0] == pytest.approx([18.0, 0.0])


@given(
    imports=st.lists(st.floats(0, 1e6), min_size=1, max_size=6),
    cut=st.floats(-0.5, 0.5),
    seed=st.integers(0, 99),
)
def test_smart_never_takes_more_than_there_is(imports: list[float], cut: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = np.array(imports)
    before = rng.uniform(0, 0.3, len(values))
    after = np.maximum(before + cut * rng.uniform(0, 1, len(values)), 0)
    _, diversion, *_ = one_draw(values, before, after)
    assert (values + diversion >= -1e-6).all()
    assert diversion.sum() == pytest.approx(0, abs=1e-3)
    created, won, *_ = one_draw(values, before, before)
    assert np.abs(created + won).max() == pytest.approx(0)


def test_gsim_one_origin_one_market_by_hand() -> None:
    """Supply 1.5 p = demand −1.5 (p + t̂) with t̂ = −.2: p = .1, output +15 %."""
    prices, quantities = gsim(
        np.array([[100.0]]), np.array([[0.25]]), np.array([[0.0]]),
        demand=DEMAND, substitution=SIGMA, supply=1.5,
    )  # fmt: skip
    assert prices == pytest.approx([0.1])
    assert quantities[0, 0] == pytest.approx(0.15)


def test_gsim_repeats_the_printed_prices_of_its_four_regions() -> None:
    """Francois and Hall's example, a free trade area of the US and the EU: prices as reported."""
    trade = np.array(
        [[0, 50, 200, 300], [500, 0, 150, 200], [300, 100, 200, 200], [50, 100, 110, 20]]
    )
    before = np.array(
        [
            [0, 0.21, 0.41, 0.22],
            [0.37, 0, 0.31, 0.23],
            [0.32, 0.36, 0, 0.18],
            [0.57, 0.41, 0.25, 0.15],
        ]
    )
    after = before.copy()
    after[0, 2] = after[2, 0] = 0
    prices, _ = gsim(trade.astype(float), before, after, demand=-1.25, substitution=5.0, supply=1.5)
    assert prices.round(4).tolist() == [0.0792, -0.0316, 0.0480, -0.0184]


def _world(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.lognormal(3, 1, (4, 5)), rng.uniform(0, 0.2, (4, 5))


@given(seed=st.integers(0, 500))
def test_gsim_clears_and_is_linear(seed: int) -> None:
    trade, before = _world(seed)
    solve = partial(gsim, trade, before, demand=-1.2, substitution=4.0, supply=1.5)
    assert np.abs(solve(before)[1]).max() == pytest.approx(0)
    cut = before * 0.9
    prices, quantities = solve(cut)
    sold = (trade * quantities).sum(axis=1) / trade.sum(axis=1)
    assert sold == pytest.approx(1.5 * prices)  # every origin sells what it makes
    assert solve((before + cut) / 2)[0] * 2 == pytest.approx(prices)


def test_smart_is_gsim_for_a_small_country_and_a_small_cut() -> None:
    """With very elastic supply and one origin, world prices stand still and both say the same."""
    trade, before = np.array([[100.0]]), np.array([[0.10]])
    after = before - 1e-5
    _, world = gsim(trade, before, after, demand=DEMAND, substitution=SIGMA, supply=1e9)
    created, won, *_ = one_draw(trade[:, 0], before[:, 0], after[:, 0])
    imports = created[0, 0] + won[0, 0]
    assert world[0, 0] * 100 == pytest.approx(imports, rel=1e-4)


@given(seed=st.integers(0, 500))
def test_whole_changes_are_those_of_smart_and_gsim_where_they_are_small(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.lognormal(3, 1, 4)
    step = 1e-6 * rng.normal(size=4)
    nothing = np.zeros(4)
    whole = armington(values, nothing, step, np.array([SIGMA]), DEMAND)[0] - 1
    sides = (side[:, None] for side in (values, nothing, step))
    _, line = gsim(*sides, demand=DEMAND, substitution=SIGMA, supply=1e9)
    assert whole == pytest.approx(line[:, 0], abs=1e-9)


@pytest.mark.parametrize("sigma", [1.0, 1.0 + 1e-7, 1.0 - 1e-7])
def test_an_elasticity_of_one_is_no_hole(sigma: float) -> None:
    """By σ = 1 and −1 each origin's buyers spend what they spent."""
    values, rates = np.array([60.0, 40.0]), np.array([0.25, 0.0])
    factors = armington(values, np.zeros(2), rates, np.array([sigma]), -1.0)
    assert factors[0] == pytest.approx([0.8, 1.0], abs=1e-6)
