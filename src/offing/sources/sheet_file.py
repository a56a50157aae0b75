"""Read rows also from workbooks, and from text that has lines above its headings.

A sheet is written out as text with one line for each of its rows, and lines above the headings
are blanked out: so line numbers stay those that a person sees, and :mod:`offing.sources.rows`
does the rest.
"""

import csv
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from offing.sources.archive import Given, given
from offing.sources.columns import spelled
from offing.sources.given_back import ENDED, called_back
from offing.sources.rows import Read
from offing.sources.staging import Note as Said
from offing.sources.staging import Staging
from offing.sources.text_file import (
    TITLES,
    Belongs,
    TextFile,
    likely_headings,
    must_be_file,
    text_file,
)
from offing.sources.workbook_signs import Signs, hidden_sheets, signs_of
from offing.terms.errors import InputError, Where
from offing.terms.messages import enumerated

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
TEXTS = (".csv", ".tsv", ".txt")
EVERY = ("all", "全部")
"""In place of a sheet's name: all sheets that a person sees and that have the headings."""
LARGEST = 2_000_000_000
"""Bytes to which a workbook may unpack; more is refused before it is read."""

Lines = dict[int, list[str]]
Note = tuple[str, dict[str, str]]
"""A message key and its values."""


def tables(
    paths: Sequence[Path],
    staging: Staging,
    *,
    sheet: str | None = None,
    heading: str | Belongs | None = None,
    as_seen: bool = False,
) -> Iterator[Given]:
    """Every table behind the paths, ready for :func:`offing.sources.rows.read_rows`.

    Args:
        paths: text, Parquet, workbooks, archives and folders.
        staging: whose folder takes the copies; each is gone when the next one is asked for.
        sheet: the sheet of a workbook; the first where ``None``, each as a table of its own where
            it is one of :data:`EVERY` and no sheet's name.
        heading: one of the table's headings, or whether a line is that of the headings; lines
            above it are passed over.
        as_seen: whether numbers of a workbook have the currency or unit that their format shows;
            what is hidden or struck out in others is said here.

    Raises:
        InputError: ``reference.not_a_workbook``, ``reference.no_sheet``, and what the archive and
            the text file themselves say.
    """
    belongs = _with_name(heading) if isinstance(heading, str) else heading
    for file in given(paths, staging.folder):
        if belongs is not None and not as_seen:
            _say_signs(file, sheet, belongs, staging)
        for sheet_file in _sheets_of(file, sheet, belongs):
            named = sheet_file.sheet or sheet
            yield from _table_of(sheet_file, staging, named, belongs, as_seen=as_seen)


def _say_signs(file: Given, sheet: str | None, heading: Belongs, staging: Staging) -> None:
    """Keep what a careful person would ask of a workbook of official data."""
    if not file.name.lower().endswith(WORKBOOKS):
        return
    for key, values in sheet_notes(file.path, sheet, heading, None):
        staging.notes.append(Said(key, {**values, "count": int(values["count"])}))


def sheets_with(path: Path, heading: Belongs) -> list[str]:
    """The sheets of a workbook that a person sees and that have the headings."""
    import fastexcel

    with _workbook(Where(path)):
        return _sheets_with(fastexcel.read_excel(path), path, heading)


def _sheets_of(file: Given, sheet: str | None, heading: Belongs | None) -> list[Given]:
    """The file; where every sheet is asked for, once for each."""
    import fastexcel

    if sheet not in EVERY or not file.name.lower().endswith(WORKBOOKS):
        return [file]
    with _workbook(Where(file.shown)):
        book = fastexcel.read_excel(file.path)
        names = [] if sheet in book.sheet_names else _sheets_with(book, file.path, heading)
    return [replace(file, sheet=n, shown=f"{file.shown} · {n}") for n in names] or [file]


def _table_of(
    file: Given, staging: Staging, sheet: str | None, belongs: Belongs | None, *, as_seen: bool
) -> Iterator[Given]:
    lines = _lines(file, sheet, belongs, as_seen=as_seen)
    if lines is None:
        plain = belongs is None or file.kind == "parquet"
        above = () if plain else text_file(file.path, file.shown, belongs).titles()
        yield replace(file, titles=tuple(cell for _, cells in above for cell in cells))
        return
    start = _heading_line(lines[0], belongs)
    titles = tuple(cell for row, cells in lines[0].items() if row < start for cell in cells)
    target = staging.folder / "sheet.csv"
    try:
        _write(target, *lines, belongs)
        yield replace(file, path=target, kind="text", titles=titles)
    finally:
        target.unlink(missing_ok=True)


