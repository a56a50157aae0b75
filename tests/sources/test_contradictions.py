"""Two cells of one row of trade data that say two different things."""

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest

from offing.sources import comtrade
from offing.sources.staging import Staging

ROW = {
    "period": "2022", "refYear": "2022", "reporterCode": "842", "reporterISO": "USA",
    "reporterDesc": "USA", "flowCode": "M", "flowDesc": "Import", "partnerCode": "276",
    "partnerISO": "DEU", "partnerDesc": "Germany", "classificationCode": "H6",
    "cmdCode": "852872", "primaryValue": "1000000", "netWgt": "50000",
}  # fmt: skip


def rows(folder: Path, change: Mapping[str, str]) -> Path:
    """A good row, and the same of another partner with a change."""
    other = {**ROW, "partnerCode": "156", "partnerISO": "CHN", "partnerDesc": "China", **change}
    with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ROW)
        writer.writeheader()
        writer.writerows([ROW, other])
    return folder / "rows.csv"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"partnerISO": "JPN"}, "sources.two_countries"),
        ({"partnerDesc": "Japan"}, "sources.two_countries"),
        ({"partnerISO": "", "partnerDesc": "Japan"}, "sources.two_countries"),
        ({"flowDesc": "Export"}, "sources.two_flows"),
        ({"period": "2021"}, "sources.two_years"),
        ({}, None),
        ({"partnerDesc": "PR China"}, None),
        ({"partnerCode": "490", "partnerISO": "S19", "partnerDesc": "Other Asia, nes"}, None),
    ],
)  # fmt: skip
def test_a_row_of_comtrade(tmp_path: Path, change: Mapping[str, str], reason: str | None) -> None:
    staging = Staging(tmp_path)
    comtrade.read([rows(tmp_path, change)], staging)
    assert dict(staging.reasons) == ({reason: 1} if reason else {})
