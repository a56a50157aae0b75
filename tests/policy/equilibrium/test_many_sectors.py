"""Many sectors: NAFTA after Caliendo and Parro (2015), table 2, and the limits of the model."""

from functools import cache

import numpy as np
import pytest

from offing.estimators import Floats
from offing.policy.equilibrium import one_sector
from offing.policy.equilibrium.many_sectors import SectorEconomy, SectorOutcome, solve
from shared_data import shared

N, J = 31, 40
MEX, CAN, USA = 19, 4, 29


@cache
def _world() -> tuple[SectorEconomy, Floats]:
    """1993 as the paper has it, and the tariffs of 2005 among the three."""
    folder = shared("caliendo_parro_2015")

    def read(name: str) -> Floats:
        return np.asarray(np.loadtxt(folder / f"{name}.txt"))

    def by_sector(name: str) -> Floats:
        whole = np.zeros((J, N, N))
        whole[:20] = read(name).reshape(20, N, N)
        return whole

    trade = by_sector("xbilat1993") * 1_000
    before, after = by_sector("tariffs1993") / 100, by_sector("tariffs2005") / 100
    own = np.arange(N)
    exports = trade.sum(axis=1)
    trade[:, own, own] = np.maximum(read("GO"), exports) - exports
    before[:, own, own] = 0
    theta = np.concatenate([read("T"), np.full(20, 8.22)])
    materials = read("IO").reshape(N, J, J)
    nafta = before.copy()
    for buyer in (MEX, CAN, USA):
        for seller in {MEX, CAN, USA} - {buyer}:
            nafta[:, buyer, seller] = after[:, buyer, seller]
    return SectorEconomy(trade, before, read("B"), materials, theta), nafta


@cache
def _nafta() -> SectorOutcome:
    economy, nafta = _world()
    balanced = solve(economy, economy.tariffs, deficits=np.zeros(N)).economy
    return solve(balanced, nafta)


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("country", "real_wage", "exact", "terms", "volume", "published"),
    [
        # Real wages and published welfare: table 2 of the paper. The exact change of real income
        # and the two parts: the project's shared data, recomputed there by independent code.
        (MEX, 1.7153, 0.0073, -0.4118, 1.7239, 1.31),
        (CAN, 0.3228, -0.1101, -0.1081, 0.0443, -0.06),
        (USA, 0.1124, 0.0741, 0.0435, 0.0412, 0.08),
    ],
)
def test_nafta_as_published_and_exact(
    country: int, real_wage: float, exact: float, terms: float, volume: float, published: float
) -> None:
    outcome = _nafta()
    assert round(100 * (outcome.real_wages[country] - 1), 4) == real_wage
    assert round(100 * (outcome.welfare[country] - 1), 4) == exact
    assert round(100 * outcome.terms_of_trade[country], 4) == terms
    assert round(100 * outcome.volume_of_trade[country], 4) == volume
    first_order = outcome.terms_of_trade[country] + outcome.volume_of_trade[country]
    assert round(100 * first_order, 2) == published
    assert outcome.residual < 1e-9


@pytest.mark.shared_data
def test_a_reform_that_changes_nothing_changes_nothing() -> None:
    economy, _ = _world()
    balanced = solve(economy, economy.tariffs, deficits=np.zeros(N)).economy
    outcome = solve(balanced, balanced.tariffs)
    assert outcome.welfare == pytest.approx(np.ones(N), abs=1e-8)
    assert outcome.economy.deficit / balanced.earned == pytest.approx(np.zeros(N), abs=1e-9)


def _one_sector(seed: int) -> SectorEconomy:
    rng = np.random.default_rng(seed)
    trade = rng.lognormal(0, 1, (1, 5, 5)) * (0.3 + 3 * np.eye(5))
    return SectorEconomy(
        trade, np.zeros((1, 5, 5)), np.ones((1, 5)), np.zeros((5, 1, 1)), np.array([4.0])
    )


@pytest.mark.parametrize("seed", range(5))
def test_one_sector_without_materials_is_the_one_sector_model(seed: int) -> None:
    """The models nest: with free trade costs instead of tariffs both must say the same."""
    economy = _one_sector(seed)
    rng = np.random.default_rng(seed)
    freeness = np.where(np.eye(5) == 1, 1.0, rng.uniform(0.7, 1.5, (5, 5)))  # buyer, seller
    world = one_sector.World(tuple("ABCDE"), economy.trade[0].T)
    simple = one_sector.solve(world, freeness.T, theta=4)
    # A tariff with its revenue thrown into the sea is a trade cost: tiny steps of both agree.
    small = freeness ** (1 / 1000)
    cost = small[None] ** (-1 / 4) - 1
    many = solve(economy, cost)
    again = one_sector.solve(world, small.T, theta=4)
    assert many.wages == pytest.approx(again.income, abs=2e-3)
    assert simple.residual < 1e-9
