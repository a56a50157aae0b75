"""Lines that stand for a month: sums from January on, and one that lacks."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import polars as pl

from offing.sources.ledger import LedgerRead
from offing.sources.monthly_rows import looks_cumulated
from offing.terms.caution import Caution
from offing.terms.errors import InputError, Where

FLOW = ("product", "market", "unit", "currency")
"""What tells one flow of a province from another."""
FEWEST_LINES = 5
"""Lines of nearly every month, from which a month without any is one that the file lacks."""
MOST_LACKING = 0.2
"""Of the months between the first and the last; a table of quarters lacks more of them."""

Month = tuple[int, int]


def told_by_months(lines: LedgerRead) -> bool:
    """Whether every line stands for a month, not for a day or a year."""
    return lines.of_months >= lines.sales.height > 0


def of_single_months(lines: LedgerRead, cumulated: bool | None, where: Where) -> LedgerRead:
    """The lines by single months: sums from January on (累计) become months.

    Args:
        lines: as they were read.
        cumulated: whether they are such sums; told by the figures where ``None``.
        where: the file.

    Raises:
        InputError: ``sources.looks_cumulated`` where they look so and nobody said.
    """
    if not told_by_months(lines):
        return lines
    if cumulated is None and _looks_cumulated(lines.sales):
        raise InputError("sources.looks_cumulated", where=where)
    if not cumulated:
        return lines
    note = Caution("sources.note_cumulated", {"count": lines.sales.height})
    return replace(lines, sales=_less_the_month_before(lines.sales), notes=(*lines.notes, note))


def _looks_cumulated(sales: pl.DataFrame) -> bool:
    sums = sales.group_by(*FLOW, "on").agg(value=pl.col("amount").cast(pl.Float64).sum())
    months = sums.with_columns(year=pl.col("on").dt.year(), month=pl.col("on").dt.month())
    return looks_cumulated(months, (*FLOW, "year"))


def _less_the_month_before(sales: pl.DataFrame) -> pl.DataFrame:
    """Each flow's sum less the one before it in its year: of a month that lacks the next has it."""
    others = [name for name in sales.columns if name not in (*FLOW, "on", "quantity", "amount")]
    sums = sales.group_by(*FLOW, "on").agg(
        pl.col("quantity", "amount").sum(), pl.col(others).first()
    )
    year = pl.col("on").dt.year()
    ordered = sums.sort(*FLOW, "on").with_columns(
        pl.col(name) - pl.col(name).shift(1).over(*FLOW, year).fill_null(0)
        for name in ("quantity", "amount")
    )
    moved = (pl.col("quantity") != 0) | (pl.col("amount") != 0)
    return ordered.filter(moved).sort("row").select(sales.columns)


def covered(lines: LedgerRead, cumulated: bool | None) -> tuple[date, date] | None:
    """The days that the lines stand for; a sum from January on has all months before its own."""
    if lines.covers is None or not cumulated or not told_by_months(lines):
        return lines.covers
    return lines.covers[0].replace(month=1), lines.covers[1]


def lacking_months(on: pl.Series) -> tuple[Month, ...]:
    """Months between the first and the last of which a table by months has no line.

    None is told where months have few lines each, as of one product that sells now and then, and
    January not where February stands for both.
    """
    counts: Mapping[Month, int] = {
        (year, month): count
        for year, month, count in pl.DataFrame({"on": on})
        .group_by(pl.col("on").dt.year(), month=pl.col("on").dt.month())
        .len()
        .rows()
    }
    if not counts:
        return ()
    (first, begins), (last, ends) = min(counts), max(counts)
    every = [
        (year, month)
        for year in range(first, last + 1)
        for month in range(1, 13)
        if (first, begins) <= (year, month) <= (last, ends)
    ]
    lacking = tuple(month for month in every if month not in counts)
    usual = sorted(counts.values())[len(counts) // 10]
    if usual < FEWEST_LINES or len(lacking) > MOST_LACKING * len(every):
        return ()
    return tuple((y, m) for y, m in lacking if m > 1 or (y, 2) not in counts)
