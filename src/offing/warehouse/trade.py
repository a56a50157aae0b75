"""The flows of a data set, as analyses ask for them. Codes nest: 85 has all that 8528 has."""

import polars as pl

from offing.warehouse.store import Warehouse

ORDER = "ORDER BY year, product, importer, exporter"


def flows_below(
    warehouse: Warehouse, dataset: str, code: str, until: int | None = None
) -> pl.DataFrame:
    """Every flow of a code and of all codes below it, in the ``Flows`` columns.

    A data set that holds 8528 and 852872 gives both; :meth:`Warehouse.flows` gives one level.

    Args:
        warehouse: the data.
        dataset: the trade data set.
        code: HS code; an empty one stands for all products.
        until: the last year.
    """
    return warehouse.query(
        f"SELECT * FROM {warehouse.source_sql('flows', dataset)} "
        f"WHERE starts_with(product, ?) AND year <= ? {ORDER}",
        [code, until or 9999],
    )


def count_flows(warehouse: Warehouse, dataset: str, code: str, until: int | None = None) -> int:
    """How many rows :func:`flows_below` has."""
    counted = warehouse.query(
        f"SELECT count(*) AS flows FROM {warehouse.source_sql('flows', dataset)} "
        "WHERE starts_with(product, ?) AND year <= ?",
        [code, until or 9999],
    )
    return int(counted.item())


def reported_years(warehouse: Warehouse, dataset: str, code: str = "") -> pl.DataFrame:
    """Which importer reported anything below a code in which year: ``year``, ``importer``."""
    return warehouse.query(
        f"SELECT DISTINCT year, importer FROM {warehouse.source_sql('flows', dataset)} "
        "WHERE starts_with(product, ?) ORDER BY ALL",
        [code],
    )


def product_codes(warehouse: Warehouse, dataset: str) -> list[str]:
    """Every HS code that a data set has, in order."""
    source = warehouse.source_sql("flows", dataset)
    codes = warehouse.query(f"SELECT DISTINCT product FROM {source} ORDER BY product")
    return codes["product"].to_list()


def trade_of_year(
    warehouse: Warehouse, dataset: str, year: int, codes: list[str], digits: int
) -> pl.DataFrame:
    """The trade abroad of a year by the first digits of the code.

    Args:
        warehouse: the data.
        dataset: the trade data set.
        year: one that it has.
        codes: those that are added up.
        digits: of the codes they are added up to.

    Returns:
        ``product``, ``exporter``, ``importer``, ``value_usd`` (above zero), in that order.
    """
    return warehouse.query(
        "SELECT substr(product, 1, ?) AS product, exporter, importer, sum(value_usd) AS value_usd "
        f"FROM {warehouse.source_sql('flows', dataset, [year])} "
        "WHERE value_usd > 0 AND exporter <> importer AND list_contains(?, product) "
        "GROUP BY ALL ORDER BY ALL",
        [digits, codes],
    )


def values_of_year(warehouse: Warehouse, dataset: str, year: int) -> pl.DataFrame:
    """Every flow of a year: ``product``, ``importer``, ``exporter``, ``value_usd``."""
    return warehouse.query(
        "SELECT product, importer, exporter, value_usd FROM "
        + warehouse.source_sql("flows", dataset, [year])
    )


def first_and_last(warehouse: Warehouse, table: str, dataset: str, column: str) -> tuple[str, str]:
    """The smallest and the largest value of a column, as text."""
    low, high = warehouse.query(
        f'SELECT min("{column}")::VARCHAR AS low, max("{column}")::VARCHAR AS high '
        f"FROM {warehouse.source_sql(table, dataset)}"
    ).row(0)
    return str(low), str(high)
