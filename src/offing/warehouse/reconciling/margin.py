"""What carriage and insurance add to a value between the two borders.

Gaulier and Zignago (2010, section 2.3) regress the log ratio of the importer's CIF to the
exporter's FOB value on distance, its square, contiguity, product and year. We do the same, with
two changes. Reporters and pairs have effects of their own, because goods that pass through Hong
Kong or Rotterdam put far larger gaps between reports than freight does. And every coefficient of
the margin has a prior from published margins, so that with few reports the margin stays near what
customs offices measured, and with none it is that.

The prior: OECD's database of explicit margins (ITIC) has a trade-weighted mean of 6 % and 2 to 4
points more between continents than within one (OECD Statistics Directorate, Statistical Insights,
November 2016). A margin of 6 % at 8,000 km with the elasticity 0.3 to distance gives both. It is
used in the form of its tangent at 5,000 km.

Rows lie in inner groups, and inner groups in outer ones. Their effects are integrated out of the
normal equations (a Schur complement at each level), so that rows of one group count as the partly
repeated witness they are, at the cost of a few sparse products.

Robust regression with many crossed effects, each shrunk as far as the data ask for.

The model is ``y = X b + Σ_g z_g u_g[group] + e`` with ``u_g ~ N(0, τ_g²)`` and Student-t errors
whose scale is a product of factors by group. The t distribution is a scale mixture of normals, so
far-off rows lose weight smoothly (Lange, Little and Taylor 1989); τ and the scales come from the
data by variational EM (mean field over the effects). Nothing is tuned by hand to a data set.

How far each reporter's figures lie from its partners'.

Gaulier and Zignago (2010, section 2.4): the absolute log difference of two reports, with the CIF
margin taken out, is decomposed on who reported as importer and who as exporter. A reporter's part
is its typical error; its weight is the inverse of that part's square, as for two measurements of
unequal error.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from offing.estimators import SMALL
from offing.terms.frames import exact_sum

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

FREEDOM = 3.0
"""Degrees of freedom of the t errors: tails as heavy as mirror ratios have, with a variance."""

SWEEPS = 40
PRIOR_ROWS = 10.0
"""Rows of mean spread that each group's scale is averaged with, so that small groups stay sane."""


@dataclass(frozen=True)
class ReportEffect:
    """A set of groups that share a prior: the group of each row, and what their effect scales."""

    groups: Codes
    count: int
    along: Floats | None = None

    def rows(self, chosen: NDArray[np.bool_]) -> "ReportEffect":
        """The same for some of the rows."""
        along = None if self.along is None else self.along[chosen]
        return ReportEffect(self.groups[chosen], self.count, along)

    def at(self, size: Floats) -> Floats:
        """What each row gets from effects of that size."""
        values: Floats = size[self.groups]
        return values if self.along is None else values * self.along


def predict(
    columns: Floats, coefficients: Floats, effects: Sequence[ReportEffect], sizes: Sequence[Floats]
) -> Floats:
    """The expected y; a group that was never seen adds nothing."""
    total: Floats = columns @ coefficients
    for effect, size in zip(effects, sizes, strict=True):
        total = total + effect.at(size)
    return total


def t_weights(residuals: Floats, variance: Floats) -> Floats:
    """How much each row counts under t errors: near 1 at home, near 0 far off."""
    return np.asarray((FREEDOM + 1) / (FREEDOM + residuals**2 / variance))


def spread(squares: Floats, scales: Sequence[ReportEffect], factors: list[Floats]) -> Floats:
    """Each row's error variance as a product of group factors, which are improved in place."""
    shares = [factor[scale.groups] for scale, factor in zip(scales, factors, strict=True)]
    product = np.prod(shares, axis=0) if shares else np.ones_like(squares)
    level = float(np.mean(squares / product))
    for number, scale in enumerate(scales):
        rest = level * product / shares[number]
        total = np.bincount(scale.groups, squares / rest, scale.count) + PRIOR_ROWS
        factors[number] = total / (np.bincount(scale.groups, minlength=scale.count) + PRIOR_ROWS)
        product = product / shares[number] * factors[number][scale.groups]
        shares[number] = factors[number][scale.groups]
    variance: Floats = level * product
    return np.maximum(variance, SMALL)


