"""Load a source into a warehouse: all of it, or nothing.

A load is made ready in a staging folder of the warehouse, its files are moved to their places
under names that no catalogue knows yet, and then the catalogue is replaced in one step. A kill
before that step leaves the old state, after it the new one; the next load sweeps up.
"""

import hashlib
import re
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import polars as pl

from offing.sources.about import source
from offing.sources.archive import names
from offing.sources.staging import (
    InputFile,
    Progress,
    RejectedRow,
    StagedPart,
    Staging,
    YearFile,
    sha256_of,
    silent,
)
from offing.terms.errors import InputError, OffingError, StorageError, Where
from offing.terms.frames import write_csv
from offing.terms.messages import join_list, say
from offing.terms.tables import TABLES
from offing.warehouse.catalog import (
    FILE,
    Catalog,
    Load,
    StoredPart,
    check_folder,
    disk_errors_said,
    lock_folder,
    put_on_disk,
    read_catalog,
    stretches,
    sweep,
    together,
    write_catalog,
)
from offing.warehouse.engine import Work
from offing.warehouse.kept import code_digest
from offing.warehouse.store import Warehouse, starter_folder

if TYPE_CHECKING:
    from offing.warehouse.spark import SparkFlows


Parts = Collection[StoredPart]


@dataclass(frozen=True)
class LoadReport:
    """What a load did, for the person who asked for it.

    ``tables`` counts the rows read into each; ``replaced`` are the years whose earlier rows it took
    the place of; ``work`` is what a cluster did for it.
    """

    load: Load
    tables: dict[str, int]
    years: tuple[int, ...]
    folder: Path
    replaced: tuple[int, ...]
    work: Work | None = None


