"""The blue-ocean total: its measures are those of the axes, and the rule that lets it be shown."""

import numpy as np
import polars as pl
import pytest

from market_world import distances, flows
from offing.forecast.axes import MarketFacts, axes
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


def test_growth_by_hand() -> None:
    """A market that doubles, one of half a million that stands still, and one a dollar smaller."""
    past = np.array([[[usd, 500_000, 499_999]] for usd in (1e6, 2e6, 4e6)])
    size, growth = blue_ocean._demand(past, [2018, 2019, 2020])
    assert size[0] == pytest.approx([7e6 / 3, 500_000, 499_999])
    assert growth[0] == pytest.approx([np.log(2), 0, np.nan], nan_ok=True)
