"""Ranking one product of a warehouse, from the starter world that ships."""

from dataclasses import replace

import polars as pl
import pytest

from offing.forecast.outlook.forecast import outlooks
from offing.forecast.ranking import (
    ForecastTask,
    add_total,
    backtest_product,
    fit_product,
    rank_segments,
    whole_trade,
)
from offing.forecast.results import Ranking
from offing.warehouse import Warehouse
from offing.warehouse.store import starter_folder

HOUSE = Warehouse(starter_folder(), is_starter=True)
SET = HOUSE.trade_sets()[0]


def rank_product(warehouse: Warehouse, task: ForecastTask, origin: str) -> Ranking:
    return rank_segments(warehouse, fit_product(warehouse, task), origin)


def test_rank_by_tier_and_whole() -> None:
    for method in (None, "split-2007"):
        made = rank_product(HOUSE, ForecastTask("8528", SET, 2023, 1, method=method), "CHN")
        gains = [s.outlook.gain_usd for s in made.segments]
        assert gains == sorted(gains, reverse=True)
        tiers = {s.tier for s in made.segments}
        assert tiers == {"all"} if method is None else tiers >= {"low", "medium", "high"}
        assert all(s.market != "CHN" for s in made.segments)
        for segment in made.segments:
            look = segment.outlook
            assert sum(v for _, v in look.contributions) == pytest.approx(
                look.expected_usd - look.base_usd, rel=1e-6, abs=1.0
            )
            assert (look.entry_probability is None) == (look.base_usd > 0)


def test_the_ranking_says_what_the_outlook_file_says() -> None:
    history, _ = whole_trade(HOUSE, year=2022)
    written = outlooks(history, 2022, 1)
    cells, said = next(written.forecasts(["8528"]))
    rows = written.table(cells, said).filter(pl.col("exporter") == "CHN")
    made = rank_product(HOUSE, ForecastTask("8528", SET, 2022, 1), "CHN")
    figures = ("base_usd", "expected_usd", "gain_usd", "low95", "low80", "high80", "high95")
    assert {s.market: [getattr(s.outlook, name) for name in figures] for s in made.segments} == {
        market: list(values) for market, *values in rows.select("importer", *figures).iter_rows()
    }


def test_the_total_is_filled_in_only_where_it_may_be_shown() -> None:
    """An invented record says so; the real one of these data does not."""
    made = rank_product(HOUSE, ForecastTask("8528", SET, 2023, 1), "CHN")
    proof = backtest_product(HOUSE, ForecastTask("8528", SET, 2024, 1))
    assert add_total(HOUSE, made, proof) == made
    better = replace(
        proof,
        scores=tuple(
            replace(s, low=0.01) if s.rival == "blue_ocean" and s.measure.startswith("lead") else s
            for s in proof.scores
        ),
    )
    totals = [s.total for s in add_total(HOUSE, made, better).segments]
    assert all(total is not None and 0 <= total <= 1 for total in totals)
    assert len(set(totals)) > 5
