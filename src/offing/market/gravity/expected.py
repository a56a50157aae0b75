"""Expected trade of one exporter in one product, market by market, with its interval."""

import numpy as np
import polars as pl

from offing.market.gravity.estimates import Floats, Gravity, explained
from offing.terms.errors import InputError, MissingDataError


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
    within = _without_effects(fit.covariates[estimated], mean)[:, i]
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
    return explained(traded[inside], mean[inside])


def _without_effects(x: Floats, mu: Floats) -> Floats:
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
