"""A firm that gives no sales: its few entries hang together, and its risk is told in good time."""

from itertools import count
from typing import Any

import pytest

import offing
from offing.api.plan import PlanAnswer
from offing.planning import solving
from offing.planning.linear import run
from offing.report.decision import Decision, signed

STUDY = """
schema = 2
on = 2024-12-31
title = { en = "Where to sell next", zh = "下一步卖到哪里" }
[firm]
name = "鲁星电器（虚构）"
origin = "CHN"
city = "青岛"
[[model]]
key = "LX-55U"
name = "LX-55U"
code = "8528"
refund_rate = 0.13
price_usd = 320
cost_cny = 1500
input_vat_cny = 150
kg = 16
m3 = 0.15
[[plant]]
key = "home"
country = "CHN"
[[plant.line]]
key = "main"
hours = 60000
[shipping]
shipment_units = 300
inland_usd_per_m3 = 6.50
export_clearance_usd = 150.00
freight_usd_per_m3_fixed = 14.00
freight_usd_per_m3_1000km = 2.10
"""
BRANCHINGS = 120
"""Searches of branch and bound for plan and risk; with points searched to the end, thousands."""


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> PlanAnswer:
    file = tmp_path_factory.mktemp("new") / "study.toml"
    file.write_text(STUDY, encoding="utf-8")
    searches = count(1)

    def counted(solver: Any, *, nodes: bool = False) -> str:
        assert not nodes or next(searches) <= BRANCHINGS
        return run(solver, nodes=nodes)

    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OFFING_WAREHOUSE", str(file.parent / "none"))
        patched.setattr(solving, "run", counted)
        found: PlanAnswer = offing.plan(file, risk=True)
        return found


def test_the_frontier_does_not_search_for_ever(answer: PlanAnswer) -> None:
    assert answer.risk is not None
    points = {point.name: point for point in answer.risk.points}
    assert points["careful"].worst_cny >= points["bold"].worst_cny
    assert points["careful"].mean_cny <= points["bold"].mean_cny


def test_what_is_told_of_a_move_agrees_with_itself(answer: PlanAnswer) -> None:
    """No gain is below what even a bad scenario brings, nor are rivals who follow good news."""
    figures = answer.planned.decided
    decision = Decision.of_study(answer.world.study, figures)
    assert len(figures.moves) > 1
    for move in figures.moves:
        assert move.gain_cny is not None
        assert move.low_cny is not None
        assert move.mean_cny is not None
        if move.gain_cny < move.low_cny:
            assert move.replaceable
            assert decision.gain(move) == signed(move.mean_cny) != signed(move.gain_cny)
        if move.matched_cny is not None:
            assert move.matched_cny < move.mean_cny


def test_moves_that_others_could_replace_are_not_small(answer: PlanAnswer) -> None:
    """Each alone adds little to the rest, and together they are most of the plan."""
    figures = answer.planned.decided
    little = [m for m in figures.moves[1:] if (m.gain_cny or 0.0) < 0.02 * figures.gain_cny]
    assert len(little) > 1
    assert figures.small_cny > 0.1 * figures.gain_cny
    assert figures.small == ()
    assert figures.weighty == figures.moves
