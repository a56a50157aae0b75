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
