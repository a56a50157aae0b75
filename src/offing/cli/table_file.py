"""Write a table where the user asked for it: Parquet or CSV, by the file's name."""

from pathlib import Path

import polars as pl

from offing.terms.errors import InputError, StorageError, Where

ENDINGS = (".parquet", ".csv")


def checked_target(path: Path) -> None:
    """Refuse a target before the work is done.

    Raises:
        InputError: ``cli.bad_ending`` for another ending, ``cli.no_out_folder`` where its folder
            is missing.
    """
    if path.suffix.lower() not in ENDINGS:
        raise InputError("cli.bad_ending", where=Where(path), path=path)
    if not path.parent.is_dir():
        raise InputError("cli.no_out_folder", where=Where(path), folder=path.parent)


def write_table(path: Path, rows: pl.DataFrame) -> None:
    """Write, through a file beside it, so that a broken run leaves no half.

    Raises:
        StorageError: ``cli.disk``.
    """
    ready = path.with_name(f".{path.name}.new")
    try:
        if path.suffix.lower() == ".parquet":
            rows.write_parquet(ready)
        else:
            rows.write_csv(ready)
        ready.replace(path)
    except OSError as error:
        ready.unlink(missing_ok=True)
        raise StorageError("cli.disk", where=Where(path), reason=error.strerror or error) from None
