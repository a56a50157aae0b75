"""The FOB price that the refund rests on, from a price in another term.

Source: MoF/STA 2012 No. 39 and the notes of the declaration: the export sale is the FOB price
actually agreed; CIF less freight, insurance and other charges; C&F less freight; C&I less
insurance. EXW and FCA are grossed up with what it costs to bring the goods on board.

Freight, insurance and other charges as a customs declaration has them, brought to amounts.

A declaration states each charge once for all its goods, as ``currency/value/mark``: ``502/7000/3``
is USD 7,000 in all, ``502/24/2`` USD 24 for a tonne, ``5`` with mark 1 five per cent of the price
(报关单填制规范, 运费 and 保费). An export with one row for each item repeats it, or has it on the
first row: it is then shared out over the items by price.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from offing.terms.errors import InputError, OffingError, unknown_name
from offing.terms.firm_records import CHARGES, Declared, DeclaredCharge, Records, row_caution
from offing.terms.messages import say
from offing.terms.money import exactly
from offing.terms.sale_terms import CONTAINS, WITHOUT_VAT, place_without_vat

_CUSTOMS_CODES = {"1": "CIF", "2": "CFR", "3": "FOB", "4": "C&I", "7": "EXW"}
"""成交方式 of the customs declaration."""

_OTHER_NAMES = {"C&F": "CFR", "CNF": "CFR", "CANDF": "CFR", "CI": "C&I", "CANDI": "C&I"}

_BEYOND_BOARD = ("freight", "insurance", "destination", "duty")
_TAKES_OFF: dict[str, tuple[str, ...]] = {
    **{term: tuple(c for c in _BEYOND_BOARD if c in parts) for term, parts in CONTAINS.items()},
    "C&I": ("insurance",),
}


def trade_term(text: str) -> str:
    """The term of a price: an Incoterm, ``C&F``, ``C&I`` or the customs number.

    Raises:
        InputError: ``errors.unknown_name``.

    >>> trade_term("c&f"), trade_term("1")
    ('CFR', 'CIF')
    """
    if place_without_vat(text) is not None:
        return WITHOUT_VAT
    name = text.strip().upper().replace(" ", "").replace("＆", "&")
    name = _CUSTOMS_CODES.get(name, _OTHER_NAMES.get(name, name))
    if name not in _TAKES_OFF:
        raise unknown_name(text, _TAKES_OFF)
    return name


def takes_off(term: str) -> tuple[str, ...]:
    """The charges that a price on a term contains beyond FOB.

    Raises:
        InputError: ``errors.unknown_name``.

    >>> takes_off("C&F")
    ('freight',)
    """
    return _TAKES_OFF[trade_term(term)]


_MARKS = {"1": "rate", "2": "unit", "3": "total", "率": "rate", "单价": "unit", "总价": "total"}
"""运费标记, 保费标记 of the declaration: a rate in per cent, a price for a tonne, a sum."""


def is_share_mark(mark: str) -> bool:
    """Whether a declaration's mark says that the charge is a rate of the price."""
    return _kind(mark) == "rate"


def _kind(mark: str) -> str | None:
    return _MARKS.get(mark.strip().removesuffix(".0"))


def declared_charge(
    mark: str, value: Decimal, *, of: Decimal, tonnes: Decimal | None = None, name: str = "freight"
) -> Decimal:
    """A charge of the customs declaration as an amount.

    Args:
        mark: ``1`` a rate in per cent of the price, ``2`` a price for a tonne of cargo, ``3`` the
            whole charge (报关单填制规范, 运费 and 保费; insurance has no mark 2).
        value: as declared beside the mark.
        of: the price that a rate is of.
        tonnes: gross weight, for a price by the tonne.
        name: of the charge, for errors.

    Raises:
        InputError: ``refund.unknown_mark``, ``refund.weight_needed``, or ``refund.bad_charge_rate``
            for a rate of 100 per cent and more.

    >>> declared_charge("1", Decimal(5), of=Decimal(10000))
    Decimal('500.00')
    >>> declared_charge("2", Decimal(50), of=Decimal(10000), tonnes=Decimal(8))
    Decimal('400')
    """
    kind = _kind(mark)
    if kind is None or (kind == "unit" and name == "insurance"):
        raise InputError("refund.unknown_mark", mark=mark, name=name)
    with exactly():
        if kind == "total":
            return value
        if kind == "unit":
            if tonnes is None:
                raise InputError("refund.weight_needed", value=value)
            return value * tonnes
        if not 0 <= value < 100:
            raise InputError("refund.bad_charge_rate", value=value, name=name)
        return of * value.scaleb(-2)


_CHARGES = frozenset((*_BEYOND_BOARD, "misc", "inland"))


def fob_price(term: str, amount: Decimal, **charges: Decimal) -> Decimal:
    """The FOB price of an amount in another term, all in one currency.

    Args:
        term: see :func:`trade_term`.
        amount: the price in that term.
        **charges: ``freight``, the main carriage, and ``insurance``: taken off where the term
            contains them; ``misc``, other charges in the price (杂费): always taken off;
            ``inland``, from the gate on board: added for EXW, FCA and FAS; ``destination``,
            beyond the port of arrival, and ``duty``, import duty and tax: taken off the D terms.

    Raises:
        InputError: ``errors.unknown_name``, or ``refund.fees_above_amount``.
        TypeError: a charge of another name.

    >>> fob_price("CIF", Decimal(10000), freight=Decimal(800), insurance=Decimal(33))
    Decimal('9167')
    """
    if unknown := charges.keys() - _CHARGES:
        raise TypeError(f"no charge of a price: {unknown}")
    name = trade_term(term)
    with exactly():
        off = sum(charges.get(charge, Decimal(0)) for charge in ("misc", *_TAKES_OFF[name]))
        added = charges.get("inland", Decimal(0)) if name in ("EXW", "FCA", "FAS") else 0
        fob = amount - off + added
    if amount > 0 and fob <= 0:
        raise InputError("refund.fees_above_amount", fees=off, amount=amount)
    return fob


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
    # prices with freight in them, and none declared: the FOB price is too high
    stated = {item.number for item in items if "freight" in item.charges}
    lacking = [x for x in items if "freight" in _borne(x) and x.number not in stated]
    doubts = row_caution("refund.caution_no_freight", [item.where.row for item in lacking])
    notes = (*declared.notes, *doubts)
    return replace(declared, rows=tuple(items), quarantined=tuple(quarantined), notes=notes)


def _to_price_currency(
    value: Decimal, charge: DeclaredCharge, name: str, to: str, rates: Mapping[str, Decimal]
) -> Decimal:
    """In the currency of the price, by rates in units for one US dollar."""
    if not charge.currency or not to or charge.currency == to:
        return value
    dollars = {"USD": Decimal(1), **rates}
    if charge.currency not in dollars or to not in dollars:
        both = {"other": charge.currency, "currency": to}
        told = say(f"refund.charge_{name}")
        raise InputError("refund.charge_currency", where=charge.where, name=told, **both)
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
    stated = [other.charges[name] for other in among if name in other.charges]
    whole = len({(charge.value, charge.mark, charge.currency) for charge in stated}) == 1
    charge = stated[0] if whole else item.charges.get(name)  # that of the whole declaration
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
