"""The ECB's reference rates: published numbers, and careless files."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from offing.sources import ecb
from offing.sources.staging import Staging


@pytest.fixture(scope="module")
def history() -> pl.DataFrame:
    return ecb.packaged_rates()


def read(path: Path, folder: Path) -> tuple[pl.DataFrame, Staging]:
    staging = Staging(folder)
    ecb.read([path], staging)
    rows = pl.concat([pl.read_parquet(part.file) for part in staging.parts])
    return rows, staging


@pytest.mark.parametrize(
    ("day", "currency", "rate"),
    [
        # https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/
        (date(1999, 1, 4), "USD", "1.1789"),
        (date(2024, 12, 31), "USD", "1.0389"),
        (date(2024, 12, 31), "CNY", "7.5833"),
        (date(2022, 3, 1), "RUB", "117.201"),
    ],
)
def test_published_rates(history: pl.DataFrame, day: date, currency: str, rate: str) -> None:
    found = history.filter(pl.col("on") == day, pl.col("currency") == currency)
    assert found["per_eur"].to_list() == [Decimal(rate)]


def test_suspended_and_joined_currencies_end(history: pl.DataFrame) -> None:
    last = dict(history.group_by("currency").agg(pl.col("on").max()).iter_rows())
    assert last["RUB"] == date(2022, 3, 1)  # ECB press release of 2 March 2022
    assert last["HRK"] == date(2022, 12, 30)  # the kuna joined the euro on 2023-01-01
    assert "VND" not in last


def test_bad_cells_are_put_aside_with_their_reason(tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text(
        "Date,USD,CNY\n2024-01-02,-1,7.8\n31/12/2023,1.1,7.8\n2024-01-03,1.09,abc\n"
        "2024-01-02,1.1,7\n"
    )
    rows, staging = read(tmp_path / "rates.csv", tmp_path)
    assert rows.select("currency", "per_eur").rows() == [
        ("CNY", Decimal("7.8")),
        ("USD", Decimal("1.1")),
        ("USD", Decimal("1.09")),
    ]
    assert staging.reasons == {
        "reference.bad_rate": 2,
        "reference.bad_date": 2,
        "reference.twice": 1,  # a bad rate of the same day is not in the way of a good one
    }
    assert staging.quarantine()["row"].to_list() == [2, 3, 3, 4, 5]
