"""What is fitted where no feature says anything: shares, medians and means, each on paper.

Every feature is nought, so that each regression has an intercept alone; penalties touch none.
"""

from dataclasses import fields, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.stats import norm, truncnorm

from market_world import distances, flows
from offing.forecast.backtest import run
from offing.forecast.backtest.run import Design
from offing.forecast.outlook import model, training
from offing.forecast.outlook.features import COLUMNS
from offing.forecast.outlook.fitting import FittedParts, fit_parts, scores_with_stops
from offing.forecast.outlook.forecast import outlooks_ahead
from offing.forecast.outlook.training import TrainingSet, training_set
from offing.market.history import FLOOR_USD, History

OLD, EMPTY = 400, 300
"""Flows that exist, and empty pairs."""


def told(**more: Any) -> TrainingSet:
    """Two base years, ten exporters a year; a quarter of the flows stop, half of the others rise.

    Of the empty pairs a tenth opens; each stands for two.
    """
    rows = OLD + EMPTY
    at = np.arange(rows)
    old = at < OLD
    base = np.where(old, 99_000.0, 0.0)
    stops = old & (at % 4 == 0)
    rises = np.where(at % 4 == 1, 0.3, np.where(at % 4 == 2, -0.1, 0.1))
    later = np.where(old & ~stops, 100_000 * np.exp(rises) - FLOOR_USD, 0.0)
    begins = ~old & (at % 10 == 0)
    later = np.where(begins, np.where(at % 20 == 0, 49_000.0, 19_000.0), later)
    group = np.sort(at % 20)
    order = np.argsort(at % 20, kind="stable")
    data = TrainingSet(
        horizon=1, origins=(2020, 2019), base=base[order], proportional=base[order],
        design=np.zeros((rows, len(COLUMNS)), np.float32), later=later[order],
        survived=(later > 0)[order], returns=np.zeros(rows, bool), seen=np.where(old, 3, 0)[order],
        group=group, buyer=(at % 35)[order], origin=group // 10, looked=np.full(rows, 3),
        stands_for=np.where(old, 1.0, 2.0)[order], exporters=np.zeros((20, 2), np.float32),
        exports=np.full(20, 1_980_000.0), levels=np.zeros(0),
    )  # fmt: skip
    return replace(data, **more)


def logit(share: float) -> float:
    return float(np.log(share / (1 - share)))


def test_flows_that_stop_and_those_that_go_on() -> None:
    """A quarter stops. Of 300 that go on a third each rises by 0.3, by 0.1, falls by 0.1."""
    data = told()
    going = fit_parts(data).going
    assert going.stop.intercept == pytest.approx(logit(0.25), abs=1e-4)
    assert not going.stop.slopes.any()
    assert going.middle.intercept == pytest.approx(0.1, abs=1e-6)
    # new rows err more: the root of (n + 1) over (n - 1), of 300 rows and one intercept
    wider = np.sqrt(301 / 299)
    sizes = np.log(np.array([0.2 * wider + 0.05, 0.05, 0.2 * wider + 0.05]))
    assert going.scale.intercept == pytest.approx(sizes.mean(), abs=1e-4)
    assert going.spread(np.zeros((1, len(going.scale.slopes)), np.float32)) == pytest.approx(
        np.exp(sizes.mean()), abs=1e-4
    )
    # two thirds are off by 0.2 and as much of every dollar is; no error of the level is known
    by_dollar = 2 / 3 * (0.2 * wider) ** 2
    assert going.common.years == 2
    assert going.level == pytest.approx(going.common.year * by_dollar, rel=1e-6)
    assert going.drift == 0.0
    assert fit_parts(data).more == pytest.approx(going.level / 2)


