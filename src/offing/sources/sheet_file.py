"""Read rows also from workbooks, and from text that has lines above its headings.

A sheet is written out as text with one line for each of its rows, and lines above the headings
are blanked out: so line numbers stay those that a person sees, and :mod:`offing.sources.rows`
does the rest.
"""

import csv
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from offing.sources.archive import Given, given
from offing.sources.columns import spelled
from offing.sources.rows import Read
from offing.sources.staging import Staging
from offing.sources.text_file import text_file
from offing.terms.errors import InputError, Where
from offing.terms.messages import enumerated

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
LARGEST = 2_000_000_000
"""Bytes to which a workbook may unpack; more is refused before it is read."""

Lines = dict[int, list[str]]


def tables(
    paths: Sequence[Path],
    staging: Staging,
    *,
    sheet: str | None = None,
    heading: str | None = None,
) -> Iterator[Given]:
    """Every table behind the paths, ready for :func:`offing.sources.rows.read_rows`.

    Args:
        paths: text, Parquet, workbooks, archives and folders.
        staging: whose folder takes the copies; each is gone when the next one is asked for.
        sheet: the sheet of a workbook; the first where ``None``.
        heading: one of the table's headings; lines above the line that has it are passed over.

    Raises:
        InputError: ``reference.not_a_workbook``, ``reference.no_sheet``, and what the archive and
            the text file themselves say.
    """
    for file in given(paths, staging.folder):
        lines = _lines(file, sheet, heading)
        if lines is None:
            yield file
            continue
        target = staging.folder / "sheet.csv"
        try:
            _write(target, lines, heading)
            yield replace(file, path=target, kind="text")
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


def _lines(file: Given, sheet: str | None, heading: str | None) -> Lines | None:
    """The lines to write out; ``None`` where the file can be read as it is."""
    if file.name.lower().endswith(WORKBOOKS):
        lines = {
            number: [(cell or "").replace("\r", " ").replace("\n", " ") for cell in row]
            for number, row in enumerate(_sheet(file.path, sheet), start=1)
        }
        if not any(any(row) for row in lines.values()):
            raise InputError("sources.empty", where=Where(file.shown))
        return lines
    if heading is None or file.kind == "parquet":
        return None
    text = text_file(file.path, file.shown)
    if spelled(heading) in map(spelled, text.header):
        return None
    lines = {text.header_row: list(text.header), **dict(text.records())}
    below = any(spelled(heading) in map(spelled, row) for row in lines.values())
    return lines if below else None


def _sheet(path: Path, sheet: str | None) -> list[tuple[str | None, ...]]:
    import fastexcel

    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                size = sum(item.file_size for item in archive.infolist())
            if size > LARGEST:
                raise InputError("reference.huge_workbook", where=Where(path))
        book = fastexcel.read_excel(path)
        if sheet is not None and sheet not in book.sheet_names:
            names = enumerated(book.sheet_names)
            raise InputError("reference.no_sheet", where=Where(path), sheet=sheet, sheets=names)
        cells = book.load_sheet(
            0 if sheet is None else sheet, header_row=None, skip_rows=0, dtypes="string"
        )
        return cells.to_polars().rows()
    except (fastexcel.FastExcelError, zipfile.BadZipFile) as error:
        raise InputError("reference.not_a_workbook", where=Where(path)) from error


def _write(target: Path, lines: Lines, heading: str | None) -> None:
    start = _heading_line(lines, heading)
    width = max(place for place, cell in enumerate(lines[start], start=1) if cell)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for number in range(1, max(lines) + 1):
            row = lines.get(number, [])
            if number < start or not any(row):
                file.write("\n")
                continue
            # Empty cells to the right of the headings are no part of the table.
            row = row if any(row[width:]) else row[:width]
            writer.writerow(row + [""] * (width - len(row)))


def _heading_line(lines: Lines, heading: str | None) -> int:
    if heading is not None:
        for number, row in lines.items():
            if spelled(heading) in map(spelled, row):
                return number
    filled = {number: sum(1 for cell in row if cell) for number, row in lines.items()}
    # Without it, the first line with more than one cell: a title above the table has one.
    first = next((number for number, count in filled.items() if count > 1), None)
    return first or next(number for number, count in filled.items() if count)


def checked(
    file: Read, rows: pl.DataFrame, reasons: Mapping[str, pl.Expr], once: Sequence[str]
) -> pl.DataFrame:
    """The good rows, each key in ``once`` only the first time that a good row has it.

    Args:
        file: takes the others, with their reasons.
        rows: as for :meth:`offing.sources.rows.Read.put_aside`.
        reasons: message key → a Boolean expression that is true for bad rows.
        once: the columns that no two rows may share.
    """
    good = file.put_aside(rows, reasons)
    return file.put_aside(good, {"reference.twice": ~pl.struct(once).is_first_distinct()})
