"""Comtrade in its layouts: one flow, told in each, gives the same row."""

import csv
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from offing.sources import comtrade
from offing.sources.staging import Staging
from shared_data import shared

LEGACY = (
    "classification,year,period,agg,flow,reporter_code,reporter,reporter_iso,partner_code,partner,"
    "partner_iso,cmd,cmd_desc,qty_unit,qty,netwgt_kg,value_usd,flag\n"
)
SITE = (
    "Classification,Year,Period,Trade Flow,Reporter Code,Reporter,Reporter ISO,Partner Code,"
    "Partner,Partner ISO,Commodity Code,Qty Unit,Qty,Netweight (kg),Trade Value (US$)\n"
)
BULK = (
    "Year,Reporter Code,Trade Flow Code,Partner Code,Classification,Commodity Code,"
    "Quantity Unit Code,Supplementary Quantity,Netweight (kg),Value,Estimation Code\n"
)
V1 = (
    "typeCode,freqCode,refYear,period,reporterCode,reporterISO,flowCode,partnerCode,partnerISO,"
    "partner2Code,classificationCode,cmdCode,customsCode,mosCode,motCode,qtyUnitCode,qtyUnitAbbr,"
    "qty,altQtyUnitAbbr,altQty,netWgt,cifvalue,fobvalue,primaryValue\n"
)
SNAKE = (
    "year,frequency,reporter_iso3,partner_iso3,flow_code,hs_revision,hs_code,trade_value_usd,"
    "net_weight_kg,quantity,quantity_unit\n"
)
SAME = {
    "legacy": LEGACY
    + "H5,2019,2019,4,Import,276,Germany,DEU,156,China,CHN,8528,TV sets,Number of items,10,95,"
    "5000,0\n",
    "site": SITE
    + "H5,2019,2019,Import,276,Germany,DEU,156,China,CHN,8528,Number of items,10,95,5000\n",
    "bulk": BULK + "2019,276,1,156,H5,8528,5,10,95,5000,0\n",
    "v1": V1 + "C,A,2019,2019,276,DEU,M,156,CHN,0,H5,8528,C00,0,0,5,u,10,,,95,5000,,5000\n",
    "v1, items second": V1
    + "C,A,2019,2019,276,DEU,M,156,CHN,0,H5,8528,C00,0 ,0,8,kg,95,u,10,,5000,,5000\n",
    "snake": SNAKE + "2019,A,DEU,CHN,M,H5,8528,5000.0,95.0,10.0,u\n",
    "names only": "Year,Reporter,Partner,Flow,HS code,Value,Net weight (kg),Quantity,Unit,"
    "Classification\n2019,Germany,China,imports,8528,5000,95,10,pcs,HS2017\n",
}


def read(tmp_path: Path, *texts: str | Path) -> tuple[pl.DataFrame, Staging]:
    folder = tmp_path / "staging"
    folder.mkdir()
    paths = []
    for number, text in enumerate(texts):
        path = text if isinstance(text, Path) else tmp_path / f"{number}.csv"
        if isinstance(text, str):
            path.write_text(text, encoding="utf-8")
        paths.append(path)
    staging = Staging(folder)
    comtrade.read(paths, staging)
    parts = [pl.read_parquet(part.file) for part in staging.parts]
    return pl.concat(parts) if parts else pl.DataFrame(), staging


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_every_layout_gives_the_same_row(tmp_path: Path, text: str) -> None:
    rows, staging = read(tmp_path, text)
    assert not staging.reasons
    assert rows.rows(named=True) == [
        {
            "year": 2019, "direction": "import", "reporter": "DEU", "partner": "CHN",
            "product": "8528", "edition": "2017", "value_usd": 5000.0, "kg": 95.0, "items": 10.0,
        }
    ]  # fmt: skip


def snake(*rows: str) -> str:
    return SNAKE + "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("row", "kg", "items"),
    [
        ("2019,A,DEU,FRA,M,H5,8528,1,0,0,u", None, None),
        ("2019,A,DEU,FRA,M,H5,8528,1,,7,kg", 7.0, None),
        ("2019,A,DEU,FRA,M,H5,8528,1,9,7,Number of items", 9.0, 7.0),
    ],
)
def test_quantities(tmp_path: Path, row: str, kg: float | None, items: float | None) -> None:
    rows, _ = read(tmp_path, snake(row))
    assert rows.select("kg", "items").row(0) == (kg, items)


