"""The firm's sales, line by line: a CSV file or a workbook, with its own headings.

Headings are found by their usual English and Chinese names (:func:`spellings`), or as the study's
``[ledger.columns]`` and ``--column`` say. Credit notes are lines with a negative quantity and
amount and are kept. A line that stands there twice is kept and pointed out: it may be a second
carton or a second import, only the firm knows.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, get_args

import polars as pl

from offing.sources import ledger_cells as cells
from offing.sources.about import About
from offing.sources.archive import Given
from offing.sources.columns import spelled
from offing.sources.headings import ONE, Heading, heading_of, misspelt
from offing.sources.numbers import Amount, decimal_commas, evidence, read_amount, read_currency
from offing.sources.rows import read_rows
from offing.sources.sheet_file import WORKBOOKS, headings, tables
from offing.sources.staging import Staging
from offing.sources.text_file import Belongs, text_file
from offing.sources.trade_checks import this_year
from offing.terms.errors import InputError, Where
from offing.terms.messages import enumerated
from offing.terms.nearest import nearest
from offing.terms.tables import Sales
from offing.terms.text import normal

ABOUT = About(
    name="ledger",
    title="reference.ledger",
    tables=("sales",),
    publisher="sources.publisher_ledger",
    licence="sources.licence_ledger",
    page="",
)
OPTIONS = ("columns", "sheet", "currency", "dates")

REQUIRED = ("on", "market", "product", "quantity")

FIGURES = ("amount", "price", "quantity")
"""Columns whose headings may say more: ``金额（万美元）``, ``Amount USD``, ``数量（打）``."""


@cache
def spellings() -> dict[str, list[str]]:
    """Our columns and the headings they go by (``data/ledger_headings.toml``)."""
    file = resources.files("offing.sources").joinpath("data/ledger_headings.toml")
    loaded: dict[str, list[str]] = tomllib.loads(file.read_text(encoding="utf-8"))
    return loaded


@cache
def _kinds() -> tuple[frozenset[str], frozenset[str]]:
    """The spellings of columns of figures, and of the others."""
    figures = frozenset(option for name in FIGURES for option in spellings()[name])
    return figures, frozenset(o for options in spellings().values() for o in options) - figures


def _is_heading(columns: Mapping[str, str]) -> Belongs:
    """Whether a line has most of the headings that a ledger must have."""

    def belongs(cells: Sequence[str]) -> bool:
        found = _known(cells, {})
        theirs = {spelled(heading) for heading in columns.values()}
        there = set(found) & {*REQUIRED, "amount", "price"}
        return len(there) >= 3 or len(theirs & set(map(spelled, cells))) >= 3

    return belongs


def _known(cells: Sequence[str], taken: Mapping[str, Heading]) -> dict[str, Heading]:
    """Our name → the heading that says it best, among those that are not taken."""
    options = {option: (ours, rank) for ours, all_ in spellings().items()
               for rank, option in enumerate(all_)}  # fmt: skip
    used = {heading.text for heading in taken.values()}
    found = dict(taken)
    best: dict[str, tuple[int, int]] = {}
    for cell in cells:
        heading = heading_of(cell, *_kinds()) if cell and cell not in used else None
        if heading is None:
            continue
        ours, rank = options[heading.name]
        place = (rank, int(spelled(cell) != heading.name))
        if ours not in taken and place < best.get(ours, (len(options), 0)):
            best[ours], found[ours] = place, heading
    return found


def _mapped(file: Given, header: Sequence[str], columns: Mapping[str, str]) -> dict[str, Heading]:
    """The headings that the user has named."""
    there = {spelled(heading): heading for heading in reversed(header)}
    found: dict[str, Heading] = {}
    for ours, theirs in columns.items():
        if ours not in spellings():
            raise InputError(
                "reference.unknown_ledger_column",
                where=Where(file.shown),
                column=ours,
                near=nearest(ours, spellings()) or "amount",
                all=enumerated(spellings()),
            )
        if spelled(theirs) not in there:
            near = nearest(spelled(theirs), there)
            raise InputError(
                "reference.no_such_heading",
                where=Where(file.shown),
                heading=theirs,
                column=ours,
                near=there[near] if near else enumerated(header),
            )
        text = there[spelled(theirs)]
        figures = _kinds()[0] if ours in FIGURES else frozenset[str]()
        found[ours] = heading_of(text, figures) or _of_unknown(text)
    return found


def _of_unknown(text: str) -> Heading:
    """A heading of the user's own: its name is not ours, its unit and currency may be read."""
    first = re.match(r"[^\s(（\[_]+", text)
    name = spelled(first[0]) if first else spelled(text)
    return heading_of(text, frozenset({name})) or Heading(text, spelled(text))


