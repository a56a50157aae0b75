"""Schedules of tariff commitments of the Regional Comprehensive Economic Partnership (Annex I).

A schedule has one row for each line and one column for each year of the agreement. Year 1 is
2022, when it entered into force; China and Australia cut on 1 January of each year (Annex I,
paragraphs on the first and later years). Indonesia, Japan and the Philippines cut on 1 April.

One row is written for each step: a rate holds from its first year until the year in which another
text stands, and the last column (``Year 21 and Subsequent Years``) has no end. Rates that the
workbook keeps as fractions (0.07) are written as they are printed there (``7%``); other texts are
kept as they read: ``Free``, ``$1.220/kg``, ``U`` (no commitment). Headings without rates are no
lines and are passed over.

China has a schedule for each group of partners; ``china_for_asean`` is the regime
``rcep_asean``. Australia has one for all: the regime ``rcep``.
"""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from offing.sources.about import About
from offing.sources.headings import normalise_heading, official
from offing.sources.rows import SourceTable, tables
from offing.sources.staging import Staging
from offing.sources.trade_checks import bad_code, duty_lines
from offing.terms.countries import known_code
from offing.terms.errors import InputError

ABOUT = About("tariff-rcep", ("duty_lines",), "https://rcepsec.org/legal-text/")

YEAR_ONE = 2022
APRIL = ("IDN", "JPN", "PHL")
"""Parties whose later cuts are on 1 April, not on 1 January."""

PARTNERS = {"asean": "rcep_asean", "japan": "rcep_jpn", "korea": "rcep_kor"}
PARTNERS |= {"australia": "rcep_aus", "newzealand": "rcep_nzl"}
"""The word after ``for`` in a schedule's name → regime."""


def _whose(table: SourceTable) -> tuple[str, str]:
    """Importer and regime from a file's name such as ``china_for_asean.csv``."""
    name = Path(table.file.name).stem.casefold().replace("_", "-")
    match = re.search(r"(?<![a-z])(?:schedule-of-)?([a-z]++(?:-[a-z]++)??)(?:-for-(.+))?$", name)
    whose = known_code(match[1].replace("-", " ") if match else name)  # its Korea is the South
    if whose is None:
        raise InputError("reference.whose_schedule", where=table.where())
    partners = normalise_heading(match[2]) if match and match[2] else ""
    if partners and partners not in PARTNERS:
        raise InputError("reference.whose_schedule", where=table.where())
    return whose, PARTNERS.get(partners, "rcep")


def _first_day(year: int, importer: str) -> date:
    """The first day of the agreement's year, 1 for the first."""
    month = 4 if importer in APRIL and year > 1 else 1
    return date(YEAR_ONE + year - 1, month, 1)


def _text(column: str) -> pl.Expr:
    """A rate as it is printed: fractions as per cent, everything else as it reads."""
    value = pl.col(column).cast(pl.Float64, strict=False)
    percent = (value * 100).round(4)
    whole = percent.cast(pl.Int64, strict=False)
    printed = (
        pl.when(whole == percent).then(whole.cast(pl.String)).otherwise(percent.cast(pl.String))
    )
    return (
        pl.when(value.is_between(0, 1)).then(pl.concat_str(printed, pl.lit("%"))).otherwise(column)
    )


def read(paths: list[Path], staging: Staging) -> None:
    """Read schedules, csv or workbook, into ``duty_lines``; their names say whose they are.

    Raises:
        InputError: ``reference.whose_schedule``, or ``reference.no_years`` where the columns do
            not run from Year 1 on without a gap.
    """
    passed_over = 0
    for table in tables(paths, staging, _is_schedule, heading="HS Code"):
        whose, regime = _whose(table)
        years = {
            int(match[1]): heading
            for heading in table.header
            if (match := re.match(r"Year\s+(\d+)\b", heading, re.IGNORECASE))
        }
        if not years or sorted(years) != list(range(1, len(years) + 1)):
            raise InputError("reference.no_years", where=table.where())
        columns = [f"y{year}" for year in sorted(years)]
        rows = table.read(
            official("rcep", **{f"y{y}": [normalise_heading(h)] for y, h in years.items()})
        )
        lines = rows.filter(~pl.all_horizontal(pl.col(name).is_null() for name in columns))
        passed_over += rows.height - lines.height
        lines = lines.with_columns(
            pl.col("code").str.replace_all(r"[.\s]", ""), *(_text(name) for name in columns)
        )
        bare = pl.col(columns).cast(pl.Float64, strict=False).is_not_null()
        lines = table.check(
            lines,
            {
                "reference.bad_tariff_code": bad_code(r"^\d{6}(\d{2}){0,2}$"),
                "reference.no_rate": pl.any_horizontal(pl.col(columns).is_null()),
                "reference.bare_rate": pl.any_horizontal(bare),
            },
            once=["code"],
        )
        staging.frame("duty_lines", _steps(lines, columns, whose, regime))
    if passed_over:
        staging.note("reference.headings_passed_over", count=passed_over)


def _is_schedule(header: Sequence[str]) -> bool:
    return any(normalise_heading(heading) in ("hscode", "year1") for heading in header)


def _steps(lines: pl.DataFrame, columns: list[str], importer: str, regime: str) -> pl.DataFrame:
    """One row for each run of years with the same text."""
    days = {name: _first_day(year, importer) for year, name in enumerate(columns, start=1)}
    steps = (
        lines.unpivot(
            columns, index=["code", "description"], variable_name="year", value_name="expression"
        )
        .with_columns(pl.col("year").replace_strict(days, return_dtype=pl.Date).alias("since"))
        .sort("code", "since")
        .filter(pl.col("expression").ne_missing(pl.col("expression").shift(1).over("code")))
        .with_columns(pl.col("since").shift(-1).over("code").alias("until"))
    )
    words = pl.col("description").str.replace(r"^-+\s*", "")
    source = f"@rcep|country={importer}"
    return duty_lines(steps, regime, importer=importer, description=words, source=source)
