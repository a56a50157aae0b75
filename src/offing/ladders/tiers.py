"""Price tiers: the four published methods, and where a unit value stands in each.

=================  ================================================================
``threshold-1997``  Fontagné, Freudenberg and Péridy (CEPII WP 1997-07): high above 1.15 times
                    the value-weighted median of unit values, low below the median over 1.15.
``thirds-2006``     Gaulier, Lemoine and Ünal-Kesenci (CEPII WP 2006-05): low up to the weighted
                    33rd percentile, high from the 67th.
``split-2007``      Fontagné, Gaulier and Zignago (CEPII WP 2007-06): each flow is split. With
                    ``r`` the unit value over the weighted median, the share ``min(r, 1/r)**a`` is
                    medium, the rest low or high. No cliff, so it is the default.
``mean-2011``       Berthou and Emlinger (Lettre du CEPII 313): high above the market's own
                    value-weighted geometric mean, low up to it; there is no medium tier.
=================  ================================================================

The reference is taken by product and year over the world, that is over all markets of the table;
by ``mean-2011`` over the market itself. ``own=True`` takes the market's own for any method.

Unit values: what one item or one kilogram cost on average, and which flows have none.

A unit value is a flow's value over its quantity. Quantities are the worst column of trade
statistics, so each flow passes these checks, and the first that fails is its reason:

1. ``ladder.drop_no_value``: no positive value (or, on the CIF basis, no CIF estimate).
2. ``ladder.drop_no_quantity``: the quantity is missing or zero.
3. ``ladder.drop_unit_mix`` (items only): the weight of an item cannot be right. It is further
   than 20 times from the product's median weight, or the number of items repeats the kilograms
   although an item does not weigh about one.
4. ``ladder.drop_outlier``: the log unit value is further from the median of its product and year
   than four robust standard deviations (1.4826 times the median absolute deviation), and further
   than five times in any case, the factor of Hallak and Schott (2011).

A dropped flow keeps its value: it counts in the market's total and lowers the coverage.
The functions are written with narwhals: they run on Polars, DuckDB relations and other engines.
"""

import math
from collections.abc import Sequence
from typing import Any

import narwhals as nw
import polars as pl

from offing.ladders.ladder import TIERS, Basis, Tier
from offing.terms.errors import unknown_name
from offing.terms.frames import into_polars, kind_of
from offing.terms.text import Unit

Frame = nw.LazyFrame[Any]

WEIGHT_FACTOR = 20.0
OUTLIER_FACTOR = 5.0
OUTLIER_DEVIATIONS = 4.0
MAD_TO_SD = 1.4826
MOST = 0.5
"""Share of the value from which items are used, not kilograms."""
CIF_SHARE = 0.9
"""Share of the value that needs a CIF estimate for the CIF basis."""


def lazy(frame: Any) -> Frame:
    """A narwhals lazy frame of anything narwhals reads, such as a Polars frame or a relation.

    pandas and PyArrow lack some of the window functions: their frames become ones of Polars.
    """
    if kind_of(frame) in ("pandas", "pyarrow"):
        frame = into_polars(frame)
    rows: Frame = nw.from_native(frame).lazy()
    return rows


def collect(frame: Frame) -> pl.DataFrame:
    """The rows, whatever the engine (through the Arrow stream, which needs no further package)."""
    native = frame.to_native()
    return native.collect() if isinstance(native, pl.LazyFrame) else pl.DataFrame(native)


def _is_positive(column: nw.Expr) -> nw.Expr:
    """Whether a number is there, finite and above zero."""
    return (column.is_finite() & (column > 0)).fill_null(False)


def has_quantity(unit: Unit) -> nw.Expr:
    """Whether a flow has a quantity in the unit."""
    return _is_positive(nw.col("items" if unit == "item" else "kg"))


def basis_of(flows: Any) -> Basis:
    """``cif`` where 90 % of the FOB value has a CIF estimate, else ``fob``."""
    value = nw.col("value_usd")
    estimated = nw.when(_is_positive(nw.col("cif_usd"))).then(value).otherwise(nw.lit(0.0))
    sums = lazy(flows).select(cif=estimated.sum(), everything=value.sum())
    cif, everything = collect(sums).row(0)
    return "cif" if everything and (cif or 0.0) >= CIF_SHARE * everything else "fob"


