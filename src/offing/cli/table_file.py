"""Write a result where the user asked for it: a table as Parquet or CSV, a page as HTML."""

from functools import partial
from pathlib import Path

import polars as pl

from offing.terms.csv_cells import write_csv
from offing.terms.errors import InputError, Where
from offing.terms.messages import join_list
from offing.terms.whole_file import write_file

ENDINGS = (".parquet", ".csv")
PAGE_ENDINGS = (".html", ".htm")


def checked_target(path: Path, endings: tuple[str, ...]) -> None:
    """Refuse a target before the work is done.

    Raises:
        InputError: ``cli.bad_ending``; ``cli.no_out_folder`` where its folder is missing.
    """
    if path.suffix.lower() not in endings:
        raise InputError("cli.bad_ending", where=Where(path), path=path, all=join_list(endings))
    if not path.parent.is_dir():
        raise InputError("cli.no_out_folder", where=Where(path), folder=path.parent)


def write_table(path: Path, rows: pl.DataFrame) -> None:
    """Write a table.

    Raises:
        StorageError: ``cli.disk``.
    """
    as_csv = partial(write_csv, rows)
    write_file(path, rows.write_parquet if path.suffix.lower() == ".parquet" else as_csv)
