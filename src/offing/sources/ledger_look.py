"""How a ledger is understood, before anything is made of it: columns, units, money, days, doubts.

What :func:`offing.sources.ledger.read_ledger` does with the file, laid open: so a person sees the
first rows as they stand, what each heading was taken for, and which rows cannot be used and why.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from offing.sources.columns import kept, spelled
from offing.sources.headings import Column, Heading
from offing.sources.layout import Layout, with_marks, with_unit_of
from offing.sources.ledger import layout_for, sales
from offing.sources.ledger_cells import DayOrder, order_of_days
from offing.sources.sheet_file import cells_of
from offing.sources.staging import Note, Staging
from offing.sources.stated_units import parts_of
from offing.terms.errors import InputError, Where

SHOWN = 8
"""Rows that are shown as they stand."""
SPANS = ("month", "year")
"""Columns that stand in for the day: a ledger without any is asked for its day."""
LISTED = 500
"""Bad rows that are listed."""


@dataclass(frozen=True)
class LedgerColumn:
    """A column of ours and what it was found to be.

    Attributes:
        name: ours, such as ``amount``.
        needed: whether the ledger cannot be used because this column, and each that could stand
            for it, was not found.
        heading: of the file; ``None`` where none was found.
        comma: whether its decimals have a comma.
        example: the first cell that is filled.
    """

    name: str
    needed: bool
    heading: Heading | None
    comma: bool
    example: str


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be used: its number, the reason as a message key, and its text."""

    row: int
    reason: str
    text: str


@dataclass(frozen=True)
class Look:
    """A ledger as it is understood.

    Attributes:
        headings: of the file, in their order; empty texts where a column has none.
        heading_row: the row in which they stand; titles above it are passed over.
        first: rows below, as they stand, each with its number.
        columns: ours, in the order of :data:`offing.sources.data.ledger_headings`.
        order: which part of 03/05/2024 is the day, as given or as the dates show; ``None`` where
            no date leaves it open or nothing shows it.
        sales: the good lines; empty where the ledger cannot be read.
        bad: rows that cannot be used, at most :data:`LISTED`.
        bad_count: all of them.
        notes: what a careful person would ask.
        trouble: why the ledger cannot be read as it is; ``None`` where it can.
        skipped: rows that are no sales and no error, such as those of sums: reason → rows.
    """

    headings: tuple[str, ...]
    heading_row: int
    first: tuple[tuple[int, tuple[str, ...]], ...]
    columns: tuple[LedgerColumn, ...]
    order: DayOrder | None
    sales: pl.DataFrame
    bad: tuple[BadRow, ...]
    bad_count: int
    notes: tuple[Note, ...]
    trouble: InputError | None
    skipped: Mapping[str, int]

    @property
    def usable(self) -> bool:
        """Whether it has lines that a plan can rest on."""
        return self.trouble is None and self.sales.height > 0


def look_at(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    currency: str | None = None,
    dates: DayOrder | None = None,
    codes: Mapping[str, str] | None = None,
) -> Look:
    """A ledger as it is understood; the options are those of ``read_ledger``.

    Raises:
        InputError: the file itself cannot be read; what is wrong inside is in ``trouble``.
    """
    named = dict(columns or {})
    layout = layout_for(named, codes)

    def belongs(cells: Sequence[str]) -> bool:
        return len(layout.missing(cells)) <= 2

    lines, at, text = cells_of(path, belongs, sheet=sheet, as_seen=True)
    header = lines[at]
    parts, delimiter = parts_of(lines, at), text.delimiter if text else None
    body = parts.body
    ours, trouble = _found(layout, header, body, Where(path, at), delimiter, parts.around)
    days = [cells[ours["on"].at] for cells in body.values()] if "on" in ours else []
    options = {"columns": named, "sheet": sheet, "currency": currency, "dates": dates}
    good, staging, stops = _read(path, {**options, "codes": codes})
    bad = staging.quarantine().sort("row").select("row", "reason", "text")
    return Look(
        tuple(header),
        at,
        tuple((row, tuple(cells)) for row, cells in list(body.items())[:SHOWN]),
        _columns(layout, ours, body),
        dates or order_of_days([day for day in days if day]),
        good,
        tuple(BadRow(*row) for row in bad.head(LISTED).rows()),
        bad.height,
        tuple(staging.notes),
        trouble or stops,
        dict(staging.skipped),
    )


def _found(
    layout: Layout,
    header: list[str],
    body: Mapping[int, list[str]],
    where: Where,
    delimiter: str | None,
    around: list[list[str]],
) -> tuple[dict[str, Column], InputError | None]:
    """The columns as far as they are understood, and what is not."""
    ours: dict[str, Column] = {}
    try:
        ours, _ = with_unit_of(around, layout.columns(header, where), layout)
        cells = {name: [(r, c[col.at]) for r, c in body.items()] for name, col in ours.items()}
        return with_marks(ours, cells, layout, where, delimiter), None
    except InputError as error:
        return ours, error


def _read(
    path: Path, options: Mapping[str, Any]
) -> tuple[pl.DataFrame, Staging, InputError | None]:
    """Good lines, what was said of the others, and what stops the reading."""
    with tempfile.TemporaryDirectory(prefix="offing-") as folder:
        staging, good, stops = Staging(Path(folder)), pl.DataFrame(), None
        try:
            good = sales([path], staging, **options)
        except InputError as error:
            stops = error
        return good, staging, stops


def _columns(
    layout: Layout, ours: Mapping[str, Column], body: Mapping[int, list[str]]
) -> tuple[LedgerColumn, ...]:
    without = [group for group in layout.needed if not set(group) & set(ours)]
    needed = {name for group in without for name in group if name not in SPANS}
    described = []
    for name in kept("ledger_headings"):
        column = ours.get(name)
        example = ""
        if column is not None:
            example = next((cells[column.at] for cells in body.values() if cells[column.at]), "")
        heading, comma = (None, False) if column is None else (column.heading, column.comma)
        described.append(LedgerColumn(name, name in needed, heading, comma, example))
    return tuple(described)


def layout_sign(headings: tuple[str, ...]) -> str:
    """What two ledgers of one layout share: their headings in any order.

    >>> layout_sign(("Date", "HS code")) == layout_sign(("hs code", "date"))
    True
    """
    return "|".join(sorted(filter(None, map(spelled, headings))))
