"""How far ahead: counted from the day that asks, not from the last year of the data."""

from datetime import date

from offing.terms.errors import InputError

_MIDDLE = (7, 1)


def target_year(on: date, horizon: int) -> int:
    """The calendar year that has most of the twelve months that end ``horizon`` years after a day.

    >>> target_year(date(2026, 11, 26), 1), target_year(date(2027, 2, 1), 1)
    (2027, 2027)
    """
    return on.year + horizon - (1 if (on.month, on.day) < _MIDDLE else 0)


def years_ahead(base_year: int, on: date, horizon: int) -> int:
    """Years from the base year to the year that is asked for, at least one.

    Raises:
        InputError: ``market.day_before_base``: the day is before the base year.

    >>> years_ahead(2024, date(2026, 11, 26), 2)
    4
    """
    if on.year < base_year:
        raise InputError("market.day_before_base", day=on, year=base_year)
    return max(target_year(on, horizon) - base_year, 1)
