"""Six-digit means of tariff lines from the World Bank's bulk files (WITS, UNCTAD TRAINS).

A file of applied duties (``AVEMFN_H6_076_2019_U2``) has one row for each six-digit code: the simple
mean, least and highest rate in per cent of the importer's national lines, and how many there are.
One of preferences (``AVEPref…``) has them for each partner too. Both are of one year and one
edition of the Harmonized System. Amounts by the kilogram are not in the mean (``Nbr_NA_Lines``).

A mean chooses markets and does not tell what one shipment pays: it is kept under a regime of its
own (``mfn_hs6``, ``pref_hs6``), so that a national line always comes before it. A rate holds from 1
January of its year until a later year is loaded.
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
from offing.terms.hs import EDITIONS
from offing.terms.tables import MEAN

ABOUT = About(
    "tariff-wits",
    ("duty_lines",),
    "https://wits.worldbank.org/WITS/WITS/QuickQuery/Tariff-BulkDownload/TariffBulkDownload.aspx",
)


def read(paths: list[Path], staging: Staging) -> None:
    """Read files of applied duties and of preferences into ``duty_lines``.

    Raises:
        InputError: a file has not the columns of such a file.
    """
    frames, layout = [], official("wits")
    for table in tables(paths, staging, layout.fits_half, heading="ProductCode"):
        numbers = pl.col("rate", "least", "most", "unread", "lines").cast(pl.Float64, strict=False)
        rows = table.read(layout).with_columns(
            numbers,
            pl.col("year").cast(pl.Int32, strict=False),
            pl.col("edition").str.to_uppercase().replace_strict(EDITIONS, default=None),
            *(importer_of(name).alias(f"{name}_code") for name in ("reporter", "partner")),
        )
        inside = pl.col("rate").is_between(pl.col("least") - 0.005, pl.col("most") + 0.005)
        good = table.check(
            rows,
            {
                "reference.bad_tariff_code": bad_code(r"^\d{6}$"),
                "reference.unknown_country": pl.col("reporter_code").is_null(),
                "reference.unknown_partner": pl.col("partner").is_not_null()
                & pl.col("partner_code").is_null(),
                "reference.bad_year": bad_tariff_year(),
                "reference.unknown_edition": pl.col("edition").is_null(),
                "reference.no_rate": pl.any_horizontal(
                    pl.col("rate", "least", "most", "lines").is_null()
                ),
                "reference.mean_outside": ~(
                    inside & (pl.col("least") >= 0) & (pl.col("lines") >= 1)
                ),
            },
            once=["reporter_code", "year", "code", "partner_code"],
        )
        frames.append(_lines(good))
    key = ["importer", "regime", "code", "partner", "since"]
    lines = pl.concat(frames).unique(key, keep="last", maintain_order=True)
    staging.frame("duty_lines", until_the_next(lines))


def _lines(rows: pl.DataFrame) -> pl.DataFrame:
    remark = pl.format(
        "@wits|year={}|hs={}|lines={}|least={}|most={}|unread={}",
        "year", "edition", pl.col("lines").cast(pl.Int64),
        percent_text("least"), percent_text("most"), pl.col("unread").fill_null(0).cast(pl.Int64),
    )  # fmt: skip
    preferred = pl.col("partner_code").is_not_null()
    return duty_lines(
        rows,
        regime=pl.when(preferred).then(pl.lit("pref")).otherwise(pl.lit("mfn")).add(MEAN),
        importer=pl.col("reporter_code"),
        partner=pl.col("partner_code"),
        expression=pl.format("{}%", percent_text("rate")),
        since=pl.date("year", 1, 1),
        source=remark,
    )
