"""What a unit costs, weighs, takes and gets back, where a ledger has a column of it.

A column may be of a unit or of all that its line sold, and a cost in yuan or in the invoice's
money. The heading says which; a column whose heading does not is not taken, and said.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

import polars as pl

from offing.sources.headings import ColumnHeading, FileColumn
from offing.sources.layout import SEVERAL, WITH_TAX
from offing.sources.unit_facts import UnitFacts
from offing.terms.caution import Caution
from offing.terms.messages import join_list, say

PLACES = {"cost_cny": 2, "input_vat_cny": 2, "kg": 3, "m3": 4, "refund_rate": 4}
"""Figures of a model that a ledger may have → their decimals."""
OF_COLUMN = {"cost": "cost_cny", "kg": "kg", "m3": "m3", "refund_rate": "refund_rate"}

_A_UNIT = re.compile(
    r"单[件台个套只位]|单价|每|[/／]\s*(?:台|件|个|套|只|pcs?\b|piece|unit|ea\b|set)|\bper\b|\bunit\b|\beach\b",
    re.IGNORECASE,
)
_A_LINE = re.compile(r"总|合计|小计|金额|\btotal\b|\bamount\b|\bcogs\b", re.IGNORECASE)

_A_PIECE = re.compile(
    r"[单每/／]\s*[件台个套只]|[/／]\s*(?:pcs?\b|piece|ea\b|set)|\beach\b|\bper\s*(?:pc|piece|set)",
    re.IGNORECASE,
)
"""What a heading says of one piece, whatever its line counts."""

USUAL = 0.7
"""Cost as a share of the price, where no line of the file counts in pieces."""
PLAUSIBLE = (0.05, 3.0)
"""Cost as a share of the price: outside it the heading's money cannot be right."""
LOWEST_REFUND, HIGHEST_REFUND = 0.01, 0.17
"""Of all export refunds that are not nought (出口退税率)."""


def add_given(
    lines: pl.DataFrame, headings: Mapping[str, str], given: pl.DataFrame, label: pl.Expr
) -> tuple[pl.DataFrame, dict[str, str]]:
    """The lines (with ``name``) with what a person says of them, in the place of what they say.

    Args:
        lines: as of :func:`unit_columns`.
        headings: of them.
        given: ``name`` (spelled as names of models are compared) and a column of Float64 for each
            of :data:`PLACES`; null where nothing is said.
        label: what a line is called where its own name is not in the table.

    Returns:
        Them, and their headings: none of what the person says.
    """
    there = [name for name in PLACES if given[name].count()]
    said = given.select(pl.col("name").alias("of"), pl.col(there).name.prefix("said_"))
    own = pl.col("name").is_in(said["of"].implode())
    lines = lines.with_columns(of=pl.when(own).then("name").otherwise(label))
    lines = lines.join(said, on="of", how="left", maintain_order="left").with_columns(
        pl.coalesce(f"said_{name}", *([name] if name in headings else [])).alias(name)
        for name in there
    )
    return lines.select(pl.exclude("of", "^said_.*$")), {**headings, **dict.fromkeys(there, "")}


class _UnclearError(Exception):
    """A column is not taken; its argument is the message key."""


def unit_columns(
    lines: pl.DataFrame, facts: UnitFacts | None
) -> tuple[pl.DataFrame, dict[str, str], tuple[Caution, ...]]:
    """The lines of a ledger with what a unit costs (CNY), weighs (kg), takes (m³) and gets back.

    Args:
        lines: in the ``Sales`` columns with ``sheet``, ``quantity`` as Float64, ``usd`` and
            ``usd_of_yuan``, the dollars for one yuan of the day; these two may be null.
        facts: the columns of the same ledger.

    Returns:
        The lines with a column (Float64) for each figure of a model; figure → the heading that it
        is from; columns that were not taken, and why.
    """
    if facts is None:
        return lines, {}, ()
    rows, columns = facts
    joined = lines.join(rows, on=["sheet", "row"], how="left", maintain_order="left")
    headings: dict[str, str] = {}
    doubts: list[Caution] = []
    for name, column in columns.items():
        if joined[name].null_count() == joined.height:
            continue
        ours = OF_COLUMN[name]
        try:
            if name == "refund_rate":
                figure = _refund(joined)
            else:
                figure, unclear = _unit_column(joined, name, column)
                doubts += _unclear_lines(unclear, column.heading.text)
        except _UnclearError as error:
            doubts.append(Caution(str(error), {"column": column.heading.text}))
        else:
            lines = lines.with_columns(figure.alias(ours))
            headings[ours] = column.heading.text
    return lines, headings, tuple(doubts)


def _unclear_lines(rows: pl.Series, column: str) -> Iterator[Caution]:
    if rows.len():
        listed = join_list(map(str, rows), 5)
        yield Caution("begin.column_of_piece", {"column": column, "rows": listed})


