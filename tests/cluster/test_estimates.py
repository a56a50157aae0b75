"""What workers estimate and load is what is made here, or ends clearly with nothing changed."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import offing
from offing.api import reconcile as asked
from offing.api.gravity import GravityAnswer
from offing.forecast.backtest import run
from offing.terms.errors import InputError
from offing.warehouse import Warehouse, load, trade
from offing.warehouse.reconciling import mirror
from report_world import comtrade_file
from spark_cluster import Cluster, executors, flows_of, session_of, until

pytestmark = pytest.mark.cluster

AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def much(monkeypatch: pytest.MonkeyPatch, nothing_kept: None) -> None:
    """A hundred rows are more than come home: what is large is asked of the workers."""
    monkeypatch.setattr(trade, "HOME", 100)
    monkeypatch.setattr(asked, "HOME", 100)


def tree(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != ".lock"
    }


@pytest.mark.parametrize("pairs", [mirror.FITTED_PAIRS, 300])
def test_reconciled_reports(
    pairs: int, told: Path, session: Any, python: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "FITTED_PAIRS", pairs)
    here = offing.reconcile(warehouse=told)
    there = offing.reconcile(warehouse=told, engine=session)
    ours, theirs = ({**answer.data(), "margins": None} for answer in (here, there))
    assert theirs == ours
    assert_frame_equal(there.reconciled.margins, here.reconciled.margins, rel_tol=1e-10)
    assert there.work.rows
    assert not there.work.here


@pytest.mark.parametrize(("most", "alone"), [(100, 150), (1_000_000, mirror.ALONE)])
def test_reports_in_a_frame_of_spark(
    most: int, alone: int, told: Path, session: Any, python: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reconciled where they lie, or here where they are few; flows come back as such a frame."""
    monkeypatch.setattr(asked, "HOME", most)
    monkeypatch.setattr(mirror, "ALONE", alone)
    own = Warehouse.open(told).table("reports").cast({"direction": pl.String})
    frame = session.createDataFrame(own.to_arrow()).repartition(3)
    ours = offing.reconcile(reports=own)
    theirs = offing.reconcile(reports=frame)
    assert {**theirs.data(), "margins": None} == {**ours.data(), "margins": None}
    assert_frame_equal(theirs.reconciled.margins, ours.reconciled.margins, rel_tol=1e-10)
    assert type(theirs.flows).__module__.startswith("pyspark")
    order = ["product", "importer", "exporter", "year"]
    made = pl.DataFrame(theirs.flows.toArrow()).sort(order)
    assert_frame_equal(made, ours.flows.cast({"observed": pl.String}).sort(order))
    assert theirs.work.rows
    with pytest.raises(InputError) as error:
        offing.reconcile(reports=frame.drop("reporter"))
    assert error.value.key == "frames.no_column"


def test_few_reports_are_reconciled_here(told: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "HOME", 10_000)
    answer = offing.reconcile(warehouse=told, engine="spark://nobody.invalid:7077")
    assert "spark://nobody.invalid:7077 was not asked" in str(answer.work)
    made, again = answer.data(), offing.reconcile(warehouse=told).data()
    assert_frame_equal(pl.DataFrame(made.pop("margins")), pl.DataFrame(again.pop("margins")))
    assert made == again


def every_product(house: Any = None, **asked: Any) -> GravityAnswer:
    answer = offing.gravity(every=True, warehouse=house, **asked)
    assert isinstance(answer, GravityAnswer)
    return answer


def test_gravity_of_all(here: Warehouse, there: Warehouse, python: None) -> None:
    ours, theirs = (every_product(house, origin="CHN") for house in (here, there))
    assert [note.state for note in theirs.fit.notes] == [note.state for note in ours.fit.notes]
    assert theirs.fit.products == ours.fit.products
    for name in ("beta", "effects"):
        made, of_ours = (getattr(answer.fit, name) for answer in (theirs, ours))
        np.testing.assert_allclose(made, of_ours, rtol=1e-10)
    for kind, covariance in ours.fit.covariance.items():
        np.testing.assert_allclose(theirs.fit.covariance[kind], covariance, rtol=1e-9)
    assert_frame_equal(theirs.table, ours.table, rel_tol=1e-9)


def test_the_outlook_of_everything(
    here: Warehouse, there: Warehouse, python: None, tmp_path: Path
) -> None:
    files = [tmp_path / f"{name}.parquet" for name in ("ours", "theirs")]
    ours, theirs = (
        offing.outlook(as_of=2023, out=file, warehouse=house)
        for file, house in zip(files, (here, replace(there)), strict=True)
    )
    assert theirs.outlook == ours.outlook
    assert_frame_equal(*map(pl.read_parquet, files), check_exact=True)


BACKTESTS: dict[str, Callable[[Warehouse], Any]] = {
    "of a product": lambda house: offing.backtest(product="8528", origins="2022", warehouse=house),
    "of all": lambda house: offing.backtest(horizon="1", origins="2022", warehouse=house),
}


