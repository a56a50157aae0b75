"""A made-up year of world trade as the warehouse keeps it: sorted Parquet under a catalogue."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from benchmarks.world import FLOWS, baci_year
from offing.terms.tables import TABLES
from offing.warehouse.catalog import FILE, Catalog, Load, StoredPart, write_catalog

DATASET = "made-up"


def store(year: int = 2020, *, flows: int = FLOWS) -> Path:
    """A warehouse with one year of flows, made once and kept in the cache."""
    csv = baci_year(year, flows=flows)
    folder = csv.parent / f"store-{csv.stem}"
    if (folder / FILE).exists():
        return folder
    relative = f"flows/{DATASET}/000001-{year}.parquet"
    target = folder / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    order = ", ".join(TABLES["flows"].order)
    with duckdb.connect() as duck:
        duck.execute("SET memory_limit = '1GB'")
        duck.execute(
            f"COPY (SELECT t::SMALLINT AS year, k AS product, j::VARCHAR AS importer, "
            f"i::VARCHAR AS exporter, v * 1000 AS value_usd, NULL::DOUBLE AS cif_usd, "
            f"q * 1000 AS kg, NULL::DOUBLE AS items, 'source' AS observed "
            f"FROM read_csv('{csv}', nullstr = 'NA', types = {{'k': 'VARCHAR'}}) "
            f"ORDER BY {order}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
        )
        rows = duck.execute(f"SELECT count(*) FROM read_parquet('{target}')").fetchall()[0][0]
    load = Load(1, "baci", DATASET, datetime.now(UTC), (), rows, rows, {}, None, None, ())
    part = StoredPart("flows", DATASET, year, relative, rows, 1)
    write_catalog(folder, Catalog((load,), (part,), 2))
    return folder
