"""Unrealized potential: how far a flow lies below what gravity says it could be, in USD.

The potential is structural gravity with the mean elasticities of the literature (Head and Mayer,
2014, Handbook of International Economics 4, table 3.4: distance -0.93, contiguity 0.53, common
language 0.54), balanced so that every exporter's and every market's total is what it is. Nothing is
estimated, so it works on any data; ``offing.market.gravity`` estimates.
"""

import numpy as np
import polars as pl

from offing.market.history import Array, Cube, History, Nearness
from offing.market.scores import scored

DISTANCE, CONTIGUITY, LANGUAGE = -0.93, 0.53, 0.54
FLOOR_USD = 1_000.0
ROUNDS = 30
"""Balancing steps; the totals then agree to a thousandth, far closer than the model is true."""


def ease(cube: Cube, near: Nearness | None) -> Array:
    """What geography makes of each pair; the typical one where a distance is not known."""
    if near is None:
        return cube.candidates.astype(float)
    at = np.ix_(cube.exporters, cube.importers)
    log_km = np.log(near.km[at])
    known = np.isfinite(log_km) & cube.candidates
    typical = float(np.median(log_km[known])) if known.any() else 0.0
    log = (
        DISTANCE * np.where(known, log_km, typical)
        + CONTIGUITY * np.nan_to_num(near.contiguous[at])
        + LANGUAGE * np.nan_to_num(near.common_language[at])
    )
    return np.asarray(np.where(cube.candidates, np.exp(log - log.max()), 0.0))


def potential(cube: Cube, near: Nearness | None) -> Array:
    """Gravity-predicted flows with the observed totals."""
    made = ease(cube, near)
    rows, columns = cube.base.sum(1, keepdims=True), cube.base.sum(0, keepdims=True)
    for _ in range(ROUNDS):
        made *= rows / made.sum(1, keepdims=True).clip(min=1e-300)
        made *= columns / made.sum(0, keepdims=True).clip(min=1e-300)
    return made


def score(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """Potential less today's sales, never below zero."""
    known = history.until(base_year)
    parts = []
    for cube in known.cubes(base_year, []):
        could_be = potential(cube, known.nearness)
        gap = np.log((could_be + FLOOR_USD) / (cube.base + FLOOR_USD))
        parts.append(scored(cube, {"score": np.maximum(could_be - cube.base, 0.0), "growth": gap}))
    return pl.concat(parts)
