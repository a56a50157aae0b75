"""Value-weighted tiers of a whole year: 9.6 million flows, a million products × importers."""

from pathlib import Path

import duckdb
import narwhals as nw
import polars as pl

from benchmarks import Row, measured
from benchmarks.stored import store
from offing.ladders.tiers import HIGH_LEVEL, LOW_LEVEL, weighted_quantiles
from offing.ladders.unit_values import collected, has_quantity, lazy
from offing.ladders.whole_year import whole_year
from offing.warehouse import Warehouse
from offing.warehouse.engines.duck import enumerated

LEVELS = {"low_to": LOW_LEVEL, "reference": 0.5, "high_from": HIGH_LEVEL}
CELL = ["product", "importer"]


def _duck() -> duckdb.DuckDBPyConnection:
    duck = duckdb.connect()
    duck.execute("SET memory_limit = '1GB'")
    duck.execute("SET enable_progress_bar = false")
    return duck


def ours(folder: Path) -> tuple[int, float]:
    """Weighted terciles and median by product and importer; the cells and a checksum."""
    flows = lazy(enumerated(_duck(), Warehouse(folder).source_sql("flows")))
    usable = flows.filter(has_quantity("kg")).select(
        *CELL, value=nw.col("value_usd"), unit_value=nw.col("value_usd") / nw.col("kg")
    )
    found = collected(weighted_quantiles(usable, CELL, LEVELS))
    return found.height, float(found["reference"].log().sum())


def peer(folder: Path) -> tuple[int, float]:
    """The same in Polars: the fastest of five ways we tried."""
    file = next(folder.glob("flows/*/*.parquet"))
    weight, unit_value = pl.col("value_usd"), pl.col("unit_value")
    found = (
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
    return found.height, float(found["reference"].log().sum())


def cleaned(folder: Path) -> int:
    """Cleaning, references and the split of every flow, summed up by product and importer."""
    source = Warehouse(folder).source_sql("flows")
    return whole_year(_duck(), source, unit="kg", basis="fob").height


def run() -> list[Row]:
    """Time ours beside Polars, and the whole way from raw flows to tiers."""
    folder = store()
    mine = measured("benchmarks.jobs.tiers:ours", folder, times=3)
    other = measured("benchmarks.jobs.tiers:peer", folder, times=2)
    if mine.result[0] != other.result[0] or abs(mine.result[1] - other.result[1]) > 1e-3:
        raise AssertionError(f"ours {mine.result} and the peer's {other.result} differ")
    whole = measured("benchmarks.jobs.tiers:cleaned", folder, times=2)
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
        ),
        Row("the same year cleaned and split", whole.seconds, peak_mb=whole.peak_mb, bar_mb=1500),
    ]
