"""The most-favoured-nation tariffs of the United Kingdom and of the European Union.

The UK government's table ``global-uk-tariff.csv`` sets side by side the EU's common customs tariff
as it stood in 2020 (``cet_duty_rate``) and the UK Global Tariff of 2021-01-01
(``ukgt_duty_rate``), at eight or ten digits. The texts are kept exactly as they read, such as
``10.20% + 93.10 EUR / 100 kg``; the rulebook parses them.

The EU's lines have no first and no last day here: the table does not give one. A rate that the EU
has changed since 2020 is not in it.
"""

from datetime import date
from pathlib import Path

import polars as pl

from offing.sources.about import About
from offing.sources.rows import read_rows
from offing.sources.sheet_file import checked, has_half, select_files, tables
from offing.sources.staging import Staging

ABOUT = About(
    name="tariff-uk-eu",
    title="reference.tariff_uk_eu",
    tables=("duty_lines",),
    publisher="sources.publisher_tariff_uk_eu",
    licence="sources.licence_tariff_uk_eu",
    page="https://www.gov.uk/guidance/uk-tariffs-from-1-january-2021",
)

SPELLINGS = {
    "code": ["commodity", "commoditycode", "code"],
    "description": ["description"],
    "EUR": ["cetdutyrate", "commonexternaltariff"],
    "GBR": ["ukgtdutyrate", "ukglobaltariff"],
}
FIRST_DAY = {"EUR": None, "GBR": date(2021, 1, 1)}
SOURCE = {"EUR": "@eu_in_uk|year=2020", "GBR": "@uk|day=2021-01-01"}


def read(paths: list[Path], staging: Staging) -> None:
    """Read the table into ``duty_lines`` of the importers ``EUR`` and ``GBR``, regime ``mfn``."""
    required = ["code", "EUR", "GBR"]
    files = tables(paths, staging, heading="commodity")
    for table in select_files(files, staging, has_half(SPELLINGS, required)):
        file = read_rows(table, SPELLINGS, required, staging)
        rows = checked(
            file,
            file.rows,
            {
                "reference.bad_tariff_code": ~pl.col("code")
                .str.contains(r"^\d{8}(\d{2})?$")
                .fill_null(value=False),
                "reference.no_rate": pl.col("EUR").is_null() & pl.col("GBR").is_null(),
            },
            once=["code"],
        )
        for importer, since in FIRST_DAY.items():
            lines = rows.filter(pl.col(importer).is_not_null()).select(
                pl.lit(importer).alias("importer"),
                "code",
                pl.lit("mfn").alias("regime"),
                pl.lit(None, pl.String).alias("partner"),
                pl.col(importer).alias("expression"),
                pl.lit(since, pl.Date).alias("since"),
                pl.lit(None, pl.Date).alias("until"),
                "description",
                pl.lit(SOURCE[importer]).alias("source"),
            )
            staging.frame("duty_lines", lines)
