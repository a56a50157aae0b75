"""The plain files behind what a person names: folders, zip archives and gzip files.

An archive is not trusted. What it would unpack to is counted while it is written, so a small
file cannot fill the disk; a member never chooses its place on the disk, so ``../`` and links
lead nowhere; damaged and locked archives are said to be so.
"""

import gzip
import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from offing.terms.errors import InputError, StorageError, Where

LARGEST = 20_000_000_000
"""Bytes that one archive may unpack to. A BACI edition, with all its years, has about 8 billion."""
RATIO = 200
"""How many bytes one packed byte may become. Trade tables reach 10 to 20."""
FREE = 10_000_000
"""Bytes to which an archive may always unpack, whatever its ratio."""

TABLES = (".csv", ".txt", ".tsv", ".parquet")
_STEP = 1 << 20


@dataclass(frozen=True)
class Given:
    """A plain file to read.

    Attributes:
        path: where it is now.
        shown: how messages name it; a member as ``archive.zip: member.csv``.
        name: its file name, without ``.gz``.
        origin: the file that the person named, or that lies in the folder they named.
        kind: by its first bytes.
    """

    path: Path
    shown: str
    name: str
    origin: Path
    kind: Literal["text", "parquet"]


def given(paths: Sequence[Path], folder: Path) -> Iterator[Given]:
    """Every table behind the paths, in the order of the paths and of the names in them.

    Args:
        paths: files and folders; of a folder its own CSV, text, Parquet, gzip and zip files.
        folder: where archives are unpacked to. Each unpacked file is removed when the next one is
            asked for.

    Raises:
        InputError: ``sources.empty_folder``, or the archive is damaged, locked or too large.
        StorageError: ``sources.unreadable``.
    """
    for path in paths:
        if not path.is_dir():
            yield from _file(path, folder)
            continue
        files = sorted(
            file
            for file in path.iterdir()
            if file.is_file()
            and not file.name.startswith(".")
            and file.name.lower().removesuffix(".gz").endswith((*TABLES, ".zip"))
        )
        if not files:
            raise InputError("sources.empty_folder", where=Where(path))
        for file in files:
            yield from _file(file, folder)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4)
    except OSError as error:
        raise StorageError(
            "sources.unreadable", where=Where(path), reason=error.strerror or str(error)
        ) from error


def _plain(path: Path, shown: str, name: str, origin: Path) -> Given:
    kind: Literal["text", "parquet"] = "parquet" if _head(path) == b"PAR1" else "text"
    return Given(path, shown, name, origin, kind)


def _file(path: Path, folder: Path) -> Iterator[Given]:
    head = _head(path)
    if head.startswith(b"\x1f\x8b"):
        yield from _gzip(path, folder)
    elif head in (b"PK\x03\x04", b"PK\x05\x06") and not path.suffix.lower().startswith(
        (".xls", ".ods")
    ):
        yield from _zip(path, folder)
    else:
        yield _plain(path, str(path), path.name, path)


class _Budget:
    """How much an archive may still unpack to."""

    def __init__(self, archive: Path) -> None:
        self.archive = archive
        self.limit = min(LARGEST, max(FREE, archive.stat().st_size * RATIO))
        self.left = self.limit

    def take(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise InputError(
                "sources.unpacks_too_large",
                where=Where(self.archive),
                limit=f"{self.limit / 1e6:,.0f} MB",
            )

    def copy(self, source: IO[bytes] | gzip.GzipFile, target: Path) -> None:
        with target.open("wb") as file:
            while block := source.read(_STEP):
                self.take(len(block))
                file.write(block)


def _gzip(path: Path, folder: Path) -> Iterator[Given]:
    target = folder / "unpacked"
    try:
        budget = _Budget(path)
        try:
            with gzip.open(path, "rb") as source:
                budget.copy(source, target)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InputError("sources.bad_archive", where=Where(path)) from error
        yield _plain(target, str(path), path.name.removesuffix(".gz"), path)
    finally:
        target.unlink(missing_ok=True)


def _zip(path: Path, folder: Path) -> Iterator[Given]:
    budget = _Budget(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = [item for item in archive.infolist() if _is_table(item, path)]
            if not members:
                raise InputError("sources.empty_archive", where=Where(path))
            announced = sum(item.file_size for item in members)
            budget.take(announced)  # refuse before a byte is written
            budget.left += announced  # and count again what really comes
            for item in sorted(members, key=lambda item: item.filename):
                yield from _member(path, archive, item, folder, budget)
    except (zipfile.BadZipFile, EOFError, zlib.error, lzma.LZMAError, NotImplementedError) as error:
        raise InputError("sources.bad_archive", where=Where(path)) from error


def _is_table(item: zipfile.ZipInfo, path: Path) -> bool:
    """Whether a member is to be read. Members that are no tables, or lead away, are not."""
    name = item.filename.replace("\\", "/")
    parts = name.split("/")
    if stat.S_ISLNK(item.external_attr >> 16) or name.startswith("/") or ".." in parts:
        raise InputError("sources.climbs_out", where=Where(path), member=item.filename)
    hidden = any(part.startswith((".", "__MACOSX")) for part in parts)
    if item.is_dir() or hidden or not name.lower().removesuffix(".gz").endswith(TABLES):
        return False
    if item.flag_bits & 1:
        raise InputError("sources.locked_archive", where=Where(path), member=item.filename)
    return True


def _member(
    path: Path, archive: zipfile.ZipFile, item: zipfile.ZipInfo, folder: Path, budget: _Budget
) -> Iterator[Given]:
    target = folder / "unpacked"
    name = item.filename.replace("\\", "/").rsplit("/", 1)[-1]
    try:
        with archive.open(item) as source:
            if name.lower().endswith(".gz"):
                with gzip.open(source) as inner:
                    budget.copy(inner, target)
            else:
                budget.copy(source, target)
        yield _plain(target, f"{path}: {item.filename}", name.removesuffix(".gz"), path)
    finally:
        target.unlink(missing_ok=True)
