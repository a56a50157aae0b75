"""The ladder: sums, levels, growth and the errors that help."""

from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import date
from math import log
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from ladder_flows import EXPORTERS, IMPORTERS, drawn, row, table
from offing.ladders.build import PriceMeasure, growth, ladder, ladders
from offing.ladders.ladder import TIERS, Ladder
from offing.ladders.standing import PARTS, price_and_quantity, standing
from offing.ladders.tiers import (
    METHODS,
    attach_unit_values,
    basis_of,
    collect,
    split_by_tier,
    tier_shares,
)
from offing.terms.errors import MissingDataError
from offing.terms.text import Unit
from shared_data import shared

TOTALS = {2020: 1000.0, 2021: 1100.0, 2022: 1210.0, 2023: 1331.0}


def steady(dear: tuple[float, ...] = (0.2, 0.3, 0.4, 0.5)) -> pl.DataFrame:
    """A market that grows 10 % a year, where the dear supplier's share rises.

    The world's reference is 100 in every year: another market is far larger and costs that.
    """
    rows = []
    for (year, total), share in zip(TOTALS.items(), dear, strict=True):
        rows += [
            row(year=year, exporter="JPN", value_usd=total * share, items=total * share / 400),
            row(year=year, exporter="CHN", value_usd=total * (1 - share), items=total / 50),
            row(year=year, importer="USA", exporter="MEX", value_usd=1e6, items=1e4),
        ]
    cheap = pl.col("exporter") == "CHN"
    return table(rows).with_columns(
        items=pl.when(cheap).then(pl.col("value_usd") / 50).otherwise("items")
    )


def german(flows: pl.DataFrame, **choices: object) -> Ladder:
    asked = {"product": "852872", "market": "DEU"} | choices
    of_prices = {field.name for field in fields(PriceMeasure)} & set(asked)
    measure = PriceMeasure(**{name: asked.pop(name) for name in of_prices})  # type: ignore[arg-type]
    return ladder(flows, measure=measure, **asked)  # type: ignore[arg-type]


def test_levels_by_hand() -> None:
    made = german(steady(), method="threshold-1997", dataset="hand")
    low, medium, high = made.tiers
    assert (made.year, made.unit, made.basis, made.dataset) == (2023, "item", "fob", "hand")
    assert made.reference == 100.0
    assert (low.high, medium.low, medium.high, high.low) == pytest.approx(
        (100 / 1.15, 100 / 1.15, 115.0, 115.0)
    )
    assert (low.value_usd, medium.value_usd, high.value_usd) == pytest.approx((665.5, 0.0, 665.5))
    assert high.suppliers == (("JPN", 1.0),)
    assert (high.concentration, medium.concentration) == (1.0, 0.0)
    assert made.value_usd == pytest.approx(1331.0)
    assert made.coverage == 1.0
    assert [supplier.unit_value for supplier in made.suppliers] == pytest.approx([50.0, 400.0])


def test_growth_and_drift_by_hand() -> None:
    low, medium, high = german(steady(), method="threshold-1997").tiers
    assert high.growth == pytest.approx((665.5 / 200) ** (1 / 3) - 1)
    assert high.drift == pytest.approx(10.0)
    assert low.growth == pytest.approx((665.5 / 800) ** (1 / 3) - 1)
    assert low.drift == pytest.approx(-10.0)
    assert (medium.growth, medium.drift) == (None, 0.0)
    assert german(steady(), method="threshold-1997").trend_years == (2020, 2023)
    assert german(steady(), method="threshold-1997", year=2021).trend_years is None


def test_growth_of_a_band_by_hand() -> None:
    """Sales above 100 dollars are the dear supplier's; who stays in its band is all there is."""
    cheap, dear = german(steady(), bands=[100.0]).bands
    assert dear.growth == pytest.approx((665.5 / 200) ** (1 / 3) - 1)
    assert cheap.growth == pytest.approx((665.5 / 800) ** (1 / 3) - 1)
    assert (dear.steady, dear.crossed, dear.since) == (dear.growth, (), 2020)


