"""Measures of a ranking, past errors, means and tiers that add up, each worked out on paper."""

from dataclasses import replace
from datetime import date
from statistics import NormalDist
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.forecast.axes import MarketFacts, axes
from offing.forecast.axes import midranks as axis_midranks
from offing.forecast.backtest.measures import (
    Measures,
    growth_moments,
    hits,
    partial_rank_correlation,
    rank_correlation,
)
from offing.forecast.backtest.trial import (
    LEAST,
    SIZES,
    BootstrapSums,
    BootstrapWeights,
    PastChanges,
    Trial,
    midranks,
    sums_held,
    within,
)
from offing.forecast.nowcast import scoring
from offing.forecast.outlook import distribution
from offing.forecast.outlook.distribution import PROBABILITIES, Distribution
from offing.forecast.outlook.features import COLUMNS
from offing.forecast.outlook.fitting import Turnover
from offing.forecast.outlook.forecast import adding_up
from offing.forecast.outlook.model import Forecast
from offing.forecast.outlook.training import TrainingSet
from offing.forecast.ranking import latest_full_year, market_facts
from offing.forecast.results import AxisMeasure, MarketAxis
from offing.forecast.scores.simple import mean_sales, years_of_mean
from offing.market.history import History


def trial(base: list[float], later: list[float], group: list[int], **more: Any) -> Trial:
    groups = len(set(group))
    whole: dict[str, Any] = {
        "base_year": 2020, "exporter": np.arange(groups), "product": np.zeros(groups, np.int64),
        "tier": np.full(groups, "all"), "group": np.array(group), "importer": np.arange(len(base)),
        "base": np.array(base), "market": np.ones(len(base)), "later": np.array(later),
        "survived": np.array(later) > 0, "seen": np.ones(len(base), int),
        "kept": np.arange(len(base)), "candidates": len(base),
    }  # fmt: skip
    return Trial(**{**whole, **more})


# --- ranks


def test_midranks_are_centred_and_scaled() -> None:
    """Of four: −1/2, −1/6, 1/6, 1/2; ties share the middle; one alone is nothing."""
    values = np.array([4.0, 1.0, 9.0, 3.0, 7.0, 5.0, 5.0, 5.0, 8.0])
    block = np.array([1, 1, 1, 1, 0, 2, 2, 2, 2])
    found = midranks(values, block)
    assert found[:4] == pytest.approx([1 / 6, -1 / 2, 1 / 2, -1 / 6])
    assert found[4] == 0
    assert found[5:] == pytest.approx([-1 / 6] * 3 + [1 / 2])
    assert within(np.array([0, 2, 5]), np.array([2, 3, 1])).tolist() == [0, 1, 0, 1, 2, 0]


def test_rank_correlations_by_hand() -> None:
    """Said and came: covariance 1 over variances 2 and 8 is 1/4.

    What size explains is taken out: 1 − 0.5 × 1 / 1, over 2 − 0.25 and 8 − 1; share tells nothing.
    """
    moments = np.array(
        [[2.0, 1.0, 0.5, 0.0], [1.0, 8.0, 1.0, 0.0], [0.5, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 4.0]]
    )[None]
    assert rank_correlation(moments) == pytest.approx([0.25])
    assert partial_rank_correlation(moments) == pytest.approx([0.5 / np.sqrt(1.75 * 7.0)])
    silent = np.zeros((1, 4, 4))
    assert np.isnan(rank_correlation(silent)).all()
    assert np.isnan(partial_rank_correlation(silent)).all()
    of_size_alone = moments.copy()
    of_size_alone[0, 0] = of_size_alone[0, :, 0] = [1.0, 1.0, 1.0, 0.0]
    assert np.isnan(partial_rank_correlation(of_size_alone)).all()


def test_moments_of_growth_by_hand() -> None:
    """Three flows of one exporter that doubled, stayed, halved; said the other way around."""
    one = trial([8e6, 4e6, 2e6, 0.0], [16e6, 4e6, 1e6, 9.0], [0, 0, 0, 0])
    found = growth_moments(one, np.array([1.0, 2.0, 3.0, 99.0]))
    assert found.shape == (1, 4, 4)
    assert (found[0, 0, 0], found[0, 1, 1]) == pytest.approx((0.5, 0.5))
    assert rank_correlation(found) == pytest.approx([-1.0])
    assert found[0, 0, 1] == found[0, 1, 0] == pytest.approx(-0.5)


