"""One product at a time, with what the fast path does not do: separation and collinearity."""

from dataclasses import dataclass, replace

import numpy as np

from offing.estimators import Codes
from offing.estimators.newton import independent
from offing.market.gravity import kernel
from offing.market.gravity.estimates import Floats, PairCovariates, ProductGravity, State
from offing.market.gravity.separation import separated_pairs


@dataclass(frozen=True)
class Careful:
    """How one product fared; the estimates are ``None`` where there are none.

    Attributes:
        note: in words.
        kept: places of the covariates that are estimated.
        solution: of :func:`kernel.fit`, the smaller side in rows.
        meats: ``(k, k)``: heteroskedastic, by row and by column.
        sides: countries in rows and in columns.
        turned: whether importers are in rows.
    """

    note: ProductGravity
    kept: list[int]
    solution: kernel.KernelSolution | None = None
    meats: tuple[Floats, Floats, Floats] | None = None
    sides: tuple[Codes, Codes] | None = None
    turned: bool = False

    def write(self, fits: kernel.Fits, number: int) -> None:
        """Write the estimates where the fast path would have written them."""
        if self.solution is None or self.meats is None or self.sides is None:
            return
        single, by_row, by_col = self.meats
        exporter, importer = (by_col, by_row) if self.turned else (by_row, by_col)
        bread = np.linalg.inv(self.solution.h)
        block = np.ix_(self.kept, self.kept)
        for kind, meat in enumerate((single, exporter, importer, exporter + importer - single)):
            fits.covariances[number, kind][block] = bread @ meat @ bread
        fits.beta[number, self.kept] = self.solution.beta
        fits.effects[number, int(self.turned), self.sides[0]] = self.solution.a
        fits.effects[number, 1 - self.turned, self.sides[1]] = self.solution.b


def fit_with_care(pairs: PairCovariates, y: Floats) -> Careful:
    """Fit one product that the fast path left: drop what cannot be estimated, then fit.

    Args:
        pairs: the covariates.
        y: flows ``(countries, countries)``.
    """
    rows, cols = np.nonzero(y.sum(1))[0], np.nonzero(y.sum(0))[0]
    note = ProductGravity(_too_few(len(rows), len(cols)), 0, len(rows), len(cols))
    if min(len(rows), len(cols)) < 2:
        return Careful(note, [])
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
        return Careful(note, kept)
    mine = np.ascontiguousarray(local[kept])
    sums = block.sum(1), block.sum(0), np.einsum("kij,ij->k", mine, block)
    solution = _solution(kernel.Sample(mine, inside, *sums))
    if solution is None:
        return Careful(replace(note, state="not_converged"), kept)
    meats = kernel.meats(mine, inside, block - solution.mu, solution.a_x, solution.g_x)
    state: State = "estimated_after_drops" if note.separated or note.collinear else "estimated"
    note = replace(note, state=state, steps=solution.steps)
    return Careful(note, kept, solution, meats, (rows, cols), turned)


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
    """Covariates that can be told from the effects and from one another."""
    try:
        return independent(kernel.curvature(x, inside), (x**2 * inside).sum((1, 2)))
    except np.linalg.LinAlgError:
        return []  # the sample falls into parts that share neither exporter nor importer
