"""How a ledger is understood, before anything is made of it: columns, units, money, days, doubts.

What :func:`offing.sources.ledger.read_ledger` does with the file, laid open: so a person sees the
first rows as they stand, what each heading was taken for, and which rows cannot be used and why.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from offing.sources.columns import kept, spelled
from offing.sources.headings import Column, Heading
from offing.sources.layout import Layout, with_marks, with_unit_of
from offing.sources.ledger import layout_for, sales
from offing.sources.ledger_cells import DayOrder, order_of_days
from offing.sources.sheet_file import EVERY, cells_of, sheets_with
from offing.sources.staging import Staging
from offing.sources.stated_units import parts_of
from offing.sources.text_file import Belongs
from offing.terms.caution import Caution
from offing.terms.errors import InputError, Where

SHOWN = 8
"""Rows that are shown as they stand."""
EACH_SHEET = 2
"""Of several sheets, of each at least."""
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
class SheetTop:
    """The top of a sheet: its name, empty where it is the only one, its headings, the first rows.

    ``rows`` are as they stand, each with its number; ``good`` counts the lines that can be used.
    """

    name: str
    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    good: int = 0


@dataclass(frozen=True)
class Look:
    """A ledger as it is understood.

    Attributes:
        headings: of the file or its first sheet, in their order; empty texts where a column has
            none.
        heading_row: the row in which they stand; titles above it are passed over.
        tops: of each sheet that is read; one where it is no workbook.
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
    tops: tuple[SheetTop, ...]
    columns: tuple[LedgerColumn, ...]
    order: DayOrder | None
    sales: pl.DataFrame
    bad: tuple[BadRow, ...]
    bad_count: int
    notes: tuple[Caution, ...]
    trouble: InputError | None
    skipped: Mapping[str, int]

    @property
    def usable(self) -> bool:
        """Whether it has lines that a plan can rest on."""
        return self.trouble is None and self.sales.height > 0


SHEETS_ASKED = {"reference.lines_in_sheets", "reference.sheet_of_sums"}
"""What is said of sheets that are not parts of one ledger: copies, and sums of the others."""


def look_at_all(path: Path, **options: Any) -> tuple[dict[str, Any], Look]:
    """The ledger, and how it was read: where a workbook has it on several sheets, all of them.

    A sheet a year is one ledger: the first alone may be years old. Sheets that repeat or sum up
    each other are left as they are, and the caution says that one was read.
    """
    look = look_at(path, **options)
    if not any(note.key == "reference.caution_sheets" for note in look.notes):
        return options, look
    every = {**options, "sheet": EVERY[0]}
    whole = look_at(path, **every)
    if whole.trouble is not None or SHEETS_ASKED & {note.key for note in whole.notes}:
        return options, look
    return every, whole


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
    notes = staging.notes
    bad = staging.quarantine().sort("row").select("row", "reason", "text")
    return Look(
        tuple(header),
        at,
        _tops(path, belongs, sheet, staging.sheets) or (SheetTop("", tuple(header), _top(body)),),
        _columns(layout, ours, body),
        dates or order_of_days([day for day in days if day]),
        good,
        tuple(BadRow(*row) for row in bad.head(LISTED).rows()),
        bad.height,
        tuple(note for at, note in enumerate(notes) if note not in notes[:at]),  # of each sheet
        trouble or stops,
        dict(staging.skipped),
    )


def _top(body: Mapping[int, list[str]], count: int = SHOWN) -> tuple[tuple[int, Any], ...]:
    return tuple((row, tuple(cells)) for row, cells in islice(body.items(), count))


def _tops(
    path: Path, belongs: Belongs, sheet: str | None, good: Mapping[str, int]
) -> tuple[SheetTop, ...]:
    """The tops of several sheets; none where one is read."""
    if sheet not in EVERY or not good:
        return ()
    tops = []
    for name in sheets_with(path, belongs):
        lines, at, _ = cells_of(path, belongs, sheet=name, as_seen=True)
        rows = _top(parts_of(lines, at).body, max(EACH_SHEET, SHOWN // len(good)))
        tops.append(SheetTop(name, tuple(lines[at]), rows, good.get(name, 0)))
    return tuple(tops)


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
