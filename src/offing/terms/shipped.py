"""The tables that a room ships beside its code."""

import csv
import tomllib
from decimal import Decimal
from importlib import resources
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