def _named(file: Given, columns: Mapping[str, str]) -> dict[str, Heading]:
    """Our name → the heading in the file."""
    header = [heading for heading in headings(file) if heading]
    found = _known(header, _mapped(file, header, columns))
    missing = [ours for ours in REQUIRED if ours not in found]
    if "amount" not in found and "price" not in found:
        missing.append("amount")
    if missing:
        taken = {heading.text for heading in found.values()}
        free = {spelled(h): h for h in header if h not in taken}
        options = spellings()[missing[0]]
        near = next((n for o in options if (n := nearest(o, free, 0.6))), None)
        raise InputError(
            "reference.no_ledger_column",
            where=Where(file.shown),
            column=missing[0],
            near=free[near] if near else "—",
            header=enumerated(header)[:300],
            spellings=_examples(options),
        )
    return found


def _of_headings(file: Given, found: Mapping[str, Heading], staging: Staging) -> None:
    """Say which headings look misspelt, change their figures, or are not understood."""
    wanted = {o: ours for ours, all_ in spellings().items() if ours not in found for o in all_}
    taken = {heading.text for heading in found.values()}
    near = misspelt(headings(file), taken, dict(zip(wanted, wanted, strict=True)))
    figures = [found[name] for name in FIGURES if name in found]
    for key, pairs in (
        ("sources.caution_near", [f"{heading} → {meant}" for heading, meant in near.items()]),
        ("sources.caution_vague", [h.text for h in figures if h.unread]),
        ("sources.caution_scaled", [f"{h.text} × {h.scale:,f}" for h in figures if h.scale != 1]),
    ):
        if pairs:
            said = "pairs" if key == "sources.caution_near" else "columns"
            staging.note(key, count=len(pairs), **{said: enumerated(pairs)})


def _examples(known: list[str]) -> str:
    """A few headings of each language."""
    english = [heading for heading in known if heading.isascii()]
    return enumerated([*english[:3], *[h for h in known if h not in english][:3]])


def sales(
    paths: list[Path],
    staging: Staging,
    *,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    currency: str | None = None,
    dates: cells.DayOrder | None = None,
) -> pl.DataFrame:
    """The good lines of ledgers in the columns of ``Sales``, in the order of the files.

    Args:
        paths: the ledgers.
        staging: takes the lines put aside, and the notes.
        columns: our name → the ledger's heading, for headings that are not found by themselves.
        sheet: the sheet of a workbook.
        currency: of every line, where the ledger does not say it.
        dates: which part of 03/05/2024 is the day.

    Raises:
        InputError: a column is missing (``reference.no_ledger_column``), a mapped one does not
            exist, no line says its currency (``reference.no_currency``), or the order of day and
            month is not known.
    """
    if dates not in (None, *get_args(cells.DayOrder)):
        known = enumerated(get_args(cells.DayOrder))
        raise InputError("reference.unknown_day_order", text=dates, known=known)
    named = _is_heading(columns or {})
    return pl.concat(
        _sales(file, staging, columns or {}, currency, dates)
        for file in tables(paths, staging, sheet=sheet, heading=named)
    )


@dataclass(frozen=True)
class _Ways:
    """How a ledger writes: its headings, decimal commas, order of days and usual currency."""

    found: Mapping[str, Heading]
    commas: Mapping[str, bool]
    order: cells.DayOrder | None
    usual: str | None

    def figure(self, row: Mapping[str, Any], name: str) -> Amount | None:
        """A cell in units of one, or ``None`` where it is no number."""
        read = read_amount(row[name] or "", self.commas.get(name, False))
        heading = self.found.get(name)
        scale = heading.scale if heading else ONE
        return None if read is None or (read.counted and scale != 1) else cells.rounded(read, scale)


