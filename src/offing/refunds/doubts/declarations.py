"""Doubts that a declaration raises alone: numbers, days, modes, limits."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from offing.refunds.calendar import deadlines
from offing.refunds.doubts.doubt import Doubt, of_item
from offing.refunds.doubts.modes import kind_of
from offing.refunds.rates import FIRST_DAY
from offing.terms.firm_records import Declared

SPREADSHEET_DIGITS = 15
"""A spreadsheet keeps so many digits of a number that was not entered as text."""
MODES = {"exempt": "mode", "other": "mode_other", "unknown": "mode_unknown"}
"""What became of a mode → the doubt."""


def of_declarations(rows: Sequence[Declared], on: date) -> Iterable[Doubt]:
    """What declarations raise alone, on a day."""
    seen: dict[tuple[str, str], Declared] = {}
    exported: dict[str, Declared] = {}
    for row in rows:
        yield from _of_number(row)
        if row.item and (row.number, row.item) in seen:
            first = seen[row.number, row.item].where
            yield of_item("twice", row, first, row=first.row)
        seen.setdefault((row.number, row.item), row)
        first_day = exported.setdefault(row.number, row)
        if first_day.export_date != row.export_date:
            days: dict[str, Any] = {"day": row.export_date, "other": first_day.export_date}
            yield of_item("split_days", row, first_day.where, **days, row=first_day.where.row)
        yield from _of_goods(row)
        yield from _of_days(row, on)


def _of_number(row: Declared) -> Iterable[Doubt]:
    """海关编号: customs office (4), year (4), 0 for an export, serial number (9)."""
    if not re.fullmatch(r"\d{18}", row.number):
        yield of_item("number", row)
    elif row.number.endswith("0" * (18 - SPREADSHEET_DIGITS)):
        yield of_item("number_cut", row)
    elif row.number[8] != "0" or int(row.number[4:8]) not in (
        row.export_date.year - 1,
        row.export_date.year,
    ):
        yield of_item("number_year", row, said=row.number[4:9], day=row.export_date)


def _of_goods(row: Declared) -> Iterable[Doubt]:
    if row.total <= 0 or row.fob <= 0 or (row.unit and row.quantity <= 0):
        yield of_item("not_positive", row, total=f"{row.total:f}", quantity=f"{row.quantity:f}")
    if doubt := MODES.get(kind_of(row.mode)):
        yield of_item(doubt, row, mode=row.mode)
    if row.code and not re.fullmatch(r"\d{8}|\d{10}|\d{13}", row.code):
        yield of_item("code", row, code=row.code)


def _of_days(row: Declared, on: date) -> Iterable[Doubt]:
    if row.export_date > on or row.export_date < FIRST_DAY:
        yield of_item("day", row, day=row.export_date)
        return
    if row.booked and row.booked != f"{row.export_date:%Y-%m}":
        yield of_item("booked_month", row, day=row.export_date, month=row.booked)
    days = deadlines(row.export_date)
    if days.deemed_domestic_on and on >= days.deemed_domestic_on:
        yield of_item("lapsed", row, day=days.deemed_domestic_on)
    elif on > days.ordinary_claim_by:
        yield of_item("late", row, day=days.ordinary_claim_by)
