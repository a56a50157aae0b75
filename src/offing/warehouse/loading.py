"""Load a source into a warehouse: all of it, or nothing.

A load is made ready in a staging folder of the warehouse, its files are moved to their places
under names that no catalogue knows yet, and then the catalogue is replaced in one step. A kill
before that step leaves the old state, after it the new one; the next load sweeps up.
"""

import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from offing.sources.about import source
from offing.sources.staging import Part, Progress, Staging, silent
from offing.terms.errors import InputError, Where
from offing.terms.messages import enumerated, say
from offing.terms.tables import TABLES
from offing.warehouse.catalog import (
    Catalog,
    InputFile,
    Load,
    StoredPart,
    read_catalog,
    write_catalog,
)
from offing.warehouse.safekeeping import (
    check_folder,
    disk_errors_said,
    locked,
    put_on_disk,
    sweep,
)
from offing.warehouse.store import Warehouse


@dataclass(frozen=True)
class LoadReport:
    """What a load did, for the person who asked for it.

    Attributes:
        load: its provenance.
        tables: rows read into each table.
        years: the years it brought.
        folder: the warehouse.
        replaced: those of the years of which the data set had something before.
    """

    load: Load
    tables: dict[str, int]
    years: tuple[int, ...]
    folder: Path
    replaced: tuple[int, ...] = ()


def load(
    name: str,
    paths: Sequence[Path],
    folder: Path,
    *,
    dataset: str | None = None,
    at: datetime | None = None,
    progress: Progress = silent,
    **options: Any,
) -> LoadReport:
    """Read files of a source and publish them in the warehouse at ``folder``.

    A kill, a full disk or an error at any moment leaves the warehouse as it was.

    Args:
        name: a source, such as ``baci``.
        paths: files or folders.
        folder: the warehouse; made where it does not exist.
        dataset: the name to keep the set under; the source's name where ``None``.
        at: the time of the load; now where ``None``.
        progress: told how far it is.
        **options: the source's own.

    Raises:
        InputError: nothing in the files could be used, they do not exist, the folder holds other
            things, or the data set has years of another HS edition.
        StorageError: the disk is full, or another load runs.
    """
    reader = source(name)
    kept_as = dataset or name
    if not re.fullmatch(r"\w[\w-]{0,63}", kept_as):
        raise InputError("warehouse.bad_name", name=kept_as)
    for path in paths:
        if not path.exists():
            raise InputError("warehouse.no_file", where=Where(path), path=path, here=Path.cwd())
    check_folder(folder)
    with disk_errors_said(folder), locked(folder):
        catalog = read_catalog(folder)
        sweep(folder, catalog)
        place = Path(tempfile.mkdtemp(prefix=".staging-", dir=folder))
        staging = Staging(place, progress)
        try:
            reader.read(list(paths), staging, **options)
            if not any(part.rows for part in staging.parts):
                raise InputError(
                    "warehouse.no_good_rows",
                    where=Where(paths[0] if paths else None),
                    reasons=_in_words(staging),
                )
            _check_edition(catalog, kept_as, staging)
            if any(part.table == "reports" for part in staging.parts):
                _add_flows(staging, folder, catalog, kept_as)
            if any(part.table == "distances" for part in staging.parts):
                _remake_flows(staging, folder, catalog)
            return _publish(name, kept_as, folder, catalog, staging, at or datetime.now(UTC))
        except BaseException:
            sweep(folder, read_catalog(folder))  # a full disk needs the room at once
            raise
        finally:
            shutil.rmtree(place, ignore_errors=True)


def _in_words(staging: Staging) -> str:
    counts = (staging.reasons + staging.skipped).most_common()
    return "; ".join(f"{say(key)} ({count:,})" for key, count in counts) or "—"


def _check_edition(catalog: Catalog, dataset: str, staging: Staging) -> None:
    """Refuse years of another HS edition beside those that stay."""
    brought = {(part.table, part.year) for part in staging.parts}
    editions = {load.id: load.edition for load in catalog.loads}
    for part in catalog.parts:
        there = editions.get(part.load)
        stays = part.dataset == dataset and (part.table, part.year) not in brought
        if stays and staging.edition and there and there != staging.edition:
            raise InputError(
                "warehouse.mixed_editions",
                dataset=dataset,
                here=staging.edition,
                there=there,
                year=part.year,
                name=f"{dataset}-{staging.edition}",
            )


def _add_flows(staging: Staging, folder: Path, catalog: Catalog, dataset: str) -> None:
    """Make the data set's flows anew from all its reports, to be published with them."""
    from offing.warehouse.reconciling.derived import add_flows  # scipy: only where needed

    kept = [folder / part.file for part in catalog.parts_of("reports", dataset)]
    add_flows(staging, kept, Warehouse(folder).table("distances"))


