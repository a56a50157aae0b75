"""Questions to a real cluster: the answers of this machine, or a clear end."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import offing
from offing.terms.errors import InputError, StorageError
from offing.terms.plain import plain
from offing.warehouse import Warehouse
from offing.warehouse.trade import flows_below
from spark_cluster import Cluster, executors, flows_of, session_of, until

pytestmark = pytest.mark.cluster

REAL = "starter-hs85"

QUESTIONS: dict[str, Callable[[Any], Any]] = {
    "ladder": lambda house: offing.ladder("8528", "Germany", price=620, warehouse=house),
    "ladder of a code": lambda house: offing.ladder("850110", "USA", warehouse=house),
    "one of two sets": lambda house: offing.ladder(
        "8501", "USA", dataset="planted", warehouse=house
    ),
    "markets": lambda house: offing.markets("8507", "China", warehouse=house),
    "markets by tier": lambda house: offing.markets("8528", "CHN", tiers=True, warehouse=house),
    "indicators": lambda house: offing.indicators("eci,fitness,pci", warehouse=house),
    "export potential": lambda house: offing.indicators("epi", warehouse=house),
    "gravity": lambda house: offing.gravity("8528", origin="CHN", warehouse=house),
    "gravity of all": lambda house: offing.gravity(every=True, warehouse=house),
    "outlook": lambda house: offing.outlook("8507", "China", warehouse=house, horizon=1),
    "survival": lambda house: offing.survival("85", dataset=REAL, warehouse=house),
    "evidence": lambda house: offing.evidence("resilience", "8528", warehouse=house),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_answer_is_that_of_this_machine(
    question: str, here: Warehouse, there: Warehouse, nothing_kept: None
) -> None:
    ask, before = QUESTIONS[question], flows_of(there).work.questions
    ours = plain(ask(here).data())
    theirs = ask(replace(there))  # which has kept nothing
    assert plain(theirs.data()) == ours
    assert theirs.work.questions > before


def test_flows_at_an_address_of_the_workers_are_those_of_the_file(
    session: Any, here: Warehouse, tmp_path: Any
) -> None:
    """As ``s3a://trade/flows`` of an object store, which Spark reads by the same call."""
    file = tmp_path / "flows.parquet"
    flows_below(here, REAL).cast({"observed": pl.String}).write_parquet(file)
    ours = plain(offing.ladder("8528", "Germany", price=620, flows=file).data())
    for place in (f"file://{file}", file):
        theirs = offing.ladder("8528", "Germany", price=620, flows=place, engine=session)
        assert plain(theirs.data()) == ours
        assert theirs.work.questions > 0
    with pytest.raises(StorageError, match="Spark"):
        offing.ladder("8528", "Germany", flows=f"file://{tmp_path}/none", engine=session)


def test_a_worker_killed_in_a_question(cluster: Cluster, there: Warehouse, here: Warehouse) -> None:
    third = cluster.begin_worker()
    until(lambda: executors(there) == 3, "no third executor")
    wide = session_of(there).table(flows_of(there).views[REAL]).repartition(60)
    house = Warehouse.from_frames(flows=wide)
    answered: list[pl.DataFrame] = []
    asking = threading.Thread(target=lambda: answered.append(flows_below(house, "frame", "85")))
    asking.start()
    tracker = session_of(there).sparkContext.statusTracker()
    until(lambda: bool(tracker.getActiveStageIds()), "nothing to break off")
    cluster.end(third)
    asking.join(120)
    assert_frame_equal(answered[0], flows_below(here, REAL, "85"), check_exact=True)
    until(lambda: executors(there) == 2, "the third is still there")


def test_own_flows_are_shuffled_and_cut_up(there: Warehouse, here: Warehouse) -> None:
    flows = flows_below(here, REAL)
    mixed = flows.with_columns(pl.col("observed").cast(pl.String)).sample(
        fraction=1, shuffle=True, seed=7
    )
    frame = session_of(there).createDataFrame(mixed.to_arrow()).repartition(7)
    ours = offing.indicators("eci,fitness", warehouse=here).tables["countries"]
    theirs = offing.indicators("eci,fitness", flows=frame)
    assert_frame_equal(theirs.tables["countries"], ours, check_exact=True)
    assert theirs.work.flows == flows.height


def test_through_spark_connect(cluster: Cluster) -> None:
    pytest.importorskip("grpc", reason="Spark Connect needs grpcio")
    port = cluster.begin_connect()
    line = ("ladder", "8528", "Germany", "--warehouse", str(cluster.seen), "--json")
    ours, theirs = cluster.here_and_there(*line, engine=f"sc://127.0.0.1:{port}")
    assert (theirs.returncode, theirs.stdout) == (0, ours.stdout), theirs.stderr


def test_flows_of_ones_own_are_not_in_a_folder(session: Any) -> None:
    flows = pl.DataFrame({"year": [2024], "product": "8528", "importer": "DEU", "exporter": "CHN"})
    with pytest.raises(InputError) as error:
        offing.ladder(
            "8528", "Germany", flows=flows.with_columns(value_usd=1e6, items=1e3), engine=session
        )
    assert error.value.key == "engine.own_flows"
