"""A session of Spark at an address. One's own is taken as it is, and none is ever stopped.

Flows on Spark, in a frame or in the parts of a warehouse: added up there; answers come home.

Nothing of it needs more than Spark Connect has. Sums and searches are SQL; only what is estimated
of more rows than come home (:meth:`SparkFlows.chunk_results`) runs in Python on the workers. A
cluster is never chosen here: who hands over a frame has one, or names its address.
"""

import os
import pickle
import re
import socket
import sys
import uuid
import warnings
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from time import perf_counter
from typing import Any, TypeVar

import polars as pl

from offing.terms.errors import InputError, OffingError, StorageError
from offing.terms.frames import into_polars
from offing.terms.tables import TABLES, Flows
from offing.warehouse.catalog import FILE, Catalog, StoredPart, read_catalog
from offing.warehouse.engine import HOME, Work
from offing.warehouse.kept import code_digest, versions

T = TypeVar("T")

ADDRESS = re.compile(
    r"local(\[(\d+|\*)(, *\d+)?\])?|yarn|k8s://\S+|(spark|sc)://(?P<hosts>[^/;\s]+)\S*"
)
PORTS = {"spark": 7077, "sc": 15002}
OLDEST = (3, 5)
KNOCK, WAIT = 5.0, 120.0
"""Seconds that a host has to take a connection, and a cluster to begin work."""


def session_of(engine: Any) -> Any:
    """The session that is given, or one at an address such as ``spark://host:7077``.

    Raises:
        InputError: ``engine.unknown``, ``engine.needs``, ``engine.too_old``,
            ``engine.another``.
        StorageError: ``engine.nobody``, ``engine.no_start``, ``engine.no_work``.
    """
    if isinstance(engine, str):
        address = ADDRESS.fullmatch(engine)
        if address is None:
            raise InputError("engine.unknown", text=engine)
        must_have("pyspark", "pyarrow", *(["grpc", "pandas"] if engine[:3] == "sc:" else []))
        _knock(engine, address["hosts"])
        session = within(lambda: _make_session(engine), engine)
    elif type(engine).__name__ == "SparkSession":
        session = engine
    else:
        raise InputError("engine.unknown", text=type(engine).__name__)
    found = session.version
    if tuple(map(int, re.findall(r"\d+", found)[:2])) < OLDEST:
        raise InputError("engine.too_old", found=found, least=".".join(map(str, OLDEST)))
    return session


def must_have(*packages: str) -> None:
    """Refuse to go on without a package.

    Raises:
        InputError: ``engine.needs``.
    """
    lacking = [name for name in packages if find_spec(name) is None]
    if lacking:
        raise InputError("engine.needs", package=lacking[0])


def _knock(engine: str, hosts: str | None) -> None:
    """Whether anybody listens: Spark itself would try for minutes."""
    refused: Exception | None = None
    for place in hosts.split(",") if hosts else ():
        host, _, port = place.rpartition(":") if ":" in place else (place, "", "")
        try:
            number = int(port or PORTS[engine.partition(":")[0]])
            socket.create_connection((host.strip("[]"), number), KNOCK).close()
            return
        except (OSError, ValueError, OverflowError) as error:
            refused = error
    if refused is not None:
        reason = getattr(refused, "strerror", None) or str(refused)
        raise StorageError("engine.nobody", at=engine, reason=reason) from refused


def _make_session(engine: str) -> Any:
    from pyspark.sql import SparkSession

    if engine.startswith("local"):  # else it takes whatever python3 is on the path
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("offing")
    if engine.startswith("sc:"):
        return builder.remote(engine).getOrCreate()
    quiet = {"spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR"}
    for name, value in quiet.items():
        builder = builder.config(name, value)
    session = builder.master(engine).getOrCreate()
    if (found := session.sparkContext.master) != engine:
        raise InputError("engine.another", found=found, asked=engine)
    return session


def within(work: Callable[[], T], engine: str) -> T:
    """What some work on a cluster gives, if it does so in ``WAIT`` seconds.

    Raises:
        StorageError: ``engine.no_start`` where it fails, ``engine.no_work`` where it does not end.
    """
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:  # of another thread: it is raised below
            failed.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(WAIT)
    if done:
        return done[0]
    if not failed:
        raise StorageError("engine.no_work", at=engine, seconds=f"{WAIT:.0f}")
    if isinstance(failed[0], (InputError, StorageError)):
        raise failed[0]
    raise StorageError("engine.no_start", at=engine, reason=reason_of(failed[0])) from failed[0]


