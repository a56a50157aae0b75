"""Trade that gravity expects: of one exporter in a product, and of every product of a year.

What geography makes of trade between two countries, and flows that keep the observed totals.

Needs nothing compiled: the textbook elasticities serve where none can be estimated.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl

from offing.market.gravity.estimates import Floats, Gravity, deviance_explained
from offing.market.history import FLOOR_USD, Array, Cube, History, Nearness
from offing.terms.errors import InputError, MissingDataError
from offing.terms.frames import exact_sum

COVARIATES = ("log_km", "contiguous", "common_language")
"""What an estimate is made on where nothing else is asked for. Colonial ties are few: in a small
sample, a handful of pairs would decide their estimate and move that of distance."""
FURTHER = ("colony",)
TEXTBOOK: Mapping[str, float] = dict(zip(COVARIATES, (-0.93, 0.53, 0.54), strict=True))
"""Means of published estimates: Head and Mayer (2014), Handbook of International Economics 4,
table 3.4."""
CLOSE, ROUNDS = 1e-4, 300
"""Balancing goes on until the totals agree to this, and for so many steps at most."""
FAINT = 1e-140
"""No factor of balancing is smaller, or larger than its inverse: products of two stay finite."""


def pair_covariates(distances: pl.DataFrame) -> pl.DataFrame:
    """Covariates of every pair of two countries.

    Args:
        distances: in the columns of ``Distances``.

    Returns:
        ``exporter``, ``importer``, ``log_km``, ``contiguous``, ``common_language``, ``colony``.
    """
    return distances.filter(pl.col("origin") != pl.col("destination")).select(
        exporter="origin",
        importer="destination",
        log_km=pl.col("km").log(),
        **{name: pl.col(name).cast(pl.Float64) for name in (*COVARIATES[1:], *FURTHER)},
    )


def ease(cube: Cube, near: Nearness | None, elasticities: Mapping[str, float] = TEXTBOOK) -> Array:
    """What geography makes of each pair, the easiest 1.

    A pair whose distance is not known counts as the typical one.
    """
    if near is None:
        return cube.candidates.astype(float)
    at = np.ix_(cube.exporters, cube.importers)
    log_km = np.log(near.km[at])
    measured = np.isfinite(log_km) & cube.candidates
    typical = float(np.median(log_km[measured])) if measured.any() else 0.0
    log = (
        elasticities["log_km"] * np.where(measured, log_km, typical)
        + elasticities["contiguous"] * np.nan_to_num(near.contiguous[at])
        + elasticities["common_language"] * np.nan_to_num(near.common_language[at])
    )
    return np.asarray(np.where(cube.candidates, np.exp(log - log.max()), 0.0))


def balance_flows(prior: Array, base: Array) -> Array:
    """The flows in proportion to ``prior`` whose totals by exporter and importer are those of base.

    With estimated elasticities this is the fit of a Poisson gravity model: its effects are what
    makes the totals meet. Totals that no such flows can have are met as nearly as ``ROUNDS`` go.
    """
    rows, columns = base.sum(1), base.sum(0)
    out, into = np.ones(len(rows)), np.ones(len(columns))
    for _ in range(ROUNDS):
        before, out = out, np.clip(rows / (prior @ into).clip(min=FAINT), FAINT, 1 / FAINT)
        into = np.clip(columns / (out @ prior).clip(min=FAINT), FAINT, 1 / FAINT)
        if np.abs(out / before - 1)[rows > 0].max(initial=0.0) < CLOSE:
            break
    return np.asarray(out[:, None] * prior * into)


def potential(cube: Cube, near: Nearness | None) -> Array:
    """What each pair would trade by the textbook's elasticities, at the totals observed, USD."""
    return balance_flows(ease(cube, near), cube.base)


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
        .with_columns(product=pl.concat_str("product", "tier", separator=JOINT))
        .drop("tier")
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
