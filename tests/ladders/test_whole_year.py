"""The whole year in DuckDB says what the one product path says."""

from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ladder_flows import drawn
from offing.ladders.ladder import TIERS
from offing.ladders.tiered import tier_shares
from offing.ladders.tiers import METHODS
from offing.ladders.unit_values import collected
from offing.ladders.whole_year import whole_year


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("method", METHODS)
def test_same_as_one_product(method: str, own: bool, tmp_path: Path) -> None:
    flows = drawn(3, products=("850760", "852852", "852872"))
    flows.write_parquet(tmp_path / "flows.parquet")
    with duckdb.connect() as duck:
        source = f"read_parquet('{tmp_path / 'flows.parquet'}')"
        bulk = whole_year(duck, source, unit="kg", basis="fob", method=method, own=own)
        again = whole_year(duck, source, unit="kg", basis="fob", method=method, own=own)
    rows = collected(tier_shares(flows, unit="kg", method=method, basis="fob", own=own))
    sums = (
        rows.group_by("year", "product", "importer")
        .agg(
            *((pl.col(tier) * pl.col("value")).sum().alias(tier) for tier in TIERS), pl.sum("value")
        )
        .sort("year", "product", "importer")
    )
    # the last digits of a sum depend on its order
    assert_frame_equal(bulk, sums, rel_tol=1e-12)
    assert_frame_equal(bulk, again, rel_tol=1e-12)
