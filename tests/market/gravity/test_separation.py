"""The 18 separation examples of Correia, Guimarães and Zylkin (ppmlhdfe), all marked right."""

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from offing.market.gravity.careful import _certificate, separated_pairs
from shared_data import shared

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def separated_rows(
    y: NDArray[np.float64], x: NDArray[np.float64], effects: Sequence[NDArray[np.int64]] = ()
) -> NDArray[np.bool_]:
    """Which observations are separated, found exactly by a linear programme.

    Maximise ``sum t`` over the zeros with ``z = X g + effects``, ``z = 0`` at the positives,
    ``0 <= t <= z`` and ``t <= 1`` at the zeros. Certificates add up, so one solution marks every
    separated observation.

    Args:
        y: outcomes, ``(n,)``, none below 0.
        x: regressors, ``(n, k)``; k may be 0.
        effects: group numbers of each fixed effect, each ``(n,)``.

    Returns:
        A mask ``(n,)``.
    """
    n = len(y)
    zero = y == 0
    blocks = []
    if x.shape[1]:
        scale = np.abs(x).max(axis=0)
        blocks.append(sparse.csr_array(x / np.where(scale > 0, scale, 1.0)))
    for group in effects:
        _, number = np.unique(group, return_inverse=True)
        blocks.append(
            sparse.csr_array((np.ones(n), (np.arange(n), number)), shape=(n, number.max() + 1))
        )
    if not effects:
        blocks.append(sparse.csr_array(np.ones((n, 1))))
    if not zero.any():
        return np.zeros(n, dtype=bool)
    design = sparse.csr_array(sparse.hstack(blocks))
    zeros = int(zero.sum())
    free = design.shape[1]
    at_zero, at_positive = design[zero], design[~zero]
    outcome = linprog(
        np.concatenate([np.zeros(free), -np.ones(zeros)]),
        A_ub=sparse.hstack([-at_zero, sparse.eye_array(zeros)]),
        b_ub=np.zeros(zeros),
        A_eq=sparse.hstack([at_positive, sparse.csr_array((n - zeros, zeros))])
        if zeros < n
        else None,
        b_eq=np.zeros(n - zeros) if zeros < n else None,
        bounds=[(None, None)] * free + [(0, 1)] * zeros,
        method="highs",
    )
    mask = np.zeros(n, dtype=bool)
    mask[zero] = outcome.x[free:] > 1e-6
    return mask


@pytest.mark.parametrize("number", range(1, 19))
def test_published_example(number: int) -> None:
    path = shared("separation_examples", f"{number:02d}.csv")
    data = pl.read_csv(path, infer_schema_length=None, truncate_ragged_lines=True)
    regressors = [column for column in data.columns if column.startswith("x")]
    effects = [data[column].to_numpy() for column in data.columns if column.startswith("id")]
    x = np.empty((data.height, len(regressors)))
    for at, column in enumerate(regressors):  # none at all in five of the examples
        x[:, at] = data[column].to_numpy()
    found = separated_rows(data["y"].to_numpy().astype(float), x, effects)
    assert found.tolist() == (data["separated"] == 1).to_list()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000), st.integers(0, 3), st.floats(0.15, 0.7))
def test_few_unknowns_find_the_same_as_the_whole_programme(
    seed: int, dummies: int, filled: float
) -> None:
    """Sparse flows, which fall into trees and leave rare dummies without any positive flow."""
    rng = np.random.default_rng(seed)
    n, m = 5, 6
    x = np.concatenate([rng.normal(size=(1, n, m)), rng.random((dummies, n, m)) < 0.2])
    y = np.where(rng.random((n, m)) < filled, rng.gamma(1.0, size=(n, m)), 0.0)
    y[np.arange(n), np.arange(n)] += 1.0  # every row and column trades
    y[0, m - 1] += 1.0
    inside = ((rng.random((n, m)) < 0.9) | (y > 0)).astype(float)
    at, to = np.nonzero(inside)
    whole = separated_rows(y[at, to], x[:, at, to].T, [at.astype(np.int64), to.astype(np.int64)])
    i_of, j_of = (one.astype(np.int64) for one in np.nonzero(y))
    assert separated_pairs(x, inside, (i_of, j_of))[at, to].tolist() == whole.tolist()


def all_at_once(z: Floats, tolerance: float) -> Mask:
    """The textbook programme, with one unknown for every row (Correia et al. 2021, section 3.2)."""
    count, free = z.shape
    outcome = linprog(
        np.concatenate([np.zeros(free), -np.ones(count)]), A_ub=np.hstack([-z, np.eye(count)]),
        b_ub=np.zeros(count), bounds=[(None, None)] * free + [(0, 1)] * count, method="highs",
    )  # fmt: skip
    return np.asarray(outcome.x[free:] > tolerance)


@pytest.mark.parametrize("seed", range(10))
def test_few_rows_at_a_time_find_what_all_at_once_find(seed: int) -> None:
    rng = np.random.default_rng(seed)
    free, count = int(rng.integers(1, 6)), int(rng.choice([5, 20, 200]))
    z = rng.normal(size=(count, free))
    if seed % 3 == 1:
        z = rng.integers(-1, 2, size=(count, free)).astype(float)
    if seed % 3 == 2:
        # A direction that no row speaks against, at right angles to half of them.
        along = rng.normal(size=free)
        z *= np.sign(z @ along)[:, None]
        z[::2] -= np.outer(z[::2] @ along, along) / (along @ along)
        z[np.abs(z) < 1e-12] = 0.0
    z /= np.maximum(np.abs(z).max(axis=0), 1e-9)
    np.testing.assert_array_equal(_certificate(z, 1e-6), all_at_once(z, 1e-6))
