"""A sparse matrix by column, beside the same one written out in full."""

import numpy as np

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
    place, row, value = sparse(FULL).of_columns(np.array([3, 2, 1]))
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
