"""Results that take seconds to make, kept in a file under the digest of all they rest on.

The digest is of the data, the question, our own code and the libraries that compute, so a result is
found where the same would be made again, and never out of date: other data have another digest. A
file has a checksum in its first line. One that is damaged or cannot be read is as good as none; it
is made whole before it gets its name, so that two processes do not disturb each other.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from types import UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import numpy as np
import polars as pl

import offing
from offing.terms.files import cache_folder

T = TypeVar("T")

ROOMS = ("estimators", "market", "forecast")
"""Whose code decides what a kept result is; what they take from rooms below is in the data."""
LIBRARIES = ("numpy", "scipy", "polars", "duckdb", "highspy", "pydantic")
FILES = 300
"""Kept at most; the oldest go first."""


def keep_result(kind: type[T], rests_on: tuple[object, ...], make: Callable[[], T]) -> T:
    """The result of ``make``, from its file where it was made before.

    ``kind`` is a frozen dataclass of numbers, texts, arrays of float64, tuples and the like of it;
    ``rests_on`` is all that the result rests on beside our code: its ``repr`` must tell.
    """
    return kept_as(
        (kind.__qualname__, code_digest(*ROOMS), *rests_on),
        make,
        lambda body: cast(T, _typed_value(kind, json.loads(body))),
        lambda result: json.dumps(_plain(result)).encode(),
    )


def kept_as(
    rests_on: tuple[object, ...],
    make: Callable[[], T],
    read: Callable[[bytes], T],
    write: Callable[[T], bytes],
) -> T:
    """The result of ``make``, from its file where it was made before, in a form of its own.

    ``rests_on`` is all that the result rests on, our code among it: its ``repr`` must tell.
    """
    folder = cache_folder()
    if folder is None:
        return make()
    key = hashlib.sha256(repr(rests_on).encode()).hexdigest()
    file = folder / "results" / f"{key}.json"
    try:
        return read(_read_checked(file))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        result = make()
    # A folder that cannot be written keeps nothing.
    with suppress(OSError):
        _write(file, write(result))
    return result


@cache
def code_digest(*rooms: str) -> str:
    """The digest of what computes and of how it is written: rooms, this file, the libraries.

    Without a room it is of all our files: code, rules and texts.
    """
    digest = hashlib.sha256()
    home = Path(offing.__file__).parent
    files = [file for room in rooms for file in (home / room).rglob("*.py")]
    if not rooms:
        files = [file for file in home.rglob("*.*") if file.suffix in (".py", ".toml", ".csv")]
        files.append(home / "warehouse/starter/catalog.json")
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


def _write(file: Path, body: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", dir=file.parent)
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        fresh.replace(file)
    except BaseException:
        fresh.unlink()
        raise
    for old in _oldest(file.parent):
        old.unlink(missing_ok=True)


def _oldest(folder: Path) -> Iterator[Path]:
    """Files beyond those that are kept."""
    files = [Path(entry.path) for entry in os.scandir(folder)]
    if len(files) > FILES:
        yield from sorted(files, key=lambda file: file.stat().st_mtime_ns)[:-FILES]


_ARRAY = "float64"
"""An array says in the file what it is: its alias differs between releases of Python and NumPy."""


def _plain(value: Any) -> Any:
    """As JSON has it; floats come back as they were."""
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, np.ndarray):
        if value.dtype != np.float64:
            raise TypeError(value.dtype)
        return {_ARRAY: value.ravel().tolist(), "shape": value.shape}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _typed_value(kind: Any, value: Any) -> Any:
    """What :func:`_plain` was given."""
    if isinstance(value, dict) and _ARRAY in value:
        return np.array(value[_ARRAY], dtype=np.float64).reshape(value["shape"])
    if is_dataclass(kind):
        hints = _hints(cast(Any, kind))
        return cast(Any, kind)(
            **{name: _typed_value(hints[name], item) for name, item in value.items()}
        )
    origin = get_origin(kind)
    if origin is tuple:
        return tuple(_typed_value(get_args(kind)[0], item) for item in value)
    if origin in (UnionType, Union) and value is not None:
        return _typed_value(get_args(kind)[0], value)
    if isinstance(value, list | dict):
        raise TypeError(kind)
    return value


_hints = cache(get_type_hints)


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
