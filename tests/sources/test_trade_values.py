"""Values a kilogram tell columns that changed places, thousands of dollars and tonnes."""

from pathlib import Path

import polars as pl
import pytest

from offing.sources.monthly_rows import looks_cumulated
from offing.sources.trade_checks import this_year
from offing.sources.trade_values import odd_values, year_jumps
from offing.terms.errors import InputError
from offing.warehouse import Warehouse, load

PLACES = ("DEU", "FRA", "JPN", "BRA", "GBR")


def flows(
    product: str = "850760", each: float = 25.0, years: tuple[int, ...] = (2022, 2023)
) -> pl.DataFrame:
    """Flows of a million dollars and more at one price a kilogram."""
    rows = [(y, n, place) for y in years for n, place in enumerate(PLACES, 1)]
    return pl.DataFrame(
        {
            "year": [y for y, _, _ in rows],
            "product": product,
            "importer": [place for _, _, place in rows],
            "exporter": "CHN",
            "value": [n * 1e6 * (1 + year / 1e5) for year, n, _ in rows],
            "kg": [n * 1e6 * (1 + year / 1e5) / each for year, n, _ in rows],
        }
    )


def keys(rows: pl.DataFrame) -> list[str]:
    return [note.key.removeprefix("sources.") for note in odd_values(rows)]


@pytest.mark.parametrize(
    ("product", "each"),
    [("850760", 25.0), ("852872", 9.0), ("620342", 30.0), ("720851", 0.7), ("271019", 0.5),
     ("8542", 1200.0), ("710812", 60_000.0), ("100199", 0.3), ("990000", 1e6)],
)  # fmt: skip
def test_usual_goods_are_not_asked_about(product: str, each: float) -> None:
    assert keys(flows(product, each)) == []


@pytest.mark.parametrize(
    ("each", "said"),
    [
        (1 / 25, ["unit_values_kg", "looks_exchanged", "looks_thousands"]),
        (25 / 1000, ["unit_values_kg", "looks_exchanged", "looks_thousands"]),
        (25_000, ["unit_values_kg", "looks_tonnes"]),
        (25e9, ["unit_values_kg"]),
    ],
)
def test_what_would_fit_is_said(each: float, said: list[str]) -> None:
    assert keys(flows(each=each)) == said


def test_one_year_in_other_units_is_named() -> None:
    rows = pl.concat([flows(years=(2021, 2023)), flows(each=0.025, years=(2022,))])
    (off, *_) = odd_values(rows)
    assert (off.values["years"], off.values["count"]) == ("2022", 5)
    assert (off.values["low"], off.values["high"]) == ("0.79", "9,900"), "3.95 / 5, 1,980 × 5"


@pytest.mark.parametrize(
    ("times", "said"), [(1000.0, True), (1 / 1000, True), (2.5, False), (1.0, False)]
)
def test_a_year_that_jumps_in_all_flows_alike_is_named(times: float, said: bool) -> None:
    """Weights are not needed."""
    codes = ("850760", "852872", "851830", "850440")
    rows = pl.concat(flows(code, years=(2021, 2022, 2023)) for code in codes)
    late = pl.when(pl.col("year") == 2023).then(times).otherwise(1.0)
    found = year_jumps(
        rows.with_columns(pl.col("value") * late), ("importer", "exporter", "product")
    )
    assert [note.values["second"] for note in found] == ([2023] if said else [])


def test_a_trade_table_says_it(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    exchanged = flows(each=1 / 25).rename({"value": "value (USD)"})
    exchanged.write_csv(file)
    report = load("trade-table", [file], tmp_path / "w", edition="2017")
    assert [note.key for note in report.load.notes] == [
        "sources.unit_values_kg", "sources.looks_exchanged", "sources.looks_thousands",
    ]  # fmt: skip
    flows().rename({"value": "value (1000 USD)"}).with_columns(
        pl.col("value (1000 USD)") / 1000
    ).write_csv(file)
    report = load("trade-table", [file], tmp_path / "v", edition="2017")
    assert [note.key for note in report.load.notes] == ["sources.caution_scaled"]


def test_frames_with_exchanged_columns_are_refused() -> None:
    good = flows().rename({"value": "value_usd"})
    Warehouse.of_frames(flows=good)
    with pytest.raises(InputError) as caught:
        Warehouse.of_frames(flows=good.rename({"value_usd": "kg", "kg": "value_usd"}))
    assert caught.value.key == "frames.unit_values"
    assert "changed places" in str(caught.value)
    Warehouse.of_frames(flows=good.drop("kg"))


def test_codes_of_two_levels_do_not_count_twice(tmp_path: Path) -> None:
    both = pl.concat([flows(), flows("8507")]).rename({"value": "value (USD)"})
    both.write_csv(tmp_path / "t.csv")
    report = load("trade-table", [tmp_path / "t.csv"], tmp_path / "w", edition="2017")
    assert report.load.quarantined == {"sources.finer_codes": 10}
    assert sum(part.rows for part in Warehouse(tmp_path / "w").catalog.parts) == 10


@pytest.mark.parametrize(
    ("edition", "codes", "said"),
    [
        ("2017", ("852872", "852812"), ["sources.stray_codes"]),
        ("2017", ("852872", "850760"), []),
        (None, ("852872", "852812"), ["sources.no_edition"]),
        (None, ("852872", "850760"), ["sources.no_edition"]),
    ],
)
def test_codes_of_other_editions_are_said(
    tmp_path: Path, edition: str | None, codes: tuple[str, ...], said: list[str]
) -> None:
    rows = pl.concat([flows(code) for code in codes]).rename({"value": "value (USD)"})
    rows.write_csv(tmp_path / "t.csv")
    report = load("trade-table", [tmp_path / "t.csv"], tmp_path / "w", edition=edition)
    assert [note.key for note in report.load.notes] == said


@pytest.mark.parametrize(("partners", "asked"), [(3, True), (2, False)])
def test_four_rising_months_of_three_flows_are_asked_about(partners: int, asked: bool) -> None:
    sums = [120.0, 210.0, 360.0, 459.0]
    rows = pl.DataFrame(
        [
            {"direction": "export", "reporter": "CHN", "partner": PLACES[p], "product": "850760",
             "year": 2025, "month": month, "value": value}
            for p in range(partners)
            for month, value in enumerate(sums, 1)
        ]
    )  # fmt: skip
    assert looks_cumulated(rows) is asked
    single = rows.with_columns(value=pl.Series([120.0, 90.0, 150.0, 99.0] * partners))
    assert not looks_cumulated(single)


def test_frames_of_two_levels_and_of_years_to_come_are_refused() -> None:
    good = flows().rename({"value": "value_usd"})
    other = flows("8528", 9.0).rename({"value": "value_usd"})
    Warehouse.of_frames(flows=pl.concat([good, other]))
    above = flows("8507").rename({"value": "value_usd"}).head(2)
    for wrong, key in (
        (pl.concat([good, above]), "frames.two_levels"),
        (good.head(5).with_columns(year=pl.lit(this_year() + 1)), "frames.year_to_come"),
    ):
        with pytest.raises(InputError) as caught:
            Warehouse.of_frames(flows=wrong)
        assert caught.value.key == key
