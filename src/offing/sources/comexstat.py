"""Brazil's trade by months: the raw tables of Comex Stat (``EXP_2025.csv``, ``IMP_2025.csv``).

One row a month, code (NCM, 8 digits), country, state, way and customs office, in US dollars free
on board. Countries go by the ministry's own numbers; ``data/comexstat_countries.csv`` has them
from its table ``PAIS.csv``, without the areas that have no code of ours.
"""

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl

from offing.sources.about import About
from offing.sources.headings import OfficialLayout, official
from offing.sources.monthly_rows import Months, months_of, plain_number, reasons
from offing.sources.rows import SourceTable, tables
from offing.sources.staging import Staging
from offing.sources.us_monthly import direction_asked
from offing.terms.caution import Caution
from offing.terms.errors import InputError, unknown_name
from offing.terms.files import shipped_rows

ABOUT = About(
    "comexstat",
    ("monthly_reports",),
    "https://www.gov.br/mdic/pt-br/assuntos/comercio-exterior/estatisticas/base-de-dados-bruta",
)

_NAMED = re.compile(r"(?i)^(exp|imp)_")


def read(
    paths: Sequence[Path],
    staging: Staging,
    *,
    flow: str | None = None,
    cumulated: bool | None = None,
) -> None:
    """Read tables of Comex Stat into ``monthly_reports``.

    ``flow`` stands in where the file's official name does not tell it; ``cumulated`` as in
    :class:`offing.sources.monthly_rows.Months`.

    Raises:
        InputError: ``sources.which_flow``, ``sources.looks_cumulated``, or a file that cannot be
            used.
    """
    months, layout = Months(staging, cumulated), official("comexstat")
    for table in tables(paths, staging, layout.fits_half):
        side = _side(table, direction_asked(flow))
        table.read(layout)
        if side == "export" and "freight" in table.found:
            raise InputError("sources.freight_of_imports", where=table.where(column="freight"))
        months.add(table, monthly(table, side))
        say_one_office(table, staging)
    months.write()


@cache
def _countries() -> dict[str, str]:
    """Number of the ministry → our code."""
    rows = shipped_rows("offing.sources", "data/comexstat_countries.csv")
    return {row["code"]: row["country"] for row in rows}


def _side(table: SourceTable, flow: str | None) -> str:
    """By the official name, ``EXP_`` or ``IMP_``, else as the user said."""
    named = _NAMED.match(table.file.name)
    if flow is None and named is None:
        raise InputError("sources.which_flow", where=table.where())
    return flow or ("export" if named and named[1].lower() == "exp" else "import")


def monthly(file: SourceTable, side: str) -> pl.DataFrame:
    """The rows of a file in the columns of :mod:`offing.sources.monthly_rows`."""
    raw = file.rows
    file.must_have_points(raw, "value", "kg", thousands=True)
    text = pl.concat_str(pl.col("year"), pl.lit("-"), pl.col("month"))
    rows = raw.drop("year", "month").hstack(months_of(raw.select(text).to_series()))
    number = pl.col("partner_number").str.zfill(3)
    # A spreadsheet takes the zero in front of 09011110.
    code = pl.col("product").str.zfill(8)
    return rows.with_columns(
        pl.lit(side).alias("direction"),
        pl.lit("BRA").alias("reporter"),
        number.replace_strict(_countries(), default=None, return_dtype=pl.String).alias("partner"),
        pl.when(pl.col("product").str.contains(r"^\d{7,8}$")).then(code).alias("product"),
        plain_number("value").alias("value"),
        pl.lit("USD").alias("currency"),
        plain_number("kg").alias("kg"),
        pl.concat_str(
            code,
            number,  # several areas may be one country of ours
            *(pl.col(name).fill_null("") for name in ("state", "transport", "office")),
            separator="|",
        ).alias("part"),
    )


def say_one_office(file: SourceTable, staging: Staging) -> None:
    """An extract of one customs office is not a country's trade."""
    offices = file.rows["office"].drop_nulls().unique()
    if len(offices) == 1:
        staging.note("sources.note_one_office", office=offices[0])


COUNTRY = "BRA"
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
    notes: tuple[Caution, ...]
    skipped: dict[str, int] = field(default_factory=dict)

    @property
    def states(self) -> tuple[str, ...]:
        """Of the file, that with the largest exports first; ``ND`` is not declared."""
        sums = self.rows.group_by("state").agg(pl.col("usd").sum())
        return tuple(sums.sort(["usd", "state"], descending=[True, False])["state"])

    @property
    def covers(self) -> tuple[date, date]:
        """First and last day of the months in the file."""
        day = pl.date("year", "month", 1)
        first, last = self.rows.select(first=day.min(), last=day.max().dt.month_end()).row(0)
        return first, last

    def lines(self, state: str) -> pl.DataFrame:
        """A state's months: ``on``, ``product``, ``market``, ``unit``, ``quantity``, ``usd``.

        Raises:
            InputError: ``errors.unknown_name``.
        """
        code = state.strip().upper()
        if code not in self.states:
            raise unknown_name(state, self.states)
        return self.rows.filter(pl.col("state") == code).select(
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
    with tempfile.TemporaryDirectory(prefix="offing-") as folder:
        try:
            first = next(tables(paths, Staging(Path(folder))), None)
            return first is not None and _state_layout().fits(first.header)
        except InputError:
            return False


def read_by_state(paths: Sequence[Path]) -> ByState:
    """Read tables of exports, or the folder or archive of them.

    Raises:
        InputError: ``province.imports_file``, or a file that cannot be used.
    """
    with tempfile.TemporaryDirectory(prefix="offing-") as folder:
        staging = Staging(Path(folder))
        files = tables(paths, staging, _state_layout().fits_half)
        parts = [_read(table, staging) for table in files]
        bad = (
            staging.quarantine()
            .group_by("reason")
            .agg(pl.len().alias("lines"), pl.col("row").min())
            .sort("row", "reason")
        )
    key = ("year", "month", "product", "market", "state")
    rows = pl.concat(parts).group_by(key).agg(pl.col("usd", "kg").sum()).sort(key)
    quarantined = tuple(bad.select("reason", "lines", "row").rows())
    return ByState(rows, quarantined, tuple(staging.notes), dict(staging.skipped))


def _state_layout() -> OfficialLayout:
    """The layout of the raw tables, whose column of states is needed."""
    raw = official("comexstat")
    return replace(raw, needed=(*raw.needed, "state"))


def _read(table: SourceTable, staging: Staging) -> pl.DataFrame:
    if table.file.name.lower().startswith("imp_"):
        raise InputError("province.imports_file", where=table.where())
    table.read(_state_layout())
    say_one_office(table, staging)
    rows = monthly(table, "export")
    no_state = {"province.no_state": pl.col("state").is_null()}
    good = table.quarantine(rows, reasons() | no_state)
    return good.group_by(
        pl.col("year").cast(pl.Int64),
        pl.col("month").cast(pl.Int64),
        pl.col("product").str.slice(0, DIGITS),
        pl.col("partner").alias("market"),
        pl.col("state").str.to_uppercase(),
    ).agg(usd=pl.col("value").sum(), kg=pl.col("kg").fill_null(0.0).sum())
