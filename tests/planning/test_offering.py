"""Offers: what they sell and earn, by hand and by their laws."""

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.planning.elasticity import (
    Chain,
    Sigma,
    best_price,
    implied_sigma,
    literature_elasticity,
    outside,
    quantity_response,
)
from offing.planning.market_share import AGE, PRIOR_APART, PRIOR_SLOPE, Entry, shrunk_prices
from offing.planning.offering import (
    Grid,
    MarketEntry,
    Outlet,
    Selling,
    implied_by,
    offers_of,
    price_grid,
)
from offing.planning.offers import Offer, Offers
from offing.planning.scenarios import AnnouncedDuty, Assumed, MarketDraws, scenarios
from offing.terms.sale_terms import PriceLevel
from planning.worlds import CHINA, DOLLAR, exactly, rates, sold, still


def offered(*outlets: Outlet, grid: Grid | None = None) -> Offers:
    return offers_of(outlets, still(), grid or Grid())


def of_today(made: Offers) -> int:
    (place,) = [at for at, row in enumerate(made.rows) if row.today]
    return place


def test_today_by_hand() -> None:
    """1,000 sets at USD 560, 7 yuan each, less 5 % of FOB and 2,800: 3,920 × 0.95 − 2,800."""
    outlet = sold(literature_elasticity(5), deliveries=(replace(CHINA, proportional=0.05),))
    made = offered(outlet)
    assert len(made.rows) == 1
    assert made.units[:, :, 0] == pytest.approx(np.full((4, 2), 1000.0))
    assert made.profit_cny[0, 0, 0] == pytest.approx(1000 * (3920 * 0.95 - 2800))
    assert made.sales_usd[0, 0, 0] == pytest.approx(560_000)
    assert made.rows[0].today


def test_a_dearer_offer_sells_less() -> None:
    made = offered(sold(exactly(9)))
    prices = [row.price_usd for row in made.rows]
    assert len(prices) == 9
    assert prices == sorted(prices)
    units = made.units.mean(axis=(0, 1))
    assert (np.diff(units) < 0).all()
    today = of_today(made)
    assert units[today] == pytest.approx(1000)
    landed = (np.array(prices) + 20) * 1.1
    assert units == pytest.approx(1000 * (landed / landed[today]) ** -9, rel=1e-4)


def test_where_the_elasticity_rises_with_the_price_a_move_either_way_sells_less() -> None:
    """Exponential demand by hand: exp(−5 × (ratio − 1)) where the elasticity today is 5; the
    draws lie between it and constant elasticity, and half of them are the latter.
    """
    worlds = replace(still(), bend=np.ones(4))
    made = offers_of([sold(exactly(5), price=480)], worlds, Grid())
    ratio = (np.array([row.price_usd for row in made.rows]) + 20) / 500
    assert made.units[0, 0] == pytest.approx(1000 * np.exp(-5 * (ratio - 1)), rel=1e-4)
    drawn = scenarios(
        MarketDraws(("DEU",), (2027,), np.ones(1), np.ones((4000, 1, 1))),
        rates(4000, 1),
        Assumed({"DEU": 0.0}),
        seed=1,
    )
    assert (drawn.bend == drawn.bend.min()).mean() == pytest.approx(0.5, abs=0.03)
    units = offers_of([sold(exactly(5), price=480)], drawn, Grid()).units[:, 0]
    least, most = np.exp(-5 * (ratio - 1)), ratio**-5
    assert (units >= 1000 * least * 0.999).all()
    assert (units <= 1000 * most * 1.001).all()


def test_an_interval_that_holds_todays_price_proposes_none() -> None:
    implied = implied_by(sold(exactly(9)), 7.0, follow=False)
    holds = Sigma(implied + 1, implied - 0.1, implied + 3, "ledger")
    leaves = Sigma(implied + 1, implied + 0.1, implied + 3, "ledger")
    assert len(offered(sold(holds)).rows) == 1
    assert len(offered(sold(leaves)).rows) == 9


def test_an_asked_price_follows_the_literatures_curve_and_is_marked() -> None:
    """A set that costs a fifth more landed sells (1.2)^−5 as many, by the literature if need be."""
    landed = (560 + 20) * 1.1
    dear = landed * 1.2 / 1.1 - 20
    sure = replace(literature_elasticity(5), low=5.0, high=5.0)
    made = offered(sold(sure, asked_usd=dear))
    assert len(made.rows) == 2
    assert made.units[0, 0, 1] == pytest.approx(1000 * 1.2**-5, rel=1e-4)
    assert made.rows[1].asked
    assert made.rows[1].curve == "literature"
    assert not made.rows[1].today
    assert made.rows[0].today


