"""``offing indicators epi``: each variant from the user's own tables, and careless tables."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from offing.cli.app import run as offing
from offing.market.history import History
from offing.market.indicators.export_potential import DutyRates, Projection, export_potential
from offing.warehouse import Warehouse

YEAR = 2023
TABLES = {
    "projection": "country,gdp,population\nCHN,1.25,\nVietnam,1.38,1.04\nDEU,1.1,0.99\n",
    "tariffs": (
        "product;exporter;importer;rate\n8528;CHN;DEU;0.14\n8528;VNM;DEU;0\n85.28;TUR;DEU;0\n"
    ),
    "elasticities": "product,sigma,income\n8528,5.0,0.9\n8507,,1.2\n",
}


def files(folder: Path, *names: str, **other: str) -> list[str]:
    """Options with the tables written out."""
    options = []
    for name in names:
        file = folder / f"{name}.csv"
        file.write_text(other.get(name, TABLES[name]), "utf-8")
        options += [f"--{name}", str(file)]
    return options


def made(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    assert offing(["indicators", "epi", "--year", str(YEAR), *options, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)["indicators"]
    return found


def by_function(variant: Any, **given: Any) -> dict[tuple[str, str, str], float]:
    house = Warehouse.open()
    flows = house.query(f"SELECT * FROM {house.source_sql('flows')} WHERE year = {YEAR}")
    history = History.of(flows, distances=house.table("distances"))
    names = history.countries
    return {
        (names[i], names[j], cube.product): usd[row, column]
        for cube, usd in export_potential(history, YEAR, variant, **given)
        for row, i in enumerate(cube.exporters)
        for column, j in enumerate(cube.importers)
        if i != j
    }


@pytest.mark.parametrize("variant", ["identity", "static", "projected", "full"])
def test_each_variant_is_what_the_function_says(
    variant: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    growth = Projection(
        {"CHN": 1.25, "VNM": 1.38, "DEU": 1.1},
        {"VNM": 1.04, "DEU": 0.99},
        {"8528": 0.9, "8507": 1.2},
    )
    rates = pl.DataFrame(
        {
            "product": ["8528"] * 3,
            "exporter": ["CHN", "VNM", "TUR"],
            "importer": ["DEU"] * 3,
            "rate": [0.14, 0.0, 0.0],
        }
    )
    given: dict[str, Any] = {}
    wanted: list[str] = []
    if variant in ("projected", "full"):
        given, wanted = {"projection": growth}, ["projection", "elasticities"]
    if variant == "full":
        given, wanted = given | {"tariffs": DutyRates(rates, {"8528": 5.0})}, list(TABLES)
    named = ["--variant", variant] if variant == "identity" else []
    found = made(capsys, *files(tmp_path, *wanted), *named)
    assert found["variant"] == variant, "the widest that the files allow"
    rows = found["potential"]
    expected = by_function(variant, **given)
    assert {(r["exporter"], r["importer"], r["product"]): r["epi"] for r in rows} == (
        pytest.approx(expected)
    )
    assert all(r["untapped"] == max(r["epi"] - r["value_usd"], 0) for r in rows)
    assert [r["epi"] for r in rows] == sorted((r["epi"] for r in rows), reverse=True)
    assert (found["corrected_by_tariffs"] > 0) == (variant == "full")


def test_a_file_of_all_markets(tmp_path: Path) -> None:
    out = tmp_path / "epi.parquet"
    assert offing(["indicators", "epi", "--country", "CHN", "--out", str(out)]) == 0
    rows = pl.read_parquet(out)
    assert set(rows["exporter"]) == {"CHN"}
    assert rows.columns == ["exporter", "importer", "product", "value_usd", "epi", "untapped"]
    assert not rows.select("importer", "product").is_duplicated().any()


def test_tables_without_the_indicator(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert offing(["indicators", "rca", *files(tmp_path, "projection")]) == 2
    assert "offing indicators epi" in " ".join(capsys.readouterr().err.split())
