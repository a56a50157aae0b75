"""Checksums of a stored part: one for each row group, one for all that stands behind them.

A query of one product reads a few row groups of a file, and only those are verified: whoever reads
little waits little. CRC-32 finds every change of up to 32 bits in a row, and misses one in four
thousand million others; it is no signature against a person who wants to deceive.

What keeps a warehouse whole: one load at a time, sweeping after a kill, the disk's refusals.
"""

import errno
import os
import re
import shutil
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import duckdb
import polars as pl

from offing.terms.errors import InputError, StorageError, Where
from offing.terms.tables import TABLES
from offing.warehouse.catalog import FILE, Catalog, Stretch


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


def put_on_disk(file: Path) -> None:
    """Have a file on the disk before a catalogue names it."""
    handle = os.open(file, os.O_RDONLY)
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