def test_errors_of_the_level_widen_every_flow() -> None:
    """Four pairs of years that overlap in none: 0.5 above the long run each."""
    calm, wild = fit_parts(told()), fit_parts(told(levels=np.full(4, 0.5)))
    wider = np.sqrt(301 / 299)
    by_dollar = 2 / 3 * (0.2 * wider) ** 2
    # four of four and three of prior; more than the spread of flows counts as all of it
    asked = 4 / 7 + 3 / 7 * 0.08
    more = max(asked - calm.going.common.year, 0.0)
    added = more * by_dollar
    spread = np.exp(calm.going.scale.intercept) ** 2
    assert wild.going.drift == pytest.approx(added * 300 * spread / (300 * by_dollar), rel=1e-4)
    assert wild.going.level == pytest.approx(wild.going.common.year * (by_dollar + added), rel=1e-4)
    assert wild.going.spread(np.zeros((1, len(wild.going.scale.slopes)), np.float32)) == (
        pytest.approx(np.sqrt(spread + wild.going.drift), rel=1e-4)
    )
    # of four years the fit has learnt from two: 0.5 × 2 / (2 + 20), and half of the variance
    assert wild.more == pytest.approx(0.5 * 2 / 22 + wild.going.level / 2)


def test_pairs_that_begin() -> None:
    """A tenth of them, and all last; half at 50,000 with the floor and half at 20,000."""
    made = fit_parts(told())
    assert made.new.chance.intercept == pytest.approx(logit(0.1), abs=1e-4)
    assert made.new.lasting.intercept == 30.0  # all of them: as sure as is ever said
    assert made.new.size.intercept == pytest.approx(np.log(50_000 * 20_000) / 2)
    apart = np.log(50_000 / 20_000) / 2
    assert made.new.errors[2:9] == pytest.approx([-apart] * 7)  # from 2.5 % to the median
    assert made.new.errors[9:13] == pytest.approx([apart] * 4)  # up to 90 %, where it is bent
    assert made.returning.chance.intercept == -30.0  # none is known to have sold before


def test_what_begins_lasts_in_part() -> None:
    data = told()
    begun = np.flatnonzero((data.base == 0) & (data.later > 0))
    survived = data.survived.copy()
    survived[begun[::3]] = False
    made = fit_parts(replace(data, survived=survived))
    assert made.new.lasting.intercept == pytest.approx(logit(2 / 3), abs=1e-4)


def test_pairs_that_return_are_told_apart_where_earlier_years_are_known() -> None:
    """Half of the empty pairs sold before: of them two in ten open, of the others none."""
    data = told()
    at = np.cumsum(data.base == 0) - 1
    empty = data.base == 0
    returns = empty & (at % 2 == 0)
    later = np.where(returns & (at % 10 == 0), 9_000.0, np.where(empty, 0.0, data.later))
    changed = replace(data, returns=returns, later=later, survived=later > 0)
    made = fit_parts(changed)
    assert made.returning.chance.intercept == pytest.approx(logit(0.2), abs=1e-4)
    assert made.returning.size.intercept == pytest.approx(np.log(10_000))
    assert made.new.chance.intercept == -30.0
    once = fit_parts(replace(changed, looked=np.ones(len(data.base), int)))
    assert once.returning.chance.intercept == pytest.approx(logit(0.2), abs=1e-4)
    blind = fit_parts(replace(changed, looked=np.zeros(len(data.base), int)))
    assert blind.returning is blind.new


def test_years_that_know_less_of_the_past_are_left_out_where_others_suffice() -> None:
    """Thirty that began in the years that know most are enough; twenty-nine are not."""
    data = told()
    empty = data.base == 0
    begun = empty & (data.later > 0)
    assert begun.sum() == 30
    looked = np.where(empty & (np.cumsum(empty) % 2 == 0) & ~begun, 1, 3)
    made = fit_parts(replace(data, looked=looked))
    share = 30 / (empty & (looked == 3)).sum()
    assert made.new.chance.intercept == pytest.approx(logit(share), abs=1e-3)
    looked[np.flatnonzero(begun)[0]] = 1
    made = fit_parts(replace(data, looked=looked))
    assert made.new.chance.intercept == pytest.approx(logit(0.1), abs=1e-3)


