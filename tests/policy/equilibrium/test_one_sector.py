"""One sector in exact changes: two published worlds, closed forms, and what must never matter."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.estimators import Floats
from offing.policy.equilibrium import counterfactual
from offing.policy.equilibrium.one_sector import Deficits, World, _State, solve
from offing.terms.errors import InputError, RuleError
from shared_data import shared


def _matrix(rows: pl.DataFrame, column: str) -> tuple[tuple[str, ...], Floats]:
    countries = tuple(sorted(set(rows["exporter"])))
    wide = rows.pivot(on="importer", index="exporter", values=column).sort("exporter")
    return countries, wide.select(countries).to_numpy().astype(float)


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("deficits", "column"), [("additive", "w_eu"), ("multiplicative", "w_mult")]
)
def test_eu_enlargement_equals_ge_gravity(deficits: Deficits, column: str) -> None:
    """Baier, Yotov and Zylkin (2019), the example of Stata's ``ge_gravity``: 44 countries."""
    rows = pl.read_parquet(shared("gravity_panels") / "ge_gravity_stata_results.parquet")
    rows = rows.filter(pl.col("w_eu").is_not_null())
    countries, trade = _matrix(rows, "trade")
    _, effect = _matrix(rows, "eu_effect")
    _, published = _matrix(rows, column.replace("w_", "X_"))
    change = solve(World(countries, trade), np.exp(effect), theta=4, deficits=deficits)
    welfare = rows.group_by("exporter").agg(pl.col(column).first()).sort("exporter")
    assert np.abs(change.welfare - welfare[column].to_numpy()).max() < 6e-8
    assert np.abs(change.trade / published - 1).max() < 1.5e-7
    if deficits == "additive":
        assert round(change.welfare[countries.index("MLT")], 6) == 1.015349


@pytest.mark.shared_data
def test_trade_without_borders_of_the_advanced_guide() -> None:
    """Yotov et al. (2016), chapter 2: real GDP without borders, sigma 7, 69 countries.

    The guide estimates in its own loop; an exact solution is within 0.60 points of it.
    """
    folder = shared("gravity_panels")
    rows = pl.read_parquet(folder / "agtpa_trade_without_border.parquet")
    countries, border = _matrix(rows, "INTL_BRDR")
    _, distance = _matrix(rows, "ln_DIST")
    _, near = _matrix(rows, "CNTG")
    _, observed = _matrix(rows, "trade")
    freeness = np.exp(-0.7912879 * distance + 0.6736456 * near - 2.47445 * border)
    sold, bought = observed.sum(axis=1), observed.sum(axis=0)
    seller = np.ones(len(countries))
    for _ in range(3_000):  # the fitted trade of the PPML with fixed effects
        buyer = bought / (freeness.T @ seller)
        seller = sold / (freeness @ buyer)
    world = World(countries, freeness * np.outer(seller, buyer))
    change = solve(world, np.exp(2.47445 * border), theta=6, deficits="multiplicative")
    real = 100 * (change.welfare - 1)
    printed = pl.read_csv(folder / "agtpa_trade_without_border_results.csv")
    of = dict(printed.select("country", "change_rGDP_FULL").iter_rows())
    of["ZZZ"] = of["DEU"]  # the guide calls its reference country ZZZ
    guide = np.array([of[country] for country in countries])
    assert np.abs(real - guide).max() <= 0.60
    assert np.corrcoef(real, guide)[0, 1] > 0.99998
    assert [round(real[countries.index(c)], 3) for c in ("CHN", "USA", "CAN", "TZA")] == [
        14.455,
        10.681,
        54.401,
        69.460,
    ]


def _world(seed: int, n: int = 6) -> World:
    rng = np.random.default_rng(seed)
    size = rng.lognormal(0, 1, n)
    trade = np.outer(size, size) * rng.lognormal(0, 1, (n, n)) * (0.2 + 2 * np.eye(n))
    near_balance = (trade + trade.T) / 2 * rng.uniform(0.95, 1.05, (n, n))
    return World(tuple("ABCDEFGHIJ"[:n]), near_balance)


def test_two_alike_countries_by_hand() -> None:
    """Arkolakis, Costinot and Rodríguez-Clare (2012): gains are (λ̂_jj)^(−1/θ)."""
    world = World(("A", "B"), np.array([[80.0, 20.0], [20.0, 80.0]]))
    change = solve(world, np.array([[1, 2.0], [2.0, 1]]), theta=4)
    assert change.income == pytest.approx([1, 1])
    assert change.trade[0, 0] == pytest.approx(100 * 80 / 120)
    assert change.welfare == pytest.approx([(1 / 1.2) ** (-1 / 4)] * 2)