def _unit_column(lines: pl.DataFrame, name: str, column: FileColumn) -> tuple[pl.Series, pl.Series]:
    """What a unit has of a column, and the rows of which that cannot be told."""
    heading = column.heading
    if heading.unread:
        raise _UnclearError("begin.column_unread")
    if name == "cost" and WITH_TAX.search(heading.text):
        raise _UnclearError("begin.column_with_tax")
    if not (lines[name].drop_nulls() >= 0).all():
        lines = lines.with_columns(pl.col(name).abs())  # beside what came back
    pieces = _pieces_stated(lines, name, heading)
    size, each = pl.col("quantity").abs(), pieces is not None or _is_of_a_unit(heading)
    unit = pl.col(name) / (pieces or 1.0) if each else pl.col(name) / size
    figure = lines.select(pl.when((size > 0) & (pl.col(name) > 0)).then(unit)).to_series()
    stated = pieces is not None or not each or bool(_A_PIECE.search(heading.text))
    if name == "cost":
        return _cost_in_yuan(lines, figure, heading, of_piece=stated)
    return _figure_of_piece(lines, figure, None if stated else figure)


def _pieces_stated(lines: pl.DataFrame, name: str, heading: ColumnHeading) -> float | None:
    """Of how many pieces a heading says that its figures are; ``None`` where it says no unit."""
    if name == "kg" and heading.unit == "kg":
        if SEVERAL.search(heading.text):
            raise _UnclearError("begin.column_unread")
        return None
    if heading.unit is None:
        return None
    if (lines["unit"] != heading.unit).any():
        raise _UnclearError("begin.column_unread")
    return float(heading.per_unit)


def _figure_of_piece(
    lines: pl.DataFrame, figure: pl.Series, against: pl.Series | None, usual: float | None = None
) -> tuple[pl.Series, pl.Series]:
    """A figure of a line that counts dozens, by the piece; and the rows where nobody can tell.

    It is of the line's unit or of one piece: of the two the one that comes near the model's lines
    of pieces, else ``usual``. One that is hardly nearer than the other does not decide.
    ``against`` is what is compared, a cost as a share of its price; nothing where the heading says
    that the figure is of a piece.
    """
    if against is None:
        return figure, lines["row"].clear()
    beside = lines.select("pieces", "model", figure=figure, against=against)
    single = pl.col("against").filter(pl.col("pieces") == 1).median().over("model")
    off = (pl.col("against") / single.fill_null(usual)).log()
    as_piece, as_unit = off.abs(), (off - pl.col("pieces").log()).abs()
    told = beside.with_columns(
        figure=pl.when(pl.col("pieces") == 1)
        .then("figure")
        .when(as_piece > 2 * as_unit)
        .then(pl.col("figure") / pl.col("pieces"))
        .when(as_unit > 2 * as_piece)
        .then("figure")
    )["figure"]
    return told, lines["row"].filter(told.is_null() & figure.is_not_null())


def _is_of_a_unit(heading: ColumnHeading) -> bool:
    """Whether a column is of a unit, and not of all that its line sold."""
    unit, line = bool(_A_UNIT.search(heading.text)), bool(_A_LINE.search(heading.text))
    if unit == line:
        raise _UnclearError("begin.column_of_line")
    return unit


def _cost_in_yuan(
    lines: pl.DataFrame, cost: pl.Series, heading: ColumnHeading, *, of_piece: bool
) -> tuple[pl.Series, pl.Series]:
    """What a unit costs in yuan: in the heading's money, else in that of all invoices.

    A column in the invoice's money comes to yuan at the rate of its sale's day.
    """
    invoiced = {*lines["currency"]}
    money = heading.currency or (invoiced == {"CNY"} and "CNY")
    if money != "CNY" and invoiced != {money}:
        raise _UnclearError("begin.column_money")
    rate = (lines["usd"] / lines["amount"].cast(pl.Float64)) / lines["usd_of_yuan"]
    figure = cost if money == "CNY" else cost * rate
    price = lines["usd"] / lines["quantity"] / lines["usd_of_yuan"]
    shares = figure / price
    single = shares.filter(lines["pieces"] == 1).median()
    usual = single if isinstance(single, float) else USUAL
    told, unclear = _figure_of_piece(lines, figure, None if of_piece else shares, usual)
    share = (told / price).median()
    if isinstance(share, float) and not PLAUSIBLE[0] <= share <= PLAUSIBLE[1]:
        raise _UnclearError("begin.column_money")
    return told, unclear


def _refund(lines: pl.DataFrame) -> pl.Series:
    """Rates as shares: 13 is 13 %, for no refund is the whole price; 13 and 0.13 are not mixed."""
    rate = lines["refund_rate"]
    shares = rate if (rate.drop_nulls() < 1).all() else rate / 100
    known = shares.drop_nulls()
    if not (known.is_between(LOWEST_REFUND, HIGHEST_REFUND) | (known == 0)).all():
        raise _UnclearError("begin.column_unread")
    return shares


def figures(group: pl.DataFrame, headings: Mapping[str, str]) -> Iterator[tuple[str, Decimal, str]]:
    """What one model's lines say of a unit: the figure's name, its mean over the units, from where.

    A refund rate is taken where all its lines have the same.
    """
    for name, heading in headings.items():
        lines = group.filter(pl.col(name).is_not_null(), pl.col("quantity") > 0)
        if lines.is_empty() or (name == "refund_rate" and lines[name].n_unique() > 1):
            continue
        sums = lines.select((pl.col(name) * pl.col("quantity")).sum() / pl.col("quantity").sum())
        value = Decimal(f"{sums.item():.{PLACES[name]}f}".rstrip("0").rstrip("."))
        about = say("study.begun_from_column", column=heading, count=lines.height)
        yield name, value, about if heading else say("study.begun_from_table")
