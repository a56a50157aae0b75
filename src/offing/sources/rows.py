"""Rows of a file by the names of a source's columns, whatever the file's form.

Text, Parquet and workbooks come out alike: every value is text without blanks around it, or null,
beside the ``row`` in which it stands. A row that cannot be used goes to the quarantine as it was
read.

A source reads like this; one that may be large takes :meth:`SourceTable.find` and its pieces::

    layout = official("wto")
    for table in tables(paths, staging, layout.fits_half):
        rows = table.read(layout).with_columns(value=number("value"))
        good = table.quarantine(rows, {"sources.bad_value": pl.col("value").is_null()})
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import islice
from os import SEEK_END
from pathlib import Path
from typing import TypeVar

import polars as pl

from offing.sources.archive import SourceFile, every, files_given, passed_over
from offing.sources.headings import OfficialLayout, normalise_heading
from offing.sources.sheet_file import WORKBOOKS, FirmSheet, firm_sheets, text_sheet
from offing.sources.staging import Staging
from offing.sources.text_file import BLOCK, Belongs, TextFile, blank_is_null, text_file
from offing.terms.errors import InputError, Where
from offing.terms.limits import LONGEST_CELL
from offing.terms.messages import join_list

T = TypeVar("T")
Piece = TypeVar("Piece")

PIECE = 2_000_000
"""Rows of a Parquet file that are read at once."""


def _ends_with_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, SEEK_END)
        return file.read() == b"\n"


@dataclass
class SourceTable:
    """A table of official data; when its columns are found its rows come in pieces, or at once.

    Attributes:
        file: the file.
        staging: where bad rows go.
        table: what its rows are read from.
        found: our name of a column → its heading in the file.
        rows: all of them, in the columns that :meth:`pieces` gives, where they were read at once.
        count: how many rows have been read so far.
    """

    file: SourceFile
    staging: Staging
    table: "TextFile | FirmSheet | ParquetFile"
    found: dict[str, str] = field(default_factory=dict)
    rows: pl.DataFrame = field(default_factory=pl.DataFrame)
    count: int = 0
    _pieces: Iterator[pl.DataFrame] = field(default_factory=lambda: iter(()))
    _expected: int = 0
    _bad: list[pl.DataFrame] = field(default_factory=list)

    @property
    def header(self) -> Sequence[str]:
        """The headings, in their order."""
        return self.table.header

    @property
    def words(self) -> set[str]:
        """The headings as they are compared."""
        return set(map(normalise_heading, self.header))

    @property
    def delimiter(self) -> str:
        """What parts the fields of a text file; empty for others."""
        return self.table.delimiter or ""

    def find(self, layout: OfficialLayout) -> None:
        """Find the columns of a source.

        Raises:
            InputError: the table lacks a column.
        """
        self.found = layout.matched(self.header, Where(self.file.shown, self.table.row))
        places = {our: self.header.index(heading) for our, heading in self.found.items()}
        missing = [pl.lit(None, pl.String).alias(our) for our in layout.names.keys() - places]
        self._pieces = (piece.with_columns(missing) for piece in self.table.frames(places))

    def read(self, layout: OfficialLayout) -> pl.DataFrame:
        """All rows, for sources that fit in memory; else as :meth:`find`."""
        self.find(layout)
        self.rows = pl.concat(self.pieces())
        return self.rows

    def pieces(self) -> Iterator[pl.DataFrame]:
        """The rows: our columns as text, those the file has not as nulls, and ``row`` (Int64).

        Rows with too many or too few fields are quarantined already. At the end the bad rows go to
        the quarantine, and the file is remembered as an input of the load.

        Raises:
            InputError: ``sources.no_rows``, ``sources.half_a_row``, or what the file's reader
                finds.
        """
        width = row = 0
        size = self.file.path.stat().st_size
        headings = [pl.col(ours) == theirs for ours, theirs in islice(self.found.items(), 2)]
        again = {"sources.heading_again": pl.all_horizontal(headings)}
        for piece in map(_whole_codes, ahead(self._pieces)):
            if not self.count and isinstance(self.table, TextFile):
                self._expected = max(piece.height, size * piece.height // BLOCK)
            self.count += piece.height
            if "fields" in piece.columns:
                if piece.height:
                    width, row = piece.select("fields", "row").row(-1)
                odd = pl.col("fields") != len(self.header)
                piece = self.quarantine(piece, {"sources.wrong_width": odd}).drop("fields")
            yield self._drop_long_cells(self.quarantine(piece, again))
        if not self.count:
            raise InputError("sources.no_rows", where=Where(self.file.shown))
        if 1 < width < len(self.header) and not _ends_with_line(self.file.path):
            raise InputError("sources.half_a_row", where=self.where(row))  # one field is a footnote
        self.settle()
        self.staging.read_from(self.file.origin, self.count)

    def _drop_long_cells(self, piece: pl.DataFrame) -> pl.DataFrame:
        """The rows whose cells are no longer than those of tables are, but for descriptions."""
        texts = pl.col([name for name in self.found if not name.startswith("description")]).str
        longest = piece.select(pl.max_horizontal(texts.len_bytes().max())).item()
        if (longest or 0) <= LONGEST_CELL:
            return piece
        long = pl.any_horizontal(texts.len_chars() > LONGEST_CELL)
        return self.quarantine(piece, {"sources.long_cell_row": long})

    @property
    def share(self) -> float:
        """About how much of all that was given has been read, 0 to 1."""
        begins, ends = self.file.span
        done = min(1.0, self.count / self._expected) if self._expected else 1.0
        return begins + (ends - begins) * done

    def where(self, row: int | None = None, column: str | None = None) -> Where:
        """A place in the file, the column by the heading it has there."""
        return Where(self.file.shown, row, self.found.get(column, column) if column else None)

    def replace_commas(self, rows: pl.DataFrame, *columns: str) -> pl.DataFrame:
        """The rows with points for commas where spreadsheets of the continent saved them (;).

        Raises:
            InputError: ``sources.two_marks`` where some figures have points as well: 1.234,5.
        """
        if self.delimiter != ";":
            return rows
        cells = pl.concat(rows[name] for name in columns)
        # one without a comma says more than 1.234,5
        signs = (r"^[^,]*\.\d+$", r"\.\d", ",")
        alone, both, comma = (cells.filter(cells.str.contains(sign)).first() for sign in signs)
        if (point := alone or both) and comma:
            where = self.where(column=columns[0])
            raise InputError("sources.two_marks", where=where, point=point, comma=comma)
        return rows.with_columns(pl.col(columns).str.replace(",", ".", literal=True))

    def must_have_points(self, rows: pl.DataFrame, *columns: str, thousands: bool = False) -> None:
        """Refuse a file whose figures have commas: rows without one would be all that is left.

        ``thousands``: commas between groups of three are read.

        Raises:
            InputError: ``sources.figure_with_comma``.
        """
        for column in columns:
            bad = pl.col(column).str.contains(",", literal=True)
            if thousands:
                bad &= ~pl.col(column).str.contains(r"^\s*-?\d{1,3}(,\d{3})+(\.\d*)?\s*$")
            row, text = next(rows.filter(bad).select("row", column).head(1).iter_rows(), (0, ""))
            if text:
                where = self.where(row, column)
                raise InputError("sources.figure_with_comma", where=where, text=text)

    def quarantine(self, rows: pl.DataFrame, reasons: Mapping[str, pl.Expr]) -> pl.DataFrame:
        """The rows that no reason holds for; the others go to the quarantine with the first.

        ``reasons`` is message key → a Boolean expression that is true for bad rows.
        """
        judged = rows.with_columns(
            pl.coalesce(
                pl.when(bad.fill_null(value=False)).then(pl.lit(key))
                for key, bad in reasons.items()
            ).alias("reason")
        )
        good = judged["reason"].is_null()
        if good.all():
            return rows
        is_parquet = isinstance(self.table, ParquetFile)
        text = self._as_text(judged) if is_parquet else pl.lit(None, pl.String).alias("text")
        self._bad.append(judged.filter(~good).select("row", "reason", text))
        if self.rows.width:
            self.settle()
        return rows.filter(good)

    def check(
        self, rows: pl.DataFrame, reasons: Mapping[str, pl.Expr], once: Sequence[str]
    ) -> pl.DataFrame:
        """As :meth:`quarantine`; each key in ``once`` only the first time a good row has it."""
        good = self.quarantine(rows, reasons)
        return self.quarantine(good, {"reference.twice": ~pl.struct(once).is_first_distinct()})

    def _as_text(self, rows: pl.DataFrame) -> pl.Expr:
        """A row of a Parquet file as text; those of others are looked up once, at the end."""
        columns = [name for name in self.found if name in rows.columns]
        return pl.concat_str(
            [pl.format("{}={}", pl.lit(self.found[c]), pl.col(c).cast(pl.String)) for c in columns],
            separator=", ",
            ignore_nulls=True,
        ).alias("text")

    def settle(self) -> None:
        """Send the rows put aside so far to the quarantine, each with its text."""
        if not self._bad:
            return
        bad = pl.concat(self._bad).sort("row")
        self._bad.clear()
        if not isinstance(self.table, ParquetFile):
            texts = self.table.texts(bad["row"].head(self.staging.room).to_list())
            text = pl.Series([texts.get(row) for row in bad["row"]], dtype=pl.String)
            bad = bad.with_columns(text.alias("text"))
        self.staging.reject(bad.with_columns(file=pl.lit(self.file.shown)))


def ahead(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The same pieces, each made while the one before is worked on."""
    context = copy_context()  # errors speak the language of who asks

    def following() -> Piece | None:
        return context.run(next, pieces, None)

    with ThreadPoolExecutor(max_workers=1) as maker:
        coming = maker.submit(following)
        while (piece := coming.result()) is not None:
            coming = maker.submit(following)
            yield piece