def units(flows: Any, by: Sequence[str] = ("product", "importer")) -> Frame:
    """The unit of each product and market: ``item`` where items cover half of the value.

    It is chosen over all years at once, so that a series never changes its unit.

    Args:
        flows: a table with the columns of ``Flows``.
        by: the columns that get a unit of their own.

    Returns:
        The columns of ``by``, and ``unit``.
    """
    value = nw.col("value_usd")
    in_items = nw.when(has_quantity("item")).then(value).otherwise(nw.lit(0.0))
    enough = (nw.col("in_items") >= MOST * nw.col("everything")) & (nw.col("in_items") > 0)
    return (
        lazy(flows)
        .with_columns(in_items=in_items)
        .group_by(*by)
        .agg(nw.col("in_items").sum(), everything=value.sum())
        .select(*by, unit=nw.when(enough).then(nw.lit("item")).otherwise(nw.lit("kg")))
    )


def _weigh(frame: Frame) -> Frame:
    """Mark flows whose items cannot be items, by what one of them weighs."""
    log_weight = (nw.col("kg") / nw.col("items")).log()
    sound = _is_positive(nw.col("kg")) & nw.col("dropped").is_null()
    weighed = frame.with_columns(log_weight=nw.when(sound).then(log_weight))
    usual = (
        weighed.filter(~nw.col("log_weight").is_null())
        .group_by("product")
        .agg(usual=nw.col("log_weight").median())
    )
    far = (nw.col("log_weight") - nw.col("usual")).abs() > math.log(WEIGHT_FACTOR)
    repeats = (nw.col("log_weight").abs() < 1e-3) & (nw.col("usual").abs() > math.log(2.0))
    beside = weighed.join(usual, on="product", how="left")
    return _mark_dropped(beside, far | repeats, "ladder.drop_unit_mix").drop("log_weight", "usual")


def _mark_dropped(frame: Frame, where: nw.Expr, reason: str) -> Frame:
    """The frame with a reason in ``dropped`` where something holds."""
    marked = nw.when(where.fill_null(False)).then(nw.lit(reason)).otherwise(nw.col("dropped"))
    return frame.with_columns(dropped=marked)


def _cut(frame: Frame) -> Frame:
    """Mark unit values that are too far from their product's median of the year."""
    cell = ["year", "product"]
    log_value = (nw.col("value") / nw.col("quantity")).log()
    logs = frame.with_columns(log_value=nw.when(nw.col("dropped").is_null()).then(log_value))
    sound = logs.filter(~nw.col("log_value").is_null())
    centre = sound.group_by(cell).agg(centre=nw.col("log_value").median())
    away = (nw.col("log_value") - nw.col("centre")).abs()
    spread = (
        sound.join(centre, on=cell, how="inner")
        .with_columns(away=away)
        .group_by(cell)
        .agg(nw.col("centre").max(), spread=nw.col("away").median())
    )
    too_far = (away > math.log(OUTLIER_FACTOR)) & (
        away > OUTLIER_DEVIATIONS * MAD_TO_SD * nw.col("spread")
    )
    marked = _mark_dropped(logs.join(spread, on=cell, how="left"), too_far, "ladder.drop_outlier")
    return marked.drop("log_value", "centre", "spread")


def attach_unit_values(flows: Any, *, unit: Unit, basis: Basis) -> Frame:
    """Every flow with its unit value, or with the reason why it has none.

    Args:
        flows: a table with the columns of ``Flows``, of any engine that narwhals reads. The checks
            compare with the whole table, so give all markets.
        unit: ``item`` or ``kg``; flows without a quantity in it are dropped, never converted.
        basis: ``cif`` or ``fob``.

    Returns:
        The flows with ``value`` (USD on the basis; FOB where there is no CIF estimate),
        ``quantity``, ``unit_value`` (null where dropped) and ``dropped`` (null where used).
    """
    own = nw.col("cif_usd" if basis == "cif" else "value_usd")
    frame = (
        lazy(flows)
        .with_columns(
            value=nw.when(_is_positive(own)).then(own).otherwise(nw.col("value_usd")),
            quantity=nw.col("items" if unit == "item" else "kg"),
        )
        .with_columns(
            dropped=nw.when(~_is_positive(own))
            .then(nw.lit("ladder.drop_no_value"))
            .otherwise(nw.when(~has_quantity(unit)).then(nw.lit("ladder.drop_no_quantity")))
        )
    )
    checked = _cut(_weigh(frame) if unit == "item" else frame)
    return checked.with_columns(
        unit_value=nw.when(nw.col("dropped").is_null()).then(nw.col("value") / nw.col("quantity"))
    )