class _UnusableError(Exception):
    """A line that cannot be used; its argument is the reason, a message key."""


def _ways(
    file: Given,
    raw: pl.DataFrame,
    found: Mapping[str, Heading],
    currency: str | None,
    dates: cells.DayOrder | None,
) -> _Ways:
    of_heading = next((found[n].currency for n in ("amount", "price") if n in found), None)
    usual = read_currency(currency) if currency else of_heading
    if currency and usual is None:
        raise InputError("currencies.unknown", text=currency, near="USD")
    is_book = file.name.lower().endswith(WORKBOOKS)
    seen = {
        name: evidence(found[name].text, raw.select("row", name).rows(), workbook=is_book,
                       money=name == "amount")
        for name in FIGURES if name in found
    }  # fmt: skip
    semicolons = not is_book and file.kind == "text" and text_file(file.path).delimiter == ";"
    commas = decimal_commas(seen, Where(file.shown), semicolons=semicolons)
    order = dates or cells.order_of_days(raw["on"].drop_nulls().to_list())
    ways = _Ways(found, commas, order, usual)
    if "currency" not in found and usual is None:
        first = next((row for row in raw.head(50).iter_rows(named=True) if row["amount"]), None)
        stated = ways.figure(first, "amount") if first else None
        if stated is None or stated.currency is None:
            raise InputError("reference.no_currency", where=Where(file.shown))
    return ways


def _sales(
    file: Given,
    staging: Staging,
    columns: Mapping[str, str],
    currency: str | None,
    dates: cells.DayOrder | None,
) -> pl.DataFrame:
    found = _named(file, columns)
    _of_headings(file, found, staging)
    asked = {ours: [spelled(found[ours].text)] if ours in found else [] for ours in spellings()}
    read = read_rows(file, asked, list(found), staging)
    raw = read.rows
    ways = _ways(file, raw, found, currency, dates)
    lines: list[dict[str, Any]] = []
    reasons: dict[int, str] = {}
    for row in raw.iter_rows(named=True):
        try:
            lines.append(_line(row, ways))
        except _UnusableError as error:
            is_sum = cells.is_total(row[name] for name in ("on", *_TEXTS))
            reasons[row["row"]] = "reference.total_line" if is_sum else str(error)
    if reasons:
        reason = pl.col("row").replace_strict(reasons, default=None, return_dtype=pl.String)
        read.put_aside(raw, {key: reason == key for key in sorted(set(reasons.values()))})
    frame = pl.DataFrame(
        lines, schema={**Sales.create_empty().schema, "by_price": pl.Decimal(38, 4)}
    )
    _notes(frame, raw, found, staging)
    return frame.drop("by_price")


_TEXTS = ("invoice", "buyer", "market", "product", "model", "brand")


def _line(row: Mapping[str, Any], ways: _Ways) -> dict[str, Any]:
    """The line in the columns of ``Sales``, and what price times quantity makes.

    Raises:
        _UnusableError: with the reason.
    """
    on = _day(row["on"] or "", ways.order)
    market = cells.read_market(row["market"] or "")
    if market is None:
        raise _UnusableError("reference.unknown_country")
    product = cells.read_code(row["product"] or "")
    if product is None:
        digits = re.sub(r"\D", "", row["product"] or "")
        odd = len(digits) % 2 == 1 and len(digits) < 10
        raise _UnusableError("reference.lost_zero" if odd else "reference.bad_product")
    if cells.is_total(row[name] for name in ("invoice", "market", "model", "brand")):
        raise _UnusableError("reference.total_line")
    quantity, unit = _quantity(row, ways)
    by_price, amount = _by_price(row, ways, quantity, unit), ways.figure(row, "amount")
    amount = amount if row["amount"] else by_price
    if amount is None:
        raise _UnusableError("reference.bad_amount")
    if not amount.value and not quantity:
        raise _UnusableError("reference.nothing_sold")
    if amount.value * quantity < 0:
        raise _UnusableError("reference.signs_differ")
    return {
        "on": on,
        "invoice": row["invoice"],
        "buyer": normal(row["buyer"]) if row["buyer"] else None,
        "market": market,
        "product": product,
        "model": row["model"],
        "brand": cells.read_brand(row["brand"]) if row["brand"] else None,
        "quantity": quantity,
        "unit": unit,
        "amount": amount.value,
        "currency": _currency(row["currency"], amount, ways),
        "incoterm": cells.read_incoterm(row["incoterm"]) if row["incoterm"] else None,
        "row": row["row"],
        "by_price": by_price.value if by_price and row["amount"] else None,
    }