def load(
    name: str,
    paths: Sequence[Path],
    folder: Path,
    *,
    dataset: str | None = None,
    at: datetime | None = None,
    progress: Progress = silent,
    engine: Any = None,
    **options: Any,
) -> LoadReport:
    """Read files of a source and publish them in the warehouse at ``folder``.

    A kill, a full disk or an error at any moment leaves the warehouse as it was, but for years
    that are published apart: see :func:`_apart`.

    Args:
        name: a source, such as ``baci``.
        paths: files or folders.
        folder: the warehouse; made where it does not exist.
        dataset: the name to keep the set under; the source's name where ``None``.
        at: the time of the load; now where ``None``.
        progress: told how far it is.
        engine: an address of Spark, or a session, whose workers read years that have a file each,
            and reconcile reports; this machine where ``None``.
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
    if missing := [path for path in paths if not path.exists()]:
        path = missing[0]
        raise InputError("sources.no_file", where=Where(path), path=path)
    check_folder(folder)
    year_files = reader.year_files(paths) if hasattr(reader, "year_files") else ()
    rests = bool(paths) and "reports" in reader.ABOUT.tables
    task = _LoadTask(name, list(paths), folder, kept_as, at, progress, engine, options)
    if rests:
        task = task.of(hashes := _hashes(paths))
        if by_file := task.done_by_file(hashes):
            return by_file
    if len(year_files) < 2:
        return task.done_here()
    with disk_errors_said(folder):
        there, groups = _apart(year_files, Warehouse(folder), kept_as, name)
    apart_there = engine is not None and groups
    reports = task.done_there(groups) if apart_there else map(task.done_here, groups)
    return _merge_reports(there, [*reports], folder)


def _apart(
    files: Sequence[YearFile], warehouse: Warehouse, dataset: str, source: str
) -> tuple[dict[int, Load], list[list[YearFile]]]:
    """Year → the load that read its file as it is now, and which other files to load together.

    Years that are new to the data set are loaded each by itself. Years that take the place of
    others come together, all or none: a set is never half of one release and half of another.
    """
    loads = {load.id: load for load in warehouse.catalog.loads if load.source == source}
    there = {
        part.year: loads.get(part.load) if warehouse.is_whole(part) else None
        for part in warehouse.catalog.parts_of("flows", dataset)
    }
    before = {file.year: load for file in files if (load := _read(there.get(file.year), file))}
    new = [file for file in files if file.year not in before]
    editions = {getattr(load, "edition", None) for load in there.values()} or {files[0].edition}
    at_once = any(file.year in there or {file.edition} != editions for file in new)
    return before, [new] if at_once else [[file] for file in new]


def _read(load: Load | None, file: YearFile) -> Load | None:
    """The load, where it read the file as it is now."""
    if load is None or load.edition != file.edition:
        return None
    looks = file.origin.name, file.origin.stat().st_size
    same = [one for one in load.inputs if (one.name, one.bytes) == looks]
    return load if same and same[0].sha256 == sha256_of(file.origin) else None


@dataclass(frozen=True)
class _LoadTask:
    """What is asked of :func:`load`, with the digest of it where it can be told to be the same."""

    source: str
    paths: list[Path]
    folder: Path
    dataset: str
    at: datetime | None
    progress: Progress
    engine: Any
    options: Mapping[str, Any]
    asked: str = ""

    def of(self, hashes: Mapping[Path, str]) -> "_LoadTask":
        """The load of some files alone."""
        return replace(self, asked=self._digest((f.name, sha) for f, sha in hashes.items()))

    def _digest(self, files: Iterable[tuple[str, str]]) -> str:
        """The digest of all that reconciled flows rest on, but for what was loaded before."""
        distances = [part for _, part in Warehouse(self.folder).stored_parts("distances")]
        code, asked = code_digest("sources", "warehouse"), sorted(self.options.items())
        rests_on = code, self.source, sorted(files), asked, distances
        return hashlib.sha256(repr(rests_on).encode()).hexdigest()

    def done_here(self, files: Sequence[YearFile] = ()) -> LoadReport:
        """Read and publish some of the files, all where none are named, in one step."""
        with _stage(self.folder, self.progress, files) as (warehouse, staging):
            source(self.source).read(self.paths, staging, **self.options)
            return self._publish(warehouse, staging)

    def done_by_file(self, hashes: Mapping[Path, str]) -> LoadReport | None:
        """Read reports file by file, but for those that are in; publish with each large year.

        A load that is stopped goes on from there. ``None`` where files share a year, or one cannot
        be read by itself: then only a load of all of them tells what they are.
        """
        from offing.warehouse.reconciling.mirror import ALONE

        there = self._loads_in_force({*hashes.values()})
        known = {one.sha256 for load in there.values() for one in load.inputs}
        files = [file for file, sha in hashes.items() if sha not in known]
        if len(files) == len(hashes) == 1:
            return None
        taken, reports = {*there}, list[LoadReport]()
        while files:
            with _stage(self.folder, self.progress, ()) as (warehouse, staging):
                read, large = dict[Path, str](), False
                try:
                    while files and not large:
                        before, file = len(staging.parts), files.pop(0)
                        source(self.source).read([file], staging, **self.options)
                        years = {part.year: part.rows for part in staging.parts[before:]}
                        if taken & years.keys():
                            return None
                        taken |= {year for year in years if year is not None}
                        read[file] = hashes[file]
                        large = max(years.values(), default=0) >= 2 * ALONE
                    reports.append(self.of(read)._publish(warehouse, staging))
                except InputError:
                    return None
        return _merge_reports(there, reports, self.folder)

    def _loads_in_force(self, given: Collection[str]) -> dict[int, Load]:
        """Year → the load that brought all of it in the same way, from files that are given."""
        warehouse, found = Warehouse(self.folder), dict[int, Load]()
        for load in warehouse.catalog.loads:
            files = [(one.name, one.sha256) for one in load.inputs]
            if load.asked != self._digest(files) or not {sha for _, sha in files} <= {*given}:
                continue
            parts = warehouse.catalog.parts_of("reports", self.dataset)
            brought = {part.year: part for part in parts if part.load == load.id}
            flows = warehouse.catalog.parts_of("flows", self.dataset)
            rests = [*brought.values(), *(part for part in flows if part.year in brought)]
            all_of_it = sum(part.rows for part in brought.values()) == load.good
            if all_of_it and all(map(warehouse.is_whole, rests)):
                found |= {year: load for year in brought if year is not None}
        return found

    def done_there(self, groups: Sequence[Sequence[YearFile]]) -> Iterator[LoadReport]:
        """Have workers read each group of files at once, and publish one after the other."""
        with _stage(self.folder, self.progress, ()) as (_, staging):
            cluster = self._cluster(staging)
            given = [path.absolute() for path in self.paths]
            work = partial(
                _staged_there, self.source, given, staging.folder, self.options, cluster.work.at
            )
            tasks = {f"{at:04d}": [file.name for file in files] for at, files in enumerate(groups)}
            for ready, refused in cluster.task_results(tasks, work):
                if refused is not None:
                    raise refused
                yield self._publish(Warehouse(self.folder), ready, cluster)

    def _cluster(self, staging: Staging) -> "SparkFlows":
        """The cluster, whose workers see the folder in which a load is made ready."""
        from offing.warehouse.spark import SparkFlows

        probe = staging.folder / "probe"
        probe.write_text(staging.folder.name)
        return SparkFlows.flows_of_folder(self.engine, self.folder, probe)

    def _publish(
        self, warehouse: Warehouse, staging: Staging, cluster: "SparkFlows | None" = None
    ) -> LoadReport:
        reports = any(part.table == "reports" for part in staging.parts)
        if cluster is None and reports and self.engine is not None:
            cluster = self._cluster(staging)
        _check_rows(staging, self.paths)
        _check_edition(warehouse.catalog, self.dataset, staging)
        if not (self.folder / FILE).exists():  # parts without one are of a damaged warehouse
            write_catalog(self.folder, warehouse.catalog)
        with warehouse.broken_parts_said():
            _derive(staging, warehouse, self.dataset, cluster)
            stored, replaced = _store(staging, warehouse, self.dataset)
        _note_fewer_flows(staging, stored, replaced)
        at = self.at or datetime.now(UTC)
        record = _record(self.source, self.dataset, warehouse, staging, at)
        record = replace(record, asked=self.asked)
        done = _publish(record, warehouse, staging, stored, replaced)
        if cluster is None:
            return done
        cluster.work.flows += sum(part.rows for part in stored)
        return replace(done, work=cluster.work)


def _hashes(paths: Sequence[Path]) -> dict[Path, str]:
    """The files that a source would read, with their hashes."""
    return {file: sha256_of(file) for file in dict.fromkeys(origin for _, origin in names(paths))}


def _staged_there(
    name: str,
    paths: Sequence[Path],
    folder: Path,
    options: Mapping[str, Any],
    at: str,
    files: Sequence[str],
) -> tuple[Staging, OffingError | None]:
    """Some of the files of a source, made ready by a worker in a folder of their own."""
    own = folder / uuid4().hex  # of this try: a worker may be lost, and another one begin again
    own.mkdir()
    staging = Staging(own, shipped=_shipped_table, only=frozenset(files))
    try:
        if unseen := [path for path in paths if not path.exists()]:
            raise StorageError("engine.unseen", at=at, folder=unseen[0])
        source(name).read(list(paths), staging, **options)
    except OffingError as error:
        return staging, error
    return staging, None


@contextmanager
def _stage(
    folder: Path, progress: Progress, files: Sequence[YearFile]
) -> Iterator[tuple[Warehouse, Staging]]:
    """A warehouse that nobody else loads into, and where a load is made ready."""
    with disk_errors_said(folder), lock_folder(folder):
        warehouse = Warehouse(folder)
        sweep(folder, warehouse.catalog)
        scratch = Path(tempfile.mkdtemp(prefix=".staging-", dir=folder))
        only = frozenset(file.name for file in files)
        try:
            yield warehouse, Staging(scratch, progress, _shipped_table, only)
        except BaseException:
            sweep(folder, read_catalog(folder))  # a full disk needs the room at once
            raise
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _merge_reports(
    there: Mapping[int, Load], reports: Sequence[LoadReport], folder: Path
) -> LoadReport:
    """The loads of some years each as one; ``there`` are those of years not read again."""
    if len(reports) == 1 and not there:
        return reports[0]
    counts: Counter[str] = Counter()
    for report in reports:
        counts.update(report.tables)
    years, replaced = (
        tuple(sorted({year for report in reports for year in getattr(report, of)}))
        for of in ("years", "replaced")
    )
    load = together(there, [report.load for report in reports])
    work = reports[-1].work if reports else None
    return LoadReport(load, dict(counts), years, folder, replaced, work)


LEAST_AGAIN = 0.5
"""Of a year's flows, what a load that takes their place has at least; less is part of a file."""


