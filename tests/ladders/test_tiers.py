"""Tiers: the published rules by hand, and the tie rule beside numpy's."""

import tomllib
from typing import Any, Literal

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import offing
from ladder_flows import row, table
from offing.ladders.ladder import PricePlace, Tier
from offing.ladders.tiers import (
    METHODS,
    attach_unit_values,
    collect,
    lazy,
    split,
    weighted_quantiles,
)
from offing.report.views.ladder import tier_words
from offing.report.views.ladder import view as ladder_view
from shared_data import ROOT

GOLDEN: dict[str, Any] = tomllib.loads((ROOT / "tests/golden/tiers.toml").read_text("utf-8"))


@pytest.mark.parametrize("method", METHODS)
def test_published_rules_by_hand(method: str) -> None:
    flows = table(
        [
            row(
                exporter=flow["exporter"],
                value_usd=flow["value"],
                items=flow["value"] / flow["unit_value"],
            )
            for flow in GOLDEN["flow"]
        ]
    )
    found = collect(split(attach_unit_values(flows, unit="item", basis="fob"), method)).sort(
        "exporter"
    )
    wanted = GOLDEN[method]
    for name in ("reference", "low_to", "high_from"):
        # the geometric mean is given to seven figures, the rest exactly
        assert found[name].to_list() == pytest.approx([wanted[name]] * 4, rel=1e-7)
    for tier in ("low", "high"):
        assert found[tier].to_list() == pytest.approx(list(wanted[tier].values()), abs=1e-12)
    assert (found["low"] + found["medium"] + found["high"]).to_list() == pytest.approx([1.0] * 4)


@settings(max_examples=60, deadline=None)
@given(
    pairs=st.lists(st.tuples(st.integers(1, 12), st.integers(1, 9)), min_size=1, max_size=12),
    level=st.sampled_from([0.25, 0.33, 0.5, 0.67, 0.75, 1.0]),
)
@example(pairs=[(1, 5), (2, 5)], level=0.5)  # reached exactly: the lower one
@example(pairs=[(1, 1), (1, 1), (2, 2)], level=0.5)  # reached by two equal ones together
def test_quantile_is_numpys_inverted_cdf(pairs: list[tuple[int, int]], level: float) -> None:
    """numpy's ``inverted_cdf`` with weights is the same rule, written by others."""
    unit_values = [float(unit_value) for unit_value, _ in pairs]
    weights = [float(weight) for _, weight in pairs]
    rows = pl.DataFrame({"cell": 1, "unit_value": unit_values, "value": weights})
    found = collect(weighted_quantiles(lazy(rows), ["cell"], {"at": level}))["at"][0]
    total = sum(weights)
    reached = np.cumsum(np.array(weights)[np.argsort(unit_values, kind="stable")])
    wanted = np.sort(unit_values)[int(np.argmax(reached >= level * total * (1 - 1e-12)))]
    assert found == wanted
    if not np.isclose(reached, level * total, rtol=1e-9).any() or level in (0.25, 0.5, 0.75, 1.0):
        # away from ties, and at ties that binary numbers hold exactly
        assert found == np.quantile(unit_values, level, weights=weights, method="inverted_cdf")


def test_a_tie_does_not_depend_on_rounding() -> None:
    """A tenth three times is not 0.3 in binary; the tie is still a tie, in any order."""
    rows = pl.DataFrame(
        {"cell": 1, "unit_value": [1.0, 2.0, 3.0, 4.0], "value": [0.1, 0.1, 0.1, 0.3]}
    )
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]):
        found = collect(weighted_quantiles(lazy(rows[order]), ["cell"], {"half": 0.5}))
        assert found["half"].to_list() == [3.0]


def test_a_ladder_says_one_reference_whichever_it_is() -> None:
    said: dict[Literal["world", "market"], str] = {
        "market": "this market alone", "world": "all markets in the data",
    }  # fmt: skip
    for reference, of in said.items():
        made = offing.ladder("8528", "France", reference=reference, method="threshold-1997")
        told = " ".join(str(ladder_view(made)[1]).split())
        assert f"1.15 times the weighted median of {of}, and that median divided by 1.15" in told
        assert told.count("this market alone") == (reference == "market")


