"""Relatedness: an exporter that sells a market what goes with the product may sell it that too.

The density of the product space, taken pair by pair (Jun, Alshamsi, Gao and Hidalgo, 2020, Journal
of Evolutionary Economics 30:247-275)::

    proximity_kk' = Σ_c M_ck M_ck' / max(Σ_c M_ck, Σ_c M_ck')      M: RCA at least 1
    density_ijk   = Σ_k' proximity_kk' [v_ijk' > 0] / Σ_k' proximity_kk'     (k' other than k)
"""

import numpy as np
import polars as pl
from scipy.sparse import coo_array

from offing.estimators import SMALL, TINY
from offing.forecast.scores import candidate_frame
from offing.market.history import History

ANY_HORIZON = True
UNIT = "index"
PRODUCTS_AT_ONCE = 200


def score(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """Density of each pair around each product."""
    past = history.until(base_year)
    cubes = past.cubes(base_year, [])
    size = len(past.countries)
    exports, pair, good, shapes = [], [], [], []
    for number, cube in enumerate(cubes):
        sold = np.zeros(size)
        sold[cube.exporters] = cube.base.sum(axis=1)
        exports.append(sold)
        row, column = np.nonzero(cube.base)
        pair.append(cube.exporters[row] * size + cube.importers[column])
        good.append(np.full(len(row), number))
        shapes.append((cube.product, cube.tier))
    trade = np.column_stack(exports)
    advantage = trade / trade.sum(1, keepdims=True).clip(min=TINY)
    advantage /= (trade.sum(0) / trade.sum())[None, :]
    strong = (advantage >= 1).astype(float)
    ubiquity = strong.sum(0)
    proximity = strong.T @ strong / np.maximum(ubiquity[:, None], ubiquity[None, :]).clip(min=1)
    np.fill_diagonal(proximity, 0.0)
    reach = proximity.sum(0).clip(min=SMALL)
    pairs = np.concatenate(pair)
    active = coo_array(
        (np.ones(len(pairs)), (pairs, np.concatenate(good))), shape=(size * size, len(shapes))
    ).tocsr()
    parts = []
    for number, cube in enumerate(past.cubes(base_year, [])):
        at = number % PRODUCTS_AT_ONCE
        if at == 0:
            block = slice(number, number + PRODUCTS_AT_ONCE)
            around = (active @ proximity[:, block]) / reach[block]
        cells = cube.exporters[:, None] * size + cube.importers[None, :]
        parts.append(candidate_frame(cube, {"score": np.asarray(around[cells, at])}))
    return pl.concat(parts)