def _whole_codes(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with 852872 for 852872.0, as data frames write codes where a cell lacks."""
    first = rows.head(1000).select(pl.col(pl.String))
    of_floats = [c.name for c in first if set(c.str.extract(r"\d(\D\d*)$", 1)) - {None} == {".0"}]
    return rows.with_columns(pl.col(of_floats).str.replace(r"^(\d+)\.0$", "$1"))


def number(column: str) -> pl.Expr:
    """A column of text as Float64: null where it is not a finite number."""
    return finite(pl.col(column).cast(pl.Float64, strict=False))


def finite(value: pl.Expr) -> pl.Expr:
    """The value, or null where it is infinite or no number."""
    return pl.when(value.is_finite()).then(value)


def bad_day() -> pl.Expr:
    """Whether ``on`` is no day of a rate: none, or one to come."""
    return pl.col("on").is_null() | (pl.col("on") > date.today())  # noqa: DTZ011


def tables(
    paths: Sequence[Path],
    staging: Staging,
    belongs: Belongs | None = None,
    *,
    heading: str | Belongs | None = None,
    sheet: str | None = None,
    is_wanted: Callable[[str], bool] = every,
) -> Iterator[SourceTable]:
    """Every table of official data behind the paths that a source reads.

    A file that was named is always read: if it does not fit, its error says why. Of a folder or an
    archive those are read that belong. A table with a misspelt column should still belong, so that
    it is not lost in silence.

    Args:
        paths: text, Parquet, workbooks, archives and folders.
        staging: whose folder takes what is unpacked; it is gone when the next table is asked for.
            What is hidden in a workbook is said here.
        belongs: told the headings: whether a table is of the source; all are where ``None``.
        heading: one of the table's headings, or whether a line is that of the headings; lines
            above it are passed over.
        sheet: the sheet of a workbook; the first where ``None``.
        is_wanted: told a file's name: whether to open it.

    Raises:
        InputError: ``sources.none_ours`` where no file belongs, and what the archive and the file
            itself say.
    """
    others: list[SourceFile] = []
    read = False
    for file in files_given(paths, staging.folder, is_wanted):
        try:
            table = open_table(file, staging, heading, sheet)
            ours = file.named or belongs is None or belongs(table.header)
        except InputError as error:
            if file.named or belongs is None or error.key == "sources.empty":  # a year cut off
                raise
            ours = False
        if not ours:
            others.append(file)
            continue
        read = True
        yield table
    names = join_list(file.name for file in others)
    if others and not read:
        raise InputError("sources.none_ours", where=Where(others[0].origin.parent), files=names)
    if over := [*(file.name for file in others), *passed_over(paths)]:
        staging.note("sources.not_ours", count=len(over), files=join_list(over))


def open_table(
    file: SourceFile,
    staging: Staging,
    heading: str | Belongs | None = None,
    sheet: str | None = None,
) -> SourceTable:
    """A table whose columns are not looked for yet; the options are those of :func:`tables`.

    Raises:
        InputError: no rows or no table, ``errors.unknown_name``, ``sources.column_twice``.
    """
    if isinstance(heading, str):
        heading = partial(_has_name, normalise_heading(heading))
    if heading is not None and file.name.lower().endswith(WORKBOOKS):
        firm = next(firm_sheets(file.path, heading, sheet, must=True, shown=file.shown))
        staging.notes += firm.notes(None)
        return SourceTable(file, staging, firm.trim_columns(file.shown))
    if file.kind == "parquet":
        return SourceTable(file, staging, ParquetFile(file))
    text = text_file(file.path, file.shown, heading)
    if heading is None or text.row == 1:
        return SourceTable(file, staging, text)
    return SourceTable(file, staging, text_sheet(text).trim_columns(file.shown))


def _has_name(name: str, cells: Sequence[str]) -> bool:
    return name in map(normalise_heading, cells)


class ParquetFile:
    """A Parquet file, read in pieces."""

    delimiter: str | None = None
    row: int | None = None

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.header = self._read(lambda path: list(pl.read_parquet_schema(path)))

    def frames(self, places: Mapping[str, int]) -> Iterator[pl.DataFrame]:
        """As :meth:`offing.sources.text_file.TextFile.frames`."""

        def piece(path: Path, first: int) -> pl.DataFrame:
            scanned = pl.scan_parquet(path, glob=False).slice(first, PIECE)
            rows = scanned.select(
                blank_is_null(pl.col(self.header[at]).cast(pl.String)).alias(our)
                for our, at in places.items()
            )
            return rows.collect().with_row_index("row", first + 1).cast({"row": pl.Int64})

        height = self._read(
            lambda path: pl.scan_parquet(path, glob=False).select(pl.len()).collect().item()
        )
        for first in range(0, max(height, 1), PIECE):
            yield self._read(partial(piece, first=first))

    def _read(self, read: Callable[[Path], T]) -> T:
        # A broken file can upset the reader itself, hence the panic.
        try:
            return read(self.file.path)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            raise InputError("sources.bad_parquet", where=Where(self.file.shown)) from error
