"""The Export Potential Indicator: identities, and each correction by hand."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
import pytest

from market_world import distances, flows
from offing.market.history import History
from offing.market.indicators.export_potential import (
    DutyRates,
    Projection,
    Variant,
    export_potential,
)

HISTORY = History.of(flows(), distances=distances())
YEAR = 2018
STILL = Projection({}, {}, {})
EQUAL = DutyRates(
    flows()
    .select("product")
    .unique()
    .join(distances().select(exporter="origin", importer="destination"), how="cross")
    .with_columns(rate=pl.lit(0.08)),
    {f"85{number}": 5.0 for number in range(10, 16)},
)


def of(variant: Variant, history: History = HISTORY, **given: Any) -> dict[str, np.ndarray]:
    return {c.product: value for c, value in export_potential(history, YEAR, variant, **given)}


def same(one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray]) -> None:
    assert set(one) == set(other)
    for product, value in one.items():
        np.testing.assert_allclose(value, other[product], rtol=1e-10)


def test_corrections_that_correct_nothing_change_nothing() -> None:
    """No growth and the same tariff for all leave the static variant as it is."""
    same(of("projected", projection=STILL), of("static"))
    same(of("full", projection=STILL, tariffs=EQUAL), of("static"))
    everyone = dict.fromkeys(HISTORY.countries, 1.2)
    grown = of("projected", projection=Projection(everyone, everyone, {}))
    same(grown, {product: 1.2 * value for product, value in of("static").items()})


def test_potentials_of_a_pair_sum_to_its_trade() -> None:
    size = len(HISTORY.countries)
    total = np.zeros((size, size))
    for cube, value in export_potential(HISTORY, YEAR, "identity"):
        total[np.ix_(cube.exporters, cube.importers)] += value
    np.testing.assert_allclose(total, HISTORY.pairs(YEAR).value, rtol=1e-10)


SMALL = History.of(
    pl.DataFrame(
        [(YEAR, "8528", *row) for row in (
            ("CCC", "AAA", 60.0), ("DDD", "AAA", 20.0), ("CCC", "BBB", 10.0), ("DDD", "BBB", 10.0),
        )],
        schema=["year", "product", "importer", "exporter", "value_usd"],
        orient="row",
    )
)  # fmt: skip
"""One product: A exports 80, B 20; C imports 70, D 30. Without corrections EPI is the trade."""


def small(variant: Variant, **given: Any) -> dict[tuple[str, str], float]:
    ((cube, value),) = export_potential(SMALL, YEAR, variant, **given)
    names = SMALL.countries
    return {
        (names[i], names[j]): value[a, b]
        for a, i in enumerate(cube.exporters)
        for b, j in enumerate(cube.importers)
    }


def test_projection_by_hand() -> None:
    """A's GDP doubles: its share is 160/180 instead of 80/100. C's people grow by half, its GDP by
    80 %: income per head by 1.2, to the power of 2."""
    projection = Projection({"AAA": 2.0, "CCC": 1.8}, {"CCC": 1.5}, {"8528": 2.0})
    found = small("projected", projection=projection)
    a, b = (160 / 180) / 0.8, (20 / 180) / 0.2
    c = 1.2**2 * 1.5
    assert found == pytest.approx(
        {("AAA", "CCC"): 60 * a * c, ("AAA", "DDD"): 20 * a,
         ("BBB", "CCC"): 10 * b * c, ("BBB", "DDD"): 10 * b}
    )  # fmt: skip


def test_tariffs_by_hand() -> None:
    """In C A pays 10 % and B nothing, in D both pay 5 %; σ is 2."""
    rates = pl.DataFrame(
        [("8528", "AAA", "CCC", 0.1), ("8528", "BBB", "CCC", 0.0),
         ("8528", "AAA", "DDD", 0.05), ("8528", "BBB", "DDD", 0.05)],
        schema=["product", "exporter", "importer", "rate"], orient="row",
    )  # fmt: skip
    found = small("full", projection=STILL, tariffs=DutyRates(rates, {"8528": 2.0}))
    in_c = 0.8 * 0.1  # by the suppliers' exports
    pays_a, pays_b = 0.7 * 0.1 + 0.3 * 0.05, 0.3 * 0.05  # by the markets' imports
    world = 0.8 * pays_a + 0.2 * pays_b
    a, b = ((1 + pays_a) / (1 + world)) ** 2, ((1 + pays_b) / (1 + world)) ** 2
    assert found == pytest.approx(
        {("AAA", "CCC"): 60 * a * ((1 + in_c) / 1.1) ** 2, ("AAA", "DDD"): 20 * a,
         ("BBB", "CCC"): 10 * b * (1 + in_c) ** 2, ("BBB", "DDD"): 10 * b}
    )  # fmt: skip


def test_what_is_not_known_is_not_corrected() -> None:
    rates = pl.DataFrame(
        {"product": ["8528"], "exporter": ["AAA"], "importer": ["CCC"], "rate": [0.1]}
    )
    no_sigma = small("full", projection=STILL, tariffs=DutyRates(rates, {}))
    assert no_sigma == pytest.approx(small("static"))
    one_pair = small("full", projection=STILL, tariffs=DutyRates(rates, {"8528": 3.0}))
    plain = small("static")
    assert all(one_pair[pair] == pytest.approx(plain[pair]) for pair in plain)
