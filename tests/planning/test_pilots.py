"""Pilots: against every threshold by hand, a closed form, and what a right to stop must obey."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from offing.planning.market_share import (
    HAZARD_PRIOR,
    MEDIAN_YEARS,
    hazard_factor,
    published_survival,
)
from offing.planning.moves import Floats, Pilot, best_pilot, pilots_within

DISCOUNT = np.array([0.92, 0.85, 0.78])


def drawn(seed: int, n: int = 15) -> tuple[Floats, Floats]:
    """Units of an entry that grows and may end, and a profit of 100 a unit less 1,500 a year."""
    rng = np.random.default_rng(seed)
    units = np.exp(rng.normal(2.5, 1.2, (n, 1))) * np.array([1.0, 1.5, 2.0])
    units = np.round(units * np.exp(rng.normal(0, 0.3, units.shape)))
    units[:, 1:] *= rng.random((n, 2)).cumsum(axis=1) > 0.4
    return units, 100.0 * units - 1500.0 * (units > 0)


def of_threshold(
    units: Floats, profit: Floats, cost: float, later: float, least: float
) -> tuple[float, float, float]:
    """Worth, share that goes on and loss of those that stop, one scenario after the other."""
    worths, stopped = [], []
    for sold, earned in zip(units.tolist(), profit.tolist(), strict=True):
        worth = DISCOUNT[0] * earned[0] - cost
        if sold[0] >= least:
            worth += DISCOUNT[1] * earned[1] + DISCOUNT[2] * earned[2] - DISCOUNT[0] * later
        else:
            stopped.append(worth)
        worths.append(worth)
    loss = -sum(stopped) / len(stopped) if stopped else 0.0
    return sum(worths) / len(worths), 1 - len(stopped) / len(worths), max(loss, 0.0)


@pytest.mark.parametrize("seed", range(5))
def test_the_rule_is_the_best_of_all_thresholds(seed: int) -> None:
    units, profit = drawn(seed)
    found = best_pilot(units, profit, DISCOUNT, 800.0, 600.0)
    tried = [of_threshold(units, profit, 800.0, 600.0, least) for least in units[:, 0]]
    best = max(worth for worth, _, _ in tried)
    if found is None:
        assert best <= 0 or best <= np.mean(DISCOUNT[0] * profit[:, 0]) - 800.0
        return
    told = of_threshold(units, profit, 800.0, 600.0, found.go_on_units)
    assert (found.worth_cny, found.chance, found.at_risk_cny) == pytest.approx(told)
    assert found.worth_cny == pytest.approx(best)
    assert found.units == np.median(units[:, 0])


def test_a_pilot_is_a_call_option() -> None:
    """Later years earn 40 for each unit of the first, less 900 of keeping and 300 of going on.

    Worth is that of Black and Scholes (1973), of a log-normal first year whose own profit is 0.
    """
    middle, spread, n = 20.0, 0.9, 20_000
    sold = middle * np.exp(spread * norm.ppf((np.arange(n) + 0.5) / n))
    units = np.column_stack([sold, sold])
    profit = np.column_stack([np.zeros(n), 40.0 * sold - 900.0])
    found = best_pilot(units, profit, np.ones(2), 100.0, 300.0)
    assert found is not None
    strike = 1200.0
    up = (np.log(40.0 * middle / strike) + spread**2) / spread
    mean = 40.0 * middle * np.exp(spread**2 / 2)
    by_formula = mean * norm.cdf(up) - strike * norm.cdf(up - spread) - 100.0
    assert found.worth_cny == pytest.approx(by_formula, rel=0.01)
    assert found.go_on_units == pytest.approx(30.0, rel=0.01)
    assert found.chance == pytest.approx(norm.sf(np.log(30.0 / middle) / spread), abs=0.001)
    assert found.straight_cny == pytest.approx(mean - strike - 100.0, rel=0.01)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    cost=st.floats(0, 3000),
    later=st.floats(0, 3000),
    dearer=st.floats(1, 2000),
)
def test_a_right_to_stop_is_worth_no_less_than_none(
    seed: int, cost: float, later: float, dearer: float
) -> None:
    units, profit = drawn(seed)
    found = best_pilot(units, profit, DISCOUNT, cost, later)
    if found is None:
        return
    assert found.worth_cny >= max(0.0, found.straight_cny) - 1e-9
    more = best_pilot(units, profit, DISCOUNT, cost + dearer, later)
    assert more is None or more.worth_cny < found.worth_cny
    late = best_pilot(units, profit, DISCOUNT, cost, later + dearer)
    assert late is None or late.worth_cny < found.worth_cny


def test_an_entry_that_waits_is_decided_on_after_its_first_real_year() -> None:
    """Nothing may be sold in the first year: the second one tells."""
    units, profit = drawn(3, 40)
    units[:, 0] = profit[:, 0] = 0.0
    assert best_pilot(units, profit, DISCOUNT, 0.0, 600.0, first=2) is None, "no year is left"
    found = best_pilot(units, profit, DISCOUNT, 0.0, 600.0, first=1)
    assert found is not None
    goes = units[:, 1] >= found.go_on_units
    rest = np.where(goes, DISCOUNT[2] * profit[:, 2] - DISCOUNT[1] * 600.0, 0.0)
    assert found.worth_cny == pytest.approx((DISCOUNT[1] * profit[:, 1] + rest).mean())


def test_a_budget_buys_the_most_valuable_set() -> None:
    rng = np.random.default_rng(4)
    for budget in (0.0, 250.0, 600.0, 1e9):
        pilots = {
            ("m", str(at)): Pilot(1, 1, 0, float(worth), 0, 0.5, cost_cny=float(cost))
            for at, (worth, cost) in enumerate(rng.uniform(20, 200, (9, 2)))
        }
        chosen = pilots_within(budget, pilots)
        best = max(
            sum(pilots[key].worth_cny for key in some)
            for size in range(10)
            for some in combinations(pilots, size)
            if sum(pilots[key].cost_cny for key in some) <= budget
        )
        assert sum(pilots[key].worth_cny for key in chosen) == pytest.approx(best)
        worths = [pilots[key].worth_cny for key in chosen]
        assert worths == sorted(worths, reverse=True)
    assert len(pilots_within(None, pilots)) == 9


def lives(factor: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Years seen and whether it ended, of entries with the published hazard times a factor."""
    ends = MEDIAN_YEARS * (rng.exponential(size=factor.shape) / (factor * np.log(2))) ** 2
    seen = rng.uniform(0, 4, factor.shape)
    return np.minimum(ends, seen), ends < seen


