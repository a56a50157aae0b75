"""Gravity of one product or of all, estimated on a year of the warehouse."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from offing.forecast.ranking import latest_full_year
from offing.market.gravity.estimates import Gravity
from offing.market.gravity.geography import COVARIATES, FURTHER, pair_covariates
from offing.terms.errors import InputError, MissingDataError
from offing.terms.messages import enumerated
from offing.warehouse import Warehouse
from offing.warehouse.trade import flows_below, reported_years

KEYS = ("product", "importer", "exporter")


@dataclass(frozen=True)
class ProductsGravity:
    """Estimates and the flows they were made on.

    Attributes:
        dataset: the trade data set.
        year: of the flows.
        fit: estimates of each product.
        flows: ``product``, ``importer``, ``exporter``, ``value_usd``.
    """

    dataset: str
    year: int
    fit: Gravity
    flows: pl.DataFrame


def gravity_of(
    warehouse: Warehouse,
    product: str | None,
    *,
    dataset: str | None = None,
    year: int | None = None,
    covariates: Sequence[str] = COVARIATES,
) -> ProductsGravity:
    """Estimate gravity on what is loaded.

    Args:
        warehouse: the data.
        product: HS code; one that the data set does not have itself is the sum of all below it.
            ``None``: every product of the data set on its own.
        dataset: the trade data set; else the newest (that has the product).
        year: the newest in which nearly all importers have reported where ``None``.
        covariates: columns of :func:`pair_covariates`.

    Raises:
        InputError: ``gravity.unknown_covariate``, ``warehouse.unknown_dataset``, and as
            :func:`offing.market.gravity.batch.fit_products`.
        MissingDataError: ``warehouse.nothing_loaded``, ``warehouse.no_such_product``,
            ``market.no_year``.
    """
    from offing.market.gravity.batch import fit_products

    known_names = (*COVARIATES, *FURTHER)
    for name in covariates:
        if name not in known_names:
            raise InputError("gravity.unknown_covariate", text=name, all=enumerated(known_names))
    chosen = warehouse.trade_set(product or "", dataset, year)
    known = warehouse.years("flows", chosen)
    if year is not None and year not in known:
        raise MissingDataError("market.no_year", year=year, years=enumerated(known))
    of_year = year or latest_full_year(reported_years(warehouse, chosen, product or ""))
    if product is None:
        rows = flows_below(warehouse, chosen, year=of_year, columns=(*KEYS, "value_usd"))
    else:
        rows = warehouse.flows(product, dataset=chosen, years=[of_year]).with_columns(
            product=pl.lit(product)
        )
    flows = (
        rows.lazy()
        .filter(pl.col("exporter") != pl.col("importer"))
        .group_by(KEYS)
        .agg(pl.col("value_usd").sum())
        .sort(KEYS)
        .collect(engine="streaming")
    )
    if flows.is_empty():
        raise MissingDataError("gravity.nothing_in_year", product=product or "–", year=of_year)
    pairs = pair_covariates(warehouse.table("distances"))
    pairs = pairs.select("exporter", "importer", *dict.fromkeys(covariates))
    here = pl.concat([flows["exporter"], flows["importer"]]).unique().to_list()
    pairs = pairs.filter(pl.col("exporter").is_in(here) & pl.col("importer").is_in(here))
    return ProductsGravity(chosen, of_year, fit_products(flows, pairs), flows)