def fit(
    y: Floats, columns: Floats, effects: Sequence[ReportEffect], scales: Sequence[ReportEffect]
) -> tuple[Floats, list[Floats]]:
    """Coefficients of the columns, and sizes of every effect's groups, of this module's model.

    Args:
        y: n values.
        columns: n × p, with a column of ones.
        effects: the crossed effects.
        scales: the groups whose factors make up the error's variance.
    """
    n, p = columns.shape
    sizes = [np.zeros(effect.count) for effect in effects]
    tau = [0.1] * len(effects)
    factors = [np.ones(scale.count) for scale in scales]
    beta = np.zeros(p)
    total = np.zeros(n)
    middle = float(np.median(y)) if n else 0.0
    variance = np.full(n, max(float(np.median(np.abs(y - middle))) ** 2 * 2.2, 1e-6))
    ridge = 1e-8 * np.eye(p)
    for _ in range(SWEEPS if n else 0):
        weights = t_weights(y - total - columns @ beta, variance) / variance
        gram = columns.T * weights
        beta = np.linalg.solve(gram @ columns + ridge, gram @ (y - total))
        fixed = columns @ beta
        unsure = np.zeros(n)
        for number, effect in enumerate(effects):
            total -= effect.at(sizes[number])
            rest = y - fixed - total
            z = np.ones(n) if effect.along is None else effect.along
            seen = np.bincount(effect.groups, weights * z * z, effect.count)
            precision = seen + 1.0 / tau[number]
            sizes[number] = np.bincount(effect.groups, weights * z * rest, effect.count) / precision
            mine = seen > 0
            tau[number] = max(float(np.mean((sizes[number] ** 2 + 1 / precision)[mine])), 1e-8)
            total += effect.at(sizes[number])
            unsure += z * z / precision[effect.groups]
        squares = weights * variance * ((y - fixed - total) ** 2 + unsure)
        variance = spread(squares, scales, factors)
    return beta, sizes


def deciles(values: Floats) -> Codes:
    """The tenth in which each value lies, 0 to 9."""
    if not values.size:
        return np.zeros(0, dtype=np.int64)
    return np.digitize(values, np.quantile(values, np.arange(0.1, 0.95, 0.1))).astype(np.int64)


PRIOR_FLOWS = 20.0
"""A reporter's part is averaged with this many flows of mean quality."""

LEAST = 0.5
"""No reporter's part is under this share of the mean one. Two reports that differ do not say whose
error it is; with this floor the best reporter counts at most four times as much as a mean one."""


@dataclass(frozen=True)
class Reliability:
    """Each reporter's part of the discrepancy, by direction; see ``Reconciled.reliability``."""

    table: pl.DataFrame
    mean: float

    def importer_share(self, rows: pl.DataFrame) -> Floats:
        """The importer's weight against the exporter's, 0 to 1, for each row."""
        squares = []
        for direction, column in (("import", "importer"), ("export", "exporter")):
            mine = self.table.filter(pl.col("direction") == direction)
            part_of = dict(zip(mine["country"], mine["discrepancy"], strict=True))
            part = rows[column].replace_strict(part_of, default=self.mean, return_dtype=pl.Float64)
            squares.append(part.to_numpy() ** 2)
        return np.asarray(squares[1] / (squares[0] + squares[1]))


