"""The value of information against closed forms and nested simulation."""

import numpy as np
import pytest
from scipy.stats import norm

from offing.planning.information import expected_given, information_value

DRAWS = 20_000


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
    found = information_value(earned, figure)
    assert abs(found.value - closed_form(mean, spread)) < 5 * found.error + 0.002
    assert found.turns == pytest.approx(norm.cdf(-abs(mean) / spread), abs=0.015)


@pytest.mark.parametrize("error", [0.5, 1.0, 3.0])
def test_a_test_with_an_error_is_worth_less_as_on_paper(error: float) -> None:
    """The mean after the test is normal with spread s² / √(s² + e²)."""
    rng = np.random.default_rng(3)
    figure = rng.normal(0.4, 1.0, DRAWS)
    earned = np.column_stack([np.zeros(DRAWS), figure + rng.normal(0, 1, DRAWS)])
    found = information_value(earned, figure, error)
    assert found.value == pytest.approx(
        closed_form(0.4, 1 / np.sqrt(1 + error**2)), abs=5 * found.error + 0.01
    )


def test_a_curved_gain_against_nested_simulation() -> None:
    """Gains that bend with the figure, three candidates, noise of their own: means within draws."""
    rng = np.random.default_rng(4)
    figure = rng.gamma(4.0, 1.0, DRAWS)
    truth = np.column_stack([np.zeros(DRAWS), 4 - 0.25 * figure**2, np.log(figure) - 1])
    nested = truth.max(1).mean() - truth.mean(0).max()
    found = information_value(truth + rng.normal(0, 2, truth.shape), figure)
    assert found.value == pytest.approx(nested, rel=0.05)


def test_a_figure_that_tells_nothing_scatters_about_zero() -> None:
    rng = np.random.default_rng(5)
    values = []
    for _ in range(50):
        earned = np.column_stack([np.zeros(2000), rng.normal(0.5, 1.0, 2000)])
        values.append(information_value(earned, rng.normal(size=2000)).value)
    assert 0 <= np.mean(values) < 0.002


def test_a_figure_of_two_values_is_a_class_each() -> None:
    figure = np.array([0.0, 0.0, 1.0, 1.0] * 10)
    earned = np.column_stack([np.zeros(40), np.array([-1.0, -3.0, 5.0, 7.0] * 10)])
    assert expected_given(earned, figure)[[0, 2], 1] == pytest.approx([-2.0, 6.0])
    found = information_value(earned, figure)
    assert found.value == pytest.approx(3.0 - 2.0)  # 6 in half the draws, against 2 always
    assert found.turns == 0.5


def test_the_choice_without_it_may_be_another_than_the_best() -> None:
    """A plan that stays below its threshold gains more by hearing what settles it."""
    rng = np.random.default_rng(6)
    figure = rng.normal(0.3, 1.0, DRAWS)
    earned = np.column_stack([np.zeros(DRAWS), figure])
    best, stays = (information_value(earned, figure, now=now).value for now in (None, 0))
    assert stays == pytest.approx(best + 0.3, abs=0.03)
