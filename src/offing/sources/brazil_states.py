"""A Brazilian state's exports (``SG_UF_NCM``) out of Comex Stat's raw tables, ``EXP_2024.csv``.

The same file has all other states, so the country's exports stand beside the state's own.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from offing.sources.archive import Given, given
from offing.sources.columns import kept
from offing.sources.comexstat import REQUIRED, monthly, say_one_office
from offing.sources.foreign import half_of, ours
from offing.sources.monthly_rows import reasons
from offing.sources.rows import read_rows
from offing.sources.sheet_file import headings
from offing.sources.staging import Note, Staging
from offing.terms.errors import InputError, Where
from offing.terms.messages import enumerated

COUNTRY = "BRA"
NEEDED = (*REQUIRED, "state")
DIGITS = 6
"""Of the codes that are kept: what other countries have too."""


@dataclass(frozen=True)
class ByState:
    """Exports by state.

    Attributes:
        rows: ``year``, ``month``, ``product`` (6 digits), ``market``, ``state``, ``usd``, ``kg``.
        quarantined: (reason as a message key, rows, first row).
        notes: what the file should be asked.
        skipped: rows left out: reason → rows.
    """

    rows: pl.DataFrame
    quarantined: tuple[tuple[str, int, int], ...]
    notes: tuple[Note, ...]
    skipped: dict[str, int] = field(default_factory=dict)

    @property
    def states(self) -> tuple[str, ...]:
        """Of the file, that with the largest exports first; ``ND`` is not declared."""
        sums = self.rows.group_by("state").agg(pl.col("usd").sum())
        return tuple(sums.sort(["usd", "state"], descending=[True, False])["state"])

    @property
    def covers(self) -> tuple[date, date]:
        """First and last day of the months in the file."""
        days = self.rows.select(pl.date("year", "month", 1).alias("on"))["on"]
        first, last = days.min(), days.dt.month_end().max()
        assert isinstance(first, date)
        assert isinstance(last, date)
        return first, last

    def lines(self, state: str) -> pl.DataFrame:
        """A state's months: ``on``, ``product``, ``market``, ``unit``, ``quantity``, ``usd``.

        Raises:
            InputError: ``province.which_state``.
        """
        wanted = state.strip().upper()
        if wanted not in self.states:
            raise InputError("province.which_state", known=enumerated(self.states), text=state)
        return self.rows.filter(pl.col("state") == wanted).select(
            pl.date("year", "month", 1).dt.month_end().alias("on"),
            "product",
            "market",
            pl.lit("kg").alias("unit"),
            pl.col("kg").alias("quantity"),
            "usd",
        )

    def country(self) -> pl.DataFrame:
        """All states together, in the columns of ``Flows``: the years with twelve months."""
        months = self.rows.group_by("year").agg(pl.col("month").n_unique())
        whole = months.filter(pl.col("month") == 12)["year"].to_list()
        return (
            self.rows.filter(pl.col("year").is_in(whole))
            .group_by("year", "product", importer="market")
            .agg(value_usd=pl.col("usd").sum(), kg=pl.col("kg").sum())
            .with_columns(pl.lit(COUNTRY).alias("exporter"))
            .sort("year", "product", "importer")
        )


def is_by_state(paths: Sequence[Path]) -> bool:
    """Whether the first table behind the paths has the columns of Comex Stat by state."""
    spellings = kept("monthly_headings")["comexstat"]
    with tempfile.TemporaryDirectory(prefix="offing-") as folder:
        try:
            first = next(given(paths, Path(folder)), None)
            if first is None:
                return False
            header = {str(name).strip().lower().replace("_", "") for name in headings(first)}
        except InputError:
            return False
    return all(header & set(spellings[name]) for name in ("year", "month", "product", "state"))


def read_by_state(paths: Sequence[Path]) -> ByState:
    """Read tables of exports, or the folder or archive of them.

    Raises:
        InputError: ``province.imports_file``, or a file that cannot be used.
    """
    spellings = kept("monthly_headings")["comexstat"]
    with tempfile.TemporaryDirectory(prefix="offing-") as folder:
        staging = Staging(Path(folder))
        files = ours(given(paths, staging.folder), staging, half_of(spellings, NEEDED))
        parts = [_read(file, staging) for file in files]
        bad = (
            staging.quarantine()
            .group_by("reason")
            .agg(pl.len().alias("lines"), pl.col("row").min())
            .sort("row", "reason")
        )
    key = ("year", "month", "product", "market", "state")
    rows = pl.concat(parts).group_by(key).agg(pl.col("usd", "kg").sum()).sort(key)
    return ByState(
        rows,
        tuple(bad.select("reason", "lines", "row").rows()),
        tuple(staging.notes),
        dict(staging.skipped),
    )


def _read(file: Given, staging: Staging) -> pl.DataFrame:
    if file.name.lower().startswith("imp_"):
        raise InputError("province.imports_file", where=Where(file.shown))
    read = read_rows(file, kept("monthly_headings")["comexstat"], NEEDED, staging)
    say_one_office(read, staging)
    rows = monthly(read, "export")
    no_state = {"province.no_state": pl.col("state").is_null()}
    good = read.quarantine(rows, reasons() | no_state)
    return good.group_by(
        pl.col("year").cast(pl.Int64),
        pl.col("month").cast(pl.Int64),
        pl.col("product").str.slice(0, DIGITS),
        pl.col("partner").alias("market"),
        pl.col("state").str.to_uppercase(),
    ).agg(usd=pl.col("value").sum(), kg=pl.col("kg").fill_null(0.0).sum())
