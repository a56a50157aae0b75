"""The flows of a data set, as analyses ask for them. Codes nest: 85 has all that 8528 has."""

from collections.abc import Sequence

import polars as pl

from offing.terms.tables import Flows
from offing.warehouse.checksums import code_range
from offing.warehouse.store import Warehouse


def flows_below(
    warehouse: Warehouse,
    dataset: str,
    code: str = "",
    *,
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
        "WHERE product >= ? AND product < ? AND year <= coalesce(?, year) "
        "ORDER BY year, product, importer, exporter",
        [*code_range(code), until],
    )


def count_flows(warehouse: Warehouse, dataset: str, code: str, until: int) -> int:
    """How many rows :func:`flows_below` has."""
    source = warehouse.source_sql("flows", dataset, below=code)
    counted = warehouse.query(
        f"SELECT count(*) AS flows FROM {source} WHERE product >= ? AND product < ? AND year <= ?",
        [*code_range(code), until],
    )
    return int(counted.item())


def reported_years(warehouse: Warehouse, dataset: str, code: str = "") -> pl.DataFrame:
    """Which importer reported anything below a code in which year: ``year``, ``importer``."""
    source = warehouse.source_sql("flows", dataset, below=code)
    return warehouse.query(
        f"SELECT DISTINCT year, importer FROM {source} "
        "WHERE product >= ? AND product < ? ORDER BY ALL",
        [*code_range(code)],
    )


def product_codes(warehouse: Warehouse, dataset: str) -> list[str]:
    """Every HS code that a data set has, in order."""
    source = warehouse.source_sql("flows", dataset)
    codes = warehouse.query(f"SELECT DISTINCT product FROM {source} ORDER BY product")
    return codes["product"].to_list()


def kilometres(warehouse: Warehouse, origin: str) -> dict[str, float]:
    """Destination → km from an origin; empty where no distances are loaded."""
    if not warehouse.has("distances"):
        return {}
    source = warehouse.source_sql("distances")
    rows = warehouse.query(
        f"SELECT destination, km FROM {source} WHERE origin = ? ORDER BY destination", [origin]
    )
    return dict(rows.iter_rows())
