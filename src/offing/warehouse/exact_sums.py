"""Sums in SQL that are the same bytes in any order of the rows, as ``terms.sums`` has them.

A sum of floats hangs on the order in which threads bring the rows; one of whole numbers does not.
Said in words that DuckDB and Spark both know: Spark's ``floor`` gives a whole number of 64 bits, so
that dollars and parts of a dollar are made whole apart.
"""

from offing.terms.sums import UNIT

_UNIT = f"{UNIT / 1e12!r}E12"
_MOST = "9E18"
"""Whole dollars that 64 bits hold; no trade is as large."""


def added_sql(column: str = "value_usd") -> str:
    """The sum of a column of money from 0 on, exact to a trillionth of one.

    Null where there is no value.
    """
    parts = f"(({column} - floor({column})) * {_UNIT})"
    rest = f"({parts} - floor({parts}))"
    up = f"CASE WHEN {rest} > 0.5 OR ({rest} = 0.5 AND floor({parts}) % 2 = 1) THEN 1 ELSE 0 END"
    whole = (
        f"CAST(floor({column}) AS DECIMAL(19, 0)) * CAST({UNIT:.0f} AS DECIMAL(13, 0)) "
        f"+ CAST(floor({parts}) + {up} AS DECIMAL(14, 0))"
    )
    exact = f"CAST(sum(CASE WHEN {column} < {_MOST} THEN {whole} END) AS DOUBLE) / {_UNIT}"
    beyond = f"sum(CASE WHEN {column} >= {_MOST} THEN {column} END)"
    return f"coalesce({exact} + coalesce({beyond}, 0E0), {exact}, {beyond})"
