"""Write a result where the user asked for it: a table as Parquet or CSV, a page as HTML."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import polars as pl

from offing.terms.csv_cells import write_csv
from offing.terms.errors import InputError, StorageError, Where
from offing.terms.messages import enumerated

ENDINGS = (".parquet", ".csv")
PAGE_ENDINGS = (".html", ".htm")


def checked_target(path: Path, endings: tuple[str, ...]) -> None:
    """Refuse a target before the work is done.

    Raises:
        InputError: ``cli.bad_ending``; ``cli.no_out_folder`` where its folder is missing.
    """
    if path.suffix.lower() not in endings:
        raise InputError("cli.bad_ending", where=Where(path), path=path, all=enumerated(endings))
    if not path.parent.is_dir():
        raise InputError("cli.no_out_folder", where=Where(path), folder=path.parent)


def write_table(path: Path, rows: pl.DataFrame) -> None:
    """Write a table.

    Raises:
        StorageError: ``cli.disk``.
    """
    as_csv = partial(write_csv, rows)
    write_file(path, rows.write_parquet if path.suffix.lower() == ".parquet" else as_csv)


def write_page(path: Path, text: str) -> None:
    """Write a page.

    Raises:
        StorageError: ``cli.disk``.
    """
    write_file(path, lambda ready: ready.write_text(text, encoding="utf-8"))


def write_file(path: Path, write: Callable[[Path], object]) -> None:
    """Write through a file beside it, so that a broken run leaves no half."""
    ready = path.with_name(f".{path.name}.new")
    try:
        write(ready)
        ready.replace(path)
    except OSError as error:
        ready.unlink(missing_ok=True)
        raise StorageError("cli.disk", where=Where(path), reason=error.strerror or error) from None
