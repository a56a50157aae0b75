"""Resilience by tier: who counts, planted effects, no effects, and careless data."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from cautions import keyed
from ladder_flows import row, table
from offing.policy.evidence.resilience import (
    Event,
    Resilience,
    add_tier_shares,
    events,
    panel,
    resilience,
)
from offing.warehouse import Warehouse
from offing.warehouse.store import starter_folder

METHOD = "threshold-1997"
"""A flow lies in one tier as a whole, so that an effect can be planted exactly."""


def world(
    seed: int,
    *,
    years: tuple[int, ...] = (2018, 2019, 2020, 2021, 2022),
    lead: float = 0.0,
    always: float = 0.0,
    side: int = 14,
    products: int = 10,
) -> pl.DataFrame:
    """Trade that falls by 10 % in 2020, in which dear flows do better by ``lead`` log points.

    Args:
        seed: of the noise.
        years: in the data.
        lead: of the high tier over the others in 2020 alone.
        always: of the high tier over the others in each year.
        side: exporters, and importers.
        products: codes.
    """
    rng = np.random.default_rng(seed)
    product, importer, exporter = (
        part.ravel()
        for part in np.meshgrid(
            np.arange(products), np.arange(side), np.arange(side), indexing="ij"
        )
    )
    # dear exporters of a product, and noise that keeps clear of the thresholds at 15 %
    place = rng.choice([0.6, 1.0, 1.7], size=(products, side))[product, exporter]
    log_value = rng.normal(14, 1.5, len(product))
    frames = []
    for year in years:
        shock = -0.1 if year == 2020 else 0.02
        drift = rng.normal(0, 0.1, (side, products))[exporter, product]
        gain = (lead * (year == 2020) + always) * (place > 1.5)
        log_value = log_value + shock + gain + drift + rng.normal(0, 0.3, len(product))
        value = np.exp(log_value)
        frames.append(
            pl.DataFrame(
                {
                    "year": np.full(len(product), year, dtype=np.int16),
                    "product": [f"{851000 + 10 * p}" for p in product],
                    "importer": [f"I{i:02d}" for i in importer],
                    "exporter": [f"E{e:02d}" for e in exporter],
                    "value_usd": value,
                    "cif_usd": None,
                    "kg": value / (10 * place * rng.uniform(0.98, 1.02, len(place))),
                    "items": None,
                    "observed": "importer",
                },
                schema=table([]).schema,
            )
        )
    return pl.concat(frames)


def midpoint(log_change: float) -> float:
    return float(200 * np.tanh(log_change / 2))  # 2 (b - a) / (b + a) of b = a exp(x), in points


def of_2020(found: Resilience) -> Any:
    return next(shock for shock in found.shocks if shock.event.year == 2020)


@pytest.mark.parametrize("weighting", ["equal", "dollar"])
@pytest.mark.parametrize("lead", [0.25, -0.25])
def test_planted_effect_is_found(weighting: Any, lead: float) -> None:
    shock = of_2020(resilience(world(1, lead=lead), method=METHOD))
    found = shock.comparison("growth", weighting).high
    # noise makes midpoint growth a little flatter than that of the mean change
    expected = midpoint(lead - 0.1) - midpoint(-0.1)
    assert found.low < expected < found.high
    assert found.clear
    assert np.sign(found.value) == np.sign(lead)
    assert shock.comparison("back", "equal").high.value * lead > 0


def test_no_effect_is_rarely_called_one() -> None:
    found = [
        of_2020(resilience(world(seed, products=8, side=10), method=METHOD)).comparison(
            "growth", "equal"
        )
        for seed in range(24)
    ]
    # 6 or more of 24 have a probability of 0.1 % at 5 %, and of 0.6 % at the 7 % of few clusters
    assert sum(one.high.clear for one in found) <= 5
    values = np.array([one.high.value for one in found])
    assert abs(values.mean()) < 3 * values.std(ddof=1) / np.sqrt(len(values))


def test_gap_of_any_year_is_not_resilience() -> None:
    years = (2015, 2016, 2017, 2018, 2019, 2020)
    shock = of_2020(resilience(world(2, years=years, always=0.2), method=METHOD))
    assert shock.comparison("growth", "equal").high.clear
    assert not shock.beyond_quiet["equal"].clear
    led = of_2020(resilience(world(2, years=years, lead=0.2), method=METHOD))
    assert led.beyond_quiet["equal"].low > 0


def test_quiet_years_are_looked_at_like_the_bad_ones() -> None:
    made = events([2006, 2007, 2008, 2009, 2010, 2011, 2019, 2020])
    assert made == [
        Event(2006, 2007, 2006, 2009, True),
        Event(2007, 2008, 2006, 2010, True),
        Event(2007, 2008, 2007, 2010, True),
        Event(2008, 2009, 2007, 2011, False, trend_year=2006),
        Event(2010, 2011, 2009, None, True, trend_year=2008),
        Event(2010, 2011, 2010, None, True),
        Event(2019, 2020, 2019, None, False),
    ]


def small(*rows: dict[str, Any]) -> pl.DataFrame:
    """Flows of 852872 into two markets; three sellers make the tiers of 2019."""
    made = []
    for year in (2019, 2020, 2021):
        for importer in ("DEU", "FRA"):
            made += [
                row(
                    year=year,
                    importer=importer,
                    exporter=exporter,
                    value_usd=100.0,
                    items=100.0 / price,
                )
                for exporter, price in (("CHN", 5.0), ("KOR", 10.0), ("JPN", 20.0))
            ]
    keys = ("year", "importer", "exporter")
    changed = {tuple(new[key] for key in keys): new for new in rows}
    merged = [changed.pop(tuple(old[key] for key in keys), old) for old in made]
    return table([one for one in [*merged, *changed.values()] if one["value_usd"] is not None])


def test_ended_is_not_the_same_as_not_reported() -> None:
    gone = row(year=2020, importer="DEU", exporter="JPN", value_usd=None)
    silent = [
        row(year=2020, importer="FRA", exporter=e, value_usd=None) for e in ("CHN", "KOR")
    ] + [row(year=2020, importer="FRA", exporter="JPN", value_usd=90.0, observed="exporter")]
    rows = panel(
        add_tier_shares(small(gone, *silent), method=METHOD), Event(2019, 2020, 2019, 2021, False)
    )
    # France's own statistics are silent in 2020: its flows are unknown, not ended
    assert rows["importer"].to_list() == ["DEU"] * 3
    japan = rows.row(by_predicate=pl.col("exporter") == "JPN", named=True)
    assert (japan["value"], japan["growth"], japan["high"]) == (0.0, -2.0, 1.0)
    assert (japan["back"], japan["alive"]) == (1.0, 1.0)  # it is back in 2021


@pytest.fixture(scope="module")
def starter() -> Resilience:
    house = Warehouse(starter_folder(), is_starter=True)
    return resilience(house.query(f"SELECT * FROM {house.source_sql('flows')}"))


def test_starter_world(starter: Resilience) -> None:
    """The real data: their sums by a query of another engine, and what they can tell."""
    house = Warehouse(starter_folder(), is_starter=True)
    shock = next(s for s in starter.shocks if s.event.year == 2023)
    flows = house.source_sql("flows")
    total = house.query(
        f"""
        WITH seen AS (SELECT DISTINCT year, product, importer FROM {flows}
                      WHERE observed <> 'exporter' AND value_usd > 0)
        SELECT sum(a.value_usd) FROM {flows} a
        SEMI JOIN seen b ON b.year = 2022 AND b.product = a.product AND b.importer = a.importer
        SEMI JOIN seen c ON c.year = 2023 AND c.product = a.product AND c.importer = a.importer
        WHERE a.year = 2022
        """
    ).item()
    # flows without a usable unit value in 2021 are left out, so the sums cannot be equal
    assert 0.85 < sum(f.base_usd for f in shock.tiers) / total <= 1
    assert shock.fell
    assert not of_2020(starter).fell
    assert {key for key, _ in keyed(starter.notes)} >= {
        "evidence.note_no_fall",
        "evidence.note_same_year",
    }
    assert shock.comparison("alive", "equal") is None  # hardly any flow ended
