"""Load a source into a warehouse: all of it, or nothing."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from offing.sources.about import source
from offing.sources.staging import Part, Progress, Staging, silent
from offing.terms.errors import InputError, StorageError, Where
from offing.terms.tables import TABLES
from offing.warehouse.catalog import (
    Catalog,
    InputFile,
    Load,
    StoredPart,
    read_catalog,
    write_catalog,
)
from offing.warehouse.house import Warehouse


@dataclass(frozen=True)
class LoadReport:
    """What a load did, for the person who asked for it."""

    load: Load
    tables: dict[str, int]
    years: tuple[int, ...]
    folder: Path


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Only one load at a time. The lock is the operating system's: a killed load leaves none."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a") as file:
        try:
            import fcntl
        except ImportError:  # pragma: no cover - Windows has no fcntl; loads are then not guarded
            yield
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StorageError("warehouse.busy", where=Where(folder), folder=folder) from error
        yield


def _sweep(folder: Path, catalog: Catalog) -> None:
    """Remove staging folders and parts that no catalogue names: what a kill left behind."""
    for left in folder.glob(".staging-*"):
        shutil.rmtree(left, ignore_errors=True)
    named = {part.file for part in catalog.parts}
    for file in folder.glob("*/*/*.parquet"):
        if str(file.relative_to(folder)) not in named:
            file.unlink(missing_ok=True)


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
        InputError: nothing in the files could be used, or they do not exist.
        StorageError: the disk is full, or another load runs.
    """
    from offing.warehouse.reconciling.derived import add_flows  # scipy: only where needed

    reader = source(name)
    for path in paths:
        if not path.exists():
            raise InputError("warehouse.no_file", where=Where(path), path=path)
    with locked(folder):
        catalog = read_catalog(folder)
        _sweep(folder, catalog)
        place = Path(tempfile.mkdtemp(prefix=".staging-", dir=folder))
        staging = Staging(place, progress)
        try:
            reader.read(list(paths), staging, **options)
            if not staging.parts or not any(part.rows for part in staging.parts):
                raise InputError(
                    "warehouse.no_good_rows",
                    where=Where(paths[0] if paths else None),
                    reasons=", ".join(f"{k} ({n})" for k, n in sorted(staging.reasons.items()))
                    or "—",
                )
            kept = [folder / part.file for part in catalog.parts_of("reports", dataset or name)]
            add_flows(staging, kept, Warehouse(folder).table("distances"))
            return _publish(
                name, dataset or name, folder, catalog, staging, at or datetime.now(UTC)
            )
        except OSError as error:
            if isinstance(error, StorageError) or error.errno is None:
                raise
            raise StorageError(
                "warehouse.disk", where=Where(folder), reason=error.strerror or str(error)
            ) from error
        finally:
            staging.close()
            shutil.rmtree(place, ignore_errors=True)


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
    groups: dict[tuple[str, int | None], list[Part]] = {}
    for part in staging.parts:
        groups.setdefault((part.table, part.year), []).append(part)
    replaced: set[StoredPart] = set()
    stored: list[StoredPart] = []
    for (table, year), parts in sorted(
        groups.items(), key=lambda item: (item[0][0], item[0][1] or 0)
    ):
        spec = TABLES[table]
        old = [
            part
            for part in catalog.parts_of(table, dataset)
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
        relative = f"{table}/{dataset}/{stem}.parquet"
        target = folder / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        file.replace(target)
        stored.append(StoredPart(table, dataset, year, relative, rows, number))
    bad = staging.quarantine()
    quarantine = None
    if not bad.is_empty():
        quarantine = f"quarantine/{dataset}/{number:06d}.csv"
        (folder / quarantine).parent.mkdir(parents=True, exist_ok=True)
        bad.write_csv(folder / quarantine)
    counts: dict[str, int] = {}
    for part in staging.parts:
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
        quarantine=quarantine,
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
    years = sorted({part.year for part in stored if part.year is not None})
    return LoadReport(record, counts, tuple(years), folder)
