"""The ladder: sums, levels, growth and the errors that help."""

from dataclasses import asdict, fields
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from ladder_flows import EXPORTERS, IMPORTERS, drawn, row, table
from offing.ladders.build import PriceMeasure, growth, ladder, ladders
from offing.ladders.ladder import TIERS, Ladder
from offing.ladders.tiers import METHODS, split_by_tier
from offing.terms.errors import MissingDataError
from offing.terms.text import Unit

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
