"""Weighted squares, scaled columns, halved steps and lines with a penalty, in closed form."""

import math
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from offing.estimators.clustered import Estimate, Instrumented
from offing.estimators.newton import (
    NewtonPoint,
    Search,
    halve_step,
    independent,
    least_eigenvalue,
    newton,
    solve_normal_equations,
    standardise,
    weighted_square,
)
from offing.estimators.penalised import (
    LARGEST,
    Standard,
    logistic,
    poisson,
    prediction_error,
    shares,
)

X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0], [0.0, 1.0], [2.0, 2.0]])
W = np.array([1.0, 2.0, 0.5, 1.0, 3.0])


@pytest.mark.parametrize("at_once", [1, 2, 5, 1024])
def test_a_weighted_square(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr("offing.estimators.newton.ROWS_AT_ONCE", at_once)
    expected = (X.T * W) @ X
    assert weighted_square(X, W) == pytest.approx(expected)
    assert weighted_square(sparse.csr_array(X), W) == pytest.approx(expected)


def test_a_system_whose_columns_are_of_many_sizes() -> None:
    normal = np.array([[4e12, 1e3], [1e3, 1e-6]])
    right = np.array([1.0, 2.0])
    assert normal @ solve_normal_equations(normal, right) == pytest.approx(right)
    both = np.array([[1.0, 0.0], [2.0, 1.0]])
    assert normal @ solve_normal_equations(normal, both) == pytest.approx(both, abs=1e-6)
    with pytest.raises(np.linalg.LinAlgError):
        solve_normal_equations(np.array([[1.0, 2.0], [2.0, 1.0]]), right)


def test_columns_of_mean_nothing_and_deviation_one() -> None:
    share = W / W.sum()
    mean = share @ X
    deviation = np.sqrt(share @ (X - mean) ** 2)
    z, at, of = standardise(X, W)
    assert at == pytest.approx(mean)
    assert of == pytest.approx(deviation)
    assert z == pytest.approx((X - mean) / deviation)
    into = np.empty_like(X)
    assert standardise(X, W, into=into)[0] is into
    assert into == pytest.approx(z)
    flat = np.column_stack([np.full(5, 7.0), 7 + 5e-7 * np.array([1, -1, 1, -1, 0])])
    z, _, of = standardise(flat, np.ones(5))
    assert np.isinf(of).all()
    assert (z == 0).all()
    assert np.isfinite(standardise(1e-5 * X, W)[2]).all()


def test_columns_that_follow_from_others() -> None:
    made = np.column_stack([X, X @ [1.0, -2.0], np.zeros(5), np.arange(5.0) ** 2])
    squares = made.T @ made
    assert independent(squares, np.diag(squares)) == [0, 1, 4]
    # nearly nothing is left of the first where its effects are taken out
    assert independent(np.diag([1e-10, 1.0]), np.ones(2)) == [1]
    assert independent(np.diag([1.1e-10, 1.0]), np.ones(2)) == [0, 1]
    assert least_eigenvalue(np.array([[4.0, 1.0], [1.0, 1.0]])) == pytest.approx(0.5)
    assert least_eigenvalue(np.array([[4.0, 0.0], [0.0, 0.0]])) == 0


def test_a_step_is_halved_until_it_is_no_worse() -> None:
    asked: list[float] = []

    def objective(share: float) -> float:
        asked.append(share)
        return share * 4

    assert halve_step(objective, 1.0, slack=0.0) == 1
    assert asked == [1, 0.5, 0.25]
    asked.clear()
    assert halve_step(objective, 1.0, share=0.5, slack=1.0) == 2
    assert asked == [0.5]
    asked.clear()
    assert halve_step(objective, -1.0, slack=0.5) == 4 / 2**11
    assert len(asked) == 12


def quadratic(target: np.ndarray[Any, Any]) -> Any:
    """Half the squared distance of each row's predictor."""

    def objective(eta: np.ndarray[Any, Any]) -> NewtonPoint:
        off = eta - target
        return NewtonPoint(0.5 * float(off @ off), off, np.ones(len(eta)))

    return objective


def test_least_squares_in_one_step() -> None:
    y = np.array([1.0, 3.0, 2.0, 0.0, 1.0])
    search = Search(lambda _, moved: moved < 1e-9, 5)
    found, _, settled = newton(X, quadratic(y), np.zeros(2), search)
    assert settled
    assert found == pytest.approx(np.linalg.lstsq(X, y, rcond=None)[0])
    ridge = np.array([0.0, 2.0])
    drawn, _, _ = newton(X, quadratic(y), np.zeros(2), search, penalty=ridge)
    assert drawn == pytest.approx(np.linalg.solve(X.T @ X + np.diag(ridge), X.T @ y), rel=1e-6)
    assert not newton(X, quadratic(y), np.zeros(2), Search(lambda *_: False, 3))[2]
    twins = X[:, [0, 0]]
    ends = Search(lambda *_: False, 3, collinear=1e-9)
    alike, _, settled = newton(twins, quadratic(y), np.ones(2), ends)
    assert not settled
    assert alike.tolist() == [1, 1]


NO_COLUMNS = np.zeros((4, 0))


def test_means_without_columns() -> None:
    """exp(a) Σ w e^offset = Σ w y; log odds of the mean."""
    y, w = np.array([1.0, 2.0, 0.0, 5.0]), np.array([1.0, 2.0, 1.0, 0.5])
    offset = np.log(np.array([1.0, 2.0, 1.0, 4.0]))
    found = poisson(NO_COLUMNS, y, offset, w)
    assert math.exp(found.intercept) == pytest.approx(7.5 / 8, rel=1e-6)
    scaled = poisson(NO_COLUMNS, y * 1e6, offset, w)
    assert scaled.intercept == pytest.approx(found.intercept + math.log(1e6), rel=1e-6)
    share = np.array([0.0, 0.5, 1.0, 0.5])
    mean = 2.25 / 4.5
    assert logistic(NO_COLUMNS, share, w).intercept == pytest.approx(
        math.log(mean / (1 - mean)), abs=1e-6
    )
    quarter = logistic(NO_COLUMNS, np.array([0.0, 0.0, 0.0, 1.0]), np.ones(4))
    assert quarter.intercept == pytest.approx(-math.log(3), rel=1e-6)
    for value, end in ((0.0, -LARGEST), (1.0, LARGEST)):
        sure = logistic(X[:4], np.full(4, value), w)
        assert (sure.intercept, sure.slopes.tolist()) == (end, [0, 0])
    assert poisson(X[:4], np.zeros(4), offset, w).intercept == -LARGEST == -30


def test_two_groups_without_a_penalty() -> None:
    """A dummy's slope is the difference of the groups' logarithms, or log odds."""
    x = np.array([[0.0], [0.0], [1.0], [1.0]])
    y, w = np.array([1.0, 3.0, 4.0, 12.0]), np.array([1.0, 1.0, 1.0, 3.0])
    found = poisson(x, y, np.zeros(4), w, 0.0)
    assert found(x) == pytest.approx(np.log([2, 2, 10, 10]), rel=1e-4)
    odds = logistic(x, y / 16, w, 0.0)
    p = np.array([1 / 8, 1 / 8, 5 / 8, 5 / 8])
    assert odds(x) == pytest.approx(np.log(p / (1 - p)), rel=1e-4)
    drawn = poisson(x, y, np.zeros(4), w, 1.0)
    assert 0 < drawn.slopes[0] < found.slopes[0]


def test_a_ridge_line_by_its_formula() -> None:
    y = np.array([1.0, 3.0, 2.0, 0.0, 1.0])
    share = W / W.sum()
    z = (X - share @ X) / np.sqrt(share @ (X - share @ X) ** 2)
    penalty = 0.3
    normal = (z.T * W) @ z + penalty * W.sum() * np.eye(2)
    b = np.linalg.solve(normal, z.T @ (W * (y - share @ y)))
    said, line = Standard.of(X).line(y, W, penalty)
    assert said == pytest.approx(share @ y + z @ b)
    assert line(X) == pytest.approx(said)
    made = Standard.of(X)
    assert Standard.of(made) is made


def test_the_edge_of_what_is_clear_and_identified() -> None:
    def clear(low: float, high: float) -> bool:
        return Estimate(1.0, 1.0, low, high, 0.05, 9).clear

    assert [clear(*ends) for ends in ((0.0, 2.0), (0.1, 2.0), (-2.0, 0.0), (-2.0, -0.1))] == [
        False, True, False, True
    ]  # fmt: skip

    def identified(low: float, high: float) -> bool:
        return Instrumented(1.0, 1.0, low, high, 1.0, 9, 9).is_identified

    ends = ((0.0, 1.0), (1.0, 1.0), (2.0, 1.0), (-np.inf, 1.0), (0.0, np.inf), (np.inf, -np.inf))
    assert [identified(*each) for each in ends] == [True, True, False, False, False, False]


def test_how_much_larger_the_error_of_new_rows_is() -> None:
    """Five rows and three parameters: √(8 / 2); a penalty of one of each leaves half of two."""
    assert prediction_error(X, 0.0) == pytest.approx(2)
    alone = np.array([[1.0], [-1.0], [1.0], [-1.0]])
    assert prediction_error(alone, 1.0) == pytest.approx((5.5 / 2.5) ** 0.5)


@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_how_groups_are_shared_out(penalty: float) -> None:
    """Three of four go to the first row of each group: ln 3, less what its offset says already."""
    x = np.array([[1.0], [0.0], [1.0], [0.0]])
    y, group = np.array([3.0, 1.0, 30.0, 10.0]), np.array([0, 0, 1, 1])
    ones, none = np.ones(4), np.zeros(4)

    def slope(y: np.ndarray[Any, Any] = y, offset: Any = none, sampled: Any = ones) -> float:
        return float(shares(x.copy(), y, offset, group, sampled, ones, penalty)[0])

    if penalty:
        assert 0 < slope() < math.log(3)
        return
    assert slope() == pytest.approx(math.log(3), rel=1e-4)
    assert slope(1e9 * y) == pytest.approx(math.log(3), rel=1e-4)
    offset = np.log([2.0, 1.0, 2.0, 1.0])
    assert slope(offset=offset) == pytest.approx(math.log(1.5), rel=1e-4)
    sampled = np.array([1.0, 2.0, 1.0, 2.0])
    assert slope(sampled=sampled) == pytest.approx(math.log(3), rel=1e-4)
    uneven = np.array([3.0, 1.0, 10.0, 30.0])  # the larger group weighs more: 13 of 44
    assert slope(uneven) == pytest.approx(math.log(13 / 31), rel=1e-4)
