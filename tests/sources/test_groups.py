"""Dated groups: treaties against their known sizes, Belt and Road against the official list."""

import csv
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from offing.sources import groups
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
