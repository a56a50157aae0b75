"""What a ledger says of its goods: cost (成本), weight (毛重), volume (体积), refund rate (退税率).

A sale needs none of it, so that :mod:`offing.sources.ledger` passes over these columns; a study
that is begun from a ledger takes them up, so that nobody types what the file says.

A table of a firm's models (型号成本表): HS code, cost, input tax, weight, volume, refund rate.

It is pasted from a spreadsheet, or is a form that went out as a workbook and came back. A cell that
is empty says nothing; a row that cannot be read for certain refuses the table.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl

from offing.sources.headings import ONE, FileColumn, cubic_metres_of, normalise_heading
from offing.sources.layout import SEVERAL, WITH_TAX, add_decimal_marks, layout_of
from offing.sources.ledger import LedgerRead
from offing.sources.ledger_line import spelled_model
from offing.sources.numbers import read_amount
from offing.sources.sheet_file import FirmSheet
from offing.sources.user_table import TableRow, UserTable, build_records, user_table
from offing.terms.errors import InputError, Where
from offing.terms.firm_records import ModelFigures
from offing.terms.messages import join_list
from offing.terms.text import normal

UnitFacts = tuple[pl.DataFrame, Mapping[str, FileColumn]]
"""What a ledger says of its goods: rows and the columns that were found, by our name.

The rows have ``sheet`` (empty of a single table), ``row`` (Int64), ``pieces`` (in one unit of the
line) and a column (Float64) for each that was found: ``cost`` in the money of its heading, ``kg``,
``m3``, ``refund_rate``; null where a cell is no number.
"""


def unit_facts(path: Path, ledger: LedgerRead, taken: Mapping[str, str]) -> UnitFacts | None:
    """The columns of a ledger that say something of its goods; ``None`` where it has none.

    Args:
        path: the ledger.
        ledger: as it was read.
        taken: our name of a column of the sales → its heading, which is none of these.

    Returns:
        The facts; of several sheets the columns that all have under the same heading.
    """
    where, known = Where(path), {*taken.values()}
    found = {part.name: _facts_of_table(part.sheet, known, where) for part in ledger.sheets}
    pieces = {part.name: part.pieces for part in ledger.sheets}
    parts = {
        sheet: (facts[0].join(pieces[sheet], on="row"), facts[1])
        for sheet, facts in found.items()
        if facts is not None
    }
    if not parts or len(parts) < len(found):
        return None
    return _together(parts)


def _together(parts: Mapping[str, UnitFacts]) -> UnitFacts | None:
    """The facts of all sheets, in the columns that have the same heading on each."""
    first, *others = (columns for _, columns in parts.values())
    alike = {
        name: column
        for name, column in first.items()
        if all(name in other for other in others)
        if all(other[name].heading == column.heading for other in others)
    }
    if not alike:
        return None
    tables = (
        rows.select(pl.lit(sheet).alias("sheet"), "row", "pieces", *alike)
        for sheet, (rows, _) in parts.items()
    )
    return pl.concat(tables), alike


def _facts_of_table(sheet: FirmSheet, taken: set[str], where: Where) -> UnitFacts | None:
    layout = layout_of("unit_facts")
    there = [cell if cell not in taken else "" for cell in sheet.header]
    columns = layout.columns(there, where)
    if not columns:
        return None
    if volume := columns.get("m3"):
        columns["m3"] = replace(volume, heading=cubic_metres_of(volume.heading))
    cells = {n: [(row, line[c.at]) for row, line in sheet.body.items()] for n, c in columns.items()}
    columns = add_decimal_marks(columns, cells, layout, where, sheet.delimiter)
    values = {
        name: pl.Series(name, [_figure(cell, name, column) for _, cell in cells[name]], pl.Float64)
        for name, column in columns.items()
    }
    rows = pl.DataFrame({"row": [*sheet.body]}, schema={"row": pl.Int64})
    return rows.with_columns(**values), columns


def _figure(cell: str | None, name: str, column: FileColumn) -> float | None:
    """A cell in units of one, a weight in kilograms; a rate as it stands, 13 for 13%."""
    read = read_amount(normal(cell or "").removesuffix("%"), column.comma)
    if read is None:
        return None
    heading = column.heading
    in_kg = heading.per_unit if name == "kg" and heading.unit == "kg" else ONE
    return float(read.value * heading.scale * in_kg)


KIND = "model_figures"


def read_model_figures(path: Path) -> dict[str, ModelFigures]:
    """What a table says of each model, by the model's name as names are compared.

    Raises:
        InputError: ``begin.model_twice``, ``begin.figures_unit``, ``begin.figures_with_tax``, the
            first row that cannot be used, or as :func:`offing.sources.user_table.user_table`.
    """
    table = user_table(path, KIND)
    _must_be_of_one(table)
    rows, quarantined = build_records(table.rows, _figures)
    if quarantined:
        raise quarantined[0]
    counts = Counter(spelled_model(row.model) for row in rows)
    if twice := [name for name, count in counts.items() if count > 1]:
        raise InputError("begin.model_twice", where=Where(path), names=join_list(twice[:6]))
    return {spelled_model(row.model): row for row in rows}


def _must_be_of_one(table: UserTable) -> None:
    """Refuse a heading of several pieces, with tax, or with an unknown unit of weight or volume.

    Raises:
        InputError: ``begin.figures_unit``, ``begin.figures_with_tax``.
    """
    layout = layout_of(KIND)
    for name in sorted((layout.money | layout.measured) & table.columns.keys()):
        heading = table.columns[name].heading
        unit = heading.unit in (None, "item", "pair") or name == heading.unit
        words = name in layout.money or not heading.unread
        words |= normalise_heading(heading.unread) in layout.spellings  # kg (毛重)
        where = Where(table.where.file, table.where.row, heading.text)
        if name == "cost_cny" and WITH_TAX.search(heading.text):
            raise InputError("begin.figures_with_tax", where=where, heading=heading.text)
        if not unit or not words or SEVERAL.search(heading.text):
            raise InputError("begin.figures_unit", where=where, heading=heading.text)


def _figures(row: TableRow) -> ModelFigures:
    if not row.text("model"):
        raise InputError("begin.figures_of_none", where=row.at("model"))
    figures = {name: _positive(row, name) for name in ("cost_cny", "input_vat_cny", "kg", "m3")}
    rate = row.share("refund_rate")
    return ModelFigures(row.text("model"), row.code() or None, refund_rate=rate, **figures)


def _positive(row: TableRow, name: str) -> Decimal | None:
    figure = row.unsigned_amount(name)
    if figure == 0 and name != "input_vat_cny":
        raise InputError("begin.figure_nought", where=row.at(name))
    return figure
