"""Rates against the yuan that are not the ECB's, in a table of their own.

A file has ``date, currency, per_cny``: units of the currency for one yuan; or it is a table of
published rates (:mod:`offing.sources.parities`). The starter world has 29 days of some 50
currencies, 2024-03 to 2026-09. Such rates give a level and never a volatility; they are used only
where the ECB has none, or none of the last days, and a figure that rests on one says so.
"""

from datetime import date
from pathlib import Path

import polars as pl

from offing.sources.about import About
from offing.sources.archive import Given, given
from offing.sources.parities import beside_published, parities
from offing.sources.rows import read_rows
from offing.sources.sheet_file import checked
from offing.sources.staging import Staging
from offing.terms.currencies import codes

ABOUT = About(
    name="fx-thin",
    title="reference.fx_thin",
    tables=("fx_thin", "central_parity"),
    publisher="sources.publisher_fx_thin",
    licence="sources.licence_fx_thin",
    page="https://github.com/fawazahmed0/exchange-api",
)

SPELLINGS = {
    "on": ["date", "on", "日期"],
    "currency": ["currency", "币种"],
    "per_cny": ["percny", "每人民币"],
}


def _usable(rows: pl.DataFrame, file: Given, staging: Staging) -> pl.DataFrame:
    """The rates of a table of published ones; days and figures that are none are put aside."""
    staging.read_from(file.origin, rows["row"].n_unique())
    late = pl.col("on").is_null() | (pl.col("on") > date.today())  # noqa: DTZ011
    reason = (
        pl.when(late)
        .then(pl.lit("reference.bad_date"))
        .when(pl.col("per_cny").is_null())
        .then(pl.lit("reference.bad_rate"))
        .when("far")
        .then(pl.lit("reference.rate_far"))
    )
    judged = rows.with_columns(reason.alias("reason"))
    bad = judged.filter(pl.col("reason").is_not_null())
    staging.reject(bad.select(pl.lit(file.shown).alias("file"), "row", "reason", "text"))
    return judged.filter(pl.col("reason").is_null()).select("on", "currency", "per_cny", "cny")


def read(paths: list[Path], staging: Staging) -> None:
    """Read files of rates against the yuan into ``fx_thin``, and into ``central_parity``."""
    parts, parity = [], []
    for file in given(paths, staging.folder):
        shipped = staging.shipped("fx_thin")
        if (published := parities(file, shipped)) is not None:
            usable = _usable(published, file, staging)
            parts.append(usable.drop("cny"))
            official = usable.drop("per_cny").drop_nulls()
            parity += [official] if official.height else []
            continue
        table = read_rows(file, SPELLINGS, list(SPELLINGS), staging)
        rows = table.rows.with_columns(
            pl.col("on").str.to_date("%Y-%m-%d", strict=False),
            pl.col("currency").str.to_uppercase(),
            pl.when(pl.col("per_cny").str.contains(r"^\d{1,9}(\.\d{1,10})?$"))
            .then(pl.col("per_cny"))
            .cast(pl.Decimal(20, 10), strict=False),
        )
        good = checked(
            table,
            rows,
            {
                "reference.bad_date": pl.col("on").is_null() | (pl.col("on") > date.today()),  # noqa: DTZ011
                "reference.bad_rate": ~pl.col("currency")
                .str.contains("^[A-Z]{3}$")
                .fill_null(False)
                | pl.col("per_cny").is_null()
                | (pl.col("per_cny") <= 0),
                "reference.unknown_currency": ~pl.col("currency").is_in(list(codes())),
            },
            once=["on", "currency"],
        )
        near = table.quarantine(
            beside_published(good, shipped), {"reference.rate_far": pl.col("far")}
        )
        parts.append(near.select("on", "currency", "per_cny"))
    for name, frames in (("fx_thin", parts), ("central_parity", parity)):
        if frames:
            last = pl.concat(frames).unique(["on", "currency"], keep="last", maintain_order=True)
            staging.frame(name, last)
