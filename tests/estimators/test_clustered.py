"""The regression against dense algebra, another program, a closed form, and simulations."""

from collections.abc import Sequence
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from offing.estimators.clustered import Fit, clustered_variance, combine_slopes, fit
from offing.estimators.penalised import Apart

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def drawn(seed: int, n: int = 300) -> tuple[Floats, Floats, Floats, list[Ints]]:
    """Outcome, two regressors, weights over six orders of magnitude, and three groupings."""
    rng = np.random.default_rng(seed)
    groups = [rng.integers(0, size, n) for size in (6, 12, 15)]
    groups = [np.unique(group, return_inverse=True)[1].astype(np.int64) for group in groups]
    x = rng.normal(size=(n, 2)) + groups[0][:, None] / 3
    noise = rng.normal(size=12)[groups[1]] + rng.normal(size=n)
    y = x @ [2.0, -1.0] + groups[2] + noise
    return y, x, 10 ** rng.uniform(0, 6, n), groups


def dense(
    y: Floats, x: Floats, weights: Floats, effects: Sequence[Ints], ways: Sequence[Ints]
) -> tuple[Floats, Floats]:
    """Slopes and standard errors with every dummy written out, cluster by cluster."""
    dummies = [np.eye(group.max() + 1)[group] for group in effects] or [np.ones((len(y), 1))]
    full = np.column_stack([x, *dummies])
    root = np.sqrt(weights)
    bread = np.linalg.pinv((full * weights[:, None]).T @ full, rcond=1e-14)
    slopes = np.linalg.lstsq(full * root[:, None], y * root, rcond=None)[0]
    score = full * (weights * (y - full @ slopes))[:, None]

    def variance(chosen: Sequence[Ints]) -> Floats:
        meat = np.zeros((full.shape[1],) * 2)
        for cluster in sorted({tuple(row) for row in zip(*chosen, strict=True)}):
            inside = np.all([way == c for way, c in zip(chosen, cluster, strict=True)], axis=0)
            total = score[inside].sum(axis=0)
            meat += np.outer(total, total)
        return np.asarray(np.diag(bread @ meat @ bread)[: x.shape[1]])

    total = sum(
        (-1) ** (size + 1) * variance(chosen)
        for size in range(1, len(ways) + 1)
        for chosen in combinations(ways, size)
    )
    largest = np.max([variance([way]) for way in ways], axis=0)
    scaled = full * root[:, None]
    rank = np.linalg.matrix_rank(scaled / np.linalg.norm(scaled, axis=0))
    groups = min(len(np.unique(way)) for way in ways)
    factor = groups / (groups - 1) * (len(y) - 1) / (len(y) - rank)
    return slopes[: x.shape[1]], np.sqrt(factor * np.where(total > 0, total, largest))


@pytest.mark.parametrize("effects", [0, 1, 3])
@pytest.mark.parametrize("ways", [1, 2, 3])
@pytest.mark.parametrize("weighted", [False, True])
def test_equals_dense_algebra(effects: int, ways: int, weighted: bool) -> None:
    y, x, weights, groups = drawn(0)
    weights = weights if weighted else np.ones(len(y))
    made = fit(y, x, weights, groups[:effects], groups[:ways])
    slopes, errors = dense(y, x, weights, groups[:effects], groups[:ways])
    # normal equations of weights over six orders of magnitude keep about nine digits
    np.testing.assert_allclose(made.beta, slopes, rtol=1e-7)
    found = [combine_slopes([made], [1.0], slope=k).error for k in range(2)]
    np.testing.assert_allclose(found, errors, rtol=1e-6)


PYFIXEST = {
    (False, 1): ([2.12875405, -0.95406519], [0.04868157, 0.09939908]),
    (True, 1): ([2.4617311, -0.95017606], [0.08159969, 0.10818765]),
    (True, 2): ([2.4617311, -0.95017606], [0.09125891, 0.09872255]),
}
"""pyfixest 0.60.0: ``feols("y ~ a + b | g0 + g1 + g2", vcov={"CRV1": "g1"})`` and ``"g1+g2"``,
``ssc(k_fixef="full", G_df="min")``, of ``drawn(7)``, without and with weights."""


@pytest.mark.parametrize(("weighted", "ways"), PYFIXEST)
def test_equals_pyfixest(weighted: bool, ways: int) -> None:
    y, x, weights, groups = drawn(7)
    made = fit(y, x, weights if weighted else np.ones(len(y)), groups, groups[1 : 1 + ways])
    slopes, errors = PYFIXEST[weighted, ways]
    np.testing.assert_allclose(made.beta, slopes, rtol=1e-8)
    # its alternating projections stop at 1e-6 or so with weights this uneven
    found = [combine_slopes([made], [1.0], slope=k).error for k in range(2)]
    np.testing.assert_allclose(found, errors, rtol=3e-6)


