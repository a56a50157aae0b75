"""Open a warehouse and ask it for tables."""

import os
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb
import polars as pl

from offing.terms.caution import Caution, Value
from offing.terms.errors import InputError, MissingDataError, StorageError, Where
from offing.terms.hs import YEARS, moved_goods
from offing.terms.messages import join_list, nearest, say
from offing.terms.tables import TABLES, Flows
from offing.warehouse.catalog import (
    FILE,
    Catalog,
    Load,
    PartState,
    StoredPart,
    broken_part,
    code_range,
    default_folder,
    file_stamp,
    newest_first,
    read_catalog,
    readable,
    store_address,
    stretches_of_codes,
    verified_stretches,
    whole,
)
from offing.warehouse.engine import added_up, duck_of, sums_sql
from offing.warehouse.kept import AnswerCache, answers_of_catalog, made_of_starter

if TYPE_CHECKING:
    from offing.warehouse.spark import SparkFlows

YEARS_SEEN = 5
"""Data sets are compared by the trade they have in the newest years, so many of them."""

TRADE = ("flows", "reports", "sales")
"""Tables that are never filled up from the starter world: it must not mix with a user's data."""

SEVERAL = ("duty_lines", "fx_thin", "central_parity")
"""Tables that several sources fill: loading one tariff does not hide the starter's others, but
where both have a slice (an importer's regime, a day's rate), the user's own counts alone."""

DAYS = ("fx_thin", "central_parity")
"""Of these, tables in which no load replaces a set, but each its own days."""

MADE, TABLE_BYTES = 16, 1 << 24
"""So many things that were made of tables are kept, and tables no larger than this."""

T = TypeVar("T")


def starter_folder() -> Path:
    """The starter world that comes with the package."""
    return Path(str(resources.files("offing.warehouse").joinpath("starter")))


def _files(parts: Iterable[tuple[Path, StoredPart]]) -> str:
    quoted = ["'" + str(root / part.file).replace("'", "''") + "'" for root, part in parts]
    return f"read_parquet([{', '.join(quoted)}])"


