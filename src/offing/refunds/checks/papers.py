"""What a careful accountant checks before a claim: four papers and the rates beside each other.

Declarations (报关单), export invoices, receipts of money (收汇), suppliers' invoices (进项发票) and
the refund rates. Each finding has its rows and the money that it touches. None is a judgement.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from offing.refunds.calendar import deadlines, state_on
from offing.refunds.checks.claim import (
    ClaimChecks,
    ClaimPapers,
    Findings,
    PaperFinding,
    figure,
    finding,
    quantity_in_unit,
    same_firm,
    same_unit,
)
from offing.refunds.rates import FIRST_DAY, levies
from offing.refunds.rules import DatedRate
from offing.rules.rule_use import cite_source, percent
from offing.terms.errors import OffingError
from offing.terms.firm_records import Declared, Invoiced
from offing.terms.messages import join_list, say
from offing.terms.money import exactly

CLAIM_CHECKS = ClaimChecks()
REFUNDED_MODES = frozenset((
    "0110", "一般贸易", "0130", "易货贸易", "1523", "租赁贸易", "1616", "寄售代销", "2210",
    "对外投资", "3422", "对外承包出口", "4019", "边境小额", "9610", "电子商务", "9710",
    "跨境电商B2B直接出口",
))  # fmt: skip
"""监管方式 of goods sold abroad that are refunded in the ordinary way, from memory of the customs'
code table. Others are exempt (0214, 0255, 1039), by a procedure of their own (0615, 1210, 9810),
or not at all."""
_NO_RATE = ("refund.not_in_library", "refund.no_known_rate")
"""The rulebook has few codes, and what it does not know is no finding."""
_NO_FINDING = ("refund.several_levies", "refund.before_1994")
"""The levy depends on more than the code: the supplier's invoice shows it. Days have their own."""


@CLAIM_CHECKS.add("refund.find_number", example={"declared.number": "420120260000001000"}, twin={})
def _check_numbers(claim: ClaimPapers) -> Findings:
    """海关编号: customs office (4), year (4), 0 for an export, serial number (9).

    A spreadsheet keeps 15 digits of a number that was not entered as text.
    """
    for item in claim.declared:
        number, year = item.number, item.export_date.year
        export = re.fullmatch(rf"\d{{4}}({year - 1}|{year})0\d{{9}}", number)
        if not export or number.endswith("000"):
            yield finding(item, day=item.export_date)


@CLAIM_CHECKS.add(
    "refund.find_twice", example={"declared.again": {}}, twin={"declared.again": {"item": "2"}}
)
def _check_repeated_items(claim: ClaimPapers) -> Findings:
    """An item is refunded once."""
    seen: dict[tuple[str, str], Declared] = {}
    for item in claim.declared:
        first = seen.setdefault((item.number, item.item), item)
        if item.item and first is not item:
            yield finding(item, first.where, row=first.where.row)


@CLAIM_CHECKS.add("refund.find_not_positive", example={"declared.total": "-50000"}, twin={})
def _check_signs(claim: ClaimPapers) -> Findings:
    """Totals, FOB prices and quantities are above nought."""
    for item in claim.declared:
        if min(item.total, item.fob) <= 0 or (item.unit and item.quantity <= 0):
            yield finding(item, total=f"{item.total:f}", quantity=f"{item.quantity:f}")


@CLAIM_CHECKS.add(
    "refund.find_mode", example={"declared.mode": "来料加工"}, twin={"declared.mode": "9610电商"}
)
def _check_modes(claim: ClaimPapers) -> Findings:
    """Modes, a code of four digits, a name or both, that are not refunded in the ordinary way."""
    for item in claim.declared:
        names = (item.mode[:4], re.split(r"[(（]", item.mode)[0])
        if item.mode and not REFUNDED_MODES & {*names}:
            yield finding(item, mode=item.mode)


@CLAIM_CHECKS.add(
    "refund.find_code", example={"declared.code": "852872400"}, twin={"declared.code": "85287240"}
)
def _check_codes(claim: ClaimPapers) -> Findings:
    """Codes of another length have lost a zero."""
    for item in claim.declared:
        if item.code and not re.fullmatch(r"\d{8}|\d{10}|\d{13}", item.code):
            yield finding(item, code=item.code)


@CLAIM_CHECKS.add("refund.find_day", example={"declared.export_date": "2062-03-02"}, twin={})
def _check_days(claim: ClaimPapers) -> Findings:
    """Exports to come, and those before the tax."""
    for item in claim.declared:
        if not FIRST_DAY <= item.export_date <= claim.on:
            yield finding(item, day=item.export_date)


def _items_in_state(claim: ClaimPapers, state: str) -> Iterator[Declared]:
    for item in claim.declared:
        past = FIRST_DAY <= item.export_date <= claim.on
        if past and state_on(deadlines(item.export_date), claim.on) == state:
            yield item


