"""A newest year that not all have reported is said to be one."""

import polars as pl

from offing.forecast.ranking import year_cautions
from offing.terms.caution import Caution
from offing.warehouse import Warehouse

REPORTED = {2022: ("DEU", "FRA", "USA"), 2023: ("DEU", "FRA"), 2024: ("DEU", "USA", "FRA")}


def said(
    reported: dict[int, tuple[str, ...]], year: int, asked: int | None = None
) -> tuple[Caution, ...]:
    rows = [
        (year, "8528", importer, exporter, 300.0, None, 15.0, 1.0, "both")
        for year, importers in reported.items()
        for importer in importers
        for exporter in ("CHN", "VNM")
    ]
    names = ("year", "product", "importer", "exporter", "value_usd", "cif_usd", "kg", "items",
             "observed")  # fmt: skip
    flows = pl.DataFrame(rows, schema=names, orient="row")
    warehouse = Warehouse.from_frames(flows=flows)
    return year_cautions(warehouse, warehouse.trade_sets()[0], "8528", year, asked)


def test_only_the_newest_year_can_lack_reports() -> None:
    assert said(REPORTED, 2024) == ()
    assert said(REPORTED, 2023) == ()
    part = {**REPORTED, 2024: ("DEU",)}
    (caution,) = said(part, 2024)
    assert caution.values == {"year": "2024", "newest": "2024", "here": "1", "most": "3"}
    assert caution.key == "market.note_provisional"
    assert said(part, 2022, 2022) == ()


def test_a_newest_year_that_is_passed_over_is_named() -> None:
    part = {**REPORTED, 2024: ("DEU",)}
    (caution,) = said(part, 2022)
    assert caution.key == "market.note_passed_over"
    assert caution.values == {"year": "2022", "newest": "2024", "here": "1", "most": "3"}
