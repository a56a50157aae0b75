"""The running year from its months: closed forms, planted seasons, vintages that see no further."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import offing
from cautions import keyed
from monthly_world import FIRST, World, world
from offing.forecast.nowcast.nowcast import _alive, cell_positions, lesson, logs, nowcast
from offing.forecast.nowcast.scoring import pseudo_vintages
from offing.forecast.nowcast.signals import BEGAN, SILENT, STEADY, MonthlySales, Signals, signals
from offing.forecast.outlook.distribution import PROBABILITIES, Distribution
from offing.forecast.outlook.forecast import outlooks
from offing.market.history import FLOOR_USD, History
from offing.warehouse import Warehouse, load
from shared_data import shared

MIDDLE = len(PROBABILITIES) // 2


def rows(
    cells: dict[str, dict[int, list[float]]], *, reporter: str = "DEU", direction: str = "import"
) -> pl.DataFrame:
    """Partner → year → its months."""
    return pl.DataFrame(
        [
            (year, month, direction, reporter, partner, "8507", usd)
            for partner, years in cells.items()
            for year, months in years.items()
            for month, usd in enumerate(months, start=1)
        ],
        schema=["year", "month", "direction", "reporter", "partner", "product", "value_usd"],
        orient="row",
    ).cast({"year": pl.Int32, "month": pl.Int32})


def told(cells: dict[str, dict[int, list[float]]], base_year: int, year: int) -> Signals:
    found = signals(MonthlySales.of(rows(cells), ["8507"]), base_year, year)
    assert found is not None
    return found


EVEN = [100.0] * 12


class TestSignals:
    def test_growth_of_the_same_months_times_last_years_whole(self) -> None:
        last = [50.0, 150.0, *[100.0] * 10]
        one = told({"CHN": {2023: last, 2024: [60.0, 240.0]}}, 2023, 2024)
        assert one.kind.tolist() == [STEADY]
        assert one.months.tolist() == [2]
        assert one.ratio[0] == pytest.approx(300 / 200)
        # On yearly data of another valuation, the base year grows as its months do.
        assert one.level(np.array([5_000.0]))[0] == pytest.approx(7_500)
        assert one.already(np.array([6_000.0]))[0] == pytest.approx(300 * 6_000 / 1_200)

    def test_sales_that_begin_are_raised_by_the_season_of_all(self) -> None:
        cells = {
            "CHN": {2023: [300.0] * 3 + [100.0] * 9, 2024: [300.0] * 3},
            "JPN": {2024: [10.0, 20.0, 30.0]},
        }
        one = told(cells, 2023, 2024)
        begins = one.take(one.kind == BEGAN)
        assert begins.pairs["exporter"].to_list() == ["JPN"]
        assert begins.raised[0] == pytest.approx(60 * 1_800 / 900)

    def test_none_yet_may_still_sell_the_rest_of_the_year(self) -> None:
        cells = {"CHN": {2023: EVEN, 2024: EVEN[:3]}, "JPN": {2023: [10.0] * 3 + [20.0] * 9}}
        one = told(cells, 2023, 2024)
        silent = one.take(one.kind == SILENT)
        assert silent.level(np.array([2_100.0]))[0] == pytest.approx(2_100 * 180 / 210)
        assert silent.sold[0] == 0

    def test_a_missing_month_ends_what_is_known(self) -> None:
        whole = rows({"CHN": {2023: EVEN, 2024: EVEN[:6]}})
        gap = whole.filter(~((pl.col("year") == 2024) & (pl.col("month") == 4)))
        one = signals(MonthlySales.of(gap, ["8507"]), 2023, 2024)
        assert one is not None
        assert one.months.tolist() == [3]
        hole = whole.filter(~((pl.col("year") == 2023) & (pl.col("month") == 9)))
        assert signals(MonthlySales.of(hole, ["8507"]), 2023, 2024) is None

    def test_finer_codes_are_added_up_where_the_code_is_not_there(self) -> None:
        fine = rows({"CHN": {2023: EVEN}})
        parts = [fine.with_columns(product=pl.lit(code)) for code in ("850760", "850710")]
        both = MonthlySales.of(pl.concat(parts), ["8507"]).whole_years()
        assert both["value_usd"].to_list() == [2_400.0]
        own = MonthlySales.of(pl.concat([*parts, fine]), ["8507"]).whole_years()
        assert own["value_usd"].to_list() == [1_200.0]


@pytest.fixture(scope="module")
def exact() -> World:
    """Seasons that come back exactly."""
    return world()


LAST = FIRST + 8


def history(one: World, until: int = LAST - 1) -> History:
    return History.of(one.flows.filter(pl.col("year") <= until))


class TestNowcast:
    @pytest.mark.parametrize("months", [3, 9])
    def test_a_season_that_comes_back_tells_the_year(self, exact: World, months: int) -> None:
        base = LAST - 1
        sales = MonthlySales.of(exact.known(LAST, months), ["8507"])
        cast = nowcast(history(exact), base, sales, seed=1)
        assert cast is not None
        assert cast.newest == (LAST, months)
        plain = outlooks(history(exact), base, 1)
        ((one, before),) = plain.forecasts()
        ((_, after),) = cast.revise_outlook(plain).forecasts()
        came = {
            (e, i): usd
            for i, e, usd in exact.flows.filter(pl.col("year") == LAST)
            .select("importer", "exporter", "value_usd")
            .iter_rows()
        }
        codes = plain.history.countries
        later = np.array(
            [
                came[codes[one.cube.exporters[r]], codes[one.cube.importers[c]]]
                for r, c in zip(one.row, one.column, strict=True)
            ]
        )
        off_before, off = (np.abs(np.log(f.quantiles[:, 3] / later)) for f in (before, after))
        assert off_before.mean() > 0.2
        assert off.mean() < 0.01
        width_before, width = (
            np.log(f.quantiles[:, 5] / f.quantiles[:, 1]) for f in (before, after)
        )
        assert (width < 0.25 * width_before).all()
        # Nothing lies below what is sold already.
        told_of = cast.signals
        keys = zip(told_of.pairs["exporter"], told_of.pairs["importer"], strict=True)
        seen = dict(zip(keys, told_of.sold.tolist(), strict=True))
        sold = np.array(
            [
                seen[codes[one.cube.exporters[r]], codes[one.cube.importers[c]]]
                for r, c in zip(one.row, one.column, strict=True)
            ]
        )
        assert (after.quantiles[:, 0] >= sold * (1 - 1e-9)).all()

    def test_later_years_follow_as_far_as_surprises_last(self, exact: World) -> None:
        sales = MonthlySales.of(exact.known(LAST, 6), ["8507"])
        cast = nowcast(history(exact), LAST - 1, sales, seed=1)
        assert cast is not None
        lasts, worth = cast._lasting(1, 3), cast.lessons[1, 6]
        assert 0.5 < lasts[0] <= 1
        near, late = (outlooks(history(exact), LAST - 1, h) for h in (1, 3))
        ((_, first),) = near.forecasts()
        ((one, plain),) = late.forecasts()
        ((_, moved),) = cast.revise_outlook(late).forecasts()
        at_near, at, after = (logs(f.sales) for f in (first, plain, moved))
        cell, row = cell_positions(one, cast.signals, near.history)
        here = cast.signals.take(row)
        said = np.log(here.level(one.base[cell]) + FLOOR_USD) - at_near[cell, MIDDLE]
        shift = after[cell, MIDDLE] - at[cell, MIDDLE]
        assert shift == pytest.approx(lasts[0] * worth.weight[here.kind] * said, abs=1e-6)
        narrow = np.sqrt(1 - lasts[1] ** 2 * (1 - worth.narrowing[here.kind] ** 2))
        spread = (after[cell, 12] - after[cell, 4]) / (at[cell, 12] - at[cell, 4])
        assert spread == pytest.approx(narrow, abs=1e-6)

    def test_whether_a_pair_sells_follows_bayes(self) -> None:
        quiet = told({"CHN": {2023: EVEN, 2024: EVEN[:6]}, "JPN": {2023: EVEN}}, 2023, 2024)
        quiet = quiet.take(np.argsort(quiet.kind))
        odds = Distribution(np.array([0.8, 0.8]), np.zeros((2, 17)), np.ones(2))
        worth = replace(lesson({}, 6, np.zeros(4)), late=np.full(4, 0.1))
        alive = _alive(odds, odds, quiet, worth)
        assert alive[0] == 1
        assert alive[1] == pytest.approx(0.8 * 0.1 / (0.2 + 0.8 * 0.1))

    def test_tiers_add_up_to_the_moved_whole(self, exact: World) -> None:
        split = pl.concat(
            [
                exact.flows.with_columns(tier=pl.lit(t), value_usd=pl.col("value_usd") * s)
                for t, s in (("low", 0.3), ("high", 0.7))
            ]
        ).filter(pl.col("year") < LAST)
        tiers = outlooks(History.of(split), LAST - 1, 1)
        assert tiers.whole is not None
        sales = MonthlySales.of(exact.known(LAST, 9), ["8507"])
        cast = nowcast(tiers.whole.history, LAST - 1, sales, seed=1)
        assert cast is not None
        made = cast.revise_outlook(tiers)
        assert made.whole is not None
        ((_, whole),) = made.whole.forecasts()
        total = sum(f.expected for _, f in made.forecasts())
        assert total == pytest.approx(whole.expected, rel=1e-6)
        plain = sum(f.expected for _, f in tiers.forecasts())
        assert not np.allclose(total, plain, rtol=0.05)


def house(one: World, *, months: pl.DataFrame | None = None) -> Warehouse:
    tables = {"flows": one.flows.filter(pl.col("year") < LAST)}
    if months is not None:
        tables["monthly_reports"] = months.rename({"value_usd": "value"}).with_columns(
            currency=pl.lit("USD")
        )
    return Warehouse.from_frames(**tables)


class TestQuestions:
    on = date(LAST, 7, 1)

    def test_the_outlook_is_moved_and_says_by_what(self, exact: World) -> None:
        plain, moved = (
            offing.outlook("8507", origin="DEU", on=self.on, horizon=1, warehouse=given)
            for given in (house(exact), house(exact, months=exact.months))
        )
        assert plain.year == moved.year == LAST + 1
        (said,) = [values for key, values in keyed(moved.cautions) if key == "market.note_months"]
        assert (said["year"], said["months"]) == (str(LAST), "6")
        keys = [key for key, _ in keyed(plain.cautions)]
        assert not [key for key in keys if "months" in key]
        both = plain.table.join(moved.table, on=["exporter", "importer"], suffix="_moved")
        change = (both["expected_usd_moved"] / both["expected_usd"]).log().abs()
        assert change.max() > 0.2
        came = exact.flows.filter((pl.col("year") == LAST) & (pl.col("exporter") == "DEU"))
        ahead = both.join(came.select("importer", "value_usd"), on="importer")
        off, off_moved = (
            (ahead[name] / ahead["value_usd"]).log().abs().mean()
            for name in ("expected_usd", "expected_usd_moved")
        )
        assert off_moved < off

    def test_a_base_year_that_is_asked_for_sees_no_later_months(self, exact: World) -> None:
        answers = [
            offing.outlook("8507", origin="DEU", as_of=LAST - 1, horizon=1, warehouse=given).table
            for given in (house(exact), house(exact, months=exact.months))
        ]
        assert_frame_equal(*answers)

    def test_backtest_scores_months_on_the_yearly_data(self, exact: World) -> None:
        answer = offing.backtest(months="3,9", warehouse=house(exact, months=exact.months))
        assert answer.nowcast is not None
        assert answer.backtests == ()
        assert set(answer.table["months"]) == {3, 9}
        assert [key for key, _ in keyed(answer.cautions)] == ["backtest.note_pseudo_vintage"]


class TestPseudoVintages:
    def test_more_months_tell_more(self) -> None:
        noisy = world(month_noise=0.5)
        sales = MonthlySales.of(noisy.months, ["8507"], ("made-up",))
        record = pseudo_vintages(History.of(noisy.flows), sales, [3, 6, 9], dataset="w", seed=1)
        assert record is not None
        by = {(s.way, s.months): s for s in record.scores}
        crps = [by["nowcast", m].crps for m in (3, 6, 9)]
        assert crps[0] > crps[1] > crps[2]
        assert all(by["nowcast", m].skill_low > 0 for m in (3, 6, 9))
        # Months are noise here: raw growth of three of them is worse than leaning on the outlook.
        assert by["nowcast", 3].crps < by["year_to_date", 3].crps
        assert all(0.72 < by["nowcast", m].coverage80 < 0.9 for m in (3, 6, 9))
        steady = [record.learnt[m][STEADY] for m in (3, 6, 9)]
        assert steady == sorted(steady)
        assert steady[0] < 0.75

    def test_what_comes_after_a_vintage_does_not_move_it(self, exact: World) -> None:
        """The vintage of June 2019 is the same whatever July and later bring."""
        base, rng = LAST - 1, np.random.default_rng(3)
        later = pl.col("year") * 12 + pl.col("month") > LAST * 12 + 6
        other = exact.months.with_columns(
            value_usd=pl.when(later)
            .then(pl.Series(rng.uniform(0, 1e9, exact.months.height)))
            .otherwise(pl.col("value_usd"))
        )

        def seen(months: pl.DataFrame) -> pl.DataFrame:
            found = signals(MonthlySales.of(months, ["8507"]), base, LAST, most=6)
            assert found is not None
            return found.pairs.with_columns(
                level=found.level(np.full(len(found), 1e6)), kind=found.kind
            )

        assert_frame_equal(seen(exact.months), seen(other))

    def test_real_months_of_coffee_with_many_small_markets(self, tmp_path: Path) -> None:
        """Coffee through Santos to some 130 countries, 2016 to 2025 (Comex Stat)."""
        file = shared("brazil_comexstat", "coffee_port_santos_monthly.csv")
        load("comexstat", [file], tmp_path, flow="export")
        answer = offing.backtest(months=[3, 6, 9], dataset="comexstat", warehouse=tmp_path)
        assert answer.nowcast is not None
        by = {(s.way, s.months): s for s in answer.nowcast.scores}
        for months, skill in ((3, 0.1), (6, 0.3), (9, 0.5)):
            mine = by["nowcast", months]
            assert mine.skill_low > skill
            assert 0.75 < mine.coverage80 < 0.87
            assert mine.crps < by["year_to_date", months].crps
            assert mine.sales_error < by["persistence", months].sales_error * 0.7


def test_growth_that_the_months_deny_is_nothing_and_what_they_show_is_added(exact: World) -> None:
    """To the dollar, and never below zero: of what grows by less than the fall nothing is left."""
    sales = MonthlySales.of(exact.known(LAST, 6), ["8507"])
    cast = nowcast(history(exact), LAST - 1, sales, seed=1)
    assert cast is not None
    ((one, made),) = outlooks(history(exact), LAST - 1, 1).forecasts()
    change = cast.revise_cells(one, made, 1).sales.mean - made.sales.mean
    assert (change < 0).any()
    assert (change > 0).any()
    for gain in (np.zeros(len(change)), 0.25 - change):
        found = cast.revise_cells(one, replace(made, gain=gain), 1).gain
        assert found == pytest.approx(np.where(gain + change > 0, gain + change, 0.0))
