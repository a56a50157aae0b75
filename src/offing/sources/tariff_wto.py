"""National tariff lines from the World Trade Organization's table, one importer a file.

Its columns are ``reporter_code, year, tl, tldesc, import_duties`` among others; codes end with an
apostrophe, so that spreadsheets keep their zeros. ``import_duties`` is the most-favoured-nation
rate in per cent. Copies go round in which that column is zero from top to bottom: they have codes
and words alone and are refused, else every good would be free.
"""

from pathlib import Path

import polars as pl

from offing.sources.about import About
from offing.sources.headings import official
from offing.sources.rows import tables
from offing.sources.staging import Staging
from offing.sources.trade_checks import (
    bad_code,
    bad_tariff_year,
    duty_lines,
    importer_of,
    percent_text,
    until_the_next,
)
from offing.terms.errors import InputError

ABOUT = About("tariff-wto", ("duty_lines",), "https://tao.wto.org/")


def read(paths: list[Path], staging: Staging) -> None:
    """Read tables of national lines into ``duty_lines``.

    Raises:
        InputError: ``reference.rates_all_zero`` where a file has codes and words without rates.
    """
    layout = official("wto")
    for table in tables(paths, staging, layout.fits_half, heading="tl"):
        texts = table.read(layout).with_columns(
            pl.col("reporter", "year", "code").str.strip_chars("' "),
            pl.col("description").str.replace(r"^[\s-]+", ""),
        )
        rows = texts.with_columns(
            pl.col("rate").cast(pl.Float64, strict=False),
            importer_of("reporter"),
            pl.col("year").cast(pl.Int32, strict=False),
        )
        good = table.check(
            rows,
            {
                "reference.bad_tariff_code": bad_code(r"^\d{6}(\d{2}){0,2}$"),
                "reference.unknown_country": pl.col("reporter").is_null(),
                "reference.bad_year": bad_tariff_year(),
                "reference.no_rate": ~(pl.col("rate") >= 0).fill_null(value=False),
            },
            once=["reporter", "year", "code"],
        )
        if good.height and good["rate"].sum() == 0:
            raise InputError("reference.rates_all_zero", where=table.where())
        lines = duty_lines(
            good,
            importer=pl.col("reporter"),
            expression=pl.format("{}%", percent_text("rate")),
            since=pl.date("year", 1, 1),
            source=pl.format("@wto|year={}", "year"),
        )
        staging.frame("duty_lines", until_the_next(lines))
