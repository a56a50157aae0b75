"""What is known of a flow in its base year: the features of the outlook.

Everything is a logarithm of a ratio, so a market's size, a flow's place in it and their changes
act as factors. Nothing later than the base year is used. Where something is not known (no earlier
year, an importer that did not report, no distance) the feature is 0, which means "no news".
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from offing.market.gravity.expected import potential
from offing.market.history import FLOOR_USD, Array, Codes, Cube, History, Mask, Nearness
from offing.terms.files import shipped_rows

Matrix = NDArray[np.float32]
Features = dict[str, Array | float]
"""Exporter × importer, or what broadcasts to it, by name."""

LOOK_BACK = 3
"""Earlier years that are looked at."""
MEAN_OF = 3
"""Years of a mean that evens out a year's luck, the base year among them."""
LARGEST_CHANGE = 2.0
"""A log change beyond this (a factor of 7) is cut: it is a beginning or an end, not a trend."""

_ROWS = shipped_rows("offing.forecast", "outlook/features.csv")
FAMILIES = {row["feature"]: row["part"] for row in _ROWS}
"""Feature → the part of the explanation it belongs to (message ``market.contribution_<part>``)."""
ESTABLISHED = tuple(row["feature"] for row in _ROWS if row["of"] != "new")
"""Features of a flow that exists in the base year."""
NEW = tuple(row["feature"] for row in _ROWS if row["of"] != "flow")
"""Features of a pair with no flow in the base year."""

COLUMNS = (*ESTABLISHED, *(f"new_{name}" for name in NEW), "new")
"""Columns of the design: each feature acts differently on a flow that exists and on a new one."""

EXPORTER_FEATURES = (
    "exporter_size",
    "product_size",
    "exports_over_1e4",
    "exports_over_1e6",
    "exports_over_1e8",
    "exporter_growth",
    "exporter_growth_longer",
    "markets_sold_to",
    "concentration",
)
"""Features of an exporter of a product, all markets together."""


@dataclass(frozen=True)
class Cells:
    """The candidate pairs of one product, flat, exporter by exporter.

    Attributes:
        cube: the flows.
        row: place in ``cube.exporters``.
        column: place in ``cube.importers``.
        base: USD in the base year.
        recent: mean of the three years up to the base year in which either side reported, USD.
        returns: pairs without a flow now that had one within ``LOOK_BACK`` years before.
        proportional: exporter's exports × importer's imports ÷ all flows of the product: what
            the pair would trade if nothing but size mattered.
        design: cells × ``COLUMNS``.
        exporters: exporters × ``EXPORTER_FEATURES``.
        exports: of each exporter of the product.
        seen: number of the years looked at in which the flow was above zero.
        near: geography; ``None`` where no distances are loaded.
    """

    cube: Cube
    row: Codes
    column: Codes
    base: Array
    recent: Array
    returns: Mask
    proportional: Array
    design: Matrix
    exporters: Matrix
    exports: Array
    seen: Codes
    near: Nearness | None

    @cached_property
    def new(self) -> Mask:
        """Pairs without a flow in the base year."""
        return np.asarray(self.base == 0)

    @cached_property
    def gravity_trade(self) -> Array | None:
        """What each pair would trade by gravity, USD; ``None`` where no distances are loaded."""
        if self.near is None:
            return None
        return np.asarray(potential(self.cube, self.near)[self.row, self.column])


def years_before(history: History, base_year: int) -> list[int]:
    """The years looked at, the latest first."""
    return [y for y in reversed(history.years) if base_year - LOOK_BACK <= y < base_year]


def _change(now: Array, before: Array, known: Mask | bool, years: int) -> Array:
    """Log change a year, 0 where the earlier year is not known."""
    log = np.log((now + FLOOR_USD) / (before + FLOOR_USD)) / years
    return np.where(known, np.clip(log, -LARGEST_CHANGE, LARGEST_CHANGE), 0.0)


def _over(logarithm: Array, threshold: float) -> Array:
    return np.asarray(np.clip(logarithm - np.log(threshold), 0.0, None))


