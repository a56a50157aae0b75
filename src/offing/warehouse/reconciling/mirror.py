"""Bring the two reports of one flow side by side."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from offing.sources.trade_checks import places
from offing.terms.countries import GEOGRAPHY_OF
from offing.terms.tables import TABLES

if TYPE_CHECKING:
    from offing.warehouse.spark import SparkFlows

T = TypeVar("T")
Reported = tuple[pl.DataFrame, dict[str, int]]
"""What :func:`side_by_side` gives."""

KEYS = ("year", "product", "importer", "exporter")
PLACES = ["exporter_place", "importer_place"]

REPORTS_AT_ONCE = 1_000_000
"""Reports looked at together; more come some products after the other."""
FITTED_PAIRS = 500_000
"""Flows that both sides reported on which margin and reliability are fitted, at most: of more a
part is drawn, always the same, with all years of a flow together."""
ALONE = 100_000
"""Such flows from which on a year's estimates rest on that year alone, and stay what they are when
other years are loaded; years with fewer are fitted together."""


def filings(reports: pl.LazyFrame) -> pl.DataFrame:
    """Who reported anything in which direction and year: ``year``, ``direction``, ``reporter``."""
    usable = reports.filter(pl.col("value_usd") > 0)
    return usable.select("year", "direction", "reporter").unique().collect(engine="streaming")


def years_together(pairs: Mapping[int, int]) -> list[list[int]]:
    """Years whose estimates rest on one fit: those with few pairs together, others each alone.

    >>> years_together({2021: 5, 2022: ALONE, 2023: 7})
    [[2021, 2023], [2022]]
    """
    large = sorted(year for year, count in pairs.items() if count >= ALONE)
    small = sorted(pairs.keys() - large)
    return [*([small] if small else []), *([year] for year in large)]


def years_to_make(
    before: Mapping[int, int], pairs: Mapping[int, int], touched: set[int]
) -> list[list[int]]:
    """Years of each fit, as :func:`years_together` has them now, that is not what it was before."""
    kept = [years for years in years_together(before) if touched.isdisjoint(years)]
    return [years for years in years_together(pairs) if years not in kept]


@dataclass(frozen=True)
class ReportPieces:
    """Reports of this machine, a million of them at a time, some products (HS4) after the other."""

    reports: pl.LazyFrame
    distances: pl.DataFrame

    def of(self, years: Collection[int]) -> "ReportPieces":
        """Those of some years."""
        return ReportPieces(self.reports.filter(pl.col("year").is_in(years)), self.distances)

    def results(self, work: Callable[[Reported], T]) -> Iterator[T]:
        """What some work makes of each piece, in the order of the products."""
        return map(work, self)

    def frame(self, work: Callable[[Reported], pl.DataFrame]) -> None:
        """None: here they come with the pieces."""

    def __iter__(self) -> Iterator[Reported]:
        if len(self._bounds) == 1:
            yield self._whole
            return
        for first, after in pairwise([*self._bounds, "~"]):
            some = self.reports.filter(pl.col("product") >= first, pl.col("product") < after)
            yield side_by_side(some.collect(), self.distances, self._filers)

    @cached_property
    def _bounds(self) -> list[str]:
        counts = self.reports.group_by(pl.col("product").str.head(4)).agg(pl.len().cast(pl.Int64))
        before = pl.col("len").cum_sum() - pl.col("len")
        stretches = counts.sort("product").group_by(before // REPORTS_AT_ONCE, maintain_order=True)
        return stretches.agg(pl.col("product").first()).collect()["product"].to_list() or [""]

    @cached_property
    def _whole(self) -> Reported:
        return side_by_side(self.reports.collect(), self.distances)

    @cached_property
    def _filers(self) -> pl.DataFrame:
        return filings(self.reports)


@dataclass(frozen=True)
class ReportsElsewhere:
    """Reports on a cluster, of which the workers look at the products of a heading together.

    Attributes:
        engine: of the cluster.
        source: the reports, after ``FROM``.
        distances: the ``Distances`` columns.
    """

    engine: "SparkFlows"
    source: str
    distances: pl.DataFrame

    def of(self, years: Collection[int]) -> "ReportsElsewhere":
        """See :class:`ReportPieces`."""
        listed = ", ".join(map(str, sorted(years)))
        source = f"(SELECT * FROM {self.source} WHERE year IN ({listed}))"
        some = ReportsElsewhere(self.engine, source, self.distances)
        vars(some)["_filers"] = self._filers  # asked once of all years
        return some

    def results(self, work: Callable[[Reported], T]) -> Iterator[T]:
        """See :class:`ReportPieces`."""
        by_heading = self.engine.chunk_results(*self._task(work))
        return (made for _, made in sorted(by_heading, key=lambda result: result[0]))

    def frame(self, work: Callable[[Reported], pl.DataFrame]) -> Any:
        """The flows that some work makes of the pieces, where they lie."""
        return self.engine.chunk_frame(*self._task(work))

    def _task(self, work: Callable[[Reported], T]) -> tuple[str, Callable[[pl.DataFrame], T]]:
        rows = f"SELECT *, substr(product, 1, 4) AS chunk FROM {self.source}"
        return rows, partial(_reconcile_task, self.distances, self._filers, work)

    @cached_property
    def _filers(self) -> pl.DataFrame:
        sql = f"SELECT DISTINCT year, direction, reporter FROM {self.source} WHERE value_usd > 0"
        return self.engine.rows(sql, ())


ReportsBeside = ReportPieces | ReportsElsewhere
"""Reports side by side, here or on a cluster."""


def _reconcile_task(
    distances: pl.DataFrame,
    filers: pl.DataFrame,
    work: Callable[[Reported], T],
    reports: pl.DataFrame,
) -> T:
    in_order = reports.sort(TABLES["reports"].order)
    return work(side_by_side(in_order, distances, filers))


def pairs_by_year(pieces: ReportsBeside) -> dict[int, int]:
    """Year → flows that both sides reported; also of years that have none."""
    counts = pl.concat(pieces.results(_count_pairs)).group_by("year").sum()
    return dict(counts.iter_rows())


def _count_pairs(piece: Reported) -> pl.DataFrame:
    return piece[0].group_by("year").agg(_BOTH.sum().cast(pl.Int64).alias("pairs"))


def fitted_pairs(pieces: ReportsBeside, count: int) -> pl.DataFrame:
    """Flows that both sides reported, about ``FITTED_PAIRS`` at most, in the order of ``KEYS``.

    What is drawn hangs on the flows alone, not on their order or on what was loaded before.

    Args:
        pieces: the reports.
        count: of such flows.
    """
    share = min(FITTED_PAIRS / max(count, 1), 1.0)
    return pl.concat(pieces.results(partial(_pairs_drawn, share))).sort(KEYS)


def _pairs_drawn(share: float, piece: Reported) -> pl.DataFrame:
    return _drawn(piece[0].filter(_BOTH).select(*KEYS, "m", "x", "km", "contiguous"), share)


def _drawn(rows: pl.DataFrame, share: float) -> pl.DataFrame:
    """About a share of the flows: those whose mixed key is low."""
    if share >= 1:
        return rows
    return rows.filter(pl.Series(_mix_key(rows) < np.uint64(share * 2**64)))


_BOTH = pl.col("m").is_not_null() & pl.col("x").is_not_null()


def _mix_key(rows: pl.DataFrame) -> NDArray[np.uint64]:
    """The mixed key of each flow: the last step of SplitMix64 (Steele, Lea, Flood 2014, OOPSLA)."""
    place = {code: number for number, code in enumerate(places())}
    importer, exporter = (
        rows[side].replace_strict(place, default=len(place), return_dtype=pl.UInt64)
        for side in ("importer", "exporter")
    )
    key = (rows["product"].cast(pl.UInt64) * 1000 + importer) * 1000 + exporter
    mixed = key.to_numpy() * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


def side_by_side(
    reports: pl.DataFrame, distances: pl.DataFrame, filers: pl.DataFrame | None = None
) -> Reported:
    """One row for each flow that either side reported, in the order of :data:`KEYS`.

    Columns: the keys; ``m``, ``m_kg``, ``m_items`` of the importer's report (CIF) and ``x``,
    ``x_kg``, ``x_items`` of the exporter's (FOB), null where there is none; ``km`` and
    ``contiguous``, null where not known; ``importer_files`` and ``exporter_files``, whether that
    country reported anything in that direction and year, as ``filers`` say where the reports are
    but some of all.

    Returns:
        The rows, and how many reports were left out and why.
    """
    usable = reports.filter(pl.col("value_usd") > 0)
    abroad = usable.filter(pl.col("reporter") != pl.col("partner"))
    # A country may file a year in two editions of the HS; the newer one is kept.
    keys = ["year", "product", "direction", "reporter", "partner"]
    newest = abroad.sort("edition", "value_usd", descending=True, nulls_last=True)
    sole = newest.unique(keys, keep="first")
    left_out = {
        "zero_value": reports.height - usable.height,
        "own_trade": usable.height - abroad.height,
        "duplicate": abroad.height - sole.height,
    }
    mine, other = _side(sole, "m", "import"), _side(sole, "x", "export")
    rows = mine.join(other, on=KEYS, how="full", coalesce=True)
    of_side = pl.col("exporter", "importer").replace(GEOGRAPHY_OF).name.suffix("_place")
    rows = rows.with_columns(of_side).join(_pairs(distances), on=PLACES, how="left")
    filers = filings(reports.lazy()) if filers is None else filers
    for reporter, direction in (("importer", "import"), ("exporter", "export")):
        names = pl.col("reporter").alias(reporter), pl.lit(True).alias(f"{reporter}_files")
        filed = filers.filter(pl.col("direction") == direction).select("year", *names)
        rows = rows.join(filed, on=["year", reporter], how="left")
    km = pl.when(pl.col("km") > 0).then(pl.col("km"))
    files = pl.col("importer_files", "exporter_files").fill_null(False)
    return rows.with_columns(files, km=km).sort(KEYS), left_out


def _side(reports: pl.DataFrame, name: str, direction: str) -> pl.DataFrame:
    """The reports of one direction, their amounts under the side's name."""
    sides = ["importer", "exporter"] if direction == "import" else ["exporter", "importer"]
    mine = reports.filter(pl.col("direction") == direction)
    amounts = {name: pl.col("value_usd")}
    for unit in ("kg", "items"):
        amounts[f"{name}_{unit}"] = pl.when(pl.col(unit) > 0).then(pl.col(unit))
    who = dict(zip(sides, ("reporter", "partner"), strict=True))
    return mine.select("year", "product", **who, **amounts)


def _pairs(distances: pl.DataFrame) -> pl.DataFrame:
    """The least distance of each pair."""
    named = {"exporter_place": "origin", "importer_place": "destination"}
    pairs = distances.select("km", "contiguous", **named)
    return pairs.sort("km").unique(PLACES, keep="first")