def reason_of(error: BaseException) -> str:
    """What a failure of Spark says in one line: its last cause, if it has some."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    causes = [line for line in lines if line.startswith("Caused by:")]
    said = [line for line in lines if not line.startswith("An error occurred while calling")]
    return ([*causes[-1:], *said, type(error).__name__][0]).removeprefix(": ")[:200]


S = TypeVar("S")

TYPES = {"year": "SMALLINT", **dict.fromkeys(("value_usd", "cif_usd", "kg", "items"), "DOUBLE")}
LOOKS = 16
"""Tasks that look for the warehouse's folder, so that every worker is likely to have one."""
ROOMS = ("terms", "estimators", "sources", "warehouse", "market", "forecast", "api")
"""Whose code runs on the workers: there it must be what it is here."""
NO_PYTHON = re.compile(
    r"ModuleNotFoundError: .*|Python in worker has different version.*|Cannot run program .*"
)
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
    def flows_of_parts(cls, engine: Any, stored: Sequence[tuple[Path, StoredPart]]) -> "SparkFlows":
        """The flows (or reports) of a warehouse, read by the workers from its folder.

        Args:
            engine: an address, such as ``spark://host:7077``, or a session.
            stored: the parts of one table with the folder they are in.

        Raises:
            InputError: ``engine.own_flows`` where they are the caller's own, and as
                :func:`~offing.warehouse.spark.session_of`.
            StorageError: ``engine.unseen`` where workers see another folder, and as above.
        """
        folder = stored[0][0].absolute()
        if not (folder / FILE).exists():
            raise InputError("engine.own_flows")
        flows = cls.flows_of_folder(engine, folder, folder / FILE)
        files: dict[str, list[Path]] = {}
        for root, part in stored:
            files.setdefault(part.dataset, []).append(root / part.file)
        table = stored[0][1].table
        views = {dataset: flows.view(table, of_it) for dataset, of_it in files.items()}
        flows.work.flows = sum(part.rows for _, part in stored)
        return replace(flows, views=views, parts=tuple(part for _, part in stored))

    @classmethod
    def flows_of_folder(cls, engine: Any, folder: Path, probe: Path) -> "SparkFlows":
        """A folder that workers see as it is here, as a file of it tells; nothing is read yet.

        Raises:
            InputError, StorageError: as :meth:`flows_of_parts`.
        """
        began = perf_counter()
        flows = replace(cls._begin(engine), folder=folder.absolute())
        within(lambda: flows._must_be_seen(probe), flows.work.at)
        flows.work.start = perf_counter() - began
        return flows

    @classmethod
    def _begin_at(cls, engine: Any, address: str) -> "SparkFlows":
        engine = engine or os.environ.get("OFFING_ENGINE")
        if engine in (None, "home"):
            raise InputError("engine.address", address=address)
        return cls._begin(engine)

    @classmethod
    def _begin(cls, engine: Any) -> "SparkFlows":
        session = session_of(engine)
        at = engine if isinstance(engine, str) else "session"
        return cls(session, {}, (), Work(f"Spark {session.version}", at, 0))

    def _bring(self, address: str, folder: Path, files: Sequence[str]) -> None:
        """Copy some files at an address to this machine."""
        if not files:
            return
        with self.failures_said():
            names = [uri_of(f"{address}/{file}") for file in files]
            read = self.session.read.format("binaryFile").load(names).select("path", "content")
            for path, content in read.toLocalIterator():
                target = folder / next(file for file in files if path.endswith(f"/{file}"))
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)

    def view(self, table: str, files: Iterable[Path | str]) -> str:
        """The name under which SQL finds the rows of some files of a table."""
        columns = TABLES[table].schema.columns()
        types = ", ".join(f"{name} {TYPES.get(name, 'STRING')}" for name in columns)
        with self.failures_said():
            return self.view_of(self.session.read.schema(types).parquet(*map(uri_of, files)))

    def _must_be_seen(self, probe: Path) -> None:
        """Have the workers read a file, and compare it with the one here."""
        with self.failures_said():
            read = self.session.read.format("binaryFile").load(uri_of(probe))
            looks = crc = read.selectExpr("crc32(content)")
            for _ in range(LOOKS - 1):
                looks = looks.unionAll(crc)
            seen = {row[0] for row in looks.collect()}
        if seen != {zlib.crc32(probe.read_bytes())}:
            raise StorageError("engine.unseen", at=self.work.at, folder=self.folder)

    @contextmanager
    def failures_said(self) -> Iterator[None]:
        """Say what a cluster failed at, or that it is lost; other errors are our own."""
        try:
            yield
        except Exception as error:
            library = type(error).__module__.partition(".")[0]
            if isinstance(error, OffingError):
                raise
            if library not in ("pyspark", "py4j") and not isinstance(error, (OSError, EOFError)):
                raise
            if lacking := NO_PYTHON.findall(str(error)):
                at, reason = self.work.at, lacking[-1].strip()
                raise StorageError("engine.no_python", at=at, reason=reason) from error
            if self.folder is not None and UNSEEN.search(str(error)):
                raise StorageError("engine.unseen", at=self.work.at, folder=self.folder) from error
            raise StorageError("frames.cluster_failed", reason=reason_of(error)) from error

    def view_of(self, frame: Any) -> str:
        """The name under which SQL finds a frame."""
        view = f"offing_{uuid.uuid4().hex}"
        frame.createOrReplaceTempView(view)
        return view

    def source(self, dataset: str | None = None, years: Iterable[int] | None = None) -> str:
        """The view of a data set, or some years of it; all sets where none is named."""
        views = [self.views[dataset]] if dataset else self.views.values()
        all_sets = " UNION ALL ".join(f"SELECT * FROM {view}" for view in views)
        if years is None:
            return f"({all_sets})"
        return f"(SELECT * FROM ({all_sets}) WHERE year IN ({', '.join(map(str, sorted(years)))}))"

    def read_here(self) -> bool:
        """Note that this machine reads all flows; of a frame it has none."""
        self.work.here = self.work.here or self.folder is not None
        return self.folder is not None

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
        with self.failures_said():
            rows = into_polars(self.session.sql(sql, args=list(parameters)).limit(HOME + 1))
        self.work.questions += 1
        self.work.seconds += perf_counter() - began
        self.work.rows += rows.height
        self.work.bytes += int(rows.estimated_size())
        if rows.height > HOME:
            raise InputError("frames.too_much", most=f"{HOME:,}")
        return rows

    def all_rows(self, dataset: str) -> pl.DataFrame:
        """The rows of a data set in the order of their table.

        Raises:
            InputError, StorageError: as :meth:`rows`.
        """
        rows = self.rows(f"SELECT * FROM {self.source(dataset)}", ())
        return rows.sort(TABLES[self.parts[0].table].order)

    def task_results(self, tasks: Mapping[str, S], work: Callable[[S], T]) -> Iterator[T]:
        """What some work makes of each task, on the workers: in the order of their names.

        Raises:
            InputError, StorageError: as :meth:`chunk_results`.
        """
        with self.failures_said():
            rows = [(name, pickle.dumps(task)) for name, task in tasks.items()]
            view = self.view_of(self.session.createDataFrame(rows, "chunk STRING, task BINARY"))
        made = self.chunk_results(f"SELECT * FROM {view}", partial(_run_task, work))
        return (result for _, result in sorted(made, key=lambda both: both[0]))

    def chunk_results(
        self, rows: str, work: Callable[[pl.DataFrame], T]
    ) -> Iterator[tuple[str, T]]:
        """What some work makes of rows with the same ``chunk``, on the workers: chunk, result.

        Chunks come in no order; each is made once, or again where a worker was lost.

        Args:
            rows: a statement.
            work: a function of this package, or a partial of one, that gives the same for any order
                of the rows.

        Raises:
            InputError: ``engine.needs``, and what the work raises.
            StorageError: ``engine.no_python`` where workers have no Python with this very offing,
                ``frames.cluster_failed``.
        """
        began = perf_counter()

        def run(chunk: str, made: Any) -> Any:  # on a worker
            import pyarrow

            return pyarrow.table([[chunk], [pickle.dumps(made)]], names=["chunk", "made"])

        with self.failures_said():
            made = self._chunks(rows, work, run, "chunk STRING, made BINARY").persist()
            try:
                made.count()  # all at once: an iterator would ask for one task after the other
                for chunk, body in made.toLocalIterator():
                    self.work.rows, self.work.bytes = (
                        self.work.rows + 1,
                        self.work.bytes + len(body),
                    )
                    result = pickle.loads(body)  # of a worker, which runs our code already
                    if isinstance(result, OffingError):
                        raise result
                    yield chunk, result
            finally:
                made.unpersist()
        self.work.questions += 1
        self.work.seconds += perf_counter() - began

    def chunk_frame(self, rows: str, work: Callable[[pl.DataFrame], pl.DataFrame]) -> Any:
        """The flows that some work makes of each chunk, as a frame: made there when it is asked.

        Raises:
            InputError, StorageError: as :meth:`chunk_results`.
        """

        def run(_: str, made: Any) -> Any:  # on a worker
            import pyarrow

            if isinstance(made, OffingError):
                raise made
            rows = made.with_columns(pl.col("observed").cast(pl.String)).to_arrow()
            text = pyarrow.string()  # a frame of Spark has no long ones
            kinds = [text if kind == pyarrow.large_string() else kind for kind in rows.schema.types]
            return rows.cast(pyarrow.schema(zip(rows.column_names, kinds, strict=True)))

        columns = [f"{name} {TYPES.get(name, 'STRING')}" for name in Flows.columns()]
        with self.failures_said():
            return self._chunks(rows, work, run, ", ".join(columns))

    def _chunks(
        self, rows: str, work: Callable[[pl.DataFrame], T], told: Callable[[str, T], Any], kind: str
    ) -> Any:
        must_have("pandas")  # by Spark's own rule, for any Python on a worker
        at, digest = self.work.at, code_digest(*ROOMS)

        def run(chunk: Any) -> Any:  # on a worker
            made: Any = StorageError("engine.no_python", at=at, reason=versions())
            if code_digest(*ROOMS) == digest:
                try:
                    made = work(pl.DataFrame(chunk).drop("chunk"))
                except OffingError as error:
                    made = error
            return told(chunk["chunk"][0].as_py(), made)

        tasks = int(self.session.conf.get("spark.sql.shuffle.partitions"))
        groups = self.session.sql(rows).repartition(tasks, "chunk").groupBy("chunk")
        with warnings.catch_warnings():  # of the release of pandas, which is not used
            warnings.simplefilter("ignore", FutureWarning)
            return groups.applyInArrow(run, kind)


