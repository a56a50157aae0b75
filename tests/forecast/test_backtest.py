import math
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookahead import looks_ahead
from market_world import distances, flows
from offing.forecast.backtest import Design, backtest
from offing.forecast.backtest.measures import Entries, captured, log_scores
from offing.forecast.backtest.run import base_years
from offing.forecast.backtest.trial import Trial
from offing.forecast.outlook.forecast import outlooks
from offing.forecast.results import Backtest
from offing.forecast.scores import ScoringMethod, method, scored
from offing.market.history import History
from offing.terms.errors import MissingDataError

HISTORY = History.of(flows(favourite=0.4), distances=distances())


def trial(base: list[float], later: list[float], group: list[int]) -> Trial:
    count = len(base)
    return Trial(
        2020,
        ("8528",),
        np.zeros(count, dtype=np.int64),
        np.array(["all"] * count),
        np.array(group),
        np.array(group),
        np.array(base),
        np.ones(count),
        np.array(later),
        np.array(later) > 0,
        {},
    )


def value(made: Backtest, rival: str, measure: str, weighting: str = "dollar") -> float:
    return next(
        s.value
        for s in made.scores
        if (s.rival, s.measure, s.weighting, s.part) == (rival, measure, weighting, "all")
    )


def test_captured_by_hand() -> None:
    """Growth 5, 0, 3, 2: the two first-ranked markets hold 5 + 3 of it."""
    one = trial([1, 9, 1, 1], [6, 4, 4, 3], [0, 0, 0, 0])
    taken = captured(one, np.array([4.0, 1.0, 3.0, 2.0]), (1, 2, 4))
    assert [taken[k].tolist() for k in (1, 2, 4)] == [[5.0], [8.0], [10.0]]


def test_ties_share_their_places() -> None:
    one = trial([1, 1, 1, 1], [5, 1, 1, 1], [0, 0, 0, 0])
    assert captured(one, np.zeros(4), (1, 2))[2].tolist() == [2.0]


@given(st.lists(st.floats(0, 1e12), min_size=2, max_size=30), st.integers(1, 40))
def test_nothing_catches_more_than_the_perfect_ranking(later: list[float], k: int) -> None:
    one = trial([1.0] * len(later), later, [0] * len(later))
    best = captured(one, one.gain, (k,))[k][0]
    other = captured(one, np.arange(len(later), dtype=float), (k,))[k][0]
    assert other <= best * (1 + 1e-9) + 1e-6
    assert best <= one.gain.sum() * (1 + 1e-9) + 1e-6
    tied = captured(one, np.zeros(len(later)), (k,))[k]
    assert tied[0] <= np.bincount(one.group, one.gain)[0], "not even by a rounding"


def test_average_precision_by_hand() -> None:
    """Hits at places 1 and 3 of 4: (1/1 + 2/3) / 2."""
    made = Entries.of(
        np.zeros(4, dtype=np.int64), np.array([1.0, 0.0, 1.0, 0.0]), np.array([4.0, 3.0, 2.0, 1.0])
    )
    assert made.average_precision(np.ones(1)) == pytest.approx((1 + 2 / 3) / 2)


def test_crps_of_a_point_is_the_absolute_error() -> None:
    one = trial([1e6, 1e6], [2e6, 1e6], [0, 0])
    said = log_scores(one, np.array([1e6, 1e6]), None, 1)
    assert said[0] == pytest.approx(math.log(2.001e6 / 1.001e6))


def test_crps_of_quantiles_near_the_closed_form() -> None:
    """Standard normal around the truth: CRPS = 2 φ(0) - 1/√π = 0.2337 (Gneiting and Raftery 2007).

    Seven quantiles and trapezoids are coarse: 15 % off at most.
    """
    from scipy.stats import norm

    from offing.forecast.outlook.intervals import LEVELS

    middle = math.log(1e9)
    quantiles = np.exp(middle + norm.ppf(LEVELS))[None, :]
    said = log_scores(trial([1e9], [1e9], [0]), np.array([1e9]), quantiles, 1)
    assert said[0] == pytest.approx(0.2337, rel=0.15)


def test_order_of_the_yardsticks() -> None:
    made = backtest(HISTORY, horizon=2, dataset="made-up", design=Design(draws=20))
    share = {name: value(made, name, "captured_top5") for name in
              ("oracle", "outlook", "persistence", "random")}  # fmt: skip
    assert share["oracle"] > share["outlook"] > share["random"]
    assert share["persistence"] > share["random"]
    assert value(made, "oracle", "lead_top5") > 0


def test_the_outlook_learns_where_growth_goes() -> None:
    """Growth goes to a third of the importers whatever their size: persistence cannot know."""
    steady = History.of(flows(favourite=0.5, noise=0.1, churn=0.0))
    made = backtest(
        steady, horizon=1, dataset="made-up", design=Design(draws=100, rivals=["outlook"])
    )
    lead = next(s for s in made.scores if s.measure == "lead_top5" and s.weighting == "equal")
    assert lead.part == "all"
    assert lead.low > 0


