"""The lines of the tariffs that are loaded, and the agreements and unions that hold on a day."""

from datetime import date
from functools import cache

import polars as pl

from offing.sources.headings import heading_data
from offing.terms.tables import TABLES
from offing.warehouse.store import Warehouse


@cache
def lists_in_data() -> frozenset[str]:
    """The product lists that a data set can have, by their duty regime."""
    lists = heading_data("us_lists")
    regimes = (*lists["section_301"].values(), *lists["by_heading"].values())
    return frozenset((*regimes, *(goods["regime"] for goods in lists["files"].values())))


def duty_lines(warehouse: Warehouse, importer: str, code: str | None) -> pl.DataFrame:
    """The lines of an importer's tariff in the ``DutyLines`` columns, by regime, code and start.

    With a code only lines at, above or below it.
    """
    if not warehouse.has("duty_lines"):
        return TABLES["duty_lines"].schema.create_empty()
    near = "" if code is None else "AND (starts_with(code, ?) OR starts_with(?, code)) "
    return warehouse.query(
        f"SELECT * FROM {warehouse.source_sql('duty_lines')} WHERE importer = ? {near}"
        "ORDER BY regime, code, since",
        [importer, *([] if code is None else [code, code])],
    )


def groups_on(warehouse: Warehouse, on: date) -> pl.DataFrame:
    """Who is in which group on a day, in the columns of ``Groups``: from its first day on, and no
    more on the day that ends it.
    """
    return warehouse.table("groups").filter(
        (pl.col("since").is_null() | (pl.col("since") <= on))
        & (pl.col("until").is_null() | (pl.col("until") > on))
    )


def worded_codes(warehouse: Warehouse) -> list[tuple[str, str]]:
    """Six digits and the words of each national line below them, of all tariffs that are loaded."""
    if not warehouse.has("duty_lines"):
        return []
    rows = warehouse.query(
        "SELECT DISTINCT substr(code, 1, 6) AS code, description FROM "
        f"{warehouse.source_sql('duty_lines')} WHERE length(code) >= 6 AND description IS NOT NULL "
        "ORDER BY code, description"
    )
    return rows.rows()
