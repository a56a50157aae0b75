"""What the positive flows of one product say of separation: trees of flows and cycles, compiled."""

import numpy as np
from numpy.typing import NDArray

from offing.market.gravity.compiled import compile_kernel

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Mask = NDArray[np.bool_]
Sides = tuple[Places, Places]


@compile_kernel
def _grown(
    tree: int, x: Floats, flows: Sides, parts: Sides, at: tuple[Floats, Floats], in_forest: Mask
) -> bool:
    """Add to a tree every flow that leads out of it; whether there was any."""
    (i_of, j_of), (row_part, col_part), (row_at, col_at) = flows, parts, at
    moved = False
    for f in range(len(i_of)):
        i, j = i_of[f], j_of[f]
        if row_part[i] == tree and col_part[j] < 0:
            for c in range(len(x)):
                col_at[j, c] = x[c, i, j] - row_at[i, c]
            col_part[j] = tree
        elif col_part[j] == tree and row_part[i] < 0:
            for c in range(len(x)):
                row_at[i, c] = x[c, i, j] - col_at[j, c]
            row_part[i] = tree
        else:
            continue
        in_forest[f] = moved = True
    return moved


@compile_kernel
def forest(
    x: Floats, i_of: Places, j_of: Places
) -> tuple[int, Places, Places, Floats, Floats, Floats]:
    """What the positive flows alone say of a combination of covariates that is zero on them all.

    Along a spanning forest of the positive flows the effects follow from the covariates; each
    further flow closes a cycle that the combination must respect.

    Returns:
        The number of trees, the tree of each row and column, the effects that each covariate needs
        there (``(n, k)``, ``(m, k)``), and the cross products of the covariates around the cycles:
        a combination that is zero on all flows lies in their null space.
    """
    k, n, m = x.shape
    row_part, col_part = np.full(n, -1), np.full(m, -1)
    row_at, col_at = np.zeros((n, k)), np.zeros((m, k))
    in_forest = np.zeros(len(i_of), np.bool_)
    parts = 0
    for seed in range(n):
        if row_part[seed] < 0:
            row_part[seed] = parts
            while _grown(parts, x, (i_of, j_of), (row_part, col_part), (row_at, col_at), in_forest):
                pass
            parts += 1
    gram = np.zeros((k, k))
    cycle = np.empty(k)
    for f in range(len(i_of)):
        i, j = i_of[f], j_of[f]
        for c in range(k):  # nothing is left around a flow of the forest itself
            cycle[c] = 0.0 if in_forest[f] else x[c, i, j] - row_at[i, c] - col_at[j, c]
        for c in range(k):
            for e in range(k):
                gram[c, e] += cycle[c] * cycle[e]
    return parts, row_part, col_part, row_at, col_at, gram


@compile_kernel
def cannot_separate(x: Floats, inside: Floats, i_of: Places, j_of: Places) -> bool:
    """Whether the positive flows rule separation out. ``False`` leaves the question open.

    Separation needs a combination of covariates and effects that is zero on every positive flow,
    nowhere negative and not zero somewhere (Correia, Guimarães and Zylkin 2021). Where the cycles
    of :func:`forest` span all covariates, none of them has a part in it. What is left is one
    constant for each tree, and pairs of the sample that lead from every tree to every other, and
    back, make the constants equal.
    """
    parts, row_part, col_part, _, _, gram = forest(x, i_of, j_of)
    size = np.sqrt(np.diag(gram))
    if not np.all(size * size > 1e-12) or not (
        np.linalg.eigvalsh(gram / np.outer(size, size))[0] > 1e-10
    ):
        return False
    return parts == 1 or _strongly_connected(parts, inside, row_part, col_part)


@compile_kernel
def _strongly_connected(parts: int, inside: Floats, row_part: Places, col_part: Places) -> bool:
    """Whether pairs of the sample lead from every tree to every other, and back."""
    reach = np.zeros((parts, parts), np.bool_)
    for i in range(len(row_part)):
        for j in range(len(col_part)):
            if inside[i, j] > 0:
                reach[row_part[i], col_part[j]] = True
    for via in range(parts):
        for a in range(parts):
            if reach[a, via]:
                reach[a] |= reach[via]
    return bool(np.all(reach))
