"""Read a book of deals from a TOML file.

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
"""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from offing.costing.refund.amounts import amount
from offing.costing.settlement.charges import letter_of_credit_rank
from offing.costing.settlement.deal import Deal
from offing.terms.currencies import currency_code
from offing.terms.errors import InputError, Where
from offing.terms.nearest import nearest

KEYS = ("name", "amount", "currency", "days", "terms", "cost_cny", "accepts")


def _deal(entry: dict[str, Any], where: Where) -> Deal:
    for key in entry:
        if key not in KEYS:
            raise InputError(
                "settle.unknown_key",
                where=where,
                key=key,
                near=nearest(key, KEYS) or KEYS[0],
                all=", ".join(KEYS),
            )
    for key in ("amount", "currency", "days"):
        if key not in entry:
            raise InputError("settle.missing_key", where=where, key=key)
    terms = str(entry.get("terms", "open_account"))
    letter_of_credit_rank(terms)
    cost = entry.get("cost_cny")
    accepts = entry.get("accepts", [])
    if not isinstance(accepts, list):
        raise InputError("settle.bad_accepts", where=where, value=accepts)
    return Deal(
        amount=amount(entry["amount"], where=where),
        currency=currency_code(str(entry["currency"]), where=where),
        days=days_of(entry["days"], where),
        terms=terms,
        cost_cny=None if cost is None else amount(cost, where=where),
        name=str(entry.get("name", "")),
        accepts=tuple(currency_code(str(code), where=where) for code in accepts),
    )


def days_of(value: object, where: Where | None = None) -> int:
    """Days to payment: 0 to 1080.

    Raises:
        InputError: ``settle.bad_days``.
    """
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1080:
        return value
    raise InputError("settle.bad_days", where=where, value=value)


def read_book(path: Path) -> tuple[Deal, ...]:
    """The deals of a book.

    Raises:
        InputError: the file is missing, is not TOML, or a deal cannot be used.
    """
    if not path.is_file():
        raise InputError("settle.no_file", where=Where(path), path=path)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError("settle.not_toml", where=Where(path), reason=error) from error
    entries = data.get("deal")
    if not isinstance(entries, list) or not entries:
        raise InputError("settle.no_deals", where=Where(path))
    return tuple(
        _deal(entry, Where(path, column=f"deal {number}"))
        for number, entry in enumerate(entries, start=1)
    )
