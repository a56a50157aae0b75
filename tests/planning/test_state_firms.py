"""States as firms: what they are told is cut at the base year, and what came is summed by hand."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from tools import state_firms
from tools.state_firms import COST, Goods, came_of, level, summary, write, yuan

from shared_data import shared


def goods() -> Goods:
    """Two markets in 2020 to 2022; the prices of 2022 are 4 and 1, their mean 2."""
    rows = [
        (2020, 1, "DEU", 200.0, 100.0), (2020, 1, "USA", 100.0, 100.0),
        (2021, 1, "DEU", 300.0, 100.0), (2021, 1, "USA", 300.0, 100.0),
        (2022, 1, "DEU", 400.0, 100.0), (2022, 1, "USA", 200.0, 200.0),
    ]  # fmt: skip
    schema = ["year", "month", "market", "usd", "kg"]
    made = pl.DataFrame(rows, schema=schema, orient="row")
    return Goods(
        "tea", made.with_columns(state=pl.lit("AA"), code=pl.lit("090240")), range(2020, 1)
    )


def test_what_came_is_the_sum_by_hand() -> None:
    """In 2021 both sell at the mean; in 2022 half of what a price differs by, in logs, is cost."""
    came = came_of(goods(), "AA", 2020)
    first = 300 * (1 - COST) * yuan(date(2021, 12, 31)) / 1.08**0.5
    second = (400 - 100 * COST * 2 * 2**0.5) * yuan(date(2022, 12, 31)) / 1.08**1.5
    assert came["090240", "DEU"] == pytest.approx((first + second, 400.0))
    second = (200 - 200 * COST * 2 * 0.5**0.5) * yuan(date(2022, 12, 31)) / 1.08**1.5
    assert came["090240", "USA"] == pytest.approx((first + second, 200.0))
    assert came_of(goods(), "AA", 2022) == {}


def test_nothing_after_the_base_year_is_told(tmp_path: Path) -> None:
    """The files of 2021 are those of data that end there."""
    both = []
    for number, rows in enumerate((goods().rows, goods().rows.filter(pl.col("year") <= 2021))):
        folder = tmp_path / str(number)
        folder.mkdir()
        write(Goods("tea", rows, range(0)), "AA", 2021, folder)
        both.append({p.name: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()})
    assert both[0] == both[1]
    assert [name for name in both[0] if name.startswith("BACI")] == [
        "BACI_HS12_Y2020_V202601.csv", "BACI_HS12_Y2021_V202601.csv",
    ]  # fmt: skip


def test_the_level_sees_only_outcomes_that_were_known() -> None:
    """0.8 to the fifth in 2018 makes 0.8 of 2020, of which the log is 0.223; 2019 has no record."""
    plans = [
        {"state": "AA", "year": year, "still": 100.0, "still_came": came}
        for year, came in ((2018, 32.768), (2019, 50.0), (2020, 80.0))
    ]
    assert level(plans) == {"plans": 1, "as_expected": 0.223, "times_level": 0.0}


def test_a_plan_of_a_state_is_scored() -> None:
    """Espírito Santo's coffee of 2018, from files to score; some entries sell nothing at all."""
    shared("brazil_comexstat")
    coffee = state_firms.coffee()
    assert ("ES", 2018) in [*state_firms.firms(coffee)]
    plan = state_firms.trial(coffee, "ES", 2018)
    assert plan["rows"]
    found = summary([plan])
    assert found["plans"] == found["firms"] == 1
    assert 0 < found["inside"]["inside"] < 1
    assert [*state_firms.firms(state_firms.meat())] == [("SC", y) for y in (2020, 2021, 2022)]
