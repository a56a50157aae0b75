"""Agreements and unions of countries, as they stand on a day."""

from datetime import date

import polars as pl

from offing.warehouse.store import Warehouse


def groups_on(warehouse: Warehouse, on: date) -> pl.DataFrame:
    """Who is in which group on a day, in the columns of ``Groups``: from its first day on, and no
    more on the day that ends it.
    """
    return warehouse.table("groups").filter(
        (pl.col("since").is_null() | (pl.col("since") <= on))
        & (pl.col("until").is_null() | (pl.col("until") > on))
    )
