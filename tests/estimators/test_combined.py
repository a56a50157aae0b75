"""A slope with its uncertainty by clusters, worked out on paper."""

from typing import Any

import numpy as np
import pytest

from offing.estimators.clustered import Fit, clustered_variance, combine_slopes


def test_a_slope_and_its_error_by_hand() -> None:
    """Two rows in each of three clusters: sums 3, −1, −2, squares 14; six rows and two slopes.

    3/2 × 5/4 × 14 = 26.25; on two degrees of freedom 95 % are 4.3027 errors.
    """
    influence = np.array([[1.0], [2.0], [-3.0], [2.0], [-1.0], [-1.0]])
    fit = Fit(np.array([10.0]), influence, (np.array([0, 0, 1, 1, 2, 2]),), 2)
    found: Any = combine_slopes([fit], [1.0])
    error = np.sqrt(26.25)
    assert (found.value, found.error, found.freedom) == (10.0, pytest.approx(error), 2)
    assert found.low == pytest.approx(10 - 4.302653 * error, rel=1e-6)
    assert found.high == pytest.approx(10 + 4.302653 * error, rel=1e-6)
    # of Student's t with two degrees: 1 − t / √(2 + t²)
    t = 10 / error
    assert found.p == pytest.approx(1 - t / np.sqrt(2 + t**2))


def test_a_difference_of_two_fits_shares_its_clusters() -> None:
    """The second takes the first one's rows away again: nothing is left but the mean."""
    one = Fit(np.array([4.0]), np.array([[1.0], [-1.0]]), (np.array([0, 1]),), 1)
    two = Fit(np.array([1.0]), np.array([[1.0], [-1.0]]), (np.array([0, 1]),), 1)
    found = combine_slopes([one, two], [1.0, -1.0])
    assert (found.value, found.error, found.p) == (3.0, 0.0, 1.0)
    doubled = combine_slopes([one, two], [1.0, 1.0])
    assert doubled.error == pytest.approx(np.sqrt(2 * 3 / 2 * 8))


def test_two_ways_of_clustering_by_inclusion_and_exclusion() -> None:
    """By rows (1 + 2)² + (3)², by columns (1 + 3)² + 2², less each cell: 18 + 20 − 14."""
    values = np.array([1.0, 2.0, 3.0])
    rows, columns = np.array([0, 0, 1]), np.array([0, 1, 0])
    assert clustered_variance(values, [rows]) == 18
    assert clustered_variance(values, [rows, columns]) == 24
    opposite = np.array([1.0, -1.0, -1.0, 1.0])
    apart = [np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])]
    assert clustered_variance(opposite, apart) == 0  # −4 is no variance: the larger way
