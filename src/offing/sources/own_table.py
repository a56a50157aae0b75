"""Read a table that the user made: CSV, workbook or Parquet, as R, Python or Stata write it.

Their numbers have a decimal point and no thousands: a column such as 850.000, where nothing in the
table shows that, is asked for.

Tables of a TOML file are rows of a table that a firm keeps: months, deals.
"""

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from offing.sources.layout import layout_of
from offing.sources.numbers import must_be_clear
from offing.sources.sheet_file import WORKBOOKS, FirmSheet, firm_sheets
from offing.sources.text_file import TextFile, read_text, text_file
from offing.sources.user_table import TableRow
from offing.terms.errors import InputError, StorageError, Where, unknown_name
from offing.terms.frames import into_polars
from offing.terms.limits import parse_toml
from offing.terms.messages import join_list

MISSING = ("na", "nan", ".", "null")
"""How R, Python, Stata and SQL write a value that is missing."""


def first_row(table: pl.DataFrame, bad: pl.Expr) -> dict[str, Any] | None:
    """The first row of which something holds."""
    first = table.filter(bad).head(1)
    return None if first.is_empty() else first.row(0, named=True)


def own_table(source: Any) -> tuple[pl.DataFrame, Path]:
    """A file or a data frame with ``row``, and what to call it in a message.

    Raises:
        InputError: as :func:`read_table` and :func:`into_polars`.
    """
    if isinstance(source, str | Path):
        return read_table(Path(source)), Path(source)
    table = into_polars(source).drop("row", strict=False).with_row_index("row", offset=1)
    return table, Path(type(source).__name__)


def column_of(table: pl.DataFrame, path: Path, *wanted: str) -> str:
    """The first of some columns that a table has.

    Raises:
        InputError: ``gravity.no_such_column``.
    """
    columns = [name for name in table.columns if name != "row"]
    if (name := next((name for name in wanted if name in columns), None)) is None:
        text, known = join_list(wanted), join_list(columns)
        raise InputError("gravity.no_such_column", where=Where(path), text=text, all=known)
    return name


def must_be_filled(table: pl.DataFrame, path: Path, *names: str) -> None:
    """Refuse a table that lacks a column, or a cell of one.

    Raises:
        InputError: ``gravity.no_such_column``, ``gravity.blank_key``.
    """
    for name in names:
        column_of(table, path, name)
        if (at := first_row(table, pl.col(name).is_null())) is not None:
            raise InputError("gravity.blank_key", where=Where(path, at["row"], name), column=name)


def must_be_there(path: Path, there: bool | None = None) -> None:
    """Refuse a path at which nothing is, or not what is asked for.

    Raises:
        StorageError: ``sources.no_file``, ``sources.a_folder``.
    """
    if not (path.exists() if there is None else there):
        key = "sources.a_folder" if path.is_dir() else "sources.no_file"
        raise StorageError(key, where=Where(path), path=path)


def read_table(path: Path) -> pl.DataFrame:
    """The table, with the line of each row in ``row``; text where it is a text file.

    A folder is read as the Parquet files in it, those in ``year=2024`` with that year.

    Raises:
        StorageError: as :func:`must_be_there`.
        InputError: ``sources.other_folder`` where a further folder is no part of the table,
            ``sources.bad_parquet``, ``gravity.column_twice``, and as :func:`text_file`.
    """
    files = sorted(path.rglob("*.parquet")) or [path]
    must_be_there(path, files[0].is_file())
    beside = (f for f in files if any("=" not in name for name in f.relative_to(path).parts[:-1]))
    if (other := next(beside, None)) is not None:
        raise InputError("sources.other_folder", where=Where(path), file=other.relative_to(path))
    if files[0].suffix.lower() == ".parquet":
        try:
            read = [pl.scan_parquet(f, glob=False, hive_partitioning=f != path) for f in files]
            rows = pl.concat(read, how="diagonal_relaxed").collect()
            return rows.drop("row", strict=False).with_row_index("row", offset=1)
        except (pl.exceptions.PolarsError, OSError):
            raise InputError("sources.bad_parquet", where=Where(path)) from None
    table: TextFile | FirmSheet
    if path.suffix.lower() in WORKBOOKS:
        table = next(firm_sheets(path, lambda cells: sum(map(bool, cells)) > 1))
    else:
        table = text_file(path)
    places = _places(table.header, path)
    pieces = list(table.frames(places))
    if not pieces:
        return pl.DataFrame(schema={"row": pl.UInt32} | dict.fromkeys(places, pl.String))
    return pl.concat(pieces).drop("fields")


