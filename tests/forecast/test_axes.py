import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.forecast.axes import MarketFacts, axes, midranks
from offing.forecast.results import AxisMeasure, MarketAxis

ROWS = [
    # year, importer, exporter, value: two markets with the same suppliers, one growing
    *[(2018 + y, "DEU", "CHN", 1e6) for y in range(5)],
    *[(2018 + y, "DEU", "JPN", 3e6) for y in range(5)],
    *[(2018 + y, "FRA", "CHN", 1e6 * 1.5**y) for y in range(5)],
    *[(2018 + y, "FRA", "JPN", 1e6 * 1.5**y) for y in range(5)],
    *[(2018 + y, "FRA", "KOR", 1e6 * 1.5**y) for y in range(3, 5)],
    (2022, "USA", "JPN", 1e5),
]


def table(tier: str = "all") -> pl.DataFrame:
    return pl.DataFrame(
        [(y, "8528", tier, m, x, v) for y, m, x, v in ROWS],
        schema=["year", "product", "tier", "importer", "exporter", "value_usd"],
        orient="row",
    )


def part(of: tuple[MarketAxis, ...], name: str) -> AxisMeasure:
    return next(p for axis in of for p in axis.parts if p.name == name)


CANDIDATES = [("DEU", "all"), ("FRA", "all"), ("USA", "all")]
MADE = axes(table(), "CHN", 2022, CANDIDATES, MarketFacts(km={"DEU": 7000.0, "FRA": 8000.0}))


def test_measures_by_hand() -> None:
    france = MADE["FRA", "all"]
    assert part(france, "growth").value == pytest.approx(
        np.polyfit(range(5), np.log([2e6, 3e6, 4.5e6, 3 * 1.5**3 * 1e6, 3 * 1.5**4 * 1e6]), 1)[0]
    )
    assert part(france, "home_share").value == pytest.approx(1 / 3)
    assert part(france, "concentration").value == pytest.approx(0.5)  # two equal rivals
    assert part(france, "entry").value == pytest.approx(1 / 3)  # Korea came in 2021
    germany = MADE["DEU", "all"]
    assert part(germany, "growth").value == pytest.approx(0.0, abs=1e-12)
    assert part(germany, "home_share_change").value == pytest.approx(0.0, abs=1e-12)


def test_nothing_after_the_year_is_seen() -> None:
    early = axes(table(), "CHN", 2020, CANDIDATES[:2])
    cut = axes(table().filter(pl.col("year") <= 2020), "CHN", 2020, CANDIDATES[:2])
    assert early == cut


@given(st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), min_size=1, max_size=30))
def test_midranks_are_ranks(values: list[float | None]) -> None:
    ranks = midranks(values)
    assert [r is None for r in ranks] == [v is None for v in values]
    found = [r for r in ranks if r is not None]
    assert all(0 <= r <= 1 for r in found)
    if found:
        assert np.mean(found) == pytest.approx(0.5)
    flipped = midranks([None if v is None else -v for v in values])
    assert [None if r is None else 1 - r for r in flipped] == pytest.approx(ranks)
