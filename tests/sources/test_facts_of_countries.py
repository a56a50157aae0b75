"""Facts of countries: dated groups, CEPII's distances, World Bank indicators in each layout."""

import csv
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from offing.sources import distances, groups, indicators
from offing.sources.staging import Staging
from offing.terms.countries import country_code
from shared_data import shared


def read(path: Path, folder: Path) -> tuple[pl.DataFrame, Staging]:
    staging = Staging(folder)
    groups.read([path], staging)
    return pl.read_parquet(staging.parts[0].file), staging


def members(rows: pl.DataFrame, group: str, on: date) -> set[str]:
    held = rows.filter(
        pl.col("group") == group,
        pl.col("since") <= on,
        pl.col("until").is_null() | (pl.col("until") > on),
    )
    return set(held["country"])


@pytest.mark.parametrize(
    ("group", "on", "count"),
    [
        ("eu", date(1960, 1, 1), 6),
        ("eu", date(2013, 7, 1), 28),
        ("eu", date(2020, 1, 31), 28),  # the United Kingdom left at the end of that day
        ("eu", date(2020, 2, 1), 27),
        ("rcep", date(2022, 2, 1), 11),
        ("rcep", date(2023, 6, 2), 15),
        ("asean", date(2025, 10, 26), 11),
    ],
)
def test_treaty_groups_have_their_size(group: str, on: date, count: int) -> None:
    assert len(members(groups.packaged_groups(), group, on)) == count


@pytest.mark.shared_data
def test_belt_and_road_is_the_official_list_of_january_2020(tmp_path: Path) -> None:
    rows, staging = read(shared("bri_members", "bri_by_year_2013_2023.csv"), tmp_path)
    assert not staging.reasons
    # Two names of the official list are lost in its translation: "Island" is 库克群岛, the Cook
    # Islands, and "Dominic" is 多米尼加, the Dominican Republic.
    lost = {"Island": "COK", "Dominic": "DOM"}
    with shared("bri_members", "bri_official_list_jan2020.csv").open(encoding="utf-8") as file:
        names = [row[1] for row in list(csv.reader(file))[2:]]
    official = {lost.get(name) or country_code(name) for name in names if name != "country"}
    assert len(official) == 138
    signed = members(rows, "belt_and_road", date(2019, 12, 31))
    assert signed | {"KIR"} == official  # Kiribati signed on 6 January 2020
    assert "KIR" in members(rows, "belt_and_road", date(2020, 1, 31))


def read_km(path: Path, folder: Path) -> tuple[pl.DataFrame, Staging]:
    staging = Staging(folder)
    distances.read([path], staging)
    return pl.read_parquet(staging.parts[0].file), staging


@pytest.mark.shared_data
def test_weighted_distance_first_then_plain(tmp_path: Path) -> None:
    source = shared("gravity_cepii", "dist_cepii.parquet")
    rows, staging = read_km(source, tmp_path)
    raw = pl.read_parquet(source)
    assert rows.height == raw.height == 224 * 224
    assert not staging.reasons

    def of(origin: str, destination: str) -> float:
        pair = rows.filter(pl.col("origin") == origin, pl.col("destination") == destination)
        return float(pair["km"].item())

    def raw_of(column: str, origin: str, destination: str) -> float:
        pair = raw.filter(pl.col("iso_o") == origin, pl.col("iso_d") == destination)
        return float(pair[column].item())

    assert of("CHN", "USA") == raw_of("distw", "CHN", "USA")
    assert of("ABW", "MAC") == raw_of("dist", "ABW", "MAC")  # distw is "." there
    assert of("ROU", "COD") == raw_of("distw", "ROM", "ZAR")  # codes that ISO has changed
    assert of("CHN", "TLS") == raw_of("distw", "CHN", "TMP")
    (note,) = staging.notes
    assert note.values == {"count": raw.filter(pl.col("distw") == ".").height, "all": rows.height}
    germany = rows.filter(pl.col("origin") == "DEU", pl.col("contiguous"))["destination"].to_list()
    assert sorted(germany) == ["AUT", "BEL", "CHE", "CZE", "DNK", "FRA", "LUX", "NLD", "POL"]


def read_indicators(
    path: Path, folder: Path, indicator: str | None = None
) -> tuple[pl.DataFrame, Staging]:
    staging = Staging(folder)
    indicators.read([path], staging, indicator=indicator)
    return pl.read_parquet(staging.parts[0].file), staging


@pytest.mark.shared_data
def test_real_long_file_and_its_groups(tmp_path: Path) -> None:
    source = shared("country_indicators", "gdp_wb_1960_2024.csv")
    rows, staging = read_indicators(source, tmp_path)
    raw = pl.read_csv(source)
    assert set(rows["name"]) == {"gdp_usd"}
    assert "WLD" not in set(rows["country"])
    china = raw.filter(pl.col("Country Code") == "CHN", pl.col("Year") == 2020)["Value"].item()
    found = rows.filter(pl.col("country") == "CHN", pl.col("year") == 2020)["value"].item()
    assert found == pytest.approx(china, rel=1e-15)
    (note,) = staging.notes
    assert note.values["count"] == raw.height - rows.height
    assert not staging.reasons


@pytest.mark.shared_data
def test_real_side_by_side_files(tmp_path: Path) -> None:
    rows, staging = read_indicators(
        shared("comtrade_hs85_bilateral", "wdi_2019_2024.csv"), tmp_path
    )
    assert {"gdp_usd", "population", "cpi"} <= set(rows["name"])
    assert not staging.reasons
    ranking, _ = read_indicators(shared("country_indicators", "lpi_2010_2016.csv"), tmp_path)
    best = ranking.filter(pl.col("year") == 2010).sort("value").tail(1)
    # World Bank, Connecting to Compete 2010: Germany first with 4.11
    assert best.select("country", "name", "value").row(0) == ("DEU", "lpi", 4.11)
    (tmp_path / "n").mkdir()
    named, staging = read_indicators(shared("lpi_2012_2023", "lpi_2012_2023.csv"), tmp_path / "n")
    first = named.filter(pl.col("year") == 2012).sort("value").tail(1)
    assert first.select("country", "name", "value").row(0) == ("SGP", "lpi", 4.13)
    assert staging.reasons == {"reference.unknown_country": 14}  # Macedonia, FYR and the like
