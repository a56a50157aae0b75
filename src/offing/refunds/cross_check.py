"""What a careful accountant checks before a claim: declaration × invoice × receipt.

Each finding has its row. None of them is a judgement: a finding says what does not fit together.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from offing.refunds.calendar import deadlines
from offing.refunds.rates import FIRST_DAY
from offing.terms.amounts import exactly
from offing.terms.errors import Where
from offing.terms.firm_records import Declared, Invoiced, Received
from offing.terms.messages import say

ROUNDING = Decimal("0.06")
"""Tax on an invoice is rounded line by line; a few fen are no finding."""

SPREADSHEET_DIGITS = 15
"""A spreadsheet keeps so many digits of a number that was not entered as text."""

WITHOUT_REFUND = ("0214",)
"""Modes of supervision whose exports are exempt and not refunded: 来料加工."""

INVALID = ("作废", "红冲", "已红冲", "失控", "异常")


@dataclass(frozen=True)
class Finding:
    """Something that does not fit.

    Attributes:
        key: of the message.
        where: file and row.
        values: what the message names.
        weight: the amount at stake, for the order; unit-less where there is none.
    """

    key: str
    where: Where
    values: dict[str, str]
    weight: Decimal = Decimal(0)

    def __str__(self) -> str:
        return say(self.key, **self.values)


def _of_declarations(rows: Sequence[Declared], on: date) -> Iterable[Finding]:
    seen: dict[tuple[str, str], Declared] = {}
    exported: dict[str, Declared] = {}
    for row in rows:
        named = {"number": row.number, "item": row.item or "—"}
        if not re.fullmatch(r"\d{18}", row.number):
            yield Finding("refund.find_number", row.where, named, row.fob)
        elif row.number.endswith("0" * (18 - SPREADSHEET_DIGITS)):
            yield Finding("refund.find_number_cut", row.where, named, row.fob)
        if row.item and (row.number, row.item) in seen:
            first = seen[row.number, row.item].where
            yield Finding("refund.find_twice", row.where, {**named, "row": str(first.row)}, row.fob)
        seen.setdefault((row.number, row.item), row)
        first_day = exported.setdefault(row.number, row)
        if first_day.export_date != row.export_date:
            split = {
                **named,
                "day": str(row.export_date),
                "other": str(first_day.export_date),
                "row": str(first_day.where.row),
            }
            yield Finding("refund.find_split_days", row.where, split, row.fob)
        if row.export_date > on or row.export_date < FIRST_DAY:
            day = {**named, "day": str(row.export_date)}
            yield Finding("refund.find_day", row.where, day, row.fob)
            continue
        if row.mode[:4] in WITHOUT_REFUND:
            yield Finding("refund.find_mode", row.where, {**named, "mode": row.mode}, row.fob)
        if row.code and not re.fullmatch(r"\d{8}|\d{10}|\d{13}", row.code):
            yield Finding("refund.find_code", row.where, {**named, "code": row.code}, row.fob)
        days = deadlines(row.export_date)
        if days.deemed_domestic_on and on >= days.deemed_domestic_on:
            late = {**named, "day": str(days.deemed_domestic_on)}
            yield Finding("refund.find_lapsed", row.where, late, row.fob)
        elif on > days.ordinary_claim_by:
            late = {**named, "day": str(days.ordinary_claim_by)}
            yield Finding("refund.find_late", row.where, late, row.fob)


def _of_invoices(rows: Sequence[Invoiced]) -> Iterable[Finding]:
    seen: dict[tuple[str, str, Decimal, Decimal], Invoiced] = {}
    for row in rows:
        named = {"invoice": row.key, "name": row.name}
        same = seen.setdefault((row.key, row.name, row.quantity, row.net), row)
        if same is not row:
            again = {**named, "row": str(same.where.row)}
            yield Finding("refund.find_invoice_twice", row.where, again, row.net)
        if any(word in row.status for word in INVALID):
            yield Finding("refund.find_void", row.where, {**named, "status": row.status}, row.net)
        if row.rate is not None:
            with exactly():
                due = row.net * row.rate
            if abs(due - row.tax) > ROUNDING:
                sums = {**named, "tax": f"{row.tax:,.2f}", "due": f"{due:,.2f}"}
                yield Finding("refund.find_tax", row.where, sums, abs(due - row.tax))
        if row.net > 0 and row.tax == 0:
            yield Finding("refund.find_no_tax", row.where, named, row.net)
        digits = row.key.replace("-", "")
        if not digits.isdigit() or len(digits) not in (18, 20):
            yield Finding("refund.find_invoice_number", row.where, named, row.net)
        elif len(digits) == 20 and digits.endswith("0" * (20 - SPREADSHEET_DIGITS)):
            yield Finding("refund.find_invoice_cut", row.where, named, row.net)


def _bought_and_declared(
    declared: Sequence[Declared], invoiced: Sequence[Invoiced]
) -> Iterable[Finding]:
    """Goods, units and quantities must be the same on both; reds take off."""
    bought: dict[str, dict[str, Decimal]] = {}
    for line in invoiced:
        if "作废" not in line.status:
            units = bought.setdefault(line.name, {})
            units[line.unit] = units.get(line.unit, Decimal(0)) + line.quantity
    for row in declared:
        named = {"number": row.number, "item": row.item or "—", "name": row.name}
        mine = bought.get(row.name)
        if mine is None:
            yield Finding("refund.find_no_invoice", row.where, named, row.fob)
        elif row.unit not in mine:
            other = {**named, "unit": row.unit or "—", "other": "、".join(sorted(mine)) or "—"}
            yield Finding("refund.find_unit", row.where, other, row.fob)
        else:
            mine[row.unit] -= row.quantity
            if mine[row.unit] < 0:
                short = {**named, "short": f"{-mine[row.unit]:f}", "unit": row.unit}
                yield Finding("refund.find_quantity", row.where, short, row.fob)
                mine[row.unit] = Decimal(0)


def _money_in(
    declared: Sequence[Declared], received: Sequence[Received], on: date
) -> Iterable[Finding]:
    owed: dict[str, list[Declared]] = {}
    for row in declared:
        owed.setdefault(row.number, []).append(row)
    paid: dict[str, Decimal] = {}
    for receipt in received:
        if receipt.number not in owed:
            named = {"number": receipt.number, "amount": f"{receipt.amount:,.2f}"}
            yield Finding("refund.find_stray_money", receipt.where, named, receipt.amount)
            continue
        first = owed[receipt.number][0]
        if receipt.currency and first.currency and receipt.currency != first.currency:
            other = {
                "number": receipt.number,
                "currency": receipt.currency,
                "declared": first.currency,
            }
            yield Finding("refund.find_currency", receipt.where, other, receipt.amount)
        paid[receipt.number] = paid.get(receipt.number, Decimal(0)) + receipt.amount
    for number, rows in owed.items():
        with exactly():
            total = sum((row.total for row in rows), Decimal(0))
        missing = total - paid.get(number, Decimal(0))
        if missing > 0 and rows[0].export_date <= on:
            by = deadlines(max(rows[0].export_date, FIRST_DAY)).fx_receipt_by
            named = {
                "number": number,
                "missing": f"{missing:,.2f}",
                "currency": rows[0].currency,
                "day": str(by),
            }
            key = "refund.find_money_late" if on > by else "refund.find_money"
            yield Finding(key, rows[0].where, named, missing)


def cross_check(
    declared: Sequence[Declared],
    invoiced: Sequence[Invoiced] | None,
    received: Sequence[Received] | None,
    *,
    on: date,
) -> tuple[Finding, ...]:
    """Everything that does not fit, the largest amount first.

    Args:
        declared: items of declarations.
        invoiced: purchase invoices; ``None`` does not ask for them.
        received: receipts; ``None`` does not ask for them.
        on: the day of asking.
    """
    found = list(_of_declarations(declared, on))
    if invoiced is not None:
        found += [*_of_invoices(invoiced), *_bought_and_declared(declared, invoiced)]
    if received is not None:
        found += _money_in(declared, received, on)
    return tuple(
        sorted(
            found,
            key=lambda each: (
                -abs(each.weight),
                str(each.where.file),
                each.where.row or 0,
                each.key,
            ),
        )
    )