def fit_reliability(both: pl.DataFrame, gap: Floats) -> Reliability:
    """Decompose the discrepancies.

    ``gap`` is the log of the importer's value brought to FOB less the log of the exporter's, for
    each flow with two reports.
    """
    if not both.height:
        texts = dict.fromkeys(("country", "direction"), pl.String())
        amounts = dict.fromkeys(("discrepancy", "weight"), pl.Float64())
        return Reliability(pl.DataFrame(schema={**texts, **amounts, "n": pl.Int64()}), 1.0)
    size = np.abs(gap)
    # Larger flows are better witnesses of an office's care than small ones; the log keeps one
    # giant flow from deciding alone. The floor of 1 dollar holds for any unit of account.
    volume = np.sqrt(both["m"].to_numpy() * both["x"].to_numpy())
    weights = 1 + np.log1p(volume / np.median(volume))
    weights = weights / weights.mean()
    middle = float(np.average(size, weights=weights))
    half = max(middle / 2, 1e-9)
    (buyers, importers), (sellers, exporters) = _codes(both["importer"]), _codes(both["exporter"])
    codes = np.concatenate([buyers, sellers + len(importers)])
    width, n = len(importers) + len(exporters), both.height
    places = np.tile(np.arange(n), 2), codes
    design = csr_matrix((np.ones(2 * n), places), shape=(n, width))
    weighted = design.multiply(weights[:, None]).tocsr()
    gram = (design.T @ weighted).toarray() + PRIOR_FLOWS * np.eye(width)
    parts = half + np.linalg.solve(gram, weighted.T @ (size - 2 * half))
    parts = np.maximum(parts, LEAST * half)
    counts = np.bincount(codes, minlength=width)
    table = pl.DataFrame(
        {
            "country": [*importers, *exporters],
            "direction": ["import"] * len(importers) + ["export"] * len(exporters),
            "discrepancy": parts, "weight": (half / parts) ** 2, "n": counts.astype(np.int64),
        }
    )  # fmt: skip
    return Reliability(table.sort("country", "direction"), half)


def sums(groups: Codes, count: int) -> csr_matrix:
    """A matrix that adds rows up by group."""
    return csr_matrix(
        (np.ones(groups.size), (groups, np.arange(groups.size))), (count, groups.size)
    )


def _scale_rows(matrix: csr_matrix, by: Floats) -> csr_matrix:
    """Each row times a number."""
    data = matrix.data * np.repeat(by, np.diff(matrix.indptr))
    return csr_matrix((data, matrix.indices, matrix.indptr), shape=matrix.shape).sorted_indices()


@dataclass(frozen=True)
class Nested:
    """A design with its groups: ``inner`` of each row, ``outer`` of each inner group."""

    design: csr_matrix
    turned: csr_matrix
    y: Floats
    inner: Codes
    outer: Codes
    by_inner: csr_matrix
    by_outer: csr_matrix

    def solve(
        self, weights: Floats, mean: Floats, precision: Floats, tau_inner: float, tau_outer: float
    ) -> tuple[Floats, Floats, Floats, Floats, float, float]:
        """Solve for given weights (inverse error variances), prior and variances of the effects.

        Returns:
            Coefficients of the design and their covariance; the expected y of each row, with its
            groups' effects, and the variance of its inner effect; mean squares of the inner and of
            the outer effects, their own uncertainty included.
        """
        weighted = _scale_rows(self.design, weights)
        inner = self.by_inner @ weighted
        inner_y, inner_w = self.by_inner @ (weights * self.y), self.by_inner @ weights
        keep = 1 / (inner_w + 1 / tau_inner)
        factor = 1 - inner_w * keep
        outer = self.by_outer @ _scale_rows(inner, factor)
        outer_y = self.by_outer @ (factor * inner_y)
        hold = 1 / (self.by_outer @ (factor * inner_w) + 1 / tau_outer)
        gram = (
            self.turned @ weighted
            - inner.T @ _scale_rows(inner, keep)
            - outer.T @ _scale_rows(outer, hold)
        ).toarray()
        gram[np.diag_indices_from(gram)] += precision
        right = weighted.T @ self.y - inner.T @ (keep * inner_y) - outer.T @ (hold * outer_y)
        covariance = np.linalg.inv(gram)
        theta = covariance @ (right + precision * mean)
        outer_size = hold * (outer_y - outer @ theta)
        inner_size = keep * (inner_y - inner @ theta - inner_w * outer_size[self.outer])
        fitted = self.design @ theta + (outer_size[self.outer] + inner_size)[self.inner]
        squares = (float(np.mean(inner_size**2 + keep)), float(np.mean(outer_size**2 + hold)))
        return theta, covariance, fitted, keep[self.inner], *squares


