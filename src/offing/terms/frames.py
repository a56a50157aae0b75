"""Tables: any data frame goes in and the same kind comes out; exact sums; CSV for people.

A CSV is read by spreadsheets, which must not run a cell: a text that begins as a formula does
(``=``, ``@``, a sign that begins no plain number, a tab or a return, also behind blanks and line
ends) gets an apostrophe in front. Chinese and Japanese editions take full-width signs for the same.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
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
            if session.version.startswith("3."):  # which infers no type of a column of nulls
                named = (f"`{name}` {_old_type(kind)}" for name, kind in rows.schema.items())
                return session.createDataFrame(rows.rows(), ", ".join(named))
            return session.createDataFrame(rows.to_arrow())
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


def _old_type(kind: pl.DataType) -> str:
    if kind.is_numeric():
        return "BIGINT" if kind.is_integer() else "DOUBLE"
    return {pl.Boolean: "BOOLEAN", pl.Date: "DATE"}.get(type(kind), "STRING")


UNIT = 2.0**40
"""Parts of one, such as a dollar, that are counted: whole numbers can be added in any order."""
MOST = 1e26
"""Above it whole numbers of 128 bits end; no trade is as large."""


def exact_sum(column: str = "value_usd") -> pl.Expr:
    """The sum of a column of money, exact to a trillionth of one.

    Polars adds the rows of a lazy table in whatever order its threads bring them, and the last
    digits of a sum of floats hang on the order.

    >>> pl.LazyFrame({"value_usd": [0.1, 0.2, 0.3, 1e300]}).select(exact_sum()).collect().item()
    1e+300
    """
    value = pl.col(column).cast(pl.Float64)
    large = value.abs() >= MOST
    whole = (pl.when(~large).then(value) * UNIT).round().cast(pl.Int128).sum()
    beyond = value.filter(large).sum()
    return (whole.cast(pl.Float64) / UNIT + beyond).alias(column)


def parts(values: pl.Series) -> int:
    """The sum of money in parts of ``1 / UNIT``, exact: such sums can be added in any order.

    >>> parts(pl.Series([0.1, 0.2, 1e30])) / UNIT
    1e+30
    """
    fits = values.abs() < MOST
    whole = (values.filter(fits) * UNIT).round().cast(pl.Int128).sum()
    return int(whole) + int(UNIT) * sum(map(int, values.filter(~fits)))


_BEGINS = r"[\s\x00\u200b\ufeff]*[=@+\-＝＠＋－]|[ \n]*[\t\r]"
_NUMBER = r"[ \u00a0]*[+-]?\.?\d[\d.,'\u00a0\u202f]*+([eE][+-]?\d{1,3})?\s*+(%\s*+)?|[+-]"
_TEXTS = (pl.String, pl.Categorical, pl.Enum)


def inert(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; plain numbers with a sign stay.

    >>> inert("=1+1"), inert(" @SUM(A1)"), inert("-2+3+cmd|' /C calc'!A0"), inert("-1,234.5")
    ("'=1+1", "' @SUM(A1)", "'-2+3+cmd|' /C calc'!A0", '-1,234.5')
    """
    armed = re.match(_BEGINS, text) and not re.fullmatch(_NUMBER, text)
    return f"'{text}" if armed else text


def csv_text(rows: Iterable[Sequence[str]], line_end: str = "\r\n") -> str:
    """Rows of cells as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=line_end)
    writer.writerows([inert(cell) for cell in row] for row in rows)
    return text.getvalue()


def write_csv(table: pl.DataFrame, path: Path, *, for_excel: bool = False) -> None:
    """Write a table; ``for_excel`` puts the mark in front by which it knows UTF-8."""
    texts = [name for name, kind in table.schema.items() if isinstance(kind, _TEXTS)]
    headings = csv_text([table.columns], "\n")
    with path.open("wb") as file:
        file.write(headings.encode("utf-8-sig" if for_excel else "utf-8"))
        table.with_columns(map(_inert, texts)).write_csv(file, include_header=False)


def _inert(name: str) -> pl.Expr:
    """As :func:`inert`, of a column."""
    text = pl.col(name).cast(pl.String)
    armed = text.str.contains(f"^(?:{_BEGINS})") & ~text.str.contains(f"^(?:{_NUMBER})$")
    return pl.when(armed).then(pl.concat_str(pl.lit("'"), text)).otherwise(text).alias(name)
