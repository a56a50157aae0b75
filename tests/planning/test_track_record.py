"""Independent outcomes and the level of expected sales, by hand."""

from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.planning.track_record import (
    EarlierMove,
    EarlierPlan,
    better_than_staying,
    independent,
    level_of,
)


def plan(year: int, gain: float | None = 1.0, kept: float = 1.0, horizon: int = 2) -> EarlierPlan:
    move = EarlierMove("enter", "tv", "DEU", 1.0, gain, observed=False)
    return EarlierPlan(year, horizon, (move,), 100.0, 100.0 * kept, observed=True)


def test_outcomes_that_share_a_year_are_one() -> None:
    """Two years ahead: 2018 ends in 2020, so 2019 goes with it and 2020 is another."""
    groups = independent([plan(year) for year in (2020, 2018, 2019, 2023)])
    assert [[one.base_year for one in some] for some in groups] == [[2018, 2019], [2020], [2023]]
    assert better_than_staying([plan(2018, -3.0), plan(2019, 2.0), plan(2020, 1.0)]) == (1, 2)
    # One that nobody knows the outcome of is none.
    assert better_than_staying([plan(2018, None), plan(2020, 1.0)]) == (1, 1)


@given(st.sets(st.integers(2000, 2020)), st.integers(1, 4))
def test_there_are_as_many_as_windows_that_share_no_year(years: set[int], horizon: int) -> None:
    """Against trying all subsets, from the last year back."""
    best: dict[int, int] = {}
    for year in sorted(years, reverse=True):
        best[year] = 1 + max((best[y] for y in best if y >= year + horizon), default=0)
    found = independent([plan(year, horizon=horizon) for year in years])
    assert len(found) == max(best.values(), default=0)
    assert sum(map(len, found)) == len(years)


def test_the_level_is_drawn_towards_one_by_what_few_outcomes_cannot_tell() -> None:
    """One of 0.7: a fifth of its log. Two of 0.7 and 0.8: a third of the mean of the logs."""
    one = level_of([plan(2018, kept=0.6), plan(2019, kept=0.8)])
    assert one is not None
    assert one.outcomes == 1
    assert one.kept == pytest.approx(0.7)
    assert one.factor == pytest.approx(exp(log(0.7) / 5))
    two = level_of([plan(2018, kept=0.7), plan(2020, kept=0.8)])
    assert two is not None
    assert two.factor == pytest.approx(exp((log(0.7) + log(0.8)) / 6))
    assert level_of([]) is None
