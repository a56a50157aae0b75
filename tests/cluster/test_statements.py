"""Every statement on large tables gives the same rows from DuckDB and from Spark."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import offing
from offing.terms.errors import InputError, MissingDataError
from offing.warehouse import Warehouse
from offing.warehouse import spark as engine
from offing.warehouse.store import starter_folder
from offing.warehouse.trade import (
    FlowsElsewhere,
    codes_below,
    export_sums,
    flows_below,
    flows_by_year,
    flows_of,
    flows_of_codes,
    pooled_flows,
    product_codes,
    reported_years,
    sums_by_year,
)
from spark_cluster import flows_of as flows_there

pytestmark = pytest.mark.cluster

STARTER = Warehouse(starter_folder(), is_starter=True)
PLANTED = [
    (2020, "852872", "DEU", "CHN", 2047.9999999995453, None),
    (2020, "852872", "DEU", "USA", 0.1, 5.0),
    (2020, "852872", "FRA", "CHN", 2500.37, float("nan")),
    (2020, "010121", "FRA", "CHN", 1e13 / 3, 0.0),
    (2021, "8528", "FRA", "CHN", 3.0, 1.0),
    (2021, "852871", "FRA", "FRA", 7.0, 1.0),
    (2021, "852871", "JPN", "FRA", 0.0, None),
    (2021, "852871", "JPN", "USA", 2.0**-41, None),
]


def both(session: Any, flows: pl.DataFrame) -> tuple[Warehouse, Warehouse]:
    """The same flows here and on Spark, there shuffled and in several partitions."""
    mixed = flows.sample(fraction=1, shuffle=True, seed=3)
    there = session.createDataFrame(mixed.to_arrow()).repartition(5)
    return Warehouse.from_frames(flows=flows), Warehouse.from_frames(flows=there)


@pytest.fixture(scope="module")
def planted(session: Any) -> tuple[Warehouse, Warehouse]:
    names = ["year", "product", "importer", "exporter", "value_usd", "kg"]
    rows = pl.DataFrame(PLANTED, schema=names, orient="row")
    # Codes of two levels for one flow are refused in a frame: the two here are of two years.
    return both(session, rows)


@pytest.fixture(scope="module")
def real(session: Any) -> tuple[Warehouse, Warehouse]:
    flows = flows_below(STARTER, STARTER.trade_sets()[0])
    return both(session, flows.with_columns(pl.col("observed").cast(pl.String)))


def sums(house: Warehouse, *keys: str) -> pl.DataFrame:
    return export_sums(house, "frame", 2021, keys, digits=4, without=["USA"])


QUESTIONS: dict[str, Callable[[Warehouse, str], Any]] = {
    "flows": lambda house, code: house.flows(code),
    "flows of a year": lambda house, code: house.flows(code, years=[2021], market="FRA"),
    "below": lambda house, code: flows_below(house, "frame", code[:2], since=2020, until=2021),
    "counts": lambda house, code: flows_by_year(house, "frame", code, 2021),
    "reported": lambda house, code: reported_years(house, "frame", code[:4]),
    "codes": lambda house, _: product_codes(house, "frame"),
    "codes below": lambda house, code: codes_below(house, code[:4], 6),
    "seen": lambda house, code: house.trade_seen(code[:4]),
    "all seen": lambda house, _: house.trade_seen("", 2021),
    "near": lambda house, code: house._near(f"{code[:2]}99", "frame"),
    "nothing near": lambda house, _: house._near("99", "frame"),
    "sums by exporter": lambda house, _: sums(house, "exporter"),
    "sums by product": lambda house, _: sums(house, "product", "importer"),
    "sums by all": lambda house, _: sums(house, "product", "exporter", "importer"),
    "sums of codes": lambda house, code: export_sums(
        house, "frame", 2020, ["product"], codes=[code]
    ),
    "flows of an exporter": lambda house, _: flows_of(house, "frame", 2021, "FRA"),
    "flows of codes": lambda house, code: in_order(flows_of_codes(house, "frame", 2020, [code])),
    "sums by year": lambda house, _: sums_by_year(house, "frame", [2020, 2021]),
    "in order": lambda house, code: house.flows_in_order("frame", code, market="FRA"),
    "holds": lambda house, code: house._holds("frame", code),
    "sizes": lambda house, _: history(house).sizes(),
    "countries": lambda house, _: history(house).countries(),
    "reporters": lambda house, _: history(house).reporters(),
    "pairs": lambda house, _: history(house).pairs(2021),
    "cells": lambda house, _: history(house).cells(2021),
    "rows": lambda house, code: history(house).rows([2020, 2021], [code]),
}
"""Each accessor of flows in ``warehouse``: ``tests/contracts/test_sql.py`` asks for all."""


def history(house: Warehouse) -> FlowsElsewhere:
    return FlowsElsewhere(house, "frame", 2021)


def in_order(flows: pl.DataFrame) -> pl.DataFrame:
    return flows.sort("year", "product", "importer", "exporter")


@pytest.mark.parametrize("world", ["planted", "real"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_same_rows(question: str, world: str, request: pytest.FixtureRequest) -> None:
    code = {"planted": "852872", "real": "8528"}[world]
    here, there = (QUESTIONS[question](house, code) for house in request.getfixturevalue(world))
    if isinstance(here, pl.DataFrame):
        enums = [name for name, kind in here.schema.items() if isinstance(kind, pl.Enum)]
        here = here.with_columns(pl.col(enums).cast(pl.String))
        assert_frame_equal(there, here, check_exact=True)
    else:
        assert there == here


@pytest.mark.parametrize("world", ["planted", "real"])
def test_means_are_the_same_in_nine_digits(world: str, request: pytest.FixtureRequest) -> None:
    here, there = (pooled_flows(house, "frame", 2020) for house in request.getfixturevalue(world))
    assert here.height
    assert_frame_equal(there, here, rel_tol=1e-9)


def test_a_ladder_of_a_frame_of_spark_comes_back_as_one(real: Any, session: Any) -> None:
    frame = session.table(flows_there(real[1]).views["frame"])
    ours = offing.ladder("8528", "Germany", price=620, flows=real[0].flows("8528"))
    theirs = offing.ladder("8528", "Germany", price=620, flows=frame)
    assert theirs.ladder == ours.ladder
    assert type(theirs.table).__module__.startswith("pyspark")
    rows = pl.DataFrame(theirs.suppliers.toArrow())
    assert_frame_equal(rows, ours.suppliers, check_exact=True)


def test_indicators_of_a_frame_of_spark(real: Any, session: Any) -> None:
    frame = session.table(flows_there(real[1]).views["frame"])
    ours = offing.indicators("eci,fitness", warehouse=real[0]).tables["countries"]
    theirs = offing.indicators("eci,fitness", flows=frame).tables["countries"]
    assert_frame_equal(theirs, ours, check_exact=True)


@pytest.mark.parametrize(
    "key", ["frames.bad_values", "frames.rows_twice", "frames.no_column", "frames.no_rows"]
)
def test_flows_that_do_not_fit_are_refused(key: str, real: Any, session: Any) -> None:
    from pyspark.sql import functions

    frame = session.table(flows_there(real[1]).views["frame"])
    bad = {
        "frames.bad_values": lambda: frame.withColumn("importer", functions.lit("Germany")),
        "frames.rows_twice": lambda: frame.union(frame.limit(2)),
        "frames.no_column": lambda: frame.drop("value_usd"),
        "frames.no_rows": lambda: frame.limit(0),
    }[key]()
    with pytest.raises(InputError) as error:
        offing.ladder("8528", "Germany", flows=bad)
    assert error.value.key == key


def test_what_does_not_fit_at_home_is_refused(real: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "HOME", 100)
    for ask in (
        lambda: flows_below(real[1], "frame", "85"),
        lambda: real[1].files("flows", "frame"),
    ):
        with pytest.raises(InputError) as error:
            ask()
        assert error.value.key == "frames.too_much"
    with pytest.raises(MissingDataError):
        real[1].trade_set("999999")
