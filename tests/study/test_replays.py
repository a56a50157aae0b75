"""Earlier decisions see nothing of what came later, and are made where the ledger reaches back."""

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import polars as pl
import pytest

from example_plan import studied, world
from offing.study.analysis import ProductAnalysis, analyse_products
from offing.study.backtest import Replay, replay_plans
from offing.study.inputs import StudyInputs
from offing.study.replays import inputs_as_of, replays

MODEL = "HC-65M"


def of_one(sales: pl.DataFrame) -> tuple[StudyInputs, tuple[ProductAnalysis, ...]]:
    """The example's study of one model with another ledger."""
    facts = next(s for s in studied() if s.key == MODEL).imports.facts
    study = world().study.model_copy(update={"model": [facts]})
    ledger = world().ledger
    assert ledger is not None
    one = replace(world(), study=study, ledger=replace(ledger, sales=sales))
    return one, analyse_products(one)


@cache
def asked() -> tuple[Replay, ...]:
    return replays(*of_one(world().sales))[0]


def test_what_was_sold_later_changes_no_earlier_decision() -> None:
    """Ten times as many after 2021: the offers of 2021 are the same, what came is ten times."""
    later = pl.when(pl.col("on") > date(2021, 12, 31)).then(10).otherwise(1)
    more = world().sales.with_columns(pl.col("quantity") * later, pl.col("amount") * later)
    before, after = asked()[0], replays(*of_one(more))[0][0]
    assert before.base_year == after.base_year == 2021
    assert before.choices.offers.rows == after.choices.offers.rows
    for name in ("units", "sales_usd", "profit_cny"):
        assert np.array_equal(
            getattr(before.choices.offers, name), getattr(after.choices.offers, name)
        )
    assert before.sold is not None
    assert after.sold is not None
    for key, years in before.sold.items():
        assert np.array(after.sold[key]) == pytest.approx(10 * np.array(years))


def test_units_of_that_day_and_sales_of_later_years_are_the_ledgers() -> None:
    """Sums of the file by hand: twelve months to the end of 2021, then the calendar years."""
    mine = world().sales.filter((pl.col("model") == MODEL) & (pl.col("market") == "DEU"))
    by_year = dict(mine.group_by(pl.col("on").dt.year()).agg(pl.col("quantity").sum()).iter_rows())
    first = asked()[0]
    (outlet,) = (o for o in first.choices.shelves[MODEL].outlets if o.market == "DEU")
    assert getattr(outlet.state, "units", None) == pytest.approx(float(by_year[2021]))
    assert first.sold is not None
    units = [units for units, _ in first.sold[MODEL, "DEU"]]
    assert units == pytest.approx([float(by_year[2022]), float(by_year[2023])])


def test_a_ledger_of_less_than_twelve_months_before_makes_no_plan() -> None:
    late = of_one(world().sales.filter(pl.col("on") >= date(2021, 2, 1)))
    past, too_early = replays(*late)
    assert (too_early, [one.base_year for one in past]) == ((2021,), [2022])
    whole = of_one(world().sales.filter(pl.col("on") >= date(2021, 1, 10)))
    assert replays(*whole)[1] == ()


def test_a_ledger_that_ends_before_the_outcome_says_nothing_of_it() -> None:
    short = of_one(world().sales.filter(pl.col("on") < date(2024, 12, 1)))
    assert [one.sold is None for one in replays(*short)[0]] == [False, True]


def test_the_day_is_cut_and_lines_have_the_hours_that_were_used() -> None:
    then = inputs_as_of(world(), 2021, 2)
    assert then.study.on == date(2021, 12, 31)
    assert max(then.sales["on"]) <= then.study.on
    assert max(then.history["on"]) <= then.study.on
    today = world().study.lines
    assert all(line.hours >= today[key][1].hours for key, (_, line) in then.study.lines.items())


def test_markets_without_a_landed_cost_of_the_day_are_named() -> None:
    """No rate of the dong is known before 2023."""
    assert asked()[0].todays_cost == ("VNM",)


def test_a_plan_without_moves_promises_what_staying_does() -> None:
    for made in replay_plans(asked()):
        assert made.observed
        assert made.promised_usd > 0
        assert all(move.observed == (move.kind == "leave") for move in made.moves)
