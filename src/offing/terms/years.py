"""Years between days, as people count them: by anniversaries, whatever leap years lie between."""

from datetime import date, timedelta


def whole_years(since: date, until: date) -> int:
    """How many whole years there are from a day through another, both counted.

    >>> end = date(2024, 12, 31)
    >>> whole_years(date(2024, 1, 1), end), whole_years(date(2024, 1, 2), end)
    (1, 0)
    """
    end = until + timedelta(days=1)
    return end.year - since.year - ((end.month, end.day) < (since.month, since.day))


def years_of_months(first: date, later: date) -> int:
    """How many years of twelve months lie between two months.

    >>> years_of_months(date(2024, 1, 1), date(2024, 12, 31))
    0
    >>> years_of_months(date(2023, 12, 1), date(2024, 12, 31))
    1
    """
    return (12 * (later.year - first.year) + later.month - first.month) // 12
