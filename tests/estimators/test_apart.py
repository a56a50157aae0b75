"""A design kept in blocks does what the whole matrix does."""

from itertools import pairwise

import numpy as np
import pytest

from offing.estimators.penalised import Apart


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
