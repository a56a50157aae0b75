"""Items of one paper (报关单, 发票): cells merged over its items, and rows of its sum.

A spreadsheet keeps a merged cell in its first row; the items below have none. Exports of an ERP
put a row of the paper's sum above or below its items, under the same number.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby

from offing.sources.user_table import Row, UserTable, first_few
from offing.terms.caution import Caution
from offing.terms.errors import OffingError

OF_PAPER = (
    "number", "export_date", "on", "mode", "currency", "term", "buyer", "place", "invoice",
    "declaration", "booked",
)  # fmt: skip
"""What a paper has once for all its items; not charges, which would be counted again."""


def items_of(table: UserTable) -> UserTable:
    """The table with merged cells filled, and without the sums of single papers; both are said."""
    rows, filled = _unmerged(table.rows)
    sums = [_sum_of(list(paper)) for _, paper in groupby(rows, lambda row: row.text("number"))]
    totals = [total for total in sums if total is not None]
    left_out = {total.row.where for total in totals}
    notes = [*table.notes]
    for key, at in (
        ("caution_merged", filled),
        ("note_sums", [total.row.where.row or 0 for total in totals if total.bare]),
        ("caution_paper_sums", [total.row.where.row or 0 for total in totals if not total.bare]),
    ):
        if at:
            notes.append(Caution(f"sources.{key}", {"count": len(at), "rows": first_few(at)}))
    items = tuple(row for row in rows if row.where not in left_out)
    return replace(table, rows=items, notes=tuple(notes))


def _unmerged(rows: Sequence[Row]) -> tuple[list[Row], list[int]]:
    """The rows with what they have from the one above, and the numbers of those rows."""
    done: list[Row] = []
    filled: list[int] = []
    for row in rows:
        if done and _goes_on(done[-1], row):
            above = {name: done[-1].cells.get(name, "") for name in OF_PAPER if not row.text(name)}
            row = replace(row, cells={**row.cells, **{k: v for k, v in above.items() if v}})
            filled.append(row.where.row or 0)
        done.append(row)
    return done, filled


def _goes_on(above: Row, row: Row) -> bool:
    """Whether an item without a number is the next of the paper above."""
    if row.text("number") or not above.text("number") or not (row.text("name") or row.text("code")):
        return False
    same = all(row.text(name) in ("", above.text(name)) for name in OF_PAPER)
    items = [line.text("item").removesuffix(".0") for line in (above, row)]
    rising = int(items[1]) > int(items[0]) if all(map(str.isdecimal, items)) else True
    return same and rising


@dataclass(frozen=True)
class _Sum:
    """A row of a paper's sum; ``bare`` where it names no goods."""

    row: Row
    bare: bool


def _sum_of(paper: Sequence[Row]) -> _Sum | None:
    """The row of a paper that is the sum of all its others."""
    if len(paper) < 2 or not paper[0].text("number"):
        return None
    try:
        totals = [row.money("total") for row in paper]
        counts = [row.amount("quantity") for row in paper]
    except OffingError:
        return None  # the row is told where it is read
    return next(_sums(paper, totals, counts), None)


def _sums(
    paper: Sequence[Row], totals: Sequence[Decimal], counts: Sequence[Decimal | None]
) -> Iterator[_Sum]:
    for row, total, count in zip(paper, totals, counts, strict=True):
        if not total or total * 2 != sum(totals):
            continue
        if not (row.text("name") or row.text("code")):
            yield _Sum(row, bare=True)
        counted = [number for number in counts if number is not None]
        if len(paper) > 2 and len(counted) == len(paper) and (count or 0) * 2 == sum(counted):
            yield _Sum(row, bare=False)
