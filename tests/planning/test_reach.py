"""The firm's share: pooled where it sells, corrected for where it chose to."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import norm

from offing.planning.reach import LASTING, entry_correction, pooled, unselected
from offing.terms.errors import MissingDataError
from shared_data import shared

NONE = float("nan")
ORIGIN = np.array([[1e8, 1.1e8, 1.2e8], [5e7, 5e7, 6e7], [2e8, 2e8, 2e8], [3e7, 3e7, 4e7]])
SALES = np.array([[1e6, 1.2e6, 1.3e6], [NONE, NONE, 9e5], [4e5, 5e5, 4e5], [NONE, 1e5, 2e5]])


def reach_of(today: float, market: int = 1) -> float:
    sales = SALES.copy()
    sales[market, -1] = today
    return float(np.exp(pooled(sales, ORIGIN, 0.35).log_share[market]))


@given(st.floats(1e3, 5e7), st.floats(1.0001, 2), st.integers(0, 3))
def test_reach_rises_with_todays_sales(today: float, factor: float, market: int) -> None:
    assert reach_of(today * factor, market) > reach_of(today, market)


@given(st.floats(1e3, 5e7), st.integers(0, 3))
def test_reach_has_no_step(today: float, market: int) -> None:
    assert reach_of(today * 1.000001, market) == pytest.approx(reach_of(today, market), rel=1e-5)


@given(st.sampled_from([1e-3, 7.1, 1 / 7.1, 1e3]))
def test_the_same_answer_in_any_money(factor: float) -> None:
    one, other = pooled(SALES, ORIGIN, 0.35), pooled(SALES * factor, ORIGIN * factor, 0.35)
    assert other.log_share == pytest.approx(one.log_share)
    assert other.from_today == pytest.approx(one.from_today)


def test_a_thin_record_is_drawn_further_than_a_long_one() -> None:
    """Two markets with the same share far above the typical one: one year against three."""
    origin = np.full((4, 3), 1e8)
    sales = np.array([[9e6, 9e6, 9e6], [NONE, NONE, 9e6], [1e6, 1e6, 1e6], [1e6, 1e6, 1e6]])
    made = pooled(sales, origin, 0.5)
    assert made.typical < made.log_share[1] < made.log_share[0] < np.log(0.09)
    assert made.error[1] > made.error[0]


def test_pooling_by_hand() -> None:
    """Log shares ±1 about −5, one year each; moves of spread ½, of whose variance two fifths are a
    year's own: 0.1. between² = (2 − 0.1 + 1) / 2; a share's mean lies 0.05 above its median.
    """
    made = pooled(np.exp([[-4.0], [-6.0]]), np.ones((2, 1)), 0.5)
    between = (2 - 0.1 + 1) / 2
    weight = between / (between + 0.1)
    assert made.typical == pytest.approx(-4.95)
    assert made.log_share == pytest.approx([-4.95 + weight, -4.95 - weight])
    assert made.error == pytest.approx(np.sqrt(weight * 0.1))


def test_two_years_by_hand() -> None:
    """Weights ⅔ and ⅓: passing 0.4 × (4 + 1) / 9, lasting 0.2 × (⅓)²: times ¼."""
    made = pooled(np.exp([[-4.0, -4.0], [-6.0, -6.0]]), np.ones((2, 2)), 0.5)
    noise = (0.4 * 5 / 9 + 0.2 / 9) / 4
    between = (2 - noise + 1) / 2
    assert made.error == pytest.approx(np.sqrt(between / (between + noise) * noise))


def test_half_as_much_weight_a_year_is_the_filter_of_what_lasts() -> None:
    """Muth 1960: the gain g of a local level solves g² / (1 − g) = lasting / passing."""
    assert pytest.approx(LASTING / ((1 - LASTING) / 2)) == 0.5**2 / (1 - 0.5)


def test_a_large_market_is_not_drawn_to_the_shares_of_small_ones() -> None:
    """A firm that is where its sales pass a threshold: shares fall with size, each is recorded with
    noise. The sum of the firm's sales is told within 3 %; drawn to one share it is 8 % too much.
    """
    told = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        size, share = rng.normal(18, 1.5, 60), rng.normal(-5.3, 0.8, 60)
        inside = share + size > 13.9
        size, truth = np.exp(size[inside]), share[inside]
        noise = 0.6 * (1 - LASTING) ** 0.5 / 2**0.5
        seen = np.exp(truth + rng.normal(0, noise, len(truth)) - noise**2 / 2) * size
        made = pooled(seen[:, None], size[:, None], 0.6)
        right = (np.exp(truth) * size).sum()
        told.append((np.exp(made.log_share + made.error**2 / 2) * size).sum() / right)
    assert np.mean(told) == pytest.approx(1, abs=0.03)


def test_pooled_shares_are_nearer_the_truth_than_the_record() -> None:
    """Planted: shares of ten markets, one to four years of record; mean square error of logs.

    A move of 0.9 from one year to the next, of which a part lasts and the rest is a year's own.
    """
    move = 0.9
    lasts, passes = LASTING**0.5 * move, ((1 - LASTING) / 2) ** 0.5 * move
    gain = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        truth = rng.normal(-5, 0.6, 10)
        steps = rng.normal(0, lasts, (10, 4))
        steps[:, -1] = 0
        walked = truth[:, None] - np.cumsum(steps[:, ::-1], axis=1)[:, ::-1]
        seen = walked + rng.normal(-(passes**2) / 2, passes, (10, 4))
        seen[np.arange(4) < rng.integers(0, 4, 10)[:, None]] = NONE
        made = pooled(np.exp(seen), np.ones((10, 4)), move)
        record = np.log(np.nanmean(np.exp(seen), axis=1))
        gain.append(((made.log_share - truth) ** 2).mean() / ((record - truth) ** 2).mean())
    assert np.mean(gain) < 0.85


def test_sales_that_are_missing_are_not_zero() -> None:
    with pytest.raises(MissingDataError, match="no sales"):
        pooled(np.array([[1e6, NONE], [1e6, 1e6]]), np.full((2, 2), 1e8), 0.35)


def test_the_corrected_mean_over_planted_firms() -> None:
    """500 firms that are where their draw is good: the average corrected share within 10 %, where
    the shares of the markets they are in say twice as much.
    """
    mean, spread = np.log(0.005), 0.8
    truth = np.exp(mean + spread**2 / 2)
    corrected, seen = [], []
    for seed in range(500):
        rng = np.random.default_rng(seed)
        size, share = rng.normal(18, 1.5, 60), rng.normal(mean, spread, 60)
        inside = share + size > 13.9
        if inside.sum() < 3:
            continue
        made = unselected(share[inside], size[inside], size[~inside])
        corrected.append(made.share / truth)
        seen.append(np.exp(share[inside]).mean() / truth)
    assert len(corrected) > 490
    assert np.mean(seen) > 1.5
    assert np.mean(corrected) == pytest.approx(1, abs=0.1)


def test_the_minimum_is_that_of_another_search() -> None:
    """Beside SciPy's BFGS on the likelihood as the textbook writes it, over 40 firms."""
    for seed in range(40):
        rng = np.random.default_rng(seed)
        size, share = rng.normal(15, 1.2, 50), rng.normal(-6, rng.uniform(0.1, 2), 50)
        inside = share + size > np.quantile(share + size, rng.uniform(0.1, 0.8))
        made = unselected(share[inside], size[inside], size[~inside])

        def unlikely(
            at: NDArray[np.float64],
            seen: NDArray[np.float64] = share[inside],
            out: NDArray[np.float64] = made.threshold - size[~inside],
        ) -> float:
            mean, spread = at[0], np.exp(at[1])
            known = norm.logpdf(seen, mean, spread).sum()
            return float(-known - norm.logcdf(out, mean, spread).sum())

        found = minimize(unlikely, [-6.0, 0.0], method="BFGS").x
        assert (made.mean, np.log(made.spread)) == pytest.approx(tuple(found), abs=1e-4)


