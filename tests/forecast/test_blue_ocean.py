"""The blue-ocean total: its measures are those of the axes, and the rule that lets it be shown."""

import numpy as np
import polars as pl
import pytest

from market_world import distances, flows
from offing.forecast.axes import MarketFacts, axes
from offing.forecast.results import TOP, Backtest, Score, verdict
from offing.forecast.scores import blue_ocean
from offing.market.history import History

YEAR = 2020
HISTORY = History.of(flows(), distances=distances())


def test_measures_rank_as_those_of_the_axes() -> None:
    """Size, growth, concentration, share, distance, language: one exporter, every market."""
    rows = flows().filter(pl.col("product") == "8510").with_columns(tier=pl.lit("all"))
    origin = "AAB"
    near = distances().filter(pl.col("origin") == origin)
    facts = MarketFacts(
        km=dict(near.select("destination", "km").iter_rows()),
        common_language=dict(near.select("destination", "common_language").iter_rows()),
    )
    years = list(range(2015, YEAR + 1))
    cube = next(c for c in HISTORY.cubes(YEAR, years) if c.product == "8510")
    i = cube.exporters.tolist().index(HISTORY.index[origin])
    markets = [HISTORY.countries[j] for j in cube.importers]
    candidates = [(market, "all") for market in markets if market != origin]
    made = axes(rows, origin, YEAR, candidates, facts)
    past = np.stack([cube.values[year] for year in years])
    size, growth = blue_ocean._demand(past, years)
    concentration, share, change, entry = blue_ocean._competition(past, years)
    km, language = blue_ocean._access(cube, HISTORY.nearness)
    for axis, part, values in (
        ("demand", "size", size),
        ("demand", "growth", growth),
        ("competition", "concentration", concentration),
        ("competition", "home_share", share),
        ("access", "distance", km),
        ("access", "common_language", language),
    ):
        ranks = dict(zip(markets, blue_ocean._midranks(cube, values)[i], strict=True))
        for market, tier in candidates:
            found = next(a for a in made[market, tier] if a.name == axis)
            wanted = next(p.rank for p in found.parts if p.name == part)
            if wanted is not None:
                assert ranks[market] == pytest.approx(wanted), (part, market)
    assert np.isfinite(change[cube.candidates & (past[-1] > 0)]).any()
    assert ((entry >= 0) & (entry <= 1)).all()


def scored(lead_low: float, over_size_low: float, over_mean_low: float) -> Backtest:
    def one(rival: str, measure: str, value: float, low: float) -> Score:
        return Score(rival, measure, "dollar", value, low, value + 0.1)

    return Backtest(
        "made", 2, (2020,), 5,
        (
            one("persistence", f"captured_top{TOP}", 0.6, 0.5),
            one("three_year_mean", f"captured_top{TOP}", 0.65, 0.5),
            one("size", f"captured_top{TOP}", 0.5, 0.4),
            one("blue_ocean", f"captured_top{TOP}", 0.7, 0.6),
            one("blue_ocean", f"lead_top{TOP}", 0.1, lead_low),
            one("blue_ocean", f"lead_mean_top{TOP}", 0.05, over_mean_low),
            one("blue_ocean", f"lead_size_top{TOP}", 0.2, over_size_low),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("lead", "over_size", "over_mean", "shown"),
    [
        (0.01, 0.1, 0.01, True),
        (-0.01, 0.1, 0.01, False),
        (0.01, -0.1, 0.01, False),
        (0.01, 0.1, -0.01, False),
        (0.0, 0.1, 0.01, False),
    ],
)
def test_it_must_beat_all_beyond_chance(
    lead: float, over_size: float, over_mean: float, shown: bool
) -> None:
    found = verdict(scored(lead, over_size, over_mean))
    assert found.shown == shown
    assert found.reason == ("ahead" if shown else "not_ahead")
    assert (found.captured, found.persistence, found.size) == (0.7, 0.6, 0.5)


def test_growth_by_hand() -> None:
    """A market that doubles, one of half a million that stands still, and one a dollar smaller."""
    past = np.array([[[usd, 500_000, 499_999]] for usd in (1e6, 2e6, 4e6)])
    size, growth = blue_ocean._demand(past, [2018, 2019, 2020])
    assert size[0] == pytest.approx([7e6 / 3, 500_000, 499_999])
    assert growth[0] == pytest.approx([np.log(2), 0, np.nan], nan_ok=True)
