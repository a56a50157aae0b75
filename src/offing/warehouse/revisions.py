"""What a later vintage of months changes in those that are there: the later counts, and is said."""

import polars as pl

from offing.sources.staging import Staging
from offing.terms.tables import TABLES
from offing.warehouse.store import Warehouse

TABLE = "monthly_reports"
SAME = 5e-7
"""Relative change of a value that is no revision."""


def say_revisions(staging: Staging, warehouse: Warehouse, dataset: str) -> None:
    """Note how many months a load revises, and by how much."""
    years = {part.year for part in staging.parts if part.table == TABLE}
    parts = [p for p in warehouse.catalog.parts_of(TABLE, dataset) if p.year in years]
    if not parts:
        return
    for part in parts:
        warehouse.must_be_whole(warehouse.folder, part)
    keys = list(TABLES[TABLE].slices)
    old = pl.scan_parquet([warehouse.folder / part.file for part in parts])
    new = pl.scan_parquet([part.file for part in staging.parts if part.table == TABLE])
    both = (
        old.join(new, on=[*keys, "currency"], suffix="_new")
        .select("value", "value_new")
        .collect(engine="streaming")
    )
    changed = (pl.col("value_new") - pl.col("value")).abs() > SAME * pl.col("value").abs()
    revised = both.filter(changed)
    if revised.is_empty():
        return
    before, after = float(revised["value"].sum()), float(revised["value_new"].sum())
    change = 100 * (after / before - 1) if before > 0 else 0.0
    staging.note("warehouse.note_revised", count=revised.height, change=f"{change:+.1f}")
