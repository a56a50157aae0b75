"""Whole tables in DuckDB: keys as enumerations, and steps that several others need kept."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb


def enumerated(
    duck: duckdb.DuckDBPyConnection, source: str, keys: Sequence[str] = ("product", "importer")
) -> duckdb.DuckDBPyRelation:
    """A table with its keys as enumerations: as text, comparing them takes longer than all else.

    Args:
        duck: a connection; it gets a type ``offing_<key>`` for each key.
        source: what stands after ``FROM``, such as ``Warehouse.source_sql("flows")``.
        keys: columns of text.
    """
    for key in keys:
        duck.execute(f"DROP TYPE IF EXISTS offing_{key}")
        duck.execute(f"CREATE TYPE offing_{key} AS ENUM (SELECT DISTINCT {key} FROM {source})")
    casts = ", ".join(f"{key}::offing_{key} AS {key}" for key in keys)
    return duck.sql(f"SELECT * REPLACE ({casts}) FROM {source}")


@contextmanager
def computed_once(
    duck: duckdb.DuckDBPyConnection, relation: duckdb.DuckDBPyRelation, name: str
) -> Iterator[duckdb.DuckDBPyRelation]:
    """The rows of a relation in a temporary table while several steps ask for them."""
    duck.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {relation.sql_query()}")
    try:
        yield duck.table(name)
    finally:
        duck.execute(f"DROP TABLE {name}")