def test_flows_inside_their_interval() -> None:
    """Both ends belong to it; a pair that begins is none."""
    one = trial([1.0, 1.0, 1.0, 0.0], [5.0, 7.0, 7.1, 6.0], [0, 0, 1, 1])
    inside, flows = hits(one, np.full(4, 5.0), np.full(4, 7.0))
    assert (inside.tolist(), flows.tolist()) == ([2, 0], [2, 1])


# --- past errors


def quantiles_of(seen: int, size: float, learnt: list[tuple[int, float, float]]) -> float:
    """What is said of the middle, over today's, after flows of so many years and size changed."""
    past = PastChanges(horizon=1)
    many = 50 * LEAST
    for year, (age, of, times) in enumerate(learnt, start=2010):
        past.add(
            trial([of] * many, [of * times] * many, [0] * many, seen=np.full(many, age),
                  base_year=year)
        )  # fmt: skip
    now = past.quantiles(trial([size], [size], [0], seen=np.array([seen]), base_year=2020))
    assert now is not None
    return float(now[0, now.shape[1] // 2] / size)


@pytest.mark.parametrize(("seen", "times"), [(1, 2.0), (2, 4.0), (4, 8.0), (9, 8.0), (0, 2.0)])
def test_a_flow_has_the_errors_of_its_age(seen: int, times: float) -> None:
    """Ages 1, 2 and 4 of flows of 5 m doubled, grew fourfold and eightfold; 9 is as 4."""
    learnt = [(1, 5e6, 2.0), (2, 5e6, 4.0), (4, 5e6, 8.0)]
    assert quantiles_of(seen, 5e6, learnt) == pytest.approx(times, rel=0.05)


@pytest.mark.parametrize(("size", "times"), [(2e5, 2.0), (9e5, 2.0), (2e6, 8.0), (5e6, 8.0)])
def test_a_flow_has_the_errors_of_its_size(size: float, times: float) -> None:
    """Classes end at powers of ten: up to a million twice, beyond it eight times."""
    learnt = [(1, 5e5, 2.0), (1, 5e6, 8.0)]
    assert quantiles_of(1, size, learnt) == pytest.approx(times, rel=0.05)
    assert SIZES == (1e4, 1e5, 1e6, 1e7, 1e8)


def test_a_thin_class_leans_on_its_pool() -> None:
    """Thirty flows that doubled count half; the rest is what all flows of their size did."""
    past = PastChanges(horizon=1)
    base, seen = [5e6] * 60_030, np.array([4] * 60_000 + [1] * 30)
    past.add(trial(base, [5e6] * 60_000 + [1e7] * 30, [0] * 60_030, seen=seen, base_year=2018))
    now = past.quantiles(trial([5e6], [5e6], [0], seen=np.array([1])))
    assert now is not None
    assert now[0, now.shape[1] // 2] / 5e6 == pytest.approx(np.sqrt(2), rel=0.01)


# --- sums


def test_sums_over_markets_and_how_many_are_looked_at() -> None:
    """Group 0 comes to 6, group 1 to 20: an interval from 6 to 19 holds the first."""
    one = trial([0.25, 0.25, 2.0, 0.0], [2.0, 4.0, 20.0, 9.0], [0, 0, 1, 2])
    history: Any = SimpleNamespace(rows={"b": 1, "a": 1}, countries=list("WXYZ"))
    asked: list[tuple[str, str, list[str]]] = []

    def interval(product: str, origin: str, markets: Any) -> tuple[float, float] | None:
        asked.append((product, origin, list(markets)))
        return None if origin == "Z" else (6.0, 19.0)

    found = sums_held(history, one, np.ones(3, bool), 1, 5, interval)
    assert sorted(asked) == [("a", "W", ["W", "X"]), ("a", "X", ["Y"])]  # of no sales none
    assert (found["sums"].tolist(), found["sums inside"].tolist()) == ([1, 1, 0], [1, 0, 0])
    asked.clear()
    sums_held(history, one, np.ones(3, bool), 200, 5, interval)
    assert len(asked) == 1
    asked.clear()
    sums_held(history, one, np.ones(3, bool), 1000, 5, interval)
    assert len(asked) == 1  # one at least
    none = replace(one, exporter=np.array([3, 3, 3]))
    empty = sums_held(history, none, np.ones(3, bool), 1, 5, interval)
    assert (empty["sums"].sum(), empty["sums inside"].sum()) == (0, 0)


def test_draws_weigh_years_exporters_and_products() -> None:
    """A group counts as often as its year times its exporter times its product were drawn."""
    draws = BootstrapWeights.of([2018, 2019], 3, 2, 500, 1)
    assert draws.exporters.sum(axis=1).tolist() == [3.0] * 500
    assert draws.products.sum(axis=1).tolist() == [2.0] * 500
    years = draws.years[2018] + draws.years[2019]
    assert years.tolist() == [2.0] * 500
    one = trial([1.0, 1.0], [1.0, 1.0], [0, 1], base_year=2019, exporter=np.array([2, 0]),
                product=np.array([0, 1]))  # fmt: skip
    by_hand = draws.exporters[:, [2, 0]] * draws.products * draws.years[2019][:, None]
    assert draws.weights(one).tolist() == by_hand.tolist()


def test_totals_as_they_are_and_as_drawn() -> None:
    """The first place is as it is: 1 + 2; then by weights 3 and 1: 5. Years add up."""
    totals = BootstrapSums()
    weights = np.array([[3.0, 1.0]], dtype=np.float32)
    columns = {"total": np.array([1.0, 2.0]), "pair": np.array([[1.0, 4.0], [2.0, 5.0]])}
    some = [("all", np.array([True, True])), ("one", np.array([False, True]))]
    for _ in range(2):
        totals.add(columns, weights, some)
    assert totals.parts["all"]["total"][:, 0] == pytest.approx([6, 10])
    assert totals.parts["all"]["pair"] == pytest.approx(np.array([[6, 18], [10, 34]]))
    assert totals.parts["one"]["total"][:, 0] == pytest.approx([4, 4])
    totals.put("one", "extra", np.array([7.0, 8.0]))
    assert totals.parts["one"]["extra"].tolist() == [[7.0], [8.0]]
    totals.put("none", "total", np.array([0.0, 0.0]))
    assert [name for name, _ in totals.named()] == ["all", "one"]


# --- means


def test_the_mean_of_three_years_by_hand() -> None:
    """9, 6 and 3 of the last three years; a year in which nobody told is none; the year before
    those is not looked at. Where nothing was sold gravity orders, below all that was.
    """
    rows = [
        (2020, "CCC", "AAA", 9.0), (2019, "CCC", "AAA", 6.0), (2018, "CCC", "AAA", 3.0),
        (2017, "CCC", "AAA", 900.0), (2020, "DDD", "BBB", 8.0), (2018, "DDD", "BBB", 4.0),
    ]  # fmt: skip
    table = pl.DataFrame(
        rows, schema=["year", "importer", "exporter", "value_usd"], orient="row"
    ).with_columns(product=pl.lit("8501"))
    history = History.of(table)
    years = years_of_mean(history, 2020)
    assert years == [2018, 2019, 2020]
    assert years_of_mean(history, 2019) == [2017, 2018, 2019]
    [cube] = history.cubes(2020, years, ["8501"])
    found = mean_sales(history, cube, years)
    assert found[0, 0] == pytest.approx(6)
    assert found[1, 1] == pytest.approx(6)  # of 8 and 4: in 2019 D told nothing
    assert 0 < found[0, 1] <= 6e-9
    assert 0 < found[1, 0] <= 6e-9


# --- tiers


def cells(base: list[float]) -> Any:
    cube = SimpleNamespace(exporters=np.array([0]), importers=np.array([1, 2]))
    return SimpleNamespace(
        cube=cube, base=np.array(base), row=np.array([0, 0]), column=np.array([0, 1])
    )


def said(base: list[float], sales: list[float], gain: list[float]) -> Forecast:
    because = {"place": np.array(gain)}
    certain = Distribution.certain(np.array(sales))
    return Forecast(certain, np.array(base), np.array(gain), because, known=True)


def test_tiers_share_out_the_whole() -> None:
    """In the first market 3 and 1 m of 8, in the second 5 and 0 of 4."""
    m = 1e6
    low, high = said([m, m], [3 * m, 5 * m], [2 * m, 4 * m]), said([m, 0], [m, 0], [m, 0.0])
    whole = said([2 * m, m], [8 * m, 4 * m], [6 * m, 3 * m])
    tiers: Any = [(cells([m, m]), low), (cells([m, 0.0]), high)]
    (_, first), (_, second) = adding_up(tiers, cells([2 * m, m]), whole)
    assert first.expected == pytest.approx([6 * m, 4 * m])
    assert second.expected == pytest.approx([2 * m, 0])
    assert first.gain == pytest.approx([5 * m, 3.2 * m])  # no less than what is expected to come
    assert first.because["level"] == pytest.approx([3 * m, -m])
    assert first.because["place"] == pytest.approx([2 * m, 4 * m])


def test_a_tier_that_is_far_from_its_part_is_that_part_of_the_whole() -> None:
    """1 m of 10 said, 10 of 10 due: ten times is beyond three; a tier of nothing goes the same
    way. What is said above the largest sales of the whole is cut.
    """
    m = 1e6
    alone: Any = [(cells([m, m]), said([m, m], [m, 30 * m], [0.0, 0.0]))]
    wide = replace(
        said([m, m], [10 * m, 10 * m], [0.0, 0.0]),
        sales=Distribution.of(np.array([0.5, 1.0]), np.log(np.full((2, 17), 10 * m) + 1000), 1e12),
    )
    [(_, found)] = adding_up(alone, cells([m, m]), wide)
    assert found.expected == pytest.approx([5 * m, 10 * m], rel=1e-3)
    assert found.sales.alive.tolist() == [0.5, 1.0]


# --- errors of the outlook


def test_normal_scores_of_errors() -> None:
    """Errors spread evenly from −1 to 1: 0.6 lies at four fifths; beyond the ends one in 1,000."""
    table = np.tile(2 * PROBABILITIES - 1, (len(distribution.SIZES) + 1, distribution.RUNS, 1))
    errors = distribution.Errors(table)
    error = np.array([0.0, 0.6, -0.9, 2.0, -2.0])
    found = errors.scores(error, np.full(5, 1e6), np.ones(5, int))
    normal = NormalDist()
    assert found == pytest.approx([normal.inv_cdf(p) for p in (0.5, 0.8, 0.05, 0.999, 0.001)])
    assert distribution.Errors.none().table.shape == table.shape
    assert not distribution.Errors.none().table.any()


# --- facts of markets


def test_facts_of_markets_at_the_end_of_a_year() -> None:
    """Income is of a head, by the newest figures; a group that has ended is none."""
    day = date(2023, 12, 31)
    tables = {
        "distances": pl.DataFrame(
            [
                ("CHN", "DEU", 7000.0, False), ("CHN", "JPN", 2000.0, True),
                ("USA", "DEU", 1.0, True),
            ],
            schema=["origin", "destination", "km", "common_language"], orient="row",
        ),
        "indicators": pl.DataFrame(
            [(2022, "DEU", "gdp_usd", 9.0), (2023, "DEU", "gdp_usd", 400.0),
             (2024, "DEU", "gdp_usd", 1e9), (2021, "DEU", "population", 80.0),
             (2023, "JPN", "gdp_usd", 5.0), (2023, "BRA", "gdp_usd", 5.0),
             (2023, "BRA", "population", 0.0)],
            schema=["year", "country", "name", "value"], orient="row",
        ),
        "groups": pl.DataFrame(
            [
                ("CHN", "a", None, None), ("CHN", "b", day, None), ("CHN", "c", None, day),
                ("CHN", "e", date(2024, 1, 1), None), ("DEU", "a", None, None),
                ("DEU", "b", day, None), ("DEU", "c", None, None), ("DEU", "d", None, None),
                ("DEU", "e", None, None),
            ],
            schema={"country": pl.String, "group": pl.String, "since": pl.Date, "until": pl.Date},
            orient="row",
        ),
    }  # fmt: skip
    warehouse: Any = SimpleNamespace(table=tables.__getitem__)
    found = market_facts(warehouse, "CHN", 2023, MarketFacts(duty_rate={"DEU": 0.1}))
    assert found.km == {"DEU": 7000.0, "JPN": 2000.0}
    assert found.common_language == {"DEU": False, "JPN": True}
    assert found.income_usd == {"DEU": 5.0}
    assert found.population == {"DEU": 80.0, "BRA": 0.0}
    assert found.shared_groups == {"DEU": 2, "JPN": 0}
    assert found.duty_rate == {"DEU": 0.1}
    tables["groups"] = tables["groups"].clear()
    assert market_facts(warehouse, "CHN", 2023).shared_groups == {}


@pytest.mark.parametrize(("last", "full"), [(8, 2023), (9, 2024)])
def test_the_newest_full_year(last: int, full: int) -> None:
    """Of ten importers nine have told: nearly all."""
    rows = [(2023, f"A{n}") for n in range(10)] + [(2024, f"A{n}") for n in range(last)]
    told = pl.DataFrame(rows, schema=["year", "importer"], orient="row")
    assert latest_full_year(told) == full


# --- scores


def test_entries_are_scored_from_twenty_of_the_data_as_they_are() -> None:
    """The first row is what came, the others are drawn: 24 of 30 said came, a draw has none."""
    columns = {
        f"outlook {name}": np.array([[whole], [0.0]])
        for name, whole in (("came new", 24.0), ("said new", 30.0), ("came back", 19.0),
                            ("said back", 30.0), ("new gained", 6.0), ("new positives", 24.0),
                            ("back gained", 6.0), ("back positives", 19.0))
    }  # fmt: skip
    columns |= {"density new gained": np.array([[3.0], [0.0]])}
    columns |= {"density new positives": np.array([[24.0], [0.0]])}
    measures = Measures(columns, ("outlook",), (), "part")
    found = {
        score.measure: (score.value, score.count)
        for kind in ("new", "back")
        for score in measures._entry_scores("outlook", kind)
    }
    assert found == {
        "entry_precision_new": (0.25, 24),
        "entry_over_density_new": (2.0, None),
        "entry_sum_new": (1.25, 24),
    }


def test_months_are_scored_by_year_and_way() -> None:
    """Two base years of the outlook and another way, by hand; of no sales no error."""
    sums = {
        (way, 6): {
            year: {"flows": 2, "log": 0.5 * part, "error": 30.0 * part, "sales": sales,
                   "crps": 4.0 * part, "inside": 1.0}
            for year, part in ((2018, first), (2019, second))
        }
        for way, first, second, sales in (
            ("outlook", 1.0, 3.0, 100.0), ("nowcast", 0.5, 1.5, 100.0),
            ("persistence", 1.0, 1.0, 100.0), ("year_to_date", 2.0, 6.0, 0.0),
        )
    }  # fmt: skip
    found = {score.way: score for score in scoring._summarise_scores(sums, (6, 9), 1)}
    half = found["nowcast"]
    assert (half.months, half.flows, half.log_error, half.sales_error) == (6, 4, 0.25, 0.3)
    assert (half.crps, half.coverage80, half.skill) == (2.0, 0.5, 0.5)
    assert (half.skill_low, half.skill_high) == pytest.approx((0.5, 0.5))
    assert found["outlook"].sales_error == 0.6
    # of 16: 8 of both years; the first drawn twice is 0, the second 1 − 2 × 4 / (2 × 12)
    mixed = found["persistence"]
    assert mixed.skill == 0.5
    assert (mixed.skill_low, mixed.skill_high) == pytest.approx((0.0, 2 / 3))
    assert found["year_to_date"].sales_error > 1e300


RATES = (0.1, 0.4, 0.2, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Never, lapsed lately, before; first year, back, second, third, later."""
TURN = Turnover(np.array(RATES), lately=0.75, ages=True)


def walked(steps: int, returning: bool, pairs: int = 200_000) -> tuple[float, float]:
    """The same by pairs that are followed one step after the other."""
    rng = np.random.default_rng(7)
    after_sales = np.array([3, 4, 4, 5, 5, 6, 7, 7])
    after_none = np.array([0, 2, 2, 1, 1, 1, 1, 1])
    state = np.where(rng.random(pairs) < 0.75, 1, 2) if returning else np.zeros(pairs, dtype=int)
    was = state > 2
    for _ in range(steps):
        was = state > 2
        sells = rng.random(pairs) < np.array(RATES)[state]
        state = np.where(sells, after_sales[state], after_none[state])
    return float((state > 2).mean()), float(((state > 2) & was).mean())


@pytest.mark.parametrize("returning", [False, True])
@pytest.mark.parametrize("steps", [1, 2, 3, 5])
def test_rates_add_up_to_what_pairs_do(steps: int, returning: bool) -> None:
    there, both = TURN.open_after(steps, returning)
    # Three and a half standard errors of a share of 200,000.
    assert (there, both) == pytest.approx(walked(steps, returning), abs=0.004)


def test_each_state_has_the_rate_of_its_own_pairs() -> None:
    """Of each state very many pairs, of which the share of ``RATES`` sells a step on."""
    sold = [False, False, False, True, True, True, True, True]
    returns = [False, True, True, False, False, False, False, False]
    begun = [False, False, False, True, True, False, False, False]
    lately = [False, True, False, False, False, False, False, False]
    seen = [0, 2, 2, 1, 3, 2, 3, 4]
    design = np.zeros((16, len(COLUMNS)))
    design[:, COLUMNS.index("just_begun")] = np.tile(begun, 2)
    design[:, COLUMNS.index("new_sold_before_latest")] = np.tile(lately, 2)
    data = SimpleNamespace(
        base=np.tile(sold, 2) * 100.0, later=np.repeat([100.0, 0.0], 8), looked=np.full(16, 4),
        design=design, returns=np.tile(returns, 2), seen=np.tile(seen, 2),
        stands_for=np.concatenate([RATES, 1 - np.array(RATES)]) * 1e9,
    )  # fmt: skip
    turn = Turnover.of(cast(TrainingSet, data))
    assert turn.opens == pytest.approx(np.array(RATES), abs=1e-6)
    assert turn.lately == pytest.approx(0.5)
    assert turn.ages


ROWS = [
    # year, importer, exporter, value: two markets with the same suppliers, one growing
    *[(2018 + y, "DEU", "CHN", 1e6) for y in range(5)],
    *[(2018 + y, "DEU", "JPN", 3e6) for y in range(5)],
    *[(2018 + y, "FRA", "CHN", 1e6 * 1.5**y) for y in range(5)],
    *[(2018 + y, "FRA", "JPN", 1e6 * 1.5**y) for y in range(5)],
    *[(2018 + y, "FRA", "KOR", 1e6 * 1.5**y) for y in range(3, 5)],
    (2022, "USA", "JPN", 1e5),
]


def table(tier: str = "all") -> pl.DataFrame:
    return pl.DataFrame(
        [(y, "8528", tier, m, x, v) for y, m, x, v in ROWS],
        schema=["year", "product", "tier", "importer", "exporter", "value_usd"],
        orient="row",
    )


def part(of: tuple[MarketAxis, ...], name: str) -> AxisMeasure:
    return next(p for axis in of for p in axis.parts if p.name == name)


CANDIDATES = [("DEU", "all"), ("FRA", "all"), ("USA", "all")]
MADE = axes(table(), "CHN", 2022, CANDIDATES, MarketFacts(km={"DEU": 7000.0, "FRA": 8000.0}))


def test_measures_by_hand() -> None:
    france = MADE["FRA", "all"]
    assert part(france, "growth").value == pytest.approx(
        np.polyfit(range(5), np.log([2e6, 3e6, 4.5e6, 3 * 1.5**3 * 1e6, 3 * 1.5**4 * 1e6]), 1)[0]
    )
    assert part(france, "home_share").value == pytest.approx(1 / 3)
    assert part(france, "concentration").value == pytest.approx(0.5)  # two equal rivals
    assert part(france, "entry").value == pytest.approx(1 / 3)  # Korea came in 2021
    germany = MADE["DEU", "all"]
    assert part(germany, "growth").value == pytest.approx(0.0, abs=1e-12)
    assert part(germany, "home_share_change").value == pytest.approx(0.0, abs=1e-12)


def test_nothing_after_the_year_is_seen() -> None:
    early = axes(table(), "CHN", 2020, CANDIDATES[:2])
    cut = axes(table().filter(pl.col("year") <= 2020), "CHN", 2020, CANDIDATES[:2])
    assert early == cut


@given(st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), min_size=1, max_size=30))
def test_midranks_are_ranks(values: list[float | None]) -> None:
    ranks = axis_midranks(values)
    assert [r is None for r in ranks] == [v is None for v in values]
    found = [r for r in ranks if r is not None]
    assert all(0 <= r <= 1 for r in found)
    if found:
        assert np.mean(found) == pytest.approx(0.5)
    flipped = axis_midranks([None if v is None else -v for v in values])
    assert [None if r is None else 1 - r for r in flipped] == pytest.approx(ranks)