def _day(text: str, order: cells.DayOrder | None) -> date:
    on = cells.read_date(text, order)
    if on is None:
        looks = re.fullmatch(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}", normal(text))
        raise _UnusableError(
            "reference.ambiguous_date" if looks and order is None else "reference.bad_date"
        )
    if on.year > this_year():
        raise _UnusableError("reference.day_to_come")
    return on


def _quantity(row: Mapping[str, Any], ways: _Ways) -> tuple[Decimal, str]:
    """In the unit of the line, or of the heading: there a dozen are 12 items."""
    said, heading = ways.figure(row, "quantity"), ways.found["quantity"]
    unit = cells.read_unit(row["unit"]) if row["unit"] else heading.unit
    if said is not None and heading.unit and not row["unit"]:
        said = cells.rounded(said, heading.per_unit)
    if said is None or said.currency:
        raise _UnusableError("reference.bad_quantity")
    if heading.unit and unit in ("item", "kg") and unit != heading.unit:
        raise _UnusableError("reference.two_units")
    return said.value, unit or "item"


def _by_price(row: Mapping[str, Any], ways: _Ways, quantity: Decimal, unit: str) -> Amount | None:
    """Price times quantity, in the units that the two headings say."""
    price = ways.figure(row, "price") if row["price"] else None
    if price is None:
        return None
    per, counted = ways.found["price"], ways.found["quantity"]
    if per.unit and per.unit != unit:
        raise _UnusableError("reference.two_units")
    pieces = per.per_unit if per.unit else ONE if row["unit"] else counted.per_unit
    return cells.rounded(price, quantity / pieces)


def _currency(text: str | None, amount: Amount, ways: _Ways) -> str:
    named = read_currency(text) if text else None
    if text and named is None:
        raise _UnusableError("reference.unknown_currency")
    if amount.currency and named and amount.currency != named:
        raise _UnusableError("reference.two_currencies")
    currency = named or amount.currency or ways.usual
    if currency is None:
        raise _UnusableError("reference.line_without_currency")
    return currency


def _notes(
    frame: pl.DataFrame, raw: pl.DataFrame, found: Mapping[str, Heading], staging: Staging
) -> None:
    """Point out what a careful person would ask about."""
    if "unit" not in found and not found["quantity"].unit:
        staging.note("reference.no_unit_column")
    unread = frame.filter(pl.col("incoterm").is_null())["row"]
    said = raw.filter(pl.col("row").is_in(unread.to_list()) & pl.col("incoterm").is_not_null())
    if said.height:
        staging.note("reference.unread_incoterms", count=said.height, row=said["row"][0])
    gap = (pl.col("amount") - pl.col("by_price")).abs().cast(pl.Float64)
    fair = (
        pl.col("amount").abs().cast(pl.Float64) * 0.01
        + pl.col("quantity").abs().cast(pl.Float64) / 100
    )
    part = (pl.col("unit") == "item") & (pl.col("quantity") % 1 != 0)
    for key, bad in (("price_times_quantity", gap > fair), ("part_of_a_piece", part)):
        if (odd := frame.filter(bad)).height:
            rows = enumerated(map(str, odd["row"].head(5))) + ("…" if odd.height > 5 else "")
            staging.note(f"reference.{key}", count=odd.height, rows=rows)
    same = [name for name in frame.columns if name not in ("row", "by_price")]
    twice = frame.filter(pl.col("invoice").is_not_null() & ~pl.struct(same).is_first_distinct())
    if twice.height:
        rows = enumerated(str(row) for row in twice["row"].head(5))
        more = "…" if twice.height > 5 else ""
        staging.note("reference.lines_twice", count=twice.height, rows=rows + more)


def read(paths: list[Path], staging: Staging, **options: Any) -> None:
    """Read ledgers into ``sales``; the options are those of :func:`sales`."""
    rows = sales(paths, staging, **options)
    if rows.height:
        staging.frame("sales", rows)
