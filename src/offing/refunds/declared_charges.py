"""Freight, insurance and other charges as a customs declaration has them, brought to amounts.

A declaration states each charge once for all its goods, as ``currency/value/mark``: ``502/7000/3``
is USD 7,000 in all, ``502/24/2`` USD 24 for a tonne, ``5`` with mark 1 five per cent of the price
(报关单填制规范, 运费 and 保费). An export with one row for each item repeats it, or has it on the
first row: it is then shared out over the items by price.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from offing.refunds.fob import declared_charge, takes_off
from offing.terms.amounts import amount, exactly
from offing.terms.currencies import currency_code
from offing.terms.errors import InputError, Where

ZERO = Decimal(0)
CHARGES = ("freight", "insurance", "misc")

CUSTOMS_CURRENCIES = {
    "110": "HKD", "116": "JPY", "121": "MOP", "129": "PHP", "132": "SGD", "133": "KRW",
    "136": "THB", "142": "CNY", "300": "EUR", "302": "DKK", "303": "GBP", "326": "NOK",
    "330": "SEK", "331": "CHF", "501": "CAD", "502": "USD", "601": "AUD", "609": "NZD",
}  # fmt: skip
"""货币代码表: the numbers in use before the letters of ISO 4217."""

_NAMES = {
    "港币": "HKD", "日元": "JPY", "日本元": "JPY", "英镑": "GBP", "澳元": "AUD",
    "澳大利亚元": "AUD", "加元": "CAD", "加拿大元": "CAD", "新加坡元": "SGD", "韩元": "KRW",
    "瑞士法郎": "CHF",
}  # fmt: skip


def declared_currency(text: str, where: Where | None = None) -> str:
    """The currency of a declaration: letters, a customs number or a Chinese name; empty stays so.

    Raises:
        InputError: ``currencies.unknown``.

    >>> declared_currency("502"), declared_currency("美元"), declared_currency("")
    ('USD', 'USD', '')
    """
    name = text.strip().removesuffix(".0")
    if name in ("", "0", "00", "000"):
        return ""
    return currency_code(CUSTOMS_CURRENCIES.get(name, _NAMES.get(name, name)), where=where)


@dataclass(frozen=True)
class DeclaredCharge:
    """A charge as declared: its value beside its mark, in a currency (empty: that of the price)."""

    value: Decimal
    mark: str
    currency: str
    where: Where


def read_charge(cell: str, mark: str, currency: str, where: Where) -> DeclaredCharge | None:
    """A charge from its cell, with its own columns for mark and currency where there are any.

    A plain number without a mark is the whole charge, as in an export that has worked it out.

    Raises:
        InputError: ``refund.bad_amount``, ``currencies.unknown``.

    >>> read_charge("502/24/2", "", "", Where("f")).mark
    '2'
    """
    text = cell.strip()
    parts = [part.strip() for part in re.split(r"[/|]", text)]
    if len(parts) == 3:
        currency, text, mark = parts
    elif text.endswith(("%", "\N{FULLWIDTH PERCENT SIGN}")):
        text, mark = text[:-1], "1"
    value = amount(text, where=where) if text else ZERO
    if not value:
        return None
    return DeclaredCharge(value, mark.strip() or "3", declared_currency(currency, where), where)


@dataclass(frozen=True)
class PricedItem:
    """An item of a declaration before its charges are taken off.

    Attributes:
        declaration: the number of its declaration.
        term: 成交方式.
        total: its price.
        currency: of the price.
        gross_kg: 毛重 of the declaration, where it is given.
        charges: freight, insurance and other charges by name; what is not declared is left out.
    """

    declaration: str
    term: str
    total: Decimal
    currency: str
    gross_kg: Decimal | None
    charges: Mapping[str, DeclaredCharge]


def _converted(
    value: Decimal, charge: DeclaredCharge, name: str, to: str, rates: Mapping[str, Decimal]
) -> Decimal:
    """In the currency of the price, by rates in units for one US dollar."""
    if not charge.currency or not to or charge.currency == to:
        return value
    dollars = {"USD": Decimal(1), **rates}
    if charge.currency not in dollars or to not in dollars:
        raise InputError(
            "refund.charge_currency",
            where=charge.where, name=name, other=charge.currency, currency=to,
        )  # fmt: skip
    return value / dollars[charge.currency] * dollars[to]


def charges_of(
    items: Sequence[PricedItem], rates: Mapping[str, Decimal]
) -> list[dict[str, Decimal] | InputError]:
    """The charges of each item in the currency of its price, or why they cannot be told.

    Args:
        items: of any declarations, in any order.
        rates: units of a currency for one US dollar, for charges in another one than the price.
    """
    mine: dict[tuple[str, str], list[PricedItem]] = {}
    for item in items:
        for name in CHARGES:
            if name == "misc" or name in takes_off(item.term):
                mine.setdefault((item.declaration, name), []).append(item)
    found: list[dict[str, Decimal] | InputError] = []
    for item in items:
        amounts: dict[str, Decimal] = {}
        try:
            for name in CHARGES:
                among = mine.get((item.declaration, name), [])
                if any(other is item for other in among):
                    amounts[name] = _share(item, among, name, rates)
            found.append(amounts)
        except InputError as error:
            found.append(error)
    return found


def _share(
    item: PricedItem, among: Sequence[PricedItem], name: str, rates: Mapping[str, Decimal]
) -> Decimal:
    """What an item bears of a charge."""
    stated = [other.charges[name] for other in among if name in other.charges]
    if not stated:
        return ZERO
    whole = {(charge.value, charge.mark, charge.currency) for charge in stated}
    charge = stated[0] if len(whole) == 1 else item.charges.get(name)
    if charge is None:
        return ZERO
    tonnes = None if item.gross_kg is None else item.gross_kg.scaleb(-3)
    try:
        value = declared_charge(charge.mark, charge.value, of=item.total, tonnes=tonnes, name=name)
    except InputError as error:
        error.where = error.where or charge.where
        raise
    if charge.mark in ("1", "率"):
        return value
    with exactly():
        value = _converted(value, charge, name, item.currency, rates)
        total = sum((other.total for other in among), ZERO)
        if len(whole) > 1 or len(among) == 1 or not total:
            return value
        return value * item.total / total
