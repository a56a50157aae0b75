"""A regression on sheets: the table as a paper prints it, and every figure with all its digits."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from offing.report.blocks import Table
from offing.report.workbook.sheet import Styles, begin, fill_table, headings, width_of, workbook
from offing.terms.messages import say

NO_DAY = datetime(1980, 1, 1, tzinfo=UTC)
"""Of a table without a day of its own: the same figures give the same bytes."""
TOP = 3
"""The row of the headings."""


def write(
    path: Path, table: tuple[Table, tuple[str, ...]] | None, rows: Mapping[str, pl.DataFrame]
) -> None:
    """Write the table with its notes, where there is one, and a sheet of each of the data frames.

    Raises:
        StorageError: ``report.cannot_write``.
    """
    title = say("gravity.sheet_table")
    with workbook(path, title, NO_DAY) as (book, styles):
        if table is not None:
            _table(book.add_worksheet(title), styles, *table)
        for name, frame in rows.items():
            _frame(book.add_worksheet(name), styles, name, frame)


def _table(sheet: Any, styles: Styles, shown: Table, notes: tuple[str, ...]) -> None:
    named = [row[0].text for row in shown.rows]
    widths = [width_of(named, 24), *(width_of([c.heading], 14) for c in shown.columns[1:])]
    begin(sheet, styles, shown.caption, "", widths)
    fill_table(sheet, styles, TOP, shown, sorts=False)
    for below, note in enumerate(notes, TOP + len(shown.rows) + 2):
        sheet.write_string(below, 0, note, styles["note"])


def _frame(sheet: Any, styles: Styles, name: str, frame: pl.DataFrame) -> None:
    begin(sheet, styles, name, "", [18.0] * frame.width)
    headings(sheet, styles, TOP, frame.columns)
    for at, row in enumerate(frame.iter_rows(), TOP + 1):
        for column, value in enumerate(row):
            if isinstance(value, int | float):
                sheet.write_number(at, column, value, styles["text"])
            elif value is not None:
                sheet.write_string(at, column, str(value), styles["text"])
