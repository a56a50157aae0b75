"""Rows of a file by the names of a source's columns, whatever the file's form.

Text and Parquet come out alike: every value is text without blanks around it, or null, beside
the ``row`` in which it stands. A row that cannot be used goes to the quarantine as it was read.

A source reads like this; one that may be large takes :func:`open_rows` and its pieces::

    for file in given(paths, staging.folder):
        read = read_rows(file, {"year": ["year"], "value": ["value"]}, ["year"], staging)
        rows = read.rows.with_columns(value=number("value"))
        good = read.quarantine(rows, {"sources.bad_value": pl.col("value").is_null()})
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

import polars as pl

from offing.sources.archive import SourceFile
from offing.sources.columns import Required, Spellings, match_columns
from offing.sources.staging import Staging
from offing.sources.text_file import BLOCK, TextFile, blank_is_null, text_file
from offing.terms.errors import InputError, Where
from offing.terms.limits import LONGEST_CELL

T = TypeVar("T")

PIECE = 2_000_000
"""Rows of a Parquet file that are read at once."""


@dataclass
class TableReader:
    """A file whose columns are found; its rows come in pieces, or all at once.

    Attributes:
        file: the file.
        staging: where bad rows go.
        found: our name of a column → its heading in the file.
        rows: all of them, in the columns that :meth:`pieces` gives, where they were read at once.
        count: how many rows have been read so far.
    """

    file: SourceFile
    staging: Staging
    found: dict[str, str]
    _pieces: Iterator[pl.DataFrame]
    _text: TextFile | None
    rows: pl.DataFrame = field(default_factory=pl.DataFrame)
    count: int = 0
    _expected: int = 0
    _bad: list[pl.DataFrame] = field(default_factory=list)

    @property
    def shown(self) -> str:
        """The file's name in messages."""
        return self.file.shown

    @property
    def delimiter(self) -> str:
        """What parts the fields of a text file; empty for Parquet."""
        return self._text.delimiter if self._text else ""

    def pieces(self) -> Iterator[pl.DataFrame]:
        """The rows: our columns as text, those the file has not as nulls, and ``row`` (Int64).

        Rows with too many or too few fields are quarantined already. At the end the bad rows go to
        the quarantine, and the file is remembered as an input of the load.

        Raises:
            InputError: ``sources.no_rows``, or what the file's reader finds.
        """
        size = self.file.path.stat().st_size
        for piece in _ahead(self._pieces):
            if not self.count and self._text is not None:
                self._expected = max(piece.height, size * piece.height // BLOCK)
            self.count += piece.height
            if "fields" in piece.columns:
                width = len(self._text.header) if self._text else 0
                piece = self.quarantine(piece, {"sources.wrong_width": pl.col("fields") != width})
                piece = piece.drop("fields")
            yield self._without_long_cells(piece)
        if not self.count:
            raise InputError("sources.no_rows", where=Where(self.file.shown))
        self.settle()
        self.staging.read_from(self.file.origin, self.count)

    def _without_long_cells(self, piece: pl.DataFrame) -> pl.DataFrame:
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
        self._bad.append(judged.filter(~good).select("row", "reason", self._as_text(judged)))
        if self.rows.width:
            self.settle()
        return rows.filter(good)

    def _as_text(self, rows: pl.DataFrame) -> pl.Expr:
        """A row of a Parquet file as text; text files are looked up once, at the end."""
        if self._text is not None:
            return pl.lit(None, pl.String).alias("text")
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
        if self._text is not None:
            texts = self._text.texts(bad["row"].head(self.staging.room).to_list())
            text = pl.Series([texts.get(row) for row in bad["row"]], dtype=pl.String)
            bad = bad.with_columns(text.alias("text"))
        self.staging.reject(bad.with_columns(file=pl.lit(self.file.shown)))


def _ahead(pieces: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The same pieces, each read while the one before is worked on."""
    with ThreadPoolExecutor(max_workers=1) as reader:
        coming = reader.submit(next, pieces, None)
        while (piece := coming.result()) is not None:
            coming = reader.submit(next, pieces, None)
            yield piece


def number(column: str) -> pl.Expr:
    """A column of text as Float64: null where it is not a finite number."""
    return finite(pl.col(column).cast(pl.Float64, strict=False))


def finite(value: pl.Expr) -> pl.Expr:
    """The value, or null where it is infinite or no number."""
    return pl.when(value.is_finite()).then(value)


def open_rows(
    file: SourceFile, spellings: Spellings, required: Collection[Required], staging: Staging
) -> TableReader:
    """Find the columns of a source in a text or a Parquet file.

    Raises:
        InputError: the file is empty, is no table, or lacks a column.
    """
    if file.kind == "parquet":
        header = _parquet(file, lambda path: list(pl.read_parquet_schema(path)))
        columns = match_columns(header, spellings, required, Where(file.shown))
        return TableReader(file, staging, columns, _parquet_pieces(file, columns, spellings), None)
    text = text_file(file.path, file.shown)
    columns = match_columns(text.header, spellings, required, Where(file.shown, text.header_row))
    places = {our: text.header.index(heading) for our, heading in columns.items()}
    pieces = (_complete(piece, spellings) for piece in text.frames(places))
    return TableReader(file, staging, columns, pieces, text)


def read_rows(
    file: SourceFile, spellings: Spellings, required: Collection[Required], staging: Staging
) -> TableReader:
    """All rows of a file, for sources that fit in memory; else as :func:`open_rows`."""
    opened = open_rows(file, spellings, required, staging)
    opened.rows = pl.concat(opened.pieces())
    return opened


def _complete(frame: pl.DataFrame, spellings: Spellings) -> pl.DataFrame:
    missing = [name for name in spellings if name not in frame.columns]
    return frame.with_columns(pl.lit(None, pl.String).alias(name) for name in missing)


def _parquet(file: SourceFile, read: Callable[[Path], T]) -> T:
    # A broken file can upset the reader itself, hence the panic.
    try:
        return read(file.path)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise InputError("sources.bad_parquet", where=Where(file.shown)) from error


def _parquet_pieces(
    file: SourceFile, columns: Mapping[str, str], spellings: Spellings
) -> Iterator[pl.DataFrame]:
    def read(path: Path, first: int = 0) -> pl.DataFrame:
        rows = (
            pl.scan_parquet(path, glob=False)
            .slice(first, PIECE)
            .select(
                blank_is_null(pl.col(heading).cast(pl.String)).alias(our)
                for our, heading in columns.items()
            )
        )
        return rows.collect().with_row_index("row", first + 1).cast({"row": pl.Int64})

    rows = _parquet(
        file, lambda path: pl.scan_parquet(path, glob=False).select(pl.len()).collect().item()
    )
    for first in range(0, max(rows, 1), PIECE):
        yield _complete(_parquet(file, partial(read, first=first)), spellings)