USUAL_METHOD = "split-2007"
METHODS = (USUAL_METHOD, "threshold-1997", "thirds-2006", "mean-2011")

THRESHOLD = 1.15
LOW_LEVEL = 0.33
HIGH_LEVEL = 0.67
EXPONENT = 3.0
"""``a`` of ``split-2007``. The paper leaves it to the user; 3 is what the R package tradalyze uses.

It makes the medium tier's half-way points 0.79 and 1.26 times the reference.
"""

LEVEL_SLACK = 1e-12
"""Sums of floats differ in their last digits by engine, and a mean of equal prices is off by its
last digits: a tie, or a price that is the bound of a tier, must not depend on that."""


def method_name(text: str) -> str:
    """The method of that name.

    Raises:
        InputError: ``errors.unknown_name``.
    """
    if text not in METHODS:
        raise unknown_name(text, METHODS)
    return text


def weighted_quantiles(frame: Frame, by: list[str], levels: dict[str, float]) -> Frame:
    """Value-weighted quantiles of ``unit_value`` in each cell.

    The quantile at level p is the smallest unit value at which the cumulated weight reaches p of
    the total. Where the weight reaches p exactly, that is the lower of the two candidates. So the
    result is always an observed unit value (decision 4).

    Args:
        frame: rows with ``unit_value`` and ``value``, none of them null.
        by: the columns of a cell.
        levels: name of the result → level, above 0 and up to 1.

    Returns:
        One row for each cell: the columns of ``by`` and one for each level.
    """
    weight = nw.col("value")
    sums = frame.with_columns(
        reached=weight.cum_sum().over(*by, order_by="unit_value"), total=weight.sum().over(*by)
    )
    return sums.group_by(by).agg(
        **{
            name: nw.when(nw.col("reached") >= level * (1 - LEVEL_SLACK) * nw.col("total"))
            .then(nw.col("unit_value"))
            .min()
            for name, level in levels.items()
        }
    )


def cell_of(method: str, *, own: bool) -> list[str]:
    """The columns over which a method takes its reference."""
    world = ["year", "product"]
    return [*world, "importer"] if own or method == "mean-2011" else world


def bounds(frame: Frame, method: str, *, own: bool = False) -> Frame:
    """The reference unit value of each cell, and the unit values between which a tier lies.

    Args:
        frame: flows as ``unit_values.priced`` gives them.
        method: one of :data:`METHODS`.
        own: take the reference over the market itself, not over the world.

    Returns:
        The cell's columns, ``reference``, ``low_to`` (the low tier's upper bound) and
        ``high_from`` (the high tier's lower bound), USD per unit. For ``split-2007`` the bounds
        are where half of a flow is medium.
    """
    by = cell_of(method, own=own)
    used = frame.filter(nw.col("dropped").is_null()).select(*by, "unit_value", "value")
    reference = nw.col("reference")
    if method == "mean-2011":
        log_sum = (nw.col("unit_value").log() * nw.col("value")).alias("log_sum")
        sums = (
            used.with_columns(log_sum)
            .group_by(by)
            .agg(nw.col("log_sum").sum(), nw.col("value").sum())
        )
        means = sums.select(*by, reference=(nw.col("log_sum") / nw.col("value")).exp())
        return means.with_columns(low_to=reference, high_from=reference)
    if method == "thirds-2006":
        levels = {"low_to": LOW_LEVEL, "reference": 0.5, "high_from": HIGH_LEVEL}
        return weighted_quantiles(used, by, levels)
    width = THRESHOLD if method == "threshold-1997" else 2 ** (1 / EXPONENT)
    return weighted_quantiles(used, by, {"reference": 0.5}).with_columns(
        low_to=reference / width, high_from=reference * width
    )


