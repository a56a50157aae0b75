"""The firm's share: pooled where it sells, corrected for where it chose to."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import norm

from offing.estimators.newton import newton
from offing.planning import market_share as reach
from offing.planning.market_share import (
    LASTING,
    PRIOR_BETWEEN,
    SLOPE_PRIOR,
    UNSEEN,
    selection_line,
    shrunk_shares,
)
from offing.terms.errors import MissingDataError
from shared_data import shared


def reach_of(today: float, market: int = 1) -> float:
    sales = SALES.copy()
    sales[market, -1] = today
    return float(np.exp(shrunk_shares(sales, ORIGIN, 0.35).log_share[market]))


NONE = float("nan")
ORIGIN = np.array([[1e8, 1.1e8, 1.2e8], [5e7, 5e7, 6e7], [2e8, 2e8, 2e8], [3e7, 3e7, 4e7]])
SALES = np.array([[1e6, 1.2e6, 1.3e6], [NONE, NONE, 9e5], [4e5, 5e5, 4e5], [NONE, 1e5, 2e5]])


@given(st.sampled_from([1e-3, 7.1, 1 / 7.1, 1e3]))
def test_the_same_answer_in_any_money(factor: float) -> None:
    one, other = (
        shrunk_shares(SALES, ORIGIN, 0.35),
        shrunk_shares(SALES * factor, ORIGIN * factor, 0.35),
    )
    assert other.log_share == pytest.approx(one.log_share)
    assert other.from_today == pytest.approx(one.from_today)


def test_pooling_by_hand() -> None:
    """Log shares ±1 about −5, one year each; moves of spread ½, of whose variance two fifths are a
    year's own: 0.1. between² = (2 − 0.1 + 1) / 2; a share's mean lies 0.05 above its median. What
    lasts adds up to what was sold.
    """
    made = shrunk_shares(np.exp([[-4.0], [-6.0]]), np.ones((2, 1)), 0.5)
    between = (2 - 0.1 + 1) / 2
    weight = between / (between + 0.1)
    assert made.typical == pytest.approx(-4.95)
    assert made.log_share[0] - made.log_share[1] == pytest.approx(2 * weight)
    assert np.exp(made.log_share + weight * 0.1 / 2).sum() == pytest.approx(np.exp([-4, -6]).sum())
    assert made.error == pytest.approx(np.sqrt(weight * 0.1))


@given(
    sales=arrays(
        float, st.tuples(st.integers(1, 9), st.integers(1, 4)), elements=st.floats(1, 1e7)
    ),
    spread=st.floats(0.05, 1.5),
)
def test_sales_do_not_rise_by_a_thin_record(sales: NDArray[np.float64], spread: float) -> None:
    """A young firm of small sales: were each market's mean share added up, ten months would double.

    Only the last year is seen: expected sales are those of that year, however uncertain.
    """
    sales[:, :-1] = NONE
    made = shrunk_shares(sales, np.full(sales.shape, 1e8), spread)
    expected = (np.exp(made.log_share + made.error**2 / 2) * 1e8).sum()
    assert expected == pytest.approx(sales[:, -1].sum())


def test_two_years_by_hand() -> None:
    """Weights ⅔ and ⅓: passing 0.4 × (4 + 1) / 9, lasting 0.2 × (⅓)²: times ¼."""
    made = shrunk_shares(np.exp([[-4.0, -4.0], [-6.0, -6.0]]), np.ones((2, 2)), 0.5)
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
        made = shrunk_shares(seen[:, None], size[:, None], 0.6)
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
        made = shrunk_shares(np.exp(seen), np.ones((10, 4)), move)
        record = np.log(np.nanmean(np.exp(seen), axis=1))
        gain.append(((made.log_share - truth) ** 2).mean() / ((record - truth) ** 2).mean())
    assert np.mean(gain) < 0.85


def planted_firm(
    seed: int, slope: float = 0.0, unseen: float = UNSEEN, markets: int = 60
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Sizes, shares of mean ln 0.005 at the usual size, and the markets in which the firm is: those
    where its sales and what nobody sees pass one threshold.
    """
    rng = np.random.default_rng(seed)
    size = rng.normal(18, 1.5, markets)
    share = rng.normal(np.log(0.005) + slope * (size - 18), 0.8)
    seen = share + size + rng.normal(0, 1, markets) * 0.8 * unseen
    return size, share, seen > 13.9


def told_over_truth(slope: float, unseen: float, firms: int = 500) -> float:
    """The mean share in markets twice the usual size, over what it is; the mean of firms."""
    at, truth = 18 + np.log(2), 0.005 * np.exp(slope * np.log(2) + 0.8**2 / 2)
    told = []
    for seed in range(firms):
        size, share, inside = planted_firm(seed, slope, unseen)
        if inside.sum() >= 3:
            made = selection_line(share[inside], size[inside], size[~inside])
            told.append(np.exp(made.at(at) + made.spread**2 / 2) / truth)
    assert len(told) > 0.95 * firms
    return float(np.mean(told))


