"""Gravity for thousands of products at once, with clustered covariances.

Santos Silva and Tenreyro (2006) on each product, with exporter and importer effects after Anderson
and van Wincoop (2003). All products share the covariates; see ``kernel`` for the algorithm.
"""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from offing.terms.errors import InputError

Floats = NDArray[np.float64]
Covariance = Literal["hc", "exporter", "importer", "both"]
COVARIANCES: tuple[Covariance, ...] = get_args(Covariance)

State = Literal[
    "estimated",
    "estimated_after_drops",
    "one_exporter",
    "one_importer",
    "nothing_identified",
    "not_converged",
]


@dataclass(frozen=True)
class ProductGravity:
    """What was estimated for one product, or why not.

    Attributes:
        state: ``estimated``; ``estimated_after_drops`` where separated pairs or collinear
            covariates were left out; else the reason why there is no estimate.
        pairs: country pairs in the sample.
        exporters: exporters in the sample.
        importers: importers in the sample.
        separated: pairs left out because no finite estimate fits them.
        collinear: covariates left out because the effects or the others give them.
        steps: Newton and chord steps taken.
    """

    state: State
    pairs: int
    exporters: int
    importers: int
    separated: int = 0
    collinear: tuple[str, ...] = ()
    steps: int = 0


@dataclass(frozen=True)
class Gravity:
    """Estimates of every product.

    Attributes:
        products: P codes in order.
        names: K covariates.
        countries: codes in the order of ``effects``.
        beta: ``(P, K)``; not a number where not estimated.
        covariance: kind → ``(P, K, K)``, with small-sample factors.
        effects: ``(P, 2, countries)``: multiplicative exporter and importer effects.
        notes: by product, in order.
        covariates: ``(K, countries, countries)``.
        valid: pairs that may enter a sample.
    """

    products: tuple[str, ...]
    names: tuple[str, ...]
    countries: tuple[str, ...]
    beta: Floats
    covariance: Mapping[Covariance, Floats]
    effects: Floats
    notes: tuple[ProductGravity, ...]
    covariates: Floats
    valid: NDArray[np.bool_]

    def standard_errors(self, kind: Covariance = "exporter") -> Floats:
        """Standard errors ``(P, K)``; not a number where a variance is below zero."""
        variance = np.einsum("pkk->pk", self.covariance[kind])
        return np.sqrt(np.where(variance >= 0, variance, np.nan))

    def table(self) -> pl.DataFrame:
        """One row for each product and covariate: estimate, standard errors, state."""
        p, k = len(self.products), len(self.names)
        return pl.DataFrame(
            {
                "product": np.repeat(np.array(self.products, dtype=object), k).tolist(),
                "covariate": list(self.names) * p,
                "estimate": self.beta.ravel(),
                **{f"se_{kind}": self.standard_errors(kind).ravel() for kind in COVARIANCES},
                "state": [note.state for note in self.notes for _ in range(k)],
                "pairs": [note.pairs for note in self.notes for _ in range(k)],
            }
        ).with_columns(pl.col(pl.Float64).fill_nan(None))

    def expected(self, product: str) -> Floats:
        """Expected trade ``(countries, countries)``, exporters in rows; 0 outside the sample."""
        p = self.products.index(product)
        beta = np.nan_to_num(self.beta[p])
        out = np.exp(np.tensordot(beta, self.covariates, axes=1))
        return np.where(self.valid, self.effects[p, 0][:, None] * self.effects[p, 1] * out, 0.0)


def small_sample(pairs: int, k: int, exporters: int, importers: int) -> dict[Covariance, float]:
    """Factors on the raw sandwiches, as pyfixest and fixest apply them by default.

    Effects nested in a cluster do not count as parameters; the two-way covariance takes the
    smaller number of clusters.
    """
    n = pairs
    fewest = min(exporters, importers)
    return {
        "hc": n / (n - k - exporters - importers + 1),
        "exporter": exporters / (exporters - 1) * (n - 1) / (n - k - importers),
        "importer": importers / (importers - 1) * (n - 1) / (n - k - exporters),
        "both": fewest / (fewest - 1) * (n - 1) / (n - k - 1),
    }