def _note_fewer_flows(staging: Staging, stored: Parts, replaced: Parts) -> None:
    """Say of which years a load has far fewer flows than those whose place it takes."""
    before, now = Counter[int | None](), Counter[int | None]()
    for rows, parts in ((before, replaced), (now, stored)):
        rows.update({part.year: part.rows for part in parts if part.table == "flows"})
    for year in now:
        if now[year] < LEAST_AGAIN * before[year]:
            said = {"year": str(year), "before": f"{before[year]:,}", "now": f"{now[year]:,}"}
            staging.note("warehouse.fewer_rows", **said)


def _shipped_table(table: str) -> pl.DataFrame | None:
    """A table of the starter world."""
    starter = Warehouse(starter_folder(), is_starter=True)
    return starter.table(table) if starter.has(table) else None


def _check_rows(staging: Staging, paths: Sequence[Path]) -> None:
    """Refuse a load without a good row."""
    if not any(part.rows for part in staging.parts):
        counts = (staging.reasons + staging.skipped).most_common()
        notes = "; ".join(f"{say(key)} ({count:,})" for key, count in counts) or "—"
        where = Where(paths[0] if paths else None)
        raise InputError("warehouse.no_good_rows", where=where, reasons=notes)


_RELEASE = re.compile(r"_V(\d{6}\w?)\b")
"""In the name of a file of CEPII."""


