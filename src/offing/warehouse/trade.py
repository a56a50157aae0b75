"""The flows of a data set, as analyses ask for them. Codes nest: 85 has all that 8528 has."""

from collections.abc import Collection, Sequence

import polars as pl

from offing.terms.errors import MissingDataError
from offing.terms.tables import Flows
from offing.warehouse.checksums import code_range
from offing.warehouse.exact_sums import added_up, sums_sql
from offing.warehouse.store import Warehouse


def flows_below(
    warehouse: Warehouse,
    dataset: str,
    code: str = "",
    *,
    since: int = 0,
    until: int | None = None,
    year: int | None = None,
    columns: Sequence[str] = tuple(Flows.columns()),
) -> pl.DataFrame:
    """Every flow of a code and of all codes below it, by year, product, importer and exporter.

    A data set that holds 8528 and 852872 gives both; :meth:`Warehouse.flows` gives one level. An
    empty code stands for all products.
    """
    source = warehouse.source_sql("flows", dataset, None if year is None else [year], below=code)
    return warehouse.query(
        f"SELECT {', '.join(columns)} FROM {source} "
        "WHERE product >= ? AND product < ? AND year >= ? AND year <= coalesce(?, year) "
        "ORDER BY year, product, importer, exporter",
        [*code_range(code), since, until],
    )


def flows_by_year(warehouse: Warehouse, dataset: str, code: str, until: int) -> dict[int, int]:
    """Year → how many rows :func:`flows_below` has."""
    source = warehouse.source_sql("flows", dataset, below=code)
    counted = warehouse.query(
        f"SELECT year, count(*) AS flows FROM {source} "
        "WHERE product >= ? AND product < ? AND year <= ? GROUP BY year ORDER BY year",
        [*code_range(code), until],
    )
    return dict(counted.iter_rows())


def export_sums(
    warehouse: Warehouse,
    dataset: str,
    year: int,
    keys: Sequence[str],
    *,
    codes: Sequence[str] | None = None,
    digits: int = 6,
    without: Collection[str] = (),
) -> pl.DataFrame:
    """Sums of a year's exports by ``product``, ``exporter`` or ``importer``, or some of them.

    Flows of nothing and of a country to itself are left out.

    Args:
        warehouse: of the flows.
        dataset: theirs.
        year: theirs.
        keys: what to add up by.
        codes: products to add up; all where ``None``.
        digits: of a product in the sums.
        without: exporters to leave out.

    Returns:
        ``keys`` and ``value_usd``, the same bytes in every run, in order.
    """
    source = warehouse.source_sql("flows", dataset, [year])
    named = [f"substr(product, 1, {digits}) AS product" if k == "product" else k for k in keys]
    order = ", ".join(keys)
    lists = {"product IN": codes, "exporter NOT IN": sorted(without) or None}
    chosen = [f"AND {of} ({', '.join('?' * len(n))}) " for of, n in lists.items() if n is not None]
    sums = warehouse.query(
        f"SELECT {order}, {sums_sql()} FROM (SELECT {', '.join(named)}, value_usd "
        f"FROM {source} WHERE value_usd > 0 AND exporter <> importer {''.join(chosen)}) "
        f"GROUP BY {order} ORDER BY {order}",
        [name for names in lists.values() for name in names or ()],
    )
    return added_up(sums)


def flows_of_codes(
    warehouse: Warehouse, dataset: str, year: int, codes: Collection[str] | None = None
) -> pl.DataFrame:
    """A year's flows of six digits: of some codes, or of all."""
    return warehouse.query(
        f"SELECT * FROM {warehouse.source_sql('flows', dataset, [year])} "
        f"WHERE length(product) = 6{_among(codes)}",
        sorted(codes or ()),
    )


def sums_by_year(
    warehouse: Warehouse, dataset: str, years: Collection[int], codes: Collection[str] | None = None
) -> list[tuple[int, float]]:
    """Years of a data set with their trade of six digits, USD: of some codes, or of all."""
    sums = warehouse.query(
        f"SELECT year, {sums_sql()} FROM {warehouse.source_sql('flows', dataset, years)} "
        f"WHERE length(product) = 6{_among(codes)} GROUP BY year ORDER BY year",
        sorted(codes or ()),
    )
    return added_up(sums).select("year", "value_usd").rows()


def _among(codes: Collection[str] | None) -> str:
    return "" if codes is None else f" AND product IN ({', '.join('?' * len(codes)) or 'NULL'})"


def editions_of_reports(warehouse: Warehouse, dataset: str) -> list[tuple[int, str | None]]:
    """Years of a data set's reports with the one edition that all of them are in, or none."""
    rows = warehouse.query(
        "SELECT year, CASE WHEN count(DISTINCT edition) = 1 AND count(edition) = count(*) "
        f"THEN max(edition) END FROM {warehouse.source_sql('reports', dataset)} "
        "GROUP BY year ORDER BY year"
    )
    return rows.rows()


def reported_years(warehouse: Warehouse, dataset: str, code: str = "") -> pl.DataFrame:
    """Which importer reported anything below a code in which year: ``year``, ``importer``."""
    source = warehouse.source_sql("flows", dataset, below=code)
    return warehouse.query(
        f"SELECT DISTINCT year, importer FROM {source} "
        "WHERE product >= ? AND product < ? ORDER BY year, importer",
        [*code_range(code)],
    )


def product_codes(warehouse: Warehouse, dataset: str) -> list[str]:
    """Every HS code that a data set has, in order."""
    source = warehouse.source_sql("flows", dataset)
    codes = warehouse.query(f"SELECT DISTINCT product FROM {source} ORDER BY product")
    return codes["product"].to_list()


def codes_below(warehouse: Warehouse, heading: str, digits: int) -> list[tuple[str, float]]:
    """The codes of so many digits below a heading with their world trade, the largest first.

    Returns:
        Code, and USD of the newest year of the data set with the most trade in the heading.
    """
    try:
        dataset = warehouse.trade_set(heading)
    except MissingDataError:
        return []
    sums = warehouse.query(
        f"SELECT year, product, {sums_sql()} FROM "
        f"{warehouse.source_sql('flows', dataset, below=heading)} "
        "WHERE product >= ? AND product < ? AND length(product) = ? GROUP BY year, product",
        [*code_range(heading), digits],
    )
    newest = added_up(sums).filter(pl.col("year") == pl.col("year").max())
    largest = newest.sort(["value_usd", "product"], descending=[True, False])
    return largest.select("product", "value_usd").rows()


def kilometres(warehouse: Warehouse, origin: str) -> dict[str, float]:
    """Destination → km from an origin; empty where no distances are loaded."""
    if not warehouse.has("distances"):
        return {}
    source = warehouse.source_sql("distances")
    rows = warehouse.query(
        f"SELECT destination, km FROM {source} WHERE origin = ? ORDER BY destination", [origin]
    )
    return dict(rows.iter_rows())
