"""The tables that a room ships beside its code, and where a user's own files of offing are."""

import csv
import os
import sys
import tomllib
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # who shows a message must not wait for Polars
    import polars as pl


def shipped_rows(room: str, name: str) -> list[dict[str, str]]:
    """The rows of a CSV file of a room, by its headings; lines that begin with # are words.

    >>> shipped_rows("offing.terms", "data/countries.csv")[0]["code"]
    'ABW'
    """
    lines = _text(room, name).splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def shipped_toml(room: str, name: str) -> dict[str, Any]:
    """A TOML file of a room; its numbers with a point are exact."""
    return tomllib.loads(_text(room, name), parse_float=Decimal)


def shipped_table(room: str, name: str) -> "pl.DataFrame":
    """A Parquet file of a room."""
    import polars as pl

    with resources.as_file(resources.files(room).joinpath(name)) as file:
        return pl.read_parquet(file, glob=False)


def _text(room: str, name: str) -> str:
    return resources.files(room).joinpath(name).read_text(encoding="utf-8")


def data_folder() -> Path:
    """``offing`` in the user's data folder."""
    home = Path.home()
    if sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
    else:
        base = Path(os.environ.get("XDG_DATA_HOME", "") or home / ".local" / "share")
    return base / "offing"


def cache_folder() -> Path | None:
    """``OFFING_CACHE``, or ``offing`` among what the user's programs may make again.

    ``None`` where ``OFFING_CACHE`` is set to nothing.
    """
    named = os.environ.get("OFFING_CACHE")
    if named is not None:
        return Path(named).expanduser() if named else None
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "offing"
    if sys.platform == "win32":
        return data_folder() / "cache"
    return Path(os.environ.get("XDG_CACHE_HOME", "") or home / ".cache") / "offing"