def _places(header: Sequence[str], path: Path) -> dict[str, int]:
    """The place of each column that has a name."""
    if twice := next((name for name in header if name and header.count(name) > 1), None):
        raise InputError("gravity.column_twice", where=Where(path, column=twice), text=twice)
    return {name: at for at, name in enumerate(header) if name not in ("", "row", "fields")}


_POINT = r"^-?\d*\.\d*([eE][+-]?\d+)?$"
_EITHER = r"^-?[1-9]\d{0,2}\.\d{3}$"


def _must_be_clear(table: pl.DataFrame, path: Path, name: str) -> None:
    """Refuse a column whose points may all be thousands marks.

    Raises:
        InputError: ``sources.which_mark``.
    """
    either = pl.col(name).str.contains(_EITHER)
    at = first_row(table, either)
    if at is None:
        return
    texts = [column for column, kind in table.schema.items() if kind == pl.String]
    shown = pl.col(texts).str.contains(_POINT) & ~pl.col(texts).str.contains(_EITHER)
    if not any(table.select(shown.any()).row(0)):
        must_be_clear(at[name], Where(path, at["row"], name))


def numbers(table: pl.DataFrame, path: Path, name: str) -> pl.Expr:
    """A column as numbers, null where it is missing.

    Raises:
        InputError: ``gravity.not_a_number``, ``sources.which_mark``.
    """
    column = pl.col(name)
    if table.schema[name] == pl.String:
        _must_be_clear(table, path, name)
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


def toml_row(
    table: Mapping[str, object], where: Where, kind: str, allowed: Collection[str] = ()
) -> TableRow:
    """A table of a TOML file as a row; figures in quotes must be clear.

    Raises:
        InputError: ``errors.unknown_name`` or ``sources.which_mark``.
    """
    layout, cells = layout_of(kind), dict[str, str]()
    allowed = allowed or layout.names
    for key, value in table.items():
        if key not in allowed:
            raise unknown_name(key, sorted(allowed), where)
        if isinstance(value, str) and key in layout.money | layout.measured:
            must_be_clear(value, Where(where.file, column=key))
        cells[key] = " ".join(map(str, value)) if isinstance(value, list) else str(value)
    return TableRow(cells, where, {}, layout.currency)


def toml_tables(path: Path, name: str) -> Iterator[tuple[dict[str, Any], Where]]:
    """The tables ``[[name]]`` of a TOML file, at least one, each with its place.

    Raises:
        InputError: ``errors.not_toml`` or ``sources.no_tables``.
    """
    text = read_text(path)
    try:
        data = parse_toml(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise InputError("errors.not_toml", where=Where(path), reason=error) from error
    if not (tables := tables_in(data, name, Where(path))):
        raise InputError("sources.no_tables", where=Where(path), name=name)
    lines = enumerate(text.splitlines(), start=1)
    heads = (row for row, line in lines if "".join(line.split()).startswith(f"[[{name}]]"))
    for number, table in enumerate(tables, start=1):
        yield table, Where(path, next(heads, None), f"{name} {number}")


def tables_in(data: Mapping[str, Any], name: str, where: Where) -> list[dict[str, Any]]:
    """The tables of a name inside another one; none where there are none.

    Raises:
        InputError: ``sources.no_tables`` where something else goes by the name.
    """
    tables = data.get(name, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise InputError("sources.no_tables", where=where, name=name)
    return tables