def headings(file: Given) -> tuple[str, ...]:
    """The headings of a table, for layouts whose columns are not known before."""
    if file.kind == "text":
        return text_file(file.path, file.shown).header
    try:
        return tuple(pl.read_parquet_schema(file.path))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise InputError("sources.bad_parquet", where=Where(file.shown)) from error


def _with_name(name: str) -> Belongs:
    """Whether a line has a heading of this name."""
    return lambda cells: spelled(name) in map(spelled, cells)


def cells_of(
    path: Path, heading: Belongs, *, sheet: str | None = None, as_seen: bool = False
) -> tuple[Lines, int, TextFile | None]:
    """All rows of a user's own table, the row of its headings, and how the text is read.

    No row is shorter than that of the headings. ``heading`` is asked of the first rows; the first
    sheet is read where none is named ``sheet``.

    Raises:
        InputError: ``sources.no_file``, and what the reader of the text or the workbook says.
    """
    must_be_file(path, (*WORKBOOKS, *TEXTS))
    if path.suffix.lower() in WORKBOOKS:
        lines, text = workbook_lines(path, sheet, heading, as_seen=as_seen), None
        row = _heading_line(lines, heading)
    else:
        text = text_file(path, heading=heading)
        lines = {**dict(text.titles()), **_table(text)}
        row = text.header_row
    width = len(lines[row])
    return {n: cells + [""] * (width - len(cells)) for n, cells in lines.items()}, row, text


def _lines(
    file: Given, sheet: str | None, heading: Belongs | None, *, as_seen: bool
) -> tuple[Lines, str] | None:
    """The lines to write out, and what parts them; ``None`` where the file is read as it is."""
    if file.name.lower().endswith(WORKBOOKS):
        lines = workbook_lines(
            file.path, sheet, heading, shown=file.shown, must=True, as_seen=as_seen
        )
        return lines, ","
    if heading is None or file.kind == "parquet":
        return None
    plain, text = (text_file(file.path, file.shown, belongs) for belongs in (None, heading))
    if (plain.header_row, plain.delimiter) == (text.header_row, text.delimiter):
        return None
    return {**dict(text.titles()), **_table(text)}, text.delimiter


def _table(text: TextFile) -> Lines:
    return {text.header_row: list(text.header), **dict(text.records())}


def workbook_lines(
    path: Path,
    sheet: str | None,
    heading: Belongs | None,
    *,
    shown: str | None = None,
    must: bool = False,
    as_seen: bool = False,
) -> Lines:
    """The rows of a sheet as text, with their numbers from 1.

    What a column of numbers holds is written so that no one takes its point for a thousands mark.
    The first sheet stands in for one that is not there, unless it ``must`` be. A number has the
    currency or unit that its format shows where the table is read ``as_seen``.

    Raises:
        InputError: ``reference.not_a_workbook``, ``reference.huge_workbook``,
            ``reference.no_sheet`` or ``sources.empty``.
    """
    import fastexcel

    where = Where(shown or path)
    with _workbook(where):
        _must_be_small(path, where)
        book = fastexcel.read_excel(path)
        if must and sheet is not None and sheet not in book.sheet_names:
            names = enumerated(book.sheet_names)
            raise InputError("reference.no_sheet", where=where, sheet=sheet, sheets=names)
        chosen = sheet if sheet in book.sheet_names else _sheets_with(book, path, heading)[0]
        load = partial(book.load_sheet, chosen, header_row=None)
        lines = _texts(load(skip_rows=0, dtypes="string"))
        if not any(map(any, lines.values())):
            raise InputError("sources.empty", where=where)
        signs = signs_of(path, str(chosen))
        for (row, at), text in signs.valueless.items():
            if row in lines and at < len(lines[row]):
                lines[row][at] = text
        start = _heading_line(lines, heading)
        _mark(lines, start, partial(load, skip_rows=start, schema_sample_rows=None))
        _write_looks(lines, start, signs, as_seen=as_seen)
    return lines


def _write_looks(lines: Lines, start: int, signs: Signs, *, as_seen: bool) -> None:
    """Write words that are merged downwards into each row, and what formats show beside numbers.

    A number that is merged may be the sum of its rows: it stays where it is.
    """
    for at, first, last in signs.merged:
        words = lines.get(first, [])[at : at + 1]
        if first > start and words and words[0] and not _NUMBER.fullmatch(words[0]):
            for row in range(first + 1, last + 1):
                if at < len(lines.get(row, [])) and not lines[row][at]:
                    lines[row][at] = words[0]
    for (row, at), look in signs.looks.items():
        if row > start and at < len(lines.get(row, [])):
            cell = lines[row][at]
            lines[row][at] = (look if as_seen else look.counted()).around(cell)


