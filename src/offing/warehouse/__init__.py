"""Where tables live: Parquet files and their catalogue, read with DuckDB.

``Warehouse.open()`` finds the user's warehouse, or the starter world where nothing is loaded.
"""

from offing.warehouse.loading import LoadReport, load
from offing.warehouse.store import Warehouse

__all__ = ["LoadReport", "Warehouse", "load"]