def _releases(inputs: Iterable[InputFile]) -> set[str]:
    return {release for one in inputs for release in _RELEASE.findall(one.name)}


def _check_edition(catalog: Catalog, dataset: str, staging: Staging) -> None:
    """Refuse years of another HS edition, or of another release, beside those that stay."""
    brought = {(part.table, part.year) for part in staging.parts}
    loads, new = {load.id: load for load in catalog.loads}, _releases(staging.inputs)
    for part in catalog.parts:
        stays = part.dataset == dataset and (part.table, part.year) not in brought
        if not stays or (load := loads.get(part.load)) is None:
            continue
        if new and (other := _releases(load.inputs) - new):
            first, *_, last = sorted({*other, *new})
            values = {"year": str(part.year), "here": last, "there": first}
            raise InputError("sources.two_releases", where=Where(dataset), **values)
        here, there = staging.edition, load.edition
        if here and there and there != here:
            key, name = "warehouse.mixed_editions", f"{dataset}-{here}"
            raise InputError(
                key, dataset=dataset, here=here, there=there, year=part.year, name=name
            )


def _derive(
    staging: Staging, warehouse: Warehouse, dataset: str, cluster: "SparkFlows | None"
) -> None:
    """Make flows anew, in the same step, on the reports or distances that a load brings.

    Reports that are brought are reconciled by the cluster, if any.
    """
    brought = {part.table for part in staging.parts}
    if not brought & {"reports", "distances"}:
        return
    from offing.warehouse.reconciling.estimate import add_flows  # scipy: where it is needed

    if "reports" in brought:
        add_flows(staging, warehouse, dataset, cluster)
    if "distances" in brought:
        files = [part.file for part in staging.parts if part.table == "distances"]
        distances = pl.concat(pl.read_parquet(file, glob=False) for file in files)
        remade = sorted(warehouse.catalog.datasets("reports"))
        for at, name in enumerate(remade):
            staging.progress(name, 0.8 + 0.2 * at / len(remade))
            add_flows(staging, warehouse, name, distances=distances)
        if remade:
            staging.note("reconcile.note_remade", sets=join_list(remade))


def _merge_rows(
    old: Sequence[Path], new: Sequence[StagedPart], staging: Staging
) -> tuple[Path, int]:
    """Old rows outside the new slices, and all new rows, in the table's order; and how many."""
    if not old and len(new) == 1:
        return new[0].file, new[0].rows
    table = new[0].table
    spec = TABLES[table]
    fresh = pl.concat([pl.scan_parquet(part.file, glob=False) for part in new])
    if old:
        unchanged = pl.concat([pl.scan_parquet(path, glob=False) for path in old]).join(
            fresh.select(spec.slices).unique(), on=list(spec.slices), how="anti", nulls_equal=True
        )
        fresh = pl.concat([unchanged, fresh])
    target = staging.folder / f"merged-{table}-{len(list(staging.folder.glob('merged-*')))}.parquet"
    fresh.sort(list(spec.order)).sink_parquet(target, compression="zstd")
    return target, pl.scan_parquet(target, glob=False).select(pl.len()).collect().item()


