"""Rows of a file by the names of a source's columns, whatever the file's form.

Text and Parquet come out alike: every value is text without blanks around it, or null, beside
the ``row`` in which it stands. A row that cannot be used goes to the quarantine as it was read.

A source reads like this::

    for file in given(paths, staging.folder):
        read = read_rows(file, {"year": ["year", "yr"], "value": ["value"]}, ["year"], staging)
        rows = read.rows.with_columns(value=number("value"))
        good = read.put_aside(rows, {"sources.bad_value": pl.col("value").is_null()})
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import polars as pl

from offing.sources.archive import Given
from offing.sources.columns import Spellings, match_columns
from offing.sources.staging import Staging
from offing.sources.text_file import TextFile, text_file
from offing.terms.errors import InputError, Where

_CHUNK = 50_000


@dataclass(frozen=True)
class Read:
    """The rows of one file.

    Attributes:
        rows: our columns as text, those the file has not as nulls, and ``row`` (Int64): the line
            of a text file, the number of the row in Parquet, both counted from 1.
        found: our name of a column → its heading in the file.
        shown: the file's name in messages.
        staging: where bad rows go.
        text: the text file, where it is one.
    """

    rows: pl.DataFrame
    found: dict[str, str]
    shown: str
    staging: Staging
    text: TextFile | None

    def where(self, row: int | None = None, column: str | None = None) -> Where:
        """A place in the file, the column by the heading it has there."""
        return Where(self.shown, row, self.found.get(column, column) if column else None)

    def put_aside(self, rows: pl.DataFrame, reasons: Mapping[str, pl.Expr]) -> pl.DataFrame:
        """The rows that no reason holds for; the others go to the quarantine with the first.

        Args:
            rows: with ``row``.
            reasons: message key → a Boolean expression that is true for bad rows.
        """
        judged = rows.with_columns(
            pl.coalesce(
                pl.when(bad.fill_null(value=False)).then(pl.lit(key))
                for key, bad in reasons.items()
            ).alias("_reason")
        )
        bad = judged.filter(pl.col("_reason").is_not_null())
        if bad.height:
            self._reject(bad)
        return judged.filter(pl.col("_reason").is_null()).drop("_reason")

    def _reject(self, bad: pl.DataFrame) -> None:
        numbers = bad["row"].to_list()
        if self.text is not None:
            texts = self.text.texts(numbers)
        else:
            columns = [name for name in self.rows.columns if name != "row"]
            kept = self.rows.filter(pl.col("row").is_in(numbers))
            texts = {
                row["row"]: ", ".join(f"{self.found[c]}={row[c]}" for c in columns if row[c])
                for row in kept.iter_rows(named=True)
            }
        self.staging.reject(
            pl.DataFrame(
                {
                    "file": [self.shown] * len(numbers),
                    "row": numbers,
                    "reason": bad["_reason"],
                    "text": [texts.get(number, "") for number in numbers],
                }
            )
        )


def number(column: str) -> pl.Expr:
    """A column of text as Float64: null where it is not a finite number."""
    value = pl.col(column).cast(pl.Float64, strict=False)
    return pl.when(value.is_finite()).then(value)


def read_rows(
    file: Given,
    spellings: Spellings,
    required: Collection[str],
    staging: Staging,
) -> Read:
    """Read the columns of a source from a text or a Parquet file.

    Rows with too many or too few fields go to the quarantine. The file is remembered as an input
    of the load, with all its rows.

    Args:
        file: one of :func:`offing.sources.archive.given`.
        spellings: our columns and their headings.
        required: the columns without which the file cannot be used.
        staging: the load.

    Raises:
        InputError: the file is empty, is no table, has no rows, or lacks a column.
    """
    if file.kind == "parquet":
        read = _from_parquet(file, spellings, required, staging)
        rows = read.rows.height
    else:
        read, rows = _from_text(file, spellings, required, staging)
    if not rows:
        raise InputError("sources.no_rows", where=Where(file.shown))
    staging.read_from(file.origin, rows)
    return read


def _complete(frame: pl.DataFrame, spellings: Spellings) -> pl.DataFrame:
    missing = [name for name in spellings if name not in frame.columns]
    return frame.with_columns(pl.lit(None, pl.String).alias(name) for name in missing).select(
        "row", *spellings
    )


def _from_parquet(
    file: Given, spellings: Spellings, required: Collection[str], staging: Staging
) -> Read:
    name = file.shown
    try:
        header = list(pl.read_parquet_schema(file.path))
        found = match_columns(header, spellings, required, Where(name))
        frame = pl.read_parquet(file.path, columns=sorted(set(found.values())))
    # A broken file can upset the reader itself, hence the panic.
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise InputError("sources.bad_parquet", where=Where(name)) from error
    try:
        rows = frame.select(
            pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("row"),
            *(_clean(pl.col(heading).cast(pl.String)).alias(our) for our, heading in found.items()),
        )
    except pl.exceptions.PolarsError as error:
        raise InputError("sources.bad_parquet", where=Where(name)) from error
    return Read(_complete(rows, spellings), found, name, staging, None)


def _clean(text: pl.Expr) -> pl.Expr:
    stripped = text.str.strip_chars()
    return pl.when(stripped != "").then(stripped)


def _from_text(
    file: Given, spellings: Spellings, required: Collection[str], staging: Staging
) -> tuple[Read, int]:
    name = file.shown
    text = text_file(file.path, name)
    found = match_columns(text.header, spellings, required, Where(name, text.header_row))
    places = {our: text.header.index(heading) for our, heading in found.items()}
    width = len(text.header)
    frames: list[pl.DataFrame] = []
    bad: list[tuple[int, str]] = []
    rows = 0
    for chunk in _chunks(text.records()):
        rows += len(chunk)
        good = []
        for row, fields in chunk:
            if len(fields) == width or (len(fields) > width and not any(fields[width:])):
                good.append((row, fields))
            else:
                bad.append((row, text.delimiter.join(fields)))
        frames.append(
            pl.DataFrame(
                {
                    "row": [row for row, _ in good],
                    **{our: [f[place] or None for _, f in good] for our, place in places.items()},
                },
                schema={"row": pl.Int64} | dict.fromkeys(places, pl.String),
            )
        )
    if bad:
        staging.reject(
            pl.DataFrame(
                {
                    "file": [name] * len(bad),
                    "row": [row for row, _ in bad],
                    "reason": ["sources.wrong_width"] * len(bad),
                    "text": [line for _, line in bad],
                }
            )
        )
    schema = {"row": pl.Int64} | dict.fromkeys(places, pl.String)
    frame = pl.concat(frames) if frames else pl.DataFrame(schema=schema)
    return Read(_complete(frame, spellings), found, name, staging, text), rows


def _chunks(
    records: Iterator[tuple[int, list[str]]],
) -> Iterator[list[tuple[int, list[str]]]]:
    while chunk := list(islice(records, _CHUNK)):
        yield chunk
