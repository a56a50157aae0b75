"""Results that take seconds to make, kept in a file under the digest of all they rest on.

The digest is of the data, the question, our own code and the libraries that compute, so a result is
found where the same would be made again, and never out of date: other data have another digest. A
file has a checksum in its first line. One that is damaged or cannot be read is as good as none; it
is made whole before it gets its name, so that two processes do not disturb each other.
"""

import hashlib
import io
import os
import pickle
import sys
from collections.abc import Callable, Hashable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, is_dataclass
from decimal import Decimal
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import polars as pl

import offing
from offing.terms.files import cache_folder
from offing.terms.whole_file import write_file

T = TypeVar("T")

ROOMS = ("estimators", "market", "forecast")
"""Whose code decides what a kept result is; what they take from rooms below is in the data."""
LIBRARIES = ("numpy", "scipy", "polars", "duckdb", "highspy", "pydantic")
FILES = 300
"""Kept at most; what was not used for longest goes first."""


def keep_result(rests_on: tuple[object, ...], make: Callable[[], T]) -> T:
    """The result of ``make``, from its file where it was made before.

    Args:
        rests_on: all that the result rests on, our code among it (:func:`code_digest`): its
            ``repr`` must tell.
        make: gives frozen dataclasses of numbers, texts, days, arrays, frames and the like of it.
    """
    folder = cache_folder()
    if folder is None:
        return make()
    file = folder / "results" / f"{hashlib.sha256(repr(rests_on).encode()).hexdigest()}.pickle"
    try:
        result: T = _Reader(io.BytesIO(_read_checked(file))).load()
        os.utime(file)
    except (OSError, EOFError, pickle.UnpicklingError, *DAMAGED):
        result = make()
        # A folder that cannot be written keeps nothing.
        with suppress(OSError):
            body = pickle.dumps(result, protocol=5)
            checksum = hashlib.sha256(body).hexdigest().encode()
            write_file(file, lambda ready: ready.write_bytes(checksum + b"\n" + body))
            for old in _oldest(file.parent):
                old.unlink(missing_ok=True)
    return result


def content_digest(*values: object) -> str:
    """The digest of values that a result rests on and whose ``repr`` does not tell."""
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, protocol=5)
    pickler.fast = True  # equal values have one digest, whether they share parts or not
    pickler.dump(values)
    return hashlib.sha256(buffer.getbuffer()).hexdigest()


DAMAGED = (ValueError, KeyError, TypeError, AttributeError, ImportError, IndexError)
"""What reading a damaged file may end in."""

VALUES = {
    ("datetime", "date"), ("builtins", "frozenset"), ("numpy", "dtype"),
    ("numpy._core.numeric", "_frombuffer"), ("numpy.core.numeric", "_frombuffer"),
    ("numpy._core.multiarray", "scalar"), ("numpy.core.multiarray", "scalar"),
    ("polars.dataframe.frame", "DataFrame"),
}  # fmt: skip
NUMBERS = (str, int, float, Decimal)
"""Beside dataclasses, all that a kept result is made of, and kinds of text and number: a file that
names more runs nothing.
"""


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        own = module.startswith("offing.") or module in sys.modules
        found = super().find_class(module, name) if own or (module, name) in VALUES else None
        kind = isinstance(found, type) and (is_dataclass(found) or issubclass(found, NUMBERS))
        if kind or (module, name) in VALUES:
            return found
        raise pickle.UnpicklingError(module, name)


@cache
def code_digest(*rooms: str) -> str:
    """The digest of what computes and of how it is written: rooms, this file, the libraries.

    Without a room it is of all our files: code, rules and texts.
    """
    digest = hashlib.sha256()
    home = Path(offing.__file__).parent
    found = [file for room in rooms or ("",) for file in (home / room).rglob("*.*")]
    files = [file for file in found if file.suffix in (".py", ".toml", ".csv")]
    if not rooms:
        files += (home / "warehouse/starter").glob("catalog.json")
    for file in sorted({*files, Path(__file__)}):
        digest.update(file.relative_to(home).as_posix().encode() + file.read_bytes())
    digest.update(repr([version(name) for name in LIBRARIES]).encode())
    return digest.hexdigest()


def versions() -> str:
    """Of this package and of the libraries that compute."""
    return ", ".join(f"{name} {version(name)}" for name in ("offing", *LIBRARIES))


def _read_checked(file: Path) -> bytes:
    """What is in a file.

    Raises:
        ValueError: it is damaged.
        OSError: there is none, or it cannot be read.
    """
    checksum, _, body = file.read_bytes().partition(b"\n")
    if hashlib.sha256(body).hexdigest().encode() != checksum:
        raise ValueError(file)
    return body


def _oldest(folder: Path) -> Iterator[Path]:
    """Files beyond those that are kept."""
    files = [Path(entry.path) for entry in os.scandir(folder)]
    if len(files) > FILES:
        yield from sorted(files, key=lambda file: file.stat().st_mtime_ns)[:-FILES]


KEPT_BYTES = 1 << 26
"""So much of answers is kept for questions that are asked again, and none over a quarter of it."""


@dataclass
class AnswerCache:
    """Answers of queries, in this process; the oldest are forgotten first."""

    rows: dict[tuple[str, str], pl.DataFrame] = field(default_factory=dict)
    kept_bytes: int = 0
    lock: Lock = field(default_factory=Lock)

    def keep(self, key: tuple[str, str], rows: pl.DataFrame) -> pl.DataFrame:
        """The same rows, kept where they are few."""
        size = int(rows.estimated_size())
        with self.lock:
            if size <= KEPT_BYTES // 4 and key not in self.rows:
                self.rows[key] = rows
                self.kept_bytes += size
                while self.kept_bytes > KEPT_BYTES:
                    self.kept_bytes -= int(self.rows.pop(next(iter(self.rows))).estimated_size())
        return rows


@lru_cache(maxsize=4)
def answers_of_catalog(_: Path, __: tuple[int, ...]) -> AnswerCache:
    """Those of the warehouse in a folder, as long as its catalogue's file stays as it is."""
    return AnswerCache()


@cache
def made_of_starter(_: Path) -> dict[Hashable, Any]:
    """What was made of the starter world's tables."""
    return {}
