"""What all sheets share: cell styles, headings, widths, and how a sheet prints."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from offing.report.blocks import Table
from offing.report.drawing import text_width
from offing.report.palette import LIGHT
from offing.terms.errors import StorageError, Where
from offing.terms.messages import say

NUMBERS = {
    "text": "General",
    "units": "#,##0",
    "usd": "#,##0",
    "price": "#,##0.00",
    "fine": "0.0000",
    "rate": "0.0%",
    "rank": "0",
}


@dataclass(frozen=True)
class Styles:
    """Formats by name: ``usd`` for a figure, ``usd input`` in blue, ``usd total`` in bold."""

    formats: Mapping[str, Any]

    @classmethod
    def of(cls, book: Any) -> "Styles":
        """Every style, added to a workbook once."""
        formats: dict[str, Any] = {}
        for name, number in NUMBERS.items():
            base: dict[str, Any] = {"num_format": number, "valign": "top"}
            if name == "text":
                base["indent"] = 1  # clear of the numbers to its left
            formats[name] = book.add_format(base)
            formats[f"{name} input"] = book.add_format(
                base | {"font_color": "#1F4FBF", "bg_color": "#EEF4FF"}
            )
            formats[f"{name} total"] = book.add_format(base | {"bold": True, "top": 1})
        formats["wrap"] = book.add_format({"valign": "top", "text_wrap": True, "indent": 1})
        formats["title"] = book.add_format({"bold": True, "font_size": 14})
        formats["link"] = book.add_format(
            {"font_color": LIGHT["other"], "underline": 1, "valign": "top"}
        )
        formats["note"] = book.add_format({"font_color": LIGHT["soft"], "italic": True})
        formats["block"] = book.add_format({"bold": True, "font_size": 12})
        formats["heading"] = book.add_format(
            {
                "bold": True,
                "text_wrap": True,
                "valign": "vcenter",
                "bg_color": LIGHT["panel"],
                "bottom": 1,
            }
        )
        return cls(formats)

    def __getitem__(self, name: str) -> Any:
        return self.formats[name]


@contextmanager
def workbook(path: Path, title: str, created: datetime) -> Iterator[tuple[Any, Styles]]:
    """A workbook and its styles, written where the block ends.

    Args:
        path: the file to write; an old one is replaced.
        title: of its properties.
        created: a day of what it says: the same contents give the same bytes.

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
    yield book, Styles.of(book)
    try:
        book.close()
    except (OSError, FileCreateError) as error:
        raise StorageError("report.cannot_write", where=Where(path), reason=str(error)) from error


def begin(sheet: Any, styles: Styles, title: str, note: str, widths: Sequence[float]) -> None:
    """Title, note, column widths, and a page that prints: wide, one page across, numbered."""
    sheet.write_string(0, 0, title, styles["title"])
    sheet.write_string(1, 0, note, styles["note"])
    for number, width in enumerate(widths):
        sheet.set_column(number, number, width)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(f"&L{title}&R{say('report.page')} &P / &N")


def width_of(texts: Iterable[str], least: float) -> float:
    """A column wide enough for its texts, up to 48; a Chinese character takes two places."""
    longest = max((text_width(text, 1.9) for text in texts), default=0.0)
    return min(max(longest + 3, least), 48)


def headings(sheet: Any, styles: Styles, row: int, words: Sequence[str]) -> None:
    """One row of column headings."""
    sheet.set_row(row, 32)
    for column, word in enumerate(words):
        sheet.write_string(row, column, word, styles["heading"])


def fill_table(sheet: Any, styles: Styles, row: int, table: Table, *, sorts: bool = True) -> None:
    """A table of the page: its headings in ``row``, its cells below, numbers as numbers.

    ``sorts`` says that its rows may be filtered and sorted.
    """
    headings(sheet, styles, row, [column.heading for column in table.columns])
    sheet.freeze_panes(row + 1, 1)
    sheet.repeat_rows(row)
    for at, cells in enumerate(table.rows, start=row + 1):
        for column, entry in enumerate(cells):
            if entry.value is None:
                sheet.write_string(at, column, entry.text, styles["wrap"])
            else:
                sheet.write_number(at, column, entry.value, styles["units"])
    if table.rows and sorts:
        sheet.autofilter(row, 0, row + len(table.rows), len(table.columns) - 1)


def cell(row: int, column: int, *, fixed: bool = False) -> str:
    """``B7``, or ``$B$7``."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    name: str = xl_rowcol_to_cell(row, column, row_abs=fixed, col_abs=fixed)
    return name


def span(first: int, last: int, column: int) -> str:
    """``$B$7:$B$9``."""
    return f"{cell(first, column, fixed=True)}:{cell(last, column, fixed=True)}"
