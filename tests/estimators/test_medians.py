"""A regression of the median, and how much larger errors of new rows are."""

import numpy as np
import pytest

from offing.estimators.penalised import least_deviations, least_squares, prediction_error


def test_a_few_wild_rows_do_not_bend_a_median() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(2000, 2))
    y = 1.0 + x @ [0.5, -0.3] + rng.laplace(0, 0.3, 2000)
    wild = rng.random(2000) < 0.05
    y[wild] += 20 * (x[wild, 0] > 0)
    one = np.ones(2000)
    median, mean = (fit(x, y, one, 1e-6) for fit in (least_deviations, least_squares))
    assert median.slopes == pytest.approx([0.5, -0.3], abs=0.06)
    assert median.intercept == pytest.approx(1.0, abs=0.08)
    assert abs(mean.slopes[0] - 0.5) > 0.2


def test_without_columns_it_is_the_weighted_median() -> None:
    y = np.sort(np.random.default_rng(6).exponential(1.0, 401))
    nothing, one = np.zeros((401, 1)), np.ones(401)
    assert least_deviations(nothing, y, one).intercept == pytest.approx(np.median(y), abs=0.05)
    upper = np.where(y > np.median(y), 3.0, 1.0)
    # A quarter of the weight lies below the median: a third of the rest makes up the half.
    weighted = np.quantile(y, 0.5 + 0.5 / 3)
    assert least_deviations(nothing, y, upper).intercept == pytest.approx(weighted, abs=0.1)


def test_errors_of_new_rows_are_larger_by_what_was_said() -> None:
    """Ten columns that say nothing, 60 rows: simulated seen and unseen errors of ridge fits."""
    rng = np.random.default_rng(5)
    seen = unseen = 0.0
    said = []
    for _ in range(300):
        x, fresh = rng.normal(size=(2, 60, 10))
        y, later = rng.normal(size=(2, 60))
        line = least_squares(x, y, np.ones(60), 0.05)
        seen += float(np.mean((y - line(x)) ** 2))
        unseen += float(np.mean((later - line(fresh)) ** 2))
        said.append(prediction_error(x, 0.05))
    assert np.mean(said) == pytest.approx(np.sqrt(unseen / seen), rel=0.04)
    assert prediction_error(rng.normal(size=(20_000, 10))) < 1.001
