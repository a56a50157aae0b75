"""Tariffs with revenue, labour supply and profits: the published results by country, no gaps.

The printed tables of the same paper stand in ``test_liberation_day_tables.py``.
"""

import csv
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.estimators import Floats
from offing.policy.equilibrium.with_revenue import Rebate, RevenueEconomy, economy_of, solve
from shared_data import shared

USA = 184


@cache
def _world() -> tuple[tuple[str, ...], Floats, Floats, Floats]:
    folder = shared("liberation_day_2025")
    with (folder / "country_labels.csv").open(encoding="utf-8") as file:
        codes = tuple(row["iso3"] for row in csv.DictReader(file))
    trade = np.nan_to_num(np.genfromtxt(folder / "trade_cepii.csv", delimiter=",", skip_header=1))
    gdp = np.genfromtxt(folder / "gdp.csv", delimiter=",", skip_header=1) / 1000
    announced = np.genfromtxt(folder / "tariffs.csv", delimiter=",", skip_header=1)
    return codes, trade, gdp, np.maximum(0.10, announced)


def _economy() -> RevenueEconomy:
    codes, trade, gdp, _ = _world()
    return economy_of(codes, trade, gdp, home=USA)


def _tariffs(on_imports: Floats) -> Floats:
    rates = np.zeros((194, 194))
    rates[:, USA] = on_imports
    rates[USA, USA] = 0.0
    return rates


pytestmark = pytest.mark.shared_data


def test_by_country_as_published() -> None:
    outcome = solve(_economy(), _tariffs(_world()[3]))
    path = shared("liberation_day_2025") / "published_output_map.csv"
    with path.open(encoding="utf-8") as file:
        published = np.array([float(row[1]) for row in list(csv.reader(file))[1:]])
    assert np.abs(100 * (outcome.welfare - 1) - published).max() < 0.004
    codes = _world()[0]
    welfare = dict(zip(codes, 100 * (outcome.welfare - 1), strict=True))
    assert round(welfare["VNM"], 3) == -11.023
    assert round(welfare["DEU"], 3) == -0.733
    assert round(welfare["MEX"], 3) == -2.541


def _small(seed: int) -> RevenueEconomy:
    rng = np.random.default_rng(seed)
    size = rng.lognormal(0, 1, 5)
    trade = np.outer(size, size) * rng.lognormal(0, 0.5, (5, 5)) * (0.1 + 2 * np.eye(5))
    trade = (trade + trade.T) / 2  # near balance: what nothing can carry is tested elsewhere
    kept = np.full(5, 0.1)
    return RevenueEconomy(tuple("ABCDE"), trade, kept, 4.0, 0.5, 0.16, np.full(5, 1.2))


@given(seed=st.integers(0, 5_000), rate=st.floats(0, 0.6))
def test_no_change_and_one_slope(seed: int, rate: float) -> None:
    """No tariff changes nothing; Newton with the exact slope needs few steps and leaves no gap."""
    still = solve(_small(seed), np.zeros((5, 5)))
    assert still.welfare == pytest.approx(np.ones(5))
    assert still.steps == 0
    tariffs = np.where(np.eye(5) == 1, 0.0, rate)
    rebates: tuple[Rebate, ...] = ("income_tax", "lump_sum")
    for rebate in rebates:
        outcome = solve(_small(seed), tariffs, rebate=rebate)
        assert outcome.residual < 1e-9
        assert outcome.steps <= 9
