"""Partial equilibrium beside published figures, and effects by segment as draws."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.estimators import Floats
from offing.policy.effects import MarketTrade, armington, gsim, plan_effects, segment_effects, smart
from offing.sources.elasticities import own_substitution, substitution_of
from offing.terms.errors import InputError

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


@given(seed=st.integers(0, 500))
def test_smart_takes_no_more_than_there_is(seed: int) -> None:
    """Others win at most what dearer imports leave, and no duty is paid on less than nothing."""
    rng = np.random.default_rng(seed)
    imports, before = rng.uniform(1, 100, 4), rng.uniform(0, 0.3, 4)
    created, won, revenue, _ = one_draw(imports, before, before + rng.uniform(-0.2, 3, 4).clip(0))
    assert (imports + created + won).min() >= -1e-9
    assert revenue[0] + (before * imports).sum() >= -1e-9


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


def _trade(after: float, ours: float = 50.0) -> MarketTrade:
    return MarketTrade(
        "DEU", ("CHN", "TUR"), {"low": np.array([ours, 50.0]), "high": np.array([0.0, 20.0])},
        np.array([0.25, 0.0]), np.array([after, 0.0]), "low", plants=0,
    )  # fmt: skip


def test_a_duty_removed_by_hand() -> None:
    """1.25 → 1: creation 50 × .2 = 10; won 50 × 50 × .4 / (100 + 50 × .4) = 8.333 by σ = 2."""
    (row,), _, smart = segment_effects("8528", _trade(0.0), np.array([2.0, 4.0]), -1.0)
    # the origin sells nothing in the high tier
    assert row.creation.mean == pytest.approx(10)
    # by σ = 4 the pull is .8: 50 × 50 × .8 / 140 = 14.286
    assert smart == pytest.approx([18.3333 / 50, 24.2857 / 50], rel=1e-4)
    assert row.diversion.mean == pytest.approx((8.3333 + 14.2857) / 2, rel=1e-4)
    assert row.revenue.mean == pytest.approx(-12.5)
    assert row.welfare.mean == pytest.approx(1.25)  # 10 × .125: the triangle


def test_what_moves_a_plan_by_hand() -> None:
    """Buyers pay 62.5 and 50: θ = 5/9 and 4/9. By σ = 2 the price is 1/(5/9 × 1.25 + 4/9) = .878.

    So the origin sells 1.25² × .878 = 1.372 times as much, and what buyers spend stays 112.5.
    """
    _, factors, _ = segment_effects("8528", _trade(0.0), np.array([2.0]), -1.0)
    assert factors[0] == pytest.approx([1.25**2 / (5 / 9 * 1.25 + 4 / 9)])
    rival = 1 / (5 / 9 * 1.25 + 4 / 9)
    assert 50 * factors[0][0] + 50 * rival == pytest.approx(112.5)


def test_a_large_duty_leaves_little_and_not_less_than_nothing() -> None:
    """What a line takes away whole, a power leaves a part of: 8⁻⁸ of the market's own size."""
    _, factors, smart = segment_effects("8528", _trade(9.0), np.array([8.0]), -1.0)
    assert smart == pytest.approx([-1.0])
    assert 0 < factors[0][0] < 1e-4


def test_a_plant_abroad_wins_what_the_duty_on_the_home_country_loses() -> None:
    """Goods of a country without the duty: P̂ to the power σ + E, and no price of their own."""
    trade = MarketTrade(
        "USA", ("CHN", "MEX", "VNM"), {"all": np.array([60.0, 30.0, 10.0])}, np.zeros(3),
        np.array([0.25, 0.0, 0.0]), "all", plants=1,
    )  # fmt: skip
    home, plant = segment_effects("8528", trade, np.array([3.0]), -1.0)[1][:, 0]
    index = (0.6 * 1.25**-2 + 0.4) ** (1 / -2)
    assert plant == pytest.approx(index**2)
    assert home == pytest.approx(index**2 * 1.25**-3)
    assert home < 1 < plant


def test_what_a_plan_loses_is_counted_from_today() -> None:
    """Eleven scenarios, 0 to 10 kept, one more each recomputed, against 10 without the change."""
    kept = np.arange(11.0)
    effects = plan_effects(np.full(11, 10.0), kept, kept + 1)
    assert (effects.old.mean, effects.old.low, effects.old.high) == (-5, -9, -1)
    assert (effects.new.mean, effects.new.low) == (-4, -8)
    assert (effects.saved.mean, effects.saved.low, effects.saved.high) == (1, 1, 1)


def test_a_thin_heading_borrows_its_chapters_spread() -> None:
    one = substitution_of("8507")
    assert (one.code, one.codes, one.spread_code) == ("8507", 3, "85")
    low, high = one.interval
    drawn = one.draws(2_000, 1)
    assert np.quantile(drawn, [0.1, 0.9]) == pytest.approx([low, high], rel=0.01)
    assert np.array_equal(drawn, one.draws(2_000, 1))


def test_an_own_figure_has_its_error() -> None:
    drawn = own_substitution("8528", 4.0, 1.0).draws(20_000, 3)
    assert np.std(np.log(drawn)) == pytest.approx(np.sqrt(np.log(1 + 1 / 16)), rel=0.01)
    with pytest.raises(InputError):
        own_substitution("8528", -1.0, se=0.0)
    with pytest.raises(InputError):
        substitution_of("77")
