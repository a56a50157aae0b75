"""Export invoices and receipts of money beside the declarations."""

from decimal import Decimal

from offing.refunds.calendar import deadlines
from offing.refunds.checks.claim import ClaimChecks, ClaimPapers, Findings, figure, finding
from offing.refunds.rates import FIRST_DAY
from offing.terms.amounts import exactly

CHECKS = ClaimChecks()
EXACT = Decimal(1)
"""Units of the currency by which an invoice and a declaration may differ."""
CONVERTED = Decimal("0.02")
"""The share by which they may differ where one is in yuan at a rate of the books."""
BANK_SHARE, BANK_LEAST = Decimal("0.005"), Decimal(50)
"""What banks on the way may keep: half a per cent, and 50 units of the currency."""
OTHER_DAY = Decimal("0.03")
"""The share by which money in another currency may differ: the rate of another day."""


@CHECKS.add("refund.find_no_sale", example={"sold": ()}, twin={"sold.declaration": ""})
def _check_invoiced(claim: ClaimPapers) -> Findings:
    """Items without an export invoice."""
    yield from (finding(row) for rows, lines in claim.sales[0] if not lines for row in rows)


@CHECKS.add("refund.find_stray_sale", example={"sold.declaration": "7"}, twin={"sold.item": ""})
def _check_stray_sales(claim: ClaimPapers) -> Findings:
    """Export invoices without a declaration."""
    yield from map(finding, claim.sales[1])


@CHECKS.add(
    "refund.find_sale_amount", example={"sold.currency": "EUR"}, twin={"sold.total": "50001"}
)
def _check_sale_amounts(claim: ClaimPapers) -> Findings:
    """Export invoices of another amount than the total and the FOB price, or in other money."""
    for rows, lines in claim.sales[0]:
        currency = rows[0].currency or "CNY"
        with exactly():
            invoiced = sum((line.total for line in lines), Decimal(0))
            totals = [
                sum((x.total for x in rows), Decimal(0)),
                sum((x.fob for x in rows), Decimal(0)),
            ]
        other = next((x.currency for x in lines if x.currency not in ("", currency)), currency)
        allowed, known = EXACT, totals
        if other == "CNY":
            converted = [claim.worth(value, currency, "CNY") for value in totals]
            known = [value for value in converted if value is not None] or [invoiced]
            allowed = CONVERTED * max(map(abs, known))
        fits = other in (currency, "CNY") and any(abs(v - invoiced) <= allowed for v in known)
        if lines and not fits:
            yield finding(
                rows[0],
                *(line.where for line in lines),
                money=abs(totals[0] - invoiced) if other == currency else None,
                total=figure(totals[0]),
                currency=currency,
                invoiced=f"{figure(invoiced)} {other}",
            )


@CHECKS.add("refund.find_stray_money", example={"received.number": "7"}, twin={})
def _check_stray_money(claim: ClaimPapers) -> Findings:
    """Money for none of the declarations."""
    yield from (finding(receipt, amount=figure(receipt.amount)) for receipt in claim.receipts[1])


@CHECKS.add(
    "refund.find_money", example={"received.amount": "45000"}, twin={"received.amount": "49750"}
)
def _check_money(claim: ClaimPapers) -> Findings:
    """Money that did not come in, or after the day by which it must without a reason.

    Nothing where a reason is given for a declaration, or no rate to compare by.
    """
    for rows, receipts in claim.receipts[0]:
        item, currency = rows[0], rows[0].currency or "CNY"
        by = deadlines(max(item.export_date, FIRST_DAY)).fx_receipt_by
        in_time = [paid for paid in receipts if paid.on <= min(by, claim.on)]
        with exactly():
            total = sum((row.total for row in rows), Decimal(0))
            parts = [claim.worth(x.amount, x.currency or currency, currency) for x in in_time]
            missing = total - sum((part for part in parts if part is not None), Decimal(0))
        same = all((paid.currency or currency) == currency for paid in in_time)
        allowed = max(abs(total) * (BANK_SHARE if same else OTHER_DAY), BANK_LEAST)
        due = item.export_date <= claim.on and not any(paid.reason for paid in receipts)
        if due and missing > allowed and None not in parts:
            places = [paid.where for paid in receipts]
            text = figure(missing)
            yield finding(item, *places, money=missing, missing=text, currency=currency, day=by)
