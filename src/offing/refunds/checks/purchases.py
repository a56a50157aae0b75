"""Suppliers' invoices alone, and beside the declarations whose goods they are for."""

from collections import Counter
from decimal import Decimal

from offing.refunds.checks.claim import (
    ClaimChecks,
    ClaimPapers,
    Findings,
    figure,
    finding,
    same_firm,
)
from offing.refunds.checks.matching import quantity_in_unit, same_unit
from offing.refunds.rates import levies
from offing.refunds.rules import DatedRate
from offing.rules.citing import percent
from offing.terms.amounts import exactly
from offing.terms.errors import OffingError
from offing.terms.firm_records import Declared, Invoiced
from offing.terms.messages import join_list

CHECKS = ClaimChecks()
ROUNDING = Decimal("0.06")
"""Tax on an invoice is rounded line by line; a few fen are no finding."""
RED = "红字"
"""Right of a line below nought; another one has lost its sign."""
INVALID = ("作废", "红冲", "已红冲", "失控", "异常")
LEVY_RATES = tuple(map(Decimal, ("0.01", "0.03", "0.05")))
"""征收率 of small-scale and simplified taxpayers: the refund is then no higher."""
EXCHANGE_COST = (Decimal(5), Decimal(8))
"""CNY of purchases for a US dollar of FOB, between which a refund system does not ask: customary
limits, from memory; a bureau sets its own."""


@CHECKS.add(
    "refund.find_invoice_twice", example={"bought.again": {}}, twin={"bought.again": {"key": "7"}}
)
def _check_repeated_invoices(claim: ClaimPapers) -> Findings:
    """A line of an invoice is used once."""
    seen: dict[tuple[object, ...], Invoiced] = {}
    for line in claim.bought or ():
        first = seen.setdefault((line.key, line.name, line.quantity, line.net), line)
        if first is not line:
            yield finding(line, first.where, row=first.where.row)


@CHECKS.add(
    "refund.find_invoice_rate", example={"bought.rate": "0.17"}, twin={"bought.rate": "0.09"}
)
def _check_levies(claim: ClaimPapers) -> Findings:
    """Rates that were no level of the levy on the day."""
    for line in claim.bought or ():
        if line.rate is not None and line.rate not in levies(line.on):
            yield finding(line, rate=percent(line.rate), day=line.on)


@CHECKS.add("refund.find_void", example={"bought.status": "异常凭证"}, twin={})
def _check_status(claim: ClaimPapers) -> Findings:
    """Invoices that do not hold, and red ones above nought."""
    for line in claim.bought or ():
        if any(word in line.status for word in INVALID) or (RED in line.status and line.net > 0):
            yield finding(line, status=line.status)


@CHECKS.add("refund.find_tax", example={"bought.tax": "42900.07"}, twin={"bought.tax": "42900.06"})
def _check_tax(claim: ClaimPapers) -> Findings:
    """Tax is net × rate, and there is some to refund."""
    for line in claim.bought or ():
        with exactly():
            due = line.tax if line.rate is None else line.net * line.rate
            gap = abs(due - line.tax)
        if gap > ROUNDING or (line.net > 0 and line.tax == 0):
            yield finding(line, money=gap or line.net, tax=figure(line.tax), due=figure(due))


@CHECKS.add("refund.find_invoice_number", example={"bought.key": "26370000000001700000"}, twin={})
def _check_invoice_numbers(claim: ClaimPapers) -> Findings:
    """20 digits, or a code and a number; a spreadsheet keeps 15 digits and puts noughts after."""
    for line in claim.bought or ():
        digits = line.key.replace("-", "")
        if not digits.isdigit() or len(digits) not in (18, 20) or digits[15:] == "00000":
            yield finding(line)


@CHECKS.add("refund.find_other_buyer", example={"bought.buyer": "Nord Handel GmbH"}, twin={})
def _check_buyers(claim: ClaimPapers) -> Findings:
    """Invoices that are made out to a buyer abroad, or to another firm than most are."""
    lines = [line for line in claim.bought or () if line.buyer]
    firms = Counter(same_firm(line.buyer) for line in lines)
    own = max(firms, key=lambda name: firms[name], default="")
    abroad = {same_firm(item.buyer) for item in claim.declared if item.buyer}
    for line in lines:
        if (name := same_firm(line.buyer)) != own or name in abroad:
            yield finding(line, buyer=line.buyer)


@CHECKS.add("refund.find_no_invoice", example={"bought": ()}, twin={})
def _check_purchases(claim: ClaimPapers) -> Findings:
    """Goods that no supplier has invoiced."""
    yield from (finding(match.item) for match in claim.purchases if not match.by_unit)


@CHECKS.add("refund.find_unit", example={"bought.unit": "箱"}, twin={"bought.unit": "001"})
def _check_units(claim: ClaimPapers) -> Findings:
    """Goods that are invoiced in another unit."""
    for match in claim.purchases:
        unit = match.item.unit
        if match.by_unit and same_unit(unit)[0] not in match.by_unit:
            lines = list(match.by_unit.values())
            units = join_list(sorted({line.unit for line in lines})) or "\N{EM DASH}"
            yield finding(match.item, lines[0].where, unit=unit or "\N{EM DASH}", other=units)


@CHECKS.add(
    "refund.find_quantity", example={"bought.quantity": "90"}, twin={"bought.quantity": "110"}
)
def _check_quantities(claim: ClaimPapers) -> Findings:
    """Goods that the invoices of their unit do not cover."""
    for match in claim.purchases:
        item, (unit, times) = match.item, same_unit(match.item.unit)
        if match.short > 0 and unit in match.by_unit:
            with exactly():
                share = item.fob * match.short / quantity_in_unit(item)
                short = f"{(match.short / times).normalize():f}"
            places = [used.line.where for used in match.matches] or [match.by_unit[unit].where]
            yield finding(item, *places, money=share, short=short, unit=item.unit)


def _rate(claim: ClaimPapers, item: Declared) -> DatedRate | None:
    try:
        return claim.rate_of(item) if claim.rate_of else None
    except OffingError:
        return None


@CHECKS.add("refund.find_levy", example={"bought.rate": "0.09"}, twin={"bought.rate": "0.03"})
def _check_refundable_levy(claim: ClaimPapers) -> Findings:
    """Invoices with another full levy than that of the code: one that none is, is said alone."""
    for match in claim.purchases:
        rate = _rate(claim, match.item)
        for line in [used.line for used in match.matches] if rate else ():
            if rate and line.rate in levies(line.on) - {rate.levy_rate, *LEVY_RATES}:
                levied, levy = percent(line.rate), percent(rate.levy_rate)
                yield finding(match.item, line.where, invoice=line.key, levied=levied, levy=levy)


@CHECKS.add("refund.find_exchange_cost", example={"bought.net": "450000"}, twin={})
def _check_exchange_cost(claim: ClaimPapers) -> Findings:
    """换汇成本 of items that are wholly covered: a price in another unit or currency."""
    low, high = EXCHANGE_COST
    for match in claim.purchases:
        rate, item = _rate(claim, match.item), match.item
        dollars = claim.worth(item.fob, item.currency or "CNY", "USD")
        if not match.matches or match.short > 0 or not dollars or dollars <= 0:
            continue
        with exactly():
            net = sum(
                used.line.net * used.quantity / quantity_in_unit(used.line)
                for used in match.matches
            )
            cost = net * (1 + rate.levy_rate - rate.refund_rate if rate else 1) / dollars
        if not low <= cost <= high:
            places = (used.line.where for used in match.matches)
            yield finding(item, *places, cost=f"{cost:.4f}", low=low, high=high)
