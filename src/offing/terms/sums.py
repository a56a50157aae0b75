"""Sums of money that are the same in any order, on any number of threads."""

import polars as pl

UNIT = 2.0**40
"""Parts of one, such as a dollar, that are counted: whole numbers can be added in any order."""
MOST = 1e26
"""Above it whole numbers of 128 bits end; no trade is as large."""


def exact_sum(column: str = "value_usd") -> pl.Expr:
    """The sum of a column of money, exact to a trillionth of one.

    Polars adds the rows of a lazy table in whatever order its threads bring them, and the last
    digits of a sum of floats hang on the order.

    >>> pl.LazyFrame({"value_usd": [0.1, 0.2, 0.3, 1e300]}).select(exact_sum()).collect().item()
    1e+300
    """
    value = pl.col(column).cast(pl.Float64)
    large = value.abs() >= MOST
    whole = (pl.when(~large).then(value) * UNIT).round().cast(pl.Int128).sum()
    beyond = value.filter(large).sum()
    return (whole.cast(pl.Float64) / UNIT + beyond).alias(column)


def parts(values: pl.Series) -> int:
    """The sum of money in parts of ``1 / UNIT``, exact: such sums can be added in any order.

    >>> parts(pl.Series([0.1, 0.2, 1e30])) / UNIT
    1e+30
    """
    fits = values.abs() < MOST
    whole = (values.filter(fits) * UNIT).round().cast(pl.Int128).sum()
    return int(whole) + int(UNIT) * sum(map(int, values.filter(~fits)))
