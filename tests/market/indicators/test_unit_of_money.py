"""What the unit of money is says nothing of shares, ranks and links: all may be less than one."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from market_world import distances, flows
from offing.market.history import History
from offing.market.indicators.export_potential import export_potential
from offing.market.indicators.space import fitness, product_space, rca
from offing.market.indicators.survival import hazard, spells
from offing.terms.errors import InputError

UNIT = 2.0**-36
"""Of whole dollars each sum is exact: sums are counted in parts of 2^-40."""
FLOWS = flows(years=3, places=8, products=6).with_columns(pl.col("value_usd").round())
SMALL = FLOWS.with_columns(pl.col("value_usd") * UNIT)
YEAR = 2017


def test_advantages_and_the_space_of_products() -> None:
    table = FLOWS.filter(pl.col("year") == YEAR).group_by(country="exporter", product="product")
    sums = table.agg(value=pl.col("value_usd").sum()).sort("country", "product")
    less = sums.with_columns(pl.col("value") * UNIT)
    wide = sums.pivot("product", index="country", values="value").drop("country").fill_null(0)
    assert rca(wide.to_numpy() * UNIT) == pytest.approx(rca(wide.to_numpy()))
    for large, small in zip(product_space(sums), product_space(less), strict=True):
        money = [column for column in large.columns if column == "value"]
        assert_frame_equal(small.drop(money), large.drop(money), rel_tol=1e-6, abs_tol=1e-9)


def test_export_potential_is_in_the_unit_of_the_flows() -> None:
    for variant in ("identity", "static"):
        large, small = (
            list(export_potential(History.of(each, distances=distances(8)), YEAR, variant))
            for each in (FLOWS, SMALL)
        )
        for (_, value), (_, less) in zip(large, small, strict=True):
            assert less == pytest.approx(value * UNIT, rel=1e-9, abs=0.0)


def test_where_there_is_no_advantage_and_where_nothing_ended() -> None:
    with pytest.raises(InputError) as said:
        fitness(np.zeros((2, 3), dtype=bool))
    assert (said.value.values["countries"], said.value.values["products"]) == (0, 0)
    runs = pl.DataFrame({"duration": [2, 3], "ended": [False, False]})
    with pytest.raises(InputError) as said:
        hazard(runs)
    assert said.value.values["names"] == "-"


def test_a_flow_of_less_than_a_dollar_is_one() -> None:
    by = ("product", "exporter", "importer")
    assert_frame_equal(spells(SMALL, by), spells(FLOWS, by))
