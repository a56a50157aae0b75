from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from market_world import COUNTRIES, distances, flows
from offing.estimators import penalised as fit
from offing.forecast.outlook.distribution import (
    ENDS,
    PROBABILITIES,
    SHARES,
    Distribution,
    Errors,
    ends,
)
from offing.forecast.outlook.features import COLUMNS, cells, years_before
from offing.forecast.outlook.forecast import Outlooks, align_to_level, outlooks, write
from offing.forecast.outlook.training import LONG_RUN, LONG_RUN_YEARS, outcome, training_set
from offing.market.history import Cube, History

HISTORY = History.of(flows(), distances=distances())
LAST = HISTORY.years[-1]


@pytest.fixture(scope="module")
def made() -> Outlooks:
    return outlooks(HISTORY, LAST, 2)


class TestRegressions:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(4000, 3))
    weight = np.ones(4000)

    def test_shares_equal_poisson_with_an_effect_for_each_group(self) -> None:
        """The multinomial and the Poisson model with group dummies have the same slopes."""
        group = np.repeat(np.arange(200), 20)
        effect = np.repeat(self.rng.normal(size=200), 20)
        y = self.rng.poisson(np.exp(effect + self.x @ [0.6, -0.4, 0.2])).astype(float)
        y[::20] += 1  # no group without any
        one = np.ones(4000)
        slopes = fit.shares(self.x, y, np.zeros(4000), group, one, one, penalty=0.0)
        dummies = np.eye(200)[group][:, 1:]
        both = fit.poisson(np.hstack([self.x, dummies]), y, np.zeros(4000), one, penalty=0.0)
        np.testing.assert_allclose(slopes, both.slopes[:3], atol=2e-4)


class TestIntervals:
    def test_normal_errors_give_normal_quantiles(self) -> None:
        rng = np.random.default_rng(1)
        error = rng.normal(size=50_000)
        size = np.full(50_000, 1e6)
        seen = np.full(50_000, 4)
        found = Errors.of(error, size, seen, np.ones(50_000))(size[:1], seen[:1])[0]
        np.testing.assert_allclose(found[1:-1], norm.ppf(PROBABILITIES[1:-1]), atol=0.05)
        # Beyond 1 % the mean of the tail is that of the normal: the density there over 1 %.
        for end, next_to_it in ((0, 1), (-1, -2)):
            tail = (abs(found[end]) + abs(found[next_to_it])) / 2
            assert tail == pytest.approx(norm.pdf(norm.ppf(0.01)) / 0.01, abs=0.06)

    def test_an_interval_from_zero_holds_what_it_says(self) -> None:
        """Half the flows end: 80 % of the outcomes lie between zero and the 0.8 quantile."""
        logs = 14 + norm.ppf(np.clip(PROBABILITIES, 0.002, 0.998))[None]
        sales = Distribution.of(np.array([0.5]), logs, np.inf)
        later = sales.sales((np.arange(100_000)[:, None] + 0.5) / 100_000)[:, 0]
        made = dict(zip(ENDS, ends(sales)[0], strict=True))
        for name, share in SHARES:
            inside = (later >= made[f"low{name}"]) & (later <= made[f"high{name}"])
            assert inside.mean() == pytest.approx(share, abs=1e-4)
            assert made[f"low{name}"] == 0


class TestFeatures:
    def test_nothing_later_is_seen(self) -> None:
        year = LAST - 2
        long, short = (
            cells(history, next(history.cubes(year, years_before(history, year)))).design
            for history in (HISTORY, HISTORY.until(year))
        )
        assert np.isfinite(long).all()
        np.testing.assert_array_equal(long, short)

    def test_an_importer_that_did_not_report_is_no_collapse(self) -> None:
        """Its flows of that year are unknown: no growth is read from them."""
        silent = flows().filter(
            ~((pl.col("year") == LAST - 1) & (pl.col("importer") == COUNTRIES[0]))
        )
        history = History.of(silent)
        cube = next(history.cubes(LAST, years_before(history, LAST)))
        one = cells(history, cube)
        mine = cube.importers[one.column] == history.index[COUNTRIES[0]]
        for name in ("market_growth", "own_growth", "just_begun"):
            assert (one.design[mine][:, COLUMNS.index(name)] == 0).all()

    def test_outcome_is_unknown_where_the_importer_is_silent(self) -> None:
        silent = flows().filter(~((pl.col("year") == LAST) & (pl.col("importer") == COUNTRIES[0])))
        history = History.of(silent)
        cube = next(history.cubes(LAST - 1, [LAST]))
        _, _, known = outcome(history, cube, 1)
        place = list(cube.importers).index(history.index[COUNTRIES[0]])
        assert not known[:, place].any()
        assert known.sum() == known.size - len(cube.exporters)