@pytest.mark.parametrize("slope", [0.0, -0.33, -0.66])
def test_the_corrected_mean_over_planted_firms(slope: float) -> None:
    """500 firms that are where their draw is good: the corrected share within 10 %, whether shares
    fall with the market's size or not.
    """
    assert told_over_truth(slope, UNSEEN) == pytest.approx(1, abs=0.1)


def test_a_larger_market_has_a_smaller_share_where_shares_fall() -> None:
    """Planted: few markets tell three quarters of a slope of −0.6, and their doubt is honest."""
    slopes, away = [], []
    for seed in range(200):
        size, share, inside = planted_firm(seed, -0.6)
        if inside.sum() < 3:
            continue
        made = selection_line(share[inside], size[inside], size[~inside])
        slopes.append(made.slope)
        away.append((made.at(19) - np.log(0.005) + 0.6) / made.error(19))
    assert np.mean(slopes) == pytest.approx(-0.45, abs=0.05)
    assert np.std(away) == pytest.approx(1, abs=0.2)


@pytest.mark.long
def test_the_minimum_is_that_of_another_search() -> None:
    """Beside SciPy's Nelder-Mead on the likelihood as the textbook writes it, over 20 firms."""
    for seed in range(20):
        size, share, inside = planted_firm(seed, -0.2, markets=40)
        if not inside.any():
            continue
        made = selection_line(share[inside], size[inside], size[~inside])
        seen, out = size[inside] - made.centre, size[~inside] - made.centre

        def unlikely(
            at: NDArray[np.float64],
            share: NDArray[np.float64] = share[inside],
            seen: NDArray[np.float64] = seen,
            out: NDArray[np.float64] = out,
        ) -> float:
            level, slope, spread, threshold = at[0], at[1], np.exp(at[2]), at[3]
            noise = UNSEEN * spread
            known = norm.logpdf(share, level + slope * seen, spread).sum()
            known += norm.logcdf((share + seen - threshold) / noise).sum()
            left = (threshold - out - level - slope * out) / np.hypot(spread, noise)
            known += norm.logcdf(left).sum()
            # What is known before: a slope of as many markets, a spread of one.
            known -= SLOPE_PRIOR * slope**2 / spread**2 / 2
            known -= PRIOR_BETWEEN**2 / spread**2 / 2 + np.log(spread)
            return float(-known)

        start = [made.level + 0.3, made.slope + 0.1, np.log(made.spread) + 0.1, share.min() + 18]
        simplex = np.vstack([start, start + 0.5 * np.eye(4)])  # also where a start is next to 0
        options: dict[str, Any] = {
            "maxiter": 20_000,
            "maxfev": 20_000,
            "xatol": 1e-8,
            "fatol": 1e-10,
        }
        options |= {"initial_simplex": simplex, "maxfev": 20_000}
        found = minimize(unlikely, start, method="Nelder-Mead", options=options).x
        assert (made.level, made.slope, np.log(made.spread)) == pytest.approx(
            tuple(found[:3]), abs=1e-4
        )


def test_one_market_is_enough_and_equal_shares_are_no_certainty() -> None:
    one = selection_line(np.array([-5.0]), np.array([17.0]), np.zeros(0))
    assert (one.level, one.slope) == pytest.approx((-5, 0))
    alike = selection_line(np.full(3, -5.0), np.full(3, 10.0), np.array([9.0, 8.0]))
    assert alike.spread > 0.2
    assert alike.error(14) > alike.error(10) > 0


def coffee() -> tuple[dict[tuple[str, int, int], float], dict[tuple[int, int], float]]:
    """Coffee of Santos: (state, country, year) → USD, and (country, year) → USD of all states."""
    path = shared("brazil_comexstat", "coffee_port_santos_monthly.csv")
    rows = pl.read_csv(path, infer_schema_length=None, schema_overrides={"CO_NCM": pl.String})
    rows = rows.filter(
        pl.col("CO_NCM").str.starts_with("0901") & pl.col("CO_ANO").is_between(2017, 2025)
    )
    by = ["SG_UF_NCM", "CO_PAIS", "CO_ANO"]
    sold = {row[:3]: row[3] for row in rows.group_by(by).agg(pl.col("VL_FOB").sum()).iter_rows()}
    whole: dict[tuple[int, int], float] = {}
    for (_, country, year), usd in sold.items():
        whole[country, year] = whole.get((country, year), 0.0) + usd
    return sold, whole


STATES = ("MG", "ES", "SP", "BA", "PR", "RO", "GO", "RJ")


def test_first_years_of_states_fall_with_the_size_of_the_market() -> None:
    """What a state sold in its first year in a country, over all that went there, by what went
    there the year before; each state about its own mean.
    """
    sold, whole = coffee()
    first = {}
    for (state, country, year), usd in sold.items():
        new = all((state, country, earlier) not in sold for earlier in range(2017, year))
        before = whole.get((country, year - 1))
        if new and usd and before and 2019 <= year <= 2024:
            first[state, country] = np.log(usd / before), np.log(before)
    pairs = []
    for state in STATES:
        own = np.array([pair for (name, _), pair in first.items() if name == state])
        pairs.append(own - own.mean(axis=0))
    share, size = np.concatenate(pairs).T
    assert len(size) == 170
    assert float((share * size).sum() / (size**2).sum()) == pytest.approx(-0.66, abs=0.01)


