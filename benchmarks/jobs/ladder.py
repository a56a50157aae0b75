"""One product's ladder from a store of BACI's size, in a warm process."""

import time
from pathlib import Path

import duckdb

from benchmarks import Row, measured
from benchmarks.stored import store
from offing.ladders.build import ladder
from offing.ladders.place import place
from offing.warehouse import Warehouse

TIMES = 5


def largest(folder: Path) -> tuple[str, str]:
    """The product with the most flows and its largest importer: the slowest case."""
    house = Warehouse(folder)
    product, market = house.query(
        f"SELECT product, arg_max(importer, value_usd) FROM {house.source_sql('flows')} "
        "GROUP BY product ORDER BY count(*) DESC, product LIMIT 1"
    ).row(0)
    return str(product), str(market)


def ours(folder: Path, product: str, market: str) -> float:
    """Read the product, build the ladder, place a price: the fastest of some calls, seconds."""
    house = Warehouse(folder)
    best = float("inf")
    for _ in range(TIMES):
        began = time.perf_counter()
        built = ladder(house.flows(product), product=product, market=market)
        place(built, built.reference)
        best = min(best, time.perf_counter() - began)
    return best


def peer(folder: Path, product: str, market: str) -> float:
    """Bare DuckDB: the market's flows of the product and the world's median, no more."""
    file = next(folder.glob("flows/*/*.parquet"))
    best = float("inf")
    with duckdb.connect() as duck:
        for _ in range(TIMES):
            began = time.perf_counter()
            duck.execute(
                f"SELECT exporter, value_usd / kg, (SELECT median(value_usd / kg) FROM "
                f"read_parquet('{file}') WHERE product = ?) FROM read_parquet('{file}') "
                "WHERE product = ? AND importer = ?",
                [product, product, market],
            ).fetchall()
            best = min(best, time.perf_counter() - began)
    return best


def run() -> list[Row]:
    """Time one ladder."""
    folder = store()
    product, market = largest(folder)
    mine = measured("benchmarks.jobs.ladder:ours", folder, product, market)
    other = measured("benchmarks.jobs.ladder:peer", folder, product, market)
    return [
        Row(
            "one product's ladder from the store",
            mine.result,
            "bare DuckDB read",
            other.result,
            mine.peak_mb,
            bar=0.2,
        )
    ]
