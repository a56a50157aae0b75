"""A firm that gives no sales: its few entries hang together, and its risk is told in good time."""

from itertools import count
from typing import Any

import pytest

import offing
from offing.api.plan import PlanAnswer
from offing.planning import solving
from offing.planning.linear import run
from plain_study import STUDY

pytestmark = pytest.mark.slow

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


def test_what_each_market_brings_adds_up_to_the_plan(answer: PlanAnswer) -> None:
    """Not three times the whole plan, as where each is beside a plan that the cap leaves empty."""
    figures = answer.planned.decided
    assert len(figures.moves) > 1
    own = [move.own_cny or 0.0 for move in figures.moves]
    assert sum(own) == pytest.approx(figures.gain_cny, rel=1e-4)
    assert min(own) > 0