def copy_at(
    engine: Any, address: str, folder: Path, table: str
) -> tuple[SparkFlows | None, Catalog]:
    """The copy of a warehouse in an object store: one of its tables there, and its catalogue.

    The catalogue and small tables come home, flows and reports stay. These are read without
    checksums of ours: a store has its own.

    Args:
        engine: see :func:`session_of`.
        address: of the copy, such as ``s3a://trade/warehouse``.
        folder: where to put what comes home.
        table: that is asked for, ``flows`` or ``reports``.

    Raises:
        InputError: ``engine.address`` where no engine is named, and as :func:`session_of`.
        StorageError: ``frames.cluster_failed``, and as there.
    """
    began = perf_counter()
    there = SparkFlows._begin_at(engine, address)
    there._bring(address, folder, [FILE])
    catalog = read_catalog(folder)
    stay = [part for part in catalog.parts if part.table in ("flows", "reports")]
    there._bring(address, folder, [part.file for part in catalog.parts if part not in stay])
    there.work.start = perf_counter() - began
    asked = tuple(part for part in stay if part.table == table)
    views = {
        name: there.view(table, [f"{address}/{p.file}" for p in asked if p.dataset == name])
        for name in catalog.datasets(table)
    }
    there.work.flows = sum(part.rows for part in asked)
    parts = (replace(part, sums=()) if part in stay else part for part in catalog.parts)
    seen = replace(there, views=views, parts=asked) if views else None
    return seen, replace(catalog, parts=tuple(parts))


def frame_at(engine: Any, address: str) -> Any:
    """The Parquet files at an address that workers read, such as ``s3a://trade/flows``, as a frame.

    Raises:
        InputError: ``engine.address`` where no engine is named, and as
            :func:`~offing.warehouse.spark.session_of`.
        StorageError: ``frames.cluster_failed``, and as there.
    """
    there = SparkFlows._begin_at(engine, address)
    with there.failures_said():
        return there.session.read.parquet(address)


def _run_task(work: Callable[[S], T], row: pl.DataFrame) -> T:
    return work(pickle.loads(row["task"][0]))


def uri_of(file: Path | str) -> str:
    """A file of this machine, or an address, as Spark names it, signs of patterns as they are."""
    name = file if isinstance(file, str) else f"file://{file.absolute()}"
    return re.sub(r"[][{}*?\\]", r"\\\g<0>", name)
