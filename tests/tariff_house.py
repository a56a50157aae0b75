"""A small warehouse of published duty lines and exchange rates, written by hand.

Duties: EU common customs tariff 2020 and UK Global Tariff 2021 (UK government's table, OGL 3),
USITC tariff database 2025. The exchange rates are round numbers, so that a reader can follow the
sums; the rouble's last rate is the ECB's of 2022-03-01.
"""

import atexit
import tempfile
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import polars as pl

from offing.sources.staging import Staging
from offing.terms.tables import TABLES
from offing.warehouse import Warehouse
from offing.warehouse.catalog import Catalog, Load, StoredPart, write_catalog

UK = "@uk|day=2021-01-01"
EU = "EU common customs tariff as at 2020"
US = "@usitc"
LINES: list[tuple[str, str, str, str | None, str | None, date | None, str]] = [
    # importer, code, regime, partner, text, since, source
    ("EUR", "85287220", "mfn", None, "14.0%", None, EU),
    ("EUR", "85287240", "mfn", None, "14.0%", None, EU),
    ("EUR", "04051011", "mfn", None, "189.60 EUR / 100 kg", None, EU),
    ("GBR", "85287240", "mfn", None, "14.0%", date(2021, 1, 1), UK),
    ("USA", "85287264", "mfn", None, "3.9%", None, US),
    ("USA", "85287272", "mfn", None, "5%", None, US),
    ("USA", "82119300", "mfn", None, "3 cents each + 5.4%", None, US),
    ("USA", "85076000", "mfn", None, "3.4%", None, US),
    ("USA", "85076000", "us301_2026", "CHN", None, None, "@us301|heading=9903.91.06"),
    ("USA", "40151210", "mfn", None, "3%", None, US),
    ("USA", "40151210", "us301_2026_gloves", "CHN", None, None, "heading 9903.91.08"),
    ("USA", "85287264", "us301_4a", "CHN", None, None, "@us301|heading=9903.88.15"),
    ("USA", "85287264", "us301_4b", "CHN", None, None, "@us301|heading=9903.88.16"),
    ("USA", "85287272", "us301_4a", "CHN", None, None, "@us301|heading=9903.88.15"),
]
RATES = {"CNY": "8", "USD": "1.25", "GBP": "0.8", "JPY": "160"}


@cache
def _folder() -> Path:
    """One for all tests of a process; it goes with the process."""
    folder = tempfile.TemporaryDirectory(prefix="offing-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


@cache
def tariff_house(folder: Path | None = None) -> Warehouse:
    """The warehouse, with rates on Mondays to Fridays from 2017-01-02 to 2026-11-20: only read."""
    folder = folder or _folder()
    staging = Staging(folder / "staging")
    staging.folder.mkdir()
    lines = pl.DataFrame(
        [
            {
                "importer": importer, "code": code, "regime": regime, "partner": partner,
                "expression": text, "since": since, "until": None, "description": None,
                "source": source,
            }
            for importer, code, regime, partner, text, since, source in LINES
        ],
        schema=TABLES["duty_lines"].schema.create_empty().schema,
    )  # fmt: skip
    staging.frame("duty_lines", lines)
    days = pl.date_range(date(2017, 1, 2), date(2026, 11, 20), eager=True)
    rates = pl.DataFrame(
        [
            {"on": day, "currency": code, "per_eur": Decimal(text)}
            for day in days
            if day.weekday() < 5
            for code, text in RATES.items()
        ],
        schema=TABLES["fx_rates"].schema.create_empty().schema,
    )
    rubles = pl.DataFrame(
        [{"on": date(2022, 3, 1), "currency": "RUB", "per_eur": Decimal("117.201")}],
        schema=TABLES["fx_rates"].schema.create_empty().schema,
    )
    staging.frame("fx_rates", pl.concat([rates, rubles]))
    parts = []
    for part in staging.parts:
        target = folder / f"{part.table}/test/000001.parquet"
        target.parent.mkdir(parents=True)
        part.file.replace(target)
        parts.append(
            StoredPart(part.table, "test", None, str(target.relative_to(folder)), part.rows, 1)
        )
    load = Load(1, "test", "test", datetime(2026, 1, 1, tzinfo=UTC), (), 0, 0, {}, None, None, ())
    write_catalog(folder, Catalog((load,), tuple(parts), 2))
    return Warehouse(folder)
