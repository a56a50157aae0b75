"""Value dates of the exchange market: spot, and a tenor from there, modified following.

A spot date that is its month's last working day leads to the last working day of the month.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

SPOT_DAYS = 2
"""Working days from a deal to its spot value date."""


def value_dates(
    traded: date,
    months: int,
    days: int,
    closed: frozenset[date] = frozenset(),
    settle_days: int = SPOT_DAYS,
) -> tuple[date, date]:
    """The spot date, and the value date so many months and days on.

    Args:
        traded: day of the deal.
        months: of the tenor.
        days: of the tenor, besides.
        closed: holidays; Saturdays and Sundays are none.
        settle_days: working days to the spot date.

    >>> [str(day) for day in value_dates(date(2026, 1, 28), 1, 0)]
    ['2026-01-30', '2026-02-27']
    """
    spot, left = traded, settle_days
    while left > 0:
        spot += timedelta(days=1)
        left -= _working(spot, closed)
    nominal = _months_on(spot, months) + timedelta(days=days)
    following = next(d for d in _from(spot + timedelta(days=1), 1) if _working(d, closed))
    if months and following.month != spot.month:
        nominal = nominal.replace(day=monthrange(nominal.year, nominal.month)[1])
    return spot, _roll_day(nominal, closed)


def _working(day: date, closed: frozenset[date]) -> bool:
    return day.weekday() < 5 and day not in closed


def _roll_day(day: date, closed: frozenset[date]) -> date:
    """The day, or the next working day; the last one of the month before a new month begins."""
    later = next(d for d in _from(day, 1) if _working(d, closed))
    if later.month == day.month:
        return later
    return next(d for d in _from(day, -1) if _working(d, closed))


def _from(day: date, step: int) -> Iterator[date]:
    while True:
        yield day
        day += timedelta(days=step)


def _months_on(day: date, months: int) -> date:
    """The same day so many months on, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
