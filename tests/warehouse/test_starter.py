"""The starter world: small, attributed, readable, and what its script builds."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from offing.sources.about import source
from offing.terms.tables import TABLES
from offing.warehouse import Warehouse
from offing.warehouse.catalog import read_catalog
from offing.warehouse.house import starter_folder
from offing.warehouse.starter import FLOWS, build
from shared_data import shared

TABLES_OF_IT = ("flows", "distances", "indicators", "groups", "duty_lines", "fx_rates")


@pytest.fixture(scope="module")
def world() -> Warehouse:
    return Warehouse(starter_folder(), is_starter=True)


def test_it_is_small() -> None:
    size = sum(file.stat().st_size for file in starter_folder().rglob("*") if file.is_file())
    assert size < 3_000_000


@pytest.mark.parametrize("table", TABLES_OF_IT)
def test_every_table_holds_its_schema(world: Warehouse, table: str) -> None:
    rows = world.table(table)
    assert rows.height > 0
    TABLES[table].schema.validate(rows, cast=True)


def test_the_reports_are_not_in_it(world: Warehouse) -> None:
    assert not world.has("reports")
    assert world.table("reports").is_empty()
    assert {part.table for part in world.catalog.parts} == set(TABLES_OF_IT)
    (flows,) = [load for load in world.catalog.loads if load.dataset == FLOWS]
    assert "reference.starter_flows" in [note.key for note in flows.notes]


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
    # ECB, 31 December 2024
    rate = world.table("fx_rates").filter(
        pl.col("on") == date(2024, 12, 31), pl.col("currency") == "USD"
    )
    assert rate["per_eur"].to_list() == [Decimal("1.0389")]
    gdp = world.table("indicators").filter(pl.col("name") == "gdp_usd", pl.col("year") == 2024)
    assert gdp.height > 100


def test_every_source_is_attributed(world: Warehouse) -> None:
    text = (starter_folder() / "STARTER.md").read_text(encoding="utf-8")
    for load in world.catalog.loads:
        about = source(load.source).ABOUT
        assert about.publisher.split(" (")[0] in text
        assert about.page in text
        if load.dataset != FLOWS:
            assert about.licence in text
    assert "derived estimates" in text


@pytest.mark.shared_data
def test_it_is_what_its_script_builds(world: Warehouse, tmp_path: Path) -> None:
    built = build(shared(), tmp_path)
    kept = read_catalog(starter_folder())
    assert built.parts == kept.parts
    assert built.loads == kept.loads
    for part in kept.parts:
        assert_frame_equal(
            pl.read_parquet(tmp_path / part.file),
            pl.read_parquet(world.folder / part.file),
            # Sums in another order differ in the last bit, which rounding nearly always hides.
            rel_tol=1e-6,
        )
