"""Make a data set's flows anew when a load brings reports or distances, before it is published."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from offing.sources.staging import Staging
from offing.terms.tables import TABLES
from offing.warehouse.reconciling.estimate import reconcile


def add_flows(staging: Staging, old: Sequence[Path], distances: pl.DataFrame) -> None:
    """Reconcile the reports of a load with those the data set keeps, and stage the flows.

    All years are made anew: the margin and the reporters' weights rest on all of them. Nothing
    happens where the load has no reports.
    """
    new = [part.file for part in staging.parts if part.table == "reports"]
    if not new:
        return
    spec = TABLES["reports"]
    fresh = pl.concat([pl.read_parquet(path) for path in new])
    if old:
        unchanged = pl.concat([pl.read_parquet(path) for path in old]).join(
            fresh.select(spec.slices).unique(), on=list(spec.slices), how="anti"
        )
        fresh = pl.concat([unchanged, fresh], how="vertical_relaxed")
    for note in _stage(staging, fresh, distances, None):
        staging.note(note)


def remake_flows(staging: Staging, reports: Sequence[Path], dataset: str) -> None:
    """Stage the flows of a data set again, on the distances that the load brings."""
    new = [part.file for part in staging.parts if part.table == "distances"]
    distances = pl.concat([pl.read_parquet(path) for path in new])
    stored = pl.concat([pl.read_parquet(path) for path in reports], how="vertical_relaxed")
    _stage(staging, stored, distances, dataset)


def _stage(
    staging: Staging, reports: pl.DataFrame, distances: pl.DataFrame, dataset: str | None
) -> tuple[str, ...]:
    reconciled = reconcile(reports, distances)
    for (year,), rows in sorted(reconciled.flows.partition_by("year", as_dict=True).items()):
        staging.frame("flows", rows, year=int(year), dataset=dataset)
    return tuple(reconciled.notes)
