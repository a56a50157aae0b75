"""UN Comtrade by months: how the running year goes, before its yearly data are there.

The layouts are those of the yearly files (:mod:`offing.sources.comtrade`) with frequency M and a
period of the form YYYYMM.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from offing.sources.about import About
from offing.sources.comtrade import encode_rows
from offing.sources.headings import official
from offing.sources.monthly_rows import Months, months_of
from offing.sources.rows import SourceTable, number, tables
from offing.sources.staging import Staging
from offing.sources.trade_checks import numbers_ended

ABOUT = About("comtrade-monthly", ("monthly_reports",), "https://comtradeplus.un.org")


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
        months.add(table, _rows(table))
    months.write()


def _rows(table: SourceTable) -> pl.DataFrame:
    other = pl.col("frequency").str.to_uppercase().is_in(["A", "Q"])
    monthly = pl.col("period").str.len_chars() > len("2024")
    text = pl.coalesce(
        pl.when(monthly).then(pl.col("period")),
        pl.concat_str(pl.col("year"), pl.lit("-"), pl.col("month")),
    )
    yearly = other | ~monthly & pl.col("month").is_null()
    kg = number("kg").alias("kg")
    rows = encode_rows(table, table.rows, "sources.not_monthly", yearly, text.alias("text"), kg)
    rows = rows.drop("year", "month").hstack(months_of(rows["text"]))
    bad = {"sources.dissolved_country": numbers_ended(), "sources.two_flows": pl.col("other_flow")}
    return table.quarantine(rows, bad).with_columns(
        pl.lit("USD").alias("currency"), pl.lit("").alias("part")
    )
