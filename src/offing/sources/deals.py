"""Read a portfolio of deals from a TOML file or a table (CSV, workbook).

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

A table has the same names as headings, or 名称, 金额, 币种, 天数, 付款方式, 成本, 可接受币种.
Several accepted currencies stand in one cell with spaces between. A deal that cannot be used goes
to the quarantine.
"""

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from offing.sources.numbers import must_be_clear
from offing.sources.text_file import read_text
from offing.sources.user_table import Note, Row, built, layout_of, user_table
from offing.terms.amounts import clear_amount
from offing.terms.currencies import currency_code
from offing.terms.errors import InputError, OffingError, Where
from offing.terms.firm_records import Deal, Records
from offing.terms.messages import enumerated
from offing.terms.nearest import nearest
from offing.terms.payment import payment_term
from offing.terms.text import normal

DEALS = layout_of("deals")
KEYS = tuple(DEALS.names)

LARGEST = Decimal("1e15")
"""No deal is above it: more is a slip of the keyboard."""


def read_deals(path: Path) -> Records[Deal]:
    """The deals of a portfolio; TOML unless the file is a table by its ending.

    Raises:
        InputError: the file is missing or cannot be read, or no deal of it can be used.
    """
    if path.suffix.lower() == ".toml" or not path.suffix:
        good, aside = _from_toml(path, read_text(path))
        notes: tuple[Note, ...] = ()
    else:
        table = user_table(path, "deals")
        good, aside = built(table.rows, _of_row)
        notes = table.notes
    if not good:
        if aside:
            raise aside[0]
        raise InputError("settle.no_rows", where=Where(path), all=enumerated(KEYS))
    return Records(good, aside, notes, path)


def _from_toml(path: Path, text: str) -> tuple[tuple[Deal, ...], tuple[OffingError, ...]]:
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
    good: list[Deal] = []
    aside: list[OffingError] = []
    for number, entry in enumerate(entries, start=1):
        row = heads[number - 1] if number <= len(heads) else None
        try:
            good.append(_of_toml(entry, Where(path, row, f"deal {number}")))
        except InputError as error:
            aside.append(error)
    return tuple(good), tuple(aside)


def _of_toml(entry: Any, where: Where) -> Deal:
    if not isinstance(entry, dict):
        raise InputError("settle.not_a_deal", where=where, value=entry)
    for key in entry:
        if key not in KEYS:
            near = nearest(key, KEYS) or KEYS[0]
            raise InputError(
                "settle.unknown_key", where=where, key=key, near=near, all=enumerated(KEYS)
            )
    for key in ("amount", "currency", "days"):
        if key not in entry:
            raise InputError("settle.missing_key", where=where, key=key)
    for key in DEALS.money & set(entry):
        if isinstance(entry[key], str):
            must_be_clear(entry[key], where)
    accepts = entry.get("accepts", [])
    if not isinstance(accepts, list):
        raise InputError("settle.bad_accepts", where=where, value=accepts)
    cost = entry.get("cost_cny")
    return Deal(
        amount=deal_amount(entry["amount"], where),
        currency=currency_code(str(entry["currency"]), where=where),
        days=days_of(entry["days"], where),
        terms=payment_term(str(entry.get("terms", "open_account")), where=where),
        cost_cny=None if cost is None else clear_amount(cost, where=where),
        name=str(entry.get("name", "")),
        accepts=tuple(currency_code(str(code), where=where) for code in accepts),
    )


def _of_row(row: Row) -> Deal:
    of_heading = row.columns["amount"].heading.currency
    currency = row.text("currency") or of_heading
    value, days = row.amount("amount"), normal(row.text("days"))
    for key, there in (("amount", value is not None), ("currency", currency), ("days", days)):
        if not there:
            raise InputError("settle.missing_key", where=row.where, key=key)
    code = currency_code(str(currency), where=row.at("currency"))
    if of_heading not in (None, code):
        raise InputError(
            "sources.other_currency", where=row.at("amount"), text=code, usual=of_heading
        )
    return Deal(
        amount=deal_amount(value, row.where),
        currency=code,
        days=days_of(int(days) if re.fullmatch("[0-9]{1,6}", days) else days, row.where),
        terms=payment_term(row.text("terms") or "open_account", where=row.at("terms")),
        cost_cny=row.amount("cost_cny"),
        name=row.text("name"),
        accepts=tuple(
            currency_code(code, where=row.at("accepts"))
            for code in re.split(r"[\s,;，；、]+", row.text("accepts"))
            if code
        ),
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
