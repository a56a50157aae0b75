"""Tables with what stands around them: sheets of workbooks, text with lines above its headings."""

import logging
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from offing.sources.headings import heading_data, is_note, normalise_heading
from offing.sources.sheet_look import SheetLook, look_at_book
from offing.sources.text_file import (
    TITLES,
    Belongs,
    TextFile,
    likely_headings,
    must_be_file,
    must_be_headings,
    text_file,
)
from offing.terms.caution import Caution, Value
from offing.terms.errors import InputError, Where, unknown_name
from offing.terms.firm_records import row_caution
from offing.terms.limits import CUT
from offing.terms.messages import join_list

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
EVERY = ("all", "全部")
"""In place of a sheet's name: all sheets that a person sees and that have the headings."""

Lines = dict[int, list[str]]


@dataclass(frozen=True)
class FirmSheet:
    """A table as it stands, before its columns are understood.

    Attributes:
        name: of the sheet; empty of a text.
        lines: row → cells, no fewer than the headings.
        row: that of the headings.
        delimiter: of a text; ``None`` of a workbook.
        short: rows of a text with fewer cells than the headings.
        others: sheets that have such a table too.
        look: what is hidden.
    """

    name: str
    lines: Lines
    row: int
    delimiter: str | None = None
    short: frozenset[int] = frozenset()
    others: tuple[str, ...] = ()
    look: SheetLook = field(default_factory=SheetLook)

    @property
    def header(self) -> list[str]:
        """The headings; empty texts where a column has none."""
        return self.lines[self.row]

    @cached_property
    def width(self) -> int:
        """How many columns there are up to the last heading that is filled."""
        return max((at for at, cell in enumerate(self.header, start=1) if cell), default=0)

    @cached_property
    def words(self) -> Lines:
        """The lines of words below the headings, such as who made the table."""
        return {r: cells for r, cells in self.lines.items() if r > self.row and is_note(cells)}

    @cached_property
    def body(self) -> Lines:
        """The rows below the headings, sums among them; headings of each printed page are none."""
        head = [cell for cell in self.header if cell]
        return {
            row: cells
            for row, cells in self.lines.items()
            if row > self.row and any(cells) and row not in self.words
            if [cell for cell in cells if cell] != head
        }

    @property
    def around(self) -> list[list[str]]:
        """All that is said above the headings and in lines of words."""
        above = [cells for row, cells in self.lines.items() if row < self.row]
        return [*above, *self.words.values()]

    def trim_columns(self, shown: str) -> "FirmSheet":
        """The same with headings up to the last that is filled.

        Raises:
            InputError: ``sources.long_cell``, ``sources.column_twice``.
        """
        must_be_headings(self.header, shown, self.row)
        return replace(self, lines={**self.lines, self.row: self.header[: self.width]})

    def frames(self, places: Mapping[str, int]) -> Iterator[pl.DataFrame]:
        """As :meth:`offing.sources.text_file.TextFile.frames`, of a sheet that is narrowed."""
        width = len(self.header)
        rows = [
            (row, *(cells[at] or None for at in places.values()), width + any(cells[width:]))
            for row, cells in self.lines.items()
            if row > self.row and any(cells)
        ]
        schema = {"row": pl.Int64(), **dict.fromkeys(places, pl.String()), "fields": pl.Int32()}
        yield pl.DataFrame(rows, schema=schema, orient="row")

    def texts(self, rows: Collection[int]) -> dict[int, str]:
        """The rows as text: what the quarantine shows."""
        return {row: (self.delimiter or ",").join(self.lines[row]).rstrip(",") for row in rows}

    def notes(
        self, is_read: Callable[[str], bool] | None, others: str = "sources.caution_sheets"
    ) -> list[Caution]:
        """What a careful person would ask: other sheets with such a table, what is hidden.

        ``is_read`` says whether a heading is one that is read: other columns do not matter, and
        hidden ones not at all where it is ``None``; ``others`` is what is said of other sheets.
        """
        notes = []
        if self.others:
            count, named = len(self.others), join_list(self.others)
            notes.append(Caution(others, {"count": count, "read": self.name, "others": named}))
        notes += row_caution("sources.caution_hidden_rows", self.look.hidden_rows)
        if self.look.formats:
            named = join_list(self.look.formats)
            notes.append(Caution("sources.caution_formats", {"formats": named}))
        cells = [cell for at, cell in enumerate(self.header) if cell and self.look.hides(at)]
        if hidden := [cell for cell in cells if is_read is not None and is_read(cell)]:
            values: dict[str, Value] = {"count": len(hidden), "columns": join_list(hidden)}
            notes.append(Caution("sources.caution_hidden_columns", values))
        return notes