def test_equal_shares_have_no_spread() -> None:
    """Where all that is seen agrees, the others have the same share; nothing overflows."""
    found = unselected(np.full(3, -5.0), np.full(3, 10.0), np.array([9.0, 8.0]))
    assert found.mean == pytest.approx(-5)
    assert found.spread < 1e-3


@settings(max_examples=20)
@given(st.floats(-9, 9))
def test_the_correction_is_the_same_in_any_money(shift: float) -> None:
    rng = np.random.default_rng(4)
    size, share = rng.normal(18, 1.5, 60), rng.normal(-5.3, 0.8, 60)
    inside = share + size > 13.9
    one = unselected(share[inside], size[inside], size[~inside])
    other = unselected(share[inside], size[inside] + shift, size[~inside] + shift)
    assert (other.mean, other.spread) == pytest.approx((one.mean, one.spread), abs=1e-3)


def test_two_markets_tell_no_spread() -> None:
    with pytest.raises(MissingDataError, match="three"):
        unselected(np.array([-5.0, -4.0]), np.zeros(2), np.zeros(3))


def test_an_entry_is_corrected_down_and_never_up() -> None:
    """Over 300 planted firms that entered where their draw was good."""
    mean, spread = np.log(0.005), 0.8
    truth = np.exp(mean + spread**2 / 2)
    plain, corrected, least = [], [], 0.0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        size, share = rng.normal(18, 1.5, 60), rng.normal(mean, spread, 60)
        inside = share + size > 13.9
        seen = float(np.exp(share[inside]).mean())
        less = entry_correction(share[inside], size[inside], size[~inside])
        least = max(least, less)
        plain.append(seen / truth)
        corrected.append(seen * np.exp(less) / truth)
    assert least <= 0
    assert np.mean(plain) > 1.5
    assert np.mean(corrected) == pytest.approx(1, abs=0.1)