_NUMBER = re.compile(r"[-+]?[\d.,]+")


@contextmanager
def _workbook(where: Where) -> Iterator[None]:
    """Whatever a damaged archive or its sheets raise is a file that is no workbook."""
    import fastexcel

    try:
        yield
    except (fastexcel.FastExcelError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        raise InputError("reference.not_a_workbook", where=where) from error


def sheet_notes(
    path: Path,
    sheet: str | None,
    heading: Belongs,
    is_read: Callable[[str], bool] | None,
    others: str = "sources.caution_sheets",
) -> list[Note]:
    """What a careful person would ask of a workbook: other sheets with the table, what is hidden.

    ``is_read`` says whether a heading is one that is read: other columns do not matter, and hidden
    ones not at all where it is ``None``; ``others`` is what is said where one of several sheets is
    read.
    """
    import fastexcel

    if path.suffix.lower() not in WORKBOOKS:
        return []
    notes: list[Note] = []
    with _workbook(Where(path)):
        book = fastexcel.read_excel(path)
        chosen = sheet if sheet in book.sheet_names else None
        with_table = [chosen] if chosen else _sheets_with(book, path, heading)
        unseen = [] if chosen else _hidden_with(book, path, heading, with_table[0])
        read = with_table if sheet in EVERY else with_table[:1]
        hidden = [_hidden_on(path, name, heading, is_read) for name in read]
        more = [] if chosen else _going_on(book, path, read, heading)
    for key, names in (
        (others, with_table[len(read) :]),
        ("sources.caution_hidden_sheets", unseen),
        ("sources.caution_more_rows", more),
    ):
        if names:
            values = {"count": str(len(names)), "read": read[0], "others": enumerated(names)}
            notes.append((key, values))
    return [*notes, *(note for of_sheet in hidden for note in of_sheet)]


def _hidden_on(
    path: Path, sheet: str, heading: Belongs, is_read: Callable[[str], bool] | None
) -> list[Note]:
    """Rows of a sheet that are hidden, struck out or called void, hidden columns that are read."""
    signs = signs_of(path, sheet)
    struck = signs.struck()
    start, read = 0, dict[int, str]()
    if struck or signs.hidden_columns:
        start, read = _columns_read(path, sheet, heading, is_read)
    notes: list[Note] = []
    for key, rows in (
        ("hidden_rows", list(signs.unseen_rows())),
        ("struck", sorted(row for row in struck if row > start and struck[row] & {*read})),
        ("comments", sorted(row for row, said in signs.comments.items() if _calls_void(said))),
    ):
        if rows:
            shown = enumerated(map(str, rows[:5]))
            notes.append((f"sources.caution_{key}", {"count": str(len(rows)), "rows": shown}))
    hidden = [name for at, name in read.items() if at in signs.hidden_columns]
    if hidden and is_read is not None:
        which = {"count": str(len(hidden)), "columns": enumerated(hidden)}
        notes.append(("sources.caution_hidden_columns", which))
    return notes


def _columns_read(
    path: Path, sheet: str, heading: Belongs, is_read: Callable[[str], bool] | None
) -> tuple[int, dict[int, str]]:
    """The row of the headings, and place → heading of the columns that are read."""
    lines = workbook_lines(path, sheet, heading)
    start = _heading_line(lines, heading)
    named = {at: name for at, name in enumerate(lines[start]) if name}
    return start, {at: name for at, name in named.items() if is_read is None or is_read(name)}


def _calls_void(comment: str) -> bool:
    """Whether a comment calls its row one that came back or no more holds."""
    return called_back(comment) or re.search(ENDED, comment) is not None


def _texts(sheet: Any) -> Lines:
    return {
        number: [_text(cell or "") for cell in row]
        for number, row in enumerate(sheet.to_polars().rows(), 1)
    }


def _text(cell: str) -> str:
    """What a person sees of a cell: one line, and of a day no midnight."""
    line = re.sub(r"[\r\n]", " ", cell).strip()
    return re.sub(r"^(\d{4}-\d\d-\d\d) 00:00:00$", r"\1", line)


def _sheets_with(book: Any, path: Path, heading: Belongs | None) -> list[str]:
    """The sheets that a person sees and that have the headings; the fullest where none has."""
    hidden = hidden_sheets(path)
    seen = [name for name in book.sheet_names if name not in hidden] or list(book.sheet_names)
    if not seen:
        raise InputError("sources.empty", where=Where(path))
    if heading is None or len(seen) == 1:
        return seen[:1]
    return _having(book, seen, heading) or [max(seen, key=partial(_cells_of, book))]


def _going_on(book: Any, path: Path, read: Sequence[str], heading: Belongs) -> list[str]:
    """The sheets that a person sees with rows like those of the first that is read, headless."""
    hidden = hidden_sheets(path)
    names = [name for name in book.sheet_names if name not in hidden and name not in read]
    first = partial(book.load_sheet, header_row=None, skip_rows=0, n_rows=TITLES, dtypes="string")
    lines = _texts(first(read[0])) if names else {}
    if not lines or not any(map(heading, lines.values())):
        return []
    start = _heading_line(lines, heading)
    kinds = {_kinds(row) for number, row in lines.items() if number > start and any(row)}
    return [name for name in names if _all_of(kinds, _texts(first(name)))]


ALIKE = 5
"""Filled columns that rows of one table have at least, to be known again without headings."""


def _all_of(kinds: set[str], lines: Lines) -> bool:
    """Whether the first rows of a sheet are all filled as rows of the table are."""
    rows = [_kinds(row) for row in lines.values() if any(row)]
    return bool(rows) and all(row in kinds and len(row) >= ALIKE for row in rows)


def _kinds(row: Sequence[str]) -> str:
    """Which cells of a row are numbers, days and words."""
    days = (re.fullmatch(r"\d{4}-\d\d-\d\d", cell) for cell in row)
    return "".join(
        "d" if day else "n" if _NUMBER.fullmatch(cell) else "w" if cell else "-"
        for cell, day in zip(row, days, strict=True)
    ).rstrip("-")


def _cells_of(book: Any, name: str) -> int:
    """The cells that the first rows of a sheet fill: a cover or a note has few."""
    sheet = book.load_sheet(name, header_row=None, skip_rows=0, n_rows=TITLES, dtypes="string")
    return sum(bool(cell) for row in _texts(sheet).values() for cell in row)


def _hidden_with(book: Any, path: Path, heading: Belongs, read: str) -> list[str]:
    """The sheets with the headings that a person does not see, but the one that is read."""
    hidden = hidden_sheets(path)
    return _having(book, [n for n in book.sheet_names if n in hidden and n != read], heading)


def _having(book: Any, names: Sequence[str], heading: Belongs) -> list[str]:
    """The sheets with the headings in their first rows."""
    first = partial(book.load_sheet, header_row=None, skip_rows=0, n_rows=TITLES, dtypes="string")
    return [name for name in names if any(map(heading, _texts(first(name)).values()))]


def _must_be_small(path: Path, where: Where) -> None:
    """Refuse a workbook that would fill the memory."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            size = sum(item.file_size for item in archive.infolist())
        if size > LARGEST:
            raise InputError("reference.huge_workbook", where=where)


def _mark(lines: Lines, start: int, load: Callable[..., Any]) -> None:
    """Write 1.125 as 1.1250 where a column holds numbers: a point of thousands it cannot be."""
    below = [cells for number, cells in lines.items() if number > start]
    filled = [at for at in range(len(lines[start])) if any(cells[at] for cells in below)]
    kinds = load(use_columns=filled).to_polars().dtypes if filled else []
    floats = [at for at, kind in zip(filled, kinds, strict=True) if kind.is_float()]
    for cells in below:
        for at in floats:
            cells[at] = re.sub(r"^(-?\d{1,3}\.\d{3})$", r"\g<1>0", cells[at])


def _write(target: Path, lines: Lines, delimiter: str, heading: Belongs | None) -> None:
    start = _heading_line(lines, heading)
    width = max(column for column, cell in enumerate(lines[start], start=1) if cell)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        for number in range(1, max(lines) + 1):
            row = lines.get(number, [])
            if number < start or not any(row):
                file.write("\n")
                continue
            # Empty cells to the right of the headings are no part of the table.
            row = row if any(row[width:]) else row[:width]
            writer.writerow(row + [""] * (width - len(row)))


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
    return first or next(number for number, count in filled.items() if count)


def checked(
    file: Read, rows: pl.DataFrame, reasons: Mapping[str, pl.Expr], once: Sequence[str]
) -> pl.DataFrame:
    """The good rows, each key in ``once`` only the first time that a good row has it.

    See :meth:`offing.sources.rows.Read.quarantine`, which takes the others.
    """
    good = file.quarantine(rows, reasons)
    return file.quarantine(good, {"reference.twice": ~pl.struct(once).is_first_distinct()})
