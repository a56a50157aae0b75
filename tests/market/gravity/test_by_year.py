"""Gravity of a history's year, and the interval of expected trade."""

import numpy as np
import polars as pl
import pytest

from gravity_world import world
from market_world import distances, flows
from offing.market.gravity.batch import fit_products
from offing.market.gravity.estimates import Gravity
from offing.market.gravity.expected import (
    COVARIATES,
    TEXTBOOK,
    ease,
    elasticities,
    expected_by_product,
    expected_trade,
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


pytest.importorskip("numba", reason="the extra 'gravity' is not installed")


@pytest.fixture(scope="module")
def fitted() -> tuple[Gravity, pl.DataFrame]:
    flows, pairs = world(1)
    lonely = pl.DataFrame(
        {"product": ["01"], "exporter": ["A00"], "importer": ["A01"], "value_usd": [1.0]}
    )
    flows = pl.concat([flows, lonely.select(flows.columns)])
    return fit_products(flows, pairs), flows


def test_interval_is_the_delta_method(fitted: tuple[Gravity, pl.DataFrame]) -> None:
    """Move a coefficient, let the effects meet the totals again, and see how log trade moves."""
    fit, flows = fitted
    p = fit.products.index("850000")
    mean = fit.expected("850000")
    rows, cols = mean.sum(axis=1, keepdims=True), mean.sum(axis=0)
    slopes = []
    for k in range(2):
        logs = []
        for step in (1e-5, -1e-5):
            moved = mean * np.exp(step * fit.covariates[k])
            for _ in range(400):
                moved = moved * (cols / moved.sum(axis=0))
                moved = moved * (rows / moved.sum(axis=1, keepdims=True))
            logs.append(np.log(np.where(mean > 0, moved, 1.0)))
        slopes.append((logs[0] - logs[1]) / 2e-5)
    i = fit.countries.index("A03")
    slope = np.stack(slopes)[:, i]
    variance = np.einsum("kj,kl,lj->j", slope, fit.covariance["both"][p], slope)
    found = expected_trade(fit, flows, "850000", "A03", level=0.95)
    spread = (found["high"] / found["expected"]).log().to_numpy() / 1.959964
    at = [fit.countries.index(code) for code in found["importer"]]
    assert spread == pytest.approx(np.sqrt(np.maximum(variance[at], 0)), rel=1e-4, abs=1e-7)
    assert (found["low"] * found["high"]).to_list() == pytest.approx(
        (found["expected"] ** 2).to_list()
    )


def test_tiers_are_products_of_their_own() -> None:
    split = pl.concat(
        [
            flows().with_columns(tier=pl.lit("low"), value_usd=pl.col("value_usd") * 0.4),
            flows().with_columns(tier=pl.lit("high"), value_usd=pl.col("value_usd") * 0.6),
        ]
    )
    whole = elasticities(HISTORY, YEAR)
    parts = elasticities(History.of(split, distances=distances()), YEAR)
    assert {tier for _, tier in parts} == {"low", "high"}
    for (product, _), found in parts.items():
        assert found == pytest.approx(whole[product, "all"], abs=1e-8)


def test_textbook_ease_by_hand() -> None:
    """Twice the distance lets through 2^-0.93 of the trade (Head and Mayer 2014, table 3.4)."""
    cube = next(iter(HISTORY.cubes(YEAR, [])))
    near = HISTORY.nearness
    assert near is not None
    pull = ease(cube, near)
    at = np.ix_(cube.exporters, cube.importers)
    (i, j), (k, m) = np.argwhere(cube.candidates)[:2]
    difference = (
        TEXTBOOK["log_km"] * np.log(near.km[at][i, j] / near.km[at][k, m])
        + 0.53 * (near.contiguous[at][i, j] - near.contiguous[at][k, m])
        + 0.54 * (near.common_language[at][i, j] - near.common_language[at][k, m])
    )
    assert np.log(pull[i, j] / pull[k, m]) == pytest.approx(difference)
