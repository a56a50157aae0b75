"""The starter world: small, attributed, readable, and what its script builds."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tools.make_starter import build

from offing.terms.tables import TABLES
from offing.warehouse import Warehouse, load
from offing.warehouse.catalog import read_catalog
from offing.warehouse.store import starter_folder
from shared_data import shared

TABLES_OF_IT = ("flows", "distances", "indicators", "groups", "duty_lines", "fx_rates", "fx_thin")


@pytest.fixture(scope="module")
def world() -> Warehouse:
    return Warehouse(starter_folder(), is_starter=True)


@pytest.mark.parametrize("table", TABLES_OF_IT)
def test_every_table_holds_its_schema(world: Warehouse, table: str) -> None:
    rows = world.table(table)
    assert rows.height > 0
    TABLES[table].schema.validate(rows, cast=True)


def test_what_the_examples_need(world: Warehouse) -> None:
    flows = world.flows("8528")
    assert flows["year"].unique().sort().to_list() == [2019, 2020, 2021, 2022, 2023, 2024]
    assert flows["importer"].n_unique() >= 20
    distances = world.table("distances")
    for table, column in ((flows, "importer"), (flows, "exporter")):
        assert set(table[column]) <= set(distances["origin"])
    duties = world.table("duty_lines")
    for importer, code in (("EUR", "85287240"), ("GBR", "85287240"), ("USA", "85287264")):
        line = duties.filter(
            pl.col("importer") == importer, pl.col("code") == code, pl.col("regime") == "mfn"
        )
        assert line.height == 1
    american = set(duties.filter(pl.col("importer") == "USA")["regime"])
    assert {"us301_4a", "us232_ib", "us122_exempt", "usieepa_exempt"} <= american
    # ECB, 31 December 2024
    rate = world.table("fx_rates").filter(
        pl.col("on") == date(2024, 12, 31), pl.col("currency") == "USD"
    )
    assert rate["per_eur"].to_list() == [Decimal("1.0389")]
    gdp = world.table("indicators").filter(pl.col("name") == "gdp_usd", pl.col("year") == 2024)
    assert gdp.height > 100


@pytest.mark.shared_data
@pytest.mark.locked
def test_it_is_what_its_script_builds(world: Warehouse, tmp_path: Path) -> None:
    built = build(shared(), tmp_path)
    kept = read_catalog(starter_folder())
    # Bytes differ with the library that writes them, what they hold does not.
    assert [replace(part, sums=()) for part in built.parts] == [
        replace(part, sums=()) for part in kept.parts
    ]
    assert [replace(load, asked="") for load in built.loads] == list(kept.loads)
    for part in kept.parts:
        assert_frame_equal(
            pl.read_parquet(tmp_path / part.file),
            pl.read_parquet(world.folder / part.file),
            # Sums in another order differ in the last bit: rounding hides it, but for a half.
            rel_tol=1e-6,
            abs_tol=1.0,
        )


def test_a_tariff_of_ones_own_does_not_hide_the_others(tmp_path: Path) -> None:
    for name in ("japan.csv", "australia.csv"):
        (tmp_path / name).write_text("HS Code,Product Description,Year 1\n0101.21.00,x,0\n")
        load("tariff-rcep", [tmp_path / name], tmp_path / "house")
    lines = Warehouse(tmp_path / "house").table("duty_lines")
    rcep = lines.filter(pl.col("regime") == "rcep").select("importer", "code").sort("importer")
    # Australia's own slice stands in for the starter's; the other importers stay.
    assert rcep.rows() == [("AUS", "01012100"), ("JPN", "01012100")]
    assert {"EUR", "GBR", "USA"} <= set(lines["importer"])


def test_pages_say_how_many_economies_it_has(world: Warehouse) -> None:
    flows, root = world.flows(""), Path(__file__).parents[2]
    count = str(len({*flows["importer"], *flows["exporter"]}))
    pages = [*root.glob("README*.md"), *root.glob("docs/**/*.md"), *root.glob("docs/**/*.ipynb")]
    told = [
        (page.name, number)
        for page in [*pages, root / "docs" / "parts.toml"]
        for number in re.findall(r"(\d+) (?:economies|个经济体)", page.read_text("utf-8"))
    ]
    assert len(told) > 20
    assert {number for _, number in told} == {count}, told
