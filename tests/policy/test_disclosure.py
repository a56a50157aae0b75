"""Sums over firms: an attacker who sees every sum of every run finds no firm, nor two."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from offing.policy.disclosure import (
    COUNTED,
    LEAST,
    FirmEntry,
    Group,
    count_groups,
    group_entries,
    least_firms,
    publish_sums,
)
from offing.study.firm_exposure import Measure, MeasurePart
from offing.terms.errors import InputError

Key = tuple[str, str, str]
MARKETS, HEADINGS = ("DEU", "POL", "VNM"), ("8507", "8528")


def entry(firm: str, market: str = "DEU", heading: str = "8528", value: float = 1.0) -> FirmEntry:
    return FirmEntry(firm, market, heading, value)


def test_cells_of_three_firms_stand_and_others_are_merged_or_wait() -> None:
    entries = [
        *(entry(f"F{n}", value=10.0 + n) for n in range(3)),  # a cell of its own
        *(entry(f"F{n}", "POL", HEADINGS[n % 2], 5.0) for n in range(3)),  # a market
        *(entry(f"F{n}", "VNM", "8528", 2.0) for n in range(2)), entry("F2", "KOR"),  # the rest
        entry("F9", "JPN"), entry("F8", "JPN", "8507"),
    ]  # fmt: skip
    groups = group_entries(entries, ())
    sums = publish_sums(entries, groups)
    assert [(one.market, one.heading, one.firms, one.value) for one in sums] == [
        ("DEU", "8528", 3, 33.0), ("POL", "", 3, 15.0), ("", "", 5, 7.0),
    ]  # fmt: skip
    assert group_entries(entries[:2], ()) == (), "two firms wait"


def test_two_that_join_a_cell_wait_for_a_third() -> None:
    first = [entry(f"F{n}") for n in range(3)]
    before = group_entries(first, ())
    joined = [*first, entry("N1", value=100.0), entry("N2", value=50.0)]
    assert publish_sums(joined, group_entries(joined, before)) == publish_sums(first, before)
    third = [*joined, entry("N3", value=7.0)]
    (one,) = publish_sums(third, group_entries(third, before))
    assert (one.firms, one.value) == (6, 160.0)


def gives_away(rows: np.ndarray, keys: list[tuple[str, str, str]]) -> bool:
    """Whether some combination of the sums rests on one firm or two: by linear algebra."""
    firms = sorted({firm for firm, _, _ in keys})
    for size in range(1, LEAST):
        for few in combinations(firms, size):
            inside = np.array([key[0] in few for key in keys])
            _, values, right = np.linalg.svd(rows[:, ~inside].T)
            rank = int((values > 1e-9).sum())
            free = right[rank:]  # combinations that are nothing for all others
            if free.size and np.abs(free @ rows[:, inside]).max() > 1e-9:
                return True
    return False


MEASURES = (
    [MeasurePart("duty", frozenset({"DEU"}), (), 0.1)],
    [MeasurePart("buys", None, ("8507",), -0.2)],
    [MeasurePart("buys", frozenset({"POL", "VNM"}), ("8528",), -0.2)],
    [MeasurePart("duty", frozenset({"POL"})),
     MeasurePart("buys", frozenset({"DEU"}), ("8507",), 0.1)],
    [MeasurePart("refund", None, (), 0.04)],
)  # fmt: skip
"""Shocks and reforms of every kind: by market, by heading, both, several parts, all."""


def touched_keys(entries: list[FirmEntry], groups: tuple[Group, ...]) -> list[list[Key]]:
    """What each measure's sum counts, as the page counts it: by the places of published sums."""
    found = []
    for parts in MEASURES:
        sums = Measure("", "", tuple(parts)).touched(publish_sums(entries, groups))
        places = {(one.market, one.heading) for one in sums}
        keys = [key for group in groups if group.place in places for key in group.keys]
        told = {one.firms for one in sums}
        assert least_firms(sums) in told | {0}, "a count that stands there already"
        assert least_firms(sums) <= len({firm for firm, _, _ in keys})
        assert sum(one.value for one in sums) == pytest.approx(
            sum(entry.value for entry in entries if entry.key in set(keys))
        )
        found.append(keys)
    return found


@pytest.mark.parametrize("seed", range(8))
def test_no_sum_difference_or_later_run_gives_a_firm_away(seed: int) -> None:
    """Firms come run by run; all sums of all runs together, of every place, are attacked: the
    cells, the total (of which what is wanted without cover is one too) and what five shocks and
    reforms touch.
    """
    rng = np.random.default_rng(seed)
    entries: list[FirmEntry] = []
    groups: tuple[Group, ...] = ()
    seen: list[list[Key]] = []
    count = 0
    for _ in range(4):
        for _ in range(int(rng.integers(1, 6))):
            count += 1
            for market in MARKETS:
                for heading in HEADINGS:
                    if rng.random() < 0.4:
                        entries.append(entry(f"F{count}", market, heading, float(rng.random())))
        groups = group_entries(entries, groups)
        places: dict[tuple[str, str], list[Key]] = {}
        for group in groups:
            places.setdefault(group.place, []).extend(group.keys)
        seen += [*places.values(), [key for of in places.values() for key in of]]
        seen += touched_keys(entries, groups)
    keys = [one.key for one in entries]
    rows = np.array([[float(key in of) for key in keys] for of in seen])
    assert not gives_away(rows, keys)


def test_the_attack_finds_what_is_given_away() -> None:
    """A total beside all cells but one is the one: else the test above could not fail."""
    keys = [("A", "DEU", ""), ("B", "DEU", ""), ("C", "DEU", ""), ("D", "POL", "")]
    assert gives_away(np.array([[1.0, 1, 1, 1], [1, 1, 1, 0]]), keys)
    assert not gives_away(np.array([[1.0, 1, 1, 0]]), keys)


def test_a_sum_of_several_headings_is_touched_by_its_whole_market_alone() -> None:
    """Else two measures would tell its headings apart."""
    entries = [entry("A"), entry("B", heading="8507"), entry("C", heading="8507")]
    sums = publish_sums(entries, group_entries(entries, ()))
    assert [(one.market, one.heading) for one in sums] == [("DEU", "")]
    by_heading = Measure("", "", (MeasurePart("buys", None, ("8507",), -0.1),))
    by_market = Measure("", "", (MeasurePart("buys", frozenset({"DEU"}), (), -0.1),))
    assert (by_heading.touched(sums), by_market.touched(sums)) == ((), sums)


def test_what_was_counted_is_kept_and_a_changed_answer_stops(tmp_path: Path) -> None:
    entries = {"sales": [entry(f"F{n}") for n in range(3)]}
    seals = {f"F{n}": f"s{n}" for n in range(3)}
    first = count_groups(tmp_path, seals, entries)
    assert count_groups(tmp_path, seals, entries) == first
    for other in ({**seals, "F1": "another"}, {"F0": "s0", "F2": "s2"}):
        with pytest.raises(InputError) as caught:
            count_groups(tmp_path, other, entries)
        assert caught.value.key == "firms.changed"
        assert "F1" in str(caught.value)
    # who only waits may change
    waits = {"sales": [*entries["sales"], entry("N")]}
    count_groups(tmp_path, {**seals, "N": "one"}, waits)
    assert count_groups(tmp_path, {**seals, "N": "two"}, waits) == first
    (tmp_path / COUNTED).write_text("{", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        count_groups(tmp_path, seals, entries)
    assert caught.value.key == "firms.bad_state"
