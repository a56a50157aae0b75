"""Numbers over firms: an attacker who sees every sum of every run finds no firm, nor two."""

from dataclasses import replace

import numpy as np

from firm_answers import gives_away
from offing.policy.disclosure import (
    FirmEntry,
    count_kinds,
    group_entries,
    is_rest_hidden,
    publish_sums,
)
from offing.study.firm_exposure import Measure, MeasurePart

HEADINGS = ("8507", "8528")


def entry(firm: str, market: str = "DEU", heading: str = "8528", value: float = 1.0) -> FirmEntry:
    return FirmEntry(firm, market, heading, value)


def test_cells_of_three_firms_stand_and_others_are_merged_or_wait() -> None:
    entries = [
        *(entry(f"F{n}", value=10.0 + n) for n in range(3)),  # a cell of its own
        *(entry(f"F{n}", "POL", HEADINGS[n % 2], 5.0) for n in range(3)),  # a market
        *(entry(f"F{n}", "VNM", "8528", 2.0) for n in range(2)), entry("F2", "KOR"),  # the rest
        entry("F9", "JPN"), entry("F8", "JPN", "8507"),
    ]  # fmt: skip
    sums = publish_sums(group_entries([entries]))
    assert [(one.market, one.heading, one.firms, one.value) for one in sums] == [
        ("DEU", "8528", 3, 33.0), ("POL", "", 3, 15.0), ("", "", 5, 7.0),
    ]  # fmt: skip
    assert group_entries([entries[:2]]) == (), "two firms wait"


def test_a_sum_has_three_digits_and_is_no_more_than_it_is() -> None:
    """36,000,000 + 550,000 + 5,200 is 36,555,200: no other values of two digits add up to it."""
    values = (36e6, 550e3, 5.2e3)
    (one,) = publish_sums(group_entries([[entry(f"F{v}", value=v) for v in values]]))
    assert one.value == 36_500_000
    (two,) = publish_sums(group_entries([[entry(f"F{n}", value=1.0) for n in range(1239)]]))
    assert (two.firms, two.value) == (1239, 1230)


def test_two_that_join_a_cell_wait_for_a_third() -> None:
    first = [entry(f"F{n}") for n in range(3)]
    joined = [entry("N1", value=100.0), entry("N2", value=50.0)]  # of a third, nothing
    before = group_entries([first])
    assert group_entries([first, joined]) == before
    (one,) = publish_sums(group_entries([first, joined, [entry("N4", value=7.0)]]))
    assert (one.firms, one.value) == (6, 160.0)


def test_what_groups_of_a_merged_place_have_in_common_is_not_told() -> None:
    """F0 is in both: of its market five firms would tell so, three do not."""
    first = [entry(f"F{n}", heading=f"850{n}") for n in range(3)]
    later = [entry(f"F{n}", heading=f"851{n}") for n in (0, 8, 9)]
    (one,) = publish_sums(group_entries([first, later]))
    assert (one.market, one.heading, one.firms, one.value) == ("DEU", "", 3, 6.0)


def test_a_rest_of_one_or_two_is_seen_and_kinds_are_of_three_firms_each() -> None:
    groups = group_entries([[entry(f"F{n}") for n in range(4)]])
    assert [is_rest_hidden(n, groups) for n in range(4, 8)] == [False, True, True, False]

    def wishes(bare: int, market: str) -> list[FirmEntry]:
        kinds = ["bare"] * bare + ["covered"] * (6 - bare)
        return [FirmEntry(f"F{n}", market, "8528", 1, kind) for n, kind in enumerate(kinds)]

    first = [*wishes(5, "DEU"), *wishes(4, "POL"), *wishes(6, "VNM")]
    assert count_kinds(group_entries([first])) == {}, "two firms alone are covered"
    later = [replace(one, firm=f"{one.firm} later") for one in wishes(5, "DEU")]
    assert count_kinds(group_entries([first, later])) == {"bare": 20, "covered": 4}


def test_the_attack_finds_what_is_given_away() -> None:
    """A total beside all cells but one is the one: else the test above could not fail."""
    keys = [("A", "DEU", ""), ("B", "DEU", ""), ("C", "DEU", ""), ("D", "POL", "")]
    assert gives_away(np.array([[1.0, 1, 1, 1], [1, 1, 1, 0]]), keys)
    assert not gives_away(np.array([[1.0, 1, 1, 0]]), keys)


def test_a_sum_of_several_headings_is_touched_by_its_whole_market_alone() -> None:
    """Else two measures would tell its headings apart."""
    entries = [entry("A"), entry("B", heading="8507"), entry("C", heading="8507")]
    sums = publish_sums(group_entries([entries]))
    assert [(one.market, one.heading) for one in sums] == [("DEU", "")]
    by_heading = Measure("", "", (MeasurePart("buys", None, ("8507",), -0.1),))
    by_market = Measure("", "", (MeasurePart("buys", frozenset({"DEU"}), (), -0.1),))
    assert (by_heading.touched(sums), by_market.touched(sums)) == ((), sums)
