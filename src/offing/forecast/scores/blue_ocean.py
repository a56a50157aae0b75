"""The blue-ocean total: demand, competition and access in one number, each axis alike.

The mean of three axes, each the mean midrank of its measures among an exporter's markets, from
flows and distances alone; ``offing.forecast.axes`` has more measures, of other sources.
An axis without a known measure is left out.

=========  ===============================================================  ======
demand     imports, mean of three years; log growth a year                  more
competition    HHI of the rivals; share held by the exporter, and its change     less
           share of suppliers that came in the last two years                more
access     distance                                                          less
           common language                                                   more
=========  ===============================================================  ======

It is a hypothesis: ``offing.forecast.results`` says whether it may be shown.
"""

import numpy as np
import polars as pl

from offing.forecast.scores import scored_all
from offing.market.history import Array, Cube, History, Nearness

ANY_HORIZON = True
UNIT = "index"
SPAN, LEAST_YEARS, RECENT = 5, 3, 2
LEAST_USD = 500_000.0
"""A trend on mean imports below this is noise."""


def score(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """The total, 0 (worst of the exporter's markets on every axis) to 1."""
    past = history.until(base_year)
    years = [year for year in past.years if base_year - SPAN <= year]
    return scored_all(
        past.cubes(base_year, years), lambda cube: {"score": total(cube, past.nearness, years)}
    )


def total(cube: Cube, near: Nearness | None, years: list[int]) -> Array:
    """Exporter × importer; 0.5 where no axis is known."""
    empty = np.zeros(cube.base.shape)
    past = np.stack([cube.values.get(year, empty) for year in years])
    axes = [
        _mean([_midranks(cube, values) for values in measures])
        for measures in (_demand(past, years), _competition(past, years), _access(cube, near))
        if measures
    ]
    return np.asarray(np.nan_to_num(_mean(axes), nan=0.5))


def _mean(parts: list[Array]) -> Array:
    """Over what is known of each pair."""
    stacked = np.stack(parts)
    valid = np.isfinite(stacked)
    count = valid.sum(axis=0)
    sums = np.where(valid, stacked, 0.0).sum(axis=0)
    return np.asarray(np.divide(sums, count, out=np.full(sums.shape, np.nan), where=count > 0))


def _midranks(cube: Cube, values: Array) -> Array:
    """Of each exporter's markets, 0 worst to 1 best; unknown stays unknown."""
    full = np.broadcast_to(values, cube.base.shape)
    valid = np.isfinite(full) & cube.candidates
    position = _places(np.where(valid, full, np.inf))
    last = valid.sum(axis=1, keepdims=True) - 1
    rank = np.divide(position, last, out=np.full(full.shape, 0.5), where=last > 0)
    return np.where(valid, rank, np.nan)


def _places(values: Array) -> Array:
    """The place of each value in its row from 0; equal ones share the mean of theirs."""
    order = np.argsort(values, axis=1)
    rising = np.take_along_axis(values, order, axis=1)
    starts = np.ones(values.shape, dtype=bool)
    starts[:, 1:] = rising[:, 1:] != rising[:, :-1]
    tie = np.cumsum(starts) - 1
    at = np.broadcast_to(np.arange(values.shape[1]), values.shape).ravel()
    position = np.empty(values.shape)
    shared = (np.bincount(tie, at) / np.bincount(tie))[tie]
    np.put_along_axis(position, order, shared.reshape(values.shape), axis=1)
    return position


def _slope(values: Array, years: list[int]) -> Array:
    """Least-squares slope a year over the first axis; unknown with under three observations."""
    valid = np.isfinite(values)
    count = valid.sum(axis=0)
    x = np.where(valid, np.asarray(years, float).reshape(-1, *[1] * (values.ndim - 1)), 0.0)
    y = np.where(valid, values, 0.0)
    some = count >= LEAST_YEARS
    safe = np.where(some, count, 1)
    x = np.where(valid, x - x.sum(axis=0) / safe, 0.0)
    squares = (x**2).sum(axis=0)
    slope = np.divide((x * y).sum(axis=0), squares, out=np.zeros(squares.shape), where=squares > 0)
    return np.where(some & (squares > 0), slope, np.nan)


def _demand(past: Array, years: list[int]) -> list[Array]:
    imports = past.sum(axis=1)
    recent = np.asarray(years) > years[-1] - LEAST_YEARS
    with np.errstate(divide="ignore"):
        logs = np.where(imports > 0, np.log(imports), np.nan)
    growth = np.where(imports.mean(axis=0) >= LEAST_USD, _slope(logs, years), np.nan)
    return [imports[recent].mean(axis=0)[None, :], growth[None, :]]


def _competition(past: Array, years: list[int]) -> list[Array]:
    base = past[-1]
    market = base.sum(axis=0)
    rivals = market - base
    squares = (base**2).sum(axis=0) - base**2
    blank = np.full(base.shape, np.nan)
    hhi = np.divide(squares, rivals**2, out=blank.copy(), where=rivals > 1e-9 * market)
    totals = np.broadcast_to(past.sum(axis=1, keepdims=True), past.shape)
    share = np.divide(past, totals, out=np.full(past.shape, np.nan), where=totals > 0)
    measures = [-hhi, -share[-1], -_slope(share, years)]
    if len(years) >= LEAST_YEARS:
        before = (past[:-RECENT] > 0).any(axis=0)
        sold = base > 0
        count = sold.sum(axis=0)
        new = (sold & ~before).sum(axis=0)
        came = np.divide(new, count, out=np.full(len(count), np.nan), where=count > 0)
        measures.append(came[None, :])
    return measures


def _access(cube: Cube, near: Nearness | None) -> list[Array]:
    if near is None:
        return []
    at = np.ix_(cube.exporters, cube.importers)
    return [-near.km[at], near.common_language[at]]