def entering() -> Outlet:
    size = Entry(0.01, 0.0, (1.0, 2.0))
    state = MarketEntry(size, (0.5,), segment_usd=5.6e6, cost_cny=4e5)
    return sold(literature_elasticity(5), state=state, keep_cny=1e5)


def test_an_entry_by_hand() -> None:
    """1 % of USD 5.6 m at 560 is 100 sets, twice that in the second year, where half are gone."""
    worlds = scenarios(
        MarketDraws(("DEU",), (2027, 2028), np.ones(1), np.ones((4000, 2, 1))),
        rates(4000, 2),
        Assumed({"DEU": 0.0}),
        seed=1,
    )
    made = offers_of([entering()], worlds, Grid())
    units = made.units[:, :, 0]
    assert units[:, 0] == pytest.approx(np.full(4000, 100.0))
    assert set(np.unique(units[:, 1]).round(3)) == {0.0, 200.0}
    assert (units[:, 1] > 0).mean() == pytest.approx(0.5, abs=0.03)
    row = made.rows[0]
    assert (row.today, row.sold, row.entry_cny, row.keep_cny) == (False, False, 4e5, 1e5)
    assert (made.profit_cny[:, 1, 0] == 0).mean() == pytest.approx(0.5, abs=0.03)


def test_the_mean_of_an_entry_is_its_size_however_wide_it_spreads() -> None:
    n = 40_000
    worlds = scenarios(
        MarketDraws(("DEU",), (2027,), np.ones(1), np.ones((n, 1, 1))),
        rates(n, 1),
        Assumed({"DEU": 0.0}),
        seed=1,
    )
    wide = MarketEntry(Entry(0.01, 0.8), (1.0,), segment_usd=5.6e6)
    units = offers_of([sold(literature_elasticity(5), state=wide)], worlds, Grid()).units[:, 0, 0]
    assert units.mean() == pytest.approx(100, rel=0.02)
    assert np.log(units).std() == pytest.approx(0.8, rel=0.02)


def test_units_follow_the_market_and_the_firms_share_in_it() -> None:
    worlds = still()
    worlds = replace(worlds, growth=worlds.growth * 1.2, share=worlds.share * 0.5)
    made = offers_of([sold(literature_elasticity(5))], worlds, Grid())
    assert made.units[0, :, 0] == pytest.approx([600, 600], rel=1e-5)


def test_an_announced_duty_cuts_sales_where_it_comes() -> None:
    duty = AnnouncedDuty("DEU", 2028, 0.11, 1.0)
    worlds = replace(still(), duties=((duty, np.ones(4, dtype=bool)),))
    made = offers_of([sold(replace(literature_elasticity(5), low=5.0, high=5.0))], worlds, Grid())
    assert made.units[0, :, 0] == pytest.approx([1000, 1000 * (1.21 / 1.1) ** -5], rel=1e-5)


def test_an_invoice_in_euro_earns_with_the_euro() -> None:
    """The euro rises by a tenth against all: yuan and dollars of an invoice in euro rise too."""
    worlds = still()
    moved = worlds.rates.draws.copy()
    moved[:, :, 1] *= 1.1
    worlds = replace(worlds, rates=replace(worlds.rates, draws=moved))
    euro = replace(CHINA, currency="EUR")
    made = offers_of([sold(literature_elasticity(5), deliveries=(euro,))], worlds, Grid())
    assert made.sales_usd[0, 0, 0] == pytest.approx(616_000, rel=1e-5)
    assert made.profit_cny[0, 0, 0] == pytest.approx(1000 * (3920 * 1.1 - 2800), rel=1e-5)


@given(st.floats(10, 100), st.floats(1.1, 10), st.integers(2, 12), st.floats(0, 1))
def test_a_grid_holds_what_it_must(low: float, ratio: float, count: int, at: float) -> None:
    must = low * ratio**at
    grid = price_grid(low, low * ratio, count, [must])
    assert must in grid
    assert len(grid) == count
    assert price_grid(low, low * ratio, count, [low / 2])[0] == low / 2


ROWS = tuple(
    Offer("tv", market, "CHN", "A", "own", "USD", 500.0, False, False) for market in ("A", "B", "C")
)


