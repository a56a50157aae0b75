"""Gravity over several years, with exporter-year, importer-year and, if wanted, pair effects.

The model of Yotov, Piermartini, Monteiro and Larch (2016), "An Advanced Guide to Trade Policy
Analysis", UNCTAD and WTO: pair effects take the place of everything that does not change between
two countries (Baier and Bergstrand 2007). Standard errors are clustered by pair.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl

from offing.estimators import Codes
from offing.estimators.one_thread import one_thread
from offing.market.gravity.estimates import Floats, explained
from offing.market.gravity.panel_steps import (
    STEPS,
    Estimate,
    PairEffects,
    Panel,
    drop_empty,
    independent,
    newton,
    residuals,
)
from offing.terms.errors import InputError, MissingDataError
from offing.terms.messages import enumerated

KEYS = ("year", "exporter", "importer")


@dataclass(frozen=True)
class PanelGravity:
    """Estimates of a panel.

    Attributes:
        names: K covariates.
        beta: ``(K,)``; not a number where a covariate was left out.
        covariance: ``(K, K)``, clustered by pair, with the small-sample factor of pyfixest: the
            pair effects, nested in the clusters, do not count as parameters.
        hc: the same, robust to heteroskedasticity alone.
        rows: observations used.
        pairs: pairs among them: the clusters.
        missing: rows left out because they lack a covariate.
        separated: rows left out because no finite estimate fits them.
        empty: of these, rows of an exporter or importer of a year, or of a pair, that never trades.
        collinear: covariates left out because the effects or the others give them.
        steps: Newton steps taken.
        pseudo_r2: share of the Poisson deviance that the model explains; unlike McFadden's, it does
            not depend on the unit of trade.
    """

    names: tuple[str, ...]
    beta: Floats
    covariance: Floats
    hc: Floats
    rows: int
    pairs: int
    missing: int
    separated: int
    empty: int
    collinear: tuple[str, ...]
    steps: int
    pseudo_r2: float

    @property
    def errors(self) -> Floats:
        """Standard errors ``(K,)``, clustered by pair."""
        return np.sqrt(np.diag(self.covariance))


@dataclass(frozen=True)
class _Cells:
    """The panel as arrays ``(years, exporters, importers)``."""

    names: tuple[str, ...]
    y: Floats
    x: Floats
    inside: Floats
    missing: int


def _cells(panel: pl.DataFrame, square: bool) -> _Cells:
    names = tuple(c for c in panel.columns if c not in (*KEYS, "value_usd"))
    if not names:
        raise InputError("gravity.no_covariates")
    if panel.is_empty():
        raise MissingDataError("gravity.no_rows")
    value = panel["value_usd"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    bad = ~np.isfinite(value) | (value < 0)
    if bad.any():
        first = panel.row(int(np.argmax(bad)), named=True)
        keys = {key: first[key] for key in KEYS}
        raise InputError("gravity.bad_row", count=int(bad.sum()), value=first["value_usd"], **keys)
    flat, shape = _places(panel, square)
    covariates = panel.select(pl.col(names).cast(pl.Float64)).to_numpy()
    full = np.isfinite(covariates).all(axis=1)
    if not (value[full] > 0).any():
        raise MissingDataError("gravity.no_rows")
    flat, value, covariates = flat[full], value[full], covariates[full]
    size = int(np.prod(shape))
    y, inside, x = np.zeros(size), np.zeros(size), np.zeros((len(names), size))
    scale = value.max()
    y[flat], inside[flat], x[:, flat] = value / scale / (value / scale).mean(), 1.0, covariates.T
    missing = int((~full).sum())
    return _Cells(
        names, y.reshape(shape), x.reshape(len(names), *shape), inside.reshape(shape), missing
    )


def _places(panel: pl.DataFrame, square: bool) -> tuple[Codes, tuple[int, ...]]:
    """Each row's place among the cells ``(years, exporters, importers)``, and their number."""
    years = panel["year"].unique().sort()
    sides = [panel[key].cast(pl.String) for key in KEYS[1:]]
    members = [side.unique().sort() for side in sides]
    if square:
        members = [pl.concat(members).unique().sort()] * 2
    axes = [years.search_sorted(panel["year"])]
    for side, codes in zip(sides, members, strict=True):
        axes.append(side.cast(pl.Enum(codes)).to_physical())
    shape = len(years), len(members[0]), len(members[1])
    flat = np.ravel_multi_index(tuple(at.cast(pl.Int64).to_numpy() for at in axes), shape)
    if np.bincount(flat).max() > 1:
        double = panel.filter(panel.select(KEYS).is_duplicated()).select(KEYS).row(0)
        raise InputError("gravity.duplicate", keys=" ".join(map(str, double)))
    return flat, shape


