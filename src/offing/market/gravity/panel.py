"""Gravity over several years, with exporter-year, importer-year and, if wanted, pair effects.

The model of Yotov, Piermartini, Monteiro and Larch (2016), "An Advanced Guide to Trade Policy
Analysis", UNCTAD and WTO: pair effects take the place of everything that does not change between
two countries (Baier and Bergstrand 2007). Standard errors are clustered by pair.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from math import fsum
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from offing.estimators import TINY, Codes, one_thread
from offing.estimators.newton import halve_step
from offing.estimators.newton import independent as choose
from offing.market.gravity.estimates import Floats, deviance_explained
from offing.terms.errors import InputError, MissingDataError
from offing.terms.messages import join_list

PairEffects = Literal["directed", "symmetric", "none"]

SETTLED = 1e-5
"""How little the index of a flow moves in a step once only separated rows still do."""
TOLERANCE = 1e-9
"""On the largest change of a coefficient of the standardised covariates."""
STEPS = 100
LOOK_FROM = 6
"""The first step in which separated rows are looked for."""


def pair_sums(cells: Floats, pairs: PairEffects) -> Floats:
    """Sums over the years, and over both directions of a symmetric pair, ``(n, m)``."""
    total = cells.sum(axis=0)
    return np.asarray(total + total.T if pairs == "symmetric" else total)


def drop_empty(y: Floats, inside: Floats, pairs: PairEffects) -> Floats:
    """Leave out cells of exporter-years, importer-years and pairs that trade nothing at all."""
    traded = inside * (y.sum(axis=2, keepdims=True) > 0) * (y.sum(axis=1, keepdims=True) > 0)
    return traded if pairs == "none" else np.asarray(traded * (pair_sums(y, pairs) > 0))


class Projector:
    """Takes the effects out of arrays, at given weights; remembers its last answers."""

    def __init__(
        self, columns: int, shape: tuple[int, ...], pairs: PairEffects, pool: ThreadPoolExecutor
    ) -> None:
        years, n, m = shape
        self.pool = pool
        self.factor = np.empty((years, n, n))
        self.alpha, self.gamma = np.zeros((columns, years, n)), np.zeros((columns, years, m))
        self.pairs = pairs

    def weigh(self, mu: Floats) -> None:
        """Take new weights."""
        from offing.market.gravity import panel_kernel

        rows, cols, total = mu.sum(axis=2), mu.sum(axis=1), pair_sums(mu, self.pairs)
        inverse = np.zeros_like(total)
        if self.pairs != "none":
            np.divide(1.0, total, out=inverse, where=total > 0)

        def factor(years: slice) -> None:
            panel_kernel.factors(mu[years], rows[years], cols[years], self.factor[years])

        list(self.pool.map(factor, _portions(len(mu))))
        both_ways = self.pairs == "symmetric"
        self.weights = panel_kernel.Weights(mu, inverse, both_ways, self.factor, rows, cols)

    def project(self, column: int, q: Floats, weight: Floats, tolerance: float) -> int:
        """Find the effects of ``weight q / mu`` from the column's last answer; iterations."""
        from offing.market.gravity import panel_kernel

        alpha, gamma = self.alpha[column], self.gamma[column]
        return panel_kernel.project(q, weight, self.weights, alpha, gamma, tolerance, 500)

    def residual(self, column: int, x: Floats, out: Floats) -> None:
        """``x`` less the effects found for the column, into ``out``."""
        from offing.market.gravity import panel_kernel

        panel_kernel.residual(x, self.weights, self.alpha[column], self.gamma[column], out)


