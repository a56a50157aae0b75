"""Unit values: what one item or one kilogram cost on average, and which flows have none.

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

from offing.ladders.ladder import Basis
from offing.terms.frames import into_polars, kind_of
from offing.terms.units import Unit

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
    weighed = frame.with_columns(
        log_weight=nw.when(_is_positive(nw.col("kg")) & nw.col("dropped").is_null()).then(
            log_weight
        )
    )
    usual = (
        weighed.filter(~nw.col("log_weight").is_null())
        .group_by("product")
        .agg(usual=nw.col("log_weight").median())
    )
    far = (nw.col("log_weight") - nw.col("usual")).abs() > math.log(WEIGHT_FACTOR)
    repeats = (nw.col("log_weight").abs() < 1e-3) & (nw.col("usual").abs() > math.log(2.0))
    return (
        weighed.join(usual, on="product", how="left")
        .with_columns(
            dropped=nw.when((far | repeats).fill_null(False))
            .then(nw.lit("ladder.drop_unit_mix"))
            .otherwise(nw.col("dropped"))
        )
        .drop("log_weight", "usual")
    )


def _cut(frame: Frame) -> Frame:
    """Mark unit values that are too far from their product's median of the year."""
    cell = ["year", "product"]
    logs = frame.with_columns(
        log_value=nw.when(nw.col("dropped").is_null()).then(
            (nw.col("value") / nw.col("quantity")).log()
        )
    )
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
    return (
        logs.join(spread, on=cell, how="left")
        .with_columns(
            dropped=nw.when(too_far.fill_null(False))
            .then(nw.lit("ladder.drop_outlier"))
            .otherwise(nw.col("dropped"))
        )
        .drop("log_value", "centre", "spread")
    )


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
