"""What is odd in flows of the caller's own: beside the loaded ones, and from year to year."""

from collections.abc import Iterator
from math import exp, log

import polars as pl

from offing.sources.trade_values import ratios, turned
from offing.terms.caution import Caution
from offing.terms.errors import MissingDataError
from offing.warehouse.store import Warehouse

FAR, ENOUGH = 300.0, 10
"""Times another data set's value of the same flow, and how many such flows tell it."""
SHORT, PAIRS = 0.6, 50
"""The middle flow of a year over that of the year before: 0.75 in 2009. Of so many pairs."""


def doubts(own: Warehouse, other: Warehouse, product: str) -> Iterator[Caution]:
    """Another unit, importers for exporters, a last year in part; message keys with values.

    Args:
        own: has the caller's flows.
        other: what is loaded.
        product: that is asked for.
    """
    if not product:
        return
    flows = own.flows(product).filter(pl.col("value_usd") > 0)
    yield from _short_year(flows)
    try:
        loaded = other.flows(product).filter(pl.col("value_usd") > 0)
    except MissingDataError:
        return
    same = ratios(flows, loaded)
    times = same.median() if len(same) else 0.0
    if len(same) >= ENOUGH and abs(times) > log(FAR):  # type: ignore[arg-type,operator]
        shown = exp(times)  # type: ignore[arg-type]
        text = f"{shown:,.0f}" if shown > 1 else f"{shown:.7f}".rstrip("0")
        yield Caution("frames.far_off", {"times": text, "count": len(same)})
    elif count := turned(flows, loaded):
        yield Caution("frames.turned", {"count": count})


def _short_year(flows: pl.DataFrame) -> Iterator[Caution]:
    """That nearly all flows of the last year are far below those of the year before."""
    last = flows["year"].max()
    now, before = (flows.filter(pl.col("year") == last - back) for back in (0, 1))  # type: ignore[operator]
    logs = ratios(now, before.with_columns(pl.col("year") + 1))
    if len(logs) < PAIRS:
        return
    middle = exp(logs.median())  # type: ignore[arg-type]
    if middle < SHORT:
        yield Caution("frames.short_year", {"year": str(last), "share": f"{100 * middle:.0f}%"})
