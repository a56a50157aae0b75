"""Two cells of one row of trade data that say two different things."""

import csv
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from offing.sources import comtrade, gacc, us_monthly
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


def test_a_number_of_chinas_customs(tmp_path: Path) -> None:
    lines = ["数据年月,商品编码,贸易伙伴编码,贸易伙伴名称,第一数量,第一计量单位,美元"]
    lines += [f"2024{m:02d},85287240,304,德国,10,台,2000" for m in (1, 2, 3)]
    lines += ["202404,85287240,305,德国,10,台,2000", "202401,85287240,777,秘鲁,1,台,90"]
    lines += ["202402,85287240,777,秘鲁,1,台,90", "202403,85287240,777,智利,1,台,90"]
    (tmp_path / "months.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    staging = Staging(tmp_path)
    gacc.read([tmp_path / "months.csv"], staging, flow="export")
    bad = staging.quarantine()
    assert bad["row"].to_list() == [5, 8]
    assert set(bad["reason"]) == {"sources.two_countries"}


def test_a_number_of_the_census_bureau(tmp_path: Path) -> None:
    lines = ["CTY_CODE,CTY_NAME,I_COMMODITY,GEN_VAL_MO,YEAR,MONTH"]
    lines += ["5700,CHINA,8528724000,900,2024,01", "5880,CHINA,8528724000,900,2024,02"]
    lines += ["0003,EUROPEAN UNION,8528724000,900,2024,01", "-,TOTAL,8528724000,900,2024,01"]
    (tmp_path / "months.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    staging = Staging(tmp_path)
    us_monthly.read([tmp_path / "months.csv"], staging)
    assert staging.quarantine()["row"].to_list() == [3]
    assert pl.read_parquet(staging.parts[0].file).height == 1