@pytest.mark.parametrize("doubled", [0, 10**9])
def test_sums_of_two_offers_by_hand(doubled: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two scenarios, two years; the third offer takes none in the second scenario's second year."""
    monkeypatch.setattr("offing.planning.offers.DOUBLED", doubled)
    units = np.array([[[1, 2, 3], [1, 2, 3]], [[1, 2, 3], [1, 0, 0]]], dtype=float)
    profit = np.array([[[10, 0, 1], [20, 0, 2]], [[30, 0, 3], [40, 0, -4]]], dtype=float)
    offers = Offers(ROWS, (2027, 2028), units, profit, units * 500, np.ones(2))
    taken, weight = np.array([0, 2]), np.array([0.5, 2.0])
    assert offers.earned(0, taken, weight).tolist() == [5 + 2, 15 + 6]
    assert offers.earned(1, taken, weight).tolist() == [10 + 4, 20 - 8]
    assert offers.alive(0, taken, weight).tolist() == [2.5, 2.5]
    assert offers.alive(1, taken, weight).tolist() == [2.5, 0.5]
    assert offers.dies.tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("fixed", "prices"),
    [
        ([], [100, 200, 400]),
        ([180.0], [100, 180, 400]),
        ([500.0], [100, 200, 400, 500]),  # beyond the ladder it stands beside it
        ([50.0], [50, 100, 200, 400]),
        ([100.0, 400.0], [100, 200, 400]),
        ([190.0, 210.0, 220.0], [190, 210, 220]),
        ([190.0, 210.0, 220.0, 230.0], [190, 210, 220, 230]),  # no step is left
    ],
)
def test_prices_that_must_be_among_them(fixed: list[float], prices: list[float]) -> None:
    assert price_grid(100.0, 400.0, 3, fixed) == pytest.approx(prices)


CHAINS = st.builds(
    Chain, cost_usd=st.floats(1, 1000), proportional=st.floats(0, 0.3),
    freight_usd=st.floats(0, 100), duty=st.floats(0, 0.5), retail=st.floats(0, 2),
)  # fmt: skip
SIGMAS = st.floats(1.2, 12)


def searched(chain: Chain, sigma: float, level: PriceLevel) -> float:
    """The FOB price that earns most, by looking at 200,001 of them."""
    bare = chain.cost_usd / (1 - chain.proportional)
    fob = np.geomspace(bare * 1.0001, (bare + chain.freight_usd) * 30, 200_001)
    paid = np.array([chain.at(level, 1.0) - chain.at(level, 0.0)]) * fob + chain.at(level, 0.0)
    earned = paid**-sigma * (fob * (1 - chain.proportional) - chain.cost_usd)
    return float(fob[earned.argmax()])


@given(CHAINS, SIGMAS, st.sampled_from(get_args(PriceLevel)))
def test_best_price_is_what_a_search_finds(chain: Chain, sigma: float, level: PriceLevel) -> None:
    fob = chain.fob(level, best_price(chain, sigma, level))
    assert fob == pytest.approx(searched(chain, sigma, level), rel=1e-3)


def test_best_landed_price_by_hand() -> None:
    """1.5 × 1.1 × (95 / 0.95 + 20) = 198."""
    chain = Chain(cost_usd=95, proportional=0.05, freight_usd=20, duty=0.1)
    assert best_price(chain, 3) == pytest.approx(198)
    assert best_price(chain, 3, "cif") == pytest.approx(180)
    assert best_price(chain, 3, "fob") == pytest.approx(150)


@given(CHAINS, SIGMAS, st.sampled_from(get_args(PriceLevel)))
def test_the_best_price_implies_its_elasticity(
    chain: Chain, sigma: float, level: PriceLevel
) -> None:
    fob = chain.fob(level, best_price(chain, sigma, level))
    assert implied_sigma(chain, fob, level) == pytest.approx(sigma, rel=1e-6)


@given(st.floats(0.5, 2), SIGMAS, st.floats(0, 1))
def test_rivals_that_follow_leave_the_written_formula(
    ratio: float, sigma: float, match: float
) -> None:
    rivals = ratio**match
    written = ratio**-sigma * rivals ** (sigma - 1)
    assert ratio ** -float(quantity_response(sigma, match)) == pytest.approx(written)


def test_no_elasticity_makes_a_price_at_cost_the_best() -> None:
    assert implied_sigma(Chain(cost_usd=100), 100) == float("inf")


def test_how_far_a_price_lies_outside() -> None:
    beyond = outside(np.array([50.0, 100.0, 150.0, 200.0, 400.0]), 100.0, 200.0)
    assert beyond == pytest.approx([np.log(2), 0, 0, 0, np.log(2)])


NONE = float("nan")


def test_one_year_of_two_markets_by_hand() -> None:
    """The middle of 100 and 121 is 110: log 1.1 on either side, of which the usual part lasts."""
    found = shrunk_prices(np.array([[100.0], [121.0]]), np.ones((2, 1)), 110.0)
    apart, part = np.log(1.1), PRIOR_SLOPE
    between = (2 * np.pi / 2 * (part * apart) ** 2 + 4 * PRIOR_APART**2) / 6
    assert found.from_today == pytest.approx([(1 - part) * apart, -(1 - part) * apart])
    assert found.error == pytest.approx(PRIOR_APART)
    assert found.grade == pytest.approx([-part * apart / 2, part * apart / 2])
    assert found.grade_error == pytest.approx(np.sqrt(between) / 2)


