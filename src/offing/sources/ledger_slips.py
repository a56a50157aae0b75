"""Slips of a ledger that no single line shows: days of a workbook that counts from 1904, amounts
that were never computed, a country's number beside another country, a second table below the first.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise

import polars as pl

from offing.sources.columns import kept, spelled
from offing.sources.headings import Column

FROM_1904 = timedelta(days=1462)
"""What lies between the days of workbooks that count from 1900 and from 1904."""
APART, NEAR = timedelta(days=180), timedelta(days=31)
"""Days without a sale between the slips and the others, and how near they come when they are put
right."""
IN_ORDER = 0.9
"""The part of neighbouring rows in the order of their days that makes a file sorted by them."""
LEAST = 3
UNCOMPUTED = 0.2
"""The part of lines with a quantity and no amount that free samples do not reach."""
HEADINGS_AGAIN = 3
"""Cells that repeat the heading above them, in a row of other headings."""


def from_1904(frame: pl.DataFrame) -> list[int]:
    """Rows whose days are four years and a day before where their place in the file has them.

    They are apart from the days of the others, near to them once they are put right, and do not
    stand where the order of the file has such days.
    """
    days: list[date] = frame["on"].unique().sort().to_list()
    gaps = [(after - before, after) for before, after in pairwise(days)]
    gap, first = max(gaps, default=(timedelta(0), date.min))
    old, new = frame.filter(pl.col("on") < first), frame.filter(pl.col("on") >= first)
    if gap < APART or not LEAST <= old.height <= new.height:
        return []
    put_right = (days[0] + FROM_1904, max(old["on"].to_list()) + FROM_1904)
    if put_right[1] < first - NEAR or put_right[0] > days[-1] + NEAR:
        return []
    return old["row"].sort().to_list() if _out_of_order(old, new) else []


def _out_of_order(old: pl.DataFrame, new: pl.DataFrame) -> bool:
    """Whether the older days stand among the newer ones, or at the wrong end of them."""
    rows = old["row"].min(), old["row"].max()
    before = new.filter(pl.col("row") < rows[0]).height
    after = new.filter(pl.col("row") > rows[1]).height
    if before and after:
        return True
    steps = [b >= a for a, b in pairwise(new.sort("row")["on"].to_list())]
    rising = sum(steps) / len(steps) if steps else 0.5
    return (rising > IN_ORDER and not after) or (rising < 1 - IN_ORDER and not before)


def uncomputed(frame: pl.DataFrame) -> list[int]:
    """Rows with a quantity and an amount of nought, where they are more than free samples are."""
    rows = frame.filter((pl.col("quantity") != 0) & (pl.col("amount") == 0))["row"].to_list()
    return rows if len(rows) >= LEAST and len(rows) > UNCOMPUTED * frame.height else []


def unlike_number(frame: pl.DataFrame, raw: pl.DataFrame) -> list[int]:
    """Rows whose customs' number of the country is that of another one."""
    if "market_number" not in raw.columns:
        return []
    known: dict[str, str] = kept("customs_numbers")["gacc"]
    number = pl.col("market_number").replace_strict(known, default=None, return_dtype=pl.String)
    beside = frame.select("row", "market").join(raw.select("row", "market_number"), on="row")
    return sorted(beside.filter(number != pl.col("market"))["row"].to_list())


def second_tables(raw: pl.DataFrame, columns: Mapping[str, Column]) -> list[int]:
    """Rows of headings that are not those above: another table begins there, such as returns."""
    again: dict[str, set[str | None]] = {}
    for name, column in columns.items():
        heading = spelled(column.heading.text)
        texts = raw[name].unique().to_list()
        again[name] = {text for text in texts if spelled(text or "") == heading}
    if sum(map(bool, again.values())) < HEADINGS_AGAIN:
        return []
    found = []
    for row in raw.iter_rows(named=True):
        same = [row[name] in texts for name, texts in again.items()]
        if sum(same) >= HEADINGS_AGAIN and not all(same):
            found.append(row["row"])
    return found