@pytest.mark.parametrize("true", [0.5, 1.0, 2.0])
def test_many_entries_tell_their_hazard(true: float) -> None:
    lasted, ended = lives(np.full(3000, true), np.random.default_rng(1))
    assert hazard_factor(lasted, int(ended.sum())) == pytest.approx(true, rel=0.08)
    # The published curve under that factor: half are left after the median, to its power.
    there = published_survival(3, hazard=true).after[2]
    assert there == pytest.approx(0.5**true)


def test_the_hazard_of_a_firm_of_few_entries_is_unbiased_where_the_prior_holds() -> None:
    """2,000 firms of six entries, factors drawn from the prior: estimates of a size mean it."""
    rng = np.random.default_rng(2)
    truth = rng.gamma(HAZARD_PRIOR, 1 / HAZARD_PRIOR, 2000)
    lasted, ended = lives(np.repeat(truth[:, None], 6, axis=1), rng)
    found = np.array(
        [hazard_factor(row, int(over.sum())) for row, over in zip(lasted, ended, strict=True)]
    )
    assert found.mean() == pytest.approx(truth.mean(), abs=0.03)
    high = found > np.quantile(found, 0.7)
    assert truth[high].mean() == pytest.approx(found[high].mean(), rel=0.05)
    assert truth[~high].mean() == pytest.approx(found[~high].mean(), rel=0.05)
    assert hazard_factor(np.zeros(0), 0) == 1.0
