"""National tariff lines from the World Trade Organization's table, one importer a file.

Its columns are ``reporter_code, year, tl, tldesc, import_duties`` among others; codes end with an
apostrophe, so that spreadsheets keep their zeros. ``import_duties`` is the most-favoured-nation
rate in per cent. Copies go round in which that column is zero from top to bottom: they have codes
and words alone and are refused, else every good would be free.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from offing.sources.about import About
from offing.sources.columns import spelled
from offing.sources.rows import read_rows
from offing.sources.sheet_file import checked, select_files, tables
from offing.sources.staging import Staging
from offing.sources.tariff_wits import EUROPEAN_UNION, percent_text
from offing.terms.countries import by_number
from offing.terms.errors import InputError, Where

ABOUT = About(
    name="tariff-wto",
    title="reference.tariff_wto",
    tables=("duty_lines",),
    publisher="sources.publisher_tariff_wto",
    licence="sources.licence_tariff_wto",
    page="https://tao.wto.org/",
)
SPELLINGS = {
    "reporter": ["reportercode"],
    "year": ["year"],
    "code": ["tl"],
    "description": ["tldesc"],
    "rate": ["importduties"],
}
NEEDED = ("reporter", "year", "code", "rate")


def read(paths: list[Path], staging: Staging) -> None:
    """Read tables of national lines into ``duty_lines``.

    Raises:
        InputError: ``reference.rates_all_zero`` where a file has codes and words without rates.
    """
    places = by_number() | EUROPEAN_UNION
    for table in select_files(tables(paths, staging, heading="tl"), staging, _is_lines):
        file = read_rows(table, SPELLINGS, NEEDED, staging)
        rows = file.rows.with_columns(
            *(pl.col(name).str.strip_chars("' ") for name in ("reporter", "year", "code")),
            pl.col("description").str.replace(r"^[\s-]+", ""),
            pl.col("rate").cast(pl.Float64, strict=False),
        ).with_columns(
            pl.col("reporter").cast(pl.Int32, strict=False)
            .replace_strict(places, default=None, return_dtype=pl.String),
            pl.col("year").cast(pl.Int32, strict=False),
        )  # fmt: skip
        good = checked(
            file,
            rows,
            {
                "reference.bad_tariff_code": ~pl.col("code").str.contains(r"^\d{6}(\d{2}){0,2}$"),
                "reference.unknown_country": pl.col("reporter").is_null(),
                "reference.bad_year": ~pl.col("year").is_between(1988, 2100).fill_null(value=False),
                "reference.no_rate": ~(pl.col("rate") >= 0).fill_null(value=False),
            },
            once=["reporter", "year", "code"],
        )
        if good.height and good["rate"].sum() == 0:
            raise InputError("reference.rates_all_zero", where=Where(table.shown))
        staging.frame("duty_lines", _lines(good))


def _is_lines(header: Sequence[str]) -> bool:
    return {"tl", "importduties"} <= set(map(spelled, header))


def _lines(rows: pl.DataFrame) -> pl.DataFrame:
    key = ["importer", "code"]
    return (
        rows.select(
            pl.col("reporter").alias("importer"),
            "code",
            pl.lit("mfn").alias("regime"),
            pl.lit(None, pl.String).alias("partner"),
            pl.format("{}%", percent_text("rate")).alias("expression"),
            pl.date(pl.col("year"), 1, 1).alias("since"),
            "description",
            pl.format("@wto|year={}", "year").alias("source"),
        )
        .sort(*key, "since")
        .with_columns(until=pl.col("since").shift(-1).over(key))
        .select(
            "importer", "code", "regime", "partner", "expression", "since", "until",
            "description", "source",
        )
    )  # fmt: skip
