"""Value-weighted tiers of a whole year: 9.6 million flows, a million products × importers."""

from pathlib import Path

import duckdb
import narwhals as nw
import polars as pl

from benchmarks import Row, measured
from benchmarks.stored import store
from offing.ladders.tiers import (
    HIGH_LEVEL,
    LOW_LEVEL,
    collect,
    has_quantity,
    lazy,
    weighted_quantiles,
)
from offing.warehouse import Warehouse

LEVELS = {"low_to": LOW_LEVEL, "reference": 0.5, "high_from": HIGH_LEVEL}
CELL = ["product", "importer"]


def _duck() -> duckdb.DuckDBPyConnection:
    duck = duckdb.connect()
    duck.execute("SET memory_limit = '1GB'")
    duck.execute("SET enable_progress_bar = false")
    return duck


def _enumerated(duck: duckdb.DuckDBPyConnection, source: str) -> duckdb.DuckDBPyRelation:
    """The flows with their keys as enumerations: as text, comparing them takes longer than all."""
    for key in CELL:
        duck.execute(f"CREATE TYPE {key}_names AS ENUM (SELECT DISTINCT {key} FROM {source})")
    casts = ", ".join(f"{key}::{key}_names AS {key}" for key in CELL)
    return duck.sql(f"SELECT * REPLACE ({casts}) FROM {source}")


def ours(folder: Path) -> tuple[int, float]:
    """Weighted terciles and median by product and importer; the cells and a checksum."""
    flows = lazy(_enumerated(_duck(), Warehouse(folder).source_sql("flows")))
    usable = flows.filter(has_quantity("kg")).select(
        *CELL, value=nw.col("value_usd"), unit_value=nw.col("value_usd") / nw.col("kg")
    )
    quantiles = collect(weighted_quantiles(usable, CELL, LEVELS))
    return quantiles.height, float(quantiles["reference"].log().sum())


def peer(folder: Path) -> tuple[int, float]:
    """The same in Polars: the fastest of five ways we tried."""
    file = next(folder.glob("flows/*/*.parquet"))
    weight, unit_value = pl.col("value_usd"), pl.col("unit_value")
    quantiles = (
        pl.scan_parquet(file)
        .filter(pl.col("kg") > 0)
        .select(pl.col(CELL).cast(pl.Categorical), weight, unit_value=weight / pl.col("kg"))
        .sort(*CELL, "unit_value")
        .with_columns(reached=weight.cum_sum().over(CELL), total=weight.sum().over(CELL))
        .group_by(CELL)
        .agg(
            unit_value.filter(pl.col("reached") >= level * pl.col("total")).min().alias(name)
            for name, level in LEVELS.items()
        )
        .collect()
    )
    return quantiles.height, float(quantiles["reference"].log().sum())


def run() -> list[Row]:
    """Time ours beside Polars."""
    folder = store()
    mine = measured("benchmarks.jobs.tiers:ours", folder, times=3)
    other = measured("benchmarks.jobs.tiers:peer", folder, times=2)
    if mine.result[0] != other.result[0] or abs(mine.result[1] - other.result[1]) > 1e-3:
        raise AssertionError(f"ours {mine.result} and the peer's {other.result} differ")
    cells = f"{mine.result[0]:,} cells"
    return [
        Row(
            f"weighted terciles, {cells}",
            mine.seconds,
            "Polars",
            other.seconds,
            mine.peak_mb,
            bar=3.0,
            bar_mb=1500,
        )
    ]
