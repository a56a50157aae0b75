"""Write the outlook of everything, product by product, in bounded memory."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from offing.forecast.outlook.forecast import Outlooks
from offing.terms.errors import StorageError, Where, refused_by_disk

ROWS_AT_ONCE = 1_000_000


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes:
        rows: of the file.
        flows: rows with a flow in the base year; the others are pairs that may begin.
        products: HS codes.
        method: the model; ``one_year`` where there is but one year.
        origins: base years it fitted from.
    """

    rows: int
    flows: int
    products: int
    method: str
    origins: tuple[int, ...]


def write(fitted: Outlooks, target: Path, progress: Callable[[float], None]) -> Written:
    """Write the outlook of every exporter × importer × product (× tier) to a Parquet file.

    Rows: every flow of the base year, and every pair without one whose exporter sold the product
    somewhere and whose importer bought it from someone. All other pairs are expected to stay at
    zero and are not written. Columns: exporter, importer, product, tier, base_usd, expected_usd,
    gain_usd, low95, low80, low50, high50, high80, high95, fall_probability, entry_probability,
    base_year, horizon, method; sorted by product, tier, exporter, importer. The file appears whole
    or not at all.

    Raises:
        StorageError: ``warehouse.disk``.
    """
    parts = target.with_name(f".{target.name}.parts")
    try:
        parts.mkdir(exist_ok=True)
        _cleared(parts)
        counts = _write_parts(fitted, parts, progress)
        ready = parts / "whole"
        pl.scan_parquet(sorted(parts.glob("*.parquet"))).with_columns(
            pl.col("exporter", "importer").cast(pl.String),
            base_year=pl.lit(fitted.base_year, pl.Int32),
            horizon=pl.lit(fitted.horizon, pl.Int32),
            method=pl.lit(fitted.method),
        ).sink_parquet(ready, compression="zstd", maintain_order=True)
        ready.replace(target)
    except OSError as error:
        raise StorageError(
            "warehouse.disk", where=Where(target), reason=refused_by_disk(error)
        ) from error
    finally:
        if parts.is_dir():
            _cleared(parts)
            parts.rmdir()
    origins = fitted.model.origins if fitted.model else ()
    return Written(*counts, fitted.method, origins)


def _cleared(folder: Path) -> None:
    for stale in folder.iterdir():
        stale.unlink()


def _write_parts(
    fitted: Outlooks, folder: Path, progress: Callable[[float], None]
) -> tuple[int, int, int]:
    """Rows, flows and products written, in files that are never large in memory."""
    rows = flows = 0
    products: set[str] = set()
    frames: list[pl.DataFrame] = []

    def flush() -> None:
        if frames:
            pl.concat(frames).write_parquet(folder / f"{rows:012d}.parquet", compression="zstd")
            frames.clear()

    for cells, forecast in fitted.forecasts():
        frames.append(fitted.table(cells, forecast))
        rows += len(cells.base)
        flows += int((~cells.new).sum())
        products.add(cells.cube.product)
        progress(len(products) / max(len(fitted.history.rows), 1))
        if sum(frame.height for frame in frames) >= ROWS_AT_ONCE:
            flush()
    flush()
    return rows, flows, len(products)
