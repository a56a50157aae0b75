"""The outlook on a decade of BACI's size: 96 million flows, fitted from and looked ahead from.

No open peer forecasts bilateral flows, so there is none beside us.
"""

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from benchmarks import Row, measured
from benchmarks.stored import DATASET, store
from offing.forecast.outlook.forecast import Outlooks, outlooks
from offing.market.history import History
from offing.warehouse import Warehouse
from offing.warehouse.catalog import FILE, Catalog, Load, StoredPart, write_catalog

FIRST, YEARS, HORIZON = 2011, 10, 2
WRITTEN = 250
"""Products whose outlook is made in the timed part: a twentieth of them."""


def decade() -> Path:
    """A warehouse with ten years, made from one: values drift, a tenth of the flows changes.

    Drawn by hash, so the same for everybody. Made once and kept in the cache.
    """
    base = store()
    source = next(base.glob(f"flows/{DATASET}/*.parquet"))
    folder = base.with_name(f"decade-{base.name}")
    if (folder / FILE).exists():
        return folder
    parts = []
    (folder / "flows" / DATASET).mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as duck:
        duck.execute("SET memory_limit = '2GB'")
        for step in range(YEARS):
            year = FIRST + step
            relative = f"flows/{DATASET}/000001-{year}.parquet"
            # Two hashes make a normal draw (Box and Muller); a pair's presence changes slowly.
            duck.execute(
                "COPY (SELECT year, product, importer, exporter, value_usd * exp("
                f"0.25 * sqrt({step + 1}) * sqrt(-2 * ln(u)) * cos(2 * pi() * w)) AS value_usd, "
                "cif_usd, kg, items, observed FROM (SELECT * REPLACE "
                f"({year}::SMALLINT AS year), "
                f"(hash(product, importer, exporter, {step}) % 1000003 + 1) / 1000004 AS u, "
                f"(hash({step}, exporter, product, importer) % 1000003) / 1000003 AS w, "
                "(hash(importer, product, exporter) % 1000003) / 1000003 AS lives "
                f"FROM read_parquet('{source}')) "
                f"WHERE (lives + 0.02 * {step}) % 1 < 0.9 "
                f"ORDER BY product, importer, exporter) TO '{folder / relative}' "
                "(FORMAT parquet, COMPRESSION zstd)"
            )
            count = duck.execute(f"SELECT count(*) FROM read_parquet('{folder / relative}')")
            rows = int(count.fetchall()[0][0])
            parts.append(StoredPart("flows", DATASET, year, relative, rows, 1))
    total = sum(part.rows for part in parts)
    load = Load(1, "baci", DATASET, datetime.now(UTC), (), total, total, {}, None, None, ())
    write_catalog(folder, Catalog((load,), tuple(parts), 2))
    return folder


def _fitted(folder: Path) -> Outlooks:
    house = Warehouse(folder)
    files = [root / part.file for root, part in house.stored_parts("flows", DATASET)]
    return outlooks(History.scan(files), FIRST + YEARS - 1, HORIZON)


def learn(folder: Path) -> tuple[int, ...]:
    """Read a decade and learn; the base years fitted from."""
    fitted = _fitted(folder)
    return () if fitted.model is None else fitted.model.origins


def look_ahead(folder: Path) -> int:
    """The outlook of every exporter and importer for a twentieth of the products; its rows."""
    fitted = _fitted(folder)
    products = sorted(fitted.history.rows)[:: max(len(fitted.history.rows) // WRITTEN, 1)]
    return sum(fitted.table(*both).height for both in fitted.forecasts(products))


def run() -> list[Row]:
    """Time the learning, and the learning with a twentieth of the outlook."""
    folder = decade()
    fitted = measured("benchmarks.jobs.outlook:learn", folder)
    ahead = measured("benchmarks.jobs.outlook:look_ahead", folder)
    return [
        Row("learn the outlook from a decade", fitted.seconds, peak_mb=fitted.peak_mb, bar=300),
        Row(
            f"… and look ahead: {ahead.result:,} pairs of {WRITTEN} products",
            ahead.seconds,
            peak_mb=ahead.peak_mb,
        ),
    ]
