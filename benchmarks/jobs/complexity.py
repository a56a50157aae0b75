"""RCA, complexity, density, COI and COG of 230 countries × 5,000 products, beside ecomplexity."""

import time

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks import Row, measured
from benchmarks.world import baci_year
from offing.terms.background import keep_memory

Floats = NDArray[np.float64]

COLUMNS = ("rca", "eci", "pci", "density", "coi", "cog")


def exports(flows: int) -> pl.DataFrame:
    """Exports of a made-up year by country and product."""
    return (
        pl.scan_csv(baci_year(2020, flows=flows), schema_overrides={"k": pl.String})
        .group_by(country=pl.col("i").cast(pl.String), product="k")
        .agg(value=pl.col("v").sum())
        .sort("country", "product")
        .collect()
    )


def ours(flows: int) -> tuple[float, dict[str, Floats]]:
    """Seconds, fastest of ten, as it takes but a moment; columns by country and product."""
    from offing.market.indicators.space import product_space

    keep_memory()  # as the command line does
    table, best = exports(flows), float("inf")
    for _ in range(10):
        began = time.perf_counter()
        countries, products, pairs = product_space(table)
        best = min(best, time.perf_counter() - began)
    full = pairs.join(
        countries.select(pl.col("country").cast(pairs["country"].dtype), "eci", "coi"),
        on="country",
        maintain_order="left",
    ).join(
        products.select(pl.col("product").cast(pairs["product"].dtype), "pci"),
        on="product",
        maintain_order="left",
    )
    return best, {name: full[name].to_numpy() for name in COLUMNS}


def peer(flows: int) -> tuple[float, dict[str, Floats]]:
    """The same in ecomplexity, from the same table, without its check of log-supermodularity."""
    import pandas as pd
    from ecomplexity import ecomplexity

    data = pd.DataFrame(exports(flows).with_columns(year=2020).to_dict(as_series=False))
    names = {"time": "year", "loc": "country", "prod": "product", "val": "value"}
    began = time.perf_counter()
    table = ecomplexity(data, names, check_logsupermodularity=False, verbose=False)
    seconds = time.perf_counter() - began
    table = table.sort_values(["country", "product"])
    return seconds, {name: table[name].to_numpy() for name in COLUMNS}


def compare(numbers: dict[str, Floats], reference: dict[str, Floats]) -> None:
    """Equal to 1e-10 of the largest value.

    The peer takes COI and COG from PCI as the eigenvector comes, we from the standardised one. The
    two differ by a scale and a shift, so theirs is a combination of ours and of what a constant PCI
    gives (and of a constant, for it standardises COI); it is fitted, and nothing may be left.

    Raises:
        AssertionError: a number differs.
    """
    from offing.market.indicators.space import outlook_gain

    countries = int((np.diff(numbers["eci"]) != 0).sum()) + 1
    shape = countries, len(numbers["rca"]) // countries
    m = (numbers["rca"] >= 1).reshape(shape)
    missing = ((numbers["density"].reshape(shape) * ~m).sum(axis=1)).repeat(shape[1])
    constant = {"coi": missing, "cog": outlook_gain(m, np.ones(shape[1])).ravel()}
    for name in COLUMNS:
        mine, theirs = numbers[name], reference[name]
        if name in constant:
            basis = np.column_stack([mine, constant[name], np.ones(len(mine))])
            mine = basis @ np.linalg.lstsq(basis, theirs, rcond=None)[0]
        gap = np.nanmax(np.abs(mine - theirs)) / max(1.0, np.nanmax(np.abs(theirs)))
        if not gap < 1e-10:
            raise AssertionError(f"{name} differs by {gap:.1e}")


def run(flows: int = 9_600_000) -> list[Row]:
    """One row.

    Raises:
        AssertionError: a number differs from ecomplexity's.
    """
    mine = measured("benchmarks.jobs.complexity:ours", flows)
    other = measured("benchmarks.jobs.complexity:peer", flows)
    (seconds, numbers), (theirs, reference) = mine.result, other.result
    compare(numbers, reference)
    return [
        Row(
            "RCA to COG, 230 countries × 5,000 products",
            seconds,
            "ecomplexity 0.5.3",
            theirs,
            mine.peak_mb,
            bar_ratio=1 / 300,
        )
    ]
