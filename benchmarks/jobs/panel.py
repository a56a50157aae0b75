"""Panel gravity of 230 × 230 × 25 with exporter-year, importer-year and pair effects."""

import os
import time
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks import Row, measured

Floats = NDArray[np.float64]


def panel(countries: int = 230, years: int = 25, seed: int = 3) -> pl.DataFrame:
    """A made-up panel: gravity, a quarter zeros, some cells missing, two covariates that move."""
    rng = np.random.default_rng(seed)
    n = countries
    t, i, j = np.nonzero(np.broadcast_to(~np.eye(n, dtype=bool), (years, n, n)))
    keep = rng.random(len(t)) < 0.75
    t, i, j = t[keep], i[keep], j[keep]
    began = rng.integers(0, 2 * years, (n, n))
    agreement = (t >= np.minimum(began, began.T)[i, j]).astype(float)
    tariff = rng.normal(0, 1, (n, years))[j, t] * rng.normal(1, 0.5, (n, n))[i, j]
    index = (
        rng.normal(0, 1.5, (n, years))[i, t]
        + rng.normal(0, 1.5, (n, years))[j, t]
        + rng.normal(0, 1.5, (n, n))[i, j]
        + 0.3 * agreement
        - 0.1 * tariff
    )
    trades = rng.random(len(t)) < 1 / (1 + np.exp(-(index + 2)))
    codes = np.array([f"C{number:03d}" for number in range(n)])
    return pl.DataFrame(
        {
            "year": (2000 + t).astype(np.int32),
            "exporter": codes[i],
            "importer": codes[j],
            "value_usd": np.exp(index) * rng.gamma(0.8, 1 / 0.8, len(t)) * trades,
            "agreement": agreement,
            "tariff": tariff,
        }
    )


def ours() -> tuple[float, float, int, Floats]:
    """Seconds of the first call, on a small panel, and of the panel; rows and the estimates."""
    from offing.market.gravity.panel import fit_panel

    began = time.perf_counter()
    fit_panel(panel(20, 4))
    first = time.perf_counter() - began
    table = panel()
    began = time.perf_counter()
    fit = fit_panel(table)
    seconds = time.perf_counter() - began
    return first, seconds, fit.rows, np.vstack([fit.beta, fit.errors, np.sqrt(np.diag(fit.hc))])


def peer() -> tuple[float, int, Floats]:
    """Seconds of pyfixest at its own tolerances, all processors; its numbers at tight ones.

    A small fit before it compiles what it needs.
    """
    import pandas as pd
    import pyfixest as pf

    def timed(table: pl.DataFrame) -> tuple[float, int, Floats]:
        data = pd.DataFrame(
            table.with_columns(
                it=pl.struct("exporter", "year").rank("dense"),
                jt=pl.struct("importer", "year").rank("dense"),
                ij=pl.struct("exporter", "importer").rank("dense"),
            ).to_dict(as_series=False)
        )

        def fit(iwls_tol: float, fixef_tol: float) -> Any:
            return pf.fepois(
                "value_usd ~ agreement + tariff | it + jt + ij",
                data,
                vcov={"CRV1": "ij"},
                iwls_tol=iwls_tol,
                demeaner=pf.MapDemeaner(fixef_tol=fixef_tol),
            )

        began = time.perf_counter()
        fit(1e-8, 1e-6)  # as it comes
        seconds = time.perf_counter() - began
        result = fit(1e-10, 1e-10)
        rows = [result.coef().to_numpy(), result.se().to_numpy()]
        return seconds, result._N, np.vstack([*rows, result.vcov("hetero").se().to_numpy()])

    timed(panel(20, 4))
    return timed(panel())


def run() -> list[Row]:
    """The first call, then the panel.

    Raises:
        AssertionError: an estimate or an error differs from pyfixest's.
    """
    os.environ["PYTHONHASHSEED"] = "0"  # see benchmarks.jobs.gravity
    mine = measured("benchmarks.jobs.panel:ours")
    first, seconds, rows, numbers = mine.result
    peer_seconds, count, theirs = measured("benchmarks.jobs.panel:peer").result
    if rows != count:
        raise AssertionError(f"{rows:,} rows of ours, {count:,} of pyfixest's")
    gap, relative = np.abs(numbers[0] - theirs[0]).max(), np.abs(numbers / theirs - 1)
    if gap > 1e-7 or relative[2].max() > 1e-6:
        raise AssertionError(f"coefficients differ by {gap:.1e}, errors {relative[2].max():.1e}")
    # pyfixest's count of nested effects depends on the hash seed; the sandwich does not.
    if np.ptp(numbers[1] / theirs[1]) > 1e-6 or relative[1].max() > 0.02:
        raise AssertionError(f"clustered errors {numbers[1]} and pyfixest's {theirs[1]}")
    return [
        Row("first call on a small panel, with compiling or loading it", first),
        Row(
            f"panel gravity, {rows:,} rows, pair effects and clusters",
            seconds,
            "pyfixest, all processors",
            peer_seconds,
            mine.peak_mb,
            bar_ratio=1 / 15,
        ),
    ]
