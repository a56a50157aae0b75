"""Shares, growth, tiers and prices say nothing of how much is traded: all may be less than one."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

import polars as pl
import pytest

from ladder_flows import IMPORTERS, drawn
from offing.ladders.build import PriceMeasure, ladder
from offing.ladders.standing import standing
from offing.ladders.tiers import METHODS, split_by_tier
from offing.terms.text import Unit

UNIT = 2.0**-30
FLOWS = drawn(7)
BOTH = FLOWS, FLOWS.with_columns(pl.col("value_usd", "cif_usd", "kg", "items") * UNIT)
MONEY = {"value_usd", "quantity"}
"""What is counted in the unit; all else is the same."""
HISTORY = ("year", "tier", "value_usd", "share")


def leaves(of: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each figure of a record with the names that lead to it."""
    if isinstance(of, dict):
        for key, value in of.items():
            yield from leaves(value, *path, str(key))
    elif isinstance(of, list | tuple):
        for value in of:
            yield from leaves(value, *path)
    else:
        yield path, of


def same(large: Any, small: Any, money: set[str] = MONEY) -> None:
    for (path, one), (_, other) in zip(leaves(large), leaves(small), strict=True):
        if isinstance(one, float):
            per = UNIT if money.intersection(path) else 1.0
            assert other == pytest.approx(one * per, rel=1e-9, abs=0.0), path
        else:
            assert other == one, path


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("unit", ["item", "kg"])
def test_a_ladder(method: str, unit: Unit) -> None:
    measure = PriceMeasure(unit=unit, method=method, bands=(100.0, 400.0))
    for market in IMPORTERS:
        one, other = (
            asdict(ladder(each, product="852872", market=market, measure=measure)) for each in BOTH
        )
        for record in (one, other):
            record["history"] = [dict(zip(HISTORY, row, strict=True)) for row in record["history"]]
            record["dropped"] = [
                {"reason": reason, "flows": flows, "value_usd": usd}
                for reason, (flows, usd) in record["dropped"].items()
            ]
        same(one, other)


def test_flows_split_by_tier() -> None:
    large, small = (split_by_tier(each, method=METHODS[0]) for each in BOTH)
    same(large.to_dicts(), small.to_dicts())


def test_exports_and_their_parts() -> None:
    days = [date(year, month, 15) for year in (2022, 2023) for month in range(1, 13)]
    lines = pl.DataFrame(
        {
            "on": days * 2, "product": ["852872"] * 24 + ["852852"] * 24, "market": "DEU",
            "unit": "item", "quantity": [float(n % 7 + 1) for n in range(48)],
            "usd": [float(n % 11 + 1) for n in range(48)],
        }
    )  # fmt: skip
    large, small = (
        standing(lines.with_columns(pl.col("usd", "quantity") * unit), digits=6)
        for unit in (1.0, UNIT)
    )
    assert (large.year, large.full) == (small.year, small.full)
    assert small.concentration == pytest.approx(large.concentration)
    same(large.cells.to_dicts(), small.cells.to_dicts(), {*large.cells.columns})
