"""Read a book of deals from a TOML or CSV file; deals that cannot be used are put aside.

::

    [[deal]]
    name = "Hamburg, March"
    amount = "250000"
    currency = "EUR"
    days = 90
    terms = "open_account"
    accepts = ["CNY"]       # other currencies in which the buyer would take the invoice
    [[deal]]
    name = "panels from Korea"
    amount = "-120000"      # a payable
    currency = "USD"
    days = 60

A CSV file has the same names as headings, or 名称, 金额, 币种, 天数, 付款方式, 成本, 可接受币种;
several accepted currencies stand in one cell with spaces between.
"""

import csv
import io
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from offing.refunds.month_table import beyond
from offing.settlement.charges import payment_term
from offing.settlement.deal import Deal
from offing.terms.amounts import clear_amount
from offing.terms.currencies import currency_code
from offing.terms.errors import InputError, Where
from offing.terms.messages import enumerated
from offing.terms.nearest import nearest
from offing.terms.text import read_text

KEYS = ("name", "amount", "currency", "days", "terms", "cost_cny", "accepts")

CHINESE = {
    "名称": "name",
    "金额": "amount",
    "币种": "currency",
    "天数": "days",
    "付款方式": "terms",
    "成本": "cost_cny",
    "可接受币种": "accepts",
}

LARGEST = Decimal("1e15")
"""No deal is above it: more is a slip of the keyboard."""


@dataclass(frozen=True)
class BookFile:
    """The deals of a file that can be used, and why the others cannot."""

    deals: tuple[Deal, ...]
    aside: tuple[InputError, ...]


def _deal(entry: Mapping[str, Any], where: Where) -> Deal:
    for key in entry:
        if key not in KEYS:
            raise InputError(
                "settle.unknown_key",
                where=where,
                key=key,
                near=nearest(key, KEYS) or KEYS[0],
                all=enumerated(KEYS),
            )
    for key in ("amount", "currency", "days"):
        if key not in entry:
            raise InputError("settle.missing_key", where=where, key=key)
    terms = payment_term(str(entry.get("terms", "open_account")), where=where)
    cost = entry.get("cost_cny")
    accepts = entry.get("accepts", [])
    if not isinstance(accepts, list):
        raise InputError("settle.bad_accepts", where=where, value=accepts)
    return Deal(
        amount=deal_amount(entry["amount"], where),
        currency=currency_code(str(entry["currency"]), where=where),
        days=days_of(entry["days"], where),
        terms=terms,
        cost_cny=None if cost is None else clear_amount(cost, where=where),
        name=str(entry.get("name", "")),
        accepts=tuple(currency_code(str(code), where=where) for code in accepts),
    )


def deal_amount(value: Any, where: Where | None = None) -> Decimal:
    """The price of a deal, not zero and not beyond reason.

    Raises:
        InputError: ``settle.no_amount``, ``settle.too_large``, or it is not a number.
    """
    found = clear_amount(value, where=where)
    if not found:
        raise InputError("settle.no_amount", where=where)
    if abs(found) > LARGEST:
        raise InputError("settle.too_large", where=where, value=value)
    return found


def days_of(value: object, where: Where | None = None) -> int:
    """Days to payment: 0 to 1080.

    Raises:
        InputError: ``settle.bad_days``.
    """
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1080:
        return value
    raise InputError("settle.bad_days", where=where, value=value)


def _from_toml(path: Path, text: str) -> Iterator[tuple[Any, Where]]:
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise InputError("settle.not_toml", where=Where(path), reason=error) from error
    entries = data.get("deal")
    if not isinstance(entries, list) or not entries:
        raise InputError("settle.no_deals", where=Where(path))
    heads = [
        number
        for number, line in enumerate(text.splitlines(), start=1)
        if re.match(r"\s*\[\[\s*deal\s*\]\]", line)
    ]
    for number, entry in enumerate(entries, start=1):
        row = heads[number - 1] if number <= len(heads) else None
        yield entry, Where(path, row, f"deal {number}")


def _from_csv(path: Path, text: str) -> Iterator[tuple[Any, Where]]:
    rows = csv.reader(io.StringIO(text, newline=""))
    try:
        table = [(rows.line_num, row) for row in rows if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise InputError("settle.not_csv", where=Where(path), reason=error) from error
    if len(table) < 2:
        raise InputError("settle.no_rows", where=Where(path), all=enumerated(KEYS))
    heads = [CHINESE.get(cell.strip(), cell.strip().lower()) for cell in table[0][1]]
    for line, row in table[1:]:
        if over := beyond(row, len(heads)):
            place = Where(path, line)
            yield InputError("refund.too_many_cells", where=place, beyond=over), place
            continue
        named = zip(heads, row, strict=False)
        entry: dict[str, Any] = {head: cell.strip() for head, cell in named if cell.strip()}
        days = unicodedata.normalize("NFKC", entry.get("days", ""))
        if re.fullmatch(r"[0-9]{1,6}", days):
            entry["days"] = int(days)
        if "accepts" in entry:
            entry["accepts"] = re.split(r"[\s,;，；、]+", entry["accepts"])
        yield entry, Where(path, line)


def read_book(path: Path) -> BookFile:
    """The deals of a book. A deal that cannot be used is put aside with its reason.

    Raises:
        InputError: the file is missing or cannot be read, or no deal of it can be used.
    """
    text = read_text(path, no_file="settle.no_file", not_text="settle.not_text")
    entries = (_from_csv if path.suffix.lower() == ".csv" else _from_toml)(path, text)
    deals: list[Deal] = []
    aside: list[InputError] = []
    for entry, where in entries:
        try:
            if isinstance(entry, InputError):
                raise entry
            if not isinstance(entry, dict):
                raise InputError("settle.not_a_deal", where=where, value=entry)
            deals.append(_deal(entry, where))
        except InputError as error:
            aside.append(error)
    if not deals:
        raise aside[0]
    return BookFile(tuple(deals), tuple(aside))
