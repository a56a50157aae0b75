"""What lies at an address that is no path: the answers of this machine, or a sentence.

``s3a://trade/…`` is Hadoop's ``ViewFileSystemOverloadScheme`` over two folders: all that Spark and
offing do with an object store they do here, but for the store's own protocol.
"""

import shutil
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import offing
from offing.api import reconcile as asked
from offing.cli.app import run
from offing.terms.plain import plain
from offing.warehouse import Warehouse, load
from offing.warehouse.trade import flows_below
from spark_cluster import Cluster, flows_of

pytestmark = pytest.mark.cluster

OWN, HOUSE = "s3a://trade/own", "s3a://trade/house"
HS85 = "starter-hs85"


@pytest.fixture(scope="module")
def stored(cluster: Cluster, there: Warehouse, told: Any) -> Warehouse:
    """The same warehouse here, of which the store has a copy; its flows and reports beside it."""
    ours = cluster.folder / "ours"
    shutil.copytree(cluster.seen, ours)
    km = cluster.folder / "km.csv"
    named = {"origin": "iso_o", "destination": "iso_d", "km": "dist", "contiguous": "contig"}
    named["common_language"] = "comlang_off"
    there.table("distances").rename(named).with_columns(pl.selectors.boolean().cast(int)).write_csv(
        km
    )
    load("distances", [km], ours)
    load("comtrade", [cluster.folder / "reports" / "reports.csv"], ours)
    shutil.copytree(ours, cluster.folder / "house")
    for name, rows in {
        "flows": flows_below(Warehouse(ours), HS85).cast({"observed": pl.String}),
        "reports": Warehouse(ours).table("reports").cast({"direction": pl.String}),
    }.items():
        (cluster.folder / "own" / name).mkdir(parents=True)
        rows.write_parquet(cluster.folder / "own" / name / "part.parquet")
    return Warehouse.open(ours)


QUESTIONS: dict[str, Callable[..., Any]] = {
    "ladder": lambda **of: offing.ladder("8528", "Germany", price=620, **of),
    "indicators": lambda **of: offing.indicators("eci,fitness", **of),
    "gravity": lambda **of: offing.gravity("8528", origin="CHN", **of),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_warehouse_in_a_store(question: str, stored: Warehouse, session: Any) -> None:
    ask = QUESTIONS[question]
    theirs = ask(warehouse=HOUSE, engine=session, dataset=HS85)
    assert plain(theirs.data()) == plain(ask(warehouse=stored, dataset=HS85).data())
    assert theirs.work.questions > 0
    opened = Warehouse.open(HOUSE, engine=session)
    assert flows_of(opened).folder is None
    km = ["origin", "destination"]
    assert opened.table("distances").sort(km).equals(stored.table("distances").sort(km))
    assert not [file for file, _, state in opened.parts_seen() if state == "missing"]


@pytest.mark.parametrize("question", ["ladder", "indicators"])
def test_flows_in_a_store(question: str, stored: Warehouse, session: Any) -> None:
    ask = QUESTIONS[question]
    theirs = ask(flows=f"{OWN}/flows", engine=session)
    flows = flows_below(stored, HS85)
    assert plain(theirs.data()) == plain(ask(flows=flows).data())


@pytest.mark.parametrize("of", [{"warehouse": HOUSE}, {"reports": f"{OWN}/reports"}])
@pytest.mark.parametrize("most", [100, 1_000_000])
def test_reports_in_a_store(
    of: dict[str, str],
    most: int,
    stored: Warehouse,
    session: Any,
    python: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asked, "HOME", most)
    ours = offing.reconcile(warehouse=stored)
    theirs = offing.reconcile(engine=session, **({"warehouse": stored} | of))  # type: ignore[arg-type]
    names = dict.fromkeys(("margins", "dataset"))
    assert {**theirs.data(), **names} == {**ours.data(), **names}
    assert_frame_equal(theirs.reconciled.margins, ours.reconciled.margins, rel_tol=1e-10)


def test_addresses_on_the_command_line(
    cluster: Cluster, stored: Warehouse, session: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    said = []
    for of in (
        ["--flows", f"{OWN}/flows"],
        ["--flows", str(cluster.folder / "own/flows/part.parquet")],
    ):
        engine = ["--engine", cluster.address] if OWN in of[1] else []
        assert run(["ladder", "8528", "Germany", *of, *engine, "--lang", "en"]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]
    for line in (
        ["ladder", "8528", "Germany", "--warehouse", HOUSE, "--dataset", HS85],
        ["reconcile", "--warehouse", HOUSE],
        ["reconcile", "--reports", f"{OWN}/reports"],
    ):
        assert run([*line, "--engine", cluster.address]) == 0, line
        capsys.readouterr()
