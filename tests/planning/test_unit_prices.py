"""How long a market's price lasts and how much of it is grade: by hand and on planted records."""

import numpy as np
import pytest

from offing.planning.market_share import AGE, PRIOR_APART, PRIOR_SLOPE, shrunk_prices
from offing.planning.offering import Grid, Selling, offers_of
from planning.worlds import CHINA, DOLLAR, exactly, sold, still

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
