"""A sparse matrix by column, beside the same one written out in full."""

from dataclasses import replace

import numpy as np

from offing.planning.offers import REMEMBERED, Offer, Offers
from offing.planning.programme import Coefficients

FULL = np.array([[0.0, 2.0, 0.0, -1.0], [3.0, 0.0, 0.0, 4.0], [0.0, 5.0, 0.0, 0.0]])


def sparse(full: np.ndarray) -> Coefficients:
    rows, columns = np.nonzero(full)
    return Coefficients.of(rows[::-1], columns[::-1], full[rows, columns][::-1], full.shape)


def full(matrix: Coefficients) -> np.ndarray:
    made = np.zeros(matrix.shape)
    made[matrix.rows, matrix.columns] = matrix.values
    return made


def test_columns_are_given_in_the_order_asked() -> None:
    """Of the last and the second column: -1 and 4, then 2 and 5; the third is empty."""
    place, row, value = sparse(FULL).column_coefficients(np.array([3, 2, 1]))
    assert (place.tolist(), row.tolist()) == ([0, 0, 2, 2], [0, 1, 0, 2])
    assert value.tolist() == [-1, 4, 2, 5]


def test_prices_of_rows_price_the_columns() -> None:
    """(10, 1, 2) @ FULL = (3, 30, 0, -6)."""
    assert sparse(FULL).priced(np.array([10.0, 1.0, 2.0])).tolist() == [3, 30, 0, -6]


def test_some_rows_and_others_below_them() -> None:
    kept = sparse(FULL).only([2, 0])
    assert np.array_equal(full(kept), FULL[[2, 0]])
    both = kept.above(sparse(FULL))
    assert np.array_equal(full(both), np.concatenate([FULL[[2, 0]], FULL]))
    assert np.array_equal(both.columns, np.sort(both.columns))
    assert full(sparse(FULL).only([])).shape == (0, 4)


TV = Offer("tv", "USA", "home", "main", "own", "USD", 100.0, True, True)
ROWS = (TV, replace(TV, market="DEU"), replace(TV, market="FRA"))
UNITS = np.array([[[1.0, 0.0, 2.0]], [[3.0, 4.0, 0.0]]])
"""Two scenarios, one year."""
OFFERS = Offers(ROWS, (2027,), UNITS, 10 * UNITS, 100 * UNITS, np.ones(1))


def test_sums_are_right_however_often_they_are_asked() -> None:
    """Of the first and the third: 10 and 20, 30 and 0, at weights w and 1."""
    chosen = np.array([0, 2])
    for _ in range(2):
        for weight in np.arange(2 * REMEMBERED, dtype=float):
            earned = OFFERS.earned(0, chosen, np.array([weight, 1.0]))
            assert earned.tolist() == [10 * weight + 20, 30 * weight]
            alive = OFFERS.alive(0, chosen, np.array([weight, 1.0]))
            assert alive.tolist() == [weight + 1, weight]
    assert len(OFFERS._sums) == REMEMBERED