def test_where_nothing_tells_a_correction_there_is_none() -> None:
    size = np.log([1e7, 2e7, 3e7])
    assert entry_correction(np.array([-5.0, -4.0]), size[:2], size) == 0.0
    assert entry_correction(np.array([-5.0, -4.0, -4.5]), size, np.zeros(0)) == 0.0


def test_what_lasts_of_a_move_of_states() -> None:
    """Coffee of Santos by state, country and year: squares of moves over one and over four years.

    Where a part lasts, four years hold three more of it: ``V4 = V1 + 3 lasting``.
    """
    path = shared("brazil_comexstat", "coffee_port_santos_monthly.csv")
    rows = pl.read_csv(path, infer_schema_length=None).filter(
        pl.col("CO_ANO").is_between(2017, 2024)
    )
    keys = ["CO_ANO", "CO_PAIS", "SG_UF_NCM"]
    sums = rows.group_by(keys).agg(pl.col("VL_FOB").sum())
    share = pl.col("VL_FOB") / pl.col("VL_FOB").sum().over(["CO_ANO", "CO_PAIS"])
    table = sums.with_columns(share.alias("share")).pivot(
        on="CO_ANO", index=["CO_PAIS", "SG_UF_NCM"], values="share"
    )
    shares = table.select([str(year) for year in range(2017, 2025)]).to_numpy().astype(float)
    known = (~np.isnan(shares)).sum(axis=1) >= 6
    logs = np.log(shares[known & (np.nanmean(shares, axis=1) < 0.7)])
    assert len(logs) == 164

    def square(years: int) -> float:
        moves = logs[:, years:] - logs[:, :-years]
        size = np.abs(moves - np.nanmean(moves, axis=0))
        return float(2 * np.nanmean(size) ** 2)

    lasting = (square(4) - square(1)) / 3 / square(1)
    assert lasting == pytest.approx(LASTING, abs=0.05)