@CLAIM_CHECKS.add("refund.find_lapsed", example={"on": "2029-03-03"}, twin={"on": "2029-03-02"})
def _check_lapsed(claim: ClaimPapers) -> Findings:
    """Exports that are taxed like sales at home after 36 months."""
    for item in _items_in_state(claim, "lapsed"):
        yield finding(item, day=deadlines(item.export_date).deemed_domestic_on)


@CLAIM_CHECKS.add("refund.find_late", example={"on": "2027-05-01"}, twin={"on": "2027-04-30"})
def _check_late(claim: ClaimPapers) -> Findings:
    """Exports past the ordinary limit."""
    for item in _items_in_state(claim, "late"):
        yield finding(item, day=deadlines(item.export_date).ordinary_claim_by)


def _item_rates(claim: ClaimPapers) -> Iterator[tuple[Declared, DatedRate | OffingError]]:
    """The items that have a code, with its refund rate, or why there is none."""
    for item in claim.declared:
        if claim.rate_of is not None and item.code:
            try:
                yield item, claim.rate_of(item)
            except OffingError as error:
                yield item, error


@CLAIM_CHECKS.add(
    "refund.find_rate_unknown", example={"declared.code": "8999999999"}, twin={"declared.code": ""}
)
def _check_known_rates(claim: ClaimPapers) -> Findings:
    """Codes without a rate, or with one that is not clear."""
    silent = _NO_FINDING if claim.library else (*_NO_FINDING, *_NO_RATE)
    for item, error in _item_rates(claim):
        if isinstance(error, OffingError) and error.key not in silent:
            yield finding(item, code=item.code, why=error.found)


@CLAIM_CHECKS.add("refund.find_rate_nought", example={"declared.code": "7604210000"}, twin={})
def _check_refunded_goods(claim: ClaimPapers) -> Findings:
    """Goods that are taxed like sales at home, exempt, or levied and not refunded."""
    for item, rate in _item_rates(claim):
        if not isinstance(rate, OffingError) and not rate.refund_rate:
            why, source = say(f"refund.find_rate_{rate.treatment}"), cite_source(rate.source)
            yield finding(item, code=item.code, day=item.export_date, why=why, source=source)


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


@CLAIM_CHECKS.add(
    "refund.find_invoice_twice", example={"bought.again": {}}, twin={"bought.again": {"key": "7"}}
)
def _check_repeated_invoices(claim: ClaimPapers) -> Findings:
    """A line of an invoice is used once."""
    seen: dict[tuple[object, ...], Invoiced] = {}
    for line in claim.bought or ():
        first = seen.setdefault((line.key, line.name, line.quantity, line.net), line)
        if first is not line:
            yield finding(line, first.where, row=first.where.row)


@CLAIM_CHECKS.add(
    "refund.find_invoice_rate", example={"bought.rate": "0.17"}, twin={"bought.rate": "0.09"}
)
def _check_levies(claim: ClaimPapers) -> Findings:
    """Rates that were no level of the levy on the day."""
    for line in claim.bought or ():
        if line.rate is not None and line.rate not in levies(line.on):
            yield finding(line, rate=percent(line.rate), day=line.on)


@CLAIM_CHECKS.add("refund.find_void", example={"bought.status": "异常凭证"}, twin={})
def _check_status(claim: ClaimPapers) -> Findings:
    """Invoices that do not hold, and red ones above nought."""
    for line in claim.bought or ():
        if any(word in line.status for word in INVALID) or (RED in line.status and line.net > 0):
            yield finding(line, status=line.status)


@CLAIM_CHECKS.add(
    "refund.find_tax", example={"bought.tax": "42900.07"}, twin={"bought.tax": "42900.06"}
)
def _check_tax(claim: ClaimPapers) -> Findings:
    """Tax is net × rate, and there is some to refund."""
    for line in claim.bought or ():
        with exactly():
            due = line.tax if line.rate is None else line.net * line.rate
            gap = abs(due - line.tax)
        if gap > ROUNDING or (line.net > 0 and line.tax == 0):
            yield finding(line, money=gap or line.net, tax=figure(line.tax), due=figure(due))


@CLAIM_CHECKS.add(
    "refund.find_invoice_number",
    example={"bought.key": "26370000000001700000"},
    twin={"bought.key": "3200191130-04512345"},
)
def _check_invoice_numbers(claim: ClaimPapers) -> Findings:
    """20 digits, or a code of 10 and a number of 8; a spreadsheet keeps 15, noughts after."""
    for line in claim.bought or ():
        digits = line.key.replace("-", "")
        if not digits.isdigit() or len(digits) not in (18, 20) or digits[15:] == "00000":
            yield finding(line)


