"""Entries: size, ramp and survival; effects of a fair and lots drawn for its places."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from itertools import combinations, permutations, product

import numpy as np
import pytest

from offing.planning.fairs import DRAWS, drawn, effects, fair_draw, last_editions, winners
from offing.planning.market_share import (
    ILLUSTRATIVE_RAMP,
    PRIOR_PART_SPREAD,
    RAMP_PRIOR,
    Entry,
    EntryLine,
    FirstYears,
    ShrunkShare,
    Unselected,
    first_years,
    published_survival,
    ramp_of,
)
from offing.terms.firm_records import Edition, Fair, FairFirm

NONE = float("nan")


def test_the_published_curve() -> None:
    """Half are gone after the median, and the risk falls with age."""
    curve = np.array([1.0, *published_survival(8)])
    assert curve[3] == pytest.approx(0.5)
    risk = 1 - curve[1:] / curve[:-1]
    assert (np.diff(risk) < 0).all()
    assert published_survival(4, median=4)[3] == pytest.approx(0.5)


def test_first_years_by_hand() -> None:
    """Two entries of shares that are 0.04 once grown: of which they sold a quarter and three
    quarters, and one that is supposed before, of half; the mean of logarithms, spread about it.
    """
    shares = np.array([[0.01, 0.0], [0.03, 0.06]])
    found = first_years(shares, np.log([0.04, 0.04]))
    parts = np.log([0.25, 0.75, 0.5])
    assert found.part == pytest.approx(parts.mean())
    squares = ((parts - parts.mean()) ** 2).sum()
    assert found.spread == pytest.approx(((squares + PRIOR_PART_SPREAD**2) / 3) ** 0.5)
    assert found.seen == 2
    assert found.ramp == ramp_of(shares)


def test_the_ramp_by_hand() -> None:
    """Four entries, two failed after a year, one is new: 0.01, 0.02, 0.03 and 0.02 in the first."""
    ramp = ramp_of(np.array([[0.01, 0.0], [0.02, 0.0], [0.03, 0.06], [0.02, NONE]]))
    own = 0.06 / 0.02
    assert ramp[1] == pytest.approx((own + RAMP_PRIOR * ILLUSTRATIVE_RAMP[1]) / (1 + RAMP_PRIOR))
    assert ramp[2] == ILLUSTRATIVE_RAMP[2]  # no entry is that old


def test_size_times_survival_is_the_mean_of_all_entries() -> None:
    """Planted: growth and exit depend on luck; the mean size with zeros is met in each year."""
    rng = np.random.default_rng(0)
    first = rng.lognormal(-5, 1, 4000)
    luck = rng.normal(0, 1, 4000)
    shares = np.column_stack([first, np.where(luck > 0, first * np.exp(0.4 * luck), 0)])
    ramp = ramp_of(shares)
    survival = (float((luck > 0).mean()),)
    grown = first.mean() * ramp[1] * survival[0]
    assert grown == pytest.approx(shares[:, 1].mean(), rel=0.01)


def line(slope: float = -0.5, doubt: float = 0.0) -> Unselected:
    """One in a hundred of a market of 10 m."""
    uncertain = np.array([[doubt, 0.0], [0.0, 0.0]])
    return Unselected(float(np.log(0.01)), slope, 0.6, float(np.log(1e7)), uncertain)


def where_it_sells(share: float = 0.5) -> ShrunkShare:
    """Four markets with that share."""
    one = np.full(4, np.log(share))
    return ShrunkShare(one, 0 * one, one, float(np.log(share)), 0.6, 0.0, float(np.log(1e7)))


def middle(entry: Entry) -> float:
    return float(entry.drawn(np.zeros(1))[0])


def test_the_middle_lies_between_the_line_of_all_markets_and_where_it_sells() -> None:
    """The line falls from 0.01 by half over four sizes; where it sells it has 0.04 at any size.

    A first year is half of a grown share: √(0.01 × 0.04) / 2, and √(0.005 × 0.04) / 2.
    """
    entries = EntryLine(line(), FirstYears(), where_it_sells(0.04))
    assert middle(entries.at(1e7)) == pytest.approx(0.01)
    assert middle(entries.at(4e7)) == pytest.approx(0.01 / 2**0.5)
    assert entries.at(1e7).source == entries.source == "shares"


def test_an_entry_is_as_uncertain_as_all_that_it_rests_on() -> None:
    """Shares differ by 0.6, the line is known to 0.3, four markets to 0.3, and line and markets lie
    ln 4 apart; first years differ by 0.4: nine were seen.
    """
    first = FirstYears(np.log(0.4), 0.4, (1.0, 1.5), 9)
    entry = EntryLine(line(doubt=0.09), first, where_it_sells(0.04)).at(1e7)
    apart = np.log(4) / 2
    assert entry.spread == pytest.approx((0.36 + 0.09 + apart**2 + 0.16 * 1.1) ** 0.5)
    assert middle(entry) == pytest.approx(0.4 * 0.02)
    assert (entry.source, entry.ramp) == ("entries", (1.0, 1.5))


def test_a_first_year_is_no_larger_than_in_the_best_market() -> None:
    entries = EntryLine(line(), FirstYears(), where_it_sells(0.004))
    assert entries.at(1e7).drawn(np.array([9.0])) == pytest.approx(0.004 / 2)
    assert entries.at(1e7).source == "shares"


def test_without_entries_the_persons_share_is_the_most() -> None:
    entries = EntryLine(line(), FirstYears(), where_it_sells(), most=0.002)
    assert entries.at(1e7).drawn(np.array([9.0])) == pytest.approx(0.002)
    assert entries.at(1e7).source == "user"
    less = EntryLine(line(), FirstYears(), where_it_sells(0.002), most=0.002)
    assert less.at(1e7).source == "shares"  # its own shares say less


def test_first_years_are_told_of_planted_firms() -> None:
    """Planted: eight first years are 0.4 of the grown share, e^0.3 apart; part and spread within a
    tenth of it on average.
    """
    found = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        grown = rng.normal(-5, 0.7, 8)
        shares = np.exp(grown + np.log(0.4) + rng.normal(0, 0.3, 8))[:, None]
        found.append(first_years(shares, grown))
    assert np.mean([one.part for one in found]) == pytest.approx(np.log(0.4), abs=0.04)
    assert np.mean([one.spread for one in found]) == pytest.approx(0.3, abs=0.04)


D = Decimal
PLAIN = Fair("Lima", ("PER",), ("8528",), None, 10, D(1000), D(0), None, None, "")


def in_yuan(value: Decimal, currency: str) -> float:
    return float(value) * (7.0 if currency == "USD" else 1.0)


def test_draws_of_a_local_estimate_have_its_ends_and_its_middle() -> None:
    """Ends of 80 % that lie apart unevenly: each half is of its own side."""
    given = (D(100), D(70), D(200), "USD")
    made = effects([replace(PLAIN, effect=given, source="a survey")], in_yuan)
    assert made.of["Lima"].value == 700.0
    assert (made.of["Lima"].low, made.of["Lima"].high) == (490.0, 1400.0)
    drawn = np.quantile(made.draws["Lima"], [0.1, 0.5, 0.9])
    assert drawn == pytest.approx([490.0, 700.0, 1400.0], rel=0.12)
    assert len(made.draws["Lima"]) == DRAWS


def test_of_a_fair_the_edition_on_its_own_row_is_told_a_firm() -> None:
    own = Edition(10, D(500), None, D(40), "USD")
    rows = [
        replace(PLAIN, places=None, edition=Edition(4, D(9), D(9), D(9), "CNY")),
        replace(PLAIN, edition=own),
        replace(PLAIN, name="Rome", places=None, edition=Edition(2, None, D(6), None, "CNY")),
        replace(PLAIN, name="Oslo"),
    ]
    assert last_editions(rows, in_yuan) == {
        "Lima": {"firms": 10, "intent": 350.0, "contract": None, "recorded": 28.0},
        "Rome": {"firms": 2, "intent": None, "contract": 3.0, "recorded": None},
    }


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


def test_a_local_estimate_without_ends_is_sure_and_has_no_luck_of_an_edition() -> None:
    fairs = [
        replace(PLAIN, effect=(D(50), None, None, "CNY"), source="a survey"),
        *(
            replace(PLAIN, name=name, edition=Edition(firms, None, None, D(recorded), "CNY"))
            for name, firms, recorded in
            (("Rome", 10, 900), ("Rome", 12, 700), ("Oslo", 8, 300), ("Oslo", 9, 500))
        ),
    ]  # fmt: skip
    made = effects(fairs, in_yuan)
    sums = made.sums(["Lima", "Rome", "Unknown"], [4, 4, 4])
    assert set(sums[:, 0]) == {200.0}
    assert np.std(sums[:, 1]) > np.std(4 * made.draws["Rome"])
    assert set(sums[:, 2]) == {0.0}
