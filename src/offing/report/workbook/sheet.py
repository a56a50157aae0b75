"""Tables as sheets of a workbook: numbers in full, formulas as columns and cells declare them.

A formula names columns of its table by id: ``{sales}-{now}``. ``{total.sales}`` is the cell of the
table's last row, ``{3.each}`` that of its fourth; of another table both come after its id, as in
``{rates:0.rate}``, and ``{plan:sales}`` is a whole column of it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from offing.report.blocks import Cell, Column, Table
from offing.report.drawing import text_width, themes
from offing.terms.errors import StorageError, Where
from offing.terms.messages import say

NUMBERS = {
    "text": "General",
    "units": "#,##0",
    "money": "#,##0",
    "price": "#,##0.00",
    "fine": "0.0000",
    "rate": "0.0%",
    "rank": "0",
}
TOP = 3
"""The row of the first headings, under the title and its note."""
_REFERENCE = re.compile(r"\{(?:([\w-]+):)?(?:(\w+)\.)?(\w+)\}")


@dataclass(frozen=True)
class Sheet:
    """Tables, one under the other.

    Attributes:
        name: on its tab.
        title: above the tables.
        note: under the title.
        tables: one whose columns have no headings follows on what stands above it.
        fixed: rows and columns that stay where the sheet is scrolled.
        sorts: whether the rows of the first table may be sorted and filtered.
    """

    name: str
    title: str
    note: str
    tables: tuple[Table, ...]
    fixed: tuple[int, int] = (TOP + 1, 1)
    sorts: bool = False


def write_sheets(path: Path, title: str, created: datetime, sheets: Sequence[Sheet]) -> None:
    """Write a workbook.

    Args:
        path: the file to write; an old one is replaced.
        title: of its properties.
        created: a day of what it says: the same contents give the same bytes.
        sheets: in their order.

    Raises:
        StorageError: ``report.cannot_write``, where the file cannot be written.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    # Texts stay texts: a market named "=1+1" must not be run, nor an address become a link.
    book = xlsxwriter.Workbook(
        str(path), {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    )
    book.set_properties({"title": title, "author": "offing", "company": "", "created": created})
    book.set_calc_mode("auto")
    formats = {name: book.add_format(how) for name, how in _formats().items()}
    places = {place.table.id: place for sheet in sheets for place in _place_tables(sheet)}
    for sheet in sheets:
        _Writer(book.add_worksheet(sheet.name, _plain_formulas()), formats, places).fill(sheet)
    try:
        book.close()
    except (OSError, FileCreateError) as error:
        raise StorageError("report.cannot_write", where=Where(path), reason=str(error)) from error


@cache
def _plain_formulas() -> Any:
    from xlsxwriter.worksheet import Worksheet

    class PlainFormulas(Worksheet):  # type: ignore[misc]
        """Formulas as they are written: to look each through for thirty new functions of Excel,
        of which we use none, took a third of the time of a workbook.
        """

        def _prepare_formula(self, formula: str, *_: bool) -> str:
            return formula.removeprefix("=")

    return PlainFormulas


def _formats() -> dict[str, dict[str, Any]]:
    """``money`` for a figure, ``money input`` in blue, ``money total`` in bold, and of texts."""
    formats: dict[str, dict[str, Any]] = {}
    colours, _ = themes()
    heading = {"bold": True, "text_wrap": True, "valign": "vcenter", "bottom": 1}
    heading["bg_color"] = colours["panel"]
    for name, number in NUMBERS.items():
        base: dict[str, Any] = {"num_format": number, "valign": "top"}
        if name == "text":
            base["indent"] = 1  # clear of the numbers to its left
        formats[name] = base
        formats[f"{name} input"] = base | {"font_color": "#1F4FBF", "bg_color": "#EEF4FF"}
        formats[f"{name} total"] = base | {"bold": True, "top": 1}
    return formats | {
        "wrap": {"valign": "top", "text_wrap": True, "indent": 1},
        "title": {"bold": True, "font_size": 14},
        "link": {"font_color": colours["other"], "underline": 1, "valign": "top"},
        "note": {"font_color": colours["soft"], "italic": True},
        "block": {"bold": True, "font_size": 12},
        "heading": heading | {"indent": 1},
        "heading number": heading | {"align": "right"},
    }


@dataclass(frozen=True)
class _Place:
    """Where a table stands: its sheet and the row of its headings, or the first without."""

    sheet: str
    top: int
    table: Table

    @property
    def first(self) -> int:
        """The row of its first line."""
        return self.top + any(column.heading for column in self.table.columns)

    @property
    def last(self) -> int:
        """The row of its last line; one stays free where there is none."""
        return self.first + max(len(self.table.rows), 1) - 1


def _place_tables(sheet: Sheet) -> Iterator[_Place]:
    row, follows = TOP, 0
    for table in sheet.tables:
        headed = any(column.heading for column in table.columns)
        yield (place := _Place(sheet.name, row - follows * headed, table))
        row, follows = place.last + 2 + bool(table.total), not headed


@dataclass(frozen=True)
class _Writer:
    """Writes one sheet."""

    sheet: Any
    formats: Mapping[str, Any]
    places: Mapping[str, _Place]

    def fill(self, sheet: Sheet) -> None:
        """Title, note, tables, and a page that prints: wide, one page across, numbered."""
        self.sheet.write_string(0, 0, sheet.title, self.formats["title"])
        self.sheet.write_string(1, 0, sheet.note, self.formats["note"])
        self.sheet.hide_gridlines(2)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)  # A4
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_footer(f"&L{sheet.title}&R{say('report.page')} &P / &N")
        self.sheet.freeze_panes(*sheet.fixed)
        widths: dict[int, float] = {}
        for table in sheet.tables:
            self._table(self.places[table.id], widths)
        for at, width in widths.items():
            self.sheet.set_column(at, at, width)
        if sheet.sorts and sheet.tables[0].rows:
            first = self.places[sheet.tables[0].id]
            self.sheet.repeat_rows(first.top)
            self.sheet.autofilter(first.top, 0, first.last, len(first.table.columns) - 1)

    def _table(self, place: _Place, widths: dict[int, float]) -> None:
        table = place.table
        if place.first > place.top:
            self._headings(place)
        for at, column in enumerate(table.columns):
            texts = (row[at].text for row in table.rows if row[at].value is None)
            width = column.width or (15 if column.number else width_of(texts, 12))
            widths[at] = max(widths.get(at, 0), width)
        for at, cells in enumerate(table.rows, start=place.first):
            for number, (cell, column) in enumerate(zip(cells, table.columns, strict=True)):
                self._cell(place, at, number, cell, column)
        for number, (cell, column) in enumerate(
            zip(table.total or (), table.columns, strict=False)
        ):
            style = f"{(column.format or 'text').split()[0]} total"
            self._cell(place, place.last + 1, number, cell, column, style)

    def _headings(self, place: _Place) -> None:
        self.sheet.set_row(place.top, 32)
        for at, column in enumerate(place.table.columns):
            heading = column.whole or column.heading
            shown = self.formats["heading number" if column.number else "heading"]
            self.sheet.write_string(place.top, at, heading, shown)

    def _cell(
        self, place: _Place, row: int, at: int, cell: Cell, column: Column, style: str = ""
    ) -> None:
        if cell.value is None:
            style = cell.style or style or ("" if column.number else column.format) or "wrap"
            if cell.link:
                to = self.places[cell.link]
                address = f"internal:'{to.sheet}'!{cell_name(to.top, 0)}"
                self.sheet.write_url(row, at, address, self.formats["link"], cell.text)
            elif cell.text:
                self.sheet.write_string(row, at, cell.text, self.formats[style])
            elif style.endswith("total"):
                self.sheet.write_blank(row, at, None, self.formats[style])
            return
        shown = self.formats[cell.style or style or column.format or "units"]
        if formula := cell.formula or column.formula:
            text = _REFERENCE.sub(lambda found: self._reference(found, place, row), formula)
            self.sheet.write_formula(row, at, f"={text}", shown, cell.value)
        else:
            self.sheet.write_number(row, at, cell.value, shown)

    def _reference(self, found: re.Match[str], here: _Place, row: int) -> str:
        name, line, column = found.groups()
        place = self.places[name] if name else here
        at = [column.id for column in place.table.columns].index(column)
        sheet = "" if place.sheet == here.sheet else f"'{place.sheet}'!"
        if line is None and name is None:
            return cell_name(row, at)
        if line is None:
            first, last = (cell_name(end, at, fixed=True) for end in (place.first, place.last))
            return f"{sheet}{first}:{last}"
        number = place.last + 1 if line == "total" else place.first + int(line)
        return sheet + cell_name(number, at, fixed=name is not None or line == "total")


Value = Cell | str | float | None


def cells_of(row: Sequence[Value], width: int) -> tuple[Cell, ...]:
    """A row of so many cells from plain values; what it lacks to its right stays empty."""
    made = (
        value
        if isinstance(value, Cell)
        else Cell(value)
        if isinstance(value, str)
        else Cell(value=value)
        for value in row
    )
    return *made, *(Cell(),) * (width - len(row))


def width_of(texts: Iterable[str], least: float) -> float:
    """A column wide enough for its texts, up to 70; a Chinese character takes two places."""
    longest = max((text_width(text, 1.9) for text in texts), default=0.0)
    return min(max(longest + 3, least), 70)


def cell_name(row: int, column: int, *, fixed: bool = False) -> str:
    """``B7``, or ``$B$7``."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    name: str = xl_rowcol_to_cell(row, column, row_abs=fixed, col_abs=fixed)
    return name
