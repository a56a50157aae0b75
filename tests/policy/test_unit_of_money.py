"""What the unit of money is says nothing: in billions all trade is less than one."""

from functools import partial

import numpy as np
import pytest

from offing.policy.effects import armington, gsim, smart
from offing.policy.equilibrium import one_sector, with_revenue

BILLIONTH = 1e-9
RNG = np.random.default_rng(7)
TRADE = RNG.lognormal(0, 1, (4, 4)) * (20 + 300 * np.eye(4))
IMPORTS = np.array([60.0, 0.0, 30.0, 10.0])
BEFORE, AFTER = np.array([0.1, 0.0, 0.1, 0.0]), np.array([0.3, 0.0, 0.1, 0.1])


def test_one_sector() -> None:
    freeness = np.where(np.eye(4) == 1, 1.0, 0.8)
    large, small = (
        one_sector.solve(one_sector.World(tuple("ABCD"), trade), freeness, theta=5.0)
        for trade in (TRADE, TRADE * BILLIONTH)
    )
    assert small.welfare == pytest.approx(large.welfare)
    assert small.trade == pytest.approx(large.trade * BILLIONTH)


def test_a_market_and_the_world_market() -> None:
    large, small = (
        smart(IMPORTS * unit, BEFORE, AFTER, np.array([2.0, 30.0]), demand=-1.2)
        for unit in (1.0, BILLIONTH)
    )
    for found, of_large in zip(small, large, strict=True):
        assert found == pytest.approx(of_large * BILLIONTH)
    shares = [armington(IMPORTS * u, BEFORE, AFTER, np.array([3.0]), -1.0) for u in (1, BILLIONTH)]
    assert shares[1] == pytest.approx(shares[0])
    tariff = np.zeros((4, 4))
    tariff[0, 1] = 0.25
    solve = partial(gsim, before=np.zeros((4, 4)), after=tariff, demand=-1.2, substitution=4.0)
    whole, part = (solve(TRADE * unit, supply=1.5) for unit in (1.0, BILLIONTH))
    for one, other in zip(whole, part, strict=True):
        assert other == pytest.approx(one)


def test_tariffs_with_their_revenue() -> None:
    gdp = TRADE.sum(axis=0)
    border = TRADE * (1 - np.eye(4))
    made = [
        with_revenue.economy_of(tuple("ABCD"), border * unit, gdp * unit, home=0)
        for unit in (1.0, BILLIONTH)
    ]
    tariffs = np.zeros((4, 4))
    tariffs[1, 0] = 0.2
    large, small = (with_revenue.solve(economy, tariffs) for economy in made)
    assert small.welfare == pytest.approx(large.welfare)
