"""What the unit of money is says nothing: in billions all trade is less than one."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from offing.policy.equilibrium import many_sectors, one_sector, with_revenue
from offing.policy.equilibrium.many_sectors import SectorEconomy
from offing.policy.partial import armington, gsim, smart

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


def test_many_sectors() -> None:
    materials = np.array([[[0.6, 0.3], [0.4, 0.7]]] * 4)
    trade = np.stack([TRADE, TRADE.T / 2])
    trade[1, 2] = [0, 0, 9.0, 0]  # a country that buys one good from itself alone
    whole = SectorEconomy(
        trade, np.zeros((2, 4, 4)), np.full((2, 4), 0.5), materials, np.array([4.0, 6])
    )
    tariffs = np.zeros((2, 4, 4))
    tariffs[0, 1, 0] = 0.2
    large, small = (
        many_sectors.solve(replace(whole, trade=whole.trade * unit), tariffs)
        for unit in (1.0, BILLIONTH)
    )
    for name in ("wages", "welfare", "real_wages"):
        assert getattr(small, name) == pytest.approx(getattr(large, name)), name
    assert small.terms_of_trade == pytest.approx(large.terms_of_trade)
    assert small.volume_of_trade == pytest.approx(large.volume_of_trade)


def test_a_market_and_the_world_market() -> None:
    large, small = (
        smart(IMPORTS * unit, BEFORE, AFTER, np.array([2.0, 30.0]), demand=-1.2)
        for unit in (1.0, BILLIONTH)
    )
    for name in ("creation", "diversion", "revenue", "welfare"):
        found = getattr(small, name)
        assert found == pytest.approx(getattr(large, name) * BILLIONTH), name
    shares = [armington(IMPORTS * u, BEFORE, AFTER, np.array([3.0]), -1.0) for u in (1, BILLIONTH)]
    assert shares[1] == pytest.approx(shares[0])
    tariff = np.zeros((4, 4))
    tariff[0, 1] = 0.25
    solve = partial(gsim, before=np.zeros((4, 4)), after=tariff, demand=-1.2, substitution=4.0)
    whole, part = (solve(TRADE * unit, supply=1.5) for unit in (1.0, BILLIONTH))
    for one, other in zip(whole, part, strict=True):
        assert other == pytest.approx(one)


def test_what_a_market_no_longer_buys_is_lost_and_no_more() -> None:
    """At a substitution of 50 the dear origin would lose all 60, but the other one wins less.

    It is cheaper by half: 40 × 60 × 25 / (40 + 60 + 40 × 25).
    """
    found = smart(np.array([60.0, 40.0]), np.zeros(2), np.array([1.0, 0.0]), np.array([50.0]),
                  demand=-0.1)  # fmt: skip
    assert found.diversion[0] == pytest.approx([-600 / 11, 600 / 11])
    alone = smart(np.array([60.0, 0.0]), np.zeros(2), np.array([0.5, 0.0]), np.array([5.0]),
                  demand=-1.0)  # fmt: skip
    assert alone.diversion[0] == pytest.approx([0, 0])
    assert alone.creation[0] == pytest.approx([-30, 0])


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