def test_own_reference_is_the_markets() -> None:
    flows = table(
        [
            row(importer=importer, exporter=exporter, value_usd=value, items=1.0)
            for importer, values in {
                "DEU": (10.0, 20.0, 30.0),
                "USA": (100.0, 200.0, 300.0),
            }.items()
            for exporter, value in zip("ABC", values, strict=True)
        ]
    )
    rows = attach_unit_values(flows, unit="item", basis="fob")
    own = collect(split(rows, "threshold-1997", own=True))
    world = collect(split(rows, "threshold-1997"))
    assert own.group_by("importer").agg(pl.col("reference").first()).sort("importer").rows() == [
        ("DEU", 20.0),
        ("USA", 200.0),
    ]
    assert world["reference"].unique().to_list() == [200.0]


def of_prices(method: str, flows: dict[str, tuple[float, float]]) -> pl.DataFrame:
    """Exporter → value and items, one market and year, split."""
    rows = [
        row(exporter=name, value_usd=value, items=items) for name, (value, items) in flows.items()
    ]
    return collect(split(attach_unit_values(table(rows), unit="item", basis="fob"), method)).sort(
        "exporter"
    )


@pytest.mark.parametrize(
    "flows",
    [
        {"A": (7.0, 0.7)},
        {"A": (300.0, 3.0), "B": (100.0, 1.0), "C": (123_456.7, 1_234.567)},
        {"A": (0.3, 3.0), "B": (0.1, 1.0), "C": (0.7, 7.0)},  # 0.3 / 3 is not 0.1 in binary
        {chr(65 + n): (n * 0.1 * 333.33, n * 0.1) for n in range(1, 26)},
    ],
    ids=["one supplier", "equal prices", "equal but for the last digit", "25 equal prices"],
)
@pytest.mark.parametrize("method", ["mean-2011", "thirds-2006"])
def test_a_unit_value_that_equals_the_bound_is_low(
    method: str, flows: dict[str, tuple[float, float]]
) -> None:
    """Both definitions say low *up to* the bound; of equal prices each one is the bound."""
    found = of_prices(method, flows)
    assert found["low"].to_list() == [1.0] * len(flows)
    assert found["high"].to_list() == [0.0] * len(flows)


@pytest.mark.parametrize("median", [100.0, 3.0, 0.7])
def test_at_the_threshold_itself_a_unit_value_is_medium(median: float) -> None:
    """High is above 1.15 times the median, low below the median over 1.15: 115 of 100 is neither.

    In binary 100 × 1.15 is a little less than 115.
    """
    flows = {"A": (median * 4, 4.0), "B": (median * 23 / 20, 1.0), "C": (median * 20 / 23, 1.0)}
    found = of_prices("threshold-1997", flows)
    assert found["medium"].to_list() == [1.0, 1.0, 1.0]


def test_a_unit_value_above_the_mean_is_high() -> None:
    found = of_prices("mean-2011", {"A": (100.0, 1.0), "B": (100.000001, 1.0)})
    assert found["low"].to_list() == [1.0, 0.0]
    assert found["high"].to_list() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("tiers", "words"),
    [
        ({"low": 0.0, "medium": 0.03, "high": 0.97}, ("high", "0.97", "")),
        ({"low": 0.5, "medium": 0.3, "high": 0.2}, ("low", "0.50", "; medium 0.30; high 0.20")),
        ({"low": 0.02, "medium": 0.9, "high": 0.08}, ("medium", "0.90", "; high 0.08")),
    ],
)
def test_likeliest_tier_comes_first(tiers: dict[Tier, float], words: tuple[str, str, str]) -> None:
    said = tier_words(PricePlace(1.0, 0.5, 0.4, 0.6, tiers, 5, ()))
    assert (said["tier"], said["share"], said["others"]) == words
