"""Lines of a market panel that are asked about, on both sides of each threshold."""

from dataclasses import replace
from decimal import Decimal

import pytest

from cautions import keyed
from offing.sources.market_panel import _odd
from offing.sources.trade_checks import (
    GROUP,
    NO_NUMBER,
    NOT_KNOWN,
    codes_of,
    last_year,
    last_years,
    place_of,
    places,
    places_of_numbers,
)
from offing.terms.firm_records import PanelLine

D = Decimal
USUAL = PanelLine(
    year=2024, period="2024", market="DEU", product="852872", segment="55", low=None, high=None,
    units=10.0, value=5_000.0, currency="EUR", level="retail", brand="A", row=2,
)  # fmt: skip


def said(*changes: dict[str, object]) -> dict[str, str]:
    """Message → rows; each line is of a brand of its own unless it says one."""
    lines = [
        replace(USUAL, **{"row": row, "brand": str(row)} | change)  # type: ignore[arg-type]
        for row, change in enumerate(changes, 2)
    ]
    return {key.removeprefix("reference."): values["rows"] for key, values in keyed(_odd(lines))}


@pytest.mark.parametrize(
    ("price", "asked"),
    [(500.0, False), (10_000.0, False), (10_001.0, True), (25.0, False), (24.9, True)],
)
def test_a_price_twenty_times_that_of_its_kind(price: float, asked: bool) -> None:
    others: list[dict[str, object]] = [{}, {}, {}]
    assert ("panel_price_far" in said(*others, {"value": 10 * price})) == asked
    assert "panel_price_far" not in said({}, {"value": 10 * price})  # two have no middle
    assert "panel_price_far" not in said(*others, {"value": 10 * price, "segment": "65"})


@pytest.mark.parametrize(
    ("price", "more", "asked"),
    [
        (0.01, {}, False),
        (0.009, {}, True),
        (100_000.0, {}, False),
        (100_001.0, {}, True),
        (100_001.0, {"currency": "JPY"}, False),
        (100_001.0, {"level": "fob"}, False),
        (1e9, {"currency": "JPY"}, False),
        (1.1e9, {"currency": "JPY"}, True),
    ],
)
def test_what_one_piece_costs(price: float, more: dict[str, object], asked: bool) -> None:
    assert ("panel_price" in said({"value": 10 * price, **more})) == asked


@pytest.mark.parametrize(
    ("low", "high", "asked"),
    [
        (1_000.0, None, False),
        (1_001.0, None, True),
        (None, 250.0, False),
        (None, 249.0, True),
        (None, None, False),
        (400.0, 600.0, False),
    ],
)
def test_a_price_of_half_or_twice_its_band(
    low: float | None, high: float | None, asked: bool
) -> None:
    assert ("outside_band" in said({"low": low, "high": high})) == asked


def test_a_part_of_a_unit_and_a_year_beside_its_months() -> None:
    assert "panel_share" not in said({"units": 1.0, "value": 500.0})
    assert said({"units": 0.9, "value": 450.0})["panel_share"] == "2"
    same = {"brand": "B"}
    assert said({**same, "period": "2024 Q1"}, {**same, "period": "2024"})["panel_spans"] == "3"
    assert "panel_spans" not in said({**same, "period": "2024 Q1"}, {**same, "period": "2024 Q2"})
    assert "panel_spans" not in said({**same, "period": "2024 Q1"}, {**same, "year": 2023})


def test_five_rows_are_named_and_more_are_many() -> None:
    part: dict[str, object] = {"units": 0.5, "value": 250.0}
    assert said(*[part] * 5)["panel_share"] == "2, 3, 4, 5, 6"
    assert said(*[part] * 6)["panel_share"] == "2, 3, 4, 5, 6…"


def test_places_of_countries() -> None:
    assert places()[place_of("DEU")] == "DEU"
    assert list(places()) == sorted(places())
    assert place_of("EUR") == GROUP == -2
    table = places_of_numbers()
    assert table[276] == table[280] == place_of("DEU")
    assert table[NO_NUMBER] == table[999] == NOT_KNOWN == -1
    assert last_year("DEU") == 9999
    assert last_year("SUN") == 1991
    years = last_years()
    assert (years[place_of("SUN")], years[GROUP], years[NOT_KNOWN]) == (1991, 9999, 9999)
    assert codes_of(["DEU", None, "Mars", "EU", "DEU"]) == {"DEU": "DEU", "Mars": None, "EU": "EUR"}


Lines = list[dict[str, object]]


@pytest.mark.parametrize(
    ("bands", "rows"),
    [
        ([(0, 300), (300, 600), (600, None)], None),
        ([(0, 299), (300, 599), (600, 1200)], None),
        ([(0, 300), (0, 300), (300, 600)], None),
        ([(0, 300), (250, 600)], "3"),
        ([(0, 300), (300, 600), (0, None)], "4 and 3"),
    ],
)
def test_price_bands_that_overlap(bands: list[tuple[int, int | None]], rows: str | None) -> None:
    lines: Lines = [{"low": float(low), "high": high} for low, high in bands]
    assert (said(*lines).get("panel_bands") is not None) == (rows is not None)
    apart = [line | {"period": str(2020 + n)} for n, line in enumerate(lines)]
    assert "panel_bands" not in said(*apart)
    unbounded: Lines = [{"low": None, "high": None}] * 3
    assert "panel_bands" not in said(*unbounded)


def test_a_row_that_is_the_sum_of_the_brands() -> None:
    brands: Lines = [{"units": 10.0, "value": 5e3}, {"units": 7.0, "value": 4e3}]
    total: dict[str, object] = {"units": 17.0, "value": 9e3}
    assert said(*brands, total)["panel_sums"] == "4"
    assert "panel_sums" not in said(*brands, total | {"value": 8e3})
    assert "panel_sums" not in said(*brands)
    third: Lines = [{"units": 3.0, "value": 2e3, "segment": "65"}]
    other: Lines = [{"units": 9.0, "value": 4e3, "segment": "65"} for _ in range(2)]
    more: Lines = [{"units": float(n), "value": n * 300.0, "segment": "75"} for n in (3, 4, 5)]
    # One of three tables whose figures happen to add up is chance.
    assert "panel_sums" not in said(*brands, total, *third, *other, *more)


@pytest.mark.parametrize(
    ("name", "asked"),
    [("All brands", True), ("Total", True), ("全部品牌", True), ("合计", True), ("Allied", False),
     ("Alpha", False), ("Totalline", False)],
)  # fmt: skip
def test_a_brand_that_is_called_all(name: str, asked: bool) -> None:
    assert ("panel_sums" in said({}, {"brand": name, "units": 99.0, "value": 5e4})) == asked
    assert "panel_sums" not in said({"brand": name})  # nothing beside it
