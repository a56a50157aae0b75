"""Lots within classes: equal chances by exact counts, a class its share, the same for everybody."""

from collections import Counter
from itertools import combinations, permutations, product

import pytest

from offing.planning.fairs import drawn, fair_draw, winners
from offing.terms.firm_records import FairFirm


@pytest.mark.parametrize("places", range(6))
def test_every_firm_wins_equally_often_over_all_orders_and_starts(places: int) -> None:
    """Three and two firms: every order of tickets within the classes, every start."""
    counts: Counter[str] = Counter()
    pairs: Counter[tuple[str, ...]] = Counter()
    for large, small in product(permutations("ABC"), permutations("DE")):
        order = [*large, *small]
        for start in range(5):
            won = [order[at] for at in winners(5, places, start)]
            assert len(won) == places
            assert len([firm for firm in won if firm in "ABC"]) in (
                places * 3 // 5,
                -(-places * 3 // 5),
            )
            counts.update(won)
            pairs.update(tuple(pair) for pair in combinations(sorted(set(won) & set("ABC")), 2))
    assert [counts[firm] for firm in "ABCDE"] == [60 * places // 5] * 5
    assert len({pairs[pair] for pair in combinations("ABC", 2)}) == 1


def test_seeds_draw_every_firm_as_often_as_chance_has_it() -> None:
    classes = {"large": [f"L{n}" for n in range(4)], "small": [f"S{n}" for n in range(6)]}
    counts = Counter(firm for seed in range(4000) for firm in drawn(classes, 3, str(seed)))
    assert all(
        abs(counts[firm] - 1200) < 4 * (4000 * 0.3 * 0.7) ** 0.5
        for of in classes.values()
        for firm in of
    )
    assert drawn(classes, 3, "7") == drawn(
        {k: v[::-1] for k, v in reversed(classes.items())}, 3, "7"
    )
    assert len({drawn(classes, 3, str(seed)) for seed in range(50)}) > 20
    assert len(drawn(classes, 99, "7")) == 10


def test_a_fair_draws_within_size_heading_and_whether_it_was_ever_sent() -> None:
    firms = [
        FairFirm(f"F{n}", (("852872", "8501")[n % 2],), "small", (), (None, True, False)[n % 3])
        for n in range(12)
    ]
    made = list(fair_draw("Lima", firms, 4, "7"))
    classes: dict[str, list[str]] = {}
    for one in made:
        classes.setdefault(one.lots, []).append(one.firm)
    assert {name: sorted(of) for name, of in classes.items()} == {
        "small/8501": ["F3", "F9"], "small/8501/0": ["F11", "F5"], "small/8501/1": ["F1", "F7"],
        "small/8528": ["F0", "F6"], "small/8528/0": ["F2", "F8"], "small/8528/1": ["F10", "F4"],
    }  # fmt: skip
    assert {one.firm for one in made if one.won} == drawn(classes, 4, "7\nLima")
    assert len([one for one in made if one.won]) == 4
    assert [one.firm for one in made if one.lots == "small/8501/0"] == ["F11", "F5"]
    assert len(list(fair_draw("Lima", firms, 11, "7"))) == 12
    for places, seed in ((0, "7"), (12, "7"), (4, None)):
        assert list(fair_draw("Lima", firms, places, seed)) == []
