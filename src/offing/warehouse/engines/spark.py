"""Flows on Spark, in a frame or in the parts of a warehouse: added up there; answers come home.

Nothing of it needs more than Spark Connect has, and nothing runs in Python on a worker. A cluster
is never chosen here: who hands over a frame has one, or names its address.
"""

import re
import uuid
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import polars as pl

from offing.sources.trade_checks import this_year
from offing.terms.errors import InputError, StorageError
from offing.terms.frames import into_polars
from offing.terms.messages import enumerated
from offing.terms.tables import Flows
from offing.warehouse.catalog import FILE, StoredPart
from offing.warehouse.engine import Work
from offing.warehouse.engines.session import reason_of, session_of, within

HOME = 5_000_000
"""Rows that an answer may bring home."""
TYPES = {"year": "SMALLINT", "value_usd": "DOUBLE", "cif_usd": "DOUBLE", "kg": "DOUBLE"}
TYPES["items"] = "DOUBLE"
USUAL = {"observed": "'source'"}
KEYS = ("year", "product", "importer", "exporter")
GOOD = {
    "year": "year BETWEEN 1900 AND 2100",
    "product": "product RLIKE '^([0-9]{2}|[0-9]{4}|[0-9]{6})$'",
    "importer": "importer RLIKE '^[A-Z0-9]{3}$'",
    "exporter": "exporter RLIKE '^[A-Z0-9]{3}$'",
    "value_usd": "value_usd >= 0 AND value_usd < double('infinity')",
}
"""What a row needs; countries are codes of three letters, for no names are looked up there."""
LOOKS = 16
"""Tasks that look for the warehouse's folder, so that every worker is likely to have one."""
UNSEEN = re.compile("PATH_NOT_FOUND|FILE_NOT_EXIST|FileNotFoundException|NoSuchFileException")


