"""Six-digit means of tariff lines from the World Bank's bulk files (WITS, UNCTAD TRAINS).

A file of applied duties (``AVEMFN_H6_076_2019_U2``) has one row for each six-digit code: the simple
mean, least and highest rate in per cent of the importer's national lines, and how many there are.
One of preferences (``AVEPref…``) has them for each partner too. Both are of one year and one
edition of the Harmonized System. Amounts by the kilogram are not in the mean (``Nbr_NA_Lines``).

A mean chooses markets and does not tell what one shipment pays: it is kept under a regime of its
own (``mfn_hs6``, ``pref_hs6``), so that a national line always comes before it. A rate holds from 1
January of its year until a later year is loaded.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from offing.sources.about import About
from offing.sources.columns import spelled
from offing.sources.rows import read_rows
from offing.sources.sheet_file import checked, select_files, tables
from offing.sources.staging import Staging
from offing.terms.countries import by_number
from offing.terms.hs import EDITIONS
from offing.terms.tables import MEAN

ABOUT = About(
    name="tariff-wits",
    title="reference.tariff_wits",
    tables=("duty_lines",),
    publisher="sources.publisher_tariff_wits",
    licence="sources.licence_tariff_wits",
    page="https://wits.worldbank.org/WITS/WITS/QuickQuery/Tariff-BulkDownload/TariffBulkDownload.aspx",
)
EUROPEAN_UNION = {918: "EUR"}
"""The number of TRAINS that is no country's."""
SPELLINGS = {
    "edition": ["nomencode"],
    "reporter": ["reporterison"],
    "year": ["year"],
    "code": ["productcode"],
    "partner": ["partner"],
    "rate": ["simpleaverage"],
    "least": ["minrate"],
    "most": ["maxrate"],
    "unread": ["nbrnalines"],
    "lines": ["totalnooflines"],
}
NEEDED = ("edition", "reporter", "year", "code", "rate", "least", "most", "lines")


def read(paths: list[Path], staging: Staging) -> None:
    """Read files of applied duties and of preferences into ``duty_lines``.

    Raises:
        InputError: a file has not the columns of such a file.
    """
    places = by_number() | EUROPEAN_UNION
    frames = []
    for table in select_files(tables(paths, staging, heading="ProductCode"), staging, _is_bulk):
        file = read_rows(table, SPELLINGS, NEEDED, staging)
        numbers = [pl.col(name).cast(pl.Float64, strict=False).alias(name)
                   for name in ("rate", "least", "most", "unread", "lines")]  # fmt: skip
        rows = file.rows.with_columns(
            *numbers,
            pl.col("year").cast(pl.Int32, strict=False),
            pl.col("edition").str.to_uppercase().replace_strict(EDITIONS, default=None),
            *(_place(name, places).alias(f"{name}_code") for name in ("reporter", "partner")),
        )
        good = checked(
            file,
            rows,
            {
                "reference.bad_tariff_code": ~pl.col("code").str.contains(r"^\d{6}$"),
                "reference.unknown_country": pl.col("reporter_code").is_null(),
                "reference.unknown_partner": pl.col("partner").is_not_null()
                & pl.col("partner_code").is_null(),
                "reference.bad_year": ~pl.col("year").is_between(1988, 2100).fill_null(value=False),
                "reference.unknown_edition": pl.col("edition").is_null(),
                "reference.no_rate": pl.any_horizontal(
                    pl.col("rate", "least", "most", "lines").is_null()
                ),
                "reference.mean_outside": ~(
                    pl.col("rate").is_between(pl.col("least") - 0.005, pl.col("most") + 0.005)
                    & (pl.col("least") >= 0)
                    & (pl.col("lines") >= 1)
                ),
            },
            once=["reporter_code", "year", "code", "partner_code"],
        )
        frames.append(_lines(good))
    lines = pl.concat(frames).unique(
        ["importer", "regime", "code", "partner", "since"], keep="last", maintain_order=True
    )
    key = ["importer", "regime", "code", "partner"]
    lines = lines.sort(*key, "since", maintain_order=True).with_columns(
        until=pl.col("since").shift(-1).over(key)
    )
    staging.frame("duty_lines", lines)


def _is_bulk(header: Sequence[str]) -> bool:
    return {"productcode", "simpleaverage"} <= set(map(spelled, header))


def _place(column: str, places: dict[int, str]) -> pl.Expr:
    number = pl.col(column).cast(pl.Int32, strict=False)
    return number.replace_strict(places, default=None, return_dtype=pl.String)


def percent_text(column: str) -> pl.Expr:
    """A rate with no digit too many: 12.5, 0."""
    return pl.col(column).round(4).cast(pl.String).str.replace(r"\.0$", "")


def _lines(rows: pl.DataFrame) -> pl.DataFrame:
    remark = pl.format(
        "@wits|year={}|hs={}|lines={}|least={}|most={}|unread={}",
        "year", "edition", pl.col("lines").cast(pl.Int64),
        percent_text("least"), percent_text("most"), pl.col("unread").fill_null(0).cast(pl.Int64),
    )  # fmt: skip
    preferred = pl.col("partner_code").is_not_null()
    return rows.select(
        pl.col("reporter_code").alias("importer"),
        "code",
        pl.when(preferred).then(pl.lit("pref")).otherwise(pl.lit("mfn")).add(MEAN).alias("regime"),
        pl.col("partner_code").alias("partner"),
        pl.format("{}%", percent_text("rate")).alias("expression"),
        pl.date(pl.col("year"), 1, 1).alias("since"),
        pl.lit(None, pl.Date).alias("until"),
        pl.lit(None, pl.String).alias("description"),
        remark.alias("source"),
    )
