"""What is odd in flows of the caller's own: beside the loaded ones, and from year to year."""

from collections.abc import Iterator
from math import exp, log

import polars as pl

from offing.terms.errors import MissingDataError
from offing.warehouse.store import Warehouse

FAR, ENOUGH = 300.0, 10
"""Times another data set's value of the same flow, and how many such flows tell it."""
ALIKE, UNLIKE, MANY = 0.5, 1.0, 30
"""How far the logs of flows of one direction lie from those of the same, or of the other, in the
middle; of so many flows. Data sets differ by a tenth, both directions of a pair widely."""
SHORT, PAIRS = 0.6, 50
"""The middle flow of a year over that of the year before: 0.75 in 2009. Of so many pairs."""
_FLOW = ["year", "product", "importer", "exporter"]

Doubt = tuple[str, dict[str, str]]


def doubts(own: Warehouse, other: Warehouse, product: str) -> Iterator[Doubt]:
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
    turned = loaded.rename({"importer": "exporter", "exporter": "importer"})
    same, back = (_ratios(flows, beside) for beside in (loaded, turned))
    times = same.median() if len(same) else 0.0
    if len(same) >= ENOUGH and abs(times) > log(FAR):  # type: ignore[arg-type,operator]
        shown = exp(times)  # type: ignore[arg-type]
        text = f"{shown:,.0f}" if shown > 1 else f"{shown:.7f}".rstrip("0")
        yield "frames.far_off", {"times": text, "count": str(len(same))}
    elif min(len(same), len(back)) >= MANY:
        direct, swapped = (ratios.abs().median() for ratios in (same, back))
        if swapped < ALIKE and direct > UNLIKE:  # type: ignore[operator]
            yield "frames.turned", {"count": str(len(back))}


def _ratios(flows: pl.DataFrame, beside: pl.DataFrame) -> pl.Series:
    """Logs of the flows over those of another table."""
    both = flows.join(beside.select(*_FLOW, loaded="value_usd"), on=_FLOW)
    return both.select((pl.col("value_usd") / pl.col("loaded")).log()).to_series()


def _short_year(flows: pl.DataFrame) -> Iterator[Doubt]:
    """That nearly all flows of the last year are far below those of the year before."""
    last = flows["year"].max()
    now, before = (flows.filter(pl.col("year") == last - back) for back in (0, 1))  # type: ignore[operator]
    ratios = _ratios(now, before.with_columns(pl.col("year") + 1))
    if len(ratios) < PAIRS:
        return
    middle = exp(ratios.median())  # type: ignore[arg-type]
    if middle < SHORT:
        yield "frames.short_year", {"year": str(last), "share": f"{100 * middle:.0f}%"}
