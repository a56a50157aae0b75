"""ITC's Export Potential Indicator, from the flows alone (METHODS.md 1.1).

::

    EPI_ijk = supply_ik · demand_jk · ease_ijk
    supply_ik = v_ik / v_k · min(1, exports_ik / imports_ik)
    demand_jk = v_jk
    ease_ijk  = exp(-|mean log distance of j's suppliers of k - log distance of i and j|)
                · v_ij / Σ_k' (v_ik' / v_k') v_jk'

This is the *static* variant: it projects neither GDP nor population and knows no tariffs. The
*identity* variant leaves out the correction for re-exports and the distance term as well; then
Σ_k EPI_ijk = v_ij exactly.
"""

from collections.abc import Iterator
from typing import Literal

import numpy as np
import polars as pl

from offing.market.history import Array, Cube, History
from offing.market.scores import scored

FLOOR_USD = 1_000.0
Variant = Literal["static", "identity"]


def potential(
    history: History, base_year: int, variant: Variant = "static"
) -> Iterator[tuple[Cube, Array]]:
    """Each product with its EPI, exporter × importer, USD."""
    known = history.until(base_year)
    size = len(known.countries)
    expected = np.zeros((size, size))
    for cube in known.cubes(base_year, []):
        at = np.ix_(cube.exporters, cube.importers)
        expected[at] += np.where(cube.candidates, _proportional(cube), 0.0)
    actual = known.pairs(base_year).value
    ease = np.divide(actual, expected, out=np.zeros_like(actual), where=expected > 0)
    near = known.nearness
    for cube in known.cubes(base_year, []):
        at = np.ix_(cube.exporters, cube.importers)
        value = _proportional(cube) * ease[at]
        if variant == "static":
            value = value * _own_production(cube)
            if near is not None:
                value = value * _nearness(cube, np.log(near.km[at]))
        yield cube, np.where(cube.candidates, value, 0.0)


def _proportional(cube: Cube) -> Array:
    base = cube.base
    return np.asarray(base.sum(1, keepdims=True) * base.sum(0, keepdims=True) / base.sum())


def _own_production(cube: Cube) -> Array:
    """``min(1, exports / imports)``: who imports more than it exports re-exports in part."""
    exports, imports = cube.base.sum(1), np.zeros(len(cube.exporters))
    place = np.searchsorted(cube.importers, cube.exporters).clip(max=len(cube.importers) - 1)
    also = cube.importers[place] == cube.exporters
    imports[also] = cube.base.sum(0)[place[also]]
    share = np.divide(exports, imports, out=np.ones_like(exports), where=imports > 0)
    return np.asarray(np.minimum(1.0, share)[:, None])


def _nearness(cube: Cube, log_km: Array) -> Array:
    """At most 1: how much farther (or nearer) than j's usual suppliers; 1 where not known."""
    known = np.isfinite(log_km)
    weight = np.where(known, cube.base, 0.0)
    total = weight.sum(0)
    usual = np.divide(
        (weight * np.where(known, log_km, 0.0)).sum(0),
        total,
        out=np.full_like(total, np.nan),
        where=total > 0,
    )
    off = np.abs(usual[None, :] - log_km)
    return np.asarray(np.where(np.isfinite(off), np.exp(-np.nan_to_num(off)), 1.0))


def score(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """The export potential in the base year."""
    return pl.concat(
        [
            scored(
                cube,
                {"score": v, "growth": np.log((v + FLOOR_USD) / (cube.base + FLOOR_USD))},
            )
            for cube, v in potential(history, base_year)
        ]
    )
