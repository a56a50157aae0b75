"""A region at its shares: replayed from earlier years, widened by its errors, scored."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from offing.forecast.outlook.distribution import LEVELS
from offing.forecast.outlook.forecast import Outlooks, outlooks, product_of
from offing.forecast.province import (
    BARS,
    QUANTILES,
    Fit,
    Past,
    SharesRecord,
    Widening,
    record,
    replay_years,
)
from offing.market.history import FLOOR_USD, History
from offing.sources.comexstat import read_by_state
from offing.warehouse import Warehouse
from shared_data import shared

PRODUCT, ORIGIN, YEARS = "8507", "CHN", tuple(range(2018, 2025))
PRODUCTS = (PRODUCT, "8518", "8516", "8528")


@pytest.fixture(scope="module")
def flows() -> pl.DataFrame:
    """The starter world's trade in a few products."""
    warehouse = Warehouse.open(None)
    return pl.concat([warehouse.flows(code) for code in PRODUCTS])


@pytest.fixture(scope="module")
def history(flows: pl.DataFrame) -> History:
    return History.of(flows)


def region(flows: pl.DataFrame, *, moving: float = 0.0, seed: int = 3) -> Past:
    """A tenth of China's exports, times a random walk of shares by market and year."""
    rng = np.random.default_rng(seed)
    mine = flows.filter(pl.col("exporter") == ORIGIN).sort("product", "importer", "year")
    steps = pl.Series(moving * rng.standard_normal(mine.height))
    walk = mine.with_columns(step=steps).with_columns(
        moved=pl.col("step").cum_sum().over("product", "importer")
    )
    sold = walk.select(
        "product",
        pl.col("importer").alias("market"),
        pl.col("year").cast(pl.Int64),
        (0.1 * pl.col("value_usd") * pl.col("moved").exp()).alias("usd"),
    )
    return Past(sold, YEARS, tuple(sold["product"].unique().sort()))


def fit_on(history: History) -> Fit:
    def fit(_product: str, base_year: int, horizon: int) -> Outlooks:
        return outlooks(history, base_year, horizon)

    return fit


def of(history: History, past: Past, wanted: int = 1) -> SharesRecord:
    return record(past, ORIGIN, fit_on(history), YEARS[1:], wanted)


def test_what_is_told_is_the_share_then_times_the_outlook_then(
    flows: pl.DataFrame, history: History
) -> None:
    past = region(flows, moving=0.3)
    past = replace(past, products=(PRODUCT,))
    told, _ = replay_years(past, ORIGIN, fit_on(history), [2021], 2)
    one, forecast = product_of(outlooks(history, 2021, 2), PRODUCT, ORIGIN)
    row = told.row(by_predicate=pl.col("market") == "DEU", named=True)
    china = history.index[ORIGIN], history.index["DEU"]
    cell = next(
        i for i in range(len(one.base))
        if (one.cube.exporters[one.row[i]], one.cube.importers[one.column[i]]) == china
    )  # fmt: skip
    germany = (pl.col("market") == "DEU") & (pl.col("product") == PRODUCT)
    sold = dict(past.sold.filter(germany).select("year", "usd").rows())
    share = sold[2021] / float(one.base[cell])
    assert row["share"] == pytest.approx(share)
    assert row["came"] == pytest.approx(sold[2023])
    assert row["mean"] == pytest.approx((sold[2019] + sold[2020] + sold[2021]) / 3)
    want = [share * float(forecast.sales.quantile(level)[cell]) for level in LEVELS]
    assert [row[name] for name in QUANTILES] == pytest.approx(want)


def test_pairs_of_nothing_then_and_later_are_none() -> None:
    """By hand: what began, what ended, what went on; a pair of other years is not there."""
    sales = {"DEU": (0.0, 5.0), "FRA": (4.0, 0.0), "ITA": (2.0, 3.0), "ESP": (0.0, 0.0)}
    rows = [
        {"product": PRODUCT, "market": market, "year": year, "usd": usd}
        for market, of_years in sales.items()
        for year, usd in zip((2021, 2022), of_years, strict=True)
    ]
    pairs = Past(pl.DataFrame(rows), (2021, 2022), (PRODUCT,)).pairs(2021, 1)
    assert pairs.select("market", "base", "came").rows() == [
        ("DEU", 0.0, 5.0), ("FRA", 4.0, 0.0), ("ITA", 2.0, 3.0)
    ]  # fmt: skip