def fit_panel(
    panel: pl.DataFrame, *, pair_effects: PairEffects = "directed", threads: int | None = None
) -> PanelGravity:
    """Estimate one model over several years.

    Args:
        panel: ``year``, ``exporter``, ``importer``, ``value_usd`` and one column for each
            covariate. The rows are the sample: list the zeros. Rows that lack a covariate are left
            out; trade within a country is used where it is listed.
        pair_effects: ``directed``: one effect for each exporter and importer; ``symmetric``: one
            for both directions, which then are one cluster too; ``none``.
        threads: covariates worked on at once.

    Raises:
        InputError: ``gravity.no_covariates``, ``gravity.bad_row``, ``gravity.duplicate``,
            ``gravity.nothing_left`` where no covariate can be told from the effects,
            ``gravity.no_convergence``.
        MissingDataError: ``gravity.no_rows``.
    """
    import scipy.linalg  # noqa: F401 - its BLAS serves the kernel and must be there to be limited

    cells = _cells(panel, pair_effects == "symmetric")
    with one_thread(), ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        return _fit(cells, pair_effects, pool)


def _standardised(x: Floats, inside: Floats) -> tuple[Floats, Floats]:
    count = inside.sum()
    centre = (x * inside).sum(axis=(1, 2, 3)) / count
    x = (x - centre[:, None, None, None]) * inside
    spread = np.sqrt((x**2).sum(axis=(1, 2, 3)) / count)
    spread = np.where(spread > 0, spread, 1.0)
    return np.ascontiguousarray(x / spread[:, None, None, None]), spread


def _fit(cells: _Cells, pairs: PairEffects, pool: ThreadPoolExecutor) -> PanelGravity:
    y, inside = cells.y, drop_empty(cells.y, cells.inside, pairs)
    empty = int(cells.inside.sum() - inside.sum())
    while True:
        x, deviation = _standardised(cells.x, inside)
        chosen = independent(x, inside, pairs, pool)
        if not chosen:
            raise InputError("gravity.nothing_left", names=enumerated(cells.names))
        panel = Panel(y, np.ascontiguousarray(x[chosen]), inside, pairs)
        outcome = newton(panel, pool)
        if outcome is None:
            raise InputError("gravity.no_convergence", steps=STEPS)
        if isinstance(outcome, Estimate):
            break
        inside = drop_empty(y, inside * ~outcome, pairs)
    variances, clusters = _sandwich(panel, outcome)
    scale, every = deviation[chosen], len(cells.names)
    beta, covariances = np.full(every, np.nan), np.full((2, every, every), np.nan)
    beta[chosen] = outcome.beta / scale
    covariances[np.ix_([0, 1], chosen, chosen)] = variances / np.outer(scale, scale)
    rows = int(inside.sum())
    return PanelGravity(
        cells.names,
        beta,
        covariances[0],
        covariances[1],
        rows,
        clusters,
        cells.missing,
        int(cells.inside.sum()) - rows,
        empty,
        tuple(name for at, name in enumerate(cells.names) if at not in chosen),
        outcome.steps,
        explained(y[inside > 0], outcome.mu[inside > 0]),
    )


def _sandwich(panel: Panel, estimate: Estimate) -> tuple[Floats, int]:
    """Covariances ``(2, k, k)``, by pair and robust alone, and the number of pairs."""
    inside, mu = panel.inside, estimate.mu
    k = len(panel.x)
    within = residuals(estimate.projector, panel.x, mu, 1e-9)
    scores = within * ((panel.y - mu) * inside)
    flat, single = within.reshape(k, -1), scores.reshape(k, -1)
    bread = np.linalg.inv((flat * mu.ravel()) @ flat.T)
    by_pair, sampled = scores.sum(axis=1), inside.sum(axis=0)
    if panel.pairs == "symmetric":
        # Both directions on and above the diagonal, what lies below it empty.
        by_pair = np.triu(by_pair + np.tril(by_pair, -1).transpose(0, 2, 1))
        sampled = np.triu(sampled + np.tril(sampled, -1).T)
    by_pair = by_pair.reshape(k, -1)
    rows, clusters = int(inside.sum()), int((sampled > 0).sum())
    effects = 0 if panel.pairs == "none" else clusters
    sides = int((inside.sum(axis=2) > 0).sum() + (inside.sum(axis=1) > 0).sum())
    parameters = k + sides - 1
    clustered = clusters / (clusters - 1) * (rows - 1) / (rows - parameters)
    robust = rows / (rows - parameters - max(effects - 1, 0))
    meats = np.stack([by_pair @ by_pair.T * clustered, single @ single.T * robust])
    return bread @ meats @ bread, clusters
