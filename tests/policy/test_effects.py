"""Effects by segment as draws: hand-solvable cases, and where the elasticity comes from."""

import numpy as np
import pytest

from offing.policy.effects import MarketTrade, plan_effects, segment_effects
from offing.sources.elasticities import own_substitution, substitution_of
from offing.terms.errors import InputError


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
