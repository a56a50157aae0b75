"""The plain files behind what a person names: folders, zip archives and gzip files.

An archive is not trusted. What it would unpack to is counted while it is written, so a small
file cannot fill the disk; a member never chooses its place on the disk, so ``../`` and links
lead nowhere; damaged and locked archives are said to be so.
"""

import gzip
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Literal

from offing.terms.errors import InputError, StorageError, Where, refused_by_disk

LARGEST = 20_000_000_000
"""Bytes that one archive may unpack to. A BACI edition, with all its years, has about 8 billion."""
RATIO = 200
"""How many bytes one packed byte may become. Trade tables reach 10 to 20."""
FREE = 10_000_000
"""Bytes to which an archive may always unpack, whatever its ratio."""

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".ods")
"""Zip files that are one document each."""
TABLES = (".csv", ".txt", ".tsv", ".parquet")
_STEP = 1 << 20


@dataclass(frozen=True)
class SourceFile:
    """A plain file to read.

    Attributes:
        path: where it is now.
        shown: how messages name it; a member as ``archive.zip: member.csv``.
        name: its file name, without ``.gz``.
        origin: the file that the person named, or that lies in the folder they named.
        kind: by its first bytes.
        named: whether the person named it, or it lay in a folder or an archive.
        span: where reading it begins and ends in the whole of what was given, 0 to 1.
    """

    path: Path
    shown: str
    name: str
    origin: Path
    kind: Literal["text", "parquet"]
    span: tuple[float, float] = (0.0, 1.0)
    named: bool = True


def every(_name: str) -> bool:
    """All files."""
    return True


def given(
    paths: Sequence[Path], folder: Path, is_wanted: Callable[[str], bool] = every
) -> Iterator[SourceFile]:
    """Every table behind the paths, in the order of the paths and of the names in them.

    Args:
        paths: files and folders; of a folder its own CSV, text, Parquet, gzip and zip files.
        folder: where archives are unpacked to. Each unpacked file is removed when the next one is
            asked for.
        is_wanted: told a file's name without ``.gz``: whether to read it.

    Raises:
        InputError: ``sources.empty_folder``, or the archive is damaged, locked or too large.
        StorageError: ``sources.unreadable``.
    """
    files = [file for path in paths for file in _files(path)]
    sizes = [file.stat().st_size for file in files]
    named_paths = {path for path in paths if not path.is_dir()}
    total, before = max(sum(sizes), 1), 0
    for file, size in zip(files, sizes, strict=True):
        named = file in named_paths
        span = (before / total, (before + size) / total)
        before += size
        if _is_zip(file):
            for member in _zip(file, folder, is_wanted, span):
                yield replace(member, named=False)
        elif is_wanted(file.name.removesuffix(".gz")):
            if _head(file).startswith(b"\x1f\x8b"):
                for packed in _gzip(file, folder, span):
                    yield replace(packed, named=named)
            else:
                yield replace(_plain(file, str(file), file.name, file, span), named=named)


def names(paths: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    """The name of every file that :func:`given` would give, with the file it is in.

    Raises:
        InputError: an archive is damaged, or a folder has nothing to read.
    """
    for path in paths:
        for file in _files(path):
            if _is_zip(file):
                for item in _members(file):
                    yield _name(item), file
            else:
                yield file.name.removesuffix(".gz"), file


def _is_zip(file: Path) -> bool:
    zipped = _head(file) in (b"PK\x03\x04", b"PK\x05\x06")
    return zipped and not file.name.lower().endswith(WORKBOOKS)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(
        file
        for file in path.iterdir()
        if file.is_file()
        and not file.name.startswith(".")
        and file.name.lower().removesuffix(".gz").endswith((*TABLES, ".zip"))
    )
    if not files:
        raise InputError("sources.empty_folder", where=Where(path))
    return files


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4)
    except OSError as error:
        raise StorageError(
            "sources.unreadable", where=Where(path), reason=refused_by_disk(error)
        ) from error


def _plain(
    path: Path, shown: str, name: str, origin: Path, span: tuple[float, float]
) -> SourceFile:
    kind: Literal["text", "parquet"] = "parquet" if _head(path) == b"PAR1" else "text"
    return SourceFile(path, shown, name, origin, kind, span)


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
            while True:
                with _damage_said(self.archive):
                    block = source.read(_STEP)
                if not block:
                    break
                self.take(len(block))
                file.write(block)


@contextmanager
def _damage_said(archive: Path) -> Iterator[None]:
    """Around reading an archive only: a damaged one upsets its reader in many ways."""
    try:
        yield
    except (
        zipfile.BadZipFile,
        EOFError,
        zlib.error,
        lzma.LZMAError,
        struct.error,
        OSError,
        ValueError,
        RuntimeError,
    ) as error:
        raise InputError("sources.bad_archive", where=Where(archive)) from error


def _gzip(path: Path, folder: Path, span: tuple[float, float]) -> Iterator[SourceFile]:
    target = folder / "unpacked"
    try:
        with gzip.open(path, "rb") as source:
            _Budget(path).copy(source, target)
        yield _plain(target, str(path), path.name.removesuffix(".gz"), path, span)
    finally:
        target.unlink(missing_ok=True)


def _members(path: Path) -> list[zipfile.ZipInfo]:
    """The tables in an archive, in the order of their names."""
    with _damage_said(path), zipfile.ZipFile(path) as archive:
        items = archive.infolist()
    members = [item for item in items if _is_table(item, path)]
    if not members:
        raise InputError("sources.empty_archive", where=Where(path))
    return sorted(members, key=lambda item: item.filename)


def _zip(
    path: Path, folder: Path, is_wanted: Callable[[str], bool], span: tuple[float, float]
) -> Iterator[SourceFile]:
    members = _members(path)
    budget = _Budget(path)
    announced = sum(item.file_size for item in members)
    budget.take(announced)  # refuse before a byte is written
    budget.left += announced  # and count again what really comes
    done = 0
    for item in members:
        share = (span[1] - span[0]) / max(announced, 1)
        member_span = (span[0] + done * share, span[0] + (done + item.file_size) * share)
        done += item.file_size
        if is_wanted(_name(item)):
            yield from _member(path, item, folder, budget, member_span)


def _name(item: zipfile.ZipInfo) -> str:
    return item.filename.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".gz")


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
    path: Path, item: zipfile.ZipInfo, folder: Path, budget: _Budget, span: tuple[float, float]
) -> Iterator[SourceFile]:
    target = folder / "unpacked"
    try:
        with ExitStack() as stack:
            with _damage_said(path):
                archive = stack.enter_context(zipfile.ZipFile(path))
                source = stack.enter_context(archive.open(item))
            if item.filename.lower().endswith(".gz"):
                budget.copy(stack.enter_context(gzip.open(source)), target)
            else:
                budget.copy(source, target)
        yield _plain(target, f"{path}: {item.filename}", _name(item), path, span)
    finally:
        target.unlink(missing_ok=True)
