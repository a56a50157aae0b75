"""Lots within classes: equal chances by exact counts, a class its share, the same for everybody."""

from collections import Counter
from itertools import combinations, permutations, product

import pytest

from offing.planning.fairs import drawn, winners


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
