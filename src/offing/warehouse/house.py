"""Open a warehouse and ask it for tables."""

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from offing.terms.errors import InputError, MissingDataError, Where
from offing.terms.nearest import nearest
from offing.terms.tables import TABLES
from offing.warehouse.catalog import FILE, Catalog, StoredPart, read_catalog

TRADE = ("flows", "reports", "sales")
"""Tables that are never filled up from the starter world: it must not mix with a user's data."""

SEVERAL = ("duty_lines",)
"""Tables that several sources fill: loading one tariff does not hide the starter's others, but
where both have a slice (an importer's regime), the user's own counts alone."""


def default_folder() -> Path:
    """``OFFING_WAREHOUSE``, or ``offing/warehouse`` in the user's data folder."""
    if named := os.environ.get("OFFING_WAREHOUSE"):
        return Path(named).expanduser()
    home = Path.home()
    if sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
    else:
        base = Path(os.environ.get("XDG_DATA_HOME", "") or home / ".local" / "share")
    return base / "offing" / "warehouse"


def starter_folder() -> Path:
    """The starter world that comes with the package."""
    return Path(str(resources.files("offing.warehouse").joinpath("starter")))


def _files(parts: Iterable[tuple[Path, StoredPart]]) -> str:
    quoted = ["'" + str(root / part.file).replace("'", "''") + "'" for root, part in parts]
    return f"read_parquet([{', '.join(quoted)}])"