def test_a_year_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(MissingDataError) as refused:
        german(steady(), year=2019)
    assert (refused.value.key, refused.value.values["years"]) == ("ladder.no_year", "2020–2023")


def figures(of: object) -> list[object]:
    """What a ladder has, part by part."""
    if isinstance(of, dict):
        return [part for pair in of.items() for part in figures(pair)]
    if isinstance(of, list | tuple):
        return [part for each in of for part in figures(each)]
    return [of]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("unit", ["item", "kg"])
def test_several_ladders_are_those_of_each_market_alone(seed: int, unit: Unit) -> None:
    flows, asked = drawn(seed), {"product": "8528", "year": 2023}
    made = ladders(
        flows, product="8528", markets=[*IMPORTERS, "NOR"], year=2023, unit=unit, method=METHODS[0]
    )
    assert made.pop("NOR") is None
    for market, one in made.items():
        assert one is not None
        alone = ladder(flows, market=market, measure=PriceMeasure(unit=unit), **asked)  # type: ignore[arg-type]
        assert figures(asdict(one)) == pytest.approx(figures(asdict(alone)))


def test_trends_look_back_only() -> None:
    made = german(steady(), method="threshold-1997", year=2022)
    assert made.tiers[2].growth == pytest.approx((484 / 200) ** (1 / 2) - 1)
    assert german(steady(), year=2021).tiers[2].growth is None


def test_codes_are_compared_within_themselves() -> None:
    """A dear code and a cheap one, each at its own world price: everything is medium."""
    rows = [
        row(product=product, importer=importer, value_usd=price * 100, items=100.0)
        for product, price in (("852852", 150.0), ("852872", 900.0))
        for importer in ("DEU", "USA")
    ]
    made = ladder(table(rows), product="8528", market="DEU")
    assert [tier.share for tier in made.tiers] == pytest.approx([0.0, 1.0, 0.0])
    assert made.suppliers[0].unit_value == pytest.approx(105_000 / 200)
    weights = (150 / 1050, 900 / 1050)
    assert made.reference == pytest.approx(150 ** weights[0] * 900 ** weights[1])
    assert made.note == "ladder.note_few_suppliers"


@settings(max_examples=10, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    scale=st.sampled_from([0.01, 7.1, 1e6]),
    method=st.sampled_from(METHODS),
)
def test_sums_and_invariance(seed: int, scale: float, method: str) -> None:
    flows = drawn(seed)
    other = flows.sample(fraction=1.0, shuffle=True, seed=seed).with_columns(
        pl.col("value_usd", "cif_usd") * scale
    )
    ours = ladder(flows, product="8528", market="FRA", measure=PriceMeasure(method=method))
    theirs = ladder(other, product="8528", market="FRA", measure=PriceMeasure(method=method))
    assert sum(tier.share for tier in ours.tiers) == pytest.approx(1.0)
    assert sum(band.share for band in ours.bands) == pytest.approx(1.0)
    lost = sum(value for _, value in ours.dropped.values())
    placed = sum(tier.value_usd for tier in ours.tiers)
    assert placed + lost == pytest.approx(ours.value_usd)
    assert placed == pytest.approx(ours.coverage * ours.value_usd)
    for mine, yours in zip(ours.tiers, theirs.tiers, strict=True):
        assert mine.value_usd * scale == pytest.approx(yours.value_usd, rel=1e-9)
        assert mine.share == pytest.approx(yours.share, abs=1e-9)
        assert mine.growth is None or mine.growth == pytest.approx(yours.growth, abs=1e-9)
        assert 0 <= mine.concentration <= 1 + 1e-12
        assert sum(share for _, share in mine.suppliers) == pytest.approx(
            1.0 * bool(mine.value_usd)
        )
    for supplier in ours.suppliers:
        if supplier.unit_value is not None:
            assert sum(supplier.shares[tier] for tier in TIERS) == pytest.approx(1.0)


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


def test_sales_of_cents_have_a_unit_value() -> None:
    cents = steady().with_columns(pl.col("value_usd", "items") / 1e4)
    assert [s.unit_value for s in german(cents).suppliers] == pytest.approx([50.0, 400.0])


