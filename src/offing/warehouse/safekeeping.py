"""What keeps a warehouse whole: one load at a time, sweeping after a kill, the disk's refusals."""

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from offing.terms.errors import InputError, StorageError, Where
from offing.terms.tables import TABLES
from offing.warehouse.catalog import FILE, Catalog


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
