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
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, cast

from offing.terms.errors import InputError, Where, disk_said

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


@dataclass(frozen=True)
class _Member:
    """A table in a file: the file itself, what it unpacks to, or a member of an archive."""

    file: Path
    name: str
    is_gzip: bool
    item: zipfile.ZipInfo | None = None

    @property
    def shown(self) -> str:
        return f"{self.file}: {self.item.filename}" if self.item else str(self.file)

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        with ExitStack() as stack:
            with _damage_said(self.file):
                if self.item is None:
                    source: IO[bytes] = stack.enter_context(self.file.open("rb"))
                else:
                    archive = stack.enter_context(zipfile.ZipFile(self.file))
                    source = stack.enter_context(archive.open(self.item))
                if self.is_gzip:
                    source = cast(IO[bytes], stack.enter_context(gzip.open(source)))
            yield source


def files_given(
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
    total, before = max(sum(file.stat().st_size for file in files), 1), 0.0
    for file in files:
        members, budget = _members(file), _Budget(file)
        announced = [member.item.file_size if member.item else 1 for member in members]
        budget.must_hold(sum(announced))  # refuse before a byte is written
        share = file.stat().st_size / total / max(sum(announced), 1)
        for member, size in zip(members, announced, strict=True):
            span = (before, before + size * share)
            before = span[1]
            if not is_wanted(member.name):
                continue
            with _unpack(member, budget, folder) as path:
                kind: Literal["text", "parquet"] = "parquet" if _head(path) == b"PAR1" else "text"
                named = file in paths and member.item is None
                yield SourceFile(path, member.shown, member.name, file, kind, span, named)


@contextmanager
def _unpack(member: _Member, budget: "_Budget", folder: Path) -> Iterator[Path]:
    if not member.is_gzip and member.item is None:
        yield member.file
        return
    target = folder / "unpacked"
    try:
        budget.copy(member, target)
        yield target
    finally:
        target.unlink(missing_ok=True)


def names(paths: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    """The name of every file that :func:`files_given` would give, with the file it is in.

    Raises:
        InputError: an archive is damaged, or a folder has nothing to read.
    """
    for path in paths:
        for file in _files(path):
            yield from ((member.name, file) for member in _members(file))


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


def passed_over(paths: Sequence[Path]) -> list[str]:
    """The names of the files in folders that are no tables at all, such as a PDF."""
    folders = [path for path in paths if path.is_dir()]
    every = [file for folder in folders for file in sorted(folder.iterdir()) if file.is_file()]
    read = {file for folder in folders for file in _files(folder)}
    return [file.name for file in every if file not in read and not file.name.startswith(".")]


def _head(path: Path) -> bytes:
    with disk_said("sources.unreadable", path), path.open("rb") as file:
        return file.read(4)


class _Budget:
    """How much an archive may still unpack to."""

    def __init__(self, archive: Path) -> None:
        self.archive = archive
        self.limit = min(LARGEST, max(FREE, archive.stat().st_size * RATIO))
        self.left = self.limit

    def must_hold(self, count: int) -> None:
        if count > self.left:
            limit = f"{self.limit / 1e6:,.0f} MB"
            raise InputError("sources.unpacks_too_large", where=Where(self.archive), limit=limit)

    def copy(self, member: _Member, target: Path) -> None:
        with member.opened() as source, target.open("wb") as file:
            while True:
                with _damage_said(self.archive):
                    block = source.read(_STEP)
                if not block:
                    break
                self.must_hold(len(block))
                self.left -= len(block)
                file.write(block)


@contextmanager
def _damage_said(archive: Path) -> Iterator[None]:
    """Around reading an archive only: a damaged one upsets its reader in many ways."""
    try:
        yield
    except _DAMAGED as error:
        raise InputError("sources.bad_archive", where=Where(archive)) from error


_DAMAGED = (zipfile.BadZipFile, EOFError, zlib.error, lzma.LZMAError, struct.error, OSError,
            ValueError, RuntimeError)  # fmt: skip


def _members(file: Path) -> list[_Member]:
    """The tables in a file, in the order of their names."""
    head = _head(file)
    if head not in (b"PK\x03\x04", b"PK\x05\x06") or file.name.lower().endswith(WORKBOOKS):
        return [_Member(file, file.name.removesuffix(".gz"), head.startswith(b"\x1f\x8b"))]
    with _damage_said(file), zipfile.ZipFile(file) as archive:
        items = archive.infolist()
    tables = sorted((item for item in items if _is_table(item, file)), key=lambda one: one.filename)
    if not tables:
        raise InputError("sources.empty_archive", where=Where(file))
    return [
        _Member(file, _name(item).removesuffix(".gz"), _name(item).lower().endswith(".gz"), item)
        for item in tables
    ]


def _name(item: zipfile.ZipInfo) -> str:
    return item.filename.replace("\\", "/").rsplit("/", 1)[-1]


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