def shares(method: str) -> dict[Tier, nw.Expr]:
    """The part of a flow in each tier, from its ``unit_value`` and its cell's :func:`bounds`."""
    unit_value, low_to, high_from = nw.col("unit_value"), nw.col("low_to"), nw.col("high_from")
    full, none = nw.lit(1.0), nw.lit(0.0)
    if method == "split-2007":
        ratio = unit_value / nw.col("reference")
        low = nw.when(ratio < 1).then(full - ratio**EXPONENT).otherwise(none)
        high = nw.when(ratio > 1).then(full - ratio**-EXPONENT).otherwise(none)
    elif method == "threshold-1997":
        low = nw.when(unit_value < low_to * (1 - LEVEL_SLACK)).then(full).otherwise(none)
        high = nw.when(unit_value > high_from * (1 + LEVEL_SLACK)).then(full).otherwise(none)
    else:
        low_ends = low_to * (1 + LEVEL_SLACK)
        low = nw.when(unit_value <= low_ends).then(full).otherwise(none)
        high_begins = high_from * (1 - LEVEL_SLACK)
        is_high = (unit_value >= high_begins) & (unit_value > low_ends)
        high = nw.when(is_high).then(full).otherwise(none)
    return {"low": low, "medium": full - low - high, "high": high}


def split(frame: Frame, method: str, *, own: bool = False) -> Frame:
    """Add each flow's part in each tier.

    Returns:
        The frame with ``reference``, ``low_to``, ``high_from`` and the columns ``low``,
        ``medium`` and ``high``, which sum to one; all null where the flow has no unit value.
    """
    by = cell_of(method, own=own)
    usable = nw.col("dropped").is_null()
    return frame.join(bounds(frame, method, own=own), on=by, how="left").with_columns(
        **{tier: nw.when(usable).then(share) for tier, share in shares(method).items()}
    )


ALL = "all"
"""The tier of a flow without a usable unit value."""


def tier_shares(
    flows: Any,
    *,
    unit: Unit | None = None,
    method: str,
    basis: Basis | None = None,
    own: bool = False,
) -> Frame:
    """Every flow with its unit value and its part in each tier.

    A product and market has one unit in all years: the one given, else the one of
    ``unit_values.units``. References are taken over all flows with that unit.

    Args:
        flows: a table with the columns of ``Flows``: all markets, all years of a product.
        unit: ``item`` or ``kg`` for all, or ``None`` to choose for each product and market.
        method: one of ``tiers.METHODS``.
        basis: ``cif`` or ``fob``; ``cif`` where the data have it when ``None``.
        own: measure against the market's own reference, not the world's.

    Returns:
        As ``tiers.split``, with the column ``unit``.

    Raises:
        InputError: ``errors.unknown_name``.
    """
    name = method_name(method)
    chosen = basis or basis_of(flows)
    if unit is not None:
        tiered = split(attach_unit_values(flows, unit=unit, basis=chosen), name, own=own)
        return tiered.with_columns(unit=nw.lit(unit))
    of_market = units(flows)
    both: tuple[Unit, ...] = ("item", "kg")
    parts = [
        split(attach_unit_values(flows, unit=measure, basis=chosen), name, own=own).join(
            of_market.filter(nw.col("unit") == measure), on=["product", "importer"], how="inner"
        )
        for measure in both
    ]
    return nw.concat(parts, how="vertical")


def split_by_tier(flows: Any, *, method: str) -> pl.DataFrame:
    """The FOB value of each flow in each tier, long.

    The values of a flow's rows sum to the flow's value; a flow without a usable unit value has one
    row with the tier ``all``. Parts of nothing are left out. The values returned are FOB whatever
    the basis of the unit values; else as :func:`tier_shares`.

    Returns:
        Columns year, product, importer, exporter, tier (``low``, ``medium``, ``high`` or
        ``all``), value_usd, share (of the flow, 0 to 1), observed; sorted by the first five.
    """
    wide = tier_shares(flows, method=method)
    keys = ["year", "product", "importer", "exporter", "observed", "value_usd"]
    rows = collect(
        wide.select(
            *keys,
            *(nw.col(tier).fill_null(0.0) for tier in TIERS),
            nw.when(nw.col("unit_value").is_null()).then(nw.lit(1.0)).otherwise(0.0).alias(ALL),
        )
    )
    long = rows.unpivot([*TIERS, ALL], index=keys, variable_name="tier", value_name="share")
    flow = ("year", "product", "importer", "exporter", "tier")
    usd, observed = pl.col("value_usd") * pl.col("share"), pl.col("observed").cast(pl.String)
    return long.filter(pl.col("share") > 0).select(*flow, usd, "share", observed).sort(flow)
