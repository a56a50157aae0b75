"""Trade tables in which every row can be used and the whole cannot be right."""

import random
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from offing.sources.baci import read as read_baci
from offing.sources.staging import Staging

COUNTRIES = ("CHN", "USA", "DEU", "JPN", "BRA", "MEX", "VNM")
NUMBERS = {"CHN": 156, "USA": 842, "DEU": 276, "JPN": 392, "BRA": 76, "MEX": 484, "VNM": 704}


def flows(years: tuple[int, ...] = (2021, 2022)) -> pl.DataFrame:
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


Change = Callable[[pl.DataFrame], pl.DataFrame]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda rows: rows, None),
        (exchanged, "sources.turned"),
    ],
)  # fmt: skip
def test_baci(tmp_path: Path, change: Change, key: str | None) -> None:
    rows = change(flows())
    numbers = [pl.col(name).replace_strict(NUMBERS) for name in ("exporter", "importer")]
    named = rows.select(
        "year", *numbers, "product", pl.col("value_usd") / 1000, pl.col("kg") / 1000
    )
    named.columns = list("tijkvq")
    named.write_csv(tmp_path / "BACI_HS17_V202501.csv")
    staging = Staging(tmp_path, shipped=lambda _: headings(flows((2021, 2022, 2023))))
    read_baci([tmp_path / "BACI_HS17_V202501.csv"], staging)
    assert {note.key for note in staging.notes} == ({key} if key else set())