@dataclass(frozen=True)
class SparkFlows:
    """Flows on a cluster, looked at once.

    Attributes:
        session: the frame's own, or one at an address.
        views: data set → the name under which SQL finds it.
        parts: their years, with the rows of each.
        work: what was done so far.
        folder: of the warehouse that they are of; ``None`` of a frame.
    """

    session: Any
    views: Mapping[str, str]
    parts: tuple[StoredPart, ...]
    work: Work
    folder: Path | None = None

    @classmethod
    def of_parts(cls, engine: Any, stored: Sequence[tuple[Path, StoredPart]]) -> "SparkFlows":
        """The flows of a warehouse, read by the workers from the folder that they see as well.

        Args:
            engine: an address, such as ``spark://host:7077``, or a session.
            stored: the parts with the folder they are in.

        Raises:
            InputError: ``engine.own_flows`` where they are the caller's own, and as
                :func:`~offing.warehouse.engines.session.session_of`.
            StorageError: ``engine.unseen`` where workers see another folder, and as above.
        """
        folder = stored[0][0].absolute()
        if not (folder / FILE).exists():
            raise InputError("engine.own_flows")
        began = perf_counter()
        session = session_of(engine)
        at = engine if isinstance(engine, str) else "session"
        work = Work(f"Spark {session.version}", at, sum(part.rows for _, part in stored))
        files: dict[str, list[str]] = {}
        for root, part in stored:
            files.setdefault(part.dataset, []).append(_uri(root / part.file))
        views = {dataset: f"offing_{uuid.uuid4().hex}" for dataset in files}
        flows = cls(session, views, tuple(part for _, part in stored), work, folder)
        within(flows._must_be_seen, at)
        types = ", ".join(f"{name} {TYPES.get(name, 'STRING')}" for name in Flows.columns())
        with flows._failures_said():
            for dataset, view in views.items():
                session.read.schema(types).parquet(*files[dataset]).createOrReplaceTempView(view)
        work.start = perf_counter() - began
        return flows

    def _must_be_seen(self) -> None:
        """Have the workers read the catalogue, and compare it with the one here."""
        assert self.folder is not None
        with self._failures_said():
            read = self.session.read.format("binaryFile").load(_uri(self.folder / FILE))
            looks = crc = read.selectExpr("crc32(content)")
            for _ in range(LOOKS - 1):
                looks = looks.unionAll(crc)
            seen = {row[0] for row in looks.collect()}
        if seen != {zlib.crc32((self.folder / FILE).read_bytes())}:
            raise StorageError("engine.unseen", at=self.work.at, folder=self.folder)

    @contextmanager
    def _failures_said(self) -> Iterator[None]:
        """Say what a cluster failed at, or that it is lost; other errors are our own."""
        try:
            yield
        except Exception as error:
            library = type(error).__module__.partition(".")[0]
            if library not in ("pyspark", "py4j") and not isinstance(error, (OSError, EOFError)):
                raise
            if self.folder is not None and UNSEEN.search(str(error)):
                raise StorageError("engine.unseen", at=self.work.at, folder=self.folder) from error
            raise StorageError("frames.cluster_failed", reason=reason_of(error)) from error

    @classmethod
    def of(cls, frame: Any, dataset: str) -> "SparkFlows":
        """The flows of a data frame in the columns of ``Flows``, but those that may be empty.

        Raises:
            InputError: ``frames.no_column``, ``frames.no_rows``, ``frames.bad_values``,
                ``frames.rows_twice``, ``frames.year_to_come``.
            StorageError: ``frames.cluster_failed``.
        """
        needed = [*KEYS, "value_usd"]
        free = [name for name in Flows.columns() if name not in needed]
        if lacking := [name for name in needed if name not in frame.columns]:
            names, others = enumerated(needed), enumerated(free)
            raise InputError(
                "frames.no_column",
                table="flows",
                column=enumerated(lacking),
                all=names,
                others=others,
            )
        columns = [
            f"CAST({name if name in frame.columns else USUAL.get(name, 'NULL')} "
            f"AS {TYPES.get(name, 'STRING')}) AS {name}"
            for name in Flows.columns()
        ]
        session, view = frame.sparkSession, f"offing_{uuid.uuid4().hex}"
        work = Work(f"Spark {session.version}", "session", 0)
        frame.selectExpr(*columns).createOrReplaceTempView(view)
        years = cls(session, {dataset: view}, (), work)._looked_at(view)
        parts = [StoredPart("flows", dataset, y, "", n, 1) for y, n in years.items()]
        work.flows = sum(years.values())
        return cls(session, {dataset: view}, tuple(parts), work)

    def _looked_at(self, view: str) -> dict[int, int]:
        """Year → rows, where all of them fit: one pass of the cluster."""
        bad = {
            name: f"sum(CASE WHEN coalesce({rule}, false) THEN 0 ELSE 1 END) AS bad_{name}"
            for name, rule in GOOD.items()
        }
        names = ", ".join(KEYS[1:])
        seen = self.rows(
            f"SELECT year, count(*) AS n, count(DISTINCT xxhash64({names})) AS flows, "
            f"{', '.join(bad.values())} FROM {view} GROUP BY year ORDER BY year",
            [],
        )
        if seen.is_empty():
            raise InputError("frames.no_rows", table="flows")
        wrong = {name: int(seen[f"bad_{name}"].sum()) for name in GOOD}
        if columns := [name for name, count in wrong.items() if count]:
            (first, *_), count = columns, max(wrong.values())
            example = self.rows(
                f"SELECT {first} FROM {view} WHERE NOT coalesce({GOOD[first]}, false) LIMIT 1",
                [],
            ).item()
            raise InputError(
                "frames.bad_values",
                table="flows",
                count=count,
                columns=enumerated(columns),
                example=repr(example),
            )
        twice = int((seen["n"] - seen["flows"]).sum())
        if twice:  # so it seems: of thousand million hashes two may be equal by chance
            keys = ", ".join(KEYS)
            exact = f"SELECT count(*) - count(DISTINCT {keys}) AS twice FROM {view}"
            twice = int(self.rows(exact, []).item())
        if twice:
            raise InputError("frames.rows_twice", table="flows", count=twice, keys=enumerated(KEYS))
        if (last := seen["year"][-1]) > this_year():
            raise InputError("frames.year_to_come", year=last)
        return dict(seen.select("year", "n").iter_rows())

    def source(self, dataset: str | None = None, years: Iterable[int] | None = None) -> str:
        """The view of a data set, or some years of it; all sets where none is named."""
        views = [self.views[dataset]] if dataset else self.views.values()
        all_sets = " UNION ALL ".join(f"SELECT * FROM {view}" for view in views)
        if years is None:
            return f"({all_sets})"
        return f"(SELECT * FROM ({all_sets}) WHERE year IN ({', '.join(map(str, sorted(years)))}))"

    def read_here(self) -> None:
        """Note that this machine reads all flows.

        Raises:
            InputError: ``frames.not_elsewhere`` of a frame.
        """
        if self.folder is None:
            raise InputError("frames.not_elsewhere")
        self.work.here = True

    def has(self, sql: str) -> bool:
        """Whether a statement asks for a view."""
        return any(view in sql for view in self.views.values())

    def rows(self, sql: str, parameters: Sequence[Any]) -> pl.DataFrame:
        """The rows of a statement.

        Raises:
            InputError: ``frames.too_much`` where more than ``HOME`` would come home,
                ``frames.needs_pyarrow``.
            StorageError: ``frames.cluster_failed``, ``engine.unseen``.
        """
        began = perf_counter()
        with self._failures_said():
            rows = into_polars(self.session.sql(sql, args=list(parameters)).limit(HOME + 1))
        self.work.questions += 1
        self.work.seconds += perf_counter() - began
        self.work.rows += rows.height
        self.work.bytes += int(rows.estimated_size())
        if rows.height > HOME:
            raise InputError("frames.too_much", most=f"{HOME:,}")
        return rows


def _uri(file: Path) -> str:
    """A file of this machine as Spark names it, its signs of patterns taken as they are."""
    return "file://" + re.sub(r"[][{}*?\\]", r"\\\g<0>", str(file.absolute()))