def _square(
    covariates: pl.DataFrame, names: tuple[str, ...]
) -> tuple[tuple[str, ...], Floats, NDArray[np.bool_]]:
    countries = tuple(sorted(set(covariates["exporter"]) | set(covariates["importer"])))
    place = {code: number for number, code in enumerate(countries)}
    rows = np.array([place[code] for code in covariates["exporter"]])
    cols = np.array([place[code] for code in covariates["importer"]])
    values = covariates.select(names).to_numpy().astype(np.float64)
    square = np.full((len(names), len(countries), len(countries)), np.nan)
    square[:, rows, cols] = values.T
    valid = np.isfinite(square).all(axis=0)
    return countries, np.ascontiguousarray(np.where(valid, square, 0.0)), valid


def fit_products(
    flows: pl.DataFrame,
    covariates: pl.DataFrame,
    *,
    tolerance: float = 1e-10,
    most_steps: int = 60,
    threads: int | None = None,
) -> Gravity:
    """Estimate one model for each product.

    Args:
        flows: ``product``, ``exporter``, ``importer``, ``value_usd``; pairs that are not listed
            are zeros. One year, or values of one period.
        covariates: ``exporter``, ``importer`` and one column for each covariate. A pair without
            all of them is in no sample; trade within a country is used where its pair is listed.
        tolerance: on the largest change of a coefficient.
        most_steps: steps allowed.
        threads: products estimated at once; all processors where ``None``.

    Raises:
        InputError: ``gravity.no_covariates``, ``gravity.bad_value`` (negative or infinite), or
            ``gravity.duplicate`` flows or pairs.
    """
    import scipy.linalg  # noqa: F401 - its BLAS serves the kernel and must be there to be limited
    from threadpoolctl import threadpool_limits

    from offing.market.gravity import kernel

    names = tuple(c for c in covariates.columns if c not in ("exporter", "importer"))
    if not names:
        raise InputError("gravity.no_covariates")
    bad = flows.filter(~pl.col("value_usd").is_finite() | (pl.col("value_usd") < 0))
    if bad.height:
        first = bad.row(0, named=True)
        raise InputError("gravity.bad_value", count=bad.height, **first)
    for table, keys in (
        (flows, ["product", "exporter", "importer"]),
        (covariates, ["exporter", "importer"]),
    ):
        if table.select(keys).is_duplicated().any():
            double = table.filter(table.select(keys).is_duplicated()).select(keys).row(0)
            raise InputError("gravity.duplicate", keys=" ".join(double))
    countries, square, valid = _square(covariates, names)
    centre = square[:, valid].mean(axis=1)
    spread = square[:, valid].std(axis=1)
    spread = np.where(spread > 0, spread, 1.0)
    x = np.where(valid, (square - centre[:, None, None]) / spread[:, None, None], 0.0)
    place = pl.DataFrame({"code": countries, "at": np.arange(len(countries))})
    positive = (
        flows.filter(pl.col("value_usd") > 0)
        .join(place.rename({"code": "exporter", "at": "i"}), on="exporter")
        .join(place.rename({"code": "importer", "at": "j"}), on="importer")
        .sort("product", "i", "j")
    )
    i_of, j_of = (
        positive["i"].to_numpy().astype(np.int64),
        positive["j"].to_numpy().astype(np.int64),
    )
    positive = positive.filter(pl.Series(valid[i_of, j_of]))
    i_of, j_of = (
        positive["i"].to_numpy().astype(np.int64),
        positive["j"].to_numpy().astype(np.int64),
    )
    values = positive["value_usd"].to_numpy().astype(np.float64)
    products = tuple(sorted(set(flows["product"])))
    counts = dict(positive.group_by("product").len().iter_rows())
    offsets = np.concatenate([[0], np.cumsum([counts.get(p, 0) for p in products])]).astype(
        np.int64
    )
    p, k, size = len(products), len(names), len(countries)
    # Values in units of each product's mean keep the numbers near one; beta does not change.
    scale = np.ones(p)
    scaled = values.copy()
    for number in range(p):
        lo, hi = offsets[number], offsets[number + 1]
        if hi > lo:
            scale[number] = values[lo:hi].mean()
            scaled[lo:hi] = values[lo:hi] / scale[number]
    state, steps, pairs = (
        np.full(p, kernel.NEEDS_CARE),
        np.zeros(p, np.int64),
        np.zeros(p, np.int64),
    )
    sides = np.zeros((p, 2), np.int64)
    beta = np.full((p, k), np.nan)
    covariances = np.full((p, 4, k, k), np.nan)
    effects = np.zeros((p, 2, size))
    turned = np.ascontiguousarray(x.transpose(0, 2, 1))
    workers = threads or os.cpu_count() or 1
    bounds = (
        np.unique(np.linspace(0, p, min(p, workers * 16) + 1).astype(int))
        if p
        else np.zeros(1, int)
    )

    def work(first: int, last: int) -> None:
        kernel.fit_range(
            first, last, offsets, i_of, j_of, scaled, x, turned, valid, np.zeros(k),
            tolerance, most_steps, state, steps, pairs, sides, beta, covariances, effects,
        )  # fmt: skip

    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(work, bounds[:-1].tolist(), bounds[1:].tolist()):
            pass
        notes = []
        for number in range(p):
            if state[number] == kernel.CONVERGED:
                exporting, importing = int(sides[number, 0]), int(sides[number, 1])
                notes.append(
                    ProductGravity(
                        "estimated",
                        int(pairs[number]),
                        exporting,
                        importing,
                        steps=int(steps[number]),
                    )
                )
                continue
            lo, hi = offsets[number], offsets[number + 1]
            notes.append(
                _with_care(
                    x,
                    valid,
                    i_of[lo:hi],
                    j_of[lo:hi],
                    scaled[lo:hi],
                    names,
                    tolerance,
                    most_steps,
                    beta[number],
                    covariances[number],
                    effects[number],
                )
            )
    for number, note in enumerate(notes):
        if np.isnan(beta[number]).all():
            continue
        kept = k - len(note.collinear)
        for at, factor in enumerate(
            small_sample(note.pairs, kept, note.exporters, note.importers).values()
        ):
            covariances[number, at] *= factor
    covariances /= spread[:, None] * spread
    beta /= spread
    # Undo the scaling and centring inside the exporter effects.
    shift = np.exp(np.nan_to_num(beta) @ -centre) * scale
    effects[:, 0] *= shift[:, None]
    return Gravity(
        products,
        names,
        countries,
        beta,
        {kind: covariances[:, at] for at, kind in enumerate(COVARIANCES)},
        effects,
        tuple(notes),
        square,
        valid,
    )