@dataclass(frozen=True)
class Warehouse:
    """A folder of tables, with the starter world behind it for the reference tables.

    Attributes:
        folder: where it is.
        is_starter: whether this is the read-only starter world itself.
    """

    folder: Path
    is_starter: bool = False

    @classmethod
    def open(cls, folder: Path | None = None) -> "Warehouse":
        """The named warehouse, else the user's, else the starter world.

        Raises:
            InputError: ``warehouse.no_folder`` where a named folder is not a warehouse.
        """
        if folder is not None:
            if not folder.is_dir():
                raise InputError("warehouse.no_folder", where=Where(folder), folder=folder)
            return cls(folder, is_starter=folder.resolve() == starter_folder().resolve())
        mine = default_folder()
        if (mine / FILE).exists() and read_catalog(mine).parts:
            return cls(mine)
        return cls(starter_folder(), is_starter=True)

    @cached_property
    def catalog(self) -> Catalog:
        """What is in force, as read when first asked."""
        return read_catalog(self.folder)

    @cached_property
    def starter(self) -> Catalog:
        """The starter world's catalogue, for the reference tables that the user has not loaded."""
        return self.catalog if self.is_starter else read_catalog(starter_folder())

    @cached_property
    def duck(self) -> duckdb.DuckDBPyConnection:
        """A connection for queries; nothing is kept in it."""
        connection = duckdb.connect()
        connection.execute("SET enable_progress_bar = false")
        return connection

    def stored(self, table: str, dataset: str | None = None) -> list[tuple[Path, StoredPart]]:
        """The parts of a table with the folder they are in."""
        mine = self.catalog.parts_of(table, dataset)
        enough = bool(mine) and table not in SEVERAL
        if enough or self.is_starter or (table in TRADE and self.catalog.parts_of("flows")):
            return [(self.folder, part) for part in mine]
        if table == "sales":
            return []
        named = {part.dataset for part in mine}
        others = [
            part for part in self.starter.parts_of(table, dataset) if part.dataset not in named
        ]
        return [(self.folder, part) for part in mine] + [(starter_folder(), p) for p in others]

    def has(self, table: str) -> bool:
        """Whether there is anything in the table."""
        return bool(self.stored(table))

    def source_sql(
        self, table: str, dataset: str | None = None, years: Iterable[int] | None = None
    ) -> str:
        """What stands after ``FROM`` in a query: a ``read_parquet(...)``, or a query in brackets.

        Args:
            table: a name of ``offing.terms.tables``.
            dataset: one data set; all of them where ``None``.
            years: only the files of these years.

        Raises:
            MissingDataError: ``warehouse.nothing_loaded``.
        """
        wanted = None if years is None else set(years)
        parts = [
            (root, part)
            for root, part in self.stored(table, dataset)
            if wanted is None or part.year is None or part.year in wanted
        ]
        if not parts:
            raise MissingDataError("warehouse.nothing_loaded", table=table, folder=self.folder)
        mine = [(root, part) for root, part in parts if root == self.folder]
        if not mine or len(mine) == len(parts):
            return _files(parts)
        theirs = [(root, part) for root, part in parts if root != self.folder]
        slices = ", ".join(TABLES[table].slices)
        return (
            f"(SELECT * FROM {_files(mine)} UNION ALL BY NAME SELECT * FROM {_files(theirs)} "
            f"WHERE ({slices}) NOT IN (SELECT ({slices}) FROM {_files(mine)}))"
        )

    def query(self, sql: str, parameters: list[Any] | None = None) -> pl.DataFrame:
        """Rows of a DuckDB query (through the Arrow stream, so no further package is needed)."""
        return pl.DataFrame(self.duck.sql(sql, params=parameters or []))

    def table(self, name: str, dataset: str | None = None) -> pl.DataFrame:
        """A whole (small) table; an empty one with its columns where nothing is loaded."""
        if not self.stored(name, dataset):
            return TABLES[name].schema.create_empty()
        return self.query(f"SELECT * FROM {self.source_sql(name, dataset)}")

    def trade_sets(self) -> list[str]:
        """The data sets with flows, newest load first."""
        newest: dict[str, int] = {}
        for _, part in self.stored("flows"):
            newest[part.dataset] = max(part.load, newest.get(part.dataset, 0))
        return sorted(newest, key=lambda name: -newest[name])

    def trade_set(self, product: str, name: str | None = None) -> str:
        """The data set to use for a product: the one named, else the newest that has it.

        Raises:
            InputError: ``warehouse.unknown_dataset``.
            MissingDataError: ``warehouse.no_such_product``.
        """
        sets = self.trade_sets()
        if not sets:
            raise MissingDataError("warehouse.nothing_loaded", table="flows", folder=self.folder)
        if name is not None and name not in sets:
            raise InputError(
                "warehouse.unknown_dataset", name=name, near=nearest(name, sets) or sets[0]
            )
        for dataset in [name] if name else sets:
            found = self.query(
                f"SELECT 1 FROM {self.source_sql('flows', dataset)} "
                "WHERE product >= ? AND product < ? LIMIT 1",
                [product, product + "~"],
            )
            if found.height:
                return dataset
        wider = self.query(
            "SELECT DISTINCT product FROM "
            + self.source_sql("flows", name)
            + " WHERE starts_with(?, product) OR starts_with(product, ?) ORDER BY product",
            [product, product[:2]],
        )["product"].to_list()
        raise MissingDataError(
            "warehouse.no_such_product",
            product=product,
            near=", ".join(wider[:6]) or "—",
            folder=self.folder,
        )

    def years(self, table: str, dataset: str | None = None) -> list[int]:
        """The years in the table."""
        return sorted({part.year for _, part in self.stored(table, dataset) if part.year})

    def flows(
        self,
        product: str,
        *,
        dataset: str | None = None,
        market: str | None = None,
        years: Iterable[int] | None = None,
    ) -> pl.DataFrame:
        """The flows of one product, all exporters, in the ``Flows`` columns.

        A code that the data set has itself is used as it is; else the finest codes below it.
        A data set that holds 8528 and 852872 is therefore never counted twice.
        """
        chosen = self.trade_set(product, dataset)
        where = "product >= ? AND product < ?" + (" AND importer = ?" if market else "")
        rows = self.query(
            f"SELECT * FROM {self.source_sql('flows', chosen, years)} WHERE {where} "
            "ORDER BY year, product, importer, exporter",
            [product, product + "~", *([market] if market else [])],
        )
        if rows.is_empty():
            return rows
        lengths = rows["product"].str.len_chars()
        level = len(product) if (rows["product"] == product).any() else int(lengths.max())  # type: ignore[arg-type]
        return rows.filter(lengths == level)
