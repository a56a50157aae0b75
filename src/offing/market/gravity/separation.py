"""Separated observations of a Poisson regression: those that no finite estimate can fit.

A zero is separated where some combination of regressors and effects is zero at every positive
observation, nowhere negative at the zeros, and positive there. Correia, Guimarães and Zylkin
(2021), "Verifying the existence of maximum likelihood estimates for generalized linear models",
arXiv:1903.01633. They are dropped: the other estimates do not change, and then exist.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def separated(
    y: NDArray[np.float64],
    x: NDArray[np.float64],
    effects: Sequence[NDArray[np.int64]] = (),
    tolerance: float = 1e-6,
) -> NDArray[np.bool_]:
    """Which observations are separated, found exactly by a linear programme.

    Maximise ``sum t`` over the zeros with ``z = X g + effects``, ``z = 0`` at the positives,
    ``0 <= t <= z`` and ``t <= 1`` at the zeros. Certificates add up, so one solution marks every
    separated observation.

    Args:
        y: outcomes, ``(n,)``, none below 0.
        x: regressors, ``(n, k)``; k may be 0.
        effects: group numbers of each fixed effect, each ``(n,)``.
        tolerance: below it a certificate counts as zero.

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
    mask[zero] = outcome.x[free:] > tolerance
    return mask
