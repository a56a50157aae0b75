"""The firm's sales, line by line: a CSV file or a workbook, with its own headings.

Headings are found by their usual English and Chinese names (:func:`spellings`), or as the study's
``[ledger.columns]`` and ``--column`` say. Credit notes are lines with a negative quantity and
amount and are kept. A line that stands there twice is kept and pointed out: it may be a second
carton or a second import, only the firm knows.
"""

import re
import tomllib
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, get_args

import polars as pl

from offing.sources import ledger_cells as cells
from offing.sources.about import About
from offing.sources.archive import Given
from offing.sources.columns import spelled
from offing.sources.rows import read_rows
from offing.sources.sheet_file import headings, tables
from offing.sources.staging import Staging
from offing.terms.errors import InputError, Where
from offing.terms.messages import enumerated
from offing.terms.nearest import nearest
from offing.terms.tables import Sales

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

_IN_HEADING = re.compile(
    r"(?P<base>.+?)(?:in)?(?P<wan>万)?"
    r"(?P<currency>美元|欧元|人民币元?|英镑|日元|港[元币]|元|usd|eur|gbp|cny|rmb|jpy|hkd)?"
)
"""An amount's heading may say more: ``金额（万美元）``, ``Amount USD``."""


@cache
def spellings() -> dict[str, list[str]]:
    """Our columns and the headings they go by (``data/ledger_headings.toml``)."""
    file = resources.files("offing.sources").joinpath("data/ledger_headings.toml")
    loaded: dict[str, list[str]] = tomllib.loads(file.read_text(encoding="utf-8"))
    return loaded


