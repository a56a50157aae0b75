"""Lines that count others of their table again: of all parts, finer codes, a year's months."""

from collections.abc import Collection, Iterator
from functools import partial

import polars as pl

from offing.sources.ledger_cells import OF_PARTS
from offing.sources.ledger_line import SUMS

FLOW = ("on", "market", "product", "currency")
ROUNDED = 0.001
"""How far a sum may be from its parts, each of which is rounded."""


def lines_of_others(
    frame: pl.DataFrame, labels: pl.DataFrame, years: Collection[int]
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Why lines count others again → those lines, with what the others come to as ``parts``.

    ``labels`` are the cells beside those of the flow; ``years`` rows that stand for a year.
    """
    lines = frame.select("row", *FLOW, pl.col("amount").cast(pl.Float64)).hstack(labels)
    words = pl.col(labels.columns).str.contains(OF_PARTS)
    repeated = [cells.name for cells in labels if 1 < cells.n_unique() <= labels.height / 2]
    finders = [
        (SUMS, partial(_rows_beside_parts, is_sum=pl.any_horizontal(words))),
        *(("reference.adds_up", partial(_sum_rows, name=name)) for name in repeated),
        *(("sources.finer_codes", partial(_heading_rows, digits=n)) for n in (8, 6, 4, 2)),
        ("reference.months_too", partial(_year_rows, years=years)),
    ]
    for reason, find in finders:
        found = find(lines)
        if found.height:
            yield reason, found
            lines = lines.join(found, on="row", how="anti")


def _sum_rows(lines: pl.DataFrame, name: str) -> pl.DataFrame:
    """Lines of a label that again and again is the sum of two or more: 山东省 beside its cities."""
    by = lines.group_by(*FLOW, name).agg(pl.col("amount").sum(), count=pl.len())
    rest = pl.col("amount", "count").sum().over(FLOW) - pl.col("amount", "count")
    by = by.with_columns(rest.name.prefix("other_")).filter(pl.col("other_count") > 1)
    others = pl.col("other_amount")
    fits = (pl.col("amount") - others).abs() <= ROUNDED * others.abs()
    told = by.group_by(name).agg(pl.len(), fits=fits.mean())
    labels = told.filter((pl.col("len") > 1) & (pl.col("fits") > 0.9))[name]
    return _rows_beside_parts(lines, pl.col(name).is_in(labels.implode()))


def _rows_beside_parts(lines: pl.DataFrame, is_sum: pl.Expr) -> pl.DataFrame:
    """The lines that are sums, where others of the same flow are none."""
    parts = pl.col("amount").filter(~is_sum)
    found = lines.with_columns(parts=parts.sum().over(FLOW), count=parts.len().over(FLOW))
    return found.filter(is_sum & (pl.col("count") > 0))


def _heading_rows(lines: pl.DataFrame, digits: int) -> pl.DataFrame:
    finer = lines.filter(pl.col("product").str.len_chars() > digits)
    finer = finer.with_columns(pl.col("product").str.slice(0, digits))
    return lines.join(finer.group_by(FLOW).agg(parts=pl.col("amount").sum()), on=FLOW)


def _year_rows(lines: pl.DataFrame, years: Collection[int]) -> pl.DataFrame:
    flow = ("year", *FLOW[1:])
    lines = lines.with_columns(year=pl.col("on").dt.year(), whole=pl.col("row").is_in(list(years)))
    months = lines.filter(~pl.col("whole")).group_by(flow).agg(parts=pl.col("amount").sum())
    return lines.filter("whole").join(months, on=flow)
