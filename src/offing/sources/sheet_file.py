"""Read rows also from workbooks, and from text that has lines above its headings.

A sheet is written out as text with one line for each of its rows, and lines above the headings
are blanked out: so line numbers stay those that a person sees, and :mod:`offing.sources.rows`
does the rest.
"""

import csv
import re
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
from offing.sources.number_formats import shown_number
from offing.sources.numbers import COUNTING, MULTIPLES
from offing.sources.rows import Read
from offing.sources.sheet_look import SheetLook, look_at_book
from offing.sources.staging import Staging
from offing.sources.text_file import (
    TITLES,
    Belongs,
    TextFile,
    likely_headings,
    must_be_file,
    text_file,
)
from offing.terms.caution import Caution, Value
from offing.terms.errors import InputError, Where
from offing.terms.limits import CUT
from offing.terms.messages import enumerated

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
TEXTS = (".csv", ".tsv", ".txt")
EVERY = ("all", "全部")
"""In place of a sheet's name: all sheets that a person sees and that have the headings."""

Lines = dict[int, list[str]]


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
            what is hidden in others is said here.

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
    staging.notes += sheet_notes(file.path, sheet, heading, None)


def sheets_with(path: Path, heading: Belongs) -> list[str]:
    """The sheets of a workbook that a person sees and that have the headings."""
    with _workbook(path, Where(path)) as (book, looks):
        return _sheets_with(book, looks, heading)


def _sheets_of(file: Given, sheet: str | None, heading: Belongs | None) -> list[Given]:
    """The file; where every sheet is asked for, once for each."""
    if sheet not in EVERY or not file.name.lower().endswith(WORKBOOKS):
        return [file]
    with _workbook(file.path, Where(file.shown)) as (book, looks):
        names = [] if sheet in book.sheet_names else _sheets_with(book, looks, heading)
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
    where = Where(shown or path)
    with _workbook(path, where) as (book, looks):
        if must and sheet is not None and sheet not in book.sheet_names:
            names = enumerated(book.sheet_names)
            raise InputError("reference.no_sheet", where=where, sheet=sheet, sheets=names)
        chosen = sheet if sheet in book.sheet_names else _sheets_with(book, looks, heading)[0]
        load = partial(book.load_sheet, chosen, header_row=None)
        lines = _texts(load(skip_rows=0, dtypes="string"))
        if not lines:
            raise InputError("sources.empty", where=where)
        look = looks.get(str(chosen), SheetLook())
        width = len(next(iter(lines.values())))
        for (row, at), text in look.valueless.items():
            if at < width:
                lines.setdefault(row, [""] * width)[at] = text
        lines = dict(sorted(lines.items()))
        start = _heading_line(lines, heading)
        _mark(lines, start, partial(load, skip_rows=start, schema_sample_rows=None))
        _write_looks(lines, start, look, as_seen=as_seen)
    return lines


def _write_looks(lines: Lines, start: int, look: SheetLook, *, as_seen: bool) -> None:
    """Write words that are merged downwards into each row, and what formats show beside numbers.

    A number that is merged may be the sum of its rows: it stays where it is. Where headings say
    currencies and units (not ``as_seen``), only counting words are written.
    """
    for at, first, last in look.merged:
        words = lines.get(first, [])[at : at + 1]
        if first > start and words and words[0] and not _NUMBER.fullmatch(words[0]):
            for row in range(first + 1, min(last, max(lines)) + 1):
                if at < len(lines.get(row, [])) and not lines[row][at]:
                    lines[row][at] = words[0]
    for at, first, last, (before, after, digits) in look.shown:
        shown = before, after, digits
        if not as_seen:
            shown = _counting(before), _counting(after), digits
        for row in range(max(first, start + 1), last + 1):
            if at < len(lines.get(row, [])):
                lines[row][at] = shown_number(lines[row][at], shown)


def _counting(word: str) -> str:
    """The counting word of a unit of money, 万 of 万元."""
    chinese = (count for count in MULTIPLES if word.startswith(count))
    return word if word in COUNTING else next(chinese, "")


_NUMBER = re.compile(r"[-+]?[\d.,]+")


@contextmanager
def _workbook(path: Path, where: Where) -> Iterator[tuple[Any, Mapping[str, SheetLook]]]:
    """A workbook that was looked at, and the looks; what its sheets raise is no workbook."""
    import fastexcel

    looks = look_at_book(path)
    try:
        yield fastexcel.read_excel(path), looks
    except fastexcel.FastExcelError as error:
        raise InputError("reference.not_a_workbook", where=where) from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # of the reader, which is written in Rust
            raise InputError("reference.not_a_workbook", where=where) from error
        raise


def sheet_notes(
    path: Path,
    sheet: str | None,
    heading: Belongs,
    is_read: Callable[[str], bool] | None,
    others: str = "sources.caution_sheets",
) -> list[Caution]:
    """What a careful person would ask of a workbook: other sheets with the table, what is hidden.

    ``is_read`` says whether a heading is one that is read: other columns do not matter, and hidden
    ones not at all where it is ``None``; ``others`` is what is said where one of several sheets is
    read.
    """
    if path.suffix.lower() not in WORKBOOKS:
        return []
    notes: list[Caution] = []
    with _workbook(path, Where(path)) as (book, looks):
        chosen = sheet if sheet in book.sheet_names else None
        with_table = [chosen] if chosen else _sheets_with(book, looks, heading)
        unseen = [] if chosen else _hidden_with(book, looks, heading, with_table[0])
        read = with_table if sheet in EVERY else with_table[:1]
        hidden = [_hidden_on(path, name, looks, heading, is_read) for name in read]
        more = [] if chosen else _going_on(book, looks, read, heading)
    for key, names in (
        (others, with_table[len(read) :]),
        ("sources.caution_hidden_sheets", unseen),
        ("sources.caution_more_rows", more),
    ):
        if names:
            values: dict[str, Value] = {
                "count": len(names),
                "read": read[0],
                "others": enumerated(names),
            }
            notes.append(Caution(key, values))
    return [*notes, *(note for of_sheet in hidden for note in of_sheet)]