def _named(file: Given, columns: Mapping[str, str]) -> dict[str, str]:
    """Our name → the heading in the file."""
    known = spellings()
    header = [heading for heading in headings(file) if heading]
    there = {spelled(heading): heading for heading in reversed(header)}
    found: dict[str, str] = {}
    for ours, theirs in columns.items():
        if ours not in known:
            raise InputError(
                "reference.unknown_ledger_column",
                where=Where(file.shown),
                column=ours,
                near=nearest(ours, known) or "amount",
                all=enumerated(known),
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
        found[ours] = there[spelled(theirs)]
    taken = set(found.values())
    for ours, options in known.items():
        if ours in found:
            continue
        bases = {
            (_base(key) if ours in ("amount", "price") else key): heading
            for key, heading in reversed(there.items())
            if heading not in taken
        }
        match = next((bases[option] for option in options if option in bases), None)
        if match is not None:
            found[ours] = match
            taken.add(match)
    missing = [ours for ours in REQUIRED if ours not in found]
    if "amount" not in found and "price" not in found:
        missing.append("amount")
    if missing:
        free = {spelled(h): h for h in header if h not in taken}
        near = next((n for o in known[missing[0]] if (n := nearest(o, free, 0.6))), None)
        raise InputError(
            "reference.no_ledger_column",
            where=Where(file.shown),
            column=missing[0],
            near=free[near] if near else "—",
            header=enumerated(header)[:300],
            spellings=_examples(known[missing[0]]),
        )
    return found


ALIKE = 0.8
"""How much a heading must be like a known one to be taken for its misspelling."""


def _near_headings(file: Given, found: Mapping[str, str], staging: Staging) -> None:
    """Say which unread headings look like a misspelt column that may be left out."""
    taken = set(found.values())
    wanted = {
        spelled(option): ours
        for ours, options in spellings().items()
        if ours not in found
        for option in options
    }
    meant = {
        heading: near
        for heading in headings(file)
        if heading and heading not in taken and (near := nearest(spelled(heading), wanted, ALIKE))
    }
    if meant:
        pairs = [f"{heading} → {near}" for heading, near in meant.items()]
        staging.note("reference.near_headings", count=len(pairs), pairs=enumerated(pairs))


def _examples(known: list[str]) -> str:
    """A few headings of each language."""
    english = [heading for heading in known if heading.isascii()]
    return enumerated([*english[:3], *[h for h in known if h not in english][:3]])


def _base(key: str) -> str:
    match = _IN_HEADING.fullmatch(key)
    return match["base"] if match else key


def _heading_says(heading: str | None) -> tuple[int, str | None]:
    """The factor and the currency that the heading of an amount names."""
    match = _IN_HEADING.fullmatch(spelled(heading or ""))
    if match is None:
        return 1, None
    currency = match["currency"]
    return 10_000 if match["wan"] else 1, cells.read_currency(currency) if currency else None


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
    parts = [
        _sales(file, staging, columns or {}, currency, dates)
        for file in tables(paths, staging, sheet=sheet)
    ]
    return pl.concat(parts)


def _sales(
    file: Given,
    staging: Staging,
    columns: Mapping[str, str],
    currency: str | None,
    dates: cells.DayOrder | None,
) -> pl.DataFrame:
    found = _named(file, columns)
    _near_headings(file, found, staging)
    amount_heading = found.get("amount") or found.get("price")
    scale, of_heading = _heading_says(amount_heading)
    usual = cells.read_currency(currency) if currency else of_heading
    if currency and usual is None:
        raise InputError("currencies.unknown", text=currency, near="USD")
    asked = {ours: [spelled(found[ours])] if ours in found else [] for ours in spellings()}
    read = read_rows(file, asked, list(found), staging)
    raw = read.rows
    numbers = [
        cell
        for name in ("amount", "price", "quantity")
        for cell in raw[name].drop_nulls().to_list()
    ]
    comma = cells.uses_comma(numbers)
    order = dates or cells.order_of_days(raw["on"].drop_nulls().to_list())
    if "currency" not in found and usual is None:
        first = next((c for c in raw["amount"].drop_nulls().head(50).to_list()), "")
        stated = cells.read_amount(first, comma)
        if stated is None or stated.currency is None:
            raise InputError("reference.no_currency", where=Where(file.shown))
    lines: list[dict[str, Any]] = []
    reasons: dict[int, str] = {}
    for row in raw.iter_rows(named=True):
        line = _line(row, comma=comma, order=order, scale=scale, usual=usual)
        if isinstance(line, str):
            reasons[row["row"]] = line
        else:
            lines.append(line)
    if reasons:
        reason = pl.col("row").replace_strict(reasons, default=None, return_dtype=pl.String)
        read.put_aside(raw, {key: reason == key for key in sorted(set(reasons.values()))})
    frame = pl.DataFrame(lines, schema=Sales.create_empty().schema)
    _notes(frame, raw, found, staging)
    return frame


def _line(
    row: dict[str, Any],
    *,
    comma: bool,
    order: cells.DayOrder | None,
    scale: int,
    usual: str | None,
) -> dict[str, Any] | str:
    """The line in the columns of ``Sales``, or the reason why it cannot be used."""
    on = cells.read_date(row["on"] or "", order)
    if on is None:
        looks = re.fullmatch(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}", cells.normal(row["on"] or ""))
        return "reference.ambiguous_date" if looks and order is None else "reference.bad_date"
    market = cells.read_market(row["market"] or "")
    if market is None:
        return "reference.unknown_country"
    product = cells.read_code(row["product"] or "")
    if product is None:
        digits = re.sub(r"\D", "", row["product"] or "")
        odd = len(digits) % 2 == 1 and len(digits) < 10
        return "reference.lost_zero" if odd else "reference.bad_product"
    quantity = cells.read_amount(row["quantity"] or "", comma)
    if quantity is None or quantity.currency:
        return "reference.bad_quantity"
    amount = _amount(row, quantity.value, comma)
    if amount is None:
        return "reference.bad_amount"
    value = (amount.value * scale).quantize(Decimal("0.0001"))
    if not value and not quantity.value:
        return "reference.nothing_sold"
    if value * quantity.value < 0:
        return "reference.signs_differ"
    if abs(value) >= Decimal("1e13") or abs(quantity.value) >= Decimal("1e13"):
        return "reference.bad_amount"
    named = cells.read_currency(row["currency"]) if row["currency"] else None
    if row["currency"] and named is None:
        return "reference.unknown_currency"
    if amount.currency and named and amount.currency != named:
        return "reference.two_currencies"
    currency = named or amount.currency or usual
    if currency is None:
        return "reference.line_without_currency"
    return {
        "on": on,
        "invoice": row["invoice"],
        "buyer": cells.normal(row["buyer"]) if row["buyer"] else None,
        "market": market,
        "product": product,
        "model": row["model"],
        "brand": cells.read_brand(row["brand"]) if row["brand"] else None,
        "quantity": quantity.value,
        "unit": cells.read_unit(row["unit"]) if row["unit"] else "item",
        "amount": value,
        "currency": currency,
        "incoterm": cells.read_incoterm(row["incoterm"]) if row["incoterm"] else None,
        "row": row["row"],
    }


def _amount(row: dict[str, Any], quantity: Decimal, comma: bool) -> cells.Amount | None:
    if row["amount"]:
        return cells.read_amount(row["amount"], comma)
    price = cells.read_amount(row["price"], comma) if row["price"] else None
    if price is None:
        return None
    value = (price.value * quantity).quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP)
    return cells.Amount(value, price.currency)


def _notes(
    frame: pl.DataFrame, raw: pl.DataFrame, found: Mapping[str, str], staging: Staging
) -> None:
    """Point out what a careful person would ask about."""
    if "unit" not in found:
        staging.note("reference.no_unit_column")
    unread = frame.filter(pl.col("incoterm").is_null())["row"]
    said = raw.filter(pl.col("row").is_in(unread.to_list()) & pl.col("incoterm").is_not_null())
    if said.height:
        staging.note("reference.unread_incoterms", count=said.height, row=said["row"][0])
    same = [name for name in frame.columns if name != "row"]
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