def test_better_coverage_is_no_growth() -> None:
    """A fifth of each supplier's value has no quantity in the first year; nothing else changes."""
    whole = steady((0.4, 0.4, 0.4, 0.4))
    gap = (pl.col("year") == 2020) & (pl.col("importer") == "DEU")
    gaps = pl.concat(
        [
            whole.with_columns(
                pl.when(gap)
                .then(pl.col("value_usd", "items") * 0.8)
                .otherwise(pl.col("value_usd", "items"))
            ),
            whole.filter(gap)
            .with_columns(
                pl.col("value_usd") * 0.2, items=pl.lit(None, pl.Float64), exporter=pl.lit("KOR")
            )
            .head(1)
            .with_columns(value_usd=pl.lit(200.0)),
        ]
    )
    for ours, theirs in zip(german(whole).tiers, german(gaps).tiers, strict=True):
        assert ours.drift == pytest.approx(theirs.drift, abs=1e-9)
        assert ours.growth is None or ours.growth == pytest.approx(theirs.growth)


def test_bands_take_an_exporter_as_a_whole() -> None:
    made = german(steady(), bands=[60, 400])
    assert [(band.low, band.high) for band in made.bands] == [(None, 60), (60, 400), (400, None)]
    assert [band.value_usd for band in made.bands] == pytest.approx([665.5, 0.0, 665.5])
    assert made.bands[2].growth == pytest.approx((665.5 / 200) ** (1 / 3) - 1)
    assert german(steady().with_columns(kg="items", items=None)).bands == ()


def test_an_exporter_that_crosses_a_threshold_is_no_growth_of_the_band() -> None:
    """CHN grows 10 % a year at 450; POL, as large, goes from 490 to 510 and does not grow."""
    rows = []
    for place, year in enumerate(TOTALS):
        steady_usd, price = 100.0 * 1.1**place, 490.0 if place < 3 else 510.0
        rows += [
            row(year=year, exporter="CHN", value_usd=steady_usd, items=steady_usd / 600),
            row(year=year, exporter="HUN", value_usd=50.0, items=50.0 / 100),
            row(year=year, exporter="POL", value_usd=400.0, items=400.0 / price),
            row(year=year, importer="USA", exporter="MEX", value_usd=1e6, items=1e4),
        ]
    made = german(table(rows), bands=[500, 5000])
    low, middle, high = made.bands
    assert middle.crossed == low.crossed == ("POL",)
    assert high.crossed == ()
    assert middle.since == 2020
    assert middle.growth == pytest.approx((533.1 / 100) ** (1 / 3) - 1)  # 75 % a year
    assert middle.steady == pytest.approx(0.1)
    assert low.growth == pytest.approx((50 / 450) ** (1 / 3) - 1)
    assert low.steady == pytest.approx(0.0)


def test_dropped_flows_keep_their_value() -> None:
    flows = pl.concat([steady(), table([row(exporter="KOR", value_usd=669.0)])])
    made = german(flows)
    assert made.value_usd == pytest.approx(2000.0)
    assert made.coverage == pytest.approx(1331 / 2000)
    assert made.dropped == {"ladder.drop_no_quantity": (1, 669.0)}
    korean = next(supplier for supplier in made.suppliers if supplier.exporter == "KOR")
    assert (korean.unit_value, korean.dropped) == (None, "ladder.drop_no_quantity")


def test_growth_of_shares_and_where_there_is_none() -> None:
    assert growth({2019: 0.5, 2020: 0.9, 2021: 0.72}) == pytest.approx(0.2)
    assert growth({2019: 0.5, 2021: 0.72}) is None
    for ends in ((0.0, 1.0), (1.0, 0.0), (-1.0, -1.0)):
        assert growth({2019: ends[0], 2020: 1.0, 2021: ends[1]}) is None


AMOUNT = st.one_of(st.just(0.0), st.floats(0.01, 1e9))
CELL = st.tuples(AMOUNT, AMOUNT, AMOUNT, AMOUNT)


