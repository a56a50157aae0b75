"""The days that some values cover, as an error says them."""

from datetime import date
from types import SimpleNamespace
from typing import Any

from offing.rules.rule_use import days_of
from offing.terms.interval import Interval


def said(*spans: tuple[int | None, int | None]) -> str:
    """Of intervals by their years."""

    def day(year: int | None) -> date | None:
        return None if year is None else date(year, 1, 1)

    values: list[Any] = [SimpleNamespace(when=Interval(day(a), day(b))) for a, b in spans]
    return days_of(values)


def test_days_are_joined_where_they_follow_one_another() -> None:
    assert said() == "—"
    assert said((2020, 2021), (2021, 2022)) == "[2020-01-01, 2022-01-01)"
    assert said((2021, 2022), (2020, 2021)) == "[2020-01-01, 2022-01-01)"
    apart = "[2020-01-01, 2021-01-01), [2022-01-01, 2023-01-01)"
    assert said((2020, 2021), (2022, 2023)) == apart
    assert said((None, 2021), (2022, None)) == "[…, 2021-01-01), [2022-01-01, …)"
    assert said((2020, None), (2022, 2023)) == "[2020-01-01, …)"
    assert said((2020, 2024), (2022, 2023)) == "[2020-01-01, 2024-01-01)"
