"""A target far from today's is asked about beside what reaching it would need."""

from types import SimpleNamespace
from typing import Any

import pytest

from offing.planning.risk_figures import TargetFigures
from offing.report.blocks import Callout
from offing.report.views.target import told_target

DECISION: Any = SimpleNamespace(figures=SimpleNamespace(cny_per_usd=7.0), years="2025–2026")


@pytest.mark.parametrize(
    ("amount", "asked"),
    [
        (1e7, False),
        (1.3e7, False),
        (5e7, False),
        (0.9e7, True),  # less than today's: yuan taken for dollars, or a minus
        (5.1e7, True),  # +410 %
    ],
)
def test_a_target_far_from_todays_is_asked_about(amount: float, asked: bool) -> None:
    target = TargetFigures(
        "sales", None, amount, 2026, 1e7, 1.1e7, 1.2e7, 1.2e7, None, None, None, ()
    )
    cautions = [block for block in told_target(DECISION, target) if isinstance(block, Callout)]
    assert bool(cautions) == asked
