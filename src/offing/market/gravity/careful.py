"""One product at a time, with what the fast path does not do: separation and collinearity."""

import numpy as np
from numpy.typing import NDArray

from offing.estimators.least_squares import independent
from offing.market.gravity import kernel
from offing.market.gravity.estimates import Floats, ProductGravity, State
from offing.market.gravity.separation import separated_pairs


def fit_with_care(
    x: Floats,
    valid: NDArray[np.bool_],
    y: Floats,
    names: tuple[str, ...],
    tolerance: float,
    most_steps: int,
    unmatched: int,
    beta: Floats,
    covariances: Floats,
    effects: Floats,
) -> ProductGravity:
    """Fit one product that the fast path left: drop what cannot be estimated, then fit.

    Args:
        x: standardised covariates ``(k, countries, countries)``.
        valid: pairs that may be in a sample.
        y: flows ``(countries, countries)``.
        names: of the covariates.
        tolerance: as :func:`offing.market.gravity.batch.fit_products`.
        most_steps: steps allowed.
        unmatched: handed on.
        beta: ``(k,)``, written; likewise ``covariances`` ``(4, k, k)``, raw, and ``effects``
            ``(2, countries)``.
        covariances: see ``beta``.
        effects: see ``beta``.
    """
    rows, cols = np.nonzero(y.sum(1))[0], np.nonzero(y.sum(0))[0]
    dropped = 0
    gone: tuple[str, ...] = ()

    def note(state: State, steps: int = 0) -> ProductGravity:
        return ProductGravity(
            state, pairs, len(rows), len(cols), dropped, gone, steps, unmatched, left_out
        )

    pairs = 0
    left_out: tuple[tuple[int, int], ...] = ()
    if len(rows) < 2 or len(cols) < 2:
        return note(
            "no_flows" if not len(rows) else "one_exporter" if len(rows) < 2 else "one_importer"
        )
    turned = len(rows) > len(cols)
    if turned:
        x, valid, y = x.transpose(0, 2, 1), valid.T, y.T
        rows, cols = cols, rows
    inside = valid[np.ix_(rows, cols)].astype(np.float64)
    block = y[np.ix_(rows, cols)]
    local = np.ascontiguousarray(x[:, rows][:, :, cols])
    at, to = (one.astype(np.int64) for one in np.nonzero(block))
    drop = separated_pairs(local, inside, at, to)
    inside[drop] = 0.0
    pairs, dropped = int(inside.sum()), int(drop.sum())
    near, far = (
        side[place].tolist() for side, place in zip((rows, cols), np.nonzero(drop), strict=True)
    )
    left_out = tuple(zip(*((far, near) if turned else (near, far)), strict=True))
    kept: list[int] = []
    try:
        kept = independent(kernel.curvature(local, inside), (local**2 * inside).sum((1, 2)))
    except np.linalg.LinAlgError:
        # The sample falls into parts that share neither exporter nor importer.
        kept = []
    gone = tuple(name for number, name in enumerate(names) if number not in kept)
    if turned:
        rows, cols = cols, rows
    if not kept or pairs <= len(kept) + len(rows) + len(cols) - 1:
        return note("nothing_identified")
    mine = np.ascontiguousarray(local[kept])
    try:
        result, taken, b, a_eff, b_eff, mu, h, a_x, g_x = kernel.fit(
            mine, inside, block.sum(1), block.sum(0), np.einsum("kij,ij->k", mine, block),
            np.zeros(len(kept)), tolerance, most_steps,
        )  # fmt: skip
    except np.linalg.LinAlgError:
        result = kernel.SINGULAR
    if result != kernel.CONVERGED:
        return note("not_converged")
    single, by_row, by_col = kernel.meats(mine, inside, block - mu, a_x, g_x)
    bread = np.linalg.inv(h)
    exporter, importer = (by_col, by_row) if turned else (by_row, by_col)
    for number, meat in enumerate((single, exporter, importer, exporter + importer - single)):
        covariances[number][np.ix_(kept, kept)] = bread @ meat @ bread
    beta[kept] = b
    effects[0, rows], effects[1, cols] = (b_eff, a_eff) if turned else (a_eff, b_eff)
    return note("estimated_after_drops" if dropped or gone else "estimated", taken)