def parted(*cells: tuple[float, float, float, float]) -> pl.DataFrame:
    columns = ("before", "now", "units_before", "units_now")
    schema = dict.fromkeys(columns, pl.Float64)
    return price_and_quantity(pl.DataFrame(cells, schema=schema, orient="row"))


@pytest.mark.parametrize(
    ("cell", "part"),
    [
        ((100, 150, 10, 10), "price"), ((100, 150, 10, 15), "quantity"),
        ((0, 150, 0, 15), "begun"), ((100, 0, 10, 0), "ended"), ((100, 150, 0, 15), "unmeasured"),
        ((100, 150, 10, 0), "unmeasured"), ((-20, 150, 10, 15), "unmeasured"),
        ((100, -20, 10, 15), "unmeasured"),
    ],
)  # fmt: skip
def test_a_change_of_one_kind(cell: tuple[float, float, float, float], part: str) -> None:
    row = parted(cell).row(0, named=True)
    for name in PARTS:
        unknown = part == "unmeasured" and name in ("price", "quantity")
        expected = cell[1] - cell[0] if name == part else None if unknown else 0.0
        assert row[name] == pytest.approx(expected, abs=1e-9)


def test_both_at_once_by_hand() -> None:
    """Ang (2005): L(a, b) = (a − b) / ln(a / b), times the log change of each factor."""
    row = parted((100, 240, 10, 20)).row(0, named=True)  # price 10 → 12, quantity 10 → 20
    mean = 140 / log(2.4)
    assert row["price"] == pytest.approx(mean * log(1.2))
    assert row["quantity"] == pytest.approx(mean * log(2))


@given(st.lists(CELL, min_size=1, max_size=8))
def test_nothing_is_left_over_and_years_may_change_places(
    cells: list[tuple[float, float, float, float]],
) -> None:
    there = parted(*cells)
    back = parted(*((now, before, q1, q0) for before, now, q0, q1 in cells))
    for forth, again, (before, now, *_) in zip(
        there.rows(named=True), back.rows(named=True), cells, strict=True
    ):
        near = 1e-9 * max(abs(before), abs(now), 1.0)
        assert sum(forth[part] or 0 for part in PARTS) == pytest.approx(now - before, abs=near)
        for part in ("price", "quantity", "unmeasured"):
            assert (again[part] is None) == (forth[part] is None)
            assert again[part] in (None, pytest.approx(-(forth[part] or 0), abs=near))
        assert again["begun"] == pytest.approx(-forth["ended"], abs=near)


def test_what_is_worth_the_same_as_before() -> None:
    row = parted((100, 100, 10, 20)).row(0, named=True)  # half the price, twice as many
    assert (row["price"], row["quantity"]) == pytest.approx((-100 * log(2), 100 * log(2)))


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


def test_flows_far_from_the_worlds_prices_are_called_so() -> None:
    """One market's values × 1,000, as where thousands were read as units; or none has items."""
    world = [
        row(importer=to, exporter=at, value_usd=(90.0 + 5 * n) * 1e3, items=1e3, kg=1e4)
        for to in ("DEU", *IMPORTERS) for n, at in enumerate(EXPORTERS) if to != at
    ]  # fmt: skip
    here = pl.col("importer") == "FRA"
    for column, change, why, step in (
        ("value_usd", pl.col("value_usd") * 1e3, "too far from the others", "unit of the values"),
        ("items", pl.lit(None), "quantity missing", "try the other unit"),
    ):
        wrong = pl.when(here).then(change).otherwise(pl.col(column)).alias(column)
        with pytest.raises(MissingDataError, match=why) as refused:
            german(table(world).with_columns(wrong), market="FRA", unit="item")
        assert step in str(refused.value)


@pytest.mark.parametrize(
    ("given", "key"), [({}, "bare"), ({"kg": 0.0}, "no"), ({"items": 4.0}, "no")]
)
def test_a_ladder_of_flows_without_quantities_asks_for_others(
    given: dict[str, float], key: str
) -> None:
    with pytest.raises(MissingDataError) as refused:
        ladder(table([row(**given)]), product="852872", market="DEU", measure=PriceMeasure("kg"))
    assert refused.value.key == f"ladder.{key}_unit_values"
