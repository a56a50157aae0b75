"""What geography makes of trade between two countries, and flows that keep the observed totals.

Needs nothing compiled: the textbook elasticities serve where none can be estimated.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from offing.market.history import Array, Cube, Nearness

COVARIATES = ("log_km", "contiguous", "common_language")
"""What an estimate is made on where nothing else is asked for. Colonial ties are few: in a small
sample, a handful of pairs would decide their estimate and move that of distance."""
FURTHER = ("colony",)
TEXTBOOK: Mapping[str, float] = dict(zip(COVARIATES, (-0.93, 0.53, 0.54), strict=True))
"""Means of published estimates: Head and Mayer (2014), Handbook of International Economics 4,
table 3.4."""
CLOSE, ROUNDS = 1e-4, 300
"""Balancing goes on until the totals agree to this, and for so many steps at most."""
FAINT = 1e-140
"""No factor of balancing is smaller, or larger than its inverse: products of two stay finite."""


def pair_covariates(distances: pl.DataFrame) -> pl.DataFrame:
    """Covariates of every pair of two countries.

    Args:
        distances: in the columns of ``Distances``.

    Returns:
        ``exporter``, ``importer``, ``log_km``, ``contiguous``, ``common_language``, ``colony``.
    """
    return distances.filter(pl.col("origin") != pl.col("destination")).select(
        exporter="origin",
        importer="destination",
        log_km=pl.col("km").log(),
        **{name: pl.col(name).cast(pl.Float64) for name in (*COVARIATES[1:], *FURTHER)},
    )


def ease(cube: Cube, near: Nearness | None, elasticities: Mapping[str, float] = TEXTBOOK) -> Array:
    """What geography makes of each pair, the easiest 1.

    A pair whose distance is not known counts as the typical one.
    """
    if near is None:
        return cube.candidates.astype(float)
    at = np.ix_(cube.exporters, cube.importers)
    log_km = np.log(near.km[at])
    measured = np.isfinite(log_km) & cube.candidates
    typical = float(np.median(log_km[measured])) if measured.any() else 0.0
    log = (
        elasticities["log_km"] * np.where(measured, log_km, typical)
        + elasticities["contiguous"] * np.nan_to_num(near.contiguous[at])
        + elasticities["common_language"] * np.nan_to_num(near.common_language[at])
    )
    return np.asarray(np.where(cube.candidates, np.exp(log - log.max()), 0.0))


def balance_flows(prior: Array, base: Array) -> Array:
    """The flows in proportion to ``prior`` whose totals by exporter and importer are those of base.

    With estimated elasticities this is the fit of a Poisson gravity model: its effects are what
    makes the totals meet. Totals that no such flows can have are met as nearly as ``ROUNDS`` go.
    """
    rows, columns = base.sum(1), base.sum(0)
    out, into = np.ones(len(rows)), np.ones(len(columns))
    for _ in range(ROUNDS):
        before, out = out, np.clip(rows / (prior @ into).clip(min=FAINT), FAINT, 1 / FAINT)
        into = np.clip(columns / (out @ prior).clip(min=FAINT), FAINT, 1 / FAINT)
        if np.abs(out / before - 1)[rows > 0].max(initial=0.0) < CLOSE:
            break
    return np.asarray(out[:, None] * prior * into)


def potential(cube: Cube, near: Nearness | None) -> Array:
    """What each pair would trade by the textbook's elasticities, at the totals observed, USD."""
    return balance_flows(ease(cube, near), cube.base)
