"""World Bank indicators in each of their layouts."""

from pathlib import Path

import polars as pl
import pytest

from offing.sources import indicators
from offing.sources.staging import Staging
from shared_data import shared


def read(path: Path, folder: Path, indicator: str | None = None) -> tuple[pl.DataFrame, Staging]:
    staging = Staging(folder)
    indicators.read([path], staging, indicator=indicator)
    return pl.read_parquet(staging.parts[0].file), staging


def put(folder: Path, text: str, name: str = "data.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.mark.shared_data
def test_real_long_file_and_its_groups(tmp_path: Path) -> None:
    source = shared("country_indicators", "gdp_wb_1960_2024.csv")
    rows, staging = read(source, tmp_path)
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
    rows, staging = read(shared("comtrade_hs85_bilateral", "wdi_2019_2024.csv"), tmp_path)
    assert {"gdp_usd", "population", "cpi"} <= set(rows["name"])
    assert not staging.reasons
    ranking, _ = read(shared("country_indicators", "lpi_2010_2016.csv"), tmp_path)
    best = ranking.filter(pl.col("year") == 2010).sort("value").tail(1)
    # World Bank, Connecting to Compete 2010: Germany first with 4.11
    assert best.select("country", "name", "value").row(0) == ("DEU", "lpi", 4.11)


def test_bad_rows_are_put_aside(tmp_path: Path) -> None:
    path = put(
        tmp_path,
        "iso3,year,gdp_current_usd\nDEU,2020,5e12\nQQQ,2020,5\nDEU,20,5\nDEU,2021,-5\n"
        "DEU,2022,inf\nDEU,2020,5\nDEU,2023,\n",
    )
    rows, staging = read(path, tmp_path)
    assert rows.height == 1
    assert staging.reasons == {
        "reference.unknown_country": 1,
        "reference.bad_year": 1,
        "reference.bad_value": 2,
        "reference.twice": 1,
    }
