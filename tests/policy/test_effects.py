"""Effects by segment as draws: hand-solvable cases, and where the elasticity comes from."""

import numpy as np
import polars as pl
import pytest

from offing.policy.effects import MarketTrade, by_segment, in_the_world, plan_effects
from offing.sources.elasticities import own_substitution, substitution_of
from offing.terms.errors import InputError
from shared_data import shared


def _trade(after: float, ours: float = 50.0) -> MarketTrade:
    return MarketTrade(
        "DEU",
        ("CHN", "TUR"),
        {"low": np.array([ours, 50.0]), "high": np.array([0.0, 20.0])},
        np.array([0.25, 0.0]),
        np.array([after, 0.0]),
        "low",
    )


def test_a_duty_removed_by_hand() -> None:
    """1.25 → 1: creation 50 × .2 = 10; won 50 × 50 × .4 / (100 + 50 × .4) = 8.333 by σ = 2."""
    rows, factor = by_segment("8528", _trade(0.0), np.array([2.0, 4.0]), -1.0)
    (row,) = rows  # the origin sells nothing in the high tier
    assert row.creation.mean == pytest.approx(10)
    # by σ = 4 the pull is .8: 50 × 50 × .8 / 140 = 14.286
    assert factor == pytest.approx([1 + 18.3333 / 50, 1 + 24.2857 / 50], rel=1e-4)
    assert row.diversion.mean == pytest.approx((8.3333 + 14.2857) / 2, rel=1e-4)
    assert row.revenue.mean == pytest.approx(-12.5)
    assert row.welfare.mean == pytest.approx(1.25)  # 10 × .125: the triangle


def test_no_change_is_no_change_and_an_absent_origin_has_a_factor() -> None:
    _, factor = by_segment("8528", _trade(0.25), np.array([2.0]), -1.0)
    assert factor == pytest.approx([1.0])
    rows, factor = by_segment("8528", _trade(0.0, ours=0.0), np.array([2.0]), -1.0)
    assert rows == ()
    assert factor == pytest.approx([1 + 0.2 + 0.4], rel=1e-3)  # its own price and the pull


def test_a_prohibitive_duty_leaves_nothing() -> None:
    _, factor = by_segment("8528", _trade(9.0), np.array([8.0]), -1.0)
    assert factor == pytest.approx([0.0])


def test_the_world_without_change_stands_still() -> None:
    trade = np.array([[0.0, 30.0], [20.0, 10.0]])
    nothing = np.zeros_like(trade)
    assert in_the_world(trade, nothing, nothing, np.array([3.0]), -1.0, 1.5) == pytest.approx(
        np.zeros((1, 2))
    )


def test_what_a_plan_loses_is_counted_from_today() -> None:
    """Eleven scenarios, 0 to 10 kept and one more each made anew, against 10 without the change."""
    kept = np.arange(11.0)
    effects = plan_effects(np.full(11, 10.0), kept, kept + 1)
    assert (effects.old.mean, effects.old.low, effects.old.high) == (-5, -9, -1)
    assert (effects.new.mean, effects.new.low) == (-4, -8)
    assert (effects.saved.mean, effects.saved.low, effects.saved.high) == (1, 1, 1)


def test_the_shipped_table_is_that_of_protee() -> None:
    file = shared("hs_nomenclature") / "elasticities_ProTEE_hs6.csv"
    rows = pl.read_csv(file, schema_overrides={"HS6": pl.String}, null_values=["NA"])
    good = rows.filter(
        pl.col("HS6").str.zfill(6).str.starts_with("6203")
        & (pl.col("zero") == 0)
        & (pl.col("positive") == 0)
        & (pl.col("sigma") < -1)
    )
    one = substitution_of("620342")
    assert one.codes == good.height
    assert one.median == pytest.approx(-float(good["sigma"].median() or 0), abs=0.006)  # type: ignore[arg-type]


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
        own_substitution("8528", -1.0)
    with pytest.raises(InputError):
        substitution_of("77")