@CLAIM_CHECKS.add("refund.find_other_buyer", example={"bought.buyer": "Nord Handel GmbH"}, twin={})
def _check_buyers(claim: ClaimPapers) -> Findings:
    """Invoices that are made out to a buyer abroad, or to another firm than most are."""
    lines = [line for line in claim.bought or () if line.buyer]
    firms = Counter(same_firm(line.buyer) for line in lines)
    own = max(firms, key=lambda name: firms[name], default="")
    abroad = {same_firm(item.buyer) for item in claim.declared if item.buyer}
    for line in lines:
        if (name := same_firm(line.buyer)) != own or name in abroad:
            yield finding(line, buyer=line.buyer)


@CLAIM_CHECKS.add("refund.find_no_invoice", example={"bought": ()}, twin={})
def _check_purchases(claim: ClaimPapers) -> Findings:
    """Goods that no supplier has invoiced."""
    yield from (finding(match.item) for match in claim.purchases if not match.by_unit)


@CLAIM_CHECKS.add("refund.find_unit", example={"bought.unit": "箱"}, twin={"bought.unit": "001"})
def _check_units(claim: ClaimPapers) -> Findings:
    """Goods that are invoiced in another unit."""
    for match in claim.purchases:
        unit = match.item.unit
        if match.by_unit and same_unit(unit)[0] not in match.by_unit:
            lines = list(match.by_unit.values())
            units = join_list(sorted({line.unit for line in lines})) or "\N{EM DASH}"
            yield finding(match.item, lines[0].where, unit=unit or "\N{EM DASH}", other=units)


@CLAIM_CHECKS.add(
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


@CLAIM_CHECKS.add("refund.find_levy", example={"bought.rate": "0.09"}, twin={"bought.rate": "0.03"})
def _check_refundable_levy(claim: ClaimPapers) -> Findings:
    """Invoices with another full levy than that of the code: one that none is, is said alone."""
    for match in claim.purchases:
        rate = _rate(claim, match.item)
        for line in [used.line for used in match.matches] if rate else ():
            if rate and line.rate in levies(line.on) - {rate.levy_rate, *LEVY_RATES}:
                levied, levy = percent(line.rate), percent(rate.levy_rate)
                yield finding(match.item, line.where, invoice=line.key, levied=levied, levy=levy)


@CLAIM_CHECKS.add("refund.find_exchange_cost", example={"bought.net": "450000"}, twin={})
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


EXACT = Decimal(1)
"""Units of the currency by which an invoice and a declaration may differ."""
CONVERTED = Decimal("0.02")
"""The share by which they may differ where one is in yuan at a rate of the books."""
BANK_SHARE, BANK_LEAST = Decimal("0.005"), Decimal(50)
"""What banks on the way may keep: half a per cent, and 50 units of the currency."""
OTHER_DAY = Decimal("0.03")
"""The share by which money in another currency may differ: the rate of another day."""


@CLAIM_CHECKS.add("refund.find_no_sale", example={"sold": ()}, twin={"sold.declaration": ""})
def _check_invoiced(claim: ClaimPapers) -> Findings:
    """Items without an export invoice."""
    yield from (finding(row) for rows, lines in claim.sales[0] if not lines for row in rows)


@CLAIM_CHECKS.add(
    "refund.find_stray_sale", example={"sold.declaration": "7"}, twin={"sold.item": ""}
)
def _check_stray_sales(claim: ClaimPapers) -> Findings:
    """Export invoices without a declaration."""
    yield from map(finding, claim.sales[1])


@CLAIM_CHECKS.add(
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


@CLAIM_CHECKS.add("refund.find_stray_money", example={"received.number": "7"}, twin={})
def _check_stray_money(claim: ClaimPapers) -> Findings:
    """Money for none of the declarations."""
    yield from (finding(receipt, amount=figure(receipt.amount)) for receipt in claim.receipts[1])


@CLAIM_CHECKS.add(
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


def cross_check(claim: ClaimPapers) -> tuple[PaperFinding, ...]:
    """Everything that does not fit, the largest amount first."""
    found = [
        replace(
            one,
            kind=check.key.rpartition("find_")[2],
            cny=claim.worth(abs(one.money[0]), one.money[1], "CNY"),
        )
        for check in CLAIM_CHECKS.checks
        for one in check.find(claim)
    ]
    found.sort(key=lambda one: (str(one.where.file), one.where.row or 0, one.kind))
    return tuple(sorted(found, key=lambda one: -abs(one.money[0] if one.cny is None else one.cny)))


KindTotal = tuple[PaperFinding, int, Decimal]
"""The first finding of a kind, how many there are, and the CNY that they touch."""


def totals_by_kind(findings: Iterable[PaperFinding]) -> tuple[KindTotal, ...]:
    """The findings summed by kind, the largest first; a sum leaves out what has no rate."""
    kinds: dict[str, list[PaperFinding]] = {}
    for one in findings:
        kinds.setdefault(one.kind, []).append(one)
    totals = [
        (some[0], len(some), sum((one.cny or Decimal(0) for one in some), Decimal(0)))
        for some in kinds.values()
    ]
    return tuple(sorted(totals, key=lambda total: (-total[2], total[0].kind)))
