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
from offing.sources.headings import official
from offing.sources.rows import tables
from offing.sources.staging import Staging
from offing.sources.trade_checks import bad_code, duty_lines

ABOUT = About(
    "tariff-uk-eu", ("duty_lines",), "https://www.gov.uk/guidance/uk-tariffs-from-1-january-2021"
)

OF = {"EUR": (None, "@eu_in_uk|year=2020"), "GBR": (date(2021, 1, 1), "@uk|day=2021-01-01")}
"""Importer → the first day of its lines, and their source."""


def read(paths: list[Path], staging: Staging) -> None:
    """Read the table into ``duty_lines`` of the importers ``EUR`` and ``GBR``, regime ``mfn``."""
    layout = official("uk_eu")
    for table in tables(paths, staging, layout.fits_half, heading="commodity"):
        rows = table.check(
            table.read(layout),
            {
                "reference.bad_tariff_code": bad_code(r"^\d{8}(\d{2})?$"),
                "reference.no_rate": pl.col("EUR").is_null() & pl.col("GBR").is_null(),
            },
            once=["code"],
        )
        for importer, (since, source) in OF.items():
            stated = rows.filter(pl.col(importer).is_not_null())
            lines = duty_lines(
                stated, importer=importer, expression=pl.col(importer), since=since, source=source
            )
            staging.frame("duty_lines", lines)
