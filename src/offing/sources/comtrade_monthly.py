"""UN Comtrade by months: how the running year goes, before its yearly data are there.

The layouts are those of the yearly files (:mod:`offing.sources.comtrade`) with frequency M and a
period of the form YYYYMM.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from offing.sources.about import About
from offing.sources.columns import official
from offing.sources.comtrade import DIRECTIONS, country_of, left_out, refuse, unlike_words
from offing.sources.monthly_rows import Months, months_of
from offing.sources.rows import SourceTable, number, tables
from offing.sources.staging import Staging
from offing.sources.trade_checks import number_ended

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

    ``cumulated`` as in :class:`offing.sources.monthly_rows.Months`.

    Raises:
        InputError: ``sources.not_monthly``, ``sources.not_hs``, ``sources.looks_cumulated``, or a
            file that cannot be used.
    """
    months, layout = Months(staging, cumulated), official("comtrade")
    for table in tables(paths, staging, layout.fits_half):
        table.read(layout)
        months.add(table, _rows(table, staging))
    months.write()


def _rows(file: SourceTable, staging: Staging) -> pl.DataFrame:
    floats = ("year", "period", "month", "product", "reporter_number", "partner_number")
    raw = file.rows.with_columns(pl.col(floats).str.replace(r"\.0+$", ""))
    other = pl.col("frequency").str.to_uppercase().is_in(["A", "Q"])
    monthly = pl.col("period").str.len_chars() > len("2024")
    refuse(file, raw, "sources.not_monthly", other | ~monthly & pl.col("month").is_null())
    text = pl.coalesce(
        pl.when(monthly).then(pl.col("period")),
        pl.concat_str(pl.col("year"), pl.lit("-"), pl.col("month")),
    )
    rows = raw.with_columns(text.alias("text"))
    rows = rows.drop("year", "month").hstack(months_of(rows["text"]))
    rows = rows.with_columns(
        pl.col("flow")
        .str.to_lowercase()
        .replace_strict(DIRECTIONS, default=None)
        .alias("direction"),
        unlike_words(),
        country_of(rows, "reporter"),
        country_of(rows, "partner"),
        number("value").alias("value"),
        number("kg").alias("kg"),
    )
    bad = {
        "sources.dissolved_country": number_ended("reporter") | number_ended("partner"),
        "sources.two_flows": pl.col("other_flow"),
    }
    return file.quarantine(left_out(staging, rows), bad).with_columns(
        pl.lit("USD").alias("currency"), pl.lit("").alias("part")
    )