def _portions(years: int) -> list[slice]:
    """Years in portions that threads share."""
    size = max(1, years // 8)
    return [slice(low, min(low + size, years)) for low in range(0, years, size)]


def residuals(projector: Projector, x: Floats, mu: Floats, tolerance: float) -> Floats:
    """Every covariate less its projection on the effects at weights mu."""
    within = np.empty_like(x)

    def partial_out(column: int) -> None:
        projector.project(column, x[column], mu, tolerance)
        projector.residual(column, x[column], within[column])

    list(projector.pool.map(partial_out, range(len(x))))
    return within


def independent(
    x: Floats, weights: Floats, pairs: PairEffects, pool: ThreadPoolExecutor
) -> list[int]:
    """Covariates that are identified beside the effects and one another at these weights."""
    projector = Projector(len(x), weights.shape, pairs, pool)
    projector.weigh(weights)
    within = residuals(projector, x, weights, 1e-7).reshape(len(x), -1)
    flat = weights.ravel()
    total = (x.reshape(len(x), -1) ** 2 * flat).sum(axis=1)
    return choose((within * flat) @ within.T, np.maximum(total, TINY))


def _vanishing(moved: Floats, y: Floats, inside: Floats) -> NDArray[np.bool_] | None:
    """Rows that a step showed to be separated; ``None`` where it showed none.

    On a separated zero Newton's method lowers the index by one in every step, without end, while
    it settles everywhere else: the move is then itself the certificate of Correia, Guimarães and
    Zylkin (2021), zero on every positive flow and nowhere of the wrong sign.
    """
    zero = (y == 0) & (inside > 0)
    gone = zero & (moved < -0.5)
    if not gone.any() or np.abs(moved[y > 0]).max() > SETTLED or moved[zero].max() > SETTLED:
        return None
    return np.asarray(gone)


@dataclass(frozen=True)
class PanelData:
    """What is estimated: ``y`` and ``inside`` ``(years, n, m)``, ``x`` with covariates before.

    ``missing`` rows without a covariate are left out. Both directions of a pair are one cluster
    where ``one_cluster``.
    """

    names: tuple[str, ...]
    y: Floats
    x: Floats
    inside: Floats
    pairs: PairEffects
    missing: int
    one_cluster: bool = False


PanelEstimate = tuple[int, Floats, Floats, Projector]
"""Steps taken, beta ``(k,)``, mu, and the projector at weights mu."""


class _Likelihood:
    """The Poisson likelihood of a panel at the present estimates."""

    def __init__(self, panel: PanelData) -> None:
        from offing.market.gravity import panel_kernel

        y, paired = panel.y, panel.pairs != "none"
        both_ways = panel.pairs == "symmetric"
        total = pair_sums(y, panel.pairs)
        self.panel = panel
        self.totals = panel_kernel.Totals(y.sum(axis=2), y.sum(axis=1), total, paired, both_ways)
        self.a, self.b = np.ones_like(self.totals.rows), np.ones_like(self.totals.cols)
        self.e = total.copy() if paired else np.ones_like(total)
        self.beta, self.mu = np.zeros(len(panel.x)), np.empty_like(y)
        self.s = np.einsum("ktij,tij->k", panel.x, y)

    def update_mu(self, rounds: int) -> float:
        """Mu at the present estimates, with totals that meet; the negative log likelihood."""
        from offing.market.gravity import panel_kernel

        a, b, e, totals = self.a, self.b, self.e, self.totals
        panel_kernel.update_expected(self.panel.x, self.panel.inside, self.beta, a, b, e, self.mu)
        for _ in range(rounds):
            panel_kernel.meet(self.mu, totals, a, b, e)
        parts = [(totals.rows, a), (totals.cols, b)]
        if totals.paired:
            parts.append((totals.pairs / 2 if totals.both_ways else totals.pairs, e))
        of_effects = (
            (total[total > 0] * np.log(effect[total > 0])).sum() for total, effect in parts
        )
        return -float(self.s @ self.beta + fsum(of_effects))

    def move(self, best: float, change: Floats, move_a: Floats, move_b: Floats) -> float:
        """Step along a direction, halved until the likelihood does not fall; its negative."""
        beta, a, b, e = self.beta, self.a, self.b, self.e

        def has_converged(share: float) -> float:
            self.beta = beta + share * change
            self.a = a * np.exp(np.clip(share * move_a, -3, 3))
            self.b = b * np.exp(np.clip(share * move_b, -3, 3))
            self.e = e.copy()
            return self.update_mu(1)

        largest = float(np.abs(change).max())
        return halve_step(has_converged, best, share=min(1.0, 2.0 / largest), slack=1e-9)


def _precision(step: int, size: float) -> float:
    """How exactly effects are taken out: the nearer the end, the more so."""
    if step >= LOOK_FROM + 4 or size < 1e-4:
        return 1e-8
    return 1e-2 if size > 0.1 else 1e-4


def newton(panel: PanelData, pool: ThreadPoolExecutor) -> PanelEstimate | NDArray[np.bool_] | None:
    """Maximise the Poisson likelihood.

    Returns:
        The estimate; or a mask of separated rows, which must go first; or ``None`` where the steps
        did not suffice.
    """
    from offing.market.gravity import panel_kernel

    y, x = panel.y, panel.x
    k = len(x)
    projector = Projector(k + 1, y.shape, panel.pairs, pool)
    alpha, gamma = projector.alpha, projector.gamma
    within, ones = np.empty_like(x), np.ones_like(y)
    at = _Likelihood(panel)
    value, size = at.update_mu(3), np.inf
    for step in range(1, STEPS + 1):
        projector.weigh(at.mu)
        precision = _precision(step, size)
        alpha[k], gamma[k] = 0.0, 0.0

        def work(column: int, precision: float = precision) -> None:
            if column == k:
                projector.project(k, y - at.mu, ones, precision)
                return
            projector.project(column, x[column], at.mu, precision)
            projector.residual(column, x[column], within[column])

        list(pool.map(work, range(k + 1)))
        change = np.linalg.solve(*panel_kernel.moments(within, at.mu, y))
        size = float(np.abs(change).max())
        if not np.isfinite(size):
            break
        old = at.mu.copy()
        move_a = alpha[k] - np.asarray(np.tensordot(change, alpha[:k], axes=1), dtype=np.float64)
        move_b = gamma[k] - np.asarray(np.tensordot(change, gamma[:k], axes=1), dtype=np.float64)
        value = at.move(value, np.asarray(change, dtype=np.float64), move_a, move_b)
        if step >= LOOK_FROM or size < TOLERANCE:
            ratio = np.divide(at.mu, old, out=np.ones_like(old), where=old > 0)
            gone = _vanishing(np.log(np.maximum(ratio, TINY)), y, panel.inside)
            if gone is not None:
                return gone
        if size < TOLERANCE:
            projector.weigh(at.mu)
            return step, at.beta, at.mu, projector
    return None


KEYS = ("year", "exporter", "importer")


@dataclass(frozen=True)
class PanelGravity:
    """Estimates of a panel.

    Attributes:
        names: K covariates.
        beta: ``(K,)``; not a number where a covariate was left out.
        covariance: ``(K, K)``, clustered by pair, times G/(G−1) · (n−1)/(n−k) with G pairs, n rows
            and k covariates, exporter-years and importer-years less one, the convention of fixest:
            the pair effects, nested in the clusters, do not count as parameters.
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


def _cells(panel: pl.DataFrame, pairs: PairEffects, one_cluster: bool) -> PanelData:
    """The panel as arrays ``(years, exporters, importers)``."""
    names = tuple(c for c in panel.columns if c not in (*KEYS, "value_usd"))
    if panel.is_empty():
        raise MissingDataError("gravity.no_rows")
    value = panel["value_usd"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    flat, shape = _places(panel, one_cluster)
    covariates = panel.select(pl.col(names).cast(pl.Float64)).to_numpy()
    full = np.isfinite(covariates).all(axis=1)
    if not (value[full] > 0).any():
        raise MissingDataError("gravity.no_rows")
    flat, value, covariates = flat[full], value[full], covariates[full]
    size = int(np.prod(shape))
    y, inside, x = np.zeros(size), np.zeros(size), np.zeros((len(names), size))
    scale = value.max()
    y[flat], inside[flat], x[:, flat] = value / scale / (value / scale).mean(), 1.0, covariates.T
    return PanelData(
        names,
        y=y.reshape(shape),
        x=x.reshape(len(names), *shape),
        inside=inside.reshape(shape),
        pairs=pairs,
        missing=int((~full).sum()),
        one_cluster=one_cluster,
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
    panel: pl.DataFrame,
    *,
    pair_effects: PairEffects = "directed",
    one_cluster: bool = False,
    threads: int | None = None,
) -> PanelGravity:
    """Estimate one model over several years.

    Args:
        panel: ``year``, ``exporter``, ``importer``, ``value_usd`` and one column for each
            covariate. The rows are the sample: list the zeros. Rows that lack a covariate are left
            out; trade within a country is used where it is listed.
        pair_effects: ``directed``: one effect for each exporter and importer; ``symmetric``: one
            for both directions, which then are one cluster too; ``none``.
        one_cluster: both directions of a pair are one cluster, as in the guide's own examples.
        threads: covariates worked on at once.

    Raises:
        InputError: ``gravity.duplicate``,
            ``gravity.nothing_left`` where no covariate is identified beside the effects,
            ``gravity.no_convergence``.
        MissingDataError: ``gravity.no_rows``.
    """
    import scipy.linalg  # noqa: F401 - its BLAS serves the kernel and must be there to be limited

    cells = _cells(panel, pair_effects, one_cluster or pair_effects == "symmetric")
    with one_thread(), ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        return _fit(cells, pool)


def _standardise(x: Floats, inside: Floats) -> tuple[Floats, Floats]:
    count = inside.sum()
    centre = (x * inside).sum(axis=(1, 2, 3)) / count
    x = (x - centre[:, None, None, None]) * inside
    spread = np.sqrt((x**2).sum(axis=(1, 2, 3)) / count)
    spread = np.where(spread > 0, spread, 1.0)
    return np.ascontiguousarray(x / spread[:, None, None, None]), spread


def _fit(cells: PanelData, pool: ThreadPoolExecutor) -> PanelGravity:
    pairs = cells.pairs
    y, inside = cells.y, drop_empty(cells.y, cells.inside, pairs)
    empty = int(cells.inside.sum() - inside.sum())
    while True:
        x, deviation = _standardise(cells.x, inside)
        chosen = independent(x, inside, pairs, pool)
        if not chosen:
            raise InputError("gravity.nothing_left", names=join_list(cells.names))
        panel = replace(cells, x=np.ascontiguousarray(x[chosen]), inside=inside)
        outcome = newton(panel, pool)
        if outcome is None:
            raise InputError("gravity.no_convergence", steps=STEPS)
        if isinstance(outcome, tuple):
            break
        inside = drop_empty(y, inside * ~outcome, pairs)
    steps, estimate, mu, projector = outcome
    variances, clusters = _sandwich(panel, mu, projector)
    scale, every = deviation[chosen], len(cells.names)
    beta, covariances = np.full(every, np.nan), np.full((2, every, every), np.nan)
    beta[chosen] = estimate / scale
    covariances[np.ix_([0, 1], chosen, chosen)] = variances / np.outer(scale, scale)
    rows = int(inside.sum())
    left_out = int(cells.inside.sum()) - rows
    collinear = tuple(name for at, name in enumerate(cells.names) if at not in chosen)
    r2 = deviance_explained(y[inside > 0], mu[inside > 0])
    return PanelGravity(
        cells.names, beta, covariances[0], covariances[1], rows, clusters, cells.missing, left_out,
        empty, collinear, steps, r2,
    )  # fmt: skip


def _sandwich(panel: PanelData, mu: Floats, projector: Projector) -> tuple[Floats, int]:
    """Covariances ``(2, k, k)``, by pair and robust alone, and the number of pairs."""
    inside = panel.inside
    k = len(panel.x)
    within = residuals(projector, panel.x, mu, 1e-9)
    scores = within * ((panel.y - mu) * inside)
    flat, single = within.reshape(k, -1), scores.reshape(k, -1)
    bread = np.linalg.inv((flat * mu.ravel()) @ flat.T)
    by_pair, sampled = scores.sum(axis=1), inside.sum(axis=0)
    directed = int((sampled > 0).sum())
    if panel.one_cluster:
        # Both directions on and above the diagonal, what lies below it empty.
        by_pair = np.triu(by_pair + np.tril(by_pair, -1).transpose(0, 2, 1))
        sampled = np.triu(sampled + np.tril(sampled, -1).T)
    by_pair = by_pair.reshape(k, -1)
    rows, clusters = int(inside.sum()), int((sampled > 0).sum())
    effects = {"none": 0, "directed": directed, "symmetric": clusters}[panel.pairs]
    sides = int((inside.sum(axis=2) > 0).sum() + (inside.sum(axis=1) > 0).sum())
    parameters = k + sides - 1
    clustered = clusters / (clusters - 1) * (rows - 1) / (rows - parameters)
    robust = rows / (rows - parameters - max(effects - 1, 0))
    meats = np.stack([by_pair @ by_pair.T * clustered, single @ single.T * robust])
    return bread @ meats @ bread, clusters
