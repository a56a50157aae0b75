"""Separated observations of a Poisson regression: those that no finite estimate can fit.

A zero is separated where some combination of regressors and effects is zero at every positive
observation, nowhere negative at the zeros, and positive there. Correia, Guimarães and Zylkin
(2021), "Verifying the existence of maximum likelihood estimates for generalized linear models",
arXiv:1903.01633. They are dropped: the other estimates do not change, and then exist.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

CLOSE = 1e-8
"""A combination of covariates below this, relative to their size, is zero."""
VIOLATED = 50
"""Rows added to a linear programme at a time."""


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
    from scipy import sparse
    from scipy.optimize import linprog

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


def separated_pairs(
    x: NDArray[np.float64],
    inside: NDArray[np.float64],
    flows: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> NDArray[np.bool_]:
    """The same for exporter and importer effects, in a few unknowns instead of thousands.

    What is zero on every positive flow is a combination in the null space of the cycles of
    :func:`offing.market.gravity.forest.forest`, and one constant for each tree. Without the former,
    pairs between strongly connected trees are separated; with one direction and one tree its sign
    decides; only what is left needs a linear programme, and a small one.

    Args:
        x: covariates ``(k, n, m)``, standardised.
        inside: 1 for pairs in the sample, ``(n, m)``.
        flows: row and column of each positive flow; every row and column has one.

    Returns:
        A mask ``(n, m)``.
    """
    from offing.market.gravity.forest import forest

    i_of, j_of = flows
    parts, row_part, col_part, row_at, col_at, gram = forest(x, i_of, j_of)
    norm = np.sqrt(np.diag(gram))
    norm = np.where(norm > 1e-6, norm, 1.0)
    size, vectors = np.linalg.eigh(gram / norm[:, None] / norm)
    free = vectors[:, size <= 1e-10] / norm[:, None]
    zero = inside > 0
    zero[i_of, j_of] = False
    if not free.shape[1]:
        return zero & _between_trees(parts, inside, row_part, col_part)
    z = np.einsum("kd,kij->dij", free, x)
    z -= (row_at @ free).T[:, :, None] + (col_at @ free).T[:, None, :]
    z = np.where(inside > 0, z, 0.0)
    reach = np.abs(z).max(axis=(1, 2))
    # A combination that is zero on every pair is collinear, and separates nothing.
    z = z[reach > CLOSE * np.abs(x).max()]
    z /= np.abs(z).max(axis=(1, 2), keepdims=True, initial=0.0)
    if len(z) == 1 and parts == 1:
        sole = np.where(np.abs(z[0]) > CLOSE, z[0], 0.0)
        return zero & (sole != 0) if sole.min() >= 0 or sole.max() <= 0 else np.zeros_like(zero)
    at, to = np.nonzero(zero)
    trees = np.eye(parts)
    columns = [z[:, at, to].T, trees[row_part[at]] - trees[col_part[to]]]
    mask = np.zeros(zero.shape, dtype=bool)
    mask[at, to] = _certificate(np.hstack(columns), CLOSE * 100)
    return mask


def _between_trees(
    parts: int,
    inside: NDArray[np.float64],
    row_part: NDArray[np.int64],
    col_part: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Pairs whose trees do not lead to one another and back along pairs of the sample."""
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    at, to = np.nonzero(inside)
    leads = sparse.coo_array((np.ones(len(at)), (row_part[at], col_part[to])), shape=(parts, parts))
    _, group = connected_components(leads.tocsr(), connection="strong")
    return np.asarray(group[row_part][:, None] != group[col_part])


def _certificate(z: NDArray[np.float64], tolerance: float) -> NDArray[np.bool_]:
    """Rows that some combination of the columns makes positive while it makes none negative.

    Of thousands of rows a few bound such combinations, so that only those enter the programme
    that an earlier answer has violated. Combinations add up: the next one looks for what one left.
    """
    from scipy.optimize import linprog

    certified = np.zeros(len(z), dtype=bool)
    if not len(z):
        return certified
    bounding = np.unique(np.concatenate([z.argmin(axis=0), z.argmax(axis=0)]))
    while not certified.all():
        aim = z[~certified].mean(axis=0)
        while True:
            outcome = linprog(
                -aim,
                A_ub=-z[bounding],
                b_ub=np.zeros(len(bounding)),
                bounds=(-1, 1),
                method="highs",
            )
            value = z @ outcome.x
            worst = np.argsort(value, kind="stable")[:VIOLATED]
            worst = worst[value[worst] < -tolerance / 10]
            if -outcome.fun <= tolerance * np.abs(aim).max() or not len(worst):
                break
            bounding = np.union1d(bounding, worst)
        new = ~certified & (value > tolerance)
        if len(worst) or not new.any():
            break
        certified |= new
    return certified
