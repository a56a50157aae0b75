"""Doubts between declarations and the invoices of suppliers: goods, units, quantities, days, codes.

An item of a declaration takes its goods from the suppliers' invoices of the same goods and unit,
the oldest first; from those that name its declaration, where an invoice names one.
"""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from offing.refunds.doubts.declarations import SPREADSHEET_DIGITS
from offing.refunds.doubts.doubt import (
    Doubt,
    RateOf,
    Worth,
    counted,
    figure,
    of_item,
    same_firm,
    same_unit,
)
from offing.refunds.doubts.places import differ
from offing.refunds.month_checks import levies
from offing.rules.citing import percent
from offing.terms.amounts import exactly
from offing.terms.errors import OffingError
from offing.terms.firm_records import Declared, Invoiced
from offing.terms.messages import enumerated

ROUNDING = Decimal("0.06")
"""Tax on an invoice is rounded line by line; a few fen are no doubt."""
RED = "红字"
"""Right of a line below nought; another one has lost its sign."""
INVALID = ("作废", "红冲", "已红冲", "失控", "异常")
OLDEST_INPUT = timedelta(days=365)
LEVY_RATES = tuple(map(Decimal, ("0.01", "0.03", "0.05")))
"""征收率 of small-scale and simplified taxpayers: the refund is then no higher."""
EXCHANGE_COST = (Decimal(5), Decimal(8))
"""CNY of purchases for a US dollar of FOB, between which a refund system does not ask: customary
limits, from memory; a bureau sets its own."""


def of_buyers(rows: Sequence[Invoiced], declared: Sequence[Declared]) -> Iterable[Doubt]:
    """Invoices that are made out to a buyer abroad, or to another firm than most are."""
    firms = Counter(same_firm(row.buyer) for row in rows if row.buyer)
    own = max(firms, key=lambda name: firms[name], default="")
    abroad = {same_firm(row.buyer) for row in declared if row.buyer}
    for row in rows:
        if row.buyer and ((name := same_firm(row.buyer)) != own or name in abroad):
            yield of_item("other_buyer", row, buyer=row.buyer)


def of_invoices(rows: Sequence[Invoiced]) -> Iterable[Doubt]:
    """What suppliers' invoices raise alone."""
    seen: dict[tuple[str, str, Decimal, Decimal], Invoiced] = {}
    for row in rows:
        same = seen.setdefault((row.key, row.name, row.quantity, row.net), row)
        if same is not row:
            yield of_item("invoice_twice", row, same.where, row=same.where.row)
        if row.rate is not None and row.rate not in levies(row.on):
            yield of_item("invoice_rate", row, rate=percent(row.rate), day=row.on)
        if any(word in row.status for word in INVALID) or (RED in row.status and row.net > 0):
            yield of_item("void", row, status=row.status)
        if row.rate is not None:
            with exactly():
                due = row.net * row.rate
            if abs(due - row.tax) > ROUNDING:
                sums: dict[str, Any] = {"tax": figure(row.tax), "due": figure(due)}
                yield of_item("tax", row, money=abs(due - row.tax), **sums)
        if row.net > 0 and row.tax == 0:
            yield of_item("no_tax", row)
        digits = row.key.replace("-", "")
        if not digits.isdigit() or len(digits) not in (18, 20):
            yield of_item("invoice_number", row)
        elif len(digits) == 20 and digits.endswith("0" * (20 - SPREADSHEET_DIGITS)):
            yield of_item("invoice_cut", row)


@dataclass
class _Lot:
    """What is left of a line of an invoice, in the unit under which its own goes."""

    line: Invoiced
    left: Decimal


@dataclass(frozen=True)
class Taken:
    """What an item of a declaration takes from a line of an invoice, in the same unit."""

    line: Invoiced
    quantity: Decimal


def _lots(invoiced: Sequence[Invoiced]) -> dict[str, list[_Lot]]:
    """The lines by goods, the oldest first; red lines take off what was bought before them."""
    lots: dict[str, list[_Lot]] = {}
    usable = [line for line in invoiced if "作废" not in line.status]
    for line in sorted(usable, key=lambda line: line.on):
        mine = lots.setdefault(line.name, [])
        if line.quantity >= 0:
            mine.append(_Lot(line, counted(line)))
            continue
        back = -counted(line)
        for lot in reversed(mine):
            if same_unit(lot.line.unit)[0] == same_unit(line.unit)[0]:
                off = min(back, lot.left)
                lot.left, back = lot.left - off, back - off
    return lots