def test_nothing_later_is_seen(flows: pl.DataFrame, history: History) -> None:
    past = region(flows)
    later = (pl.col("year") > 2022) & (pl.col("market") == "DEU")
    other = replace(
        past, sold=past.sold.with_columns(usd=pl.when(later).then(1.0).otherwise("usd"))
    )
    fit = fit_on(history)
    one, two = (replay_years(each, ORIGIN, fit, [2021, 2022], 1)[0] for each in (past, other))
    assert one.drop("came").equals(two.drop("came"))
    assert not one["came"].equals(two["came"])
    early = pl.col("year") == 2021
    assert one.filter(early)["came"].equals(two.filter(early)["came"])


def test_shares_that_move_are_held_by_what_earlier_years_show(
    flows: pl.DataFrame, history: History
) -> None:
    still = of(history, region(flows))
    moving = [of(history, region(flows, moving=0.8, seed=seed)) for seed in range(6)]
    assert still.base_years == moving[0].base_years == (2021, 2022, 2023)

    def held(way: str) -> float:
        scores = [score for made in moving if (score := made.score(way))]
        return float(np.mean([score.coverage80 for score in scores]))

    assert held("at_shares") < 0.55
    assert held("widened") == pytest.approx(0.8, abs=0.06)
    # a share that stands still leaves the country's own errors
    plain = still.score("at_shares")
    assert plain is not None
    assert plain.coverage80 > held("at_shares") + 0.15
    assert still.widening is not None
    for made in moving:
        assert made.widening is not None
        assert max(still.widening.shifts) < min(made.widening.shifts)


def test_a_planted_outlook_beats_the_bars_and_noise_does_not(flows: pl.DataFrame) -> None:
    """Where the country doubles and halves as the outlook says, keeping shares is better."""
    rng = np.random.default_rng(5)
    grown = {market: rng.normal(0.0, 0.7) for market in flows["importer"].unique().sort()}
    rows = [
        {"year": year, "product": product, "importer": market, "exporter": ORIGIN,
         "value_usd": 1e7 * np.exp(rate * (year - 2018))}
        for product in PRODUCTS for market, rate in grown.items() for year in YEARS
        if market != ORIGIN
    ]  # fmt: skip
    world = pl.DataFrame(rows)
    made = of(History.of(world), region(world))
    for bar in BARS:
        lead = made.lead(bar)
        assert lead is not None
        assert lead.low > 0, (bar, lead)
    shuffled = of(History.of(world), region(world, moving=2.0))
    lead = shuffled.lead("persistence")
    assert lead is not None
    assert lead.low < 0.2


def test_intervals_hold_as_many_as_they_say() -> None:
    """On outcomes like those learnt from: 80 % within chance, and no less on any size."""
    rng = np.random.default_rng(1)
    held = []
    for _ in range(200):
        base = np.exp(rng.uniform(np.log(1e4), np.log(1e8), 200))
        came = (base + FLOOR_USD) * np.exp(rng.standard_normal(200)) - FLOOR_USD
        low, high = base / 1.3, base * 1.3
        wide = Widening.of(base[:120], came[:120], low[:120], high[:120])
        assert wide is not None
        ends = wide.ends(base[120:], np.full(80, 1e-3), low[120:], high[120:])
        held.append(float(((came[120:] >= ends[0]) & (came[120:] <= ends[1])).mean()))
    assert np.mean(held) == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize("state", ["MG", "SP", "ES"])
def test_coffee_by_state(state: str) -> None:
    """Real states: intervals of the country hold too few, widened ones nearly what they say."""
    read = read_by_state([shared("brazil_comexstat", "coffee_port_santos_monthly.csv")])
    country = read.country()
    known = History.of(country.with_columns(pl.lit("0901").alias("product")))
    sold = read.lines(state).group_by(
        pl.lit("0901").alias("product"), "market", year=pl.col("on").dt.year().cast(pl.Int64)
    ).agg(pl.col("usd").sum())  # fmt: skip
    past = Past(sold, tuple(range(2016, 2026)), ("0901",))
    made = record(past, "BRA", fit_on(known), range(2017, 2026), 1)
    plain, wide = made.score("at_shares"), made.score("widened")
    assert plain is not None
    assert wide is not None
    assert len(made.base_years) == 5
    assert abs(wide.coverage80 - 0.8) <= abs(plain.coverage80 - 0.8)
    assert 0.7 < wide.coverage80 < 0.9