def _store(
    staging: Staging, warehouse: Warehouse, dataset: str
) -> tuple[list[StoredPart], set[StoredPart]]:
    """Move the parts of a load to their places, which no catalogue knows yet.

    Gives them, and those that they take the place of.
    """
    folder, catalog = warehouse.folder, warehouse.catalog
    groups: dict[tuple[str, str, int | None], list[StagedPart]] = {}
    for part in staging.parts:
        groups.setdefault((part.table, part.dataset or dataset, part.year), []).append(part)
    replaced: set[StoredPart] = set()
    stored: list[StoredPart] = []
    for (table, kept_in, year), parts in sorted(
        groups.items(), key=lambda item: (item[0][0], item[0][1], item[0][2] or 0)
    ):
        slices, present = TABLES[table].slices, catalog.parts_of(table, kept_in)
        old = [part for part in present if part.year == year or not slices]
        replaced |= set(old)
        merged = old if slices not in ((), ("year",)) else []
        for before in merged:
            warehouse.must_be_whole(folder, before)
        old_files = [folder / part.file for part in merged]
        file, rows = _merge_rows(old_files, parts, staging)
        stem = f"{catalog.next_id:06d}" + ("" if year is None else f"-{year}")
        relative = f"{table}/{kept_in}/{stem}.parquet"
        target = folder / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        put_on_disk(file)
        file.replace(target)
        # What is made anew keeps the provenance of its reports.
        origins = [part.load for part in old if kept_in != dataset] or [catalog.next_id]
        sums = stretches(warehouse.duck, target)
        stored.append(StoredPart(table, kept_in, year, relative, rows, max(origins), sums))
    return stored, replaced


SAME_ROWS = {"flows": "reports", "central_parity": "fx_thin"}
"""A table whose rows are those of another one of the same load: they are counted once."""


def _counts(staging: Staging) -> dict[str, int]:
    """Table → rows that a load brings."""
    counts: dict[str, int] = defaultdict(int)
    for part in staging.parts:
        if part.dataset is None:
            counts[part.table] += part.rows
    return dict(counts)


def _record(name: str, dataset: str, warehouse: Warehouse, staging: Staging, at: datetime) -> Load:
    """The provenance of a load."""
    number, counts = warehouse.catalog.next_id, _counts(staging)
    derived = sum(counts.get(table, 0) for table, of in SAME_ROWS.items() if of in counts)
    return Load(
        id=number,
        source=name,
        dataset=dataset,
        at=at,
        inputs=tuple(staging.inputs),
        rows_in=sum(item.rows for item in staging.inputs),
        good=sum(counts.values()) - derived,
        quarantined=dict(sorted(staging.reasons.items())),
        quarantine=_write_quarantine(warehouse.folder, dataset, number, staging),
        edition=staging.edition,
        notes=tuple(staging.notes),
        skipped=dict(sorted(staging.skipped.items())),
    )


def _publish(
    record: Load, warehouse: Warehouse, staging: Staging, stored: Parts, replaced: Parts
) -> LoadReport:
    """Replace the catalogue: from here on the load counts."""
    folder, catalog = warehouse.folder, warehouse.catalog
    loads = (*catalog.loads, record)
    parts = (*(part for part in catalog.parts if part not in replaced), *stored)
    write_catalog(folder, replace(catalog, loads=loads, parts=parts, next_id=record.id + 1))
    new, old = (_years(some, record.dataset) for some in (stored, replaced))
    return LoadReport(record, _counts(staging), new, folder, old)


def _years(parts: Iterable[StoredPart], dataset: str) -> tuple[int, ...]:
    return tuple(sorted({p.year for p in parts if p.dataset == dataset and p.year is not None}))


def _write_quarantine(folder: Path, dataset: str, number: int, staging: Staging) -> str | None:
    """The quarantined rows, each with its reason in the language of the load and as a key."""
    bad = staging.quarantine()
    if bad.is_empty():
        return None
    words = {key: say(key) for key in bad["reason"].unique()}
    relative = f"quarantine/{dataset}/{number:06d}.csv"
    target = folder / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    rows = bad.sort("file", "row", "reason").select(
        "file", "row", pl.col("reason").replace_strict(words).alias("why"), "text", "reason"
    )
    write_csv(rows, target, for_excel=True)
    return relative


COLUMNS = {"file": pl.String, "row": pl.Int64, "reason": pl.String, "text": pl.String}


def left_out(warehouse: Warehouse, load: Load, most: int) -> tuple[RejectedRow, ...]:
    """The first rows that a load left out, in the order of their file; none where it took all.

    Raises:
        StorageError: ``warehouse.unreadable_quarantine``.
    """
    if load.quarantine is None:
        return ()
    file = warehouse.folder / load.quarantine
    if not file.exists():  # the starter world comes without
        return ()
    try:
        rows = pl.read_csv(file, n_rows=most, schema_overrides=COLUMNS).select(*COLUMNS)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise StorageError("warehouse.unreadable_quarantine", where=Where(file)) from error
    return tuple(
        RejectedRow(Path(name).name, row, reason, text or "")
        for name, row, reason, text in rows.iter_rows()
    )
