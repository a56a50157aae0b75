"""Flows of millions of rows on their way to one sorted file for each year.

A row is packed into one integer (year, product, importer, exporter) and two numbers, so that ten
million rows take 240 MB and are sorted by one column. The integer's order is the order of the
texts, which appear again only as the rows are written.
"""

from dataclasses import dataclass, field
from pathlib import Path

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

    Rows are written in sorted runs; the runs of a year are merged once, when it is whole.

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
    _runs: dict[int, list[StagedPart]] = field(default_factory=dict)

    def add(self, rows: pl.DataFrame) -> None:
        """Take rows with ``key``, ``value_usd`` and ``kg``."""
        self._pieces.append(rows.select("key", "value_usd", "kg"))
        self._waiting += rows.height
        if self._waiting >= AT_ONCE:
            self.write()

    def write(self) -> None:
        """Sort what has come since the last time, and write a run of each year."""
        if not self._waiting:
            return
        rows = self._distinct(self._pieces)
        self._waiting = 0
        key = rows["key"].to_numpy()
        for year in (rows["key"] // _YEAR).unique().sort().to_list():
            self.signs.setdefault(year, set()).update(
                code for code in SIGNS if _has(key, year * _YEAR + int(code) * _PRODUCT, _PRODUCT)
            )
            first, last = np.searchsorted(key, [year * _YEAR, (year + 1) * _YEAR])
            run = rows.lazy().slice(first, last - first).select(_texts(year))
            self.staging.sorted("flows", run, int(last - first), year=year)
            self._runs.setdefault(year, []).append(self.staging.parts[-1])

    def merge(self) -> None:
        """Make one file of the runs of each year: no row is written more than twice more."""
        self.write()
        for year, runs in self._runs.items():
            if len(runs) > 1:
                self._runs[year] = [self._merged(year, runs)]

    def _merged(self, year: int, runs: list[StagedPart]) -> StagedPart:
        """Some products of all runs at a time, as many as are kept in memory."""
        files = [run.file for run in runs]
        place = {code: place_of(code) for code in places()}
        pieces, count = [], 0
        for first, last in _stretches(files):
            every = [
                pl.scan_parquet(file, glob=False)
                .filter(pl.col("product").is_between(pl.lit(first), pl.lit(last)))
                .with_columns(
                    pl.col("importer", "exporter").replace_strict(place, return_dtype=pl.Int64)
                )
                .select(packed_key().alias("key"), "value_usd", "kg")
                .collect()
                for file in files
            ]
            rows = self._distinct(every)
            pieces.append(self.staging.folder / f"merged-{year}-{first}.parquet")
            rows.lazy().select(_texts(year)).sink_parquet(pieces[-1])
            count += rows.height
        for run in runs:
            self.staging.parts.remove(run)
            run.file.unlink()
        self.staging.sorted("flows", pl.scan_parquet(pieces, glob=False), count, year=year)
        for piece in pieces:
            piece.unlink()
        return self.staging.parts[-1]

    def _distinct(self, pieces: list[pl.DataFrame]) -> pl.DataFrame:
        """The rows of pieces by their keys, the first of each; no piece is left, nor a copy."""
        whole = pl.concat(pieces)
        pieces.clear()
        order = whole.select(pl.arg_sort_by("key", maintain_order=True)).to_series()
        rows = pl.DataFrame([whole.drop_in_place(name).gather(order) for name in whole.columns])
        key = rows["key"].to_numpy()
        same = np.append(False, key[1:] == key[:-1])
        self.twice += int(same.sum())
        return rows.filter(~pl.Series(same)) if same.any() else rows

    def sample(self) -> pl.DataFrame:
        """Some rows of each year that is merged, over all its products."""
        columns = ("year", "product", "exporter", "value_usd", "kg")
        parts = [
            pl.scan_parquet(part.file, glob=False)
            .select(columns)
            .gather_every(max(part.rows // SAMPLE, 1))
            .collect()
            for (part,) in self._runs.values()
        ]
        texts = dict.fromkeys(("product", "exporter"), pl.String)
        schema = {"year": pl.Int16, **texts, "value_usd": pl.Float64}
        return pl.concat(parts) if parts else pl.DataFrame(schema={**schema, "kg": pl.Float64})

    def turned(self) -> int:
        """Flows that are like those loaded of the other direction, of years that are merged."""
        loaded, count = self.staging.shipped("flows"), 0
        if loaded is None:
            return 0
        chapters = loaded["product"].str.slice(0, 2).unique().implode()
        for year, (part,) in self._runs.items():
            of_them = pl.col("product").str.slice(0, 2).is_in(chapters)
            flows = pl.scan_parquet(part.file, glob=False).filter(of_them).collect()
            count += turned(flows, loaded.filter(pl.col("year") == year))
        return count


def _texts(year: int) -> list[pl.Expr]:
    """The columns of ``flows`` from a row's key."""
    key = pl.col("key")
    return [
        pl.lit(year).alias("year"),
        (key // _PRODUCT % 1_000_000).cast(pl.String).str.zfill(6).alias("product"),
        _country(key // _IMPORTER % 1_000).alias("importer"),
        _country(key % 1_000).alias("exporter"),
        pl.col("value_usd"),
        pl.lit(None, pl.Float64).alias("cif_usd"),
        pl.col("kg"),
        pl.lit(None, pl.Float64).alias("items"),
        pl.lit("source").alias("observed"),
    ]


def _stretches(files: list[Path]) -> list[tuple[str, str]]:
    """The first and last products between which the runs have about ``AT_ONCE`` rows together."""
    counts = pl.scan_parquet(files, glob=False).group_by("product").agg(pl.len().cast(pl.Int64))
    before = pl.col("len").cum_sum() - pl.col("len")
    return (
        counts.sort("product")
        .group_by(before // AT_ONCE, maintain_order=True)
        .agg(first=pl.col("product").first(), last=pl.col("product").last())
        .select("first", "last")
        .collect(engine="streaming")
        .rows()
    )
