"""The ladder of a market from a panel that the firm pays for, in place of customs unit values.

A line of a panel has units and value of one class, band or brand, so its price is a real average
and not that of whatever an exporter shipped. Lines stand where exporters stand on a customs ladder.
"""

from collections.abc import Collection
from dataclasses import replace

import polars as pl

from offing.ladders.build import PriceMeasure, ladder
from offing.ladders.ladder import Ladder
from offing.terms.errors import MissingDataError
from offing.terms.tables import Flows

PANEL = "market-panel"


def panel_ladders(
    panel: pl.DataFrame,
    fx: pl.DataFrame,
    *,
    product: str,
    markets: Collection[str],
    year: int,
    method: str,
) -> dict[str, Ladder]:
    """Market → its ladder, for the markets that the panel has up to a year.

    Each market is measured against its own average, at the level that most of its value is at.
    Lines of codes above and below the product's are of it.
    """
    mine = panel.filter(
        pl.col("market").is_in(list(markets))
        & (pl.col("year") <= year)
        & (
            pl.col("product").str.starts_with(product)
            | pl.lit(product).str.starts_with(pl.col("product"))
        )
    )
    ladders: dict[str, Ladder] = {}
    for (name,), lines in panel_in_usd(mine, fx).partition_by("market", as_dict=True).items():
        levels = lines.group_by("level").agg(pl.col("usd").sum()).sort("usd", "level")
        level = levels["level"][-1]
        flows = _as_flows(lines.filter(pl.col("level") == level), product)
        measure = PriceMeasure(unit="item", method=method, basis="fob", own=True)
        try:
            built = ladder(flows, product=product, market=str(name), measure=measure, dataset=PANEL)
        except MissingDataError:
            continue
        ladders[str(name)] = replace(built, basis=level)
    return ladders


def panel_in_usd(panel: pl.DataFrame, fx: pl.DataFrame) -> pl.DataFrame:
    """The lines with ``usd``, at the average rate of their year; lines without one are left out."""
    yearly = (
        fx.with_columns(year=pl.col("on").dt.year().cast(pl.Int16))
        .group_by("currency", "year")
        .agg(pl.col("per_eur").cast(pl.Float64).mean())
    )
    dollar = yearly.filter(pl.col("currency") == "USD").select("year", dollar="per_eur")
    euro = dollar.select(pl.lit("EUR").alias("currency"), "year", per_eur=pl.lit(1.0))
    rates = pl.concat([yearly.select("currency", "year", "per_eur"), euro]).join(dollar, on="year")
    return panel.join(rates, on=["currency", "year"]).with_columns(
        usd=pl.col("value") * pl.col("dollar") / pl.col("per_eur")
    )


def _as_flows(lines: pl.DataFrame, product: str) -> pl.DataFrame:
    """The lines in the ``Flows`` columns, each class, band and brand as one that sells."""
    band = pl.format("{}–{}", pl.col("low").cast(pl.Int64), pl.col("high").cast(pl.Int64))
    name = pl.concat_str(["brand", "segment", band], separator=" ", ignore_nulls=True)
    rows = (
        lines.with_columns(exporter=name)
        .group_by("year", "market", "exporter")
        .agg(pl.col("usd").sum(), pl.col("units").sum())
        .sort("year", "exporter")
    )
    return rows.select(
        pl.col("year").cast(pl.Int16),
        product=pl.lit(product),
        importer="market",
        exporter=pl.when(pl.col("exporter") == "").then(pl.lit("—")).otherwise("exporter"),
        value_usd="usd",
        cif_usd=pl.lit(None, pl.Float64),
        kg=pl.lit(None, pl.Float64),
        items="units",
        observed=pl.lit("source").cast(Flows.create_empty().schema["observed"]),
    )
