"""Sums in SQL that are the same bytes in any order of the rows, as ``terms.sums`` has them.

A sum of floats hangs on the order in which threads bring the rows; one of whole numbers does not.
Whole dollars and whole parts of a dollar are added apart, in words that DuckDB and Spark both know,
and put together here: how they round a long number to a float is not the same.
"""

import polars as pl

from offing.terms.sums import UNIT

_UNIT = f"{UNIT / 1e12!r}E12"
_MOST = "9E18"
"""Whole dollars that Spark's ``floor`` has room for; no trade is as large."""


def sums_sql(column: str = "value_usd") -> str:
    """The columns of a sum of money from 0 on, for :func:`added_up`."""
    parts = f"(({column} - floor({column})) * {_UNIT})"
    rest = f"({parts} - floor({parts}))"
    up = f"CASE WHEN {rest} > 0.5 OR ({rest} = 0.5 AND floor({parts}) % 2 = 1) THEN 1 ELSE 0 END"
    fits = f"CASE WHEN {column} < {_MOST} THEN"
    return (
        f"sum({fits} CAST(floor({column}) AS DECIMAL(19, 0)) END) AS whole, "
        f"sum({fits} CAST(floor({parts}) + {up} AS DECIMAL(14, 0)) END) AS parts, "
        f"sum(CASE WHEN {column} >= {_MOST} THEN {column} END) AS beyond"
    )


def added_up(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the sum ``value_usd``, exact to a trillionth of a dollar, for its columns."""
    whole, parts = (pl.col(name).cast(pl.Int128).fill_null(0) for name in ("whole", "parts"))
    exact = (whole * int(UNIT) + parts).cast(pl.Float64) / UNIT
    return rows.with_columns(value_usd=exact + pl.col("beyond").fill_null(0.0)).drop(
        "whole", "parts", "beyond"
    )
