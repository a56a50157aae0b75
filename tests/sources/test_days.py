"""Days of a ledger that say a month or a year, beside today: the last day of what is over."""

from datetime import date, timedelta

import pytest

from offing.sources import ledger_line

TODAY = date.today()  # noqa: DTZ011 - the user's own day


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{TODAY.year - 1}", date(TODAY.year - 1, 12, 31)),
        (f"{TODAY.year}", "reference.year_not_over"),
        (f"{TODAY.year + 1}", "reference.day_to_come"),
        (f"{TODAY:%Y-%m}", None),  # a month that runs: its last day, though that is to come
        ("2024-02", date(2024, 2, 29)),
        (f"{TODAY.year + 1}-01", "reference.day_to_come"),
        (f"{TODAY.isoformat()}", TODAY),
        (f"{(TODAY + timedelta(days=1)).isoformat()}", "reference.day_to_come"),
        ("03/04/2024", "reference.ambiguous_date"),
        ("3.4.2024", "reference.ambiguous_date"),
        ("soon", "reference.bad_date"),
        ("", "reference.bad_date"),
    ],
)
def test_a_day_by_what_is_said_of_it(text: str, found: date | str | None) -> None:
    if isinstance(found, str):
        with pytest.raises(ledger_line.UnusableError) as caught:
            ledger_line._day(text, None)
        assert caught.value.args[0] == found
        return
    day = ledger_line._day(text, None)
    if found is None:
        assert (day.year, day.month) == (TODAY.year, TODAY.month)
        assert (day + timedelta(days=1)).month != TODAY.month
    else:
        assert day == found
