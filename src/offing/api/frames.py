"""Tables that a person hands over: files, or frames of pandas, Polars, PyArrow or DuckDB."""

from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from offing.study.own_table import read_table


def given_table(given: Any) -> tuple[pl.DataFrame, Path]:
    """The table with the number of each row in ``row``, and its file's name or the frame's kind.

    Raises:
        InputError, StorageError: as :func:`read_table`, of a path.
        TypeError: neither a path nor a frame.
    """
    if isinstance(given, str | Path):
        return read_table(Path(given)), Path(given)
    table = polars_frame(given).drop("row", strict=False).with_row_index("row", offset=1)
    return table, Path(type(given).__name__)


def polars_frame(given: Any) -> pl.DataFrame:
    """A frame of any library as one of Polars; what is not a number in pandas becomes null."""
    if isinstance(given, pl.DataFrame | pl.LazyFrame):
        return given.lazy().collect()
    frame = nw.from_native(given)
    if frame.implementation.is_pandas_like():  # Polars would need PyArrow to read it
        columns = {name: frame.get_column(name).to_list() for name in frame.columns}
        return pl.DataFrame(
            {
                name: [None if value is None or value != value else value for value in values]
                for name, values in columns.items()
            }
        )
    return pl.DataFrame(given)


def like(given: Any, table: pl.DataFrame) -> Any:
    """A table as the kind of frame that was handed over; Polars' where that was a file."""
    if isinstance(given, str | Path | pl.DataFrame | pl.LazyFrame):
        return table
    frame = nw.from_native(given)
    if frame.implementation.is_duckdb():
        import duckdb

        return duckdb.from_arrow(table)
    return nw.from_dict(table.to_dict(as_series=False), backend=frame.implementation).to_native()
