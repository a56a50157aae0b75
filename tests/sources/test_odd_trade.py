"""Trade tables in which every row can be used and the whole cannot be right."""

import random
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from offing.sources import us_monthly
from offing.sources.baci import read as read_baci
from offing.sources.staging import Staging
from offing.sources.trade_values import turned
from offing.terms.errors import InputError

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


def test_flows_of_the_other_direction() -> None:
    rows = flows()
    assert turned(rows, headings(rows)) == 0
    assert turned(exchanged(rows), headings(rows)) == 84
    assert turned(exchanged(rows), None) == 0
    assert turned(exchanged(rows).head(25), headings(rows)) == 0  # too few to tell


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


@pytest.mark.parametrize(
    ("column", "flow", "refused"),
    [("E_COMMODITY", "import", True), ("E_COMMODITY", "export", False),
     ("E_COMMODITY", None, False), ("I_COMMODITY", "export", True)],
)  # fmt: skip
def test_a_side_that_the_column_does_not_have(
    tmp_path: Path, column: str, flow: str | None, refused: bool
) -> None:
    text = f"CTY_NAME,{column},GEN_VAL_MO,YEAR,MONTH\nCHINA,8528724000,900,2024,01\n"
    (tmp_path / "months.csv").write_text(text, encoding="utf-8")
    staging = Staging(tmp_path)
    if not refused:
        us_monthly.read([tmp_path / "months.csv"], staging, flow=flow)
        return
    with pytest.raises(InputError) as caught:
        us_monthly.read([tmp_path / "months.csv"], staging, flow=flow)
    assert caught.value.key == "sources.flow_against"
