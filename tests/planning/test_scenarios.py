"""Scenarios: means that are kept, dependence that is kept, branches and rates."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.planning.scenarios import (
    BY_SIZE,
    PRIOR_SIZE,
    PRIOR_YEARLY,
    WIDEST_YEARLY,
    AnnouncedDuty,
    Assumed,
    MarketDraws,
    Range,
    RateDraws,
    scenarios,
    simulated_rates,
    spread_for_size,
    yearly_spread,
)
from offing.settlement.simulation import RateHistory
from offing.terms.errors import InputError
from planning.worlds import rates, still
from shared_data import shared

MARKETS = ("DEU", "POL", "THA")


def draws(n: int = 4000, years: int = 2) -> MarketDraws:
    """Markets that fall together: one common cause and one of their own."""
    rng = np.random.default_rng(5)
    common = rng.normal(0, 0.2, (n, years, 1))
    own = rng.normal(0, 0.1, (n, years, len(MARKETS)))
    base = np.array([1e8, 2e8, 5e7])
    return MarketDraws(MARKETS, tuple(range(2027, 2027 + years)), base, base * np.exp(common + own))


def test_growth_is_of_quantity() -> None:
    """Sales that grow by a tenth a year, over today's."""
    base = np.array([1e8])
    sales = np.array([[[1.1e8], [1.21e8]]])
    made = scenarios(MarketDraws(("DEU",), (2027, 2028), base, sales), rates(1, 2), Assumed({}), 1)
    assert made.growth[0, :, 0] == pytest.approx([1.1, 1.21])


def test_shares_move_about_what_is_expected() -> None:
    """Their mean is 1 in each year. By hand: half of a move's variance lasts and a quarter is each
    year's own, so that a logarithm has 3/4 of it in the first year and 5/4 in the second.
    """
    spread = {"DEU": 0.3, "POL": 0.1, "THA": 0.0}
    made = scenarios(draws(40_000), rates(40_000, 2), Assumed(spread, common=0.4), 1)
    assert made.share.mean(axis=0) == pytest.approx(np.ones((2, 3)), abs=0.01)
    logs = np.log(made.share)
    first, second = (np.array([0.3, 0.1, 0.0]) * part**0.5 for part in (0.75, 1.25))
    assert logs[:, 0].std(axis=0) == pytest.approx(first, rel=0.03, abs=1e-9)
    assert logs[:, 1].std(axis=0) == pytest.approx(second, rel=0.03, abs=1e-9)
    moves = (logs[:, 1] - logs[:, 0])[:, :2]
    assert moves.std(axis=0) == pytest.approx([0.3, 0.1], rel=0.03)
    assert np.corrcoef(logs[:, 0, 0], logs[:, 0, 1])[0, 1] == pytest.approx(0.4, abs=0.02)


def test_markets_keep_falling_together() -> None:
    made = scenarios(draws(), rates(4000, 2), Assumed({}), 1)
    logs = np.log(made.growth[:, 0])
    assert np.corrcoef(logs[:, 0], logs[:, 1])[0, 1] == pytest.approx(0.8, abs=0.03)


def test_products_of_a_firm_meet_the_same_worlds() -> None:
    """Another product has other markets; σ, costs and the firm's common part are the same."""
    assumed = Assumed({}, common=1.0, freight=Range(0.8, 1.0, 1.5))
    base = draws(50)
    few = MarketDraws(
        ("DEU",), base.years, base.base_usd[:1], base.sales_usd[:, :, :1], product="8507"
    )
    one, other = (scenarios(each, rates(50, 2), assumed, 1) for each in (base, few))
    assert (one.sigma == other.sigma).all()
    assert (one.right == other.right).all()
    assert (one.freight == other.freight).all()
    assert one.share[:, :, 0] == pytest.approx(other.share[:, :, 0])
    assert not (one.lasting[:, 0] == other.lasting[:, 0]).any()
    assert not (one.exit[:, 0] == other.exit[:, 0]).any()


def test_an_announced_duty_comes_as_often_as_said_and_from_its_year() -> None:
    duty = AnnouncedDuty("DEU", 2028, 0.25, 0.3, plants=("Qingdao",))
    made = scenarios(draws(), rates(4000, 2), Assumed({}, duties=(duty,)), 1)
    added = made.added_duty("DEU", "Qingdao")
    assert added is not None
    assert (added[:, 0] == 0).all()
    assert set(np.unique(added[:, 1])) == {0.0, 0.25}
    assert (added[:, 1] > 0).mean() == pytest.approx(0.3, abs=0.025)
    assert made.added_duty("DEU", "Monterrey") is None
    assert made.added_duty("POL", "Qingdao") is None


def test_a_range_is_drawn_between_its_ends() -> None:
    drawn = Range(0.8, 1.0, 1.5).drawn(np.random.default_rng(1), (20_000,))
    assert drawn.min() >= 0.8
    assert drawn.max() <= 1.5
    assert drawn.mean() == pytest.approx((0.8 + 1.0 + 1.5) / 3, abs=0.005)