def test_two_files_in_one_are_no_months(tmp_path: Path) -> None:
    first = SAME["legacy"]
    other = first.replace("Germany,DEU", "France,FRA").replace(",276,", ",251,")
    rows, staging = read(tmp_path, first + other)
    assert staging.reasons == {"sources.heading_again": 1}
    assert rows["reporter"].to_list() == ["DEU", "FRA"]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("C,A,2019,2019,276,DEU,M,0,W00,0,H5,8528,C00,0,0,,,,,,1,1,,1", "skipped_group"),
        ("C,A,2019,2019,276,DEU,RX,156,CHN,0,H5,8528,C00,0,0,,,,,,1,1,,1", "skipped_flow"),
        ("C,A,2019,2019,276,DEU,M,837,X1 ,0,H5,8528,C00,0,0,,,,,,1,1,,1", "skipped_no_country"),
        ("C,A,2019,2019,276,DEU,M,156,CHN,0,H5,8528,C05,0,0,,,,,,1,1,,1", "skipped_breakdown"),
        ("C,A,2019,2019,276,DEU,M,276,DEU,0,H5,8528,C00,0,0,,,,,,1,1,,1", "skipped_returned"),
        ("C,A,2019,2019,276,DEU,M,156,CHN,0,H5,TOTAL,C00,0,0,,,,,,1,1,,1", "skipped_total"),
    ],
)
def test_what_is_no_flow_between_two_countries_is_counted(
    tmp_path: Path, row: str, why: str
) -> None:
    rows, staging = read(tmp_path, SAME["v1"] + row + "\n")
    assert rows.height == 1
    assert staging.skipped == {f"sources.{why}": 1}
    assert not staging.reasons


def test_the_ev_chain(tmp_path: Path) -> None:
    """World totals are left out, and what is left adds up to them where both are there."""
    path = shared("comtrade_ev_chain", "imports_by_partner_2018_2024.parquet")
    rows, staging = read(tmp_path, path)
    assert not staging.reasons
    assert rows.height + sum(staging.skipped.values()) == 230_141
    raw = pl.read_parquet(path).filter(
        (pl.col("cmdCode") == "850760")
        & (pl.col("year") == 2022)
        & (pl.col("reporterISO") == "DEU")
        & (pl.col("partnerCode") == 0)
    )
    here = rows.filter(product="850760", year=2022, reporter="DEU")
    # Germany's imports from itself and from areas of no country are the difference.
    assert here["value_usd"].sum() == pytest.approx(raw["primaryValue"].sum(), rel=0.02)


@pytest.mark.parametrize("piece", [7])
def test_parquet_with_several_row_groups_and_years_of_a_float_column(
    piece: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("offing.sources.rows.PIECE", piece)
    lines = [f"2019,A,DEU,CHN,M,H5,{1000 + n},5.0,1.0,1.0,u\n" for n in range(40)]
    lines[25] = lines[25].replace("DEU", "nowhere")
    (tmp_path / "a.csv").write_text(SNAKE + "".join(lines), encoding="utf-8")
    table = pl.read_csv(tmp_path / "a.csv").with_columns(pl.col("year").cast(pl.Float64))
    table.write_parquet(tmp_path / "a.parquet", row_group_size=10)
    rows, staging = read(tmp_path, tmp_path / "a.parquet")
    assert rows["year"].unique().to_list() == [2019]
    assert (rows.height, dict(staging.reasons)) == (39, {"sources.unknown_country": 1})
    assert staging.quarantine()["row"].to_list() == [26]


AGREES = {
    "period": "2022", "refYear": "2022", "reporterCode": "842", "reporterISO": "USA",
    "reporterDesc": "USA", "flowCode": "M", "flowDesc": "Import", "partnerCode": "276",
    "partnerISO": "DEU", "partnerDesc": "Germany", "classificationCode": "H6",
    "cmdCode": "852872", "primaryValue": "1000000", "netWgt": "50000",
}  # fmt: skip


def contradicting(folder: Path, change: Mapping[str, str]) -> Path:
    """A good row, and the same of another partner with a change."""
    other = {**AGREES, "partnerCode": "156", "partnerISO": "CHN", "partnerDesc": "China", **change}
    with (folder / "contradicting.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, AGREES)
        writer.writeheader()
        writer.writerows([AGREES, other])
    return folder / "contradicting.csv"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"partnerISO": "JPN"}, "sources.two_countries"),
        ({"partnerISO": "", "partnerDesc": "Japan"}, "sources.two_countries"),
        ({"flowDesc": "Export"}, "sources.two_flows"),
        ({"period": "2021"}, "sources.two_years"),
        ({"partnerDesc": "PR China"}, None),
        ({"partnerCode": "490", "partnerISO": "S19", "partnerDesc": "Other Asia, nes"}, None),
    ],
)  # fmt: skip
def test_a_row_of_comtrade(tmp_path: Path, change: Mapping[str, str], reason: str | None) -> None:
    staging = Staging(tmp_path)
    comtrade.read([contradicting(tmp_path, change)], staging)
    assert dict(staging.reasons) == ({reason: 1} if reason else {})
