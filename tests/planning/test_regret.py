"""Regret, by hand."""

import numpy as np
import pytest

from offing.planning.risk import regrets


def test_regret_by_hand() -> None:
    """Three worlds, three plans: the middle one is never best and never far from it."""
    profits = {
        "bold": np.array([10.0, 0.0, 4.0]),
        "middle": np.array([6.0, 5.0, 4.0]),
        "careful": np.array([2.0, 6.0, 4.0]),
    }
    found = regrets(profits)
    assert [found[name].mean for name in profits] == pytest.approx([6 / 3, 5 / 3, 8 / 3])
    # The third world is a tie of all: each is best in a third of it.
    assert [found[name].best for name in profits] == pytest.approx([4 / 9, 1 / 9, 4 / 9])
    assert found["careful"].high == pytest.approx(np.quantile([8.0, 0.0, 0.0], 0.95))


def test_without_plans_there_is_nothing_to_regret() -> None:
    assert regrets({}) == {}