@pytest.mark.parametrize(("which", "cells"), [("of a product", run.CELLS), ("of all", 30_000)])
def test_a_backtest(
    which: str, cells: int, here: Warehouse, there: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All flows come home, or those of a sample of products; no worker needs Python."""
    monkeypatch.setattr(run, "CELLS", cells)
    ours, theirs = (BACKTESTS[which](house) for house in (here, replace(there)))
    assert_frame_equal(theirs.table, ours.table, check_exact=True)
    assert [one.notes for one in theirs.backtests] == [one.notes for one in ours.backtests]
    assert not theirs.work.here


def test_flows_of_a_frame_come_home_where_they_are_few(
    here: Warehouse, session: Any, there: Warehouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(trade, "HOME", 10_000_000)
    frame = session.table(flows_of(there).views["starter-hs85"])
    ours = offing.backtest(product="8507", origins="2022", warehouse=here)
    theirs = offing.backtest(product="8507", origins="2022", flows=frame)
    assert theirs.backtests[0].scores == ours.backtests[0].scores
    rows = pl.DataFrame(every_product(flows=frame).table.toArrow())
    assert_frame_equal(rows, every_product(here).table, check_exact=True)


def test_a_worker_killed_in_a_backtest(cluster: Cluster, here: Warehouse, there: Warehouse) -> None:
    ask = BACKTESTS["of a product"]
    with ThirdWorkerKilled(cluster, there) as killed:
        theirs = killed(lambda: ask(replace(there)))
    assert_frame_equal(theirs.table, ask(here).table, check_exact=True)


class ThirdWorkerKilled:
    """A third worker, killed once something runs on the cluster."""

    def __init__(self, cluster: Cluster, there: Warehouse) -> None:
        self.cluster, self.there = cluster, there

    def __enter__(self) -> Callable[[Callable[[], Any]], Any]:
        self.third = self.cluster.begin_worker()
        until(lambda: executors(self.there) == 3, "no third executor")
        return self.killed

    def killed(self, ask: Callable[[], Any]) -> Any:
        answers: list[Any] = []
        asking = threading.Thread(target=lambda: answers.append(ask()))
        asking.start()
        tracker = session_of(self.there).sparkContext.statusTracker()
        until(lambda: bool(tracker.getActiveStageIds()), "nothing to break off")
        self.cluster.end(self.third)
        asking.join(120)
        (answer,) = answers
        return answer

    def __exit__(self, *_: object) -> None:
        self.cluster.end(self.third)
        until(lambda: executors(self.there) == 2, "the third is still there")


def year_files(folder: Path, years: range, rows: int = 2_000) -> Path:
    """Years of BACI with a row in each that cannot be used, and one with an unknown country."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = np.array([156, 276, 842, 392, 251, 826, 381, 410, 484, 76])
    for year in years:
        rng = np.random.default_rng(year)
        i, j = rng.choice(numbers, rows), rng.choice(numbers, rows)
        code = rng.integers(850_000, 850_100, rows)
        lines = {f"{year},{a},{b},{c},{v:.3f},1.5" for a, b, c, v in
                 zip(i, j, code, rng.lognormal(3, 1, rows), strict=True) if a != b}  # fmt: skip
        text = "\n".join(
            ["t,i,j,k,v,q", *sorted(lines), f"{year},156,999,850110,1,1", "x,1,2,3,4,5"]
        )
        (folder / f"BACI_HS17_Y{year}_V202501.csv").write_text(text)
    return folder


LOADS: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "years with a file each": ("baci", partial(year_files, years=range(2015, 2021))),
    "reports": ("comtrade", comtrade_file),
}


@pytest.mark.parametrize("which", LOADS)
def test_a_load(which: str, cluster: Cluster, session: Any, python: None, tmp_path: Path) -> None:
    """Byte by byte the folder that this machine makes; and again with more."""
    name, make = LOADS[which]
    files = make(cluster.folder / f"files {which}")
    ours, theirs = tmp_path / "ours", cluster.folder / f"house {which}"
    made = [
        load(name, [files], folder, at=AT, engine=engine)
        for folder, engine in ((ours, None), (theirs, session))
    ]
    assert tree(theirs) == tree(ours)
    assert made[1].load == made[0].load
    assert made[1].tables == made[0].tables
    assert made[1].work is not None
    assert made[1].work.rows
    assert made[1].work.flows == sum(part.rows for part in Warehouse(theirs).catalog.parts)
    more = (
        year_files(files, range(2019, 2023))
        if name == "baci"
        else comtrade_file(cluster.folder / "more reports", seed=8, places=6)
    )
    for folder, engine in ((ours, None), (theirs, session)):
        load(name, [more], folder, at=AT, engine=engine)
    assert tree(theirs) == tree(ours)


def test_a_worker_killed_in_a_load(
    cluster: Cluster, there: Warehouse, python: None, tmp_path: Path
) -> None:
    files = year_files(cluster.folder / "many", range(2000, 2012), rows=20_000)
    theirs = cluster.folder / "killed"
    with ThirdWorkerKilled(cluster, there) as killed:
        killed(lambda: load("baci", [files], theirs, at=AT, engine=session_of(there)))
    load("baci", [files], tmp_path / "ours", at=AT)
    assert tree(theirs) == tree(tmp_path / "ours")
