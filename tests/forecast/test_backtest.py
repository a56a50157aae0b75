import math
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookahead import looks_ahead
from market_world import distances, flows
from offing.forecast.backtest.measures import Entries, log_scores, probability_columns, top_sums
from offing.forecast.backtest.run import Design, backtest
from offing.forecast.backtest.trial import PastChanges, Trial
from offing.forecast.outlook.forecast import outlooks
from offing.forecast.results import Backtest
from offing.forecast.scores import ScoringMethod, candidate_frame, method
from offing.market.history import Array, History

HISTORY = History.of(flows(favourite=0.4), distances=distances())


def trial(
    base: list[float], later: list[float], group: list[int], seen: list[int] | None = None
) -> Trial:
    groups = len(set(group))
    return Trial(
        base_year=2020, exporter=np.arange(groups), product=np.zeros(groups, dtype=np.int64),
        tier=np.full(groups, "all"), group=np.array(group), importer=np.arange(len(base)),
        base=np.array(base), market=np.ones(len(base)), later=np.array(later),
        survived=np.array(later) > 0, seen=np.array(seen or [1] * len(base)),
        kept=np.arange(len(base)), candidates=len(base),
    )  # fmt: skip


def value(made: Backtest, rival: str, measure: str, weighting: str = "dollar") -> float:
    return next(
        s.value
        for s in made.scores
        if (s.rival, s.measure, s.weighting, s.part) == (rival, measure, weighting, "all")
    )


def captured(one: Trial, score: Array, tops: tuple[int, ...]) -> dict[int, Array]:
    return next(top_sums(one, score, tops, one.gain))


def test_captured_by_hand() -> None:
    """Growth 5, 0, 3, 2: the two first-ranked markets hold 5 + 3 of it."""
    one = trial([1, 9, 1, 1], [6, 4, 4, 3], [0, 0, 0, 0])
    taken = captured(one, np.array([4.0, 1.0, 3.0, 2.0]), (1, 2, 4))
    assert [taken[k].tolist() for k in (1, 2, 4)] == [[5.0], [8.0], [10.0]]


@given(st.lists(st.floats(0, 1e12), min_size=2, max_size=30), st.integers(1, 40))
def test_nothing_catches_more_than_the_perfect_ranking(later: list[float], k: int) -> None:
    one = trial([1.0] * len(later), later, [0] * len(later))
    best = captured(one, one.gain, (k,))[k][0]
    other = captured(one, np.arange(len(later), dtype=float), (k,))[k][0]
    assert other <= best * (1 + 1e-9) + 1e-6
    assert best <= one.gain.sum() * (1 + 1e-9) + 1e-6
    tied = captured(one, np.zeros(len(later)), (k,))[k]
    assert tied[0] <= one.gain.sum() * (1 + 1e-9) + 1e-6


def precision(said: list[float], came: list[bool], thin: bool = False) -> float:
    entries = Entries.of(np.zeros(len(said), dtype=np.int64), np.array(came), np.array(said))
    gained, positives = (entries.thin() if thin else entries).gained(np.ones((1, 1)))
    return float(gained[0] / positives[0])


def test_average_precision_by_hand() -> None:
    """Hits at places 1 and 3 of 4: (1/1 + 2/3) / 2."""
    assert precision([4, 3, 2, 1], [True, False, True, False]) == pytest.approx((1 + 2 / 3) / 2)


def test_thinned_entries_keep_their_precision() -> None:
    rng = np.random.default_rng(2)
    said = rng.random(300_000)
    came = rng.random(300_000) < 0.1 * said
    both = [precision(said.tolist(), came.tolist(), thin) for thin in (False, True)]
    assert both[0] == pytest.approx(both[1], rel=2e-3)


def test_crps_of_quantiles_near_the_closed_form() -> None:
    """Standard normal around the truth: CRPS = 2 φ(0) - 1/√π = 0.2337 (Gneiting and Raftery 2007).

    Seven quantiles and trapezoids are coarse: 15 % off at most.
    """
    from scipy.stats import norm

    from offing.forecast.outlook.distribution import LEVELS

    middle = math.log(1e9)
    quantiles = np.exp(middle + norm.ppf(LEVELS))[None, :]
    said = log_scores(trial([1e9], [1e9], [0]), quantiles, np.ones(1, dtype=bool))
    assert said[0] == pytest.approx(0.2337, rel=0.15)


def test_today_is_scored_with_its_own_past_errors() -> None:
    """Flows doubled or halved before; so the quantiles of today's exports stand at both."""
    past = PastChanges(horizon=1)
    many = 4_000
    earlier = trial([1e9] * many, [5e8, 2e9] * (many // 2), [0] * many)
    now = replace(earlier, base_year=2021)
    past.add(earlier)
    past.add(replace(now, later=now.base * 100))  # its outcome is of 2022: not known in 2021
    assert past.quantiles(earlier) is None
    quantiles = past.quantiles(now)
    assert quantiles is not None
    np.testing.assert_allclose(quantiles[0, [0, -1]], [5e8, 2e9], rtol=1e-3)


def test_calibration_by_hand() -> None:
    """Two new pairs at 0.3 of which one came, a returning one at 0.04 that did."""
    one = trial([0, 0, 0, 5], [1, 0, 1, 5], [0, 0, 0, 0], seen=[0, 0, 2, 4])
    said = {"score": np.zeros(4), "entry": np.array([0.3, 0.3, 0.04, 0.0])}
    columns = probability_columns(one, said)
    assert columns["said new"] == pytest.approx([0.6])
    assert columns["came new"].tolist() == [1.0]
    assert columns["pairs new 20-50"].tolist() == [2.0]
    assert columns["said returning 2-5"] == pytest.approx([0.04])
    assert columns["came returning 2-5"].tolist() == [1.0]


def test_a_pair_that_nobody_reported_on_is_missing() -> None:
    """AAA stops reporting in the last year: what others sold there is unknown, not lost."""
    table = flows(years=3, places=6, products=3)
    last = table["year"].max()
    silent = (pl.col("year") == last) & (pl.col("importer") == "AAA")
    told = table.filter(~silent).with_columns(observed=pl.lit("importer"))
    horizon = {"horizon": 1, "dataset": "x", "design": Design(draws=2, parts=False)}
    made = backtest(History.of(told), **horizon)  # type: ignore[arg-type]
    assert 0 < made.silent_pairs < 0.25
    assert made.silent_sales > 0
    both = told.with_columns(observed=pl.lit("both"))
    assert backtest(History.of(both), **horizon).silent_pairs == 0  # type: ignore[arg-type]


def test_the_outlook_learns_where_growth_goes() -> None:
    """Growth goes to a third of the importers whatever their size: persistence cannot know."""
    steady = History.of(flows(favourite=0.5, noise=0.1, churn=0.0, products=12, places=16))
    made = backtest(
        steady, horizon=1, dataset="made-up", design=Design(draws=100, rivals=["outlook"])
    )
    lead = next(s for s in made.scores if s.measure == "lead_top5" and s.weighting == "equal")
    assert lead.part == "all"
    assert lead.low > 0


@pytest.mark.usefixtures("nothing_kept")
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
        parts.append(candidate_frame(cube, {"score": cube.base + 0.01 * later}))
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
