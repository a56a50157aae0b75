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
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix

from offing.warehouse.reconciling.effects import Codes, Effect, Floats, spread, t_weights

NEAR_KM = 5000.0
"""The distance at which the intercept holds, and which an unknown distance is given."""

PRIOR_MEAN = np.array([0.052, 0.016, 0.0, 0.0])
PRIOR_SD = np.array([0.03, 0.012, 0.004, 0.015])
"""Intercept, log distance, its square and contiguity, in log points."""

PRODUCT_SD, YEAR_SD = 0.03, 0.01
"""How far products and years stray from the common margin, in log points."""

HIGHEST = 0.30
"""Log points. No margin leaves [0, HIGHEST]: freight is never paid to the buyer."""

_COLUMNS = 4


@dataclass(frozen=True)
class Margin:
    """A fitted margin.

    Attributes:
        coefficients: of intercept, log distance, its square and contiguity.
        products: HS4 code → log points above the common margin.
        years: year → log points above the common margin.
        table: the ``margins`` of :class:`~offing.warehouse.reconciling.shape.Reconciled`.
        from_data: share of the prior variance of a typical margin that the data took away.
    """

    coefficients: Floats
    products: dict[str, float]
    years: dict[int, float]
    table: pl.DataFrame
    from_data: float

    def of(self, rows: pl.DataFrame) -> Floats:
        """Log CIF over FOB of each row, from ``product``, ``year``, ``km`` and ``contiguous``."""
        hs4 = rows["product"].str.slice(0, 4)
        shift = hs4.replace_strict(self.products, default=0.0, return_dtype=pl.Float64)
        year = (
            rows["year"]
            .cast(pl.Int64)
            .replace_strict(self.years, default=0.0, return_dtype=pl.Float64)
        )
        line = _geography(rows) @ self.coefficients + shift.to_numpy() + year.to_numpy()
        kept: Floats = np.clip(line, 0.0, HIGHEST)
        return kept


def _geography(rows: pl.DataFrame) -> Floats:
    far = np.log(rows["km"].fill_null(NEAR_KM).to_numpy() / NEAR_KM)
    # Within a city or across the globe the square must not run away.
    far = np.clip(far, -3.0, 1.5)
    near = rows["contiguous"].fill_null(False).to_numpy().astype(np.float64)
    return np.column_stack([np.ones(rows.height), far, far**2, near])


def _sums(groups: Codes, count: int) -> csr_matrix:
    """A matrix that adds rows up by group."""
    n = groups.size
    return csr_matrix((np.ones(n), (groups, np.arange(n))), shape=(count, n))


def _codes(values: pl.Series) -> tuple[Codes, list[object]]:
    names = values.unique().sort()
    numbers = dict(zip(names.to_list(), range(names.len()), strict=True))
    codes = values.replace_strict(numbers, return_dtype=pl.Int64).to_numpy()
    return codes, names.to_list()


