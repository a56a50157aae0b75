"""What of a change in sales is price and what is quantity (价格与数量因素分解).

The additive logarithmic mean Divisia index: each cell's change in value is its logarithmic mean
value, times the log change of its price and of its quantity. Nothing is left over, and the parts
change sign when the two years change places. Ang (2005), "The LMDI approach to decomposition
analysis: a practical guide", Energy Policy 33(7):867-871, equations 3 to 6; Vartia (1976).
"""

import polars as pl

PARTS = ("price", "quantity", "begun", "ended", "unmeasured")
"""Of a change, in USD: of price, of quantity, of cells without sales before, without sales now, and
of cells whose quantity is not known in both years, or that have more back than sold."""


def price_and_quantity(cells: pl.DataFrame) -> pl.DataFrame:
    """Each cell with its parts; their sums over any group are that group's.

    Args:
        cells: ``before``, ``now`` in USD, ``units_before``, ``units_now``; a cell is goods that
            are alike, such as a product in one market and unit.

    Returns:
        The same with :data:`PARTS`, which add up to ``now - before`` in each cell.

    >>> cell = {"before": [100.0], "now": [150.0], "units_before": [10.0], "units_now": [10.0]}
    >>> price_and_quantity(pl.DataFrame(cell)).select("price", "quantity").row(0)
    (50.0, 0.0)
    """
    before, now = pl.col("before"), pl.col("now")
    moved = now - before
    begun, ended = (before == 0) & (now > 0), (before > 0) & (now == 0)
    measured = (before > 0) & (now > 0) & (pl.col("units_before") > 0) & (pl.col("units_now") > 0)
    growth = (now / before).log()
    mean = pl.when(moved == 0).then(now).otherwise(moved / growth)
    more = (pl.col("units_now") / pl.col("units_before")).log()
    return cells.with_columns(
        price=pl.when(measured).then(mean * (growth - more)).otherwise(0.0),
        quantity=pl.when(measured).then(mean * more).otherwise(0.0),
        begun=pl.when(begun).then(moved).otherwise(0.0),
        ended=pl.when(ended).then(moved).otherwise(0.0),
        unmeasured=pl.when(measured | begun | ended).then(0.0).otherwise(moved),
    )