class _Stock:
    """What is left to take, by goods and unit; lots for one declaration apart from the others."""

    def __init__(self, invoiced: Sequence[Invoiced]) -> None:
        self.units: dict[tuple[str, str], dict[str, Invoiced]] = {}
        self.open: dict[tuple[str, str, str], deque[_Lot]] = {}
        for name, lots in _lots(invoiced).items():
            for lot in lots:
                number, unit = lot.line.declaration, same_unit(lot.line.unit)[0]
                self.units.setdefault((name, number), {}).setdefault(unit, lot.line)
                self.open.setdefault((name, number, unit), deque()).append(lot)

    def known(self, row: Declared) -> dict[str, Invoiced]:
        """The units in which the goods of an item were bought, with a line of each."""
        names = ((row.name, row.number), (row.name, ""))
        return {unit: line for name in names for unit, line in self.units.get(name, {}).items()}

    def take(self, row: Declared) -> tuple[list[Taken], Decimal]:
        """What an item takes, and the quantity that no invoice covers."""
        inputs: list[Taken] = []
        short = counted(row)
        for number in (row.number, ""):
            lots = self.open.get((row.name, number, same_unit(row.unit)[0]), deque())
            while lots and short > 0:
                lot = lots[0]
                quantity = min(short, lot.left)
                if quantity > 0:
                    inputs.append(Taken(lot.line, quantity))
                lot.left, short = lot.left - quantity, short - quantity
                if lot.left <= 0:
                    lots.popleft()
        return inputs, short


def of_bought(
    declared: Sequence[Declared], invoiced: Sequence[Invoiced], worth: Worth, rate_of: RateOf
) -> Iterable[Doubt]:
    """What declarations and suppliers' invoices raise together."""
    stock = _Stock(invoiced)
    for row in sorted(declared, key=lambda row: row.export_date):
        by_unit = stock.known(row)
        if not by_unit:
            yield of_item("no_invoice", row)
            continue
        name, times = same_unit(row.unit)
        fitting = by_unit.get(name)
        if fitting is None:
            line = next(iter(by_unit.values()))
            units = enumerated(sorted({line.unit for line in by_unit.values()})) or "\N{EM DASH}"
            unit = row.unit or "\N{EM DASH}"
            yield of_item("unit", row, line.where, unit=unit, other=units)
            continue
        inputs, short = stock.take(row)
        if short > 0:
            with exactly():
                share = row.fob * short / counted(row)
                short /= times
            places = [used.line.where for used in inputs] or [fitting.where]
            missing = f"{short.normalize():f}"
            yield of_item("quantity", row, *places, money=share, short=missing, unit=row.unit)
        yield from _of_taken(row, inputs)
        if inputs and short <= 0:
            yield from _of_cost(row, inputs, worth, rate_of)


def _of_taken(row: Declared, inputs: Sequence[Taken]) -> Iterable[Doubt]:
    """Days, codes and suppliers of what an item takes."""
    for used in inputs:
        line = used.line
        days: dict[str, Any] = {"invoice": line.key, "day": line.on, "exported": row.export_date}
        if line.on > row.export_date:
            yield of_item("input_after", row, line.where, money=_fob_of(row, used), **days)
        elif row.export_date - line.on > OLDEST_INPUT:
            yield of_item("input_old", row, line.where, money=_fob_of(row, used), **days)
        if line.code and row.code and line.code[:4] != row.code[:4]:
            codes: dict[str, Any] = {"invoice": line.key, "code": row.code, "other": line.code}
            yield of_item("input_code", row, line.where, **codes)
        if line.supplier and row.place and differ(line.supplier, row.place):
            named: dict[str, Any] = {"supplier": line.supplier, "place": row.place}
            yield of_item("supplier_place", row, line.where, **named)


def _fob_of(row: Declared, used: Taken) -> Decimal:
    with exactly():
        return row.fob * used.quantity / counted(row)


def _of_cost(
    row: Declared, inputs: Sequence[Taken], worth: Worth, rate_of: RateOf
) -> Iterable[Doubt]:
    """换汇成本 of an item that is wholly covered, and the levy of its invoices."""
    try:
        rate = rate_of(row)
    except OffingError:
        rate = None
    for used in inputs:
        levied = used.line.rate
        levy_rates = levies(used.line.on)  # what is none of them is said of the invoice alone
        if rate is None or levied not in levy_rates - {rate.levy_rate, *LEVY_RATES}:
            continue
        shares: dict[str, Any] = {"levied": percent(levied), "levy": percent(rate.levy_rate)}
        yield of_item("levy", row, used.line.where, invoice=used.line.key, **shares)
    dollars = worth(row.fob, row.currency or "CNY", "USD")
    if not dollars or dollars <= 0:
        return
    with exactly():
        net = sum(
            (used.line.net * used.quantity / counted(used.line) for used in inputs), Decimal(0)
        )
        factor = 1 if rate is None else 1 + rate.levy_rate - rate.refund_rate
        cost = net * factor / dollars
    low, high = EXCHANGE_COST
    if not low <= cost <= high:
        sums: dict[str, Any] = {"cost": f"{cost:.4f}", "low": low, "high": high}
        yield of_item("exchange_cost", row, *(used.line.where for used in inputs), **sums)
