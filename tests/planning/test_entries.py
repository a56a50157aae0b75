"""Entries: size, ramp and survival, the failed included; survival counts once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.planning.entries import (
    ILLUSTRATIVE_RAMP,
    RAMP_PRIOR,
    Entry,
    Survival,
    learnt,
    of_entry_share,
    published_survival,
)
from offing.terms.errors import MissingDataError

NONE = float("nan")


def test_the_published_curve() -> None:
    """Half are gone after the median, and the risk falls with age."""
    curve = np.array([1.0, *published_survival(8).after])
    assert curve[3] == pytest.approx(0.5)
    risk = 1 - curve[1:] / curve[:-1]
    assert (np.diff(risk) < 0).all()
    assert published_survival(4, median=4).after[3] == pytest.approx(0.5)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_exits_come_as_often_as_the_curve_says(points: list[float]) -> None:
    curve = Survival(tuple(sorted(points, reverse=True)), "planted")
    uniform = (np.arange(10_000) + 0.5) / 10_000
    there = curve.there(uniform, len(points) + 1)
    assert there[:, 0].all()
    assert there[:, 1:].mean(axis=0) == pytest.approx(curve.after, abs=1e-3)
    assert (np.diff(there.astype(int), axis=1) <= 0).all()


def test_learnt_by_hand() -> None:
    """Four entries, two failed after a year, one is new: 0.01, 0.02, 0.03 and 0.02 in the first."""
    seen = np.array([[0.01, 0.0], [0.02, 0.0], [0.03, 0.06], [0.02, NONE]])
    entry = learnt(seen)
    assert entry.share == pytest.approx(0.02)
    assert entry.seen == 4
    logs = np.log([0.01, 0.02, 0.03, 0.02])
    assert entry.spread == pytest.approx(((logs.var() * 4 + 1) / 4) ** 0.5)
    assert learnt(seen, spread=0.4).spread == 0.4
    own = 0.06 / 0.02
    assert entry.ramp[1] == pytest.approx(
        (own + RAMP_PRIOR * ILLUSTRATIVE_RAMP[1]) / (1 + RAMP_PRIOR)
    )
    assert entry.size(0) == pytest.approx(0.02)
    assert entry.size(7) == entry.size(1)


def test_size_times_survival_is_the_mean_of_all_entries() -> None:
    """Planted: growth and exit depend on luck; the mean size with zeros is met in each year."""
    rng = np.random.default_rng(0)
    first = rng.lognormal(-5, 1, 4000)
    luck = rng.normal(0, 1, 4000)
    shares = np.column_stack([first, np.where(luck > 0, first * np.exp(0.4 * luck), 0)])
    entry = learnt(shares)
    survival = Survival((float((luck > 0).mean()),), "planted")
    assert entry.size(1) * survival.after[0] == pytest.approx(shares[:, 1].mean(), rel=0.01)


def test_a_first_year_is_no_larger_than_where_it_sells_already() -> None:
    assert learnt(np.array([[0.05], [0.03]]), most=0.01).share == 0.01
    lower = learnt(np.array([[0.05], [0.03]]), correction=np.log(0.5))
    assert lower.share == pytest.approx(0.02)


def test_without_a_ledger_the_persons_share_is_taken() -> None:
    assert of_entry_share(0.004) == Entry(0.004, 1.0)
    with pytest.raises(MissingDataError):
        learnt(np.zeros((2, 2)))


def test_an_illustrative_entry_is_half_as_large_again_then_double() -> None:
    """What the methods' page says of it."""
    entry = of_entry_share(0.004)
    assert [entry.size(year) for year in range(4)] == pytest.approx([0.004, 0.006, 0.008, 0.008])