def test_spread_of_a_ledger_by_hand() -> None:
    """Two markets moved by 0.4 and 0: 0.2 in common, ±0.2 of their own. √2 × 0.4 ÷ √(2 × 1) is 0.4,
    of one freedom; with the prior of four √((0.4² + 4 × 0.3²) / 5).
    """
    none = float("nan")
    log_share = np.array([[-5.2, -4.8], [-4.0, -4.0], [none, -3.0]])
    assert yearly_spread(log_share, 0.3) == pytest.approx(((0.4**2 + 4 * 0.3**2) / 5) ** 0.5)
    assert yearly_spread(log_share[2:]) == pytest.approx(PRIOR_YEARLY)
    assert yearly_spread(log_share[2:], 1.5) == WIDEST_YEARLY  # the prior of a small seller
    wild = np.array([[0.0, 9.0], [0.0, -9.0], [0.0, 0.0], [0.0, 3.0]])
    assert yearly_spread(wild) == WIDEST_YEARLY


@given(st.floats(1e4, 1e9), st.floats(1.01, 100))
def test_the_larger_swings_less(size: float, factor: float) -> None:
    small, large = spread_for_size(0.2, size, 1e8), spread_for_size(0.2, size * factor, 1e8)
    assert large < small
    assert small / large == pytest.approx(factor**0.2)


@pytest.mark.shared_data
def test_the_prior_is_that_of_brazilian_states() -> None:
    """Coffee of Santos by state, country and year: a line through log spread and log size."""
    sold = (
        pl.read_csv(shared("brazil_comexstat", "coffee_port_santos_monthly.csv"))
        .filter(pl.col("CO_ANO").is_between(2017, 2024) & (pl.col("CO_NCM") == 9011110))
        .group_by("CO_ANO", "CO_PAIS", "SG_UF_NCM")
        .agg(usd=pl.col("VL_FOB").sum())
        .with_columns(share=pl.col("usd") / pl.col("usd").sum().over("CO_ANO", "CO_PAIS"))
        .filter(pl.col("usd") > 0)
    )
    pairs = (
        sold.group_by("SG_UF_NCM", "CO_PAIS")
        .agg(
            years=pl.len(),
            spread=pl.col("share").log().std(),
            size=pl.col("usd").mean(),
            share=pl.col("share").mean(),
        )
        .filter((pl.col("years") >= 6) & (pl.col("share") < 0.5))
    )
    size = np.log(pairs["size"].to_numpy() / PRIOR_SIZE)
    slope, level = np.polyfit(size, np.log(pairs["spread"].to_numpy()), 1)
    assert len(pairs) == 136
    assert np.exp(level) == pytest.approx(PRIOR_YEARLY, abs=0.01)
    assert -slope == pytest.approx(BY_SIZE, abs=0.05)


def history(days: int = 1800) -> RateHistory:
    rng = np.random.default_rng(8)
    moves = rng.normal(0.0002, 0.004, (days, 2))
    first = date(2019, 1, 1)
    return RateHistory(
        ("USD", "EUR"),
        tuple(first + timedelta(days=day) for day in range(days)),
        np.array([7.0, 7.7]) * np.exp(np.cumsum(moves, axis=0)),
    )


def test_the_mean_of_rates_is_todays() -> None:
    made = simulated_rates(history(), 2, paths=500, seed=1)
    assert made.currencies == ("USD", "EUR", "CNY")
    assert made.draws[:, 0].mean(axis=0) == pytest.approx(made.today)
    assert made.draws[:, 1].mean(axis=0) == pytest.approx(made.today)
    spread = np.log(made.draws[:, :, 0]).std(axis=0)
    assert spread[1] > 1.4 * spread[0]


def test_a_market_without_an_outlook_is_refused() -> None:
    with pytest.raises(InputError, match="USA"):
        still().market("USA")


def test_imports_move_with_the_importers_currency_and_are_no_wider() -> None:
    """Germany's with the euro by 0.25 to 0.75 of its move; those of the United States with none."""
    n, years = 4000, 2
    rng = np.random.default_rng(5)
    sales = 1e8 * np.exp(0.2 * rng.standard_normal((n, years, 2)))
    sales[:7, 0, 0] = 0.0  # nothing is sold in some
    draws = MarketDraws(("DEU", "USA"), (2027, 2028), np.full(2, 1e8), sales)
    rates = _rates(n, years, 0.1)
    made = scenarios(draws, rates, Assumed(dict.fromkeys(("DEU", "USA"), 0.0)), seed=1)
    assert not made.growth[:7, 0, 0].any()
    euro = np.log(rates.draws[:, :, 1] / rates.draws[:, :, 0])[7:]
    growth = np.log(made.growth[7:])
    for year in range(years):
        slope = np.polyfit(euro[:, year], growth[:, year, 0], 1)[0]
        assert slope == pytest.approx(0.5, abs=0.06)
        assert growth[:, year, 0].std() == pytest.approx(0.2, rel=0.03)
        assert made.growth[:, year, 0].mean() == pytest.approx(sales[:, year, 0].mean() / 1e8)
    assert made.growth[:, :, 1] == pytest.approx(sales[:, :, 1] / 1e8)


def _rates(n: int, years: int, spread: float) -> RateDraws:
    moves = np.random.default_rng(9).standard_normal((n, years, 3)) * spread
    moves[:, :, 2] = 0
    return RateDraws(("USD", "EUR", "CNY"), np.array([7.0, 7.7, 1.0]), np.exp(moves))
