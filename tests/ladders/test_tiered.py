"""Flows by tier: the values add up, on every engine, in every order and currency."""

from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from ladder_flows import drawn
from offing.ladders.tiers import METHODS, split_by_tier

KEYS = ["year", "product", "importer", "exporter"]


@pytest.mark.parametrize("method", METHODS)
def test_parts_sum_to_the_flow(method: str) -> None:
    flows = drawn(1)
    rows = split_by_tier(flows, method=method)
    sums = rows.group_by(KEYS).agg(pl.col("value_usd").sum(), pl.col("share").sum())
    joined = sums.join(flows, on=KEYS, suffix="_flow")
    assert joined.height == flows.height
    assert (joined["share"] - 1).abs().max() < 1e-12  # type: ignore[operator]
    assert ((joined["value_usd"] / joined["value_usd_flow"]) - 1).abs().max() < 1e-12  # type: ignore[operator]


@pytest.mark.parametrize("method", METHODS)
def test_every_engine_says_the_same(method: str, tmp_path: Path) -> None:
    flows = drawn(2)
    flows.write_parquet(tmp_path / "flows.parquet")
    relation = duckdb.read_parquet(str(tmp_path / "flows.parquet"))
    eager = split_by_tier(flows, method=method)
    for other in (flows.lazy(), relation):
        # the last digits of a sum depend on its order
        assert_frame_equal(eager, split_by_tier(other, method=method), rel_tol=1e-12)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), scale=st.sampled_from([0.001, 7.1, 1e6]))
def test_neither_currency_nor_order_matters(seed: int, scale: float) -> None:
    flows = drawn(seed, years=2)
    other = flows.sample(fraction=1.0, shuffle=True, seed=seed).with_columns(
        pl.col("value_usd", "cif_usd") * scale
    )
    ours = split_by_tier(flows, method="split-2007")
    theirs = split_by_tier(other, method="split-2007").with_columns(pl.col("value_usd") / scale)
    assert_frame_equal(ours, theirs, rel_tol=1e-9)
