"""A source of another package: Parquet files that have the columns of our flows."""

from pathlib import Path

import polars as pl

from offing.sources.about import About
from offing.sources.staging import Staging

ABOUT = About(
    name="acme", title="acme.title", tables=("flows",), publisher="acme.publisher",
    licence="acme.licence", page="https://acme.example/trade",
)  # fmt: skip


def read(paths: list[Path], staging: Staging) -> None:
    """Read the files into ``flows``."""
    for path in paths:
        rows = pl.read_parquet(path)
        for (year,), part in rows.partition_by("year", as_dict=True).items():
            staging.frame("flows", part, year=year)
        staging.read_from(path, rows.height)
