"""A cluster of Spark as processes on loopback: a master and two workers, one session for the run.

Its workers have no Python: nothing runs in it there. They do not see one folder, and see another
catalogue in a second one, where the system lets a test mount.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from offing.warehouse import Warehouse
from offing.warehouse.spark import SparkFlows

DEFAULTS = """
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
spark.executor.cores 1
spark.executor.memory 512m
spark.sql.shuffle.partitions 3
spark.locality.wait 0s
spark.ui.enabled false
spark.driver.extraJavaOptions {quick}
spark.executor.extraJavaOptions {quick}
"""
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""Of processes that live for minutes: no second compiler, no threads that collect."""
STORE = """
spark.hadoop.fs.s3a.impl org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme
spark.hadoop.fs.viewfs.overload.scheme.target.file.impl org.apache.hadoop.fs.LocalFileSystem
spark.hadoop.fs.viewfs.mounttable.trade.link./own file://{own}
spark.hadoop.fs.viewfs.mounttable.trade.link./house file://{house}
"""
"""Addresses of an object store, through Hadoop's own file system: a bucket with two folders."""
PATIENCE = 120


def lacking() -> str | None:
    """Why there can be no cluster here."""
    if find_spec("pyspark") is None or find_spec("pyarrow") is None:
        return "Spark is not installed: see make cluster"
    return None if shutil.which("java") else "Spark needs Java"


def until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@dataclass
class Cluster:
    """A master, its workers, and folders: one that all see, and two that workers see otherwise."""

    folder: Path
    port: int = 0
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"spark://127.0.0.1:{self.port}"

    @property
    def seen(self) -> Path:
        return self.folder / "seen {a} #%20"

    @property
    def hidden(self) -> Path:
        return self.folder / "hidden"

    @property
    def changed(self) -> Path:
        return self.folder / "changed"

    def begin(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        """A process of Spark, where it may in a room of its own."""
        import pyspark

        line = [str(Path(pyspark.__file__).parent / "bin" / "spark-class"), *words]
        if self.mounts:
            script = f"mount -t tmpfs none {self.hidden} && "
            script += f'mount --bind {self.folder / "other"} {self.changed} && exec "$@"'
            line = ["unshare", "-rm", "sh", "-c", script, "sh", *line]
        with (self.folder / f"{name}.log").open("ab") as log:
            started = subprocess.Popen(line, stdout=log, stderr=log, start_new_session=True)
        self.processes.append(started)
        return started

    @cached_property
    def mounts(self) -> bool:
        """Whether a process may have a room of its own."""
        tried = ["unshare", "-rm", "mount", "-t", "tmpfs", "none", str(self.hidden)]
        try:
            return subprocess.run(tried, capture_output=True, check=False).returncode == 0
        except FileNotFoundError:
            return False

    def begin_master(self) -> int:
        port = free_port()
        where = ("--host", "127.0.0.1", "--port", str(port), "--webui-port", "0")
        self.begin(f"master-{port}", "org.apache.spark.deploy.master.Master", *where)
        until(lambda: answers(port), "no master")
        return port

    def begin_worker(self) -> subprocess.Popen[bytes]:
        room = self.folder / f"worker-{len(self.processes)}"
        size = ("--cores", "1", "--memory", "600m", "--webui-port", "0", "--work-dir", str(room))
        name, master = "org.apache.spark.deploy.worker.Worker", self.address
        return self.begin(room.name, name, "--host", "127.0.0.1", *size, master)

    def begin_connect(self) -> int:
        port = free_port()
        name = "org.apache.spark.sql.connect.service.SparkConnectServer"
        where = ("--master", "local[1]", "--conf", f"spark.connect.grpc.binding.port={port}")
        self.begin("connect", "org.apache.spark.deploy.SparkSubmit", "--class", name, *where)
        until(lambda: answers(port), "no server")
        return port

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a process, with the executors that it began."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def offing(self, *words: str, wait: float = 120, **of: str) -> subprocess.CompletedProcess[str]:
        """A command, in a process of its own that waits so many seconds for a cluster.

        ``of`` are settings of its environment.
        """
        code = f"from offing.warehouse import spark; spark.WAIT = {wait}; "
        code += f"from offing.cli.app import main; main({[*words]!r})"
        line, env = [sys.executable, "-c", code], os.environ | of
        return subprocess.run(
            line, env=env, capture_output=True, text=True, check=False, timeout=200
        )

    def here_and_there(
        self, *words: str, engine: str
    ) -> tuple[subprocess.CompletedProcess[str], subprocess.CompletedProcess[str]]:
        """A command without an engine and with one, side by side."""
        with ThreadPoolExecutor() as both:
            ours = both.submit(self.offing, *words)
            theirs = self.offing(*words, "--engine", engine)
            return ours.result(), theirs


def flows_of(house: Warehouse) -> SparkFlows:
    assert isinstance(house.elsewhere, SparkFlows)
    return house.elsewhere


def session_of(house: Warehouse) -> Any:
    return flows_of(house).session


def executors(house: Warehouse) -> int:
    """How many work for the session, the driver not among them."""
    return int(session_of(house)._jsc.sc().getExecutorMemoryStatus().size()) - 1