NEAR_KM = 5000.0
"""The distance at which the intercept holds, and which an unknown distance is given."""

PRIOR_MEAN = np.array([0.052, 0.016, 0.0, 0.0])
PRIOR_SD = np.array([0.03, 0.012, 0.004, 0.015])
"""Intercept, log distance, its square and contiguity, in log points."""

PRODUCT_SD, YEAR_SD = 0.03, 0.01
"""How far products and years stray from the common margin, in log points."""

HIGHEST = 0.30
"""Log points. No margin leaves [0, HIGHEST]: freight is never paid to the buyer."""

_PLACE = ("g0", "g1", "g2", "g3")
_GEOGRAPHY = len(_PLACE)
_TAU = 0.1
"""Where the variances of the effects start."""

ROUNDS = 25
"""Of reweighting."""


@dataclass(frozen=True)
class Margin:
    """A fitted margin.

    Attributes:
        coefficients: of intercept, log distance, its square and contiguity.
        products: HS4 code → log points above the common margin.
        years: year → log points above the common margin.
        covariance: of all coefficients.
        columns: HS4 code → its place among them.
        flows: ``product`` (HS4) and ``n``, those that it was fitted on.
    """

    coefficients: Floats
    products: dict[str, float]
    years: dict[int, float]
    covariance: Floats
    columns: dict[str, int]
    flows: pl.DataFrame

    def of(self, rows: pl.DataFrame) -> Floats:
        """Log CIF over FOB of each row, from ``product``, ``year``, ``km`` and ``contiguous``."""
        hs4 = rows["product"].str.slice(0, 4)
        shift = hs4.replace_strict(self.products, default=0.0, return_dtype=pl.Float64)
        years = rows["year"].cast(pl.Int64)
        year = years.replace_strict(self.years, default=0.0, return_dtype=pl.Float64)
        line = _geography(rows) @ self.coefficients + shift.to_numpy() + year.to_numpy()
        return np.asarray(np.clip(line, 0.0, HIGHEST))

    def usual(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Each product (HS4) at its mean place on the map, and its mean ``log`` margin there."""
        return (
            pl.DataFrame(_geography(rows), schema=_PLACE)
            .with_columns(rows["product"].str.slice(0, 4), pl.Series("log", self.of(rows)))
            .group_by("product")  # a mean of floats hangs on which threads bring the rows
            .agg(exact_sum(name) / pl.len() for name in (*_PLACE, "log"))
        )

    def table(self, usual: pl.DataFrame) -> tuple[pl.DataFrame, float]:
        """Each product's margin at its :meth:`usual` place, with its standard error.

        Returns:
            The ``margins`` of :class:`~offing.warehouse.reconciling.estimate.ReconciledTrade`,
            and the share of the prior variance of a typical margin that the data took away.
        """
        table = usual.join(self.flows, on="product", how="left").sort("product")
        points = table.select(_PLACE).to_numpy()
        errors = np.zeros(table.height)
        for number, (name, point) in enumerate(zip(table["product"], points, strict=True)):
            line = np.zeros(len(self.covariance))
            line[:_GEOGRAPHY] = point
            if name in self.columns:
                line[self.columns[name]] = 1.0
            prior = 0.0 if name in self.columns else PRODUCT_SD**2
            errors[number] = line @ self.covariance @ line + prior
        before = points**2 @ PRIOR_SD**2 + PRODUCT_SD**2
        margin, known = pl.col("log").exp().sub(1).alias("margin"), pl.col("n").fill_null(0)
        shown = table.select("product", margin, pl.Series("se", np.sqrt(errors)), known)
        told = 1 - errors.mean() / before.mean() if errors.size else 0.0
        return shown, max(float(told), 0.0)


def _geography(rows: pl.DataFrame) -> Floats:
    far = np.log(rows["km"].fill_null(NEAR_KM).to_numpy() / NEAR_KM)
    # Within a city or across the globe the square must not run away.
    far = np.clip(far, -3.0, 1.5)
    near = rows["contiguous"].fill_null(False).to_numpy().astype(np.float64)
    return np.column_stack([np.ones(rows.height), far, far**2, near])


def _codes(values: pl.Series) -> tuple[Codes, list[str]]:
    """The place of each value among the values there are, in order."""
    names = values.unique().sort().to_list()
    places = {name: number for number, name in enumerate(names)}
    return values.replace_strict(places, return_dtype=pl.Int64).to_numpy(), names


def _design(both: pl.DataFrame) -> tuple[Nested, dict[str, dict[str, int]]]:
    """The design, geography first; and kind → name → its column."""
    kinds = pl.col("product").str.slice(0, 4), pl.col("year").cast(pl.String)
    columns = both.select(*kinds, "importer", "exporter")
    coded = {values.name: _codes(values) for values in columns}
    blocks, width, n = dict[str, dict[str, int]](), _GEOGRAPHY, both.height
    for kind, (_, names) in coded.items():
        blocks[kind] = {name: at for at, name in enumerate(names, width)}
        width += len(names)
    at = [codes + min(blocks[kind].values(), default=0) for kind, (codes, _) in coded.items()]
    places = np.column_stack([np.tile(np.arange(_GEOGRAPHY), (n, 1)), *at])
    values = np.column_stack([_geography(both), np.ones((n, len(coded)))])
    starts = np.arange(0, places.size + 1, places.shape[1])
    design = csr_matrix((values.ravel(), places.ravel(), starts), shape=(n, width))
    pairs = both["exporter"] + ">" + both["importer"]
    inner, triples = _codes(pairs + ":" + both["product"])
    outer, names = _codes(pl.Series(triples, dtype=pl.String).str.split(":").list.first())
    y = np.log(both["m"].to_numpy() / both["x"].to_numpy())
    return Nested(
        design,
        design.T.tocsr(),
        y,
        inner=inner,
        outer=outer,
        by_inner=sums(inner, len(triples)),
        by_outer=sums(outer, len(names)),
    ), blocks


def fit_margin(rows: pl.DataFrame) -> Margin:
    """Fit the margin to the flows that both sides reported; the others are left out."""
    both = rows.filter(pl.col("m").is_not_null() & pl.col("x").is_not_null())
    nested, blocks = _design(both)
    y, n = nested.y, both.height
    places = {kind: [*columns.values()] for kind, columns in blocks.items()}
    mean = np.zeros(nested.design.shape[1])
    mean[:_GEOGRAPHY] = PRIOR_MEAN
    precision = np.zeros(mean.size)
    precision[:_GEOGRAPHY] = PRIOR_SD**-2
    precision[places["product"]] = PRODUCT_SD**-2
    precision[places["year"]] = YEAR_SD**-2
    precision[places["importer"]] = precision[places["exporter"]] = 1 / _TAU
    theta, covariance = mean, np.diag(1 / precision)
    inner = outer = _TAU
    volume = np.log(both["m"].to_numpy() * both["x"].to_numpy()) / 2
    scale, factors = ReportEffect(deciles(volume), 10), [np.ones(10)]
    variance = np.full(n, max(float(np.median(y**2)) * 2.2, 1e-6) if n else 1.0)
    fitted = np.zeros(n)
    for _ in range(ROUNDS if n else 0):
        weights = t_weights(y - fitted, variance) / variance
        solved = nested.solve(weights, mean, precision, inner, outer)
        theta, covariance, fitted, unsure, *squares_of_effects = solved
        for side in ("importer", "exporter"):
            block = places[side]
            square = np.mean(theta[block] ** 2 + np.diag(covariance)[block])
            precision[block] = 1 / max(float(square), 1e-8)
        inner, outer = (max(square, 1e-8) for square in squares_of_effects)
        squares = weights * variance * ((y - fitted) ** 2 + unsure)
        variance = spread(squares, [scale], factors)
    hs4 = both.group_by(pl.col("product").str.slice(0, 4))
    products = {name: float(theta[at]) for name, at in blocks["product"].items()}
    years = {int(year): float(theta[at]) for year, at in blocks["year"].items()}
    flows = hs4.agg(pl.len().cast(pl.Int64).alias("n"))
    return Margin(theta[:_GEOGRAPHY], products, years, covariance, blocks["product"], flows)
