"""Tables of a TOML file as rows of a table that a firm keeps: months, deals."""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from offing.sources.layout import layout_of
from offing.sources.numbers import must_be_clear
from offing.sources.text_file import read_text
from offing.sources.user_table import TableRow
from offing.terms.errors import InputError, Where, unknown_name
from offing.terms.limits import parse_toml


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