def firm_sheets(
    path: Path,
    heading: Belongs | None,
    sheet: str | None = None,
    *,
    must: bool = False,
    shown: str | None = None,
) -> Iterator[FirmSheet]:
    """The tables of a firm's own file: of a workbook each sheet that a person sees and that has it.

    Args:
        path: text or a workbook.
        heading: whether a line is that of the headings, asked of the first ones.
        sheet: the only one to read.
        must: whether a ``sheet`` that is not there is an error; else the first stands in.
        shown: how messages name the file.

    Raises:
        InputError: ``sources.no_file``, ``errors.unknown_name``, and what the reader of the text or
            the workbook says.
    """
    must_be_file(path)
    if not (shown or path.name).lower().endswith(WORKBOOKS) or is_text(path):
        yield text_sheet(text_file(path, shown, heading))
        return
    where = Where(shown or path)
    with _workbook(path, where) as (book, looks):
        named = sheet in book.sheet_names
        if must and not named and sheet not in (None, *EVERY):
            raise unknown_name(sheet, book.sheet_names, where)
        reads = [str(sheet)] if named else _sheets_with(book, looks, heading)
        for name in reads:
            look = looks.get(name, SheetLook())
            lines, row = _sheet_lines(book, name, look, heading, where)
            others = tuple(reads[1:]) if name == reads[0] and sheet not in EVERY else ()
            yield FirmSheet(name, lines, row, others=others, look=look)


def is_text(path: Path) -> bool:
    """Whether a file is text, whatever its name: accounting systems call a table with tabs .xls."""
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return bool(head) and not head.startswith((b"PK", b"<")) and not re.search(rb"[\0-\x08]", head)


def text_sheet(text: TextFile) -> FirmSheet:
    """A text with the lines above its headings."""
    lines = dict(text.records())
    width = len(text.header)
    short = frozenset(r for r, c in lines.items() if r > text.row and len(c) < width)
    padded = {row: cells + [""] * (width - len(cells)) for row, cells in lines.items()}
    return FirmSheet("", padded, text.row, text.delimiter, short)


def workbook_lines(path: Path, sheet: str) -> Lines:
    """The rows of a sheet as text, with their numbers from 1.

    Raises:
        InputError: ``reference.not_a_workbook``, ``reference.huge_workbook`` or ``sources.empty``.
    """
    with _workbook(path, Where(path)) as (book, looks):
        return _sheet_lines(book, sheet, looks.get(sheet, SheetLook()), None, Where(path))[0]


def _sheet_lines(
    book: Any, sheet: str, look: SheetLook, heading: Belongs | None, where: Where
) -> tuple[Lines, int]:
    """The rows of a sheet, and that of the headings.

    What a column of numbers holds is written so that no one takes its point for a thousands mark.
    """
    load = partial(book.load_sheet, sheet, header_row=None)
    lines = _texts(load(skip_rows=0, dtypes="string"))
    if not lines:
        raise InputError("sources.empty", where=where)
    width = len(next(iter(lines.values())))
    for (row, at), text in look.valueless.items():
        if at < width:
            lines.setdefault(row, [""] * width)[at] = text
    lines = dict(sorted(lines.items()))
    start = _heading_line(lines, heading)
    _mark(lines, start, partial(load, skip_rows=start, schema_sample_rows=None))
    _spread_merged(lines, start, look)
    return lines, start


def _spread_merged(lines: Lines, start: int, look: SheetLook) -> None:
    """Write words that are merged downwards into each row.

    A number that is merged may be the sum of its rows: it stays where it is, unless it is a day, a
    code or the number of a paper.
    """
    for at, first, last in look.merged:
        words = lines.get(first, [])[at : at + 1]
        if first <= start or not words or not words[0]:
            continue
        if not _NUMBER.fullmatch(words[0]) or normalise_heading(lines[start][at]) in _labels():
            for row in range(first + 1, min(last, max(lines)) + 1):
                if at < len(lines.get(row, [])) and not lines[row][at]:
                    lines[row][at] = words[0]


