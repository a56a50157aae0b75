"""Tiers of every product in every market at once, in DuckDB.

The same rules as for one product, run on the stored file. What several steps need is computed once.
"""

import duckdb
import narwhals as nw
import polars as pl

from offing.ladders.ladder import TIERS, Basis
from offing.ladders.tiers import METHODS, cell_of, method_name, split
from offing.ladders.unit_values import collected, lazy, priced
from offing.terms.units import Unit
from offing.warehouse.engines.duck import computed_once, enumerated

KEYS = ("product", "importer")


def whole_year(
    duck: duckdb.DuckDBPyConnection,
    source: str,
    *,
    unit: Unit,
    basis: Basis,
    method: str = METHODS[0],
    own: bool = False,
) -> pl.DataFrame:
    """The value of each product and market in each tier.

    Args:
        duck: a connection; its memory limit holds, the rest spills to disk.
        source: what stands after ``FROM``: flows of one or more years.
        unit: one unit for all, since two units cannot be compared.
        basis: ``cif`` or ``fob``.
        method: one of ``tiers.METHODS``.
        own: measure against each market's own reference, not the world's.

    Returns:
        Columns year, product, importer, low, medium, high (USD) and value (USD, also of flows
        without a usable unit value), sorted by the first three.

    Raises:
        InputError: ``ladder.unknown_method``.
    """
    name = method_name(method)
    columns = [*cell_of("mean-2011"), "value", "unit_value", "dropped"]
    flows = priced(enumerated(duck, source, KEYS), unit=unit, basis=basis).select(columns)
    with computed_once(duck, flows.to_native(), "offing_priced") as kept:
        parts = split(lazy(kept), name, own=own)
        sums = parts.group_by("year", *KEYS).agg(
            **{tier: (nw.col(tier) * nw.col("value")).sum() for tier in TIERS},
            value=nw.col("value").sum(),
        )
        rows = collected(sums).with_columns(pl.col(KEYS).cast(pl.String))
    return rows.sort("year", *KEYS)
