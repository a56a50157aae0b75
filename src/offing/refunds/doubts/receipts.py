"""Doubts between declarations and the money that came in: gaps, days, currencies, payers."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from offing.refunds.calendar import deadlines
from offing.refunds.doubts.doubt import Doubt, Worth, figure, of_item, same_firm
from offing.refunds.rates import FIRST_DAY
from offing.terms.amounts import exactly
from offing.terms.firm_records import Declared, Received, Sold

BANK_SHARE, BANK_LEAST = Decimal("0.005"), Decimal(50)
"""What banks on the way may keep: half a per cent, and 50 units of the currency."""
PREPAID = timedelta(days=365)
"""Money for goods comes months ahead of them where it is prepaid, hardly a year."""


def of_receipts(
    declared: Sequence[Declared],
    received: Sequence[Received],
    sold: Sequence[Sold],
    on: date,
    worth: Worth,
) -> Iterable[Doubt]:
    """What declarations and receipts raise together, on a day."""
    owed: dict[str, list[Declared]] = {}
    for row in declared:
        owed.setdefault(row.number, []).append(row)
    of_invoice = {line.number: line.declaration for line in sold if line.declaration}
    of_invoice |= {row.invoice: row.number for row in declared if row.invoice}
    paid: dict[str, list[Received]] = {}
    for receipt in received:
        number = receipt.number or of_invoice.get(receipt.invoice, "")
        if number in owed:
            paid.setdefault(number, []).append(receipt)
        else:
            yield of_item("stray_money", receipt, amount=figure(receipt.amount))
    for number, rows in owed.items():
        mine = paid.get(number, [])
        for receipt in mine:
            if receipt.on > on:
                yield of_item("receipt_future", receipt, rows[0].where, day=receipt.on)
            else:
                yield from _of_receipt(receipt, rows[0], _buyer(receipt, rows, sold))
        if not any(receipt.reason for receipt in mine):
            yield from _of_sum(rows, mine, on, worth)


def _buyer(receipt: Received, rows: Sequence[Declared], sold: Sequence[Sold]) -> str:
    """Who is invoiced for a declaration; the payer where it is one of several, empty if unsaid."""
    invoices = {receipt.invoice, *(row.invoice for row in rows)} - {""}
    buyers = [
        line.buyer
        for line in sold
        if line.buyer and (line.declaration == rows[0].number or line.number in invoices)
    ]
    same = (name for name in buyers if same_firm(name) == same_firm(receipt.payer))
    return next(same, buyers[0] if buyers else "")


def _of_receipt(receipt: Received, row: Declared, invoiced: str) -> Iterable[Doubt]:
    doubt = partial(of_item, money_in=row.currency, number=row.number)

    if receipt.amount <= 0:
        yield doubt("receipt_nought", receipt, row.where, amount=f"{receipt.amount:f}")
    if receipt.currency and row.currency and receipt.currency != row.currency:
        yield doubt(
            "currency", receipt, row.where, currency=receipt.currency, declared=row.currency
        )
    by = deadlines(max(row.export_date, FIRST_DAY)).fx_receipt_by
    days: tuple[tuple[str, bool, dict[str, Any]], ...] = (
        ("receipt_early", row.export_date - receipt.on > PREPAID, {"exported": row.export_date}),
        ("receipt_late", receipt.on > by and not receipt.reason, {"by": by}),
    )
    for kind, odd, limit in days:
        if odd:
            yield doubt(kind, receipt, row.where, day=receipt.on, **limit)
    buyer = row.buyer or invoiced
    if receipt.payer and buyer and same_firm(receipt.payer) != same_firm(buyer):
        kind = "payer" if row.buyer else "payer_invoice"
        yield doubt(kind, receipt, row.where, payer=receipt.payer, buyer=buyer)


def _of_sum(
    rows: Sequence[Declared], receipts: Sequence[Received], on: date, worth: Worth
) -> Iterable[Doubt]:
    """What is missing, or too much, for a declaration; nothing where it cannot be compared."""
    currency = rows[0].currency or "CNY"
    with exactly():
        total = sum((row.total for row in rows), Decimal(0))
        parts = [worth(paid.amount, paid.currency or currency, currency) for paid in receipts]
        if None in parts:
            return
        missing = total - sum((amount for amount in parts if amount is not None), Decimal(0))
    allowed = max(abs(total) * BANK_SHARE, BANK_LEAST)
    if any((paid.currency or currency) != currency for paid in receipts):
        allowed = max(allowed, total * Decimal("0.03"))  # the rate of another day
    named: dict[str, Any] = {"currency": currency}
    places = [paid.where for paid in receipts]
    if missing > allowed and rows[0].export_date <= on:
        by = deadlines(max(rows[0].export_date, FIRST_DAY)).fx_receipt_by
        kind = "money_late" if on > by else "money"
        named |= {"missing": figure(missing), "day": str(by)}
        yield of_item(kind, rows[0], *places, money=missing, **named)
    elif -missing > allowed:
        yield of_item(
            "money_over", rows[0], *places, money=-missing, **named, over=figure(-missing)
        )
