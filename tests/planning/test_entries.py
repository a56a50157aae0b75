"""Entries: size, ramp and survival, the failed included; survival counts once."""

import numpy as np
import pytest

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
