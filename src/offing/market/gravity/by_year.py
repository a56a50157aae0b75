"""Gravity estimated on one year of a history, and the trade it expects of each product."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from offing.market.gravity.geography import COVARIATES, TEXTBOOK, balanced, ease, pair_covariates
from offing.market.history import FLOOR_USD, Array, Cube, History
from offing.terms.sums import added

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
        history.fits[year,] = _estimated(history, history.distances, year)
    fitted: dict[tuple[str, str], dict[str, float]] = history.fits[year,]
    return fitted


def _estimated(
    history: History, distances: pl.DataFrame, year: int
) -> dict[tuple[str, str], dict[str, float]]:
    from offing.market.gravity.batch import fit_products

    flows = (
        history.flows.filter(pl.col("year") == year)
        .group_by("product", "tier", "importer", "exporter")
        .agg(added())
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
        yield cube, balanced(pull, cube.base)


def room_to_grow(cube: Cube, could_be: Array) -> Array:
    """Log of the trade that gravity expects over today's: above 0 where less is sold than could."""
    return np.asarray(np.log((could_be + FLOOR_USD) / (cube.base + FLOOR_USD)))