def test_how_much_growth_there_is_and_that_no_feature_moves_it() -> None:
    """Exports with the floor, times e to the intercept, are the growth: all groups weigh alike."""
    data = told()
    made = fit_parts(data)
    gain = np.maximum(data.later - data.base, 0) * data.stands_for
    expected = gain.sum() / (20 * (1_980_000.0 + FLOOR_USD))
    assert made.total.intercept == pytest.approx(np.log(expected), abs=1e-4)
    assert not made.total.slopes.any()
    assert not made.share.any()


def test_large_exporters_weigh_by_the_root_of_what_they_export() -> None:
    """Growth over exports with the floor, each over the root of exports and 100,000."""
    data = told()
    exports = np.where(np.arange(20) % 2 == 0, 300_000.0, 24_900_000.0)
    gain = np.maximum(data.later - data.base, 0) * data.stands_for * (1 + data.group % 2)
    later = np.where(gain > 0, data.base + gain / data.stands_for, data.later)
    changed = replace(data, exports=exports, later=later)
    totals = np.bincount(data.group, gain)
    root = 1 / np.sqrt(exports + 100_000)
    expected = (root @ totals) / (root @ (exports + FLOOR_USD))
    assert fit_parts(changed).total.intercept == pytest.approx(np.log(expected), abs=1e-4)


def test_where_nothing_grows_nothing_goes_on_and_nothing_begins() -> None:
    made = fit_parts(told(later=np.zeros(OLD + EMPTY)))
    assert not made.share.any()
    assert (made.total.intercept, made.going.stop.intercept) == (-30.0, 30.0)
    assert (made.going.level, made.going.drift, made.more) == (0.0, 0.0, 0.0)
    assert made.going.common.years == 0
    assert not made.going.errors.table.any()
    assert (made.new.chance.intercept, made.new.lasting.intercept) == (-30.0, 0.0)
    assert not made.new.errors.any()


def test_which_empty_pairs_begin_is_learnt_from_what_they_have() -> None:
    """Where the first feature of an empty pair says it all, pairs with it open far more often."""
    data = told()
    place = len(COLUMNS) - 2  # the last that an empty pair has
    design = data.design.copy()
    design[:, place] = (data.base == 0) & (data.later > 0)
    made = fit_parts(replace(data, design=design)).new.chance
    assert made.slopes[-1] > 3
    assert made.slopes[:-1] == pytest.approx(np.zeros(len(made.slopes) - 1))


def test_scores_of_flows_that_stopped_among_those_that_went_on() -> None:
    """A stop is the mean of a normal below its quantile; what goes on lies above that."""
    ends = np.array([0.3, 0.3, 0.02, 0.5, 0.0, 1.0])
    on = np.array([True, False, False, True, False, False])
    made = scores_with_stops(ends, on, np.array([0.0, 9.0]))
    assert made[0] == pytest.approx(norm.ppf(0.3 + 0.7 * 0.5))
    assert made[3] == pytest.approx(norm.ppf(0.999))  # one in a thousand is the end
    for at in (1, 2):
        assert made[at] == pytest.approx(truncnorm.mean(-40, norm.ppf(ends[at])), rel=1e-6)
    assert made[4] == pytest.approx(truncnorm.mean(-40, norm.ppf(1e-6)), rel=1e-4)
    assert made[5] == pytest.approx(0.0, abs=1e-5)  # all of it: the mean of a normal
    least = scores_with_stops(np.array([0.0]), np.array([True]), np.array([-9.0]))
    assert least == pytest.approx(norm.ppf(0.001))


FLOWS = flows(favourite=0.4).sample(fraction=0.25, seed=1)  # most pairs are empty


def fresh() -> History:
    return History.of(FLOWS, distances=distances())


def same(one: TrainingSet, other: TrainingSet) -> bool:
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name))
        for field in fields(TrainingSet)
    )


