"""Read a table that the user made: CSV or Parquet, numbers as R, Python or Stata write them."""

from pathlib import Path
from typing import Any

import polars as pl

from offing.sources.text_file import text_file
from offing.terms.errors import InputError, StorageError, Where

MISSING = ("na", "nan", ".", "null")
"""How R, Python, Stata and SQL write a value that is missing."""


def first_row(table: pl.DataFrame, bad: pl.Expr) -> dict[str, Any] | None:
    """The first row of which something holds."""
    found = table.filter(bad).head(1)
    return None if found.is_empty() else found.row(0, named=True)


def read_table(path: Path) -> pl.DataFrame:
    """The table, with the line of each row in ``row``; text where it is a text file.

    Raises:
        StorageError: ``warehouse.no_file``.
        InputError: ``gravity.no_parquet``, ``gravity.column_twice``, and as :func:`text_file`.
    """
    if not path.is_file():
        raise StorageError("warehouse.no_file", where=Where(path), path=path, here=Path.cwd())
    if path.suffix.lower() == ".parquet":
        try:
            return pl.read_parquet(path).drop("row", strict=False).with_row_index("row", offset=1)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise InputError("gravity.no_parquet", where=Where(path), reason=error) from None
    file = text_file(path)
    if twice := next((name for name in file.header if file.header.count(name) > 1), None):
        raise InputError("gravity.column_twice", where=Where(path, column=twice), text=twice)
    places = {name: at for at, name in enumerate(file.header) if name not in ("", "row", "fields")}
    pieces = list(file.frames(places))
    if not pieces:
        return pl.DataFrame(schema={"row": pl.UInt32} | dict.fromkeys(places, pl.String))
    return pl.concat(pieces).drop("fields")


def numbers(table: pl.DataFrame, path: Path, name: str) -> pl.Expr:
    """A column as numbers, null where it is missing.

    Raises:
        InputError: ``gravity.not_a_number``.
    """
    column = pl.col(name)
    if table.schema[name] == pl.String:
        text = pl.when(~column.str.to_lowercase().is_in(MISSING)).then(column)
        number = text.cast(pl.Float64, strict=False)
        if (at := first_row(table, text.is_not_null() & number.is_null())) is not None:
            raise InputError(
                "gravity.not_a_number",
                where=Where(path, at["row"], name),
                column=name,
                text=at[name],
            )
        return number.alias(name)
    if not (table.schema[name].is_numeric() or table.schema[name] == pl.Boolean):
        raise InputError(
            "gravity.not_a_number", where=Where(path, 1, name), column=name, text=table[name][0]
        )
    return column.cast(pl.Float64).fill_nan(None)
