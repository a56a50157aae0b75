"""One cluster and one session for the run; without Spark or Java the tests skip with the reason."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from offing.warehouse import Warehouse, load
from offing.warehouse.store import starter_folder
from report_world import comtrade_file
from spark_cluster import DEFAULTS, QUICK, STORE, Cluster, executors, lacking, session_of, until

AT = datetime(2026, 1, 1, tzinfo=UTC)


def load_planted(folder: Path, room: Path) -> None:
    """A second data set, of codes of six digits, small enough to be read by eye."""
    room.mkdir()
    numbers = (156, 276, 842, 251, 392, 410)
    for year in range(2018, 2025):
        rows = ["t,i,j,k,v,q"]
        for at, (i, j) in enumerate(permutations(numbers, 2)):
            for code in (850110, 850120, 850131):
                worth = 1 + (at * 37 + year * 11 + code) % 101 / 7
                rows.append(f"{year},{i},{j},{code},{worth:.3f},{worth / 9:.3f}")
        (room / f"BACI_HS17_Y{year}_V202501.csv").write_text("\n".join(rows))
    load("baci", [room], folder, dataset="planted")


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    if reason := lacking():
        pytest.skip(reason)
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    for folder in (made.seen, made.hidden, made.changed, made.folder / "other"):
        shutil.copytree(starter_folder(), folder)
    load_planted(made.seen, made.folder / "baci")
    with (made.folder / "other" / "catalog.json").open("ab") as catalog:
        catalog.write(b" ")
    settings = made.folder / "conf"
    settings.mkdir()
    store = STORE.format(own=made.folder / "own", house=made.folder / "house")
    (settings / "spark-defaults.conf").write_text(DEFAULTS.format(quick=QUICK) + store)
    own = {
        "SPARK_CONF_DIR": str(settings),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_MEMORY": "512m",
        "SPARK_DAEMON_JAVA_OPTS": QUICK,
        "PYSPARK_PYTHON": "/nowhere/python",
    }
    with pytest.MonkeyPatch.context() as patched:
        for name, value in own.items():
            patched.setenv(name, value)
        patched.delenv("OFFING_ENGINE", raising=False)
        try:
            made.port = made.begin_master()
            for _ in range(2):
                made.begin_worker()
            yield made
        finally:
            for process in made.processes:
                made.end(process)


@pytest.fixture(scope="session")
def there(cluster: Cluster) -> Iterator[Warehouse]:
    """The warehouse that all see, its flows read and added up by the workers."""
    house = Warehouse.open(cluster.seen, engine=cluster.address)
    until(lambda: executors(house) == 2, "no two executors")
    yield house
    session_of(house).stop()


@pytest.fixture(scope="session")
def session(there: Warehouse) -> Any:
    return session_of(there)


@pytest.fixture(scope="session")
def here(cluster: Cluster) -> Warehouse:
    return Warehouse.open(cluster.seen)


@pytest.fixture
def python(session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers have this Python; by themselves they have none."""
    import sys

    monkeypatch.setattr(session.sparkContext, "pythonExec", sys.executable)


@pytest.fixture(scope="session")
def told(cluster: Cluster) -> Path:
    """A warehouse of reports that all see."""
    folder = cluster.folder / "told"
    load("comtrade", [comtrade_file(cluster.folder / "reports")], folder, at=AT)
    return folder
