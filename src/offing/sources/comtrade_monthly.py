"""UN Comtrade by months: how the running year goes, before its yearly data are there.

The layouts are those of the yearly files (:mod:`offing.sources.comtrade`) with frequency M and a
period of the form YYYYMM.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from offing.sources.about import About
from offing.sources.archive import given
from offing.sources.columns import kept
from offing.sources.comtrade import (
    DIRECTIONS,
    HEADINGS,
    REQUIRED,
    above_zero,
    country_of,
    left_out,
)
from offing.sources.foreign import half_of, ours
from offing.sources.monthly_rows import Months, months_of
from offing.sources.rows import Read, number, read_rows
from offing.sources.staging import Staging
from offing.terms.errors import InputError
from offing.terms.hs import EDITIONS

ABOUT = About(
    name="comtrade-monthly",
    title="sources.title_comtrade_monthly",
    tables=("monthly_reports",),
    publisher="sources.publisher_comtrade",
    licence="sources.licence_comtrade",
    page="https://comtradeplus.un.org",
)


def read(paths: Sequence[Path], staging: Staging, *, cumulated: bool | None = None) -> None:
    """Read monthly Comtrade files into ``monthly_reports``.

    Args:
        paths: folders, csv, csv.gz, Parquet or zip.
        staging: where the rows go.
        cumulated: whether values are sums from January on; told from them where ``None``.

    Raises:
        InputError: ``sources.not_monthly``, ``sources.not_hs``, ``sources.looks_cumulated``, or a
            file that cannot be used.
    """
    months = Months(staging, cumulated)
    spellings = {**kept(HEADINGS), "month": ["refmonth", "month"]}
    for file in ours(given(paths, staging.folder), staging, half_of(spellings, REQUIRED)):
        read = read_rows(file, spellings, REQUIRED, staging)
        months.add(read, _rows(read, staging))
    months.write()


def _rows(file: Read, staging: Staging) -> pl.DataFrame:
    floats = ("year", "period", "month", "product", "reporter_number", "partner_number")
    raw = file.rows.with_columns(pl.col(floats).str.replace(r"\.0+$", ""))
    _refuse(file, raw)
    text = pl.coalesce(
        pl.when(pl.col("period").str.len_chars() > 4).then(pl.col("period")),
        pl.concat_str(pl.col("year"), pl.lit("-"), pl.col("month")),
    )
    rows = raw.with_columns(text.alias("text"))
    rows = rows.drop("year", "month").hstack(months_of(rows["text"]))
    rows = rows.with_columns(
        pl.col("flow")
        .str.to_lowercase()
        .replace_strict(DIRECTIONS, default=None)
        .alias("direction"),
        country_of(rows, "reporter"),
        country_of(rows, "partner"),
        number("value").alias("number"),
        number("kg").alias("kg_number"),
    )
    rows = left_out(staging, rows)
    return rows.select(
        "row",
        "year",
        "month",
        "direction",
        "reporter",
        "partner",
        "product",
        pl.col("number").alias("value"),
        pl.lit("USD").alias("currency"),
        above_zero("kg_number").alias("kg"),
        "cumulated",
        pl.lit("").alias("part"),
    )


def _refuse(file: Read, rows: pl.DataFrame) -> None:
    """Stop at years, quarters and other nomenclatures."""
    other = pl.col("frequency").str.to_uppercase().is_in(["A", "Q"])
    no_month = (pl.col("period").str.len_chars() <= 4) & pl.col("month").is_null()
    coded = ~pl.col("classification").str.to_uppercase().is_in([*EDITIONS, "HS"]) & ~pl.col(
        "classification"
    ).str.contains(r"^(?i)(HS)?\d{2,4}$")
    for key, column, bad in (
        ("sources.not_monthly", "period", other | no_month),
        ("sources.not_hs", "classification", coded),
    ):
        found = rows.filter(bad.fill_null(value=False)).head(1)
        if found.height:
            raise InputError(key, where=file.where(found["row"][0], column), value=found[column][0])