@given(seed=st.integers(0, 10_000), theta=st.floats(1.5, 9))
def test_what_must_hold_in_any_world(seed: int, theta: float) -> None:
    world = _world(seed)
    rng = np.random.default_rng(seed + 1)
    freeness = np.where(np.eye(6) == 1, 1.0, rng.uniform(0.5, 2, (6, 6)))
    change = solve(world, freeness, theta=theta)
    assert change.residual < 1e-9
    assert change.trade.sum() == pytest.approx(world.trade.sum())
    # no change changes nothing; a richer unit of account changes no real figure
    assert solve(world, np.ones((6, 6)), theta=theta).welfare == pytest.approx(np.ones(6))
    larger = World(world.countries, world.trade * 1e6)
    assert solve(larger, freeness, theta=theta).welfare == pytest.approx(change.welfare)
    # at every country's own share the gains formula holds where trade is balanced
    order = rng.permutation(6)
    turned = World(tuple(world.countries[i] for i in order), world.trade[np.ix_(order, order)])
    moved = solve(turned, freeness[np.ix_(order, order)], theta=theta)
    assert moved.welfare == pytest.approx(change.welfare[order])


@pytest.mark.parametrize("deficits", ["additive", "multiplicative"])
@given(unit=st.floats(-3, 3))
def test_the_unit_of_account_changes_no_real_figure(deficits: Deficits, unit: float) -> None:
    """All wages up alike: as large a gap, and the same shares and real spending."""
    rng = np.random.default_rng(5)
    freeness = np.where(np.eye(6) == 1, 1.0, rng.uniform(0.5, 2, (6, 6)))
    state, guess = _State(_world(4), freeness, 5.0, deficits), rng.normal(0, 0.3, 6)
    one, other = state.at(guess), state.at(guess + unit)
    assert other.shares == pytest.approx(one.shares)
    assert other.spending / other.prices == pytest.approx(one.spending / one.prices)
    assert other.residual == pytest.approx(one.residual)


@pytest.mark.parametrize("deficits", ["additive", "multiplicative"])
def test_the_slope_is_that_of_the_equations(deficits: Deficits) -> None:
    """Newton's method with a wrong slope would still end, in more steps: large shocks need few."""
    freeness = np.where(np.eye(6) == 1, 1.0, np.exp(1.5))
    assert solve(_world(3), freeness, theta=5, deficits=deficits).steps <= 6


def test_bad_worlds_are_refused_in_words() -> None:
    cases: list[tuple[Floats, str]] = [
        (np.array([[1.0, -1.0], [1.0, 1.0]]), "-1"),
        (np.array([[1.0, np.nan], [1.0, 1.0]]), "—"),
        (np.array([[0.0, 1.0], [1.0, 1.0]]), "within AAA"),
    ]
    for trade, words in cases:
        with pytest.raises(InputError, match=words):
            World(("AAA", "BBB"), trade).check()


def test_a_deficit_that_nothing_can_carry_gives_no_number() -> None:
    """B lives on A's output; cut off from A, no prices clear its markets."""
    world = World(("AAA", "BBB"), np.array([[10.0, 80.0], [1.0, 9.0]]))
    with pytest.raises(RuleError, match="no figure is given"):
        solve(world, np.array([[1.0, 0.0], [0.0, 1.0]]), theta=4)


def drawn(monkeypatch: pytest.MonkeyPatch, theta: float, se: float, effects: float) -> list[Any]:
    """(elasticity, effect) of each of four draws."""
    monkeypatch.setattr(
        counterfactual, "solve", lambda model, world, shock, setting, theta: (theta, shock)
    )
    setting: Any = SimpleNamespace(theta=theta, theta_se=se)
    shock: Any = SimpleNamespace(se=np.array([effects]), drawn=lambda normal: normal * effects)
    nothing: Any = None
    found: Any = counterfactual.draws_of(nothing, nothing, shock, setting, 4, 7)
    return list(found)


def test_an_elasticity_is_drawn_before_the_effects(monkeypatch: pytest.MonkeyPatch) -> None:
    normal = np.random.default_rng(7).standard_normal(8)
    found = drawn(monkeypatch, 5.0, 2.0, 0.1)
    assert [theta for theta, _ in found] == pytest.approx(5 + 2 * normal[::2])
    assert [effect for _, effect in found] == pytest.approx(0.1 * normal[1::2])
    small = drawn(monkeypatch, 0.0, 1e-9, 0.1)
    assert [theta for theta, _ in small] == [counterfactual.LEAST_THETA] * 4


def test_something_must_have_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(drawn(monkeypatch, 5.0, 0.0, 0.1)) == 4
    assert len(drawn(monkeypatch, 5.0, 1.0, 0.0)) == 4
    with pytest.raises(InputError):
        drawn(monkeypatch, 5.0, 0.0, 0.0)
