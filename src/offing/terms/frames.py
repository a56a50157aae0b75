"""Tables of the caller's own: any data frame goes in, and the same kind comes out."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, get_args
from weakref import finalize

import polars as pl

from offing.terms.errors import InputError

Kind = Literal["polars", "pandas", "pyarrow", "duckdb", "pyspark"]
"""The library that a data frame is of."""
FRAMES = ("DataFrame", "LazyFrame", "Table", "RecordBatch", "DuckDBPyRelation")


def kind_of(value: object) -> Kind | None:
    """The kind of a data frame; ``None`` where it is none.

    >>> kind_of(pl.DataFrame({"year": [2024]})), kind_of("flows.parquet"), kind_of(None)
    ('polars', None, None)
    """
    library = type(value).__module__.partition(".")[0].lstrip("_")
    is_frame = type(value).__name__ in FRAMES
    return next((kind for kind in get_args(Kind) if is_frame and kind == library), None)


@contextmanager
def _pyarrow_asked_for() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise InputError("frames.needs_pyarrow", package=error.name or "pyarrow") from error


def into_polars(frame: Any) -> pl.DataFrame:
    """Any data frame as one of Polars; not-a-number becomes null.

    Raises:
        InputError: ``frames.not_a_frame``, ``sources.column_twice``, or ``frames.needs_pyarrow``
            where pandas comes without.
    """
    kind = kind_of(frame)
    if kind is None:
        raise InputError("frames.not_a_frame", text=type(frame).__name__)
    if kind in ("pandas", "pyarrow"):
        names = list(map(str, frame.columns if kind == "pandas" else frame.schema.names))
        if twice := [name for name in names if names.count(name) > 1]:
            raise InputError("sources.column_twice", text=twice[0])
    with _pyarrow_asked_for():
        if kind == "pyspark" and not hasattr(frame, "toArrow"):  # before Spark 4
            kind, frame = "pandas", frame.toPandas()
        if kind == "pyspark":
            frame = frame.toArrow()
        if kind == "polars":
            rows: pl.DataFrame = frame.lazy().collect()
        else:
            rows = _from_pandas(frame) if kind == "pandas" else pl.DataFrame(frame)
    return rows.with_columns(pl.selectors.float().fill_nan(None))


def _from_pandas(frame: Any) -> pl.DataFrame:
    """A frame of pandas; a column of several types, or of periods, as its text.

    An index with names, such as that of a sum by group, is columns too.
    """
    names = [name for name in frame.index.names if name is not None]
    if len(names) == frame.index.nlevels and not {*names} & {*frame.columns}:
        frame = frame.reset_index()
    columns: list[pl.Series] = []
    for name in frame.columns:
        column = frame[name].reset_index(drop=True)
        try:
            if str(column.dtype).startswith("period"):
                raise TypeError(name)
            columns.append(pl.Series(pl.from_pandas(column.rename(str(name)))))
        except (ValueError, TypeError, OverflowError, NotImplementedError):
            missing = column.isna()
            values = [None if gone else str(v) for v, gone in zip(column, missing, strict=True)]
            columns.append(pl.Series(str(name), values, pl.String))
    return pl.DataFrame(columns)


def check_single_values(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows, where every column holds a number, a text or a day in a cell.

    Raises:
        InputError: ``frames.nested`` for a column of lists, bytes or spans of time.
    """
    for name, dtype in rows.schema.items():
        if dtype.is_nested() or dtype in (pl.Binary, pl.Duration, pl.Object):
            raise InputError("frames.nested", column=name, kind=str(dtype))
    return rows


def like(kind: Kind | None, rows: pl.DataFrame) -> Any:
    """The rows as a data frame of a kind; of Polars where there is none.

    Raises:
        InputError: ``frames.needs_pyarrow``.
    """
    with _pyarrow_asked_for():
        if kind == "pandas":
            return rows.to_pandas()
        if kind == "pyarrow":
            return rows.to_arrow()
        if kind == "pyspark":
            from pyspark.sql import SparkSession

            # The active one is a thread's own: what began another thread is found as the default.
            session = SparkSession.getActiveSession() or SparkSession.builder.getOrCreate()
            old = session.version.startswith("3.")
            return session.createDataFrame(rows.to_pandas() if old else rows.to_arrow())
    if kind != "duckdb":
        return rows
    import duckdb

    connection = duckdb.connect()
    with TemporaryDirectory(prefix="offing-") as folder:
        file = Path(folder) / "rows.parquet"
        rows.write_parquet(file)
        connection.read_parquet(str(file)).create("rows")
    table = connection.table("rows")
    finalize(table, connection.close)  # before DuckDB 1.5 a table did not keep its connection open
    return table