def states_and_years() -> Iterator[tuple[str, NDArray[np.float64], NDArray[np.float64], Any]]:
    """Of each state in each year from 2019 on, in markets and with sales of USD 100,000 and more:
    log shares, log sizes of the markets, and of those it is not in.
    """
    sold, whole = coffee()
    for state in STATES:
        for year in range(2019, 2026):
            usd = {c: sold.get((state, c, year), 0.0) for c, y in whole if y == year}
            size = {c: whole[c, year] for c in usd if whole[c, year] > 1e5}
            there = [c for c in size if 1e5 < usd[c] < 0.95 * size[c]]
            left = [c for c in size if usd[c] <= 1e5]
            if len(there) >= 8:
                sizes, others = (np.log([size[c] for c in some]) for some in (there, left))
                yield state, np.log([usd[c] / size[c] for c in there]), sizes, others


def test_nearly_all_of_that_is_that_small_sales_are_not_made() -> None:
    """How the shares of those sold in fall with the market's size, and how shares do as they would
    be met in all; means of states.
    """
    seen, fair = defaultdict(list), defaultdict(list)
    for state, share, sizes, others in states_and_years():
        seen[state].append(np.polyfit(sizes, share, 1)[0])
        fair[state].append(selection_line(share, sizes, others).slope)
    assert len(fair) == 7
    assert np.mean([np.mean(of) for of in seen.values()]) == pytest.approx(-0.34, abs=0.01)
    of_states = [np.mean(of) for of in fair.values()]
    assert np.mean(of_states) == pytest.approx(-0.10, abs=0.02)
    assert np.std(of_states) == pytest.approx(0.11, abs=0.01)


def test_what_is_not_seen_is_the_likeliest_of_states(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = list(states_and_years())
    assert len(cases) == 43

    def unlikely(unseen: float) -> float:
        monkeypatch.setattr(reach, "UNSEEN", unseen)
        values: list[float] = []

        def spied(*args: Any) -> Any:
            found = newton(*args)
            values.append(found[1].value)
            return found

        monkeypatch.setattr(reach, "newton", spied)
        for _, share, sizes, others in cases:
            selection_line(share, sizes, others)
        return sum(values)

    likeliest = unlikely(UNSEEN)
    assert likeliest < min(unlikely(0.5), unlikely(1.0))


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


@given(st.floats(1e3, 5e7), st.floats(1.0001, 2), st.integers(0, 3))
def test_reach_rises_with_todays_sales(today: float, factor: float, market: int) -> None:
    assert reach_of(today * factor, market) > reach_of(today, market)


def test_a_thin_record_is_drawn_further_than_a_long_one() -> None:
    """Two markets with the same share far above the typical one: one year against three."""
    origin = np.full((4, 3), 1e8)
    sales = np.array([[9e6, 9e6, 9e6], [NONE, NONE, 9e6], [1e6, 1e6, 1e6], [1e6, 1e6, 1e6]])
    made = shrunk_shares(sales, origin, 0.5)
    assert made.typical < made.log_share[1] < made.log_share[0] < np.log(0.09)
    assert made.error[1] > made.error[0]


@given(st.floats(1e3, 5e7), st.integers(0, 3))
def test_reach_has_no_step(today: float, market: int) -> None:
    assert reach_of(today * 1.000001, market) == pytest.approx(reach_of(today, market), rel=1e-5)


def test_sales_that_are_missing_are_not_zero() -> None:
    with pytest.raises(MissingDataError, match="no sales"):
        shrunk_shares(np.array([[1e6, NONE], [1e6, 1e6]]), np.full((2, 2), 1e8), 0.35)


def test_without_a_correction_shares_would_be_told_far_too_high() -> None:
    seen = []
    for seed in range(200):
        _, share, inside = planted_firm(seed)
        if inside.any():
            seen.append(np.exp(share[inside]).mean() / (0.005 * np.exp(0.8**2 / 2)))
    assert np.mean(seen) > 1.4


@pytest.mark.parametrize("unseen", [0.0, 1.0])
def test_another_rule_of_entering_moves_it_by_a_fifth_at_most(unseen: float) -> None:
    """One sharp threshold, or as much that nobody sees as shares differ."""
    assert told_over_truth(-0.33, unseen, 200) == pytest.approx(1, abs=0.2)


@settings(max_examples=20)
@given(st.floats(-9, 9))
def test_the_correction_is_the_same_in_any_money(shift: float) -> None:
    size, share, inside = planted_firm(4)
    one = selection_line(share[inside], size[inside], size[~inside])
    other = selection_line(share[inside], size[inside] + shift, size[~inside] + shift)
    told = (other.at(19 + shift), other.slope, other.spread, other.error(19 + shift))
    assert told == pytest.approx((one.at(19), one.slope, one.spread, one.error(19)), abs=1e-3)
