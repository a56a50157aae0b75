"""The compiled loops in plain Python beside dense algebra, on matrices that fit on a page."""

import math
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("numba", reason="the extra 'gravity' is not installed")

from offing.market.gravity import batch, forest, kernel, panel_kernel

Floats = NDArray[np.float64]
K, YEARS, N, M = 2, 3, 4, 5
RNG = np.random.default_rng(11)
X = RNG.normal(size=(K, N, M))
INSIDE = np.ones((N, M))
INSIDE[0, 1] = INSIDE[3, 4] = 0.0
MU = RNG.uniform(0.5, 2.0, (N, M)) * INSIDE
ROWS, COLS = MU.sum(1), MU.sum(0)


@pytest.fixture(autouse=True)
def _in_plain_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each function as it is written: one that calls another calls it so, too."""
    for module in (kernel, panel_kernel, forest, batch):
        for name, function in list(vars(module).items()):
            if hasattr(function, "py_func"):
                monkeypatch.setattr(module, name, function.py_func)


def call(module: ModuleType, name: str, *arguments: Any) -> Any:
    return getattr(module, name)(*arguments)


def dummies(n: int, m: int) -> Floats:
    """A column for each row and each column of a matrix: ``(n m, n + m)``."""
    rows = np.repeat(np.eye(n), m, axis=0)
    columns = np.tile(np.eye(m), (n, 1))
    return np.hstack([rows, columns])


def left_over(design: Floats, weights: Floats, y: Floats) -> Floats:
    """What weighted least squares leaves of y."""
    root = np.sqrt(weights)
    found = np.linalg.lstsq(design * root[:, None], y * root, rcond=None)[0]
    return np.asarray(y - design @ found)


@pytest.mark.parametrize("value", [-699.0, -20.5, -1.0, -1e-9, 0.0, 1e-9, 0.3466, 1.0, 20.5, 699.0])
def test_the_exponential(value: float) -> None:
    assert call(kernel, "_exp", value) == pytest.approx(math.exp(value), rel=5e-16)


def test_trade_without_resistance_and_a_sweep() -> None:
    beta, a, d, total = np.array([0.5, -0.2]), np.arange(1.0, N + 1), np.empty((N, M)), np.empty(M)
    call(kernel, "_resistance_free", X, INSIDE, beta, a, d, total)
    expected = np.exp(np.tensordot(beta, X, 1)) * INSIDE
    assert d == pytest.approx(expected)
    assert total == pytest.approx(a @ expected)
    b, rows, columns = np.ones(M), ROWS * 2, COLS * 2
    call(kernel, "_sweep", d, rows, columns, a, b)
    assert b == pytest.approx(columns / (np.arange(1.0, N + 1) @ expected))
    assert a == pytest.approx(rows / (expected @ b))


def test_expected_trade_meets_its_rows() -> None:
    b, a, mu, cols = np.arange(1.0, M + 1), np.empty(N), np.empty((N, M)), np.empty(M)
    xm = call(kernel, "_update_expected", MU, X, ROWS * 3, a, b, mu, cols)
    made = MU * b
    made *= (ROWS * 3 / made.sum(1))[:, None]
    assert mu == pytest.approx(made)
    assert cols == pytest.approx(made.sum(0))
    assert xm == pytest.approx(np.einsum("kij,ij->k", X, made))


def test_second_moments() -> None:
    xr, xc, g = np.empty((K, N)), np.empty((K, M)), np.empty((K, K))
    call(kernel, "_second_moments", MU, X, xr, xc, g)
    assert xr == pytest.approx(np.einsum("kij,ij->ki", X, MU))
    assert xc == pytest.approx(np.einsum("kij,ij->kj", X, MU))
    assert g == pytest.approx(np.einsum("kij,ij,lij->kl", X, MU, X))


def test_factors_of_one_product() -> None:
    factor = call(kernel, "_schur_factor", MU, ROWS, COLS)
    whole = np.diag(ROWS) - MU / COLS @ MU.T
    assert factor @ factor.T == pytest.approx(whole[:-1, :-1])
    rhs = RNG.normal(size=(2, N - 1))
    solved = rhs.copy()
    call(kernel, "_cholesky_solve", factor, solved)
    assert solved @ whole[:-1, :-1] == pytest.approx(rhs)
    many = RNG.uniform(0.5, 2.0, (40, 50))  # more than one block of rows
    factor = call(kernel, "_schur_factor", many, many.sum(1), many.sum(0))
    whole = np.diag(many.sum(1)) - many / many.sum(0) @ many.T
    assert np.tril(factor) @ np.tril(factor).T == pytest.approx(whole[:-1, :-1])


def bare() -> Floats:
    """The covariates less their effects, by least squares: ``(K, n m)``."""
    return np.array([left_over(dummies(N, M), MU.ravel(), x.ravel()) for x in X])


def test_covariates_less_their_effects() -> None:
    _, a_x, g_x, h = call(kernel, "_normal", MU, X, ROWS, COLS)
    left = X - a_x[:, :, None] - g_x[:, None, :]
    dense = bare() * (MU.ravel() > 0)
    assert (left * INSIDE).reshape(K, -1) == pytest.approx(dense)
    assert h == pytest.approx(dense * MU.ravel() @ dense.T)
    assert call(kernel, "curvature", X, MU) == pytest.approx(h)
    near = MU * RNG.uniform(0.98, 1.02, MU.shape)
    factor, a_near, g_near, _ = call(kernel, "_normal", near, X, near.sum(1), near.sum(0))
    settled, refined = call(
        kernel, "_refine_projections", MU, X, factor, ROWS, COLS, a_near, g_near
    )
    assert settled
    assert refined == pytest.approx(h)
    assert a_near - a_near[:, -1:] == pytest.approx(a_x - a_x[:, -1:], abs=1e-8)
    far = MU * RNG.uniform(0.1, 5.0, MU.shape)
    factor, a_far, g_far, _ = call(kernel, "_normal", far, X, far.sum(1), far.sum(0))
    assert not call(kernel, "_refine_projections", MU, X, factor, ROWS, COLS, a_far, g_far)[0]


def test_a_few_sweeps_leave_no_less(monkeypatch: pytest.MonkeyPatch) -> None:
    *_, h = call(kernel, "_normal", MU, X, ROWS, COLS)
    a_x, g_x, early = call(kernel, "_swept_projections", MU, X, ROWS, COLS)
    left = X - a_x[:, :, None] - g_x[:, None, :]
    assert early == pytest.approx(np.einsum("kij,ij,lij->kl", left, MU, left))
    assert np.linalg.eigvalsh(early - h)[0] > -1e-12
    monkeypatch.setattr(kernel, "EARLY_SWEEPS", 200)
    assert call(kernel, "_swept_projections", MU, X, ROWS, COLS)[2] == pytest.approx(h)


def test_a_likelihood() -> None:
    a, b, beta = np.arange(1.0, 3), np.arange(2.0, 5), np.array([0.5])
    found = call(kernel, "_likelihood", a, b, beta, a * 2, b * 3, np.array([7.0]))
    expected = 4 * math.log(2) + 6 * math.log(2) + 9 * math.log(3) + 12 * math.log(4) + 3.5
    assert found == pytest.approx(expected)


def test_a_fit_is_where_the_scores_are_nothing() -> None:
    y = RNG.poisson(3.0, (N, M)) * INSIDE + 0.1 * INSIDE
    s = np.einsum("kij,ij->k", X, y)
    sample = kernel.Sample(X, INSIDE, y.sum(1), y.sum(0), s)
    made = call(kernel, "fit", sample, np.zeros(K), 1e-10, 50)
    assert made.state == kernel.CONVERGED == 0
    assert made.mu.sum(1) == pytest.approx(y.sum(1))
    assert made.mu.sum(0) == pytest.approx(y.sum(0))
    assert np.einsum("kij,ij->k", X, made.mu) == pytest.approx(s)
    index = np.tensordot(made.beta, X, 1)
    assert made.mu == pytest.approx(made.a[:, None] * made.b * np.exp(index) * INSIDE)
    left = (X - made.a_x[:, :, None] - made.g_x[:, None, :]) * INSIDE
    assert made.h == pytest.approx(np.einsum("kij,ij,lij->kl", left, made.mu, left))
    far = call(kernel, "fit", sample, np.array([4.0, -4.0]), 1e-10, 80)
    assert far.beta == pytest.approx(made.beta)
    assert call(kernel, "fit", sample, np.array([4.0, -4.0]), 1e-10, 1).state == kernel.SLOW


def test_the_middle_of_a_sandwich() -> None:
    residual, a_x, g_x = RNG.normal(size=(N, M)), RNG.normal(size=(K, N)), RNG.normal(size=(K, M))
    scores = residual * INSIDE * (X - a_x[:, :, None] - g_x[:, None, :])
    single, by_row, by_col = call(kernel, "meats", X, INSIDE, residual, a_x, g_x)
    assert single == pytest.approx(np.einsum("kij,lij->kl", scores, scores))
    assert by_row == pytest.approx(scores.sum(2) @ scores.sum(2).T)
    assert by_col == pytest.approx(scores.sum(1) @ scores.sum(1).T)


def test_parts_of_all_countries() -> None:
    layers = np.arange(27.0).reshape(3, 3, 3)
    found = call(kernel, "gather", layers, np.array([2, 0]), np.array([1, 2]))
    assert found.tolist() == layers[:, [2, 0]][:, :, [1, 2]].tolist()
    codes = np.array([2, 0, 2], np.uint8)
    assert call(kernel, "_sums_by", codes, np.array([1.0, 2.0, 4.0]), 3).tolist() == [2, 0, 5]


PANEL = RNG.uniform(0.5, 2.0, (YEARS, N, M))
SQUARE = RNG.uniform(0.5, 2.0, (YEARS, N, N))


def weights(mu: Floats, *, paired: bool = True, both_ways: bool = False) -> Any:
    rows, cols, factor = mu.sum(2), mu.sum(1), np.empty((len(mu), mu.shape[1], mu.shape[1]))
    call(panel_kernel, "factors", mu, rows, cols, factor)
    total = mu.sum(0)
    total = total + total.T if both_ways else total
    by_pair = 1 / total if paired else np.zeros_like(total)
    return panel_kernel.Weights(mu, by_pair, both_ways, factor, rows, cols)


def panel_dummies(mu: Floats, *, paired: bool, both_ways: bool) -> Floats:
    """Exporter-years, importer-years and pairs: a column each."""
    _, n, m = mu.shape
    t, i, j = (index.ravel() for index in np.indices(mu.shape))
    groups = [t * n + i, t * m + j]
    if paired:
        one, other = (np.minimum(i, j), np.maximum(i, j)) if both_ways else (i, j)
        groups.append(one * max(n, m) + other)
    return np.hstack([(g[:, None] == np.unique(g)).astype(float) for g in groups])


def test_each_years_own_system() -> None:
    w = weights(PANEL)
    for t in range(YEARS):
        whole = np.diag(w.rows[t] * (1 + panel_kernel.RIDGE)) - PANEL[t] / w.cols[t] @ PANEL[t].T
        assert np.tril(w.factor[t]) @ np.tril(w.factor[t]).T == pytest.approx(whole)
    one, other = RNG.normal(size=(YEARS, N)), RNG.normal(size=(YEARS, M))
    r_a = w.rows * one + np.einsum("tij,tj->ti", PANEL, other)
    r_g = w.cols * other + np.einsum("tij,ti->tj", PANEL, one)
    z_a, z_g = np.empty((YEARS, N)), np.empty((YEARS, M))
    call(panel_kernel, "_precondition", w, r_a, r_g, z_a, z_g)
    assert w.rows * z_a + np.einsum("tij,tj->ti", PANEL, z_g) == pytest.approx(r_a, abs=1e-5)
    assert w.cols * z_g + np.einsum("tij,ti->tj", PANEL, z_a) == pytest.approx(r_g, abs=1e-5)


def test_an_exporter_that_is_idle_for_a_year() -> None:
    mu = PANEL.copy()
    mu[1, 2], mu[2, :, 3] = 0.0, 0.0
    w = weights(mu)
    assert np.isfinite(w.factor).all()
    z_a, z_g = np.empty((YEARS, N)), np.empty((YEARS, M))
    call(panel_kernel, "_precondition", w, w.rows.copy(), w.cols.copy(), z_a, z_g)
    assert np.isfinite(z_a).all()
    assert z_g[2, 3] == 0
    assert z_a[1, 2] == 0


@pytest.mark.parametrize(("paired", "both_ways"), [(False, False), (True, False), (True, True)])
def test_sums_and_the_system_times_a_vector(paired: bool, both_ways: bool) -> None:
    mu = SQUARE
    w = weights(mu, paired=paired, both_ways=both_ways)
    alpha, gamma = RNG.normal(size=(YEARS, N)), RNG.normal(size=(YEARS, N))
    index = alpha[:, :, None] + gamma[:, None, :]

    def mean(q: Floats) -> Floats:
        total = q.sum(0)
        return np.asarray((total + total.T if both_ways else total) * w.by_pair)

    out_a, out_g = np.empty((YEARS, N)), np.empty((YEARS, N))
    call(panel_kernel, "_apply_system", w, alpha, gamma, out_a, out_g)
    made = mu * (index - mean(mu * index))
    assert out_a == pytest.approx(made.sum(2))
    assert out_g == pytest.approx(made.sum(1))
    q, weight = RNG.normal(size=mu.shape), RNG.uniform(0.5, 1.5, mu.shape)
    call(panel_kernel, "_sums", q, weight, w, out_a, out_g)
    made = weight * q - mu * mean(weight * q)
    assert out_a == pytest.approx(made.sum(2))
    assert out_g == pytest.approx(made.sum(1))
    if both_ways:
        both = call(panel_kernel, "_both_ways", w, alpha, gamma)
        assert both == pytest.approx(mean(mu * index))
    out = np.empty_like(q)
    call(panel_kernel, "residual", q, w, alpha, gamma, out)
    assert out == pytest.approx(q - index - mean(mu * (q - index)))


@pytest.mark.parametrize(("paired", "both_ways"), [(False, False), (True, False), (True, True)])
def test_a_projection_is_that_of_least_squares(paired: bool, both_ways: bool) -> None:
    w = weights(SQUARE, paired=paired, both_ways=both_ways)
    q, out = RNG.normal(size=SQUARE.shape), np.empty(SQUARE.shape)
    alpha, gamma = np.zeros((YEARS, N)), np.zeros((YEARS, N))
    steps = call(panel_kernel, "project", q, SQUARE, w, alpha, gamma, 1e-12, 200)
    assert 0 < steps < 200
    call(panel_kernel, "residual", q, w, alpha, gamma, out)
    design = panel_dummies(SQUARE, paired=paired, both_ways=both_ways)
    assert out.ravel() == pytest.approx(left_over(design, SQUARE.ravel(), q.ravel()), abs=1e-8)
    again = call(panel_kernel, "project", q, SQUARE, w, alpha, gamma, 1e-6, 200)
    assert again == 0  # the guess that comes in will do
    assert call(panel_kernel, "project", q, SQUARE, w, 0 * alpha, 0 * gamma, 1e-12, 1) == 1


def test_moments_of_a_panel() -> None:
    left, y = RNG.normal(size=(K, YEARS, N, M)), RNG.uniform(size=(YEARS, N, M))
    curve, score = call(panel_kernel, "moments", left, PANEL, y)
    assert curve == pytest.approx(np.einsum("ktij,tij,ltij->kl", left, PANEL, left))
    assert score == pytest.approx(np.einsum("ktij,tij->k", left, y - PANEL))


def test_expected_trade_of_a_panel() -> None:
    x, inside = RNG.normal(size=(K, YEARS, N, M)), RNG.integers(0, 2, (YEARS, N, M)) * 1.0
    beta, mu = np.array([0.3, -0.4]), np.empty((YEARS, N, M))
    a, b, e = (RNG.uniform(1, 2, shape) for shape in ((YEARS, N), (YEARS, M), (N, M)))
    call(panel_kernel, "update_expected", x, inside, beta, a, b, e, mu)
    index = np.exp(np.tensordot(beta, x, 1))
    assert mu == pytest.approx(a[:, :, None] * b[:, None, :] * e * index * inside)


@pytest.mark.parametrize(("paired", "both_ways"), [(False, False), (True, False), (True, True)])
def test_one_round_of_meeting_sums(paired: bool, both_ways: bool) -> None:
    rows, cols = RNG.uniform(1, 3, (YEARS, N)), RNG.uniform(1, 3, (YEARS, N))
    pairs = RNG.uniform(1, 3, (N, N))
    totals = panel_kernel.Totals(rows, cols, pairs, paired, both_ways)
    mu, a, b, e = SQUARE.copy(), np.ones((YEARS, N)), np.ones((YEARS, N)), np.ones((N, N))
    call(panel_kernel, "meet", mu, totals, a, b, e)
    sums = SQUARE.sum(0)
    sums = sums + sums.T if both_ways else sums
    by_pair = pairs / sums if paired else np.ones((N, N))
    made = SQUARE * by_pair
    by_column = cols / made.sum(1)
    made = made * by_column[:, None, :]
    by_row = rows / made.sum(2)
    assert mu == pytest.approx(made * by_row[:, :, None])
    assert a == pytest.approx(by_row)
    assert b == pytest.approx(by_column)
    assert e == pytest.approx(by_pair)


def test_nothing_is_scaled_where_nothing_flows() -> None:
    mu = SQUARE.copy()
    mu[:, 1], mu[0, :, 2] = 0.0, 0.0
    totals = panel_kernel.Totals(mu.sum(2), mu.sum(1), mu.sum(0), True, False)
    a, b, e, before = np.ones((YEARS, N)), np.ones((YEARS, N)), np.ones((N, N)), mu.copy()
    call(panel_kernel, "meet", mu, totals, a, b, e)
    assert mu == pytest.approx(before)
    assert (a == 1).all()
    assert e[1].tolist() == [1] * N


def trees(*flows: tuple[int, int]) -> Iterator[NDArray[np.int64]]:
    """Rows and columns of flows."""
    yield from np.array(flows).T.astype(np.int64)


def test_trees_and_cycles_of_flows() -> None:
    """Two flows make a tree; a square of four closes one cycle, around which x must vanish."""
    x = np.arange(9.0).reshape(1, 3, 3) ** 2
    i_of, j_of = trees((0, 0), (0, 1), (1, 0), (1, 1), (2, 2))
    parts, rows, columns, row_at, col_at, gram = call(forest, "forest", x, i_of, j_of)
    assert (parts, rows.tolist(), columns.tolist()) == (2, [0, 0, 1], [0, 0, 1])
    for i, j in ((0, 0), (0, 1), (1, 0), (2, 2)):
        assert row_at[i, 0] + col_at[j, 0] == x[0, i, j]
    around = x[0, 1, 1] - x[0, 1, 0] - x[0, 0, 1] + x[0, 0, 0]
    assert gram == pytest.approx(np.array([[around**2]]))


def test_what_rules_separation_out() -> None:
    square = [(0, 0), (0, 1), (1, 0), (1, 1)]
    x = np.arange(9.0).reshape(1, 3, 3) ** 2

    def ruled_out(inside: Floats, *flows: tuple[int, int], x: Floats = x) -> bool:
        return bool(call(forest, "cannot_separate", x, inside, *trees(*flows)))

    everything = np.ones((3, 3))
    assert ruled_out(everything, *square, (2, 2))
    assert ruled_out(everything[:2, :2], *square, x=x[:, :2, :2])
    assert not ruled_out(everything, *square[:3], (2, 2))  # no cycle
    assert not ruled_out(everything, *square, (2, 2), x=np.ones((1, 3, 3)))  # x vanishes on it
    twice = np.concatenate([x, 2 * x])
    assert not ruled_out(everything, *square, (2, 2), x=twice)
    one_way = np.ones((3, 3))
    one_way[2, :2] = 0.0  # from the second tree none leads to the first
    assert not ruled_out(one_way, *square, (2, 2))
    back = one_way.copy()
    back[2, 0] = 1.0
    assert ruled_out(back, *square, (2, 2))


def test_ways_from_tree_to_tree() -> None:
    parts = np.array([0, 1, 2])

    def connected(*ways: tuple[int, int]) -> bool:
        inside = np.eye(3)
        for way in ways:
            inside[way] = 1.0
        return bool(call(forest, "_strongly_connected", 3, inside, parts, parts))

    assert connected((0, 1), (1, 2), (2, 0))
    assert not connected((0, 1), (1, 2))
    assert not connected((0, 1), (1, 0), (1, 2))
    assert connected((0, 1), (1, 0), (1, 2), (2, 1))


def test_rows_are_put_by_product_and_sorted() -> None:
    product = np.array([1, 0, -1, 1, 0], np.int32)
    exporter = np.array([2, 1, 0, 0, 0], np.int32)
    importer = np.array([1, 2, 0, 2, 2], np.int32)
    value, ends = np.array([5.0, 4.0, 3.0, 2.0, 1.0]), np.array([0, 2])
    pair, out = (np.zeros(4, np.uint8), np.zeros(4, np.uint8)), np.zeros(4)
    call(batch, "append_rows", (product, exporter, importer), value, ends, pair, out)
    assert ends.tolist() == [2, 4]
    assert [side.tolist() for side in pair] == [[1, 0, 2, 0], [2, 2, 1, 2]]
    assert out.tolist() == [4, 1, 5, 2]
    starts = np.array([0, 2])
    again = call(batch, "sort_within", (0, 2), starts, ends, 3, pair, out)
    assert not again
    assert [side.tolist() for side in pair] == [[0, 1, 2, 0], [2, 2, 1, 2]]
    assert out.tolist() == [1, 4, 5, 2]
    twice = (np.array([1, 0, 1], np.uint8), np.array([2, 2, 2], np.uint8))
    assert call(batch, "sort_within", (0, 1), starts[:1], np.array([3]), 3, twice, np.ones(3))
    alike = (np.array([1, 0, 1], np.uint8), np.array([2, 2, 1], np.uint8))
    assert not call(batch, "sort_within", (0, 1), starts[:1], np.array([3]), 3, alike, np.ones(3))


def test_the_exponential_has_ends() -> None:
    for far, end in ((1e4, 700.0), (-1e4, -700.0)):
        assert call(kernel, "_exp", far) == pytest.approx(math.exp(end), rel=1e-15)
