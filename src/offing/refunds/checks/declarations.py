"""What declarations say alone: numbers, days, modes, limits, prices, rates of their codes."""

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from statistics import median

from offing.refunds.calendar import deadlines, state_on
from offing.refunds.checks.claim import ClaimChecks, ClaimPapers, Findings, finding
from offing.refunds.checks.matching import quantity_in_unit, same_unit
from offing.refunds.rates import FIRST_DAY
from offing.refunds.rules import DatedRate
from offing.rules.citing import cite_source
from offing.terms.amounts import exactly
from offing.terms.errors import OffingError
from offing.terms.firm_records import Declared
from offing.terms.messages import say
from offing.terms.units import unit_of
from offing.terms.usual_prices import Level, shipped

CHECKS = ClaimChecks()
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


@CHECKS.add("refund.find_number", example={"declared.number": "420120260000001000"}, twin={})
def _check_numbers(claim: ClaimPapers) -> Findings:
    """海关编号: customs office (4), year (4), 0 for an export, serial number (9).

    A spreadsheet keeps 15 digits of a number that was not entered as text.
    """
    for item in claim.declared:
        number, year = item.number, item.export_date.year
        export = re.fullmatch(rf"\d{{4}}({year - 1}|{year})0\d{{9}}", number)
        if not export or number.endswith("000"):
            yield finding(item, day=item.export_date)


@CHECKS.add(
    "refund.find_twice", example={"declared.again": {}}, twin={"declared.again": {"item": "2"}}
)
def _check_repeated_items(claim: ClaimPapers) -> Findings:
    """An item is refunded once."""
    seen: dict[tuple[str, str], Declared] = {}
    for item in claim.declared:
        first = seen.setdefault((item.number, item.item), item)
        if item.item and first is not item:
            yield finding(item, first.where, row=first.where.row)


@CHECKS.add("refund.find_not_positive", example={"declared.total": "-50000"}, twin={})
def _check_signs(claim: ClaimPapers) -> Findings:
    """Totals, FOB prices and quantities are above nought."""
    for item in claim.declared:
        if min(item.total, item.fob) <= 0 or (item.unit and item.quantity <= 0):
            yield finding(item, total=f"{item.total:f}", quantity=f"{item.quantity:f}")


@CHECKS.add(
    "refund.find_mode", example={"declared.mode": "来料加工"}, twin={"declared.mode": "9610电商"}
)
def _check_modes(claim: ClaimPapers) -> Findings:
    """Modes, a code of four digits, a name or both, that are not refunded in the ordinary way."""
    for item in claim.declared:
        names = (item.mode[:4], re.split(r"[(（]", item.mode)[0])
        if item.mode and not REFUNDED_MODES & {*names}:
            yield finding(item, mode=item.mode)


@CHECKS.add(
    "refund.find_code", example={"declared.code": "852872400"}, twin={"declared.code": "85287240"}
)
def _check_codes(claim: ClaimPapers) -> Findings:
    """Codes of another length have lost a zero."""
    for item in claim.declared:
        if item.code and not re.fullmatch(r"\d{8}|\d{10}|\d{13}", item.code):
            yield finding(item, code=item.code)


@CHECKS.add("refund.find_day", example={"declared.export_date": "2062-03-02"}, twin={})
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


@CHECKS.add("refund.find_lapsed", example={"on": "2029-03-03"}, twin={"on": "2029-03-02"})
def _check_lapsed(claim: ClaimPapers) -> Findings:
    """Exports that are taxed like sales at home after 36 months."""
    for item in _items_in_state(claim, "lapsed"):
        yield finding(item, day=deadlines(item.export_date).deemed_domestic_on)


@CHECKS.add("refund.find_late", example={"on": "2027-05-01"}, twin={"on": "2027-04-30"})
def _check_late(claim: ClaimPapers) -> Findings:
    """Exports past the ordinary limit."""
    for item in _items_in_state(claim, "late"):
        yield finding(item, day=deadlines(item.export_date).ordinary_claim_by)


@CHECKS.add("refund.find_price_level", example={"declared.total": "5"}, twin={})
def _check_price_levels(claim: ClaimPapers) -> Findings:
    """Goods that cost in the middle of all papers what such goods hardly do anywhere."""
    kinds: dict[tuple[str, str, str], list[Declared]] = defaultdict(list)
    for item in claim.declared:
        if item.quantity > 0 and item.total > 0:
            name = same_unit(item.unit)[0]
            unit = "kg" if name in ("千克", "070", "036") else unit_of(name)
            kinds[item.code[:6], unit or "", item.currency].append(item)
    levels = [(rows, level) for key, rows in kinds.items() if (level := _level(claim, key, rows))]
    far, _ = shipped().far_levels([level for _, level in levels])
    for place, found in far.items():
        rows = levels[place][0]
        money = sum((item.total for item in rows), Decimal(0))
        yield finding(rows[0], *(item.where for item in rows[1:]), money=money, **found.said())


def _level(claim: ClaimPapers, key: tuple[str, str, str], items: list[Declared]) -> Level | None:
    """USD for a piece or a kilogram in the middle; ``None`` where no rate is known."""
    code, unit, currency = key
    yuan, dollar = (claim.worth(Decimal(1), money, "CNY") for money in (currency, "USD"))
    totals = [claim.worth(item.total, currency, "USD") for item in items]
    with exactly():
        prices = [
            total / quantity_in_unit(x) for total, x in zip(totals, items, strict=True) if total
        ]
    return Level(code, unit, median(prices), yuan, dollar) if prices else None


def _item_rates(claim: ClaimPapers) -> Iterator[tuple[Declared, DatedRate | OffingError]]:
    """The items that have a code, with its refund rate, or why there is none."""
    for item in claim.declared:
        if claim.rate_of is not None and item.code:
            try:
                yield item, claim.rate_of(item)
            except OffingError as error:
                yield item, error


@CHECKS.add(
    "refund.find_rate_unknown", example={"declared.code": "8999999999"}, twin={"declared.code": ""}
)
def _check_known_rates(claim: ClaimPapers) -> Findings:
    """Codes without a rate, or with one that is not clear."""
    silent = _NO_FINDING if claim.library else (*_NO_FINDING, *_NO_RATE)
    for item, error in _item_rates(claim):
        if isinstance(error, OffingError) and error.key not in silent:
            yield finding(item, code=item.code, why=error.found)


@CHECKS.add("refund.find_rate_nought", example={"declared.code": "7604210000"}, twin={})
def _check_refunded_goods(claim: ClaimPapers) -> Findings:
    """Goods that are taxed like sales at home, exempt, or levied and not refunded."""
    for item, rate in _item_rates(claim):
        if not isinstance(rate, OffingError) and not rate.refund_rate:
            why, source = say(f"refund.find_rate_{rate.treatment}"), cite_source(rate.source)
            yield finding(item, code=item.code, day=item.export_date, why=why, source=source)
