"""Gravity of a history's year: the same numbers as the batch, by product and tier."""

import numpy as np
import polars as pl
import pytest

from market_world import distances, flows
from offing.market.gravity.batch import fit_products
from offing.market.gravity.expected import (
    COVARIATES,
    elasticities,
    expected_by_product,
    pair_covariates,
    potential,
)
from offing.market.history import History

pytest.importorskip("numba", reason="the extra 'gravity' is not installed")

YEAR = 2018
HISTORY = History.of(flows(), distances=distances())


def test_expected_trade_is_the_fit_of_the_batch() -> None:
    """Balancing to the totals with estimated elasticities is the Poisson fit itself."""
    rows = HISTORY.flows.filter(pl.col("year") == YEAR).collect()
    fit = fit_products(
        rows.select("product", "exporter", "importer", "value_usd"),
        pair_covariates(distances()).select("exporter", "importer", *COVARIATES),
    )
    seen = 0
    for cube, expected in expected_by_product(HISTORY, YEAR):
        note = fit.notes[fit.products.index(cube.product)]
        if note.state != "estimated" or note.unmatched:
            continue
        at = [
            [fit.countries.index(HISTORY.countries[c]) for c in side]
            for side in (cube.exporters, cube.importers)
        ]
        np.testing.assert_allclose(
            expected,
            fit.expected(cube.product)[np.ix_(*at)],
            rtol=5e-3,
            atol=1e-6 * cube.base.sum(),
        )
        seen += 1
    assert seen >= 2


def test_textbook_where_nothing_is_estimated() -> None:
    """One exporter has no estimate; without distances nobody has."""
    lonely = pl.DataFrame(
        {
            "year": [YEAR, YEAR], "product": ["9901", "9901"], "importer": ["AAB", "AAC"],
            "exporter": ["AAA", "AAA"], "value_usd": [3.0, 1.0]
        },
        schema_overrides={"year": flows().schema["year"]},
    )  # fmt: skip
    history = History.of(
        pl.concat([flows(), lonely.select(flows().columns)]), distances=distances()
    )
    assert ("9901", "all") not in elasticities(history, YEAR)
    cube, expected = next(
        (c, e) for c, e in expected_by_product(history, YEAR) if c.product == "9901"
    )
    np.testing.assert_allclose(expected, potential(cube, history.nearness))
    assert elasticities(History.of(flows()), YEAR) == {}


def test_fewer_flows_than_parameters_are_no_estimate() -> None:
    """Fourteen flows among twelve countries, with more than fourteen parameters."""
    few = flows().filter((pl.col("product") == "8510") & (pl.col("year") == YEAR))
    few = few.sort("value_usd", descending=True).head(14).with_columns(product=pl.lit("9902"))
    history = History.of(pl.concat([flows(), few]), distances=distances())
    found = elasticities(history, YEAR)
    assert ("9902", "all") not in found
    assert ("8510", "all") in found