def _remake_flows(staging: Staging, folder: Path, catalog: Catalog) -> None:
    """Reconciled flows rest on distances: make them anew with new ones, in the same step."""
    from offing.warehouse.reconciling.derived import remake_flows

    remade = sorted(catalog.datasets("reports"))
    for at, name in enumerate(remade):
        staging.progress(name, 0.8 + 0.2 * at / len(remade))
        stored = [folder / part.file for part in catalog.parts_of("reports", name)]
        remake_flows(staging, stored, name)
    if remade:
        staging.note("reconcile.note_remade", sets=enumerated(remade))


def _merged(old: Sequence[Path], new: Sequence[Path], table: str, staging: Staging) -> Path:
    """Old rows outside the new slices, and all new rows, in the table's order."""
    spec = TABLES[table]
    fresh = pl.concat([pl.scan_parquet(path) for path in new])
    if old and spec.slices:
        kept = pl.concat([pl.scan_parquet(path) for path in old]).join(
            fresh.select(spec.slices).unique(), on=list(spec.slices), how="anti", nulls_equal=True
        )
        fresh = pl.concat([kept, fresh])
    target = staging.folder / f"merged-{table}-{len(list(staging.folder.glob('merged-*')))}.parquet"
    fresh.sort(list(spec.order)).sink_parquet(target, compression="zstd")
    return target


def _publish(
    name: str, dataset: str, folder: Path, catalog: Catalog, staging: Staging, at: datetime
) -> LoadReport:
    number = catalog.next_id
    groups: dict[tuple[str, str, int | None], list[Part]] = {}
    for part in staging.parts:
        groups.setdefault((part.table, part.dataset or dataset, part.year), []).append(part)
    replaced: set[StoredPart] = set()
    stored: list[StoredPart] = []
    for (table, kept_in, year), parts in sorted(
        groups.items(), key=lambda item: (item[0][0], item[0][1], item[0][2] or 0)
    ):
        spec = TABLES[table]
        old = [
            part
            for part in catalog.parts_of(table, kept_in)
            if part.year == year or not spec.slices
        ]
        replaced |= set(old)
        keeps = bool(old) and bool(spec.slices) and spec.slices != ("year",)
        if keeps or len(parts) > 1:
            file = _merged(
                [folder / part.file for part in old] if keeps else [],
                [part.file for part in parts],
                table,
                staging,
            )
            rows = pl.scan_parquet(file).select(pl.len()).collect().item()
        else:
            file, rows = parts[0].file, parts[0].rows
        stem = f"{number:06d}" + ("" if year is None else f"-{year}")
        relative = f"{table}/{kept_in}/{stem}.parquet"
        target = folder / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        put_on_disk(file)
        file.replace(target)
        # What is made anew keeps the provenance of its reports.
        origin = number if kept_in == dataset else max((part.load for part in old), default=number)
        stored.append(StoredPart(table, kept_in, year, relative, rows, origin))
    counts: dict[str, int] = {}
    for part in staging.parts:
        if part.dataset is None:
            counts[part.table] = counts.get(part.table, 0) + part.rows
    # Flows beside reports are made here from those reports, and were no rows of the input.
    derived = counts.get("flows", 0) if "reports" in counts else 0
    record = Load(
        id=number,
        source=name,
        dataset=dataset,
        at=at,
        inputs=tuple(
            InputFile(item.path.name, item.sha256, item.bytes, item.rows) for item in staging.inputs
        ),
        rows_in=sum(item.rows for item in staging.inputs),
        good=sum(counts.values()) - derived,
        quarantined=dict(sorted(staging.reasons.items())),
        quarantine=_write_quarantine(folder, dataset, number, staging),
        edition=staging.edition,
        notes=tuple(staging.notes),
        skipped=dict(sorted(staging.skipped.items())),
    )
    write_catalog(
        folder,
        replace(
            catalog,
            loads=(*catalog.loads, record),
            parts=(*(part for part in catalog.parts if part not in replaced), *stored),
            next_id=number + 1,
        ),
    )
    mine = [part for part in stored if part.dataset == dataset]
    years = sorted({part.year for part in mine if part.year is not None})
    before = sorted(
        {part.year for part in replaced if part.dataset == dataset and part.year is not None}
    )
    return LoadReport(record, counts, tuple(years), folder, tuple(before))


def _write_quarantine(folder: Path, dataset: str, number: int, staging: Staging) -> str | None:
    """The rows put aside, each with its reason in the language of the load and as a key."""
    bad = staging.quarantine()
    if bad.is_empty():
        return None
    words = {key: say(key) for key in bad["reason"].unique()}
    relative = f"quarantine/{dataset}/{number:06d}.csv"
    target = folder / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    bad.sort("file", "row", "reason").select(
        "file", "row", pl.col("reason").replace_strict(words).alias("why"), "text", "reason"
    ).write_csv(target, include_bom=True)
    return relative
