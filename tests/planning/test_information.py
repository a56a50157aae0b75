"""The value of information against closed forms and nested simulation."""

import numpy as np
import pytest
from scipy.stats import norm

from offing.planning.moves import expected_given

DRAWS = 20_000


def heard(earned: np.ndarray, figure: np.ndarray) -> tuple[float, float, float]:
    """What hearing a figure first gains, the error of that, how often it turns the choice."""
    expected = expected_given(earned, figure)
    chosen, best = int(expected.mean(axis=0).argmax()), expected.argmax(axis=1)
    gain = expected.max(axis=1) - expected[:, chosen]
    return gain.mean(), gain.std() / np.sqrt(len(gain)), (best != chosen).mean()


def closed_form(mean: float, spread: float) -> float:
    """A gain that is normal, or nothing: the unit normal loss (Raiffa and Schlaifer 1961)."""
    z = abs(mean) / spread
    return float(spread * (norm.pdf(z) - z * norm.cdf(-z)))


@pytest.mark.parametrize(("mean", "spread"), [(0.0, 1.0), (1.0, 1.0), (-0.5, 2.0), (3.0, 1.0)])
def test_one_move_whose_gain_is_the_figure(mean: float, spread: float) -> None:
    rng = np.random.default_rng(2)
    figure = rng.normal(mean, spread, DRAWS)
    noise = rng.normal(0, 3, DRAWS)
    earned = np.column_stack([noise, noise + figure])
    value, error, turns = heard(earned, figure)
    assert abs(value - closed_form(mean, spread)) < 5 * error + 0.002
    assert turns == pytest.approx(norm.cdf(-abs(mean) / spread), abs=0.015)


def test_a_curved_gain_against_nested_simulation() -> None:
    """Gains that bend with the figure, three candidates, noise of their own: means within draws."""
    rng = np.random.default_rng(4)
    figure = rng.gamma(4.0, 1.0, DRAWS)
    truth = np.column_stack([np.zeros(DRAWS), 4 - 0.25 * figure**2, np.log(figure) - 1])
    nested = truth.max(1).mean() - truth.mean(0).max()
    value, *_ = heard(truth + rng.normal(0, 2, truth.shape), figure)
    assert value == pytest.approx(nested, rel=0.05)


def test_a_figure_that_tells_nothing_scatters_about_zero() -> None:
    rng = np.random.default_rng(5)
    values = []
    for _ in range(50):
        earned = np.column_stack([np.zeros(2000), rng.normal(0.5, 1.0, 2000)])
        values.append(heard(earned, rng.normal(size=2000))[0])
    assert 0 <= np.mean(values) < 0.002


def test_a_figure_of_two_values_is_a_class_each() -> None:
    figure = np.array([0.0, 0.0, 1.0, 1.0] * 10)
    earned = np.column_stack([np.zeros(40), np.array([-1.0, -3.0, 5.0, 7.0] * 10)])
    assert expected_given(earned, figure)[[0, 2], 1] == pytest.approx([-2.0, 6.0])
    value, _, turns = heard(earned, figure)
    assert value == pytest.approx(3.0 - 2.0)  # 6 in half the draws, against 2 always
    assert turns == 0.5
