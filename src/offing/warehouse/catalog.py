"""What a warehouse holds: a small JSON file that is replaced in one step.

Parts are never changed in place. A load writes new parts and then a new catalogue that names
them; whoever reads sees the catalogue before or the one after. Parts that no catalogue names any
more are removed at the start of the next load, so a running reader keeps its files.

Where the warehouse of a user lies, and whether it is still as it was.
"""

import errno
import json
import os
import re
import shutil
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import duckdb
import polars as pl

from offing.sources.staging import InputFile
from offing.terms.caution import Caution
from offing.terms.errors import InputError, StorageError, Where
from offing.terms.files import data_folder
from offing.terms.tables import TABLES

FORMAT = 3
"""Since 2 parts have checksums, since 3 loads what was asked; those before are read without."""
FILE = "catalog.json"
_SUM = re.compile(rb',\n "sum": (\d+)\n}\n\Z')
"""The end of a catalogue: the CRC-32 of all that stands before it. Earlier versions wrote none."""
_KEYS = {"format", "next_id", "loads", "parts"}


@dataclass(frozen=True)
class Load:
    """The provenance of one load.

    ``quarantined`` counts the rows left out by reason (a message key); ``quarantine`` is their
    file inside the warehouse, or ``None``. ``skipped`` counts rows that are right but of no use
    here, such as totals. ``asked`` is the digest of the files and all else that it rests on, where
    the same load again would do nothing.
    """

    id: int
    source: str
    dataset: str
    at: datetime
    inputs: tuple[InputFile, ...]
    rows_in: int
    good: int
    quarantined: dict[str, int]
    quarantine: str | None
    edition: str | None
    notes: tuple[Caution, ...]
    skipped: dict[str, int] = field(default_factory=dict)
    asked: str = ""


class Stretch(NamedTuple):
    """Some bytes of a stored part with their checksum, and its first and last product, if any."""

    start: int
    length: int
    crc: int
    low: str | None = None
    high: str | None = None


@dataclass(frozen=True)
class StoredPart:
    """A Parquet file of a table in a data set; ``file`` is relative to the warehouse.

    ``sums`` cover all its bytes, by row group; parts that an earlier version wrote have none.
    """

    table: str
    dataset: str
    year: int | None
    file: str
    rows: int
    load: int
    sums: tuple[Stretch, ...] = ()


PartState = Literal["whole", "unsummed", "damaged", "missing"]


@dataclass(frozen=True)
class Catalog:
    """All loads and all parts in force."""

    loads: tuple[Load, ...] = ()
    parts: tuple[StoredPart, ...] = ()
    next_id: int = field(default=1)

    def datasets(self, table: str) -> list[str]:
        """The data sets that have the table, newest load first."""
        return newest_first(self.parts_of(table))

    def parts_of(self, table: str, dataset: str | None = None) -> list[StoredPart]:
        """The parts of a table, of one data set or of all."""
        return [
            part
            for part in self.parts
            if part.table == table and (dataset is None or part.dataset == dataset)
        ]

    def load_of(self, dataset: str) -> Load | None:
        """The newest load of a data set."""
        mine = [load for load in self.loads if load.dataset == dataset]
        return mine[-1] if mine else None


def newest_first(parts: Iterable[StoredPart]) -> list[str]:
    """The data sets of some parts, newest load first."""
    newest: dict[str, int] = {}
    for part in parts:
        newest[part.dataset] = max(part.load, newest.get(part.dataset, 0))
    return sorted(newest, key=lambda name: -newest[name])


def broken_part(folder: Path, catalog: Catalog, part: StoredPart) -> StorageError:
    """The error of a part that is missing or damaged, with what to load again."""
    load = catalog.load_of(part.dataset)
    return StorageError(
        "warehouse.broken_part",
        where=Where(folder / part.file),
        table=part.table,
        dataset=part.dataset,
        source=load.source if load else part.dataset,
        folder=folder,
    )