def _hidden_on(
    path: Path,
    sheet: str,
    looks: Mapping[str, SheetLook],
    heading: Belongs,
    is_read: Callable[[str], bool] | None,
) -> list[Caution]:
    """Rows of a sheet that are hidden, and hidden columns that are read."""
    look = looks.get(sheet, SheetLook())
    notes: list[Caution] = []
    if rows := look.hidden_rows:
        shown = enumerated(map(str, rows[:5]))
        notes.append(Caution("sources.caution_hidden_rows", {"count": len(rows), "rows": shown}))
    if look.hidden_columns and is_read is not None:
        lines = workbook_lines(path, sheet, heading)
        headings_ = enumerate(lines[_heading_line(lines, heading)])
        hidden = [name for at, name in headings_ if name and look.hides(at) and is_read(name)]
        which: dict[str, Value] = {"count": len(hidden), "columns": enumerated(hidden)}
        notes += [Caution("sources.caution_hidden_columns", which)] if hidden else []
    return notes


def _texts(sheet: Any, first: int = 1) -> Lines:
    """The rows that are filled, by their number."""
    frame = sheet.to_polars().with_row_index("row", first)
    filled = frame.filter(pl.any_horizontal(pl.exclude("row").is_not_null()))
    rows = {number: [_text(cell or "") for cell in row] for number, *row in filled.iter_rows()}
    return {number: row for number, row in rows.items() if any(row)}


def _text(cell: str) -> str:
    """What a person sees of a cell: one line, and of a day no midnight."""
    line = re.sub(r"[\r\n]", " ", cell).strip()[:CUT]
    return re.sub(r"^(\d{4}-\d\d-\d\d) 00:00:00$", r"\1", line)


def _sheets_with(book: Any, looks: Mapping[str, SheetLook], heading: Belongs | None) -> list[str]:
    """The sheets that a person sees and that have the headings; the fullest where none has."""
    seen = [name for name in book.sheet_names if not _is_hidden(looks, name)]
    seen = seen or list(book.sheet_names)
    if not seen:
        raise InputError("sources.empty")
    if heading is None or len(seen) == 1:
        return seen[:1]
    tops = {name: _top(book, looks, name) for name in seen}
    having = [name for name, lines in tops.items() if any(map(heading, lines.values()))]
    return having or [max(seen, key=lambda name: sum(map(_filled_cells, tops[name].values())))]


def _is_hidden(looks: Mapping[str, SheetLook], name: str) -> bool:
    return name in looks and looks[name].hidden


def _filled_cells(row: Sequence[str]) -> int:
    """A cover or a note has few."""
    return sum(map(bool, row))


def _top(book: Any, looks: Mapping[str, SheetLook], name: str) -> Lines:
    """The first rows of a sheet, from the first that is filled."""
    top = max(looks.get(name, SheetLook()).top, 1)
    load = partial(book.load_sheet, header_row=None, n_rows=TITLES, dtypes="string")
    return _texts(load(name, skip_rows=top - 1), top)


def _going_on(
    book: Any, looks: Mapping[str, SheetLook], read: Sequence[str], heading: Belongs
) -> list[str]:
    """The sheets that a person sees with rows like those of the first that is read, headless."""
    names = [n for n in book.sheet_names if not _is_hidden(looks, n) and n not in read]
    lines = _top(book, looks, read[0]) if names else {}
    if not lines or not any(map(heading, lines.values())):
        return []
    start = _heading_line(lines, heading)
    kinds = {_kinds(row) for number, row in lines.items() if number > start}
    return [name for name in names if _all_of(kinds, _top(book, looks, name))]


ALIKE = 5
"""Filled columns that rows of one table have at least, to be known again without headings."""


def _all_of(kinds: set[str], lines: Lines) -> bool:
    """Whether the first rows of a sheet are all filled as rows of the table are."""
    rows = [_kinds(row) for row in lines.values()]
    return bool(rows) and all(row in kinds and len(row) >= ALIKE for row in rows)


def _kinds(row: Sequence[str]) -> str:
    """Which cells of a row are numbers, days and words."""
    days = (re.fullmatch(r"\d{4}-\d\d-\d\d", cell) for cell in row)
    return "".join(
        "d" if day else "n" if _NUMBER.fullmatch(cell) else "w" if cell else "-"
        for cell, day in zip(row, days, strict=True)
    ).rstrip("-")


def _hidden_with(
    book: Any, looks: Mapping[str, SheetLook], heading: Belongs, read: str
) -> list[str]:
    """The sheets with the headings that a person does not see, but the one that is read."""
    unseen = [n for n in book.sheet_names if _is_hidden(looks, n) and n != read]
    return [n for n in unseen if any(map(heading, _top(book, looks, n).values()))]


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
    return first or next((number for number, count in filled.items() if count), 1)


def checked(
    file: Read, rows: pl.DataFrame, reasons: Mapping[str, pl.Expr], once: Sequence[str]
) -> pl.DataFrame:
    """The good rows, each key in ``once`` only the first time that a good row has it.

    See :meth:`offing.sources.rows.Read.quarantine`, which takes the others.
    """
    good = file.quarantine(rows, reasons)
    return file.quarantine(good, {"reference.twice": ~pl.struct(once).is_first_distinct()})