def test_intervals_hold_and_same_seed_same_numbers() -> None:
    one = backtest(
        HISTORY, horizon=1, dataset="made-up", design=Design(draws=20, rivals=["outlook"])
    )
    other = backtest(
        HISTORY, horizon=1, dataset="made-up", design=Design(draws=20, rivals=["outlook"])
    )
    assert one == other
    assert 0.75 <= value(one, "outlook", "coverage80", "equal") <= 0.88


def test_level_is_all_that_was_expected_over_all_that_came() -> None:
    year = HISTORY.years[-2]
    made = backtest(HISTORY, horizon=1, dataset="made-up", design=Design(origins=[year], draws=20))
    base = later = 0.0
    for cube in HISTORY.cubes(year, [year + 1]):
        base += cube.base.sum()
        later += cube.values[year + 1].sum()
    assert value(made, "persistence", "expected_ratio") == pytest.approx(base / later)
    expected = sum(f.expected.sum() for _, f in outlooks(HISTORY, year, 1).forecasts())
    assert value(made, "outlook", "expected_ratio") == pytest.approx(expected / later)


def leaky(history: History, base_year: int, horizon: int) -> pl.DataFrame:
    """A ranking that peeks: it hides a little of the outcome in today's sales."""
    parts = []
    for cube in history.cubes(base_year, [base_year + horizon]):
        later = cube.values.get(base_year + horizon, cube.base)
        parts.append(scored(cube, {"score": cube.base + 0.01 * later}))
    return pl.concat(parts)


def test_a_planted_leak_is_caught() -> None:
    peeking = cast(ScoringMethod, SimpleNamespace(score=leaky))
    assert looks_ahead(peeking, HISTORY, 2018, 2)
    assert not looks_ahead(method("persistence"), HISTORY, 2018, 2)


def test_a_leak_gains_nothing_in_the_backtest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rivals get the history up to the base year: the same ranking finds nothing to peek at."""
    monkeypatch.setattr(
        "offing.forecast.scores.method",
        lambda name: SimpleNamespace(score=leaky) if name == "size" else method(name),
    )
    made = backtest(HISTORY, horizon=2, dataset="made-up", design=Design(draws=5, rivals=["size"]))
    assert value(made, "size", "captured_top5") == pytest.approx(
        value(made, "persistence", "captured_top5")
    )


def test_one_origin_says_so() -> None:
    made = backtest(
        HISTORY, horizon=2, dataset="x", design=Design(draws=5, origins=[2017], rivals=["size"])
    )
    assert made.origins == (2017,)
    assert "market.note_one_origin" in made.notes


def test_years_missing_in_the_middle() -> None:
    gap = History.of(flows().filter(pl.col("year") != 2017))
    assert 2016 not in base_years(gap, 1)
    made = backtest(gap, horizon=1, dataset="x", design=Design(draws=5, rivals=["outlook"]))
    assert all(np.isfinite([s.value, s.low, s.high]).all() for s in made.scores)


def test_horizon_longer_than_the_data() -> None:
    with pytest.raises(MissingDataError) as caught:
        backtest(HISTORY, horizon=9, dataset="x")
    assert caught.value.key == "market.no_outcome"


@pytest.mark.parametrize("factor", [1e-6, 1.0, 1e9])
def test_constant_and_huge_values(factor: float) -> None:
    still = flows().with_columns(value_usd=pl.lit(1e6 * factor))
    made = backtest(History.of(still), horizon=1, dataset="x", design=Design(draws=5))
    assert all(np.isfinite([s.value, s.low, s.high]).all() for s in made.scores)


def test_no_growth_anywhere_is_said() -> None:
    one_year = flows(years=1)
    again = one_year.with_columns(pl.col("year") + 1)
    with pytest.raises(MissingDataError) as caught:
        backtest(
            History.of(pl.concat([one_year, again])), horizon=1, dataset="x", design=Design(draws=5)
        )
    assert caught.value.key == "market.no_groups"


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_dollar_measures_do_not_depend_on_the_unit(seed: int) -> None:
    table = flows(years=4, places=6, products=3, seed=seed)
    made: list[Any] = [
        backtest(
            History.of(t),
            horizon=1,
            dataset="x",
            design=Design(draws=2, rivals=["size"], parts=False),
        )
        for t in (table, table.with_columns(pl.col("value_usd") * 7))
    ]
    assert value(made[0], "size", "captured_top5") == pytest.approx(
        value(made[1], "size", "captured_top5")
    )


def test_gravity_is_left_out_and_said_where_its_package_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from offing.forecast.backtest import run

    monkeypatch.setattr(run, "can_run", lambda name: not name.startswith("gravity"))
    made = backtest(
        HISTORY, horizon=1, dataset="made", design=Design(origins=[2018], draws=10, parts=False)
    )
    assert "market.note_without_gravity" in made.notes
    assert not {s.rival for s in made.scores} & {"gravity", "gravity_gap"}
    assert "unrealized" in {s.rival for s in made.scores}
