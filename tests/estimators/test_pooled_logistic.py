"""The pooled logistic regression against closed forms, and on planted events."""

import numpy as np
import pytest

from offing.estimators import Codes, Floats
from offing.estimators.penalised import pooled_logistic


def test_a_two_by_two_table_gives_its_log_odds_ratio() -> None:
    """120 of 200 against 70 of 200: Woolf's estimate and error, from the cells alone."""
    x = np.repeat([0.0, 1.0], 200)
    event = np.r_[np.ones(120), np.zeros(80), np.ones(70), np.zeros(130)]
    drawn = pooled_logistic(x, event, np.zeros(400, dtype=np.int64), draws=20_000)
    woolf = np.sqrt(1 / 120 + 1 / 80 + 1 / 70 + 1 / 130)
    assert np.median(drawn.slope) == pytest.approx(np.log(70 * 80 / (130 * 120)), abs=0.02)
    assert drawn.slope.std() == pytest.approx(woolf, rel=0.05)
    assert drawn.chances(np.array([0.0]), np.array([0])).mean() == pytest.approx(0.6, abs=0.01)


def planted(rng: np.random.Generator, n: int, groups: int) -> tuple[Floats, Floats, Codes]:
    x, group = rng.normal(0, 0.08, n), np.arange(n) % groups
    level = -0.4 + rng.normal(0, 0.6, groups)
    event = rng.random(n) < 1 / (1 + np.exp(-(level[group] - 9 * x)))
    return x, event.astype(float), group


def test_intervals_hold_the_planted_slope() -> None:
    """150 worlds of 80 quotations in five markets: 95 % within four errors of a count."""
    rng = np.random.default_rng(11)
    held = 0
    for seed in range(150):
        x, event, group = planted(rng, 80, 5)
        low, high = np.quantile(
            pooled_logistic(x, event, group, draws=1000, seed=seed).slope, (0.025, 0.975)
        )
        held += low <= -9 <= high
    assert 150 * 0.95 - 4 * np.sqrt(150 * 0.95 * 0.05) <= held
