"""Tables of trade in another unit, or with importers for exporters.

A value and a weight are both numbers, and nothing but their ratio tells that they have changed
places. What goods of a code cost is known (:mod:`offing.terms.usual_prices`); where most rows of
a year are far outside, it is the table. Flows that all jump in one year have changed their unit.
"""

from collections.abc import Sequence
from itertools import pairwise

import polars as pl

from offing.terms.caution import Caution
from offing.terms.messages import enumerated
from offing.terms.usual_prices import WIDER, shipped

LEAST_ROWS = 3
"""Rows of a year with value and weight, before they are judged."""
MOST = 0.5
"""The part of a year's rows outside, from which on it is the table."""
FLOWS, UNIT_PART, OF_A_UNIT = 6, 0.8, 30.0
"""Flows of two years, the part of them that jumps where a unit changes, and how many times."""
ALIKE, UNLIKE, MANY = 0.5, 1.0, 30
"""How far the logs of flows of one direction lie from those of the same, or of the other, in the
middle; of so many flows. Data sets differ by a tenth, both directions of a pair widely."""
WOULD_FIT = {
    "exchanged": 1 / pl.col("each"),
    "thousands": pl.col("each") * 1000,
    "tonnes": pl.col("each") / 1000,
}
"""What the value of one kilogram would be, were it the table's slip."""


def odd_values(rows: pl.DataFrame) -> list[Caution]:
    """What to say of years whose values of a kilogram are none of their goods'.

    Args:
        rows: with ``year``, ``product``, ``value`` (USD) and ``kg``.

    Returns:
        The figures, then each slip that would make most values usual; nothing where all is well.
    """
    each = pl.col("value").cast(pl.Float64) / pl.col("kg").cast(pl.Float64)
    weighed = rows.filter((pl.col("kg") > 0) & (pl.col("value") > 0))
    weighed = weighed.select("year", pl.col("product").cast(pl.String), each=each)
    codes = weighed["product"].unique().sort()
    known = [(c, found) for c in codes if (found := shipped().find(c, "kg")) is not None]
    usual = pl.DataFrame(
        [(code, found.low / WIDER, found.high * WIDER) for code, found in known],
        schema={"product": pl.String, "low": pl.Float64, "high": pl.Float64},
        orient="row",
    )
    outside = ~pl.col("each").is_between("low", "high")
    beside = weighed.join(usual, on="product").with_columns(off=outside)
    shares = beside.group_by("year").agg(pl.len().alias("rows"), pl.col("off").mean())
    judged = shares.filter((pl.col("rows") >= LEAST_ROWS) & (pl.col("off") > MOST))
    off = beside.filter("off").join(judged, on="year", how="semi")
    return [] if off.is_empty() else [_figures(off), *_slips(off)]


def _figures(off: pl.DataFrame) -> Caution:
    """How many rows are outside, and the figures of the code that most of them have."""
    product = off["product"].mode().sort()[0]
    of_it = off.filter(pl.col("product") == product)
    return Caution(
        "sources.unit_values_kg",
        {
            "count": off.height,
            "years": enumerated(map(str, sorted(off["year"].unique().to_list()))),
            "product": product,
            "found": _figure(float(of_it["each"].median())),  # type: ignore[arg-type]
            "low": _figure(of_it["low"][0]),
            "high": _figure(of_it["high"][0]),
        },
    )


def _slips(off: pl.DataFrame) -> list[Caution]:
    inside = {name: fits.is_between("low", "high").mean() for name, fits in WOULD_FIT.items()}
    shares = off.select(**inside).row(0, named=True)
    return [Caution(f"sources.looks_{name}", {}) for name, part in shares.items() if part > MOST]


def _figure(value: float) -> str:
    """Two figures of a small value, whole dollars of a large one."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def year_jumps(rows: pl.DataFrame, flow: Sequence[str]) -> list[Caution]:
    """What to say where nearly all flows of a year are many times those of the year before.

    All flows do not change so: the unit does.

    Args:
        rows: with ``year``, ``value`` and the columns of ``flow``.
        flow: what tells a flow from another; of months their number too.

    Returns:
        The first jump, or nothing.
    """
    known = rows.filter(pl.col("value") > 0).group_by(*flow, "year").agg(pl.col("value").sum())
    for first, second in pairwise(known["year"].unique().sort().to_list()):
        now, before = (known.filter(pl.col("year") == year) for year in (second, first))
        both = now.join(before, on=list(flow), nulls_equal=True)
        times = both["value"].cast(pl.Float64) / both["value_right"].cast(pl.Float64)
        jumped = max((times > OF_A_UNIT).sum(), (times < 1 / OF_A_UNIT).sum())
        if times.len() >= FLOWS and jumped > UNIT_PART * times.len():
            said: dict[str, str | int] = {"first": first, "second": second, "count": times.len()}
            middle = _figure(float(times.median()))  # type: ignore[arg-type]
            return [Caution("sources.jump", {**said, "times": middle})]
    return []


def turned(rows: pl.DataFrame, loaded: pl.DataFrame | None) -> int:
    """Flows that are like those loaded of the other direction; 0 where they are not so.

    Both have ``year``, ``product``, ``exporter``, ``importer`` and ``value_usd``; a heading that is
    loaded is held against the sum of its codes.
    """
    if loaded is None:
        return 0
    digits = int(loaded["product"].str.len_chars().max() or 0)  # type: ignore[arg-type]
    coded = rows.select(*_FLOW, "value_usd").with_columns(pl.col("product").str.slice(0, digits))
    flows = coded.group_by(_FLOW).agg(pl.col("value_usd").sum())
    back = loaded.rename({"importer": "exporter", "exporter": "importer"})
    direct, swapped = ratios(flows, loaded), ratios(flows, back)
    if min(len(direct), len(swapped)) < MANY:
        return 0
    is_turned = swapped.abs().median() < ALIKE and direct.abs().median() > UNLIKE  # type: ignore[operator]
    return len(swapped) if is_turned else 0


_FLOW = ["year", "product", "importer", "exporter"]


def ratios(flows: pl.DataFrame, beside: pl.DataFrame) -> pl.Series:
    """Logs of the flows over those of another table, where both are above nought."""
    both = flows.filter(pl.col("value_usd") > 0).join(
        beside.filter(pl.col("value_usd") > 0).select(
            pl.col("year").cast(flows.schema["year"]), *_FLOW[1:], loaded="value_usd"
        ),
        on=_FLOW,
    )
    return both.select((pl.col("value_usd") / pl.col("loaded")).log()).to_series()
