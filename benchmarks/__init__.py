"""Benchmarks: ours beside a peer, in the same run, on made-up data of real size.

``make bench`` runs every job and prints one table; ``make bench JOB=ingest`` runs one.

A job is a file in ``benchmarks/jobs`` with ``run() -> list[Row]``. Each :class:`Row` is one line
of the table. Timings are taken with :func:`measured`, which calls a function of a module in a
fresh process and says how long it took and how much memory it needed at most, so that neither
side profits from what the other left behind::

    from benchmarks import Row, measured
    from benchmarks.world import baci_year

    def run() -> list[Row]:
        path = baci_year(2020)
        ours = measured("benchmarks.jobs.ingest:ours", path)
        peer = measured("benchmarks.jobs.ingest:peer", path)
        return [Row("ingest", ours.seconds, "DuckDB, bare", peer.seconds, ours.peak_mb)]

A job without a peer leaves it ``None``. ``bar`` is the figure we promise, where there is one;
the runner marks a row that misses it and then exits with 1.
"""

import importlib
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        job: what is done, such as ``ingest 9.6 million rows``.
        ours: seconds.
        peer_name: who does the same beside us.
        peer: its seconds.
        peak_mb: our highest resident memory, in million bytes.
        bar: the most that ``ours`` may take, in seconds.
        bar_ratio: the most that ours over the peer's seconds may be.
        bar_mb: the most memory that ours may need.
        unit: of ``ours``, its peer's and its bar, where they are no seconds.
    """

    job: str
    ours: float
    peer_name: str | None = None
    peer: float | None = None
    peak_mb: float | None = None
    bar: float | None = None
    bar_ratio: float | None = None
    bar_mb: float | None = None
    unit: str = "s"

    @property
    def ratio(self) -> float | None:
        """Our seconds over the peer's."""
        return self.ours / self.peer if self.peer else None

    @property
    def holds(self) -> bool:
        """Whether every bar that is set is kept."""
        pairs = ((self.ours, self.bar), (self.ratio, self.bar_ratio), (self.peak_mb, self.bar_mb))
        return all(got is None or bar is None or got <= bar for got, bar in pairs)


@dataclass(frozen=True)
class Measured:
    """What a call took: seconds, highest resident memory in million bytes, and its result."""

    seconds: float
    peak_mb: float
    result: Any


def _peak_mb() -> float:
    # The kernel's high-water mark of this program alone; getrusage may carry over the parent's.
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def _child(pipe: Connection, target: str, arguments: tuple[Any, ...]) -> None:
    module, _, name = target.partition(":")
    function = getattr(importlib.import_module(module), name)
    began = time.perf_counter()
    result = function(*arguments)
    pipe.send(Measured(time.perf_counter() - began, _peak_mb(), result))


@contextmanager
def one_thread() -> Iterator[None]:
    """What is measured within has one thread for linear algebra, as the commands of offing have."""
    name = "OPENBLAS_NUM_THREADS"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        del os.environ[name]
        if before is not None:
            os.environ[name] = before


def measured(target: str, *arguments: Any, times: int = 1) -> Measured:
    """Call ``module:function`` with arguments in a fresh process; the fastest of ``times`` calls.

    The time is the call's alone, without the start of Python. Arguments and the result must
    pickle.

    Raises:
        RuntimeError: the call failed; its traceback is on standard error.
    """
    context = multiprocessing.get_context("spawn")
    runs: list[Measured] = []
    for _ in range(times):
        receiver, sender = context.Pipe()
        process = context.Process(target=_child, args=(sender, target, arguments))
        process.start()
        sender.close()
        try:
            runs.append(receiver.recv())
        except EOFError as error:
            raise RuntimeError(f"{target} did not finish") from error
        finally:
            process.join()
    return min(runs, key=lambda run: run.seconds)
