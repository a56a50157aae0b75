"""The folder in which a load is made ready, out of sight of every reader.

A source writes its good rows as Parquet parts and its bad rows with their reasons. Nothing here
touches the warehouse; it publishes the whole folder at once, or nothing of it.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from offing.terms.caution import Caution
from offing.terms.errors import OffingError
from offing.terms.firm_records import Records
from offing.terms.tables import TABLES

Progress = Callable[[str, float], None]
"""Called with a message and the share done, 0 to 1."""


LISTED = 100_000
"""Rejected rows that a load lists. A file of ten million wrong rows is not copied to say so."""
ROW_GROUP = 122_880
"""Rows in a row group: a query for one product then reads little more than its rows."""


def silent(_message: str, _share: float) -> None:
    """No progress."""


def nothing(_table: str) -> pl.DataFrame | None:
    """No table that comes with offing."""
    return None


def sha256_of(path: Path) -> str:
    """The hash of a file, taken once while it stays as it is."""
    seen = path.stat()
    return _sha256(path, (seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino))


@lru_cache(maxsize=64)
def _sha256(path: Path, stamp: tuple[int, ...]) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class StagedPart:
    """One Parquet file of a table; ``year`` where the table has one file for each year.

    ``dataset`` is another data set than the load's own, whose part is made anew from it.
    """

    table: str
    file: Path
    rows: int
    year: int | None = None
    dataset: str | None = None


@dataclass(frozen=True)
class InputFile:
    """A file that a load read."""

    name: str
    sha256: str
    bytes: int
    rows: int


@dataclass(frozen=True)
class YearFile:
    """A file that has a year of its own, as its name tells; in an archive it may be a member."""

    year: int
    name: str
    origin: Path
    edition: str


@dataclass(frozen=True)
class RejectedRow:
    """A row that cannot be used: where it is, the reason as a message key, and its text."""

    file: str
    row: int | None
    reason: str
    text: str


QUARANTINE = pl.Schema(
    {"file": pl.String(), "row": pl.Int64(), "reason": pl.String(), "text": pl.String()}
)
"""Columns of the rows that cannot be used."""


@dataclass
class Staging:
    """Where a source writes.

    Attributes:
        shipped: a table's name → its rows that come with offing, to hold others against.
        only: names of the files to read of those given; all where empty.
        edition: the HS edition of every row, where the set has one.
        reasons: rows quarantined, by message key.
        skipped: rows that are right but of no use here, such as totals, by message key.
        notes: cautions.
    """

    folder: Path
    progress: Progress = silent
    shipped: Callable[[str], pl.DataFrame | None] = nothing
    only: frozenset[str] = frozenset()
    parts: list[StagedPart] = field(default_factory=list)
    inputs: list[InputFile] = field(default_factory=list)
    edition: str | None = None
    reasons: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    notes: list[Caution] = field(default_factory=list)
    _bad: list[pl.DataFrame] = field(default_factory=list)
    _last: Path | None = None

    def _target(self, table: str, year: int | None) -> Path:
        stem = table if year is None else f"{table}-{year}"
        count = sum(1 for part in self.parts if part.table == table and part.year == year)
        return self.folder / f"{stem}-{count}.parquet"

    def sorted(
        self,
        table: str,
        rows: pl.LazyFrame,
        count: int,
        *,
        year: int | None,
        dataset: str | None = None,
    ) -> None:
        """Add rows that are checked and in the table's order already, without a copy in memory.

        For large sets. The columns are cast to those of the table as they are written.
        """
        target = self._target(table, year)
        schema = TABLES[table].schema.create_empty().schema
        rows.select(pl.col(name).cast(kind) for name, kind in schema.items()).sink_parquet(
            target, compression="zstd", row_group_size=ROW_GROUP
        )
        self.parts.append(StagedPart(table, target, count, year, dataset))

    def frame(
        self, table: str, rows: pl.DataFrame, *, year: int | None = None, dataset: str | None = None
    ) -> None:
        """Add checked rows of a table. They are validated against its schema once more."""
        spec = TABLES[table]
        good = spec.schema.validate(rows.select(list(spec.schema.columns())), cast=True)
        target = self._target(table, year)
        good.sort(list(spec.order)).write_parquet(target, compression="zstd")
        self.parts.append(StagedPart(table, target, good.height, year, dataset))

    def reject(self, rows: pl.DataFrame) -> None:
        """Quarantine rows. Columns: ``file``, ``row``, ``reason`` (a message key) and ``text``.

        ``text`` is the row as it was read, so that a person finds it again.

        All rows count; the first :data:`LISTED` of a load are kept with their text.
        """
        rejected = rows.select(QUARANTINE.names()).cast(QUARANTINE)
        self._bad.append(rejected.head(self.room))
        counts = rejected.group_by("reason").len()
        for reason, count in counts.iter_rows():
            self.reasons[reason] += count

    def put_aside(self, path: Path, errors: Sequence[OffingError]) -> None:
        """Quarantine rows of a firm's own table, each for what was found in it."""
        rows = [
            RejectedRow(str(path), e.where.row if e.where else None, e.key, e.read) for e in errors
        ]
        if rows:
            self.reject(pl.DataFrame(rows, infer_schema_length=None))

    def take(self, path: Path, read: Records[Any]) -> None:
        """Remember a firm's own table as an input, with what is said of it and its bad rows."""
        self.notes += read.notes
        self.read_from(path, len(read.rows) + len(read.quarantined))
        self.put_aside(path, read.quarantined)

    @property
    def room(self) -> int:
        """How many more rejected rows can be listed."""
        return LISTED - sum(part.height for part in self._bad)

    def skip(self, reason: str, count: int) -> None:
        """Count rows that are left out and are no error; ``reason`` is a message key."""
        if count:
            self.skipped[reason] += count

    def without(self, rows: pl.DataFrame, out: Mapping[str, pl.Expr]) -> pl.DataFrame:
        """The rows of which none of these is true; the others are skipped, each for the first."""
        for key, excluded in out.items():
            keep = rows.filter(~excluded.fill_null(value=False))
            self.skip(key, rows.height - keep.height)
            rows = keep
        return rows

    def note(self, key: str, **values: str | int) -> None:
        """Say a caution once, with the load's report, and keep it with its provenance."""
        if (note := Caution(key, values)) not in self.notes:
            self.notes.append(note)

    def read_from(self, path: Path, rows: int) -> None:
        """Remember an input file: its hash, size and number of data rows.

        The tables of one archive count together.
        """
        if self._last == path:
            last = self.inputs.pop()
            self.inputs.append(replace(last, rows=last.rows + rows))
            return
        self._last = path
        self.inputs.append(InputFile(path.name, sha256_of(path), path.stat().st_size, rows))

    def quarantine(self) -> pl.DataFrame:
        """All rejected rows so far."""
        return pl.concat([pl.DataFrame(schema=QUARANTINE), *self._bad])