def cells(history: History, cube: Cube, some: Mask | None = None) -> Cells:
    """The candidates of a product with their features.

    The cube must hold the years of :func:`years_before` where they exist. ``some`` are the
    candidates that are wanted, of all in their order; all where ``None``.
    """
    base = cube.base
    exports, imports = base.sum(1, keepdims=True), base.sum(0, keepdims=True)
    total = float(base.sum())
    proportional = exports * imports / total
    new = ~cube.sold
    shares = base / exports
    f = _levels(cube, exports, imports, proportional)
    f |= _ties(history, cube)
    f |= _geography(history.nearness, cube)
    f |= _changes(history, cube, exports, imports)
    of_exporter = f | {"concentration": (shares**2).sum(1, keepdims=True)}
    seen, recent = _before(history, cube)
    keep = cube.candidates
    if some is not None:
        keep = keep.copy()
        keep[cube.candidates] = some
    whole = np.empty((len(f), *base.shape), np.float32)
    for number, value in enumerate(f.values()):
        whole[number] = value
    flat = dict(zip(f, whole.reshape(len(f), -1).take(np.flatnonzero(keep), axis=1), strict=True))
    is_new = new[keep].astype(np.float32)
    design = np.empty((len(COLUMNS), len(is_new)), np.float32)
    parts = [(name, 1 - is_new) for name in ESTABLISHED] + [(name, is_new) for name in NEW]
    for values, (name, mine) in zip(design, parts, strict=False):
        np.multiply(flat[name], mine, out=values)
    design[-1] = is_new
    row, column = np.nonzero(keep)
    exporters = [
        np.broadcast_to(np.asarray(of_exporter[name]), exports.shape)[:, 0]
        for name in EXPORTER_FEATURES
    ]
    return Cells(
        cube=cube,
        row=row,
        column=column,
        base=base[keep],
        recent=recent[keep],
        returns=(new & (seen > 0))[keep],
        proportional=proportional[keep],
        design=np.ascontiguousarray(design.T),
        exporters=np.stack(exporters, axis=1).astype(np.float32),
        exports=exports[:, 0],
        seen=seen[keep].astype(np.int64),
        near=history.nearness,
    )


def _before(history: History, cube: Cube) -> tuple[Array, Array]:
    """Years with a flow among those looked at, and the mean of the last three, by pair."""
    at = np.ix_(cube.exporters, cube.importers)
    seen, total, count = cube.sold.astype(float), cube.base.copy(), np.ones(cube.base.shape)
    for year in years_before(history, cube.base_year):
        sales, told = cube.values.get(year, 0.0), history.known(year)[at]
        seen += sales > 0
        if year > cube.base_year - MEAN_OF:
            total += told * sales
            count += told
    return seen, np.asarray(total / count)


def _levels(cube: Cube, exports: Array, imports: Array, proportional: Array) -> Features:
    """Sizes in the base year: of the flow, the exporter, the market and the product."""
    base, total, sold = cube.base, float(cube.base.sum()), cube.sold
    gap = np.log((base + FLOOR_USD) / (proportional + FLOOR_USD))
    log_exports, log_proportional = np.log(exports + 1), np.log(proportional + 1)
    return {
        "gap": gap,
        "gap_above": np.clip(gap, 0, None),
        "share_of_exports": np.log((base + FLOOR_USD) / (exports + FLOOR_USD)),
        "share_of_market": np.log((base + FLOOR_USD) / (imports + FLOOR_USD)),
        "market_size": np.log(imports / total),
        "exporter_size": np.log(exports / total),
        "product_size": np.log(total) - 18,
        "flow_size": np.log(base + 1) - 12,
        "exports_over_1e4": _over(log_exports, 1e4),
        "exports_over_1e6": _over(log_exports, 1e6),
        "exports_over_1e8": _over(log_exports, 1e8),
        "proportional_size": log_proportional - 10,
        "proportional_over_1e3": _over(log_proportional, 1e3),
        "proportional_over_1e5": _over(log_proportional, 1e5),
        "proportional_over_1e7": _over(log_proportional, 1e7),
        "markets_sold_to": np.log(sold.sum(1, keepdims=True)),
        "suppliers_there": np.log(sold.sum(0, keepdims=True)),
    }


