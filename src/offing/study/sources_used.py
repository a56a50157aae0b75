"""Which data sets a study used, as the manifest and the report name them."""

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from offing.sources.about import source
from offing.study.result import SourceUse
from offing.warehouse import Warehouse
from offing.warehouse.catalog import StoredPart


def _covers(warehouse: Warehouse, table: str, dataset: str, parts: Iterable[StoredPart]) -> str:
    years = sorted({part.year for part in parts if part.year is not None})
    if years:
        return f"{years[0]}–{years[-1]}" if years[0] != years[-1] else f"{years[0]}"
    column = {"fx_rates": "on", "fx_thin": "on", "indicators": "year"}.get(table)
    if column is None:
        return ""
    values = warehouse.table(table, dataset)[column].cast(pl.String)
    return "–".join(map(str, (values.min(), values.max())))


def sources_used(
    warehouse: Warehouse, tables: Iterable[str], dataset: str
) -> tuple[SourceUse, ...]:
    """Every data set behind the tables, once; of the flows only ``dataset``."""
    used: list[SourceUse] = []
    for table in tables:
        stored = warehouse.stored(table, dataset if table == "flows" else None)
        by_set: dict[tuple[Path, str], list[StoredPart]] = {}
        for folder, part in stored:
            by_set.setdefault((folder, part.dataset), []).append(part)
        for (folder, name), parts in sorted(by_set.items()):
            catalog = warehouse.catalog if folder == warehouse.folder else warehouse.starter
            newest = max(parts, key=lambda part: part.load)
            load = next((load for load in catalog.loads if load.id == newest.load), None)
            if load is None:
                continue
            about = source(load.source).ABOUT
            used.append(
                SourceUse(
                    dataset=name,
                    title=about.title,
                    publisher=about.publisher,
                    licence=about.licence,
                    covers=_covers(warehouse, table, name, parts),
                    loaded=load.at.date(),
                    sha256=load.inputs[0].sha256 if load.inputs else "",
                    rows=sum(part.rows for part in parts),
                    quarantined=sum(load.quarantined.values()),
                )
            )
    return tuple(used)
