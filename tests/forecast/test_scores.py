"""The published indicators against their identities and hand-made cases."""

import numpy as np
import polars as pl
import pytest

from market_world import distances, flows
from offing.forecast.scores import density
from offing.forecast.scores.simple import unrealized_potential
from offing.market.history import History
from offing.market.indicators.export_potential import Variant, export_potential

HISTORY = History.of(flows(), distances=distances())
YEAR = 2018


def summed(history: History, year: int, variant: Variant) -> np.ndarray:
    size = len(history.countries)
    total = np.zeros((size, size))
    for cube, value in export_potential(history, year, variant):
        total[np.ix_(cube.exporters, cube.importers)] += value
    return total


def test_epi_identity() -> None:
    """Without corrections the potentials of a pair sum to its trade (METHODS.md 1.1)."""
    actual = HISTORY.pairs(YEAR).value
    np.testing.assert_allclose(summed(HISTORY, YEAR, "identity"), actual, rtol=1e-10)


def test_unrealized_by_hand() -> None:
    """Two sellers of 400 and two buyers of 400, all as far apart: 200 a pair could be."""
    rows = [("CCC", "AAA", 300.0), ("DDD", "AAA", 100.0), ("CCC", "BBB", 100.0),
            ("DDD", "BBB", 300.0)]  # fmt: skip
    table = pl.DataFrame(
        [(2020, "8501", *row) for row in rows],
        schema=["year", "product", "importer", "exporter", "value_usd"],
        orient="row",
    )
    far = pl.DataFrame(
        [(a, b, 5000.0, False, False) for a in ("AAA", "BBB") for b in ("CCC", "DDD")],
        schema=["origin", "destination", "km", "contiguous", "common_language"],
        orient="row",
    )
    made = unrealized_potential(History.of(table, distances=far), 2020, 1)
    by_pair = made.sort("exporter", "importer")["score"].to_list()
    assert by_pair == pytest.approx([0, 100, 100, 0])  # A to C and D, B to C and D


def test_density_by_hand() -> None:
    """Products 8501 and 8502 are strong in the same country, 8503 in another.

    Around 8501 every pair that trades 8502 is fully dense, and the others are empty.
    """
    rows = [("8501", "CCC", "AAA", 100.0), ("8502", "CCC", "AAA", 100.0),
            ("8502", "DDD", "AAA", 100.0), ("8501", "DDD", "BBB", 100.0),
            ("8503", "AAA", "BBB", 400.0)]  # fmt: skip
    history = History.of(
        pl.DataFrame(
            [(2020, *row) for row in rows],
            schema=["year", "product", "importer", "exporter", "value_usd"],
            orient="row",
        )
    )
    made = density.score(history, 2020, 1).filter(pl.col("product") == "8501")
    at = {
        (history.countries[i], history.countries[j]): s
        for i, j, s in made.select("exporter", "importer", "score").iter_rows()
    }
    assert at["AAA", "DDD"] == at["AAA", "CCC"] == pytest.approx(1.0)
    assert at["BBB", "CCC"] == 0
