"""Doubts between declarations and export invoices: amounts, currencies, goods, buyers."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from offing.refunds.doubts.doubt import Doubt, Worth, figure, of_item, same_firm, same_unit
from offing.terms.amounts import exactly
from offing.terms.firm_records import Declared, Sold

EXACT = Decimal(1)
"""Units of the currency by which an invoice and a declaration may differ."""
CONVERTED = Decimal("0.02")
"""The share by which they may differ where one is in yuan at a rate of the books."""
INVOICED_BEFORE = timedelta(days=183)
"""Half a year before the goods leave, an invoice has the wrong year, or is of other goods."""
Key = tuple[str, str]


def of_sales(declared: Sequence[Declared], sold: Sequence[Sold], worth: Worth) -> Iterable[Doubt]:
    """What declarations and export invoices raise together."""
    yield from _twice(sold)
    lines = _Lines(sold)
    of_key: dict[Key, list[Declared]] = {}
    for row in declared:
        of_key.setdefault(_key(row, lines.of(row)), []).append(row)
    invoices: dict[Key, list[Sold]] = {}
    matched: set[int] = set()
    for key, rows in of_key.items():
        mine = [x for x in lines.of(rows[0]) if id(x) not in matched and _belongs(x, key)]
        matched.update(map(id, mine))
        invoices[key] = mine
    yield from (of_item("stray_sale", line) for line in sold if id(line) not in matched)
    for key, rows in of_key.items():
        if invoices[key]:
            yield from _compared(rows, invoices[key], worth)
        else:
            yield from (of_item("no_sale", row) for row in rows)


class _Lines:
    """Lines of invoices by what leads to them: a declaration, else their number, else goods."""

    def __init__(self, sold: Sequence[Sold]) -> None:
        self.by: dict[tuple[str, str], list[Sold]] = {}
        for line in sold:
            if line.declaration:
                self.by.setdefault(("declaration", line.declaration), []).append(line)
            else:
                self.by.setdefault(("number", line.number), []).append(line)
                self.by.setdefault(("name", line.name), []).append(line)

    def of(self, row: Declared) -> list[Sold]:
        """The lines that may belong to an item's declaration."""
        named = self.by.get(("declaration", row.number), [])
        other = ("number", row.invoice) if row.invoice else ("name", row.name)
        return [*named, *self.by.get(other, [])]


def _key(row: Declared, mine: Sequence[Sold]) -> Key:
    """An item alone where the invoices name items or goods of its declaration, else all of it."""
    if any(line.item for line in mine):
        return row.number, row.item
    return row.number, row.name if any(line.name for line in mine) else ""


def _belongs(line: Sold, key: Key) -> bool:
    return key[1] in ("", line.item) or (not line.item and key[1] == line.name)


def _twice(sold: Sequence[Sold]) -> Iterable[Doubt]:
    """A line that is there twice, or one number on invoices of two days or buyers."""
    lines: dict[tuple[object, ...], Sold] = {}
    first: dict[str, Sold] = {}
    for line in sold:
        same = (line.number, line.declaration, line.item, line.name, line.quantity, line.total)
        earlier = lines.setdefault(same, line)
        other = first.setdefault(line.number, line)
        if earlier is not line:
            yield of_item("sale_twice", line, earlier.where, row=earlier.where.row)
        elif (other.on, same_firm(other.buyer)) != (line.on, same_firm(line.buyer)):
            yield of_item("sale_twice", line, other.where, row=other.where.row)


def _compared(rows: Sequence[Declared], lines: Sequence[Sold], worth: Worth) -> Iterable[Doubt]:
    """Items of a declaration beside the invoice's lines for them."""
    row, line = rows[0], lines[0]
    places = [line.where for line in lines]
    yield from _amounts(rows, lines, worth)
    late = [line for line in lines if line.on and f"{line.on:%Y-%m}" > f"{row.export_date:%Y-%m}"]
    if late and not row.booked:
        month = f"{late[0].on:%Y-%m}"
        yield of_item("booked_month", row, late[0].where, day=row.export_date, month=month)
    old = [line for line in lines if line.on and row.export_date - line.on > INVOICED_BEFORE]
    if old:
        days: dict[str, Any] = {"day": old[0].on, "exported": row.export_date}
        yield of_item("sale_old", row, old[0].where, invoice=old[0].number, **days)
    if row.buyer and line.buyer and same_firm(row.buyer) != same_firm(line.buyer):
        yield of_item("buyer", row, *places, buyer=row.buyer, other=line.buyer)
    coded = next((x for x in lines if x.code and row.code and x.code[:4] != row.code[:4]), None)
    if coded is not None and len(rows) == 1:
        named: dict[str, Any] = {"invoice": coded.number, "code": row.code, "other": coded.code}
        yield of_item("sale_code", row, coded.where, **named)
    if len(rows) == 1 and all(line.quantity is not None for line in lines):
        quantity = sum((line.quantity or Decimal(0) for line in lines), Decimal(0))
        (unit, times), (other, of_other) = same_unit(row.unit), same_unit(line.unit or row.unit)
        if unit != other or quantity * of_other != row.quantity * times:
            stated = f"{row.quantity:f} {row.unit}"
            invoiced = f"{quantity:f} {line.unit}".strip()
            yield of_item("sale_quantity", row, *places, declared=stated, invoiced=invoiced)


def _amounts(rows: Sequence[Declared], lines: Sequence[Sold], worth: Worth) -> Iterable[Doubt]:
    row = rows[0]
    currency = row.currency or "CNY"
    places = [line.where for line in lines]
    other = next((x.currency for x in lines if x.currency not in ("", "CNY", currency)), None)
    if other is not None:
        yield of_item("sale_currency", row, *places, declared=currency, currency=other)
        return
    in_yuan = currency != "CNY" and any(line.currency == "CNY" for line in lines)
    with exactly():
        invoiced = sum((line.total for line in lines), Decimal(0))
        total = sum((item.total for item in rows), Decimal(0))
        fob = sum((item.fob for item in rows), Decimal(0))
    if in_yuan:
        values = [worth(value, currency, "CNY") for value in (total, fob)]
        comparable = [value for value in values if value is not None]
        fits = not comparable or any(abs(v - invoiced) <= CONVERTED * abs(v) for v in comparable)
    else:
        fits = any(abs(value - invoiced) <= EXACT for value in (total, fob))
    if not fits:
        gap = abs(total - invoiced)
        named: dict[str, Any] = {
            "total": figure(total),
            "invoiced": figure(invoiced),
            "currency": currency,
        }
        yield of_item("sale_amount", row, *places, money=gap if not in_yuan else None, **named)