@cache
def _labels() -> frozenset[str]:
    """The headings, in any layout, of columns whose numbers count nothing: days, codes, papers."""
    layouts = [table.get("names") for table in heading_data("firm_tables").values()]
    known = [heading_data("ledger_headings"), *(one for one in layouts if isinstance(one, dict))]
    names = (name for one in known for column in _LABELS for name in (column, *one.get(column, ())))
    return frozenset(map(normalise_heading, names))


_LABELS = (
    "on", "month", "year", "period", "export_date", "product", "code", "hs", "model", "invoice",
    "number", "declaration",
)  # fmt: skip
_NUMBER = re.compile(r"[-+]?[\d.,]{1,15}")
"""A figure; what has more digits is the number of a paper."""


@contextmanager
def _workbook(path: Path, where: Where) -> Iterator[tuple[Any, Mapping[str, SheetLook]]]:
    """A workbook that was looked at, and the looks; what its sheets raise is no workbook."""
    import fastexcel

    logging.getLogger("fastexcel").setLevel(logging.ERROR)  # a column of formulas is refused later
    looks = look_at_book(path)
    try:
        yield fastexcel.read_excel(path), looks
    except fastexcel.FastExcelError as error:
        raise InputError("reference.not_a_workbook", where=where) from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # of the reader, which is written in Rust
            raise InputError("reference.not_a_workbook", where=where) from error
        raise


def _texts(sheet: Any, first: int = 1) -> Lines:
    """The rows that are filled, by their number."""
    # what a person sees of a cell: one line, and of a day no midnight
    shown = pl.exclude("row").str.replace_all(r"[\r\n]", " ").str.strip_chars().str.slice(0, CUT)
    shown = shown.str.replace(r"^(\d{4}-\d\d-\d\d) 00:00:00$", "$1").fill_null("")
    frame = sheet.to_polars().with_row_index("row", first).with_columns(shown)
    filled = frame.filter(pl.any_horizontal(pl.exclude("row") != ""))
    return {number: row for number, *row in filled.iter_rows()}


def _sheets_with(book: Any, looks: Mapping[str, SheetLook], heading: Belongs | None) -> list[str]:
    """The sheets that a person sees and that have the headings; the fullest where none has."""
    seen = [name for name in book.sheet_names if name not in looks or not looks[name].hidden]
    seen = seen or list(book.sheet_names)
    if not seen:
        raise InputError("sources.empty")
    if heading is None or len(seen) == 1:
        return seen[:1]
    tops = {name: _top(book, looks, name) for name in seen}
    having = [name for name, lines in tops.items() if any(map(heading, lines.values()))]
    return having or [max(seen, key=lambda name: sum(map(_filled_cells, tops[name].values())))]


def _filled_cells(row: Sequence[str]) -> int:
    """A cover or a note has few."""
    return sum(map(bool, row))


def _top(book: Any, looks: Mapping[str, SheetLook], name: str) -> Lines:
    """The first rows of a sheet, from the first that is filled."""
    top = max(looks.get(name, SheetLook()).top, 1)
    load = partial(book.load_sheet, header_row=None, n_rows=TITLES, dtypes="string")
    return _texts(load(name, skip_rows=top - 1), top)


def _mark(lines: Lines, start: int, load: Callable[..., Any]) -> None:
    """Write 1.125 as 1.1250 where a column holds numbers: a point of thousands it cannot be."""
    below = [cells for number, cells in lines.items() if number > start]
    filled = [at for at in range(len(lines[start])) if any(cells[at] for cells in below)]
    chosen = load(use_columns=lambda column: column.index in filled) if filled else None
    kinds = chosen.to_polars().dtypes if chosen is not None else []
    floats = [at for at, kind in zip(filled, kinds, strict=True) if kind.is_float()]
    for cells in below:
        for at in floats:
            cells[at] = re.sub(r"^(-?\d{1,3}\.\d{3})$", r"\g<1>0", cells[at])


def _heading_line(lines: Lines, heading: Belongs | None) -> int:
    if heading is not None:
        for number, row in islice(lines.items(), TITLES):
            if heading(row):
                return number
        if (likely := likely_headings(lines.items())) is not None:
            return likely
    filled = {number: sum(1 for cell in row if cell) for number, row in lines.items()}
    # Without it, the first line with more than one cell: a title above the table has one.
    first = next((number for number, count in filled.items() if count > 1), None)
    return first or next((number for number, count in filled.items() if count), 1)
