"""Flows by price tier: what each exporter sells in each market at each level."""

from typing import Any

import narwhals as nw
import polars as pl

from offing.ladders.ladder import TIERS, Basis
from offing.ladders.tiers import method_name, split
from offing.ladders.unit_values import Frame, basis_of, collected, priced, units
from offing.terms.units import Unit

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
        InputError: ``ladder.unknown_method``.
    """
    name = method_name(method)
    chosen = basis or basis_of(flows)
    if unit is not None:
        tiered = split(priced(flows, unit=unit, basis=chosen), name, own=own)
        return tiered.with_columns(unit=nw.lit(unit))
    of_market = units(flows)
    both: tuple[Unit, ...] = ("item", "kg")
    parts = [
        split(priced(flows, unit=measure, basis=chosen), name, own=own).join(
            of_market.filter(nw.col("unit") == measure), on=["product", "importer"], how="inner"
        )
        for measure in both
    ]
    return nw.concat(parts, how="vertical")


def tiered(
    flows: Any, *, unit: Unit | None = None, method: str, basis: Basis | None = None
) -> pl.DataFrame:
    """The FOB value of each flow in each tier, long.

    The values of a flow's rows sum to the flow's value; a flow without a usable unit value has one
    row with the tier ``all``. Parts of nothing are left out. The values returned are FOB whatever
    the basis of the unit values; else as :func:`tier_shares`.

    Returns:
        Columns year, product, importer, exporter, tier (``low``, ``medium``, ``high`` or
        ``all``), value_usd, share (of the flow, 0 to 1), observed; sorted by the first five.
    """
    wide = tier_shares(flows, unit=unit, method=method, basis=basis)
    keys = ["year", "product", "importer", "exporter", "observed", "value_usd"]
    rows = collected(
        wide.select(
            *keys,
            *(nw.col(tier).fill_null(0.0) for tier in TIERS),
            nw.when(nw.col("unit_value").is_null()).then(nw.lit(1.0)).otherwise(0.0).alias(ALL),
        )
    )
    return (
        rows.unpivot([*TIERS, ALL], index=keys, variable_name="tier", value_name="share")
        .filter(pl.col("share") > 0)
        .select(
            "year",
            "product",
            "importer",
            "exporter",
            "tier",
            pl.col("value_usd") * pl.col("share"),
            "share",
            pl.col("observed").cast(pl.String),
        )
        .sort("year", "product", "importer", "exporter", "tier")
    )
