"""One product at a time, with what the fast path does not do: separation and collinearity.

A zero is separated where some combination of regressors and effects is zero at every positive
observation, nowhere negative at the zeros, and positive there. Correia, Guimarães and Zylkin
(2021), "Verifying the existence of maximum likelihood estimates for generalized linear models",
arXiv:1903.01633. They are dropped: the other estimates do not change, and then exist.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from offing.estimators.newton import independent
from offing.market.gravity import kernel
from offing.market.gravity.estimates import Floats, PairCovariates, ProductGravity, State
from offing.market.gravity.kernel import Places


def fit_with_care(
    pairs: PairCovariates, y: Floats, fits: kernel.Fits, number: int
) -> ProductGravity:
    """Fit one product that the fast path left: drop what cannot be estimated, then fit.

    Args:
        pairs: the covariates.
        y: flows ``(countries, countries)``.
        fits: where the estimates are written, if there are any.
        number: of the product.

    Returns:
        How it fared.
    """
    rows, cols = np.nonzero(y.sum(1))[0], np.nonzero(y.sum(0))[0]
    note = ProductGravity(_too_few(len(rows), len(cols)), 0, len(rows), len(cols))
    if min(len(rows), len(cols)) < 2:
        return note
    x, valid = pairs.x, pairs.valid
    turned = len(rows) > len(cols)
    if turned:
        x, valid, y = x.transpose(0, 2, 1), valid.T, y.T
        rows, cols = cols, rows
    inside = valid[np.ix_(rows, cols)].astype(np.float64)
    block = y[np.ix_(rows, cols)]
    local = np.ascontiguousarray(x[:, rows][:, :, cols])
    from_, to = np.nonzero(block)
    drop = separated_pairs(local, inside, (from_, to))
    inside[drop] = 0.0
    gone = [side[at].tolist() for side, at in zip((rows, cols), np.nonzero(drop), strict=True)]
    kept = _identified_covariates(local, inside)
    note = replace(
        note,
        state="nothing_identified",
        pairs=int(inside.sum()),
        separated=int(drop.sum()),
        collinear=tuple(name for at, name in enumerate(pairs.names) if at not in kept),
        left_out=tuple(zip(*(gone[::-1] if turned else gone), strict=True)),
    )
    if not kept or note.pairs <= len(kept) + len(rows) + len(cols) - 1:
        return note
    mine = np.ascontiguousarray(local[kept])
    solution = _solution(
        kernel.Sample(
            mine,
            inside,
            row_sum=block.sum(1),
            col_sum=block.sum(0),
            s=np.einsum("kij,ij->k", mine, block),
        )
    )
    if solution is None:
        return replace(note, state="not_converged")
    meats = kernel.meats(mine, inside, block - solution.mu, solution.a_x, solution.g_x)
    _write_covariances(fits.covariances[number], kept, solution.h, meats, turned)
    fits.beta[number, kept] = solution.beta
    fits.effects[number, int(turned), rows] = solution.a
    fits.effects[number, 1 - turned, cols] = solution.b
    state: State = "estimated_after_drops" if note.separated or note.collinear else "estimated"
    return replace(note, state=state, steps=solution.steps)


def _write_covariances(
    out: Floats, kept: list[int], curve: Floats, meats: tuple[Floats, Floats, Floats], turned: bool
) -> None:
    """Write the sandwich of each kind; ``turned`` says that importers are in rows."""
    single, *by_side = meats
    bread = np.linalg.inv(curve)
    exporter, importer = by_side[::-1] if turned else by_side
    for kind, meat in enumerate((single, exporter, importer, exporter + importer - single)):
        out[kind][np.ix_(kept, kept)] = bread @ meat @ bread


def _too_few(exporters: int, importers: int) -> State:
    if not exporters:
        return "no_flows"
    return "one_exporter" if exporters < 2 else "one_importer"


def _solution(sample: kernel.Sample) -> kernel.KernelSolution | None:
    try:
        solution = kernel.fit(sample, np.zeros(len(sample.x)), 1e-10, 240)
    except np.linalg.LinAlgError:
        return None
    return solution if solution.state == kernel.CONVERGED else None


def _identified_covariates(x: Floats, inside: Floats) -> list[int]:
    """Covariates that are identified beside the effects and one another."""
    try:
        return independent(kernel.curvature(x, inside), (x**2 * inside).sum((1, 2)))
    except np.linalg.LinAlgError:
        return []  # the sample falls into parts that share neither exporter nor importer


CLOSE = 1e-8
"""A combination of covariates below this, relative to their size, is zero."""
VIOLATED = 50
"""Rows added to a linear programme at a time."""


def separated_pairs(x: Floats, inside: Floats, flows: tuple[Places, Places]) -> NDArray[np.bool_]:
    """Which pairs are separated, exactly, in a few unknowns instead of one for each pair.

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
    parts: int, inside: Floats, row_part: Places, col_part: Places
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
            below = np.zeros(len(bounding))
            outcome = linprog(-aim, A_ub=-z[bounding], b_ub=below, bounds=(-1, 1), method="highs")
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
