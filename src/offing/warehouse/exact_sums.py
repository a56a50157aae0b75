"""Sums in SQL that are the same bytes in any order of the rows, as ``terms.sums`` has them.

A sum of floats hangs on the order in which threads bring the rows; one of whole numbers does not.
"""

from offing.terms.sums import MOST, UNIT


def added_sql(column: str = "value_usd") -> str:
    """The sum of a column of money, exact to a trillionth of one; null where there is no value."""
    whole = f"CASE WHEN abs({column}) < {MOST} THEN CAST({column} * {UNIT} AS HUGEINT) END"
    beyond = f"CASE WHEN abs({column}) >= {MOST} THEN {column} END"
    return (
        f"coalesce(CAST(sum({whole}) AS DOUBLE) / {UNIT} + coalesce(sum({beyond}), 0), "
        f"sum({beyond}))"
    )
