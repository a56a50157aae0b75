"""How far ahead, odds, quantiles and draws, as they are asked for."""

from datetime import date

import numpy as np
import polars as pl
import pytest

import offing
from offing.forecast.outlook.forecast import target_year, years_ahead
from offing.forecast.ranking import year_cautions
from offing.terms.caution import Caution
from offing.terms.errors import InputError
from offing.warehouse import Warehouse
from offing.warehouse.store import starter_folder

HERE = Warehouse(starter_folder(), is_starter=True)


@pytest.mark.parametrize(
    ("on", "horizon", "year"),
    [
        # Twelve months to 2027-11-26: 36 days of 2026, 329 of 2027.
        (date(2026, 11, 26), 1, 2027),
        # Twelve months to 2027-02-01: eleven of them in 2026.
        (date(2026, 2, 1), 1, 2026),
        (date(2026, 6, 30), 1, 2026),
        (date(2026, 7, 2), 1, 2027),
    ],
)
def test_the_year_has_most_of_the_months(on: date, horizon: int, year: int) -> None:
    assert target_year(on, horizon) == year


def test_the_gap_is_looked_ahead_too() -> None:
    assert years_ahead(2024, date(2026, 11, 26), 2) == 4
    assert years_ahead(2024, date(2024, 12, 31), 2) == 2
    assert years_ahead(2026, date(2026, 2, 1), 1) == 1


def test_a_later_day_widens_the_interval() -> None:
    def width(on: date) -> float:
        answer = offing.outlook("8528", "CHN", market="DEU", as_of=2022, on=on, warehouse=HERE)
        row = answer.table.row(0, named=True)
        return float(np.log(row["high80"] / row["low80"]))

    near, far = width(date(2022, 12, 31)), width(date(2025, 12, 31))
    assert far > near * 1.1


def test_a_day_before_the_base_year_is_refused_and_one_after_is_not() -> None:
    with pytest.raises(InputError) as refused:
        years_ahead(2024, date(2023, 12, 31), 1)
    assert refused.value.key == "market.day_before_base"
    assert years_ahead(2024, date(2024, 1, 1), 1) == 1
    assert years_ahead(2024, date(2025, 7, 1), 1) == 2


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