def test_grade_is_told_by_the_price_that_the_stated_cost_belongs_to() -> None:
    """All markets pay 100, and the cost is that of goods of 90: half of the difference is grade."""
    found = shrunk_prices(np.full((3, 1), 100.0), np.ones((3, 1)), 90.0)
    assert found.grade == pytest.approx(np.full(3, np.log(100 / 90) / 2))
    assert found.from_today == pytest.approx(np.zeros(3))


def test_the_firms_own_years_tell_how_much_of_a_gap_lasts() -> None:
    """Three markets, the third 20 % off in the first year: the same, half or nothing in the next.

    Of a gap of log 1.2 the next year has left so much, beside four years of a gap of 0.15.
    """
    gap, known = np.log(1.2), 4 * PRIOR_APART
    for left in (1.0, 0.5, 0.0):
        prices = np.full((3, 2), 100.0)
        prices[2] = [120.0, 100 * 1.2**left]
        found = shrunk_prices(prices, np.ones((3, 2)), 100.0)
        slope = (left * gap + known * PRIOR_SLOPE) / (gap + known)
        record = (gap * AGE + left * gap) / (1 + AGE)
        assert found.from_today == pytest.approx([0.0, 0.0, slope * record - left * gap])


def test_a_year_without_sales_is_no_price() -> None:
    prices = np.array([[100.0, 100.0], [100.0, 100.0], [NONE, 120.0]])
    found = shrunk_prices(prices, np.where(np.isnan(prices), 0.0, 1.0), 100.0)
    assert found.from_today[2] == pytest.approx((PRIOR_SLOPE - 1) * np.log(1.2))


def planted(seed: int, markets: int = 8, years: int = 4) -> np.ndarray:
    """Prices by year: usual ones 0.12 apart, years 0.1 about them."""
    rng = np.random.default_rng(seed)
    lasting = rng.normal(0, 0.12, markets)
    return 100 * np.exp(lasting[:, None] + rng.normal(0, 0.1, (markets, years)))


def test_the_next_year_lies_in_its_interval_and_nearer_than_todays_price() -> None:
    inside, shrunk, today = [], [], []
    for seed in range(400):
        *years, coming = planted(seed, years=5).T
        prices = np.transpose(years)
        found = shrunk_prices(prices, np.ones_like(prices), 100.0)
        now = np.log(prices[:, -1] / np.median(prices[:, -1]))
        came = np.log(coming / np.median(coming))
        away = now + found.from_today - came
        inside.append((np.abs(away) <= 1.96 * found.error).mean())
        shrunk.append((away**2).mean())
        today.append(((now - came) ** 2).mean())
    assert np.mean(inside) == pytest.approx(0.95, abs=0.03)
    assert np.mean(shrunk) < 0.85 * np.mean(today)


def test_a_market_earns_what_lasts_of_its_price_less_what_its_grade_costs() -> None:
    """1,000 pieces at 560 that fall to 560 e^−0.1, of goods that cost e^−0.05 of 2,800."""
    state = Selling(1000.0, (300.0, 1200.0), price_from_today=-0.1, grade=-0.05, grade_error=1e-9)
    made = offers_of([sold(exactly(3.0), state=state)], still(), Grid())
    at = [row.today for row in made.rows].index(True)
    by_hand = 1000 * (560 * np.exp(-0.1) * DOLLAR - CHINA.cost_cny * np.exp(-0.05))
    assert made.profit_cny[:, 0, at] == pytest.approx(np.full(4, by_hand), rel=1e-5)
    assert made.sales_usd[:, 0, at] == pytest.approx(np.full(4, 560e3 * np.exp(-0.1)), rel=1e-5)


def test_a_drawn_price_keeps_its_mean_and_takes_half_of_itself_along_as_grade() -> None:
    state = Selling(1000.0, (300.0, 1200.0), price_error=0.2, grade_error=0.05)
    made = offers_of([sold(exactly(3.0), state=state)], still(n=4000), Grid())
    at = [row.today for row in made.rows].index(True)
    price = made.sales_usd[:, 0, at] / 560e3
    assert price.mean() == pytest.approx(1.0, abs=0.01)
    cost = (price * 560 * DOLLAR - made.profit_cny[:, 0, at] / 1000) / CHINA.cost_cny
    slope = np.polyfit(np.log(price), np.log(cost), 1)[0]
    assert slope == pytest.approx(0.5, abs=0.01)


def test_a_price_far_off_is_a_price_and_no_more_than_two_grades() -> None:
    """A cost that belongs to a tenth of the price: half of log 10 is more than goods can differ."""
    prices, units = np.array([[100.0], [121.0]]), np.ones((2, 1))
    for costed, side in ((11.0, 1), (1100.0, -1)):
        found = shrunk_prices(prices, units, costed)
        assert found.grade == pytest.approx(np.full(2, side * 2 * found.grade_error))
