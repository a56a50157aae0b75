"""Unit values: what is dropped, why, and that units never mix."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ladder_flows import drawn, row, table
from offing.ladders.tiers import attach_unit_values, basis_of, collect, tier_shares
from shared_data import shared


def reasons(flows: pl.DataFrame, **choices: str) -> list[str | None]:
    given = {"unit": "item", "basis": "fob"} | choices
    rows = collect(attach_unit_values(flows, **given))  # type: ignore[arg-type]
    return flows.join(rows, on="exporter", maintain_order="left")["dropped"].to_list()


def plain(count: int = 9) -> list[dict[str, object]]:
    """Sound flows: about 200 USD and 5 kg an item."""
    return [
        row(exporter=f"X{n}", value_usd=20_000.0 + 500 * n, items=100.0, kg=500.0 + 20 * n)
        for n in range(count)
    ]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"value_usd": 0.0}, "ladder.drop_no_value"),
        ({"value_usd": float("inf")}, "ladder.drop_no_value"),
        ({"items": None}, "ladder.drop_no_quantity"),
        ({"items": 0.0}, "ladder.drop_no_quantity"),
        ({"items": float("nan")}, "ladder.drop_no_quantity"),
        ({"items": 500.0, "kg": 500.0}, "ladder.drop_unit_mix"),
        ({"items": 2.0, "kg": 500.0}, "ladder.drop_unit_mix"),
        ({"value_usd": 9e6}, "ladder.drop_outlier"),
        ({"value_usd": 90_000.0}, None),  # 4.5 times the others: dear, not impossible
        ({"kg": None}, None),
        ({"kg": 0.0}, None),
    ],
)
def test_first_reason_that_fails(fault: dict[str, object], reason: str | None) -> None:
    bad = row(exporter="BAD", value_usd=20_000.0, items=100.0, kg=500.0) | fault
    assert reasons(table([*plain(), bad])) == [None] * 9 + [reason]


def test_cif_basis_needs_a_cif_value() -> None:
    flows = table([*plain(), row(exporter="BAD", value_usd=20_000.0, items=100.0)])
    flows = flows.with_columns(
        cif_usd=pl.when(pl.col("exporter") != "BAD").then(pl.col("value_usd") * 1.1)
    )
    assert basis_of(flows) == "cif"
    assert reasons(flows, basis="cif")[-1] == "ladder.drop_no_value"
    assert basis_of(flows.with_columns(cif_usd=None)) == "fob"


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_units_never_mix(seed: int) -> None:
    """A unit value has the quantity of its own unit, and a market one unit in all years."""
    rows = collect(tier_shares(drawn(seed), method="split-2007"))
    for unit, column in (("item", "items"), ("kg", "kg")):
        mine = rows.filter(pl.col("unit") == unit, pl.col("unit_value").is_not_null())
        assert (mine["unit_value"] == mine["value"] / mine[column]).all()
    assert rows.group_by("product", "importer").agg(pl.col("unit").n_unique())["unit"].max() == 1
    assert rows["value"].sum() == pytest.approx(drawn(seed)["cif_usd"].sum(), rel=1e-12)


@pytest.mark.shared_data
def test_dirty_televisions() -> None:
    """8528 of the real data: 314 flows without items, and mixes that a person can see."""
    raw = pl.read_parquet(shared("comtrade_hs85_bilateral", "hs85_hs4_20x20.parquet"))
    flows = raw.filter(pl.col("hs_code") == "8528", pl.col("flow_code") == "M").select(
        pl.col("year").cast(pl.Int16), product="hs_code", importer="reporter_iso3",
        exporter="partner_iso3", value_usd="trade_value_usd", cif_usd="trade_value_usd",
        kg="net_weight_kg", items=pl.when(pl.col("quantity_unit") == "u").then("quantity"),
        observed=pl.lit("importer"),
    )  # fmt: skip
    rows = collect(attach_unit_values(flows, unit="item", basis="cif"))
    no_items = raw.filter(
        pl.col("hs_code") == "8528", pl.col("flow_code") == "M", pl.col("quantity_unit") != "u"
    )
    assert (rows["dropped"] == "ladder.drop_no_quantity").sum() == no_items.height

    def reason(year: int, importer: str, exporter: str) -> str | None:
        one = rows.filter(year=year, importer=importer, exporter=exporter)
        found: str | None = one["dropped"].item()
        return found

    # 720,557 "items" of 719,887 kg: kilograms written as items
    assert reason(2023, "FRA", "CZE") == "ladder.drop_unit_mix"
    # 2,084 items of 970 tonnes: 466 kg each
    assert reason(2020, "JPN", "FRA") == "ladder.drop_unit_mix"
    # 80,074 USD an item of 7 kg
    assert reason(2024, "ITA", "MYS") == "ladder.drop_outlier"
    assert reason(2024, "DEU", "CHN") is None
    used = rows.filter(pl.col("dropped").is_null())
    assert float(used["value"].sum()) > 0.9 * float(rows["value"].sum())
    assert rows["value"].sum() == pytest.approx(flows["value_usd"].sum(), rel=1e-12)