def fit_margin(rows: pl.DataFrame, *, rounds: int = 25) -> Margin:
    """Fit the margin to the flows that both sides reported.

    Args:
        rows: of :func:`~offing.warehouse.reconciling.mirror.side_by_side`; those with one report
            only are left out of the fit, and their products appear in the table with the prior.
        rounds: of reweighting.
    """
    both = rows.filter(pl.col("m").is_not_null() & pl.col("x").is_not_null())
    every = rows["product"].str.slice(0, 4).unique().sort().to_list()
    hs4, names = _codes(both["product"].str.slice(0, 4))
    year, years = _codes(both["year"].cast(pl.Int64))
    importer, importers = _codes(both["importer"])
    exporter, exporters = _codes(both["exporter"])
    triple, triples = _codes(both["exporter"] + ">" + both["importer"] + ":" + both["product"])
    pair, pairs = _codes(pl.Series(triples, dtype=pl.String).str.slice(0, 7))
    n = both.height
    counts = [len(names), len(years), len(importers), len(exporters)]
    starts = np.cumsum([_COLUMNS, *counts])
    width = int(starts[-1])
    geography = _geography(both)
    places = np.column_stack(
        [
            np.tile(np.arange(_COLUMNS), (n, 1)),
            *[
                codes + start
                for codes, start in zip((hs4, year, importer, exporter), starts[:-1], strict=True)
            ],
        ]
    )
    values = np.column_stack([geography, np.ones((n, len(counts)))])
    design = csr_matrix(
        (values.ravel(), places.ravel(), np.arange(0, places.size + 1, places.shape[1])),
        shape=(n, width),
    )
    y = np.log(both["m"].to_numpy() / both["x"].to_numpy())
    size = np.log(both["m"].to_numpy() * both["x"].to_numpy()) / 2
    scale = Effect(deciles(size), 10)
    factors = [np.ones(10)]
    mean = np.zeros(width)
    mean[:_COLUMNS] = PRIOR_MEAN
    tau = {"importer": 0.1, "exporter": 0.1, "pair": 0.1, "triple": 0.1}
    variance = np.full(n, max(float(np.median(y**2)) * 2.2, 1e-6) if n else 1.0)
    theta, bent = mean.copy(), np.zeros(n)
    of_triple = _sums(triple, len(triples))
    of_pair = _sums(pair, len(pairs))

    def prior() -> Floats:
        return np.concatenate(
            [
                PRIOR_SD**-2,
                np.full(counts[0], PRODUCT_SD**-2),
                np.full(counts[1], YEAR_SD**-2),
                np.full(counts[2], 1 / tau["importer"]),
                np.full(counts[3], 1 / tau["exporter"]),
            ]
        )

    covariance = np.diag(1 / prior())
    for _ in range(rounds if n else 0):
        weights = t_weights(y - bent, variance) / variance
        # The effects of pairs, and of products within pairs, are taken out exactly, so that a
        # thousand rows of one pair are not counted as a thousand witnesses of its distance.
        weighted = design.multiply(weights[:, None]).tocsr()
        inner = of_triple @ weighted
        inner_y, inner_w = of_triple @ (weights * y), of_triple @ weights
        keep = 1 / (inner_w + 1 / tau["triple"])
        left = 1 - inner_w * keep
        outer = of_pair @ inner.multiply(left[:, None]).tocsr()
        outer_y = of_pair @ (left * inner_y)
        hold = 1 / (of_pair @ (left * inner_w) + 1 / tau["pair"])
        precision = (
            (design.T @ weighted)
            - inner.T @ inner.multiply(keep[:, None]).tocsr()
            - outer.T @ outer.multiply(hold[:, None]).tocsr()
        ).toarray()
        right = weighted.T @ y - inner.T @ (keep * inner_y) - outer.T @ (hold * outer_y)
        precision[np.diag_indices(width)] += prior()
        covariance = np.linalg.inv(precision)
        theta = covariance @ (right + prior() * mean)
        of_pairs = hold * (outer_y - outer @ theta)
        of_triples = keep * (inner_y - inner @ theta - inner_w * of_pairs[pair])
        bent = design @ theta + (of_pairs[pair] + of_triples)[triple]
        sure = np.diag(covariance)
        for name, at in (("importer", 2), ("exporter", 3)):
            part = slice(starts[at], starts[at + 1])
            tau[name] = max(float(np.mean(theta[part] ** 2 + sure[part])), 1e-8)
        tau["pair"] = max(float(np.mean(of_pairs**2 + hold)), 1e-8)
        tau["triple"] = max(float(np.mean(of_triples**2 + keep)), 1e-8)
        squares = weights * variance * ((y - bent) ** 2 + keep[triple])
        variance = spread(squares, [scale], factors)
    products = dict(
        zip([str(name) for name in names], theta[starts[0] : starts[1]].tolist(), strict=True)
    )
    made = Margin(
        coefficients=theta[:_COLUMNS],
        products=products,
        years={
            int(str(one)): float(size)
            for one, size in zip(years, theta[starts[1] : starts[2]], strict=True)
        },
        table=pl.DataFrame(),
        from_data=0.0,
    )
    return _with_table(made, rows, both, every, covariance, starts)


def _with_table(
    made: Margin,
    rows: pl.DataFrame,
    both: pl.DataFrame,
    every: list[str],
    covariance: Floats,
    starts: Codes,
) -> Margin:
    """Each product's margin at its mean distance, with its standard error."""
    geography = _geography(rows)
    table = (
        pl.DataFrame(
            {"product": rows["product"].str.slice(0, 4), "log": made.of(rows)}
            | {f"g{number}": geography[:, number] for number in range(_COLUMNS)}
        )
        .group_by("product")
        .mean()
        .sort("product")
    )
    counted = both.group_by(pl.col("product").str.slice(0, 4)).len("n")
    where = {name: int(starts[0]) + number for number, name in enumerate(made.products)}
    typical = table.select(f"g{number}" for number in range(_COLUMNS)).to_numpy()
    errors, priors = [], []
    for name, point in zip(every, typical, strict=True):
        line = np.zeros(covariance.shape[0])
        line[:_COLUMNS] = point
        extra = 0.0 if name in where else PRODUCT_SD**2
        if name in where:
            line[where[name]] = 1.0
        errors.append(float(line @ covariance @ line) + extra)
        priors.append(float(point**2 @ PRIOR_SD**2) + PRODUCT_SD**2)
    told = 1 - float(np.mean(errors)) / float(np.mean(priors)) if errors else 0.0
    shown = (
        table.select("product", pl.col("log").exp().sub(1).alias("margin"))
        .with_columns(pl.Series("se", np.sqrt(errors), dtype=pl.Float64))
        .join(counted, on="product", how="left")
        .with_columns(pl.col("n").fill_null(0).cast(pl.Int64))
        .sort("product")
    )
    return Margin(made.coefficients, made.products, made.years, shown, max(told, 0.0))


def deciles(values: Floats) -> Codes:
    """The tenth in which each value lies, 0 to 9."""
    if not values.size:
        return np.zeros(0, dtype=np.int64)
    return np.digitize(values, np.quantile(values, np.arange(0.1, 0.95, 0.1))).astype(np.int64)
