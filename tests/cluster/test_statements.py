"""Every statement on large tables gives the same rows from DuckDB and from Spark."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import offing
from offing.terms.errors import InputError
from offing.warehouse import Warehouse, trade
from offing.warehouse.store import starter_folder
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
    flows = trade.flows_below(STARTER, STARTER.trade_sets()[0])
    return both(session, flows.with_columns(pl.col("observed").cast(pl.String)))


def sums(house: Warehouse, *keys: str) -> pl.DataFrame:
    return trade.export_sums(house, "frame", 2021, keys, digits=4, without=["USA"])


QUESTIONS: dict[str, Callable[[Warehouse, str], Any]] = {
    "flows": lambda house, code: house.flows(code),
    "flows of a year": lambda house, code: house.flows(code, years=[2021], market="FRA"),
    "below": lambda house, code: trade.flows_below(
        house, "frame", code[:2], since=2020, until=2021
    ),
    "counts": lambda house, code: trade.flows_by_year(house, "frame", code, 2021),
    "reported": lambda house, code: trade.reported_years(house, "frame", code[:4]),
    "by exporter": lambda house, _: trade.flows_by_exporter(house, "frame"),
    "codes": lambda house, _: trade.product_codes(house, "frame"),
    "codes below": lambda house, code: trade.codes_below(house, code[:4], 6),
    "seen": lambda house, code: house.trade_seen(code[:4]),
    "all seen": lambda house, _: house.trade_seen("", 2021),
    "near": lambda house, code: house._near(f"{code[:2]}99", "frame"),
    "nothing near": lambda house, _: house._near("99", "frame"),
    "sums by exporter": lambda house, _: sums(house, "exporter"),
    "sums by product": lambda house, _: sums(house, "product", "importer"),
    "sums by all": lambda house, _: sums(house, "product", "exporter", "importer"),
    "sums of codes": lambda house, code: trade.export_sums(
        house, "frame", 2020, ["product"], codes=[code]
    ),
    "flows of an exporter": lambda house, _: trade.flows_of(house, "frame", 2021, "FRA"),
    "flows of codes": lambda house, code: in_order(
        trade.flows_of_codes(house, "frame", 2020, [code])
    ),
    "sums by year": lambda house, _: trade.sums_by_year(house, "frame", [2020, 2021]),
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


def history(house: Warehouse) -> trade.FlowsElsewhere:
    return trade.FlowsElsewhere(house, "frame", 2021)


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
    here, there = (
        trade.pooled_flows(house, "frame", 2020) for house in request.getfixturevalue(world)
    )
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


FLOWS = pl.DataFrame(
    {
        "year": [2022, 2022, 2023, 2023],
        "product": ["852872", "852871", "852872", "852872"],
        "importer": ["DEU", "DEU", "DEU", "FRA"],
        "exporter": ["CHN", "CHN", "VNM", "CHN"],
        "value_usd": [5e6, 2e6, 3e6, 1e6],
        "kg": [2e5, None, 1e5, 3e4],
    }
)


def but(row: int = 0, **cells: Any) -> pl.DataFrame:
    """The flows, but for some cells of a row."""
    at = pl.int_range(pl.len()) == row
    return FLOWS.with_columns(
        **{name: pl.when(at).then(pl.lit(cell)).otherwise(name) for name, cell in cells.items()}
    )


def cast(**kinds: Any) -> pl.DataFrame:
    return FLOWS.with_columns(pl.col(name).cast(kind) for name, kind in kinds.items())


FITS = {
    "names of countries": but(importer="德国", exporter="China"),
    "small letters": FLOWS.with_columns(pl.col("importer").str.to_lowercase()),
    "decimals, texts, numbers": cast(
        value_usd=pl.Decimal(20, 2), kg=pl.String, product=pl.Int64, year=pl.Float64
    ),
    "a weight that is no number": but(kg=float("nan")),
    "as in BACI": FLOWS.select(
        t="year", i="exporter", j="importer", k=pl.col("product").cast(pl.Int32),
        v=pl.col("value_usd") / 1000, q=pl.lit("NA"),
    ),
    "numbers of countries": FLOWS.with_columns(exporter=pl.lit(156)),
}  # fmt: skip
BAD = {
    "no column": FLOWS.drop("value_usd"),
    "other headings": FLOWS.rename({"product": "商品编码"}),
    "no rows": FLOWS.clear(),
    "no such country": but(importer="ZZZ"),
    "the world": but(exporter="WLD"),
    "no country": but(importer=None),
    "a text for a value": cast(value_usd=pl.String).with_columns(value_usd=pl.lit("1,234")),
    "a text for a weight": FLOWS.with_columns(kg=pl.lit("n/a")),
    "a weight below nought": but(kg=-1.0),
    "no end of items": FLOWS.with_columns(items=pl.lit(float("inf"))),
    "half a year": but(year=2020.5),
    "months": but(year=202207),
    "a day": FLOWS.with_columns(year=pl.date("year", 1, 1)),
    "truths": FLOWS.with_columns(value_usd=pl.lit(value=True)),
    "who saw it": FLOWS.with_columns(observed=pl.lit("me")),
    "a lost nought": cast(product=pl.Int64).with_columns(product=pl.lit(10121)),
    "two levels": but(1, product="8528"),
    "a row twice": pl.concat([FLOWS, FLOWS.head(1)]),
    "a year to come": FLOWS.with_columns(year=pl.col("year") + 70),
    "thousands": FLOWS.with_columns(year=2022, value_usd=pl.col("value_usd") / 1000),
}


@pytest.mark.parametrize("case", FITS | BAD)
def test_a_frame_is_looked_at_as_here(case: str, session: Any) -> None:
    """What is read here is read there, and what is refused here is refused there in its words."""
    flows = (FITS | BAD)[case]
    said: list[Any] = []
    for frame in (flows, session.createDataFrame(flows.to_arrow())):
        try:
            said.append(Warehouse.from_frames(flows=frame).flows("852872"))
        except InputError as error:
            said.append((error.key, error.values | {"example": None}))
    assert isinstance(said[0], pl.DataFrame) == (case in FITS), said[0]
    if case in FITS:
        assert_frame_equal(said[1], said[0].with_columns(pl.col("observed").cast(pl.String)))
    else:
        assert said[1] == said[0]
