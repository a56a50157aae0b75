"""A session of Spark at an address. One's own is taken as it is, and none is ever stopped."""

import os
import re
import socket
import sys
from collections.abc import Callable
from importlib.util import find_spec
from threading import Thread
from typing import Any, TypeVar

from offing.terms.errors import InputError, StorageError

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
