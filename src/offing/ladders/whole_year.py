"""Tiers of every product in every market at once, in DuckDB.

The same rules as for one product, run on the stored file. Product and importer become
enumerations first: as text, comparing them would take longer than everything else together. What
several steps need is kept in a temporary table, so that nothing is computed twice.
"""

import duckdb
import narwhals as nw
import polars as pl

from offing.ladders.ladder import TIERS, Basis
from offing.ladders.tiers import METHODS, cell_of, method_name, split
from offing.ladders.unit_values import collected, lazy, priced
from offing.terms.units import Unit

KEYS = ("product", "importer")


def enumerated(duck: duckdb.DuckDBPyConnection, source: str) -> duckdb.DuckDBPyRelation:
    """Flows with product and importer as enumerations.

    Args:
        duck: a connection; it gets the types ``offing_product`` and ``offing_importer``.
        source: what stands after ``FROM``, such as ``Warehouse.source_sql("flows")``.
    """
    for key in KEYS:
        duck.execute(f"DROP TYPE IF EXISTS offing_{key}")
        duck.execute(f"CREATE TYPE offing_{key} AS ENUM (SELECT DISTINCT {key} FROM {source})")
    casts = ", ".join(f"{key}::offing_{key} AS {key}" for key in KEYS)
    return duck.sql(f"SELECT * REPLACE ({casts}) FROM {source}")


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
    flows = priced(enumerated(duck, source), unit=unit, basis=basis).select(columns)
    duck.execute(f"CREATE OR REPLACE TEMP TABLE offing_priced AS {flows.to_native().sql_query()}")
    parts = split(lazy(duck.table("offing_priced")), name, own=own)
    sums = parts.group_by("year", *KEYS).agg(
        **{tier: (nw.col(tier) * nw.col("value")).sum() for tier in TIERS},
        value=nw.col("value").sum(),
    )
    rows = collected(sums).with_columns(pl.col(KEYS).cast(pl.String))
    duck.execute("DROP TABLE offing_priced")
    return rows.sort("year", *KEYS)
