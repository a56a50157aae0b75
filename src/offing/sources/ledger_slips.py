"""Slips of a ledger that no single line shows: days of a workbook that counts from 1904, amounts
that were never computed, a country's number beside another country, a second table below the first.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import polars as pl

from offing.sources.columns import kept, spelled
from offing.sources.headings import Column
from offing.sources.numbers import Amount
from offing.sources.summed import adds_up, apart

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
SEVERAL_DAYS = 0.2
"""The part of invoices with several days that slips do not reach: they are orders."""
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


def on_another_day(frame: pl.DataFrame) -> list[int]:
    """Rows that repeat a line of their invoice on another day, where an invoice has one day.

    Under a number of an order, or of a contract, equal lots leave on many days.
    """
    lines = frame.drop_nulls("invoice")
    same = [name for name in frame.columns if name not in ("row", "by_price", "on")]
    days = lines.group_by("invoice").agg(pl.col("on").n_unique())
    if days.filter(pl.col("on") > 1).height > SEVERAL_DAYS * days.height:
        return []
    again = pl.struct(same).is_duplicated() & ~pl.struct(*same, "on").is_duplicated()
    repeated = lines.filter(again).filter(~pl.struct(same).is_first_distinct())
    return sorted(repeated["row"].to_list())


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


WORDS = ("invoice", "buyer", "market", "product", "model", "brand", "on", "year", "month",
         "currency", "unit", "incoterm", "flow")  # fmt: skip
"""Columns whose words may be those of the lines that a row of sums is of."""
Figure = Callable[[Mapping[str, Any], str], Amount | None]


def sums_apart(
    raw: pl.DataFrame, sums: Collection[int], columns: Mapping[str, Column], figure: Figure
) -> dict[str, str | int] | None:
    """A row of sums that the lines do not add up to, with its column and both figures.

    A column with a cell that is no figure tells nothing: that line is put aside.
    """
    rows = raw.rows(named=True) if sums else []
    words = {row["row"]: [row[name] or "" for name in WORDS] for row in rows}
    lines = {row: cells for row, cells in words.items() if row not in sums}
    asked = {row for row in sums if adds_up(words[row])}
    for name in sorted({"amount", "quantity"} & set(columns)):
        read = {row["row"]: figure(row, name) for row in rows if row[name]}
        figures, said = _values(read, lines), _values(read, asked) or {}
        for row, value, found in apart(figures or {}, said, lines):
            shown = {"said": f"{value.normalize():,f}", "found": f"{found.normalize():,f}"}
            return {"row": row, "column": columns[name].heading.text, **shown}
    return None


def _values(read: Mapping[int, Amount | None], rows: Collection[int]) -> dict[int, Decimal] | None:
    """The figures of some rows; none where one of them is no figure."""
    filled = [read[row] for row in rows if row in read]
    values = {row: one.value for row in rows if (one := read.get(row)) is not None}
    return values if len(values) == len(filled) else None
