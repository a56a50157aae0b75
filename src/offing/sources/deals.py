"""Read a portfolio of deals from a TOML file or a table (CSV, workbook).

::

    [[deal]]
    name = "Hamburg, March"
    amount = "250000"
    currency = "EUR"
    days = 90
    terms = "open_account"
    accepts = ["CNY"]       # other currencies in which the buyer would take the invoice
    [[deal]]
    name = "panels from Korea"
    amount = "-120000"      # a payable
    currency = "USD"
    days = 60

A table has the same names as headings, or 名称, 金额, 币种, 天数, 付款方式, 成本, 可接受币种. In
place of the days it may have the day of payment, ``due`` or 到期日, which counts before days of
credit (账期). Several accepted currencies stand in one cell with spaces or slashes between. What
``kind`` or 类型 calls to be paid (应付) needs no minus where none of these has one. A deal that
cannot be used goes to the quarantine.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from offing.sources.layout import layout_of
from offing.sources.own_table import toml_row, toml_tables
from offing.sources.user_table import TableRow, build_records, user_table
from offing.terms.caution import Caution
from offing.terms.errors import InputError, OffingError, Where
from offing.terms.firm_records import Deal, Records
from offing.terms.messages import join_list
from offing.terms.money import clear_amount, currency_code
from offing.terms.sale_terms import payment_term
from offing.terms.text import normal

KEYS = tuple(layout_of("deals").names)

LARGEST = Decimal("1e15")
"""No deal is above it: more is a slip of the keyboard."""


_DAYS = re.compile(r"([0-9]{1,6})\s*(?:天|日|days?|d)?", re.IGNORECASE)
"""Days as contracts write them: 60, 60天, 60 days."""
_CREDIT = re.compile(r"(\D+)(\d{1,3})\s*+(?:天|日|days?|d)(?![a-z])([^\d%]*)", re.IGNORECASE)
"""A term with its days: T/T 90天, O/A 60 days after B/L."""
_OF_CREDIT = {
    "tt": "open_account",
    "电汇": "open_account",
    "lc": "usance_lc",
    "信用证": "usance_lc",
}
"""What is a term of its own once days of credit stand behind it."""
_TO_PAY = re.compile(r"应付|待付|付款|支出|\bpayables?\b|\bto pay\b|\boutgoing\b", re.IGNORECASE)
_TO_RECEIVE = re.compile(
    r"应收|待收|收款|收入|\breceivables?\b|\bto receive\b|\bincoming\b", re.IGNORECASE
)
_IN_A_NAME = re.compile(r"应付|待付|\bpayables?\b|\bto pay\b", re.IGNORECASE)
"""What a deal is called that the firm pays or is paid."""
_OVER = re.compile(
    r"(?<![未非没])(已收|已付|已结|结清|作废|取消)"
    r"|^\s*(fully )?(paid|settled|received|closed|cancell?ed)\b",
    re.IGNORECASE,
)
"""Statuses of a deal that is no more open."""
_OTHER_TIME = re.compile(r"月|周|星期|季|年|month|week|quarter|year", re.IGNORECASE)


def read_deals(
    path: Path, on: date | None = None, check: Callable[[Deal], None] = lambda _: None
) -> Records[Deal]:
    """The deals of a portfolio; TOML unless the file is a table by its ending.

    Args:
        path: of the file.
        on: the day from which days of payment count.
        check: refuses a deal that cannot be used.

    Raises:
        InputError: the file is missing or cannot be read, or no deal of it can be used.
    """
    unsigned = False

    def read_deal(row: TableRow) -> Deal:
        deal = _deal(row, on, unsigned)
        try:
            check(deal)
        except OffingError as error:
            error.where = error.where or row.where
            raise
        return deal

    if path.suffix.lower() in (".toml", ""):
        good, quarantined = build_records(
            toml_tables(path, "deal"), lambda table: read_deal(toml_row(*table, "deals"))
        )
        notes: tuple[Caution, ...] = ()
    else:
        table = user_table(path, "deals")
        payables = [row for row in table.rows if _TO_PAY.search(row.text("kind"))]
        unsigned = not any(re.search("[-(−]", row.text("amount")) for row in payables)
        good, quarantined = build_records(table.rows, read_deal)
        notes = table.notes
    if not good:
        where = Where(path)
        raise (
            quarantined[0]
            if quarantined
            else InputError("settle.no_rows", where=where, all=join_list(KEYS))
        )
    return Records(good, quarantined, notes, path)


def _deal(row: TableRow, on: date | None, unsigned: bool) -> Deal:
    """``unsigned``: what is to be paid stands without a minus throughout."""
    stated = _days(row, on)
    terms, credit = _terms(row, stated)
    code, days = row.currency_of("amount"), stated or credit
    for key, cell in (("amount", row.text("amount")), ("currency", code), ("days", days)):
        if not cell:
            named = layout_of("deals").label(key) if row.columns else key
            raise InputError("settle.missing_key", where=row.where, key=named)
    number = days_of(int(said[1]) if (said := _DAYS.fullmatch(days)) else days, row.where)
    if credit and int(credit) != number and row.text("days") and not row.text("due"):
        raise InputError(
            "settle.other_days",
            where=row.at("terms"), text=row.text("terms"), said=credit, days=number,
        )  # fmt: skip
    amount = deal_amount(row.amount("amount"), row.where)
    if unsigned and _TO_PAY.search(row.text("kind")):
        amount = -amount
    _must_be_open(row, amount)
    accepts = re.split(r"[\s,;/，；、]+", row.text("accepts"))
    return Deal(
        amount=amount,
        currency=code,
        days=number,
        terms=terms,
        cost_cny=row.unsigned_amount("cost_cny"),
        name=" ".join(filter(None, map(row.text, ("name", "contract")))),
        accepts=tuple(currency_code(code, where=row.where) for code in accepts if code),
    )


def _must_be_open(row: TableRow, amount: Decimal) -> None:
    """Refuse a deal that is over, and one whose sign is not that of its word.

    Raises:
        InputError: ``settle.over``, ``settle.other_sign``.
    """
    if _OVER.search(row.text("state")):
        raise InputError("settle.over", where=row.at("state"), text=row.text("state"))
    kind, name = row.text("kind"), row.text("name")
    pays = _TO_PAY.search(kind) or (not kind and _IN_A_NAME.search(name))
    if amount > 0 if pays else amount < 0 and _TO_RECEIVE.search(kind):
        place = row.at("kind" if kind else "name")
        raise InputError("settle.other_sign", where=place, text=kind or name, amount=amount)


def _terms(row: TableRow, days: str) -> tuple[str, str]:
    """The term of payment, and the days of credit that stand with it; empty where none do.

    A T/T that is paid only after ``days`` is one of credit; a letter may be at sight all the same.
    """
    text, credit = normal(row.text("terms")), ""
    if said := _CREDIT.fullmatch(text):
        text, credit = said[1].strip(" ,、"), said[2]
    of_credit = _OF_CREDIT.get(re.sub(r"[\s/.-]", "", text).lower(), text)
    if credit or (of_credit == "open_account" and days.strip("0")):
        text = of_credit
    return payment_term(text or "open_account", where=row.at("terms")), credit


def _days(row: TableRow, on: date | None) -> str:
    """Days to payment as the row states them, or to its day of payment.

    Raises:
        InputError: ``settle.not_in_days`` under a heading of months, ``settle.overdue``,
            ``settle.other_due`` where days to payment lead to another day.
    """
    stated, column = normal(row.text("days")), row.columns.get("days")
    named = column.heading.text if column else ""
    if _OTHER_TIME.search(named):
        raise InputError("settle.not_in_days", where=row.at("days"))
    if on is None or (due := row.day("due")) is None:
        return stated
    if due < on:
        raise InputError("settle.overdue", where=row.at("due"), due=due, on=on)
    left = str((due - on).days)
    said = _DAYS.fullmatch(stated)
    if stated and "账期" not in named and (said is None or said[1] != left):
        place = row.at("days")
        raise InputError("settle.other_due", where=place, days=stated, due=due, left=left, on=on)
    return left


def deal_amount(value: Any, where: Where | None) -> Decimal:
    """The price of a deal, not zero and not beyond reason.

    Raises:
        InputError: ``settle.no_amount``, ``settle.too_large``, or it is not a number.
    """
    found = clear_amount(value, where=where)
    if not found:
        raise InputError("settle.no_amount", where=where)
    if abs(found) > LARGEST:
        raise InputError("settle.too_large", where=where, value=value)
    return found


def days_of(value: object, where: Where | None = None) -> int:
    """Days to payment: 0 to 1080.

    Raises:
        InputError: ``settle.bad_days``.
    """
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1080:
        return value
    raise InputError("settle.bad_days", where=where, value=value)
