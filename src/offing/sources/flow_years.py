"""Flows of millions of rows on their way to one sorted file for each year.

A row is packed into one integer (year, product, importer, exporter) and two numbers, so that ten
million rows take 240 MB and are sorted by one column. The integer's order is the order of the
texts, which appear again only as the rows are written.
"""

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from offing.sources.staging import StagedPart, Staging
from offing.sources.trade_checks import place_of, places
from offing.sources.trade_values import turned
from offing.terms.hs import SIGNS

SAMPLE = 20_000
"""Rows of a year that are looked at as a whole."""
AT_ONCE = 12_000_000
"""Rows kept in memory before they are written: a year fits, ten years in one file do not."""

_PRODUCT, _IMPORTER = 1_000_000, 1_000
_YEAR = _PRODUCT * 1_000_000


def packed_key() -> pl.Expr:
    """The key of a row: ``year``, ``product`` (an integer), and the places of both countries."""
    return (
        pl.col("year").cast(pl.Int64) * _YEAR
        + pl.col("product").cast(pl.Int64) * _PRODUCT
        + pl.col("importer").cast(pl.Int64) * _IMPORTER
        + pl.col("exporter").cast(pl.Int64)
    )


def _country(place: pl.Expr) -> pl.Expr:
    codes = places()
    return place.replace_strict(range(len(codes)), codes, return_dtype=pl.String)


def _has(key: NDArray[np.int64], begins: int, length: int) -> bool:
    """Whether a sorted key has a value from ``begins`` on, for a length."""
    first, last = np.searchsorted(key, [begins, begins + length])
    return bool(first < last)


@dataclass
class FlowYears:
    """Collects checked rows and writes them; rows that come twice are noticed.

    Attributes:
        staging: where the files go.
        twice: rows whose key an earlier one has; the first row is kept.
        signs: year → the codes of its that tell the HS edition.
    """

    staging: Staging
    twice: int = 0
    signs: dict[int, set[str]] = field(default_factory=dict)
    _pieces: list[pl.DataFrame] = field(default_factory=list)
    _waiting: int = 0
    _written: dict[int, StagedPart] = field(default_factory=dict)

    def add(self, rows: pl.DataFrame) -> None:
        """Take rows with ``key``, ``value_usd`` and ``kg``."""
        self._pieces.append(rows.select("key", "value_usd", "kg"))
        self._waiting += rows.height
        if self._waiting >= AT_ONCE:
            self.write()

    def write(self) -> None:
        """Sort what has come so far and write it, together with rows of the same years before."""
        if not self._waiting:
            return
        rows = pl.concat(self._pieces)
        self._pieces.clear()
        self._waiting = 0
        years = (rows["key"] // _YEAR).unique().to_list()
        before = [self._again(year) for year in years if year in self._written]
        rows = pl.concat([*before, rows]).sort("key", maintain_order=True)
        key = rows["key"].to_numpy()
        same = np.append(False, key[1:] == key[:-1])
        if same.any():
            self.twice += int(same.sum())
            rows = rows.filter(~pl.Series(same))
            key = rows["key"].to_numpy()
        for year in sorted(years):
            self.signs[year] = {
                code for code in SIGNS if _has(key, year * _YEAR + int(code) * _PRODUCT, _PRODUCT)
            }
            first, last = np.searchsorted(key, [year * _YEAR, (year + 1) * _YEAR])
            self._write_year(year, rows.slice(first, last - first))

    def _write_year(self, year: int, rows: pl.DataFrame) -> None:
        key = pl.col("key")
        self.staging.sorted(
            "flows",
            rows.lazy().select(
                pl.lit(year).alias("year"),
                (key // _PRODUCT % 1_000_000).cast(pl.String).str.zfill(6).alias("product"),
                _country(key // _IMPORTER % 1_000).alias("importer"),
                _country(key % 1_000).alias("exporter"),
                "value_usd",
                pl.lit(None, pl.Float64).alias("cif_usd"),
                "kg",
                pl.lit(None, pl.Float64).alias("items"),
                pl.lit("source").alias("observed"),
            ),
            rows.height,
            year=year,
        )
        self._written[year] = self.staging.parts[-1]

    def sample(self) -> pl.DataFrame:
        """Some rows of each year that is written, over all its products."""
        columns = ("year", "product", "exporter", "value_usd", "kg")
        parts = [
            pl.scan_parquet(part.file)
            .select(columns)
            .gather_every(max(part.rows // SAMPLE, 1))
            .collect()
            for part in self._written.values()
        ]
        texts = dict.fromkeys(("product", "exporter"), pl.String)
        schema = {"year": pl.Int16, **texts, "value_usd": pl.Float64}
        return pl.concat(parts) if parts else pl.DataFrame(schema={**schema, "kg": pl.Float64})

    def turned(self) -> int:
        """Flows that are like those loaded of the other direction."""
        loaded, count = self.staging.shipped("flows"), 0
        if loaded is None:
            return 0
        chapters = loaded["product"].str.slice(0, 2).unique().implode()
        for year, part in self._written.items():
            of_them = pl.col("product").str.slice(0, 2).is_in(chapters)
            flows = pl.scan_parquet(part.file).filter(of_them).collect()
            count += turned(flows, loaded.filter(pl.col("year") == year))
        return count

    def _again(self, year: int) -> pl.DataFrame:
        """The rows of a year that is written already; its file is given up."""
        part = self._written.pop(year)
        place = {code: place_of(code) for code in places()}
        rows = pl.read_parquet(part.file).with_columns(
            pl.col("importer", "exporter").replace_strict(place, return_dtype=pl.Int64)
        )
        self.staging.parts.remove(part)
        part.file.unlink()
        return rows.select(packed_key().alias("key"), "value_usd", "kg")