def _independent(curvature: Floats, scale: Floats) -> list[int]:
    """Covariates that the earlier ones and the effects do not give, in order.

    Args:
        curvature: cross products after the effects are taken out, ``(k, k)``.
        scale: sums of squares before, ``(k,)``.
    """
    kept: list[int] = []
    for column in range(len(scale)):
        if curvature[column, column] <= 1e-10 * scale[column]:
            continue
        trial = curvature[np.ix_([*kept, column], [*kept, column])]
        norms = np.sqrt(np.diag(trial))
        if np.linalg.eigvalsh(trial / norms[:, None] / norms)[0] > 1e-10:
            kept.append(column)
    return kept


def _with_care(
    x: Floats,
    valid: NDArray[np.bool_],
    i_of: NDArray[np.int64],
    j_of: NDArray[np.int64],
    values: Floats,
    names: tuple[str, ...],
    tolerance: float,
    most_steps: int,
    beta: Floats,
    covariances: Floats,
    effects: Floats,
) -> ProductGravity:
    """One product that the fast path left: drop separated pairs and collinear covariates, then fit.

    Writes into ``beta``, ``covariances`` and ``effects``.
    """
    from offing.market.gravity import kernel
    from offing.market.gravity.separation import separated

    size = valid.shape[0]
    y = np.zeros((size, size))
    y[i_of, j_of] = values
    rows, cols = np.nonzero(y.sum(1))[0], np.nonzero(y.sum(0))[0]
    if len(rows) < 2 or len(cols) < 2:
        reason: State = "one_exporter" if len(rows) < 2 else "one_importer"
        return ProductGravity(reason, 0, len(rows), len(cols))
    inside = valid[np.ix_(rows, cols)].copy()
    at, to = np.nonzero(inside)
    block = y[np.ix_(rows, cols)]
    drop = separated(
        block[at, to], x[:, rows[at], cols[to]].T, [at.astype(np.int64), to.astype(np.int64)]
    )
    inside[at[drop], to[drop]] = False
    keep_rows, keep_cols = inside.any(1), inside.any(0)
    rows, cols = rows[keep_rows], cols[keep_cols]
    inside, block = inside[np.ix_(keep_rows, keep_cols)], block[np.ix_(keep_rows, keep_cols)]
    pairs = int(inside.sum())
    local = np.ascontiguousarray(x[:, rows][:, :, cols])
    kept: list[int] = []
    if pairs and min(inside.shape) > 1:
        wide = len(rows) > len(cols)
        shaped = np.ascontiguousarray(local.transpose(0, 2, 1)) if wide else local
        weights = np.ascontiguousarray(inside.T if wide else inside, dtype=np.float64)
        try:
            kept = _independent(
                kernel.curvature(shaped, weights), (shaped**2 * weights).sum((1, 2))
            )
        except np.linalg.LinAlgError:
            kept = []
    gone = tuple(name for number, name in enumerate(names) if number not in kept)
    parameters = len(kept) + len(rows) + len(cols) - 1
    if not kept or pairs <= parameters or len(rows) < 2 or len(cols) < 2:
        return ProductGravity(
            "nothing_identified", pairs, len(rows), len(cols), int(drop.sum()), gone
        )
    turned = len(rows) > len(cols)
    mine = local[kept]
    if turned:
        mine, inside, block = (
            np.ascontiguousarray(mine.transpose(0, 2, 1)),
            inside.T.copy(),
            block.T.copy(),
        )
    mine = np.ascontiguousarray(mine)
    try:
        result, taken, b, a_eff, b_eff, mu, h, a_x, g_x = kernel.fit(
            mine, np.ascontiguousarray(inside), block.sum(1), block.sum(0),
            np.einsum("kij,ij->k", mine, block), np.zeros(len(kept)), tolerance, most_steps * 4,
        )  # fmt: skip
    except np.linalg.LinAlgError:
        result = kernel.SINGULAR
    if result != kernel.CONVERGED:
        return ProductGravity("not_converged", pairs, len(rows), len(cols), int(drop.sum()), gone)
    single, by_row, by_col = kernel.meats(
        mine, np.ascontiguousarray(inside), np.ascontiguousarray(block - mu), a_x, g_x
    )
    bread = np.linalg.inv(h)
    exporter, importer = (by_col, by_row) if turned else (by_row, by_col)
    for number, meat in enumerate((single, exporter, importer, exporter + importer - single)):
        covariances[number][np.ix_(kept, kept)] = bread @ meat @ bread
    beta[kept] = b
    effects[0, rows], effects[1, cols] = (b_eff, a_eff) if turned else (a_eff, b_eff)
    state: State = "estimated_after_drops" if drop.any() or gone else "estimated"
    return ProductGravity(state, pairs, len(rows), len(cols), int(drop.sum()), gone, taken)