class TestModel:
    def test_half_of_the_gain_needs_no_learning(self, made: Outlooks) -> None:
        """Where gravity says that a pair could sell more than it does, gravity lifts its gain."""
        for one in made.cells():
            forecast = made.forecast(one, explain=True)
            assert one.gravity_trade is not None
            sums = np.bincount(one.row, one.gravity_trade)
            np.testing.assert_allclose(sums, one.exports, rtol=1e-3)
            more = one.gravity_trade > one.base * (1 + 1e-6) + 10_000
            less = one.gravity_trade < one.base * (1 - 1e-6) - 10_000
            assert (forecast.because["gravity"][more] > 0).mean() > 0.9
            assert (forecast.because["gravity"][less] < 0).mean() > 0.9

    def test_trains_on_nothing_after_the_base_year(self) -> None:
        year = LAST - 1
        one = outlooks(HISTORY, year, 1)
        cut = flows().filter(pl.col("year") <= year)
        other = outlooks(History.of(cut, distances=distances()), year, 1)
        for (_, a), (_, b) in zip(one.forecasts(), other.forecasts(), strict=True):
            np.testing.assert_array_equal(a.expected, b.expected)

    def test_one_year_grows_as_trade_does_without_an_interval(self) -> None:
        """Half of 4 % a year falls on today's sales, half where gravity says."""
        made = outlooks(History.of(flows(years=1), distances=distances()), 2015, 2)
        assert made.method == "one_year"
        assert made.notes == ("market.note_one_year",)
        one = next(made.cells())
        forecast = made.forecast(one, explain=True)
        assert forecast.expected.sum() == pytest.approx(one.base.sum() * np.exp(0.08))
        assert one.gravity_trade is not None
        exports = one.exports[one.row]
        large = one.base > 1e5
        share = (one.base / exports + one.gravity_trade / exports) / 2
        np.testing.assert_allclose(
            (forecast.gain / exports)[large], (share * np.expm1(0.08))[large], rtol=0.05
        )
        parts = np.sum(list(forecast.because.values()), axis=0)
        np.testing.assert_allclose(parts, forecast.gain, rtol=1e-9, atol=1e-6)
        assert np.isnan(forecast.quantiles).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3))
def test_cubes_hold_every_flow_of_the_base_year(seed: int, years: int) -> None:
    table = flows(years=years, places=6, products=3, seed=seed)
    history = History.of(table)
    last = history.years[-1]
    total = sum(cube.base.sum() for cube in history.cubes(last, []))
    assert total == pytest.approx(table.filter(pl.col("year") == last)["value_usd"].sum())
    assert history.pairs(last).value.sum() == pytest.approx(total)


@pytest.mark.usefixtures("nothing_kept")
def test_cube_is_the_same_whatever_the_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    def values() -> list[Cube]:
        return list(HISTORY.cubes(LAST, [LAST - 1]))

    whole = values()
    monkeypatch.setattr("offing.market.history.ROWS_AT_ONCE", 1)
    for one, other in zip(whole, values(), strict=True):
        np.testing.assert_array_equal(one.base, other.base)
        np.testing.assert_array_equal(one.values[LAST - 1], other.values[LAST - 1])


def test_written_file(made: Outlooks, tmp_path: Path) -> None:
    target = tmp_path / "outlook.parquet"
    report = write(made, target, lambda _share: None)
    rows = pl.read_parquet(target)
    assert rows.height == report.rows
    assert (rows["base_usd"] > 0).sum() == report.flows
    order = ["product", "tier", "exporter", "importer"]
    assert rows.select(order).equals(rows.select(order).sort(order))
    assert rows.select(order).is_unique().all()
    base = flows().filter(pl.col("year") == LAST)
    joined = base.join(rows, on=["product", "exporter", "importer"], how="left")
    assert joined["base_usd"].to_list() == pytest.approx(joined["value_usd"].to_list())
    assert rows["entry_probability"].is_null().equals(rows["base_usd"] > 0)
    assert [p.name for p in target.parent.iterdir()] == ["outlook.parquet"]


