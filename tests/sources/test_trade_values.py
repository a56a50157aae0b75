"""Values a kilogram tell columns that changed places, thousands of dollars and tonnes."""

import random

import polars as pl
import pytest

from offing.sources.trade_checks import odd_values, reversed_flows, year_jumps
from offing.terms.errors import InputError
from offing.warehouse import Warehouse

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


def test_frames_with_exchanged_columns_are_refused() -> None:
    good = flows().rename({"value": "value_usd"})
    Warehouse.from_frames(flows=good)
    with pytest.raises(InputError) as caught:
        Warehouse.from_frames(flows=good.rename({"value_usd": "kg", "kg": "value_usd"}))
    assert caught.value.key == "frames.unit_values"
    assert "changed places" in str(caught.value)
    Warehouse.from_frames(flows=good.drop("kg"))


COUNTRIES = ("CHN", "USA", "DEU", "JPN", "BRA", "MEX", "VNM")
NUMBERS = {"CHN": 156, "USA": 842, "DEU": 276, "JPN": 392, "BRA": 76, "MEX": 484, "VNM": 704}


def both_ways(years: tuple[int, ...] = (2021, 2022)) -> pl.DataFrame:
    """Trade of seven countries in two codes, widely apart in the two directions of a pair."""
    dice = random.Random(7)
    rows = [
        {"year": year, "product": code, "exporter": a, "importer": b,
         "value_usd": 1e6 * 5 ** COUNTRIES.index(b) / 4 ** COUNTRIES.index(a) * dice.uniform(1, 2)}
        for year in years for code in ("852872", "852859")
        for a in COUNTRIES for b in COUNTRIES if a != b
    ]  # fmt: skip
    return pl.DataFrame(rows).with_columns(kg=pl.col("value_usd") / 12, items=pl.lit(None))


def headings(rows: pl.DataFrame) -> pl.DataFrame:
    """The same by four digits, a tenth apart: what another data set has."""
    coded = rows.with_columns(product=pl.col("product").str.slice(0, 4))
    keys = ["year", "product", "exporter", "importer"]
    return coded.group_by(keys).agg(pl.col("value_usd").sum() * 1.1)


def exchanged(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.rename({"exporter": "importer", "importer": "exporter"})


@pytest.mark.parametrize("turned", [False, True])
def test_flows_of_the_other_direction_are_told(turned: bool) -> None:
    rows = exchanged(both_ways()) if turned else both_ways()
    like = headings(both_ways((2021, 2022, 2023)))
    assert bool(reversed_flows(rows, like)) == turned