def test_closed_form_of_two_means() -> None:
    """A dummy's slope is a difference of means; each row its own cluster gives White's errors."""
    y = np.array([1.0, 2.0, 6.0, 4.0, 9.0])
    x = np.array([[0.0], [0.0], [0.0], [1.0], [1.0]])
    made = combine_slopes([fit(y, x, np.ones(5), [], [np.arange(5)])], [1.0])
    assert made.value == pytest.approx(6.5 - 3.0)
    squares = ((y[:3] - 3) ** 2).sum() / 9 + ((y[3:] - 6.5) ** 2).sum() / 4
    assert made.error**2 == pytest.approx(5 / 4 * 4 / 3 * squares)
    assert made.freedom == 4
    # Student's t with 4 degrees of freedom at 97.5 %: 2.7764 (any table)
    assert made.high - made.value == pytest.approx(2.7764451 * made.error)


def test_disconnected_effects_and_their_rank() -> None:
    """Two worlds that never meet: one more effect follows from the others."""
    rng = np.random.default_rng(5)
    first = np.repeat([0, 1, 2, 3], 50)
    second = np.concatenate([rng.integers(0, 2, 100), rng.integers(2, 5, 100)])
    x = rng.normal(size=(200, 1))
    made = fit(x[:, 0] + rng.normal(size=200), x, np.ones(200), [first, second], [first])
    assert made.rank == 1 + 4 + 5 - 2


def test_difference_of_two_is_the_stacked_regression() -> None:
    y1, x1, w1, g1 = drawn(1)
    y2, x2, w2, g2 = drawn(2, n=200)
    one = fit(y1, x1, w1 / w1.mean(), g1[2:], g1[:2])
    two = fit(y2, x2, w2 / w2.mean(), g2[2:], g2[:2])
    found = combine_slopes([one, two], [1.0, -1.0])
    # every regressor and effect has a copy for the second sample; the difference is a regressor
    zeros = np.zeros((200, 2))
    x = np.column_stack([np.vstack([x1, zeros]), np.vstack([np.zeros_like(x1), x2])])
    effects = [np.concatenate([g1[2], g2[2] + g1[2].max() + 1])]
    ways = [np.concatenate(pair) for pair in zip(g1[:2], g2[:2], strict=True)]
    weights = np.concatenate([w1 / w1.mean(), w2 / w2.mean()])
    stacked = np.column_stack([x[:, 0], x[:, 0] + x[:, 2], x[:, 1], x[:, 3]])
    slopes, errors = dense(np.concatenate([y1, y2]), stacked, weights, effects, ways)
    assert found.value == pytest.approx(slopes[0], rel=1e-7)
    assert found.error == pytest.approx(errors[0], rel=1e-6)


def _null(rng: np.random.Generator) -> Fit:
    """No effect, but exporters and importers each move together, and have regressors in common."""
    exporter, importer = (part.ravel() for part in np.meshgrid(np.arange(30), np.arange(30)))
    keep = rng.random(900) < 0.5
    exporter, importer = exporter[keep], importer[keep]

    def parts(scale: float) -> Floats:
        e, i = rng.normal(size=30)[exporter], rng.normal(size=30)[importer]
        own: Floats = rng.normal(size=len(exporter))
        return scale * (e + i) + own

    return fit(parts(0.7), parts(0.7)[:, None], np.ones(len(exporter)), [], [exporter, importer])


def test_rejects_a_true_null_about_one_time_in_twenty() -> None:
    rng = np.random.default_rng(11)
    fits = [_null(rng) for _ in range(400)]
    rejected = np.mean([combine_slopes([made], [1.0]).clear for made in fits])
    # 5 % ± 3 standard errors of 400 draws (1.1 points), and room for the few clusters
    assert 0.02 < rejected < 0.095
    # without clusters the same data reject far too often: the test can fail
    plain = [
        combine_slopes([Fit(m.beta, m.influence, (np.arange(m.rows),), m.rank)], [1.0]).clear
        for m in fits
    ]
    assert np.mean(plain) > 0.2


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


def whole() -> tuple[np.ndarray, np.ndarray]:
    """Rows of two kinds, the first two columns of the one, the rest of the other."""
    rng = np.random.default_rng(3)
    x, first = rng.normal(2.0, 3.0, size=(40, 5)), rng.random(40) < 0.3
    x[~first, :2] = x[first, 2:] = 0.0
    x[~first, 4] = 0.0  # does not vary
    return x, first


@pytest.mark.parametrize("some", [0.0, 0.7, 1.0])
def test_products_of_blocks_are_those_of_the_whole(some: float) -> None:
    x, first = whole()
    taken = np.random.default_rng(4).random(40) < some
    design = Apart.of(x, [(first & taken, slice(0, 2)), (~first & taken, slice(2, 5))])
    x = x[taken]
    rng = np.random.default_rng(5)
    b, weight, ends = rng.normal(size=5), rng.random(len(x)), np.array([0, len(x) // 3, len(x)])
    assert len(design) == len(x)
    assert design @ b == pytest.approx(x @ b)
    assert design.T @ weight == pytest.approx(x.T @ weight)
    assert design.square(weight) == pytest.approx(x.T @ (x * weight[:, None]))
    weighted = x * weight[:, None]
    added = [weighted[start:end].sum(axis=0) for start, end in pairwise(ends)]
    assert design.sums(weight, ends) == pytest.approx(np.array(added))
