"""The lines of the tariffs that are loaded, and the agreements and unions that hold on a day."""

from datetime import date

import polars as pl

from offing.sources.tariff_us import LISTED
from offing.terms.tables import TABLES
from offing.warehouse.store import Warehouse, starter_folder

IN_DATA_SETS = LISTED
"""The product lists that a data set can hold."""


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


def starter_chapters(warehouse: Warehouse, importer: str) -> frozenset[str]:
    """The HS chapters for which the starter world has an importer's tariff."""
    return _distinct(warehouse, importer, "code[1:2]", starter=True)


def own_regimes(warehouse: Warehouse, importer: str) -> frozenset[str]:
    """The regimes of an importer of which the user has loaded lines."""
    return _distinct(warehouse, importer, "regime", starter=False)


def _distinct(warehouse: Warehouse, importer: str, what: str, *, starter: bool) -> frozenset[str]:
    stored = warehouse.stored("duty_lines")
    paths = [str(r / part.file) for r, part in stored if (r == starter_folder()) is starter]
    if not paths:
        return frozenset()
    # Of all importers at once: a study asks for each of its markets.
    sql = f"SELECT DISTINCT importer, {what} AS value FROM read_parquet(?) ORDER BY ALL"
    values = warehouse.query(sql, [paths])
    return frozenset(values.filter(pl.col("importer") == importer)["value"])


def groups_on(warehouse: Warehouse, on: date) -> pl.DataFrame:
    """Who is in which group on a day, in the columns of ``Groups``: from its first day on, and no
    more on the day that ends it.
    """
    return warehouse.table("groups").filter(
        (pl.col("since").is_null() | (pl.col("since") <= on))
        & (pl.col("until").is_null() | (pl.col("until") > on))
    )
