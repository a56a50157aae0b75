"""One level in every view: what the record makes of sales and profit, and what was computed."""

from dataclasses import replace
from typing import Any

import pytest

from example_plan import made
from offing.api import run
from offing.planning.plan import Plan, PlanRow
from offing.planning.track_record import LevelRecord
from offing.policy.shock_file import named_shocks
from offing.study.decision import scaled_rows
from offing.study.demand_response import AssumedResponse
from offing.study.plan import apply_level
from offing.study.scenario import reoptimise
from offing.study.stress import shock_scenario
from offing.study.target import parse_target, target_of
from study.stand_ins import like

ROW = PlanRow("tv", "USA", "low", 90.0, 100.0, 10.0, 10.0, 30.0, 0.3, 80.0, 120.0, "keep")


def test_a_row_keeps_its_market_at_the_same_cost() -> None:
    """Of 100 sold 35 are earned before 5 of keeping; of 80 it is 28, less 5."""
    row = replace(ROW, still_usd=100.0, short_usd=10.0, keep_usd=5.0)
    plan = Plan((row,), 100.0, 90.0, 30.0, (("main", 0.5),), 1.0, 1.0, 80.0, 120.0)
    scaled = scaled_rows(plan, 0.8)
    [one] = scaled.rows
    assert (one.sales_usd, one.units, one.still_usd) == (80.0, 8.0, 80.0)
    assert (one.low_usd, one.high_usd, one.short_usd) == (64.0, 96.0, 8.0)
    assert (one.margin_usd, scaled.margin_usd) == pytest.approx((23.0, 23.0))
    assert one.margin_rate == pytest.approx(23 / 80)
    assert (scaled.sales_usd, scaled.computed_usd, scaled.capacity_used) == (
        80.0,
        100.0,
        (("main", 0.4),),
    )
    assert one.rest_drift == row.rest_drift


@pytest.mark.slow
def test_a_level_raises_nothing_beyond_a_full_line() -> None:
    """And what was sold outside of the plan is what the ledger has, at any level."""
    fullest = made().plan.fullest
    for factor, most in ((0.5, 0.5), (2 / fullest, max(1.0, 1 / fullest))):
        levelled = apply_level(made(), LevelRecord(factor, factor, 4))
        assert levelled.decided.factor == pytest.approx(most)
        assert levelled.plan.fullest <= max(1.0, fullest) + 1e-9
        assert levelled.plan.outside == made().plan.outside


@pytest.mark.slow
@pytest.mark.parametrize("of", ["sales", "profit"])
def test_a_target_is_weighed_at_the_level_of_the_plan(of: str) -> None:
    """What the plan comes to is what its rows come to, and what another costs is at it too."""
    levelled = apply_level(made(), LevelRecord(0.8, 0.7, 1))
    rates = dict(levelled.decided.rates)
    rows = {"sales": levelled.plan.sales_usd, "profit": levelled.plan.margin_usd * rates["USD"]}
    met = target_of(levelled, parse_target(f"{of} -90%"))
    assert met.plan == pytest.approx(rows[of], rel=0.02)
    assert met.decided is levelled.decided
    computed = target_of(made(), parse_target(f"{of} -90%"))
    assert met.plan < computed.plan
    assert met.most < computed.most
    assert met.unlimited < computed.unlimited


@pytest.mark.slow
def test_a_plan_recomputed_under_a_shock_is_at_the_level_of_the_one_kept() -> None:
    """A refund cut alone is a cost: no other plan earns much more, at whatever level both are."""
    levelled = apply_level(made(), LevelRecord(0.5, 0.5, 1))
    cut = shock_scenario(made().world, named_shocks(["refund-cut-4"]), AssumedResponse(draws=20))
    found: list[Any] = [reoptimise(plan, cut) for plan in (made(), levelled)]
    computed, at_half = (effects.plan for effects in found)
    assert at_half.new.mean == pytest.approx(computed.new.mean / 2, rel=0.15)
    assert at_half.saved.mean < 0.1 * abs(at_half.old.mean)


def test_the_shocks_of_a_run_meet_the_plan_at_its_level(monkeypatch: pytest.MonkeyPatch) -> None:
    """As ``whatif --stress`` does: a run's plan has its level only once the record is there."""
    level = LevelRecord(0.5, 0.5, 1)
    monkeypatch.setattr("offing.study.run.run_study", lambda *_: (apply_level(made(), level), None))
    monkeypatch.setattr("offing.study.stress.add_stress", lambda before, _: before.decided.level)
    world: Any = like(reform=None)
    found: Any = run._complete_result(world)[1]
    assert found == level
