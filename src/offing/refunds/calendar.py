"""When an export must be claimed, when its money must be in, and what happens if not.

Exports up to 2025-12-31 may be claimed late at any time once documents and receipts are complete.
Exports from 2026-01-01 are taxed as sales at home on the day after 36 months.
"""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from offing.refunds.rates import FIRST_DAY
from offing.refunds.rules import FirmClass, claim_rules, firm_classes
from offing.rules.rule_use import RuleUse
from offing.terms.errors import InputError, unknown_name
from offing.terms.money import exactly

if TYPE_CHECKING:
    from holidays import HolidayBase

ClaimState = Literal["open", "late", "lapsed"]


@dataclass(frozen=True)
class Deadlines:
    """The days that matter for one export.

    Attributes:
        export_date: on the customs declaration.
        ordinary_claim_by: last day of an ordinary claim. The filing period it falls in must end by
            then, so the practical day can be earlier.
        fx_receipt_by: last day on which the money must be in, or a reason given for it.
        absolute_claim_by: last day of a late claim; ``None`` where there is no end.
        deemed_domestic_on: the day on which the export becomes a taxed sale; ``None`` if never.
        rule: the claim rule used.
    """

    export_date: date
    ordinary_claim_by: date
    fx_receipt_by: date
    absolute_claim_by: date | None
    deemed_domestic_on: date | None
    rule: RuleUse


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day.

    >>> months_later(date(2028, 2, 29), 36)
    datetime.date(2031, 2, 28)
    """
    index = day.month - 1 + months
    year, month = day.year + index // 12, index % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def deadlines(export_date: date, *, receipt_due: date | None = None) -> Deadlines:
    """The claim calendar of an export.

    Args:
        export_date: on the customs declaration.
        receipt_due: the day of payment in a written contract. If it is after the ordinary limit it
            takes its place, but never beyond the 36 months (STA 2026 No. 5 art. 48).

    Raises:
        InputError: ``refund.before_1994``.

    >>> deadlines(date(2026, 1, 15)).deemed_domestic_on
    datetime.date(2029, 1, 16)
    """
    if export_date < FIRST_DAY:
        raise InputError("refund.before_1994", on=export_date)
    rule = next(rule for rule in claim_rules() if rule.when.holds(export_date))
    ordinary = date(export_date.year + 1, rule.ordinary_month, rule.ordinary_day)
    last = None if rule.limit_months is None else months_later(export_date, rule.limit_months)
    receipt = max(ordinary, receipt_due) if receipt_due else ordinary
    if last is not None:
        receipt = min(receipt, last)
    return Deadlines(
        export_date=export_date,
        ordinary_claim_by=ordinary,
        fx_receipt_by=receipt,
        absolute_claim_by=last,
        deemed_domestic_on=None if last is None else last + timedelta(days=1),
        rule=rule.use(),
    )


def firm_class(number: int) -> FirmClass:
    """The class of an exporter.

    Raises:
        InputError: ``errors.unknown_name``.
    """
    if number not in firm_classes():
        raise unknown_name(number, map(str, firm_classes()))
    return firm_classes()[number]


def _working_calendar() -> "HolidayBase":
    """China's holidays and the weekends worked for them (国务院节假日安排), as announced."""
    from holidays import country_holidays

    return country_holidays("CN")


def filed_on(month: date) -> date:
    """The last day on which the return of a month is filed (申报纳税期限): the 15th of the next.

    Three days off or more in a row by then, a public holiday among them, move it by as many
    working days; else a 15th off moves to the next working day (Implementing Rules of the Tax
    Collection Law, art. 109, as the yearly notices of the STA apply it). Holidays of a year that
    are not announced yet are those of the law alone.

    >>> str(filed_on(date(2026, 9, 1)))
    '2026-10-26'
    """
    last, working = months_later(month.replace(day=15), 1), _working_calendar()
    moved = run = public = 0
    for day in (last.replace(day=number) for number in range(1, last.day + 1)):
        off = not working.is_working_day(day)
        run, public = (run + 1, public + (day in working)) if off else (0, 0)
        moved = max(moved, run) if run > 2 and public else moved
    return (
        working.get_nth_working_day(last, moved)
        if moved
        else working.get_nth_working_day(last - timedelta(days=1), 1)
    )


def refund_expected_on(month: date, class_number: int) -> date:
    """The usual day of the refund that is claimed in the return of a month: the class's working
    days after the last day of filing.
    """
    days = firm_class(class_number).working_days
    return _working_calendar().get_nth_working_day(filed_on(month), days)


def usual_days_to_cash(class_number: int) -> int:
    """Days from an export in the middle of a month to its refund: 30, then the class's days.

    >>> [usual_days_to_cash(number) for number in (1, 2, 3, 4)]
    [37, 44, 51, 58]
    """
    return 30 + firm_class(class_number).working_days * 7 // 5


def state_on(days: Deadlines, on: date) -> ClaimState:
    """Whether an export can be claimed in the ordinary way, late, or no more, on a day.

    >>> state_on(deadlines(date(2026, 1, 15)), date(2029, 1, 16))
    'lapsed'
    """
    if days.deemed_domestic_on is not None and on >= days.deemed_domestic_on:
        return "lapsed"
    return "late" if on > days.ordinary_claim_by else "open"


@dataclass(frozen=True)
class Lapse:
    """What becomes of the exports of one month that one return claims, and when.

    Attributes:
        month: of the exports, ``2026-03``.
        claimed_in: the month of the return.
        fob_cny: their FOB value; ``None`` where only purchases are known.
        refund_expected_on: the usual day of the refund.
        ordinary_claim_by: see :class:`Deadlines`.
        fx_receipt_by: see :class:`Deadlines`.
        deemed_domestic_on: of the month's first export; ``None`` where there is no end.
        state: ``open``, ``late`` (claimed, or not yet, after the ordinary limit) or ``lapsed``
            (taxed at home).
    """

    month: str
    claimed_in: str
    fob_cny: Decimal | None
    refund_expected_on: date
    ordinary_claim_by: date
    fx_receipt_by: date
    deemed_domestic_on: date | None
    state: ClaimState


def lapses(
    exports: Iterable[tuple[date, str, Decimal | None]], *, on: date, class_number: int
) -> tuple[Lapse, ...]:
    """What lapses when, by month of export and of the return that claims it.

    ``exports`` has the export date, the return's month and the FOB value of each line. One that was
    claimed is in time by the day on which its return was filed.
    """
    months: dict[tuple[str, str], list[tuple[date, Decimal | None]]] = {}
    for day, claimed_in, fob in exports:
        months.setdefault((f"{day:%Y-%m}", claimed_in), []).append((day, fob))
    lapsed = []
    for (month, claimed_in), lines in sorted(months.items()):
        days = deadlines(min(day for day, _ in lines))
        of_return = date.fromisoformat(f"{claimed_in}-01")
        with exactly():
            known = [fob for _, fob in lines if fob is not None]
            fob_cny = sum(known, Decimal(0)) if known else None
        lapsed.append(
            Lapse(
                month=month,
                claimed_in=claimed_in,
                fob_cny=fob_cny,
                refund_expected_on=refund_expected_on(of_return, class_number),
                ordinary_claim_by=days.ordinary_claim_by,
                fx_receipt_by=days.fx_receipt_by,
                deemed_domestic_on=days.deemed_domestic_on,
                state=state_on(days, min(on, filed_on(of_return))),
            )
        )
    return tuple(lapsed)
