"""Promises of what was chosen for looking best, against planted truths."""

import numpy as np
import pytest

from offing.planning.limits import Limits, Risk
from offing.planning.offers import Offer, Offers
from offing.planning.programme import build, facts_of
from offing.planning.solving import solve
from offing.planning.winners_curse import deduction, gains_over_today, shrunk, shrunk_in_groups
from offing.terms.errors import InputError


def planted(
    groups: int, prices: int, spread: float, error: float, seed: int
) -> tuple[Offers, np.ndarray]:
    """Markets with today's offer and rivals to it, whose estimated gains miss the true ones."""
    rng = np.random.default_rng(seed)
    count = groups * (prices + 1)
    today = np.arange(count) % (prices + 1) == 0
    true = np.where(today, 0.0, rng.normal(0, spread, count))
    estimate = np.where(today, 0.0, true + rng.normal(0, error, count))
    rows = tuple(
        Offer("m", f"K{i // (prices + 1)}", "p", "l", "own", "USD", 1.0 + i % 10, bool(t), True)
        for i, t in enumerate(today)
    )
    ones = np.ones((20, 1, count))
    offers = Offers(rows, (2027,), ones, ones * (1000 + estimate), ones, np.ones(1))
    return offers, true


@pytest.mark.parametrize(("groups", "prices", "worlds"), [(1840, 9, 1), (100, 3, 12)])
@pytest.mark.parametrize("error", [20.0, 60.0])
def test_realised_over_promised_of_what_is_chosen(
    groups: int, prices: int, worlds: int, error: float
) -> None:
    """The best of some prices looks better than it is, and is not promised; also of 16,560."""
    kept, bare = np.zeros(2), np.zeros(2)
    for seed in range(worlds):
        offers, true = planted(groups, prices, 40.0, error, seed)
        less = deduction(offers, np.full(len(offers.rows), error))
        for total, taken_off in ((kept, less), (bare, None)):
            found = solve(build(facts_of(offers, Limits()), taken_off), Risk())
            total += true[found.decision.choice > 0.5].sum(), found.value - 1000 * groups
    assert 0.9 <= kept[0] / kept[1] <= 1.1
    assert bare[0] / bare[1] < 0.85


def test_shrinking_by_hand() -> None:
    """Spread 3, error 4: a gain of 25 over a prior of 0 keeps 9 of 25 parts."""
    found = shrunk(np.array([25.0, -5.0]), np.array([4.0, 0.0]), 0.0, 3.0)
    assert found.gain == pytest.approx([9.0, -5.0])
    assert found.spread == pytest.approx([4 * 3 / 5, 0.0])
    off = shrunk(np.array([25.0]), np.array([4.0]), 5.0, 3.0)
    assert off.gain == pytest.approx([5 + 20 * 9 / 25])
    with pytest.raises(InputError):
        shrunk(np.zeros(1), np.array([-1.0]))


def test_the_prior_is_estimated() -> None:
    rng = np.random.default_rng(1)
    error = rng.uniform(5, 60, 20_000)
    estimate = rng.normal(10, 30, 20_000) + rng.normal(0, 1, 20_000) * error
    found = shrunk(estimate, error)
    assert found.prior_spread == pytest.approx(30, rel=0.05)
    assert found.prior_mean == pytest.approx(10, abs=1.5)
    noise = shrunk(rng.normal(0, 1, 500) * 5, np.full(500, 5.0))
    assert noise.prior_spread < 2
    assert shrunk(np.array([1.0, 3.0]), np.zeros(2)).gain == pytest.approx([1.0, 3.0])


def test_errors_that_a_market_shares() -> None:
    """The best price of the best markets: 1,840 markets × 9 prices with a shared error."""
    rng = np.random.default_rng(5)
    group = np.repeat(np.arange(1840), 9)

    def drawn(parts: tuple[float, float]) -> np.ndarray:
        shared: np.ndarray = rng.normal(0, parts[0], 1840)[group]
        own: np.ndarray = shared + rng.normal(0, parts[1], len(group))
        return own

    prior, error = (30.0, 20.0), (40.0, 10.0)
    true = drawn(prior)
    estimate = true + drawn(error)
    posterior = shrunk_in_groups(estimate, group, error, prior)
    best = np.array(
        [np.flatnonzero(group == g)[posterior[group == g].argmax()] for g in range(1840)]
    )
    chosen = best[posterior[best] > 0]
    assert 0.9 <= true[chosen].sum() / posterior[chosen].sum() <= 1.1
    # One shrinking for all, blind to what is shared, promises too much.
    blind = shrunk(estimate, np.full(len(group), np.hypot(*error)), 0.0, np.hypot(*prior)).gain
    best = np.array([np.flatnonzero(group == g)[blind[group == g].argmax()] for g in range(1840)])
    chosen = best[blind[best] > 0]
    assert true[chosen].sum() / blind[chosen].sum() != pytest.approx(1.0, abs=0.02)


def test_gain_over_today_by_hand() -> None:
    """Today earns 100 a year and costs 10 to keep; another price 130; an entry 60 for 80."""
    rows = (
        Offer("m", "A", "p", "l", "own", "USD", 1.0, True, True, keep_cny=10.0),
        Offer("m", "A", "p", "l", "own", "USD", 2.0, False, True, keep_cny=10.0),
        Offer("m", "B", "p", "l", "own", "USD", 1.0, False, False, entry_cny=80.0),
    )
    ones = np.ones((4, 2, 3))
    offers = Offers(rows, (2027, 2028), ones, ones * [100, 130, 60], ones, np.array([0.9, 0.8]))
    gain, today = gains_over_today(offers)
    assert gain == pytest.approx([0, 30 * 1.7, 60 * 1.7 - 80])
    assert today.tolist() == [True, False, False]
    less = deduction(offers, np.array([9.0, 30.0, 30.0]), prior_spread=30.0)
    assert less == pytest.approx([0.0, 51 / 2, 22 / 2])
