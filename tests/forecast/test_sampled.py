"""Products of a backtest that is too large to look at all of them."""

import polars as pl
import pytest

from offing.forecast.backtest import run
from offing.forecast.backtest.run import Design
from offing.market.history import History

ROWS = [
    (2020, "1", importer, exporter, 1.0) for importer in "CD" for exporter in "AB"
] + [(2020, "2", "C", "A", 1.0), (2020, "3", "C", "A", 1.0), (2020, "3", "D", "A", 1.0),
     (2019, "4", "C", "A", 1.0)]  # fmt: skip
NAMES = ["year", "product", "importer", "exporter", "value_usd"]
HISTORY = History.of(pl.DataFrame(ROWS, schema=NAMES, orient="row"))
"""In 2020 products of four, one and two candidates."""


def test_of_more_some_are_drawn_and_that_which_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run, "CELLS", 6)
    cells = {"1": 4, "2": 1, "3": 2}
    drawn = []
    for seed in range(12):
        products = set(run._sample_products(HISTORY, 2020, Design(seed=seed)).rows)
        assert products
        assert sum(cells[each] for each in products) <= 6
        drawn.append(tuple(sorted(products)))
    assert len(set(drawn)) > 1
    again = run._sample_products(HISTORY, 2020, Design(seed=3)).rows
    assert tuple(sorted(again)) == drawn[3]
    monkeypatch.setattr(run, "CELLS", 1)
    for seed in range(4):
        one = run._sample_products(HISTORY, 2020, Design(seed=seed)).rows
        assert len(one) == 1
        asked = run._sample_products(HISTORY, 2020, Design(seed=seed, product="2")).rows
        assert "2" in asked