class TestLevel:
    """Growth of a product's total is shrunk to the long run; tiers add up to the whole."""

    def test_a_boom_before_promises_no_boom_after(self) -> None:
        """All flows doubled in each year seen; the level hardly follows."""
        boom = flows(noise=0.1, churn=0.0).with_columns(
            pl.col("value_usd") * 2.0 ** (pl.col("year") - 2015)
        )
        made = outlooks(History.of(boom), 2020, 1)
        assert made.model is not None
        more = made.model.more
        assert 0 < more < 0.15
        for one, forecast in made.forecasts():
            fitted = made.forecast(one).expected.sum() / one.base.sum()
            said = forecast.expected.sum() / one.base.sum()
            assert fitted > 1.6
            trust = 5 / (5 + LONG_RUN_YEARS)
            assert np.log(said) == pytest.approx(
                trust * np.log(fitted) + (1 - trust) * (LONG_RUN + more), rel=1e-9
            )

    @pytest.mark.parametrize("times", [(1.0, 0.99, 1.0, 1.25, 1.5), (1.0, 1.001, 1.002, 1.4, 1.4)])
    def test_a_size_that_was_never_seen_promises_no_more_than_the_largest_that_was(
        self, times: tuple[float, ...]
    ) -> None:
        """Every flow follows the one product, whose size moved little before it jumped.

        Three base years hold three sizes: a line through them told 36 times today's sales, or 8 %.
        """
        years = pl.DataFrame({"year": range(2016, 2021), "times": times})
        world = flows(places=18, products=1, noise=0.02, churn=0.0).join(years, on="year")
        moved = world.select(
            pl.exclude("value_usd", "times"), pl.col("value_usd") * pl.col("times")
        )
        made = outlooks(History.of(moved), 2020, 2)
        ((one, forecast),) = made.forecasts()
        middle = forecast.sales.quantile(0.5)[one.base > 0] / one.base[one.base > 0]
        assert 0.95 < np.median(middle) < 1.4

    @pytest.mark.parametrize("more", [0.2, -0.6])
    def test_growth_in_view_is_what_its_sentence_says(self, made: Outlooks, more: float) -> None:
        """Exporters grow as all trade does, by rises as fitted; where it shrinks, rises stay."""
        for one in made.cells():
            rises = made.forecast(one)
            forecast = align_to_level(one, rises, 1, 1, more)
            growth = float(forecast.expected.sum() / one.base.sum()) - 1
            assert (growth > 0) == (more > 0)
            part = rises.gain / np.bincount(one.row, rises.gain)[one.row]
            left = rises.gain * float(forecast.expected.sum() / rises.expected.sum())
            said = part * one.exports[one.row] * growth if growth > 0 else left
            np.testing.assert_allclose(forecast.gain, said, rtol=1e-6)

    def test_tiers_add_up_to_the_whole(self) -> None:
        tier = pl.when(pl.int_range(pl.len()).shuffle(seed=5) % 3 == 0).then(pl.lit("high"))
        split = flows().with_columns(tier=tier.otherwise(pl.lit("low")))
        made = outlooks(History.of(split), LAST, 2)
        assert made.whole is not None
        whole = {
            (one.cube.product, i, j): expected
            for one, forecast in outlooks(History.of(flows()), LAST, 2).forecasts()
            for i, j, expected in zip(
                one.cube.exporters[one.row],
                one.cube.importers[one.column],
                forecast.expected,
                strict=True,
            )
        }
        total: dict[tuple[str, int, int], float] = {}
        for one, forecast in made.forecasts(explain=True):
            pairs = zip(one.cube.exporters[one.row], one.cube.importers[one.column], strict=True)
            for at, (i, j) in enumerate(pairs):
                key = one.cube.product, i, j
                total[key] = total.get(key, 0.0) + forecast.expected[at]
            parts = np.sum(list(forecast.because.values()), axis=0)
            np.testing.assert_allclose(parts, forecast.expected - one.base, rtol=1e-6, atol=1.0)
        assert len(total) > 100
        for key, value in total.items():
            assert value == pytest.approx(whole[key], rel=1e-6, abs=1e-6)


class TestNothingLater:
    """What lies after the base year steers nothing, not even which cells are sampled."""

    year = LAST - 2

    def scrambled(self, seed: int) -> pl.DataFrame:
        """Later years in disorder: values redrawn, a third of the rows gone, a product more."""
        rng = np.random.default_rng(seed)
        table = flows()
        later = table.filter(pl.col("year") > self.year)
        later = later.filter(pl.Series(rng.random(later.height) < 0.66))
        later = later.with_columns(value_usd=pl.Series(rng.lognormal(12, 4, later.height)))
        fresh = later.with_columns(product=pl.lit("8599"))
        return pl.concat([table.filter(pl.col("year") <= self.year), later, fresh])

    @pytest.mark.parametrize("size", [600, 400_000])
    def test_scrambled_later_years_change_no_byte(self, size: int) -> None:
        """With 600 cells products, exporters and empty pairs are sampled."""
        one, other = (
            list(outlooks(history, self.year, 1, size=size).forecasts())
            for history in (HISTORY, History.of(self.scrambled(6), distances=distances()))
        )
        assert len(one) == len(other)
        for (cells_of, made), (_, again) in zip(one, other, strict=True):
            assert made.expected.tobytes() == again.expected.tobytes()
            assert made.quantiles.tobytes() == again.quantiles.tobytes()
            assert made.gain.tobytes() == again.gain.tobytes()
            assert cells_of.base.sum() > 0

    def test_what_nobody_reported_is_missing(self) -> None:
        """Each side reports half of the years of a pair: silence of both is no end of a flow."""
        silent = COUNTRIES[:2]
        table = flows(churn=0.0).with_columns(observed=pl.lit("both"))
        gone = (pl.col("year") == LAST) & (
            pl.col("importer").is_in(silent) & pl.col("exporter").is_in(silent)
        )
        by_partner = (pl.col("year") == LAST) & pl.col("importer").is_in(silent)
        heard = (pl.col("year") == LAST) & pl.col("exporter").is_in(silent)
        told = pl.when(by_partner).then(pl.lit("exporter")).when(heard).then(pl.lit("importer"))
        history = History.of(
            table.filter(~gone).with_columns(observed=told.otherwise(pl.col("observed")))
        )
        data = training_set(history, 1, seed=1)
        pairs = (data.base > 0) & (data.later == 0)
        # Nothing ends in this world: every flow that is gone is one that nobody told of.
        assert pairs.sum() == 0
        assert len(data.base) > 100