def read_catalog(folder: Path) -> Catalog:
    """The catalogue of a warehouse; an empty one where the folder has none, and no parts.

    Raises:
        StorageError: ``warehouse.unreadable_catalog``, ``warehouse.damaged_catalog``,
            ``warehouse.no_catalog`` or ``warehouse.newer_format``.
    """
    path = folder / FILE
    if not (stamp := file_stamp(path)):
        if part := next((p for table in TABLES for p in folder.glob(f"{table}/*/*.parquet")), None):
            raise StorageError("warehouse.no_catalog", where=Where(path), part=part)
        return Catalog()
    return _read_catalog(path, stamp)


def file_stamp(file: Path) -> tuple[int, ...]:
    """What is another where a file was replaced or written to; nothing where there is none."""
    try:
        seen = file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return ()
    return seen.st_ctime_ns, seen.st_mtime_ns, seen.st_ino, seen.st_size


@lru_cache(maxsize=4)
def _read_catalog(path: Path, _: tuple[int, ...]) -> Catalog:
    try:
        data = _content(path)
        return Catalog(
            loads=tuple(
                Load(
                    **{
                        **load,
                        "at": datetime.fromisoformat(load["at"]),
                        "inputs": tuple(InputFile(**item) for item in load["inputs"]),
                        "notes": tuple(Caution.from_data(item) for item in load["notes"]),
                    }
                )
                for load in data["loads"]
            ),
            parts=tuple(_part(part) for part in data["parts"]),
            next_id=data["next_id"],
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        row = error.lineno if isinstance(error, json.JSONDecodeError) else None
        raise StorageError("warehouse.unreadable_catalog", where=Where(path, row)) from error


def _content(path: Path) -> dict[str, Any]:
    """What stands in a catalogue, where it is as it was written."""
    written = path.read_bytes()
    end = _SUM.search(written)
    good = end is None or zlib.crc32(written[: end.start()]) == int(end[1])
    data: dict[str, Any] = json.loads(written) if good else {}
    if data.get("format", 0) > FORMAT:
        raise StorageError("warehouse.newer_format", where=Where(path), format=data["format"])
    if not good or (end is None and set(data) != _KEYS):  # of a damaged end is left a key
        raise StorageError("warehouse.damaged_catalog", where=Where(path))
    return data


def _catalog_bytes(data: dict[str, Any]) -> bytes:
    """As JSON, a part on a line (checksums one under another would make it long), and its sum."""
    parts = ",\n  ".join(json.dumps(part, ensure_ascii=False) for part in data["parts"])
    rest = json.dumps({**data, "parts": []}, ensure_ascii=False, indent=1)
    whole = rest.replace('"parts": []', f'"parts": [\n  {parts}\n ]') if parts else rest
    body = whole.removesuffix("\n}").encode()
    return b'%s,\n "sum": %d\n}\n' % (body, zlib.crc32(body))


def _part(data: dict[str, Any]) -> StoredPart:
    sums = tuple(Stretch(*stretch) for stretch in data.get("sums", ()))
    return StoredPart(**{**data, "sums": sums})


def write_catalog(folder: Path, catalog: Catalog) -> None:
    """Replace the catalogue in one step, on disk before it counts."""
    data = {
        "format": FORMAT,
        "next_id": catalog.next_id,
        "loads": [
            {**asdict(load), "at": load.at.astimezone(UTC).isoformat()} for load in catalog.loads
        ],
        "parts": [asdict(part) for part in catalog.parts],
    }
    path = folder / FILE
    ready = folder / f"{FILE}.new"
    with ready.open("wb") as file:
        file.write(_catalog_bytes(data))
        file.flush()
        os.fsync(file.fileno())
    ready.replace(path)
    put_on_disk(folder)


def store_address(place: object) -> str:
    """The address of what lies in an object store, which a path of a command line has shortened.

    >>> store_address(Path("s3a://trade/flows")), store_address("flows.csv")
    ('s3a://trade/flows', '')
    """
    text = str(place) if isinstance(place, str | Path) else ""
    named = re.fullmatch(r"(\w{2,}):(/+)(.+)", text)
    return f"{named[1]}:{'///' if named[1] == 'file' else '//'}{named[3]}" if named else ""


def default_folder() -> Path:
    """``OFFING_WAREHOUSE``, or ``offing/warehouse`` in the user's data folder."""
    if named := os.environ.get("OFFING_WAREHOUSE"):
        return Path(named).expanduser()
    return data_folder() / "warehouse"


def data_state(folder: Path | None = None) -> tuple[str, tuple[int, ...]]:
    """What is another one after every load: the place and stamp of the catalogue of a warehouse."""
    file = (default_folder() if folder is None else folder) / FILE
    try:
        return str(file), file_stamp(file)
    except OSError:
        return str(file), ()


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Only one load at a time. The lock is the operating system's: a killed load leaves none.

    A load that fails before it has stored anything leaves no folder that it made.
    """
    created = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    lock = folder / ".lock"
    with lock.open("a") as file:
        try:
            import fcntl
        except ImportError:  # pragma: no cover - Windows has no fcntl; loads are then not guarded
            yield
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StorageError("warehouse.busy", where=Where(folder), folder=folder) from error
        try:
            yield
        finally:
            if created and [item.name for item in folder.iterdir()] == [lock.name]:
                lock.unlink()
                folder.rmdir()


def check_folder(folder: Path) -> None:
    """Refuse a folder that holds other things: loads sweep and rewrite a warehouse.

    Raises:
        InputError: ``warehouse.not_empty`` or ``warehouse.not_a_folder``.
    """
    if folder.is_dir():
        ours = {*TABLES, "quarantine"}
        foreign = sorted(
            item.name
            for item in folder.iterdir()
            if item.name not in ours and not item.name.startswith((".", FILE))
        )
        if foreign and not (folder / FILE).exists():
            raise InputError("warehouse.not_empty", where=Where(folder), example=foreign[0])
    elif folder.exists():
        raise InputError("warehouse.not_a_folder", where=Where(folder))


def sweep(folder: Path, catalog: Catalog) -> None:
    """Remove what a killed load left: staging folders, and files of ours in no catalogue.

    Only files with the names that loads give are touched.
    """
    for stale in folder.glob(".staging-*"):
        shutil.rmtree(stale, ignore_errors=True)
    named = {part.file for part in catalog.parts} | {load.quarantine for load in catalog.loads}
    for kind in (*TABLES, "quarantine"):
        for file in folder.glob(f"{kind}/*/*"):
            ours = re.fullmatch(r"\d{6}(-\d{4})?\.(parquet|csv)", file.name)
            if ours and file.relative_to(folder).as_posix() not in named:
                file.unlink(missing_ok=True)


@contextmanager
def disk_errors_said(folder: Path) -> Iterator[None]:
    """Turn what the disk refuses into words; the engines have errors of their own for it.

    Raises:
        StorageError: ``warehouse.disk``.
    """
    try:
        yield
    except StorageError:
        raise
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0][:200]
        raise StorageError("warehouse.disk", where=Where(folder), reason=reason) from error
    except pl.exceptions.ComputeError as error:
        number = re.search(r"\(os error (\d+)\)", str(error))
        if number is None:
            raise
        reason = os.strerror(int(number[1]))
        raise StorageError("warehouse.disk", where=Where(folder), reason=reason) from error


def put_on_disk(place: Path) -> None:
    """Have a file or folder on the disk before a catalogue names it."""
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network disks cannot
            raise
    finally:
        os.close(handle)


_AT_ONCE = 1 << 22


def code_range(below: str) -> tuple[str, str]:
    """From and to (not itself) between which a code and all codes below it stand."""
    return below, below + "~"


def stretches(duck: duckdb.DuckDBPyConnection, file: Path) -> tuple[Stretch, ...]:
    """The stretches of a Parquet file that cover it from its first byte to its last."""
    groups = duck.execute(
        "SELECT min(least(data_page_offset, nullif(dictionary_page_offset, 0))), "
        "max(least(data_page_offset, nullif(dictionary_page_offset, 0)) + total_compressed_size), "
        "min(stats_min_value) FILTER (path_in_schema = 'product'), "
        "max(stats_max_value) FILTER (path_in_schema = 'product') "
        "FROM parquet_metadata(?) GROUP BY row_group_id ORDER BY row_group_id",
        [str(file)],
    ).fetchall()
    size = file.stat().st_size
    starts = [0, *(start for start, *_ in groups[1:])] if groups else []
    ends = [*starts[1:], groups[-1][1]] if groups else []
    spans = [
        (start, end - start, low, high)
        for start, end, (_, _, low, high) in zip(starts, ends, groups, strict=True)
    ]
    behind = ends[-1] if ends else 0
    spans.append((behind, size - behind, None, None))
    return tuple(
        Stretch(start, length, _sum(file, start, length), low, high)
        for start, length, low, high in spans
    )


def _sum(file: Path, start: int, length: int) -> int:
    """The checksum of some bytes of a file; of fewer where it ends before."""
    total = 0
    with file.open("rb", buffering=0) as opened:
        opened.seek(start)
        while length > 0:
            block = opened.read(min(length, _AT_ONCE))
            if not block:
                break
            total, length = zlib.crc32(block, total), length - len(block)
    return total


def stretches_of_codes(sums: Iterable[Stretch], below: str = "") -> list[Stretch]:
    """The stretches that a query of a code reads: row groups by their products, all others."""
    low, high = code_range(below)
    return [
        run
        for run in sums
        if not below or run.low is None or run.high is None or (run.low < high and run.high >= low)
    ]


def whole(file: Path, sums: Iterable[Stretch]) -> bool:
    """Whether some stretches of a file are as they were written.

    Raises:
        OSError: the file cannot be read.
    """
    return all(_sum(file, run.start, run.length) == run.crc for run in sums)


@lru_cache(maxsize=1024)
def verified_stretches(file: Path, stamp: tuple[int, int, int]) -> set[int]:
    """Where the stretches begin that were found whole in this process; to be added to.

    Args:
        file: a stored part, which never changes.
        stamp: its times (that of its inode cannot be set back) and number: after a write it is
            another one.
    """
    return set()


def readable(file: Path, *, pages: bool) -> bool:
    """Whether a Parquet file's footer can be read, or all of its pages."""
    try:
        pl.read_parquet_schema(file)
        if pages:
            pl.scan_parquet(file, glob=False).select(pl.all().hash().sum()).collect(
                engine="streaming"
            )
    except (pl.exceptions.PolarsError, OSError):
        return False
    return True


def together(there: Mapping[int, Load], new: Sequence[Load]) -> Load:
    """Loads of some years each as one, for the person who asked for them.

    ``there`` are those of years that were not read again; they are told where nothing is new.
    """
    loads = new or [*{load.id: load for load in there.values()}.values()]
    notes: list[Caution] = []
    for load in loads:
        notes += [note for note in load.notes if note not in notes]
    if there:
        notes.append(Caution("warehouse.in_already", {"count": len(there)}))
    aside = [load.quarantine for load in loads if load.quarantine]
    quarantined, skipped = Counter[str](), Counter[str]()
    for load in loads:
        quarantined.update(load.quarantined)
        skipped.update(load.skipped)
    return replace(
        loads[-1],
        inputs=_inputs(loads),
        rows_in=sum(load.rows_in for load in loads),
        good=sum(load.good for load in loads),
        quarantined=dict(sorted(quarantined.items())),
        # Of several the folder that they are in.
        quarantine=aside[0].rpartition("/")[0] if len(aside) > 1 else next(iter(aside), None),
        notes=tuple(notes),
        skipped=dict(sorted(skipped.items())),
    )


def _inputs(loads: Sequence[Load]) -> tuple[InputFile, ...]:
    """What the loads read; of an archive that all of them read some of, the rows together."""
    inputs: dict[tuple[str, str], InputFile] = {}
    for one in (one for load in loads for one in load.inputs):
        before = inputs.get((one.name, one.sha256))
        rows = one.rows + (before.rows if before else 0)
        inputs[one.name, one.sha256] = replace(one, rows=rows)
    return tuple(inputs.values())