def test_what_is_remembered_is_what_would_be_made() -> None:
    used = fresh()
    asked = [(used.years[-1], 1), (used.years[-1], 2), (used.years[-2], 1), (used.years[-1], 1)]
    for year, horizon in asked:
        known = training_set(used.until(year), horizon, seed=1)
        assert same(known, training_set(fresh().until(year), horizon, seed=1))
    assert not same(training_set(used, 1, seed=1), training_set(used, 1, seed=2))


def test_samples_are_drawn_for_each_horizon() -> None:
    used = fresh()
    small = [training_set(used, horizon, size=200, seed=1) for horizon in (1, 2, 1)]
    assert same(small[0], small[2])
    assert not [key for key in used.fits if key[0] in ("taken", "came")]


def test_horizons_that_learn_from_the_same_one_share_its_fit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[int] = []

    def counted(data: TrainingSet) -> FittedParts:
        made.append(data.horizon)
        return fit_parts(data)

    monkeypatch.setattr(model, "fit_parts", counted)
    history, horizons = fresh(), [1, 2, 3, 8, 9]
    models = [one.model for one in outlooks_ahead(history, history.years[-1], horizons)]
    trained = [one.trained for one in models if one]
    assert [one.horizon for one in models if one] == horizons
    assert trained[-1] == trained[-2] < 8
    assert sorted(made) == sorted(set(trained))


@pytest.mark.parametrize(
    ("part", "exporters", "goods"),
    [(2.0, 1.0, None), (1.0, 1.0, None), (0.5, 0.5, None), (0.2, 0.2, None), (0.1, 0.2, 5),
     (0.02, 0.2, 1), (0.001, 0.2, 1)],
)  # fmt: skip
def test_how_much_is_taken_of_a_base_year(part: float, exporters: float, goods: int | None) -> None:
    """Of 10 products with 50 flows a year each: a part of the exporters, down to a fifth; below
    that of the products, one at least."""
    history: Any = SimpleNamespace(rows={f"p{n}": 100 for n in range(10)}, years=(2019, 2020))
    found = training._sample_cells(history, part * 500 * (1 + training.EMPTY_FOR_EACH), 1)
    assert found.exporters == pytest.approx(exporters)
    assert (found.goods if goods is None else len(found.goods or ())) == goods
    assert found.whole is (part >= 1)
    if found.goods is not None:
        assert found.goods == sorted(set(found.goods) & set(history.rows))


ROWS = [
    (2020, "1", importer, exporter, 1.0) for importer in "CD" for exporter in "AB"
] + [(2020, "2", "C", "A", 1.0), (2020, "3", "C", "A", 1.0), (2020, "3", "D", "A", 1.0),
     (2019, "4", "C", "A", 1.0)]  # fmt: skip
NAMES = ["year", "product", "importer", "exporter", "value_usd"]
HISTORY = History.of(pl.DataFrame(ROWS, schema=NAMES, orient="row"))
"""In 2020 products of four, one and two candidates."""


def test_of_more_some_are_drawn_and_that_which_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run, "CELLS", 6)
    cells = {"1": 4, "2": 1, "3": 2}
    drawn = []
    for seed in range(12):
        products = set(run._sample_products(HISTORY, 2020, Design(seed=seed)).rows)
        assert products
        assert sum(cells[each] for each in products) <= 6
        drawn.append(tuple(sorted(products)))
    assert len(set(drawn)) > 1
    again = run._sample_products(HISTORY, 2020, Design(seed=3)).rows
    assert tuple(sorted(again)) == drawn[3]
    monkeypatch.setattr(run, "CELLS", 1)
    for seed in range(4):
        one = run._sample_products(HISTORY, 2020, Design(seed=seed)).rows
        assert len(one) == 1
        asked = run._sample_products(HISTORY, 2020, Design(seed=seed, product="2")).rows
        assert "2" in asked
