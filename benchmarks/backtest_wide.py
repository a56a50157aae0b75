"""A wide history for the backtest: 575,000 flows over 25 years, with real zeros and real sizes.

The electric-vehicle chain of the shared data folder (UN Comtrade, 2018 to 2024) is walked forth and
back over its years, so that a flow goes on as flows do, and its products come again under permuted
country labels until there are rows enough. Distances are made up: points on a sphere.

``python -m benchmarks.backtest_wide`` times the backtest on it.
"""

import sys
import time
from pathlib import Path

import numpy as np
import polars as pl

from offing.forecast.backtest.run import Design, backtests
from offing.market.history import History
from offing.terms.background import keep_memory

SOURCE = Path("comtrade_ev_chain", "imports_by_partner_2018_2024.parquet")
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
ROWS, YEARS, FIRST = 575_000, 25, 1995
HORIZONS = (1, 2, 3, 5)
SEED = 5


def flows(shared: Path = SHARED, rows: int = ROWS) -> pl.DataFrame:
    """The history as a table of flows.

    Raises:
        FileNotFoundError: there is no shared data folder.
    """
    real = (
        pl.read_parquet(shared / SOURCE)
        .filter(pl.col("partnerCode") != 0, pl.col("primaryValue") > 0)
        .select(
            "year",
            product=pl.col("cmdCode").cast(pl.String),
            importer="reporterISO",
            exporter="partnerISO",
            value_usd="primaryValue",
        )
        .drop_nulls()
        .filter(pl.col("importer") != pl.col("exporter"))
    )
    years = sorted(real["year"].unique())
    walk = [*range(len(years)), *range(len(years) - 2, 0, -1)]
    calendar = pl.DataFrame(
        [(years[walk[at % len(walk)]], FIRST + at) for at in range(YEARS)],
        schema={"year": real.schema["year"], "at": pl.Int32},
        orient="row",
    )
    always = real.group_by("product").agg(pl.col("year").n_unique()).filter(year=len(years))
    rng = np.random.default_rng(SEED)
    countries = sorted({*real["importer"], *real["exporter"]})
    names, parts, total = dict(zip(countries, countries, strict=True)), [], 0
    for number in range(10_000):
        code = always["product"].sort()[number % always.height]
        if number and number % always.height == 0:
            names = dict(zip(countries, rng.permutation(countries).tolist(), strict=True))
        trade = real.filter(product=code).join(calendar, on="year")
        parts.append(
            trade.select(
                year="at",
                product=pl.lit(str(850_000 + number)),
                importer=pl.col("importer").replace_strict(names),
                exporter=pl.col("exporter").replace_strict(names),
                value_usd="value_usd",
            )
        )
        total += trade.height
        if total >= rows:
            break
    return pl.concat(parts)


def distances(countries: list[str]) -> pl.DataFrame:
    """Of every two countries: points on a sphere, neighbours that often share a language."""
    rng = np.random.default_rng(SEED)
    points = rng.normal(size=(len(countries), 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    km = 6371 * np.arccos(np.clip(points @ points.T, -1, 1))
    i, j = np.nonzero(~np.eye(len(countries), dtype=bool))
    far = km[i, j]
    return pl.DataFrame(
        {
            "origin": np.array(countries)[i],
            "destination": np.array(countries)[j],
            "km": np.maximum(far, 100.0),
            "contiguous": far < 900,
            "common_language": rng.random(len(far)) < np.where(far < 3000, 0.3, 0.05),
            "colony": np.zeros(len(far), dtype=bool),
        }
    )


def history(shared: Path = SHARED) -> History:
    """The flows with their distances."""
    table = flows(shared)
    return History.of(table, distances=distances(sorted({*table["importer"], *table["exporter"]})))


def ours(shared: str) -> tuple[int, int]:
    """The backtest at four horizons, every way of ranking: flows, and scores."""
    keep_memory()  # as the command line does
    panel = history(Path(shared))
    told = backtests(panel, HORIZONS, dataset="wide", design=Design())
    return sum(panel.rows.values()), sum(len(backtest.scores) for backtest in told)


if __name__ == "__main__":
    began = time.perf_counter()
    count, scores = ours(sys.argv[1] if len(sys.argv) > 1 else str(SHARED))
    print(f"{count:,} flows, {scores:,} scores: {time.perf_counter() - began:.0f} s")