def _ties(history: History, cube: Cube) -> Features:
    """What the pair trades in other products, beside what its size would make it trade."""
    now, at = history.pairs(cube.base_year), np.ix_(cube.exporters, cube.importers)
    ties = np.clip(now.value[at] - cube.base, 0.0, None)
    expected = now.exports[cube.exporters][:, None] * now.imports[cube.importers] / now.value.sum()
    tie = np.log((ties + FLOOR_USD) / (expected + FLOOR_USD))
    return {
        "ties": tie,
        "ties_strong": np.clip(tie, 0, None),
        "no_ties": (ties < FLOOR_USD).astype(float),
        "ties_goods": np.log1p(np.clip(now.goods[at] - cube.sold, 0.0, None)),
    }


def _geography(near: Nearness | None, cube: Cube) -> Features:
    if near is None:
        return dict.fromkeys(("distance", "contiguous", "common_language"), 0.0)
    at = np.ix_(cube.exporters, cube.importers)
    return {
        "distance": np.nan_to_num(np.log(near.km[at] + 1) - 8.5),
        "contiguous": np.nan_to_num(near.contiguous[at]),
        "common_language": np.nan_to_num(near.common_language[at]),
    }


def _changes(history: History, cube: Cube, exports: Array, imports: Array) -> Features:
    """Growth up to the base year, of the market, the exporter, the product and the flow."""
    base, year = cube.base, cube.base_year
    new = ~cube.sold
    names = [name for name in FAMILIES if "growth" in name or "before" in name]
    f: Features = dict.fromkeys([*names, "just_begun"], 0.0)
    earlier = [y for y in years_before(history, year) if y in cube.values]
    if not earlier:
        return f
    at = np.ix_(cube.exporters, cube.importers)
    recent = earlier[0]
    gap = year - recent
    pairs = history.pairs(recent)
    there = history.known(recent)[at]
    before = cube.values[recent]
    # Exporters' totals are compared over the importers that reported in both years.
    exports_now = np.where(there, base, 0).sum(1, keepdims=True)
    imports_now = np.where(there, base, 0).sum(0, keepdims=True)
    exports_before, imports_before = before.sum(1, keepdims=True), before.sum(0, keepdims=True)
    own = _change(base, before, there & ~new, gap)
    f["market_growth"] = _change(imports_now, imports_before, there, gap)
    f["market_growth_from_others"] = _change(
        imports_now - np.where(there, base, 0), imports_before - before, there, gap
    )
    f["exporter_growth"] = _change(exports_now, exports_before, True, gap)
    f["exporter_growth_elsewhere"] = _change(
        exports_now - np.where(there, base, 0), exports_before - before, True, gap
    )
    f["product_growth"] = _change(exports_now.sum(), exports_before.sum(), True, gap)
    ties = np.clip(history.pairs(year).value[at] - base, 0.0, None)
    f["ties_growth"] = _change(ties, np.clip(pairs.value[at] - before, 0.0, None), there, gap)
    f["own_growth"], f["own_growth_up"] = own, np.clip(own, 0, None)
    f["just_begun"] = (there & (before == 0) & ~new).astype(float)
    total, count, times = base.copy(), np.ones(base.shape), np.zeros(base.shape)
    for then in earlier:
        reported = history.known(then)[at]
        total += np.where(reported, cube.values[then], 0.0)
        count += reported
        times += cube.values[then] > 0
    sold, proportional = new & (times > 0), exports * imports / base.sum()
    f["sold_before"] = sold.astype(float)
    f["sold_before_times"] = np.where(sold, times - 1, 0.0)
    f["sold_before_latest"] = (there & (before > 0) & new).astype(float)
    f["sold_before_size"] = np.where(
        sold, np.log((total / np.maximum(times, 1) + FLOOR_USD) / (proportional + FLOOR_USD)), 0.0
    )
    level = np.log((total / count + FLOOR_USD) / (base + FLOOR_USD))
    f["own_level_before"] = np.where(new, 0.0, np.clip(level, -LARGEST_CHANGE, LARGEST_CHANGE))
    f["own_level_before_up"] = np.clip(np.asarray(f["own_level_before"]), 0, None)
    if len(earlier) > 1:
        oldest = earlier[-1]
        reported = history.known(oldest)[at]
        first = cube.values[oldest]
        span = year - oldest
        f["market_growth_longer"] = _change(imports, first.sum(0, keepdims=True), reported, span)
        f["exporter_growth_longer"] = _change(
            np.where(reported, base, 0).sum(1, keepdims=True),
            first.sum(1, keepdims=True),
            True,
            span,
        )
        f["own_growth_longer"] = _change(base, first, reported & ~new, span)
    return f
