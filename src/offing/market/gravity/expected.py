"""Trade that gravity expects: of one exporter in a product, and of every product of a year."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from offing.market.gravity.estimates import Floats, Gravity, deviance_explained
from offing.market.gravity.geography import (
    COVARIATES,
    TEXTBOOK,
    balance_flows,
    ease,
    pair_covariates,
)
from offing.market.history import FLOOR_USD, Array, Cube, History
from offing.terms.errors import InputError, MissingDataError
from offing.terms.frames import exact_sum


def expected_trade(
    fit: Gravity, flows: pl.DataFrame, product: str, origin: str, *, level: float
) -> pl.DataFrame:
    """What the model expects in each market of the product, beside what was traded.

    The interval is that of the mean, by the delta method on its logarithm: an error in a
    coefficient moves a pair's index by the covariates less their projection on the effects. Flows
    of a single year scatter around the mean, and lie outside it far more often than it says.

    Args:
        fit: of :func:`offing.market.gravity.batch.fit_products`.
        flows: the flows it was fitted on.
        product: one of its products.
        origin: exporter.
        level: of the interval.

    Returns:
        ``importer``, ``expected``, ``low``, ``high``, ``actual`` (0 where nothing was traded),
        the largest expected first. Markets outside the product's sample are not listed.

    Raises:
        InputError: ``gravity.unknown_product``, ``gravity.unknown_country``.
        MissingDataError: ``gravity.not_estimated`` where the product has no estimate,
            ``gravity.not_in_sample`` where the origin does not export it.
    """
    from scipy.special import ndtri

    if product not in fit.products:
        raise InputError("gravity.unknown_product", product=product)
    if origin not in fit.countries:
        raise InputError("gravity.unknown_country", country=origin)
    p, i = fit.products.index(product), fit.countries.index(origin)
    estimated = np.isfinite(fit.beta[p])
    if not estimated.any():
        raise MissingDataError("gravity.not_estimated", product=product, why=fit.why(product))
    mean = fit.expected(product)
    if not mean[i].any():
        raise MissingDataError("gravity.not_in_sample", product=product, country=origin)
    within = _residual_covariates(fit.covariates[estimated], mean)[:, i]
    covariance = fit.covariance["both"][p][np.ix_(estimated, estimated)]
    error = np.sqrt(np.maximum(np.einsum("kj,kl,lj->j", within, covariance, within), 0.0))
    wide = np.exp(ndtri((1 + level) / 2) * error)
    traded = flows.filter((pl.col("product") == product) & (pl.col("exporter") == origin))
    actual = dict(traded.select("importer", "value_usd").iter_rows())
    markets = [(j, fit.countries[j]) for j in np.nonzero(mean[i])[0]]
    rows = [
        (code, mean[i, j], mean[i, j] / wide[j], mean[i, j] * wide[j], float(actual.get(code, 0.0)))
        for j, code in markets
    ]
    columns = ["importer", "expected", "low", "high", "actual"]
    return pl.DataFrame(rows, schema=columns, orient="row").sort(
        "expected", "importer", descending=[True, False]
    )


def pseudo_r2(fit: Gravity, flows: pl.DataFrame, product: str) -> float:
    """The share of the Poisson deviance of a product's flows that its model explains.

    Args:
        fit: of :func:`offing.market.gravity.batch.fit_products`.
        flows: the flows it was fitted on.
        product: one of its products, with an estimate.
    """
    mean = fit.expected(product)
    traded, place = np.zeros_like(mean), {code: i for i, code in enumerate(fit.countries)}
    own = flows.filter((pl.col("product") == product) & (pl.col("value_usd") > 0))
    for exporter, importer, value in own.select("exporter", "importer", "value_usd").iter_rows():
        if exporter in place and importer in place:
            traded[place[exporter], place[importer]] = value
    inside = mean > 0
    return deviance_explained(traded[inside], mean[inside])


def _residual_covariates(x: Floats, mu: Floats) -> Floats:
    """Covariates less their projection on exporter and importer effects, with weights mu."""
    rows, cols = mu.sum(axis=1), mu.sum(axis=0)
    sells, buys = rows > 0, cols > 0
    m = mu[np.ix_(sells, buys)]
    inside = x[:, sells][:, :, buys]
    system = np.diag(m.sum(axis=1)) - (m / m.sum(axis=0)) @ m.T
    xr, xc = np.einsum("kij,ij->ki", inside, m), np.einsum("kij,ij->kj", inside, m)
    alpha = (xr - (xc / m.sum(axis=0)) @ m.T) @ np.linalg.pinv(system, hermitian=True)
    gamma = (xc - alpha @ m) / m.sum(axis=0)
    out = np.zeros(x.shape)
    out[:, np.ix_(sells, buys)[0], np.ix_(sells, buys)[1]] = (
        inside - alpha[:, :, None] - gamma[:, None, :]
    )
    return out


JOINT = "|"
"""Between product and tier: each tier is a product of its own to the model."""


def elasticities(history: History, year: int) -> dict[tuple[str, str], dict[str, float]]:
    """Of each product and tier that can be estimated on the flows of a year; once for a history.

    A covariate that the data leave out counts as 0. A product with fewer flows than parameters has
    no estimate worth using. Without distances nothing is estimated.

    Raises:
        InputError: ``gravity.no_numba`` where the extra is not installed, ``gravity.no_pairs``.
    """
    if history.distances is None or history.distances.is_empty():
        return {}
    if (year,) not in history.fits:
        history.fits[year,] = _estimate_trade(history, history.distances, year)
    fitted: dict[tuple[str, str], dict[str, float]] = history.fits[year,]
    return fitted


def _estimate_trade(
    history: History, distances: pl.DataFrame, year: int
) -> dict[tuple[str, str], dict[str, float]]:
    from offing.market.gravity.batch import fit_products

    flows = (
        history.flows.filter(pl.col("year") == year)
        .group_by("product", "tier", "importer", "exporter")
        .agg(exact_sum())
        .sort("product", "tier", "importer", "exporter")
        .select(
            pl.concat_str("product", "tier", separator=JOINT).alias("product"),
            "importer",
            "exporter",
            "value_usd",
        )
        .collect(engine="streaming")
    )
    countries = set(history.countries)
    pairs = pair_covariates(distances).select("exporter", "importer", *COVARIATES)
    pairs = pairs.filter(pl.col("exporter").is_in(countries) & pl.col("importer").is_in(countries))
    if pairs.is_empty():
        return {}
    fit = fit_products(flows, pairs)
    flowing = dict(flows.group_by("product").len().iter_rows())
    slopes = {}
    for name, beta, note in zip(fit.products, fit.beta, fit.notes, strict=True):
        parameters = np.isfinite(beta).sum() + note.exporters + note.importers - 1
        if np.isfinite(beta).any() and flowing[name] >= parameters:
            product, _, tier = name.partition(JOINT)
            slopes[product, tier] = dict(zip(fit.names, np.nan_to_num(beta).tolist(), strict=True))
    return slopes


def expected_by_product(history: History, year: int) -> Iterator[tuple[Cube, Array]]:
    """Each product with the trade that gravity expects of the year, exporter × importer, USD.

    By the product's own estimates; by the textbook's where it has none.
    """
    own = elasticities(history, year)
    for cube in history.cubes(year, []):
        pull = ease(cube, history.nearness, own.get((cube.product, cube.tier), TEXTBOOK))
        yield cube, balance_flows(pull, cube.base)


def room_to_grow(cube: Cube, could_be: Array) -> Array:
    """Log of the trade that gravity expects over today's: above 0 where less is sold than could."""
    return np.asarray(np.log((could_be + FLOOR_USD) / (cube.base + FLOOR_USD)))
