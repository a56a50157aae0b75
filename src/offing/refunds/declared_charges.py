"""Freight, insurance and other charges as a customs declaration has them, brought to amounts.

A declaration states each charge once for all its goods, as ``currency/value/mark``: ``502/7000/3``
is USD 7,000 in all, ``502/24/2`` USD 24 for a tonne, ``5`` with mark 1 five per cent of the price
(报关单填制规范, 运费 and 保费). An export with one row for each item repeats it, or has it on the
first row: it is then shared out over the items by price.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from offing.refunds.fob import declared_charge, fob_price, takes_off
from offing.terms.amounts import exactly
from offing.terms.caution import Caution
from offing.terms.errors import InputError, OffingError
from offing.terms.firm_records import CHARGES, Declared, DeclaredCharge, Records, row_caution
from offing.terms.messages import say

ZERO = Decimal(0)


def fob_prices(declared: Records[Declared], rates: Mapping[str, Decimal]) -> Records[Declared]:
    """The items with their FOB prices; those whose charges cannot be told go to the quarantine.

    Args:
        declared: of :func:`offing.sources.papers.read_declarations`.
        rates: units of a currency for one US dollar, where a charge is in another currency than
            the price.
    """
    items: list[Declared] = []
    quarantined: list[OffingError] = list(declared.quarantined)
    for item, charges in zip(declared.rows, charges_of(declared.rows, rates), strict=True):
        try:
            if isinstance(charges, InputError):
                raise charges
            items.append(replace(item, fob=fob_price(item.term, item.total, **charges)))
        except InputError as error:
            error.where = error.where or item.where
            quarantined.append(error)
    quarantined.sort(key=lambda error: (error.where and error.where.row) or 0)
    notes = (*declared.notes, *_undeclared_freight(items))
    return replace(declared, rows=tuple(items), quarantined=tuple(quarantined), notes=notes)


def _undeclared_freight(items: Sequence[Declared]) -> Iterator[Caution]:
    """Prices with freight in them, and none declared: the FOB price is too high."""
    stated = {item.number for item in items if "freight" in item.charges}
    lacking = [x for x in items if "freight" in _borne(x) and x.number not in stated]
    yield from row_caution("refund.caution_no_freight", [item.where.row for item in lacking])


def _to_price_currency(
    value: Decimal, charge: DeclaredCharge, name: str, to: str, rates: Mapping[str, Decimal]
) -> Decimal:
    """In the currency of the price, by rates in units for one US dollar."""
    if not charge.currency or not to or charge.currency == to:
        return value
    dollars = {"USD": Decimal(1), **rates}
    if charge.currency not in dollars or to not in dollars:
        raise InputError(
            "refund.charge_currency",
            where=charge.where,
            name=say(f"refund.charge_{name}"),
            other=charge.currency,
            currency=to,
        )
    return value / dollars[charge.currency] * dollars[to]


def charges_of(
    items: Sequence[Declared], rates: Mapping[str, Decimal]
) -> list[dict[str, Decimal] | InputError]:
    """The charges of each item in the currency of its price, or why they cannot be told.

    ``rates``: see :func:`fob_prices`.
    """
    mine: dict[tuple[str, str], list[Declared]] = {}
    for item in items:
        for name in _borne(item):
            mine.setdefault((item.number, name), []).append(item)
    charges: list[dict[str, Decimal] | InputError] = []
    for item in items:
        try:
            charges.append(
                {name: _share(item, mine[item.number, name], name, rates) for name in _borne(item)}
            )
        except InputError as error:
            charges.append(error)
    return charges


def _borne(item: Declared) -> tuple[str, ...]:
    """The charges that are in the price of an item; none where its term is not known."""
    try:
        inside = takes_off(item.term)
    except InputError:
        return ()
    return tuple(name for name in CHARGES if name == "misc" or name in inside)


def _share(
    item: Declared, among: Sequence[Declared], name: str, rates: Mapping[str, Decimal]
) -> Decimal:
    """What an item bears of a charge."""
    charge, whole = _charge_of_item(item, among, name)
    if charge is None:
        return ZERO
    tonnes = None if item.gross_kg is None else item.gross_kg.scaleb(-3)
    try:
        told = say(f"refund.charge_{name}")
        value = declared_charge(charge.mark, charge.value, of=item.total, tonnes=tonnes, name=told)
    except InputError as error:
        error.where = error.where or charge.where
        raise
    if charge.mark in ("1", "率"):
        return value
    with exactly():
        value = _to_price_currency(value, charge, name, item.currency, rates)
        total = sum((other.total for other in among), ZERO)
        if not whole or len(among) == 1 or not total:
            return value
        return value * item.total / total


def _charge_of_item(
    item: Declared, among: Sequence[Declared], name: str
) -> tuple[DeclaredCharge | None, bool]:
    """The charge that an item bears, and whether it is that of the whole declaration."""
    stated = [other.charges[name] for other in among if name in other.charges]
    kinds = {(charge.value, charge.mark, charge.currency) for charge in stated}
    return (stated[0], True) if len(kinds) == 1 else (item.charges.get(name), False)
