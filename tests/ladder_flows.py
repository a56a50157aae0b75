"""Flows for the ladder's tests, made by hand or drawn by a seed."""

from typing import Any

import numpy as np
import polars as pl

COLUMNS: dict[str, Any] = {
    "year": pl.Int16, "product": pl.String, "importer": pl.String, "exporter": pl.String,
    "value_usd": pl.Float64, "cif_usd": pl.Float64, "kg": pl.Float64, "items": pl.Float64,
    "observed": pl.String,
}  # fmt: skip
EXPORTERS = ("CHN", "DEU", "HUN", "JPN", "KOR", "MEX", "POL", "VNM")
IMPORTERS = ("CZE", "FRA", "GBR", "USA")


def row(**given: Any) -> dict[str, Any]:
    """One flow, with what is not given filled in."""
    plain: dict[str, Any] = {
        "year": 2023, "product": "852872", "importer": "DEU", "exporter": "CHN",
        "value_usd": 100.0, "cif_usd": None, "kg": None, "items": None, "observed": "importer",
    }  # fmt: skip
    return plain | given


def table(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows in the columns of ``Flows``."""
    return pl.DataFrame(rows, schema=COLUMNS)


def drawn(
    seed: int, *, years: int = 4, products: tuple[str, ...] = ("852852", "852872")
) -> pl.DataFrame:
    """Several markets and years with the usual faults: gaps, zeros, kilograms given as items."""
    rng = np.random.default_rng(seed)
    rows = []
    for year in range(2020, 2020 + years):
        for product in products:
            for importer in IMPORTERS:
                for exporter in EXPORTERS:
                    items = float(rng.integers(1, 100_000))
                    kg = items * float(rng.lognormal(1.5, 0.4))
                    value = round(items * float(rng.lognormal(5.5, 0.7)), 2)
                    fault = rng.random()
                    rows.append(
                        row(
                            year=year,
                            product=product,
                            importer=importer,
                            exporter=exporter,
                            value_usd=value,
                            cif_usd=value * 1.05,
                            kg=None if fault < 0.05 else 0.0 if fault < 0.08 else kg,
                            items=None
                            if fault > 0.95
                            else 0.0
                            if fault > 0.92
                            else kg
                            if fault > 0.9
                            else items,
                        )
                    )
    return table(rows)
