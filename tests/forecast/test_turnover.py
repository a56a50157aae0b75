"""Pairs that are open some steps on, from the rates of one step."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from offing.forecast.outlook.features import COLUMNS
from offing.forecast.outlook.fitting import Turnover
from offing.forecast.outlook.training import TrainingSet

RATES = (0.1, 0.4, 0.2, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Never, lapsed lately, before; first year, back, second, third, later."""
TURN = Turnover(np.array(RATES), lately=0.75, ages=True)


def walked(steps: int, returning: bool, pairs: int = 200_000) -> tuple[float, float]:
    """The same by pairs that are followed one step after the other."""
    rng = np.random.default_rng(7)
    after_sales = np.array([3, 4, 4, 5, 5, 6, 7, 7])
    after_none = np.array([0, 2, 2, 1, 1, 1, 1, 1])
    state = np.where(rng.random(pairs) < 0.75, 1, 2) if returning else np.zeros(pairs, dtype=int)
    was = state > 2
    for _ in range(steps):
        was = state > 2
        sells = rng.random(pairs) < np.array(RATES)[state]
        state = np.where(sells, after_sales[state], after_none[state])
    return float((state > 2).mean()), float(((state > 2) & was).mean())


@pytest.mark.parametrize("returning", [False, True])
@pytest.mark.parametrize("steps", [1, 2, 3, 5])
def test_rates_add_up_to_what_pairs_do(steps: int, returning: bool) -> None:
    there, both = TURN.open_after(steps, returning)
    # Three and a half standard errors of a share of 200,000.
    assert (there, both) == pytest.approx(walked(steps, returning), abs=0.004)


def test_two_steps_by_hand() -> None:
    there, both = TURN.open_after(2, returning=False)
    assert there == pytest.approx(0.9 * 0.1 + 0.1 * 0.5)
    assert both == pytest.approx(0.1 * 0.5)


def test_each_state_has_the_rate_of_its_own_pairs() -> None:
    """Of each state very many pairs, of which the share of ``RATES`` sells a step on."""
    sold = [False, False, False, True, True, True, True, True]
    returns = [False, True, True, False, False, False, False, False]
    begun = [False, False, False, True, True, False, False, False]
    lately = [False, True, False, False, False, False, False, False]
    seen = [0, 2, 2, 1, 3, 2, 3, 4]
    design = np.zeros((16, len(COLUMNS)))
    design[:, COLUMNS.index("just_begun")] = np.tile(begun, 2)
    design[:, COLUMNS.index("new_sold_before_latest")] = np.tile(lately, 2)
    data = SimpleNamespace(
        base=np.tile(sold, 2) * 100.0, later=np.repeat([100.0, 0.0], 8), looked=np.full(16, 4),
        design=design, returns=np.tile(returns, 2), seen=np.tile(seen, 2),
        stands_for=np.concatenate([RATES, 1 - np.array(RATES)]) * 1e9,
    )  # fmt: skip
    turn = Turnover.of(cast(TrainingSet, data))
    assert turn.opens == pytest.approx(np.array(RATES), abs=1e-6)
    assert turn.lately == pytest.approx(0.5)
    assert turn.ages
