"""Growth, drift and noise: how a ladder moves from year to year."""

import math
from collections.abc import Mapping

import numpy as np
import polars as pl

LEAST_YEARS = 3
LEAST_PAIRS = 5


def growth(values: Mapping[int, float]) -> float | None:
    """Mean yearly growth from the first year to the last, compounded.

    Returns:
        A share: 0.1 is 10 % a year. ``None`` with under three years or a first or last value of
        nothing.

    >>> round(growth({2019: 100.0, 2020: 90.0, 2021: 121.0}) or 0, 4)
    0.1
    """
    years = sorted(values)
    if len(years) < LEAST_YEARS:
        return None
    first, last = values[years[0]], values[years[-1]]
    if first <= 0 or last <= 0:
        return None
    return float((last / first) ** (1 / (years[-1] - years[0])) - 1)


def drift(shares: Mapping[int, float]) -> float | None:
    """Slope of a share over the years by least squares, in percentage points a year.

    Returns:
        ``None`` with under three years.

    >>> round(drift({2019: 0.10, 2020: 0.12, 2021: 0.14}) or 0, 6)
    2.0
    """
    if len(shares) < LEAST_YEARS:
        return None
    years = np.array(sorted(shares), dtype=float)
    points = np.array([100 * shares[int(year)] for year in years])
    away = years - years.mean()
    return float(away @ points / (away @ away))


def noise(rows: pl.DataFrame) -> float | None:
    """How much a supplier's log unit value wavers from one year to the next.

    The yearly changes of log unit values, less their median of the year (prices that move together
    are no noise), have a median absolute value; 1.4826 times it is a robust standard deviation,
    and the square root of two takes out that a change has the noise of two years in it.

    Args:
        rows: columns year, product, exporter and unit_value, none of them null, of one market.

    Returns:
        The standard deviation in log points, or ``None`` with under five pairs of years.
    """
    before = rows.select("product", "exporter", pl.col("year") + 1, before="unit_value")
    changes = (
        rows.join(before, on=["product", "exporter", "year"])
        .with_columns(change=(pl.col("unit_value") / pl.col("before")).log())
        .with_columns(pl.col("change") - pl.col("change").median().over("year", "product"))
    )
    if changes.height < LEAST_PAIRS:
        return None
    middle = changes["change"].abs().median()
    return 1.4826 * float(middle) / math.sqrt(2) if isinstance(middle, float) else None