@dataclass(frozen=True)
class Warehouse:
    """A folder of tables, with the starter world behind it for the reference tables.

    ``is_starter`` says that this is the read-only starter world itself; ``elsewhere`` has the flows
    of a warehouse whose flows lie on a cluster.
    """

    folder: Path
    is_starter: bool = False
    elsewhere: "SparkFlows | None" = None

    @classmethod
    def open(cls, folder: Path | str | None = None, engine: Any = None) -> "Warehouse":
        """The named warehouse, else the user's, else the starter world.

        Args:
            folder: of the warehouse, or the address of a copy such as ``s3a://trade/house``.
            engine: see :meth:`on`; this machine where ``None``.

        Raises:
            InputError: ``warehouse.no_folder`` where a named folder is not a warehouse.
        """
        if address := store_address(folder or os.environ.get("OFFING_WAREHOUSE")):
            return cls.stored_at(address, engine)
        mine = default_folder()
        folder = Path(folder or (mine if read_catalog(mine).parts else starter_folder()))
        if not folder.is_dir():
            raise InputError("warehouse.no_folder", where=Where(folder), folder=folder)
        house = cls(folder, is_starter=folder.resolve() == starter_folder().resolve())
        return house if engine is None else house.on(engine)

    @classmethod
    def stored_at(cls, address: str, engine: Any, table: str = "flows") -> "Warehouse":
        """The copy of a warehouse in an object store; see ``warehouse.spark.copy_at``."""
        from offing.warehouse.spark import copy_at

        house = cls.temporary()
        elsewhere, catalog = copy_at(engine, address, house.folder, table)
        object.__setattr__(house, "elsewhere", elsewhere)
        return house.holding(catalog.parts, loads=catalog.loads)

    def on(self, engine: Any) -> "Warehouse":
        """The warehouse, its flows added up on Spark: by an address, or in a session of one's own.

        Raises:
            InputError, StorageError: as ``SparkFlows.flows_of_parts``.
        """
        from offing.warehouse.spark import SparkFlows

        if not (stored := self.stored_parts("flows")):
            return self
        return replace(self, elsewhere=SparkFlows.flows_of_parts(engine, stored))

    @classmethod
    def from_frames(cls, behind: "Warehouse | None" = None, /, **frames: Any) -> "Warehouse":
        """A warehouse of your own tables: data frames of pandas, Polars, PyArrow or DuckDB.

        Args:
            behind: has the tables that are not given; the starter world's reference tables where
                ``None``. Your flows are never mixed with others.
            **frames: by the names and in the columns of ``offing.terms.tables``; flows may be a
                frame of Spark, which stays on its cluster.

        Raises:
            InputError: see :func:`offing.warehouse.frames.rows_of`.

        >>> rows = {"year": [2024], "product": "8528", "importer": "Germany", "exporter": "CHN",
        ...         "value_usd": 1e6}
        >>> Warehouse.from_frames(flows=pl.DataFrame(rows)).flows("8528")["importer"].to_list()
        ['DEU']
        """
        from offing.warehouse.frames import parts_of_frames
        from offing.warehouse.spark_frames import spark_flows

        elsewhere = spark_flows(frames.get("flows"))
        warehouse = cls.temporary(elsewhere)
        parts = parts_of_frames(frames, warehouse.folder) + (elsewhere.parts if elsewhere else ())
        return warehouse.holding(parts, behind, {*frames, *(TRADE if "flows" in frames else ())})

    @classmethod
    def temporary(cls, elsewhere: "SparkFlows | None" = None) -> "Warehouse":
        """A warehouse without parts, whose folder goes when it does."""
        import shutil
        import tempfile
        import weakref

        folder = Path(tempfile.mkdtemp(prefix="offing-"))
        warehouse = cls(folder, elsewhere=elsewhere)
        weakref.finalize(warehouse, shutil.rmtree, folder, ignore_errors=True)
        return warehouse

    def holding(
        self,
        parts: tuple[StoredPart, ...],
        behind: "Warehouse | None" = None,
        hidden: Collection[str] = TRADE,
        loads: tuple[Load, ...] = (),
    ) -> "Warehouse":
        """The temporary warehouse with its parts, and those of another in the tables not hidden."""
        if behind is not None and not behind.is_starter:
            parts += tuple(
                replace(part, file=str(behind.folder.resolve() / part.file))
                for part in behind.catalog.parts
                if part.table not in hidden
            )
        vars(self).update(catalog=Catalog(loads, parts), behind=behind)  # whose files stay
        return self

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
        return duck_of(os.getpid()).cursor()

    def stored_parts(self, table: str, dataset: str | None = None) -> list[tuple[Path, StoredPart]]:
        """The parts of a table with the folder they are in."""
        mine = self.catalog.parts_of(table, dataset)
        enough = bool(mine) and table not in SEVERAL
        if enough or self.is_starter or (table in TRADE and self.catalog.parts_of("flows")):
            return [(self.folder, part) for part in mine]
        if table == "sales":
            return []
        named = set() if table in DAYS else {part.dataset for part in mine}
        others = [
            part for part in self.starter.parts_of(table, dataset) if part.dataset not in named
        ]
        return [(self.folder, part) for part in mine] + [(starter_folder(), p) for p in others]

    def has(self, table: str) -> bool:
        """Whether there is anything in the table."""
        return bool(self.stored_parts(table))

    def source_sql(
        self,
        table: str,
        dataset: str | None = None,
        years: Iterable[int] | None = None,
        *,
        below: str = "",
    ) -> str:
        """What stands after ``FROM`` in a query: a ``read_parquet(...)``, or a query in brackets.

        The parts are verified by their checksums, each stretch once.

        Args:
            table: a name of ``offing.terms.tables``.
            dataset: one data set; all of them where ``None``.
            years: only the files of these years.
            below: the query asks for this code and those below it only (``product`` between the
                ends of :func:`~offing.warehouse.catalog.code_range`): the rest is not verified.

        Raises:
            MissingDataError: ``warehouse.nothing_loaded``.
            StorageError: ``warehouse.broken_part``.
        """
        chosen = None if years is None else set(years)
        parts = [
            (root, part)
            for root, part in self.stored_parts(table, dataset)
            if chosen is None or part.year is None or part.year in chosen
        ]
        if not parts:
            raise MissingDataError("warehouse.nothing_loaded", table=table, folder=self.folder)
        for root, part in parts:
            self.must_be_whole(root, part, below)
        if self.elsewhere is not None and table == "flows":
            return self.elsewhere.source(dataset, chosen)
        mine = [(root, part) for root, part in parts if root == self.folder]
        if len(mine) in (0, len(parts)):
            return _files(parts)
        theirs = [(root, part) for root, part in parts if root != self.folder]
        slices = ", ".join(f'"{name}"' for name in TABLES[table].slices)
        return (
            f"(SELECT * FROM {_files(mine)} UNION ALL BY NAME SELECT * FROM {_files(theirs)} "
            f"WHERE ({slices}) NOT IN (SELECT ({slices}) FROM {_files(mine)}))"
        )

    def must_be_whole(
        self, root: Path, part: StoredPart, below: str = "", *, anew: bool = False
    ) -> None:
        """Verify what a query of a code reads of a part, each stretch once while the file stays.

        Args:
            root: the folder of the part.
            part: that is read.
            below: the code that is asked for; all of the part where it is empty.
            anew: also what was verified before.

        Raises:
            StorageError: ``warehouse.broken_part`` where it is missing or damaged.
        """
        if not part.sums:
            return
        file = root / part.file
        try:
            seen = file.stat()
            intact = verified_stretches(file, (seen.st_ctime_ns, seen.st_mtime_ns, seen.st_ino))
            read = stretches_of_codes(part.sums, below)
            unread = [run for run in read if anew or run.start not in intact]
            size = sum(run.length for run in part.sums)
            good = not unread or (seen.st_size == size and whole(file, unread))
        except OSError:
            good = False
        if not good:
            raise broken_part(root, self.catalog if root == self.folder else self.starter, part)
        intact.update(run.start for run in unread)

    def is_whole(self, part: StoredPart, root: Path | None = None) -> bool:
        """Whether a stored part is there and as it was written; all of it is read."""
        home = root or self.folder
        try:
            self.must_be_whole(home, part, anew=True)
        except StorageError:
            return False
        return bool(part.sums) or readable(home / part.file, pages=True)

    def parts_seen(self) -> list[tuple[Path, StoredPart, PartState]]:
        """Every part of the warehouse, and of the starter world behind it, looked through.

        One that is ``unsummed`` can be read but has no checksum to compare.
        """
        homes = {self.folder: self.catalog, starter_folder(): self.starter}
        seen = []
        for root, catalog in homes.items():
            for part in catalog.parts:
                if self.elsewhere is not None and part.table in TRADE and not part.sums:
                    continue  # an object store looks after what it holds
                state: PartState = "whole" if part.sums else "unsummed"
                if not (root / part.file).exists():
                    state = "missing"
                elif not self.is_whole(part, root):
                    state = "damaged"
                seen.append((root / part.file, part, state))
        return seen

    def query(self, sql: str, parameters: list[Any] | None = None) -> pl.DataFrame:
        """Rows of a DuckDB query (through the Arrow stream, so no further package is needed).

        Only this room writes SQL; the others ask its accessors (``trade``, ``exchange_rates``,
        ``duties``). A query names the parts that it reads, and a part never changes: a small answer
        is kept, for the quotes of a study ask the same of a tariff hundreds of times.

        Raises:
            StorageError: ``warehouse.broken_part``.
        """
        key = sql, repr(parameters)
        if (cached := self._answer_cache.rows.get(key)) is not None:
            return cached
        if self.elsewhere is not None and self.elsewhere.has(sql):
            rows = self.elsewhere.rows(sql, parameters or [])
        else:
            with self.broken_parts_said():
                rows = pl.DataFrame(self.duck.sql(sql, params=parameters or []))
        return self._answer_cache.keep(key, rows)

    @cached_property
    def _answer_cache(self) -> AnswerCache:
        """Of all of the process, while the catalogue stays as it is: parts never change."""
        stamp = file_stamp(self.folder / FILE)
        shared = stamp and not self.elsewhere
        return answers_of_catalog(self.folder, stamp) if shared else AnswerCache()

    def made_once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is made of tables, which never change under a warehouse: only look at it."""
        if key not in self._object_cache:
            if len(self._object_cache) >= MADE:
                self._object_cache.clear()
            self._object_cache[key] = make()
        value: T = self._object_cache[key]
        return value

    @cached_property
    def _object_cache(self) -> dict[Hashable, Any]:
        """Of the starter world for all of the process, as :attr:`_kept`."""
        shared = self.is_starter and not self.elsewhere
        return made_of_starter(self.folder) if shared else {}

    @contextmanager
    def broken_parts_said(self) -> Iterator[None]:
        """Where an engine fails on a part that is missing or damaged, name it and its remedy.

        Raises:
            StorageError: ``warehouse.broken_part``; any other failure goes on as it is.
        """
        try:
            yield
        except duckdb.OutOfMemoryException:
            raise
        except (duckdb.Error, pl.exceptions.ComputeError, FileNotFoundError) as error:
            if "os error" in str(error) and not isinstance(error, FileNotFoundError):
                raise  # the disk refused, not the file
            homes = ((self.folder, self.catalog), (starter_folder(), self.starter))
            for pages in (False, True):  # footers first: they tell most damage, and are small
                for folder, catalog in homes:
                    for part in catalog.parts:
                        if not readable(folder / part.file, pages=pages):
                            raise broken_part(folder, catalog, part) from error
            raise

    def table(self, name: str, dataset: str | None = None) -> pl.DataFrame:
        """A whole (small) table; an empty one with its columns where nothing is loaded."""
        if not self.stored_parts(name, dataset):
            return TABLES[name].schema.create_empty()
        sql = f"SELECT * FROM {self.source_sql(name, dataset)}"
        if sql in self._object_cache:
            whole: pl.DataFrame = self._object_cache[sql]
            return whole
        rows = self.query(sql)
        small = rows.estimated_size() <= TABLE_BYTES
        return self.made_once(sql, lambda: rows) if small else rows

    def files(self, table: str, dataset: str, until: int | None = None) -> list[Path]:
        """The Parquet files of a data set up to a year; a frame of Spark comes home into one.

        Raises:
            InputError: ``frames.too_much`` where they are too many for that.
            StorageError: ``warehouse.broken_part`` where one is missing or has no footer.
        """
        if self.elsewhere is not None and table == "flows" and not self.elsewhere.read_here():
            years = [year for year in self.years(table, dataset) if year <= (until or year)]
            brought = self.folder / f"{dataset}-{until}.parquet"
            self.flows_in_order(dataset, years=years).write_parquet(brought)
            return [brought]
        chosen = []
        for root, part in self.stored_parts(table, dataset):
            if until is None or part.year is None or part.year <= until:
                self.must_be_whole(root, part)
                chosen.append(root / part.file)
        with self.broken_parts_said():
            for file in chosen:
                pl.read_parquet_schema(file)
        return chosen

    def trade_sets(self) -> list[str]:
        """The data sets with flows, newest load first."""
        return newest_first(part for _, part in self.stored_parts("flows"))

    def trade_seen(self, product: str, until: int | None = None) -> tuple[dict[str, float], int]:
        """How much trade in a product each data set has, in the newest years of any of them.

        An empty ``product`` stands for all products, ``until`` is the last year looked at.

        Returns:
            Data set → USD in these years, newest load first, and the last of them. A set whose
            years are all earlier has 0.0, a set without the product is not in it.
        """
        usd: dict[tuple[str, int], float] = {}
        for dataset in self.trade_sets():
            # A set may hold 8528 and 852872 beside it: the finest level is not added to it.
            sums = self.query(
                f"SELECT year, length(product) AS digits, {sums_sql()} FROM "
                f"{self.source_sql('flows', dataset, below=product)} "
                "WHERE product >= ? AND product < ? AND year <= ? GROUP BY year, length(product)",
                [*code_range(product), until or 9999],
            )
            most = added_up(sums).group_by("year").agg(pl.col("value_usd").max()).sort("year")
            usd |= {(dataset, year): amount for year, amount in most.rows()}
        last = max((year for _, year in usd), default=0)
        seen = dict.fromkeys(dict.fromkeys(dataset for dataset, _ in usd), 0.0)
        for (dataset, year), amount in usd.items():
            if year > last - YEARS_SEEN:
                seen[dataset] += amount
        return seen, last

    def trade_set(self, product: str, name: str | None = None, until: int | None = None) -> str:
        """The data set to use for a product: the one named, else the one with the most trade.

        Args:
            product: HS code; an empty one stands for all products.
            name: the set asked for.
            until: the last year looked at.

        Raises:
            InputError: ``warehouse.unknown_dataset``, or ``warehouse.not_in_dataset`` where the
                one named lacks a product that others have.
            MissingDataError: ``warehouse.no_such_product``.
        """
        sets = self.trade_sets()
        if not sets:
            raise MissingDataError("warehouse.nothing_loaded", table="flows", folder=self.folder)
        if name is not None and name not in sets:
            near, known = nearest(name, sets) or sets[0], join_list(sets)
            raise InputError("warehouse.unknown_dataset", name=name, all=known, near=near)
        chosen = name or (sets[0] if len(sets) == 1 else None)
        if chosen is not None and self._holds(chosen, product):
            return chosen
        seen = self.trade_seen(product, until)[0] or self.trade_seen(product)[0]
        if name is None and seen:
            return max(seen, key=seen.__getitem__)  # of equals the newest
        raise self.lacking(product, name, seen)

    def lacking(
        self, product: str, name: str | None = None, seen: Mapping[str, float] | None = None
    ) -> InputError | MissingDataError:
        """The error of a product that no data set has, or not the one named."""
        if name is not None and seen:
            others, most = join_list(seen), max(seen, key=seen.__getitem__)
            return InputError(
                "warehouse.not_in_dataset", name=name, product=product, others=others, most=most
            )
        error = moved_goods(product, YEARS[-1]) if product else None
        return MissingDataError(
            "warehouse.no_such_product",
            product=product,
            moved="" if error is None else say("warehouse.product_moved", said=error.found),
            near=join_list(self._near(product, name)) or "—",
            folder=self.folder,
        )

    def _near(self, product: str, dataset: str | None) -> list[str]:
        """Products of the same chapter, else the largest that there are."""
        source = self.source_sql("flows", dataset)
        near = self.query(
            f"SELECT DISTINCT product FROM {source} "
            "WHERE product = substr(?, 1, length(product)) OR product LIKE ? "
            "ORDER BY product LIMIT 6",
            [product, f"{product[:2]}%"],
        )
        if near.is_empty():
            every = self.query(f"SELECT product, {sums_sql()} FROM {source} GROUP BY product")
            near = added_up(every).sort(["value_usd", "product"], descending=[True, False]).head(6)
        return near["product"].to_list()

    def _holds(self, dataset: str, product: str) -> bool:
        """Whether there is a flow of a code or one below it: here the newest year mostly tells."""
        parts: list[list[int] | None] = [[year] for year in reversed(self.years("flows", dataset))]
        if self.elsewhere is not None:
            parts = [None]
        return any(
            not self.query(
                f"SELECT 1 FROM {self.source_sql('flows', dataset, years, below=product)} "
                "WHERE product >= ? AND product < ? LIMIT 1",
                [*code_range(product)],
            ).is_empty()
            for years in parts or [None]
        )

    def set_caution(self, product: str, chosen: str, until: int | None = None) -> Caution | None:
        """What to say of a data set that was chosen among several: message key and values."""
        if len(self.trade_sets()) < 2:
            return None
        usd, last = self.trade_seen(product, until)
        if chosen not in usd or len(usd) < 2:
            return None
        values: dict[str, Value] = {
            "dataset": chosen,
            "sets": tuple(name for name in usd if name != chosen),
            "product": product,
            "years": f"{last - YEARS_SEEN + 1}–{last}",
            "billions": f"{usd[chosen] / 1e9:,.1f}",
        }
        return Caution(f"warehouse.several_sets{'' if product else '_all'}", values)

    def years(self, table: str, dataset: str | None = None) -> list[int]:
        """The years in the table."""
        return sorted({part.year for _, part in self.stored_parts(table, dataset) if part.year})

    def flows_in_order(
        self,
        dataset: str,
        code: str = "",
        *,
        years: Iterable[int] | None = None,
        market: str | None = None,
        columns: Sequence[str] = tuple(Flows.columns()),
    ) -> pl.DataFrame:
        """Flows of a code and all below it by year, product, importer, exporter: so parts lie."""
        first, after = code_range(code)
        chosen = None if years is None else {*years}
        source = self.source_sql("flows", dataset, chosen, below=code)
        if self.elsewhere is not None:
            return self.query(
                f"SELECT {', '.join(columns)} FROM {source} WHERE product >= ? AND product < ? "
                "AND importer = coalesce(?, importer) ORDER BY year, product, importer, exporter",
                [first, after, market],
            )
        key = source, repr((code, market, columns))
        if (cached := self._answer_cache.rows.get(key)) is not None:
            return cached
        stored = sorted(self.stored_parts("flows", dataset), key=lambda both: both[1].year or 0)
        files = [root / part.file for root, part in stored if not chosen or part.year in chosen]
        wanted = (pl.col("product") >= first) & (pl.col("product") < after)
        if market is not None:
            wanted &= pl.col("importer") == market
        with self.broken_parts_said():
            rows = pl.scan_parquet(files, glob=False).filter(wanted).select(columns).collect()
        return self._answer_cache.keep(key, rows.cast({pl.Enum: pl.String}))

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
        rows = self.flows_in_order(chosen, product, years=years, market=market)
        if rows.is_empty():
            return rows
        lengths = rows["product"].str.len_chars()
        level = len(product) if (rows["product"] == product).any() else int(lengths.max())  # type: ignore[arg-type]
        return rows.filter(lengths == level)
