"""Past flows as the rankings see them: by year, product and price tier, never beyond a year.

A ``History`` may stand on Parquet files of any size: nothing is read but what is asked for, and
products come one after the other as small arrays (exporter × importer).
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from offing.terms.errors import MissingDataError
from offing.terms.frames import exact_sum
from offing.terms.messages import join_list

if TYPE_CHECKING:
    from offing.warehouse.trade import FlowsElsewhere

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]

COLUMNS = ("year", "product", "tier", "importer", "exporter", "value_usd")
GOOD = ("product", "tier")
WHOLE = "all"
"""The tier of flows that are not split by price."""
FLOOR_USD = 1_000.0
"""Added inside logs: BACI and most offices drop or round flows below it."""
ROWS_AT_ONCE = 4_000_000
"""Flows held in memory at a time; a chunk of products is chosen to stay below it."""
ROWS_DIGESTED = 500_000
"""Flows of which a digest is taken, at most: beyond it the data are hardly the same twice."""


@dataclass(frozen=True)
class Cube:
    """One product (and tier): the exporters and importers active in the base year.

    Attributes:
        product: HS code.
        tier: price tier, or ``all``.
        base_year: the year the exporters and importers are taken of.
        exporters: indices into ``History.countries``, rising.
        importers: likewise.
        values: year → exporter × importer in USD; years in which the product has no flow at all
            are absent.
    """

    product: str
    tier: str
    base_year: int
    exporters: Codes
    importers: Codes
    values: dict[int, Array]

    @property
    def base(self) -> Array:
        """Flows of the base year."""
        return self.values[self.base_year]

    @cached_property
    def sold(self) -> Mask:
        """Pairs with a flow in the base year."""
        return np.asarray(self.base > 0)

    @cached_property
    def candidates(self) -> Mask:
        """Every pair of an exporter and an importer of the product, but a country with itself."""
        return np.asarray(self.exporters[:, None] != self.importers[None, :])


@dataclass(frozen=True)
class Pairs:
    """All products together in one year, over all countries.

    Attributes:
        value: exporter × importer, USD.
        goods: exporter × importer, number of products (and tiers) with a flow.
    """

    value: Array
    goods: Array

    @cached_property
    def exports(self) -> Array:
        """By exporter."""
        return np.asarray(self.value.sum(axis=1))

    @cached_property
    def imports(self) -> Array:
        """By importer."""
        return np.asarray(self.value.sum(axis=0))

    @cached_property
    def present(self) -> Mask:
        """Importers with any flow in the year: the others did not report."""
        return np.asarray(self.imports > 0)


@dataclass(frozen=True)
class Nearness:
    """Geography of every pair of countries; ``nan`` where unknown."""

    km: Array
    contiguous: Array
    common_language: Array


@dataclass(frozen=True)
class History:
    """Flows up to a year.

    Build it with :meth:`of`. ``flows`` is lazy, with the columns of ``COLUMNS``; ``sizes`` has the
    number of its rows by ``year`` and ``product``. Where there is a ``source``, the flows lie
    there, and ``flows`` is empty.
    """

    flows: pl.LazyFrame
    years: tuple[int, ...]
    countries: tuple[str, ...]
    sizes: pl.DataFrame
    distances: pl.DataFrame | None = None
    reporters: pl.DataFrame | None = None
    """``year``, ``side`` and ``country`` of every report; ``None`` where the data do not tell."""
    source: "FlowsElsewhere | None" = None
    _pairs: dict[int, Pairs] = field(default_factory=dict, repr=False, compare=False)
    _held: dict[int, pl.DataFrame] = field(default_factory=dict, repr=False, compare=False)
    _told: dict[int, Mask] = field(default_factory=dict, repr=False, compare=False)
    fits: dict[tuple[Any, ...], Any] = field(default_factory=dict, repr=False, compare=False)
    """What was fitted on it, by base year and settings: a fit sees nothing after its base year."""

    @classmethod
    def of(
        cls, flows: pl.DataFrame | pl.LazyFrame, *, distances: pl.DataFrame | None = None
    ) -> "History":
        """A history of a table of flows.

        Args:
            flows: year, product, importer, exporter, value_usd, and tier where it is split,
                observed where it is known who reported (see ``Flows``). Values that are missing,
                not finite or not above zero count as no flow; repeated keys are added up.
            distances: in the columns of ``Distances``; ``None`` where none are loaded.

        Raises:
            MissingDataError: ``market.no_flows`` where no flow is left.
        """
        lazy = flows.lazy()
        names = lazy.collect_schema().names()
        split = lazy if "tier" in names else lazy.with_columns(tier=pl.lit(WHOLE))
        kinds = [pl.Int32, *[pl.String] * 4, pl.Float64]
        rows = split.select(pl.col(c).cast(k) for c, k in zip(COLUMNS, kinds, strict=True))
        value, abroad = pl.col("value_usd"), pl.col("importer") != pl.col("exporter")
        clean = rows.filter(value.is_finite() & (value > 0) & abroad)
        if isinstance(flows, pl.DataFrame):
            # It is in memory already, and will be asked for again and again.
            clean = clean.collect().lazy()
        sizes = (
            clean.group_by("year", "product", maintain_order=True)
            .agg(pl.len())
            .collect(engine="streaming")
        )
        if sizes.is_empty():
            raise MissingDataError("market.no_flows")
        reporters = _reporters(lazy) if "observed" in names else None
        sides = [
            clean.select(pl.col(side).unique()).collect(engine="streaming")[side].to_list()
            for side in ("importer", "exporter")
        ]
        years, countries = sizes["year"].unique().sort(), sorted({*sides[0], *sides[1]})
        return cls(clean, tuple(years), tuple(countries), sizes, distances, reporters)

    @classmethod
    def scan(cls, files: Sequence[Path], *, distances: pl.DataFrame | None = None) -> "History":
        """A history of Parquet files of the ``Flows`` table, read lazily.

        Raises:
            MissingDataError: ``market.no_flows``.
        """
        if not files:
            raise MissingDataError("market.no_flows")
        return cls.of(pl.scan_parquet(list(files), glob=False), distances=distances)

    def flows_of_heading(self, years: Sequence[int], rows: pl.DataFrame) -> "History":
        """A history that knows all trade of some years, and the flows of a heading that are here.

        Args:
            years: that are looked at.
            rows: year, product, importer, exporter, value_usd; none for what is handed to workers.
        """
        for year in years:
            self.known(year)
        sizes = rows.group_by("year", "product").len()
        told = {"_pairs": {year: self.pairs(year) for year in years}, "_told": {**self._told}}
        flows = rows.with_columns(tier=pl.lit(WHOLE)).lazy()
        return replace(self, flows=flows, sizes=sizes, source=None, **self._empty() | told)

    def until(self, year: int) -> "History":
        """The same without anything later than ``year``.

        Raises:
            MissingDataError: ``market.no_year`` where the year itself has no flows.
        """
        if year not in self.years:
            raise MissingDataError("market.no_year", year=year, years=join_list(self.years))
        if year == self.years[-1]:
            return self
        past, years = pl.col("year") <= year, tuple(seen for seen in self.years if seen <= year)
        sizes = self.sizes.filter(past)
        return replace(self, flows=self.flows.filter(past), years=years, sizes=sizes)

    @cached_property
    def rows(self) -> dict[str, int]:
        """Product → its rows, up to the last year."""
        total = self.sizes.group_by("product").agg(pl.col("len").sum()).sort("product")
        return dict(total.iter_rows())

    @cached_property
    def has_tiers(self) -> bool:
        """Whether flows are split by price tier."""
        split = self.flows.filter(pl.col("tier") != WHOLE).head(1)
        return not split.collect(engine="streaming").is_empty()

    def whole(self) -> "History":
        """The same flows with their tiers added up."""
        flows = (
            self.flows.group_by("year", "product", "importer", "exporter", maintain_order=True)
            .agg(exact_sum())
            .collect(engine="streaming")
            .with_columns(tier=pl.lit(WHOLE))
        )
        sizes = flows.group_by("year", "product", maintain_order=True).len()
        return replace(self, flows=flows.lazy(), sizes=sizes, **self._empty())

    def only(self, products: Sequence[str]) -> "History":
        """The flows of some products; from elsewhere they are brought here."""
        chosen = pl.col("product").is_in(sorted(set(products)))
        flows = self.flows
        if self.source is not None:
            flows = self.source.brought(self.years, sorted({*products})).with_columns(
                pl.col("year").cast(pl.Int32), tier=pl.lit(WHOLE)
            )
        flows, sizes = flows.filter(chosen), self.sizes.filter(chosen)
        return replace(self, flows=flows, sizes=sizes, source=None, **self._empty())

    def cells(self, year: int) -> pl.DataFrame:
        """``product`` and ``cells``: its exporters of a year times its importers, by tier."""
        if self.source is not None:
            return self.source.cells(year)
        return (
            self.flows.filter(pl.col("year") == year)
            .group_by("product", "tier")
            .agg(cells=pl.col("exporter").n_unique() * pl.col("importer").n_unique())
            .group_by("product")
            .agg(pl.col("cells").sum())
            .sort("product")
            .collect(engine="streaming")
        )

    @staticmethod
    def _empty() -> dict[str, Any]:
        """Nothing is remembered of other flows."""
        return {"_pairs": {}, "_held": {}, "_told": {}, "fits": {}}

    @cached_property
    def index(self) -> dict[str, int]:
        """Country → its place in ``countries``."""
        return {code: number for number, code in enumerate(self.countries)}

    def _encode_rows(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        kind = pl.Enum(self.countries)
        return rows.with_columns(
            pl.col("importer", "exporter").cast(kind).to_physical().cast(pl.Int64)
        )

    def pairs(self, year: int) -> Pairs:
        """All products together in a year."""
        if year not in self._pairs:
            size = len(self.countries)
            if self.source is not None:
                rows = self._encode_rows(self.source.pairs(year).lazy()).collect()
            else:
                rows = (
                    self._encode_rows(self.flows.filter(pl.col("year") == year))
                    .group_by("exporter", "importer", maintain_order=True)
                    .agg(exact_sum(), goods=pl.len())
                    .sort("exporter", "importer")
                    .collect(engine="streaming")
                )
            at = rows["exporter"].to_numpy(), rows["importer"].to_numpy()
            value, goods = np.zeros((size, size)), np.zeros((size, size))
            value[at], goods[at] = rows["value_usd"].to_numpy(), rows["goods"].to_numpy()
            self._pairs[year] = Pairs(value, goods)
        return self._pairs[year]

    def known(self, year: int) -> Mask:
        """Pairs of which a year is known, exporter × importer: either side reported.

        A pair that nobody reported on is missing, not zero. Where the data do not say who reported
        (as BACI, reconciled by its publisher), an importer with any flow in the year did.
        """
        if year not in self._told:
            if self.reporters is None:
                told = np.broadcast_to(self.pairs(year).present, (len(self.countries),) * 2)
            else:
                of_year = self.reporters.filter(pl.col("year") == year)
                out, into = (
                    np.isin(
                        np.asarray(self.countries),
                        of_year.filter(pl.col("side") == side)["country"].to_list(),
                    )
                    for side in ("exporter", "importer")
                )
                told = out[:, None] | into[None, :]
            self._told[year] = told
        return self._told[year]

    @cached_property
    def digest(self) -> str | None:
        """Of everything in it; ``None`` of a history too large to be looked through for that."""
        if self.source is not None or sum(self.rows.values()) > ROWS_DIGESTED:
            return None
        hasher = hashlib.sha256(repr((self.years, self.countries)).encode())
        nothing = pl.DataFrame()
        for table in (self.flows.collect(), self.sizes, self.distances, self.reporters):
            hasher.update(_digest(nothing if table is None else table))
        return hasher.hexdigest()

    @cached_property
    def nearness(self) -> Nearness | None:
        """Distances of all pairs; ``None`` where no distances are loaded."""
        if self.distances is None or self.distances.is_empty():
            return None
        pairs = self.distances.with_columns(
            pl.col("origin", "destination").replace_strict(self.index, default=None)
        ).drop_nulls(["origin", "destination"])
        size = len(self.countries)
        at = pairs["origin"].to_numpy(), pairs["destination"].to_numpy()
        matrices = []
        for column in ("km", "contiguous", "common_language"):
            values = np.full((size, size), np.nan)
            values[at] = pairs[column].cast(pl.Float64).to_numpy()
            matrices.append(values)
        return Nearness(*matrices)

    def chunks(self, products: Sequence[str] | None = None) -> Iterator[list[str]]:
        """Products in order, in groups that fit into memory together."""
        chosen = sorted(self.rows if products is None else set(products) & set(self.rows))
        group: list[str] = []
        size = 0
        for product in chosen:
            if group and size + self.rows[product] > ROWS_AT_ONCE:
                yield group
                group, size = [], 0
            group.append(product)
            size += self.rows[product]
        if group:
            yield group

    def cubes(
        self, base_year: int, years: Sequence[int], products: Sequence[str] | None = None
    ) -> Iterator[Cube]:
        """Every product with flows in the base year, in order.

        The base year decides which exporters and importers a cube has; ``years`` are further ones.
        """
        if base_year not in self.years:
            return
        needed = sorted({base_year, *years} & set(self.years))
        small = sum(self.rows.values()) <= ROWS_AT_ONCE
        for group in self.chunks(products):
            rows = self._read_years(needed, group) if small else self._read(needed, group)
            parts = rows.partition_by(*GOOD, as_dict=True, maintain_order=True, include_key=False)
            for product, tier in sorted(parts):
                flows = parts[product, tier]
                cube = _cube(str(product), str(tier), base_year, flows)
                if cube is not None:
                    yield cube

    def _read(self, years: Sequence[int], products: Sequence[str]) -> pl.DataFrame:
        """The flows of some years and products, coded, one row for each key."""
        flows = self.flows
        if self.source is not None:
            flows = self.source.rows(years, products).lazy().with_columns(tier=pl.lit(WHOLE))
        return (
            self._encode_rows(
                flows.filter(
                    pl.col("year").is_in(years)
                    & pl.col("product").is_between(pl.lit(products[0]), pl.lit(products[-1]))
                    & pl.col("product").is_in(products)
                )
            )
            .group_by("product", "tier", "year", "exporter", "importer", maintain_order=True)
            .agg(exact_sum())
            .sort("product", "tier", "year", "exporter", "importer")
            .collect(engine="streaming")
        )

    def _read_years(self, years: Sequence[int], products: Sequence[str]) -> pl.DataFrame:
        """The same of a history small enough to be kept by year: it is asked again and again."""
        for year in years:
            if year not in self._held:
                self._held[year] = self._read([year], sorted(self.rows))
        rows = pl.concat([self._held[year] for year in years])
        if len(products) == len(self.rows):
            return rows
        return rows.filter(pl.col("product").is_in(products))


def _digest(table: pl.DataFrame) -> bytes:
    file = BytesIO()
    table.rechunk().write_ipc(file, compat_level=pl.CompatLevel.oldest())
    return hashlib.sha256(file.getbuffer()).digest()


def _reporters(flows: pl.LazyFrame) -> pl.DataFrame:
    """Who reported any flow in which year; of a publisher's estimates the importer counts."""
    by = pl.col("observed").cast(pl.String)
    rows = flows.select("year", "importer", "exporter", observed=by).unique()
    seen = rows.collect(engine="streaming")
    sides = [
        seen.filter(pl.col("observed").is_in(kinds)).select(
            pl.col("year").cast(pl.Int32), side=pl.lit(side), country=pl.col(side).cast(pl.String)
        )
        for side, kinds in (
            ("importer", ["both", "importer", "source"]),
            ("exporter", ["both", "exporter"]),
        )
    ]
    return pl.concat(sides).unique().sort("year", "side", "country")


def _cube(product: str, tier: str, base_year: int, rows: pl.DataFrame) -> Cube | None:
    year, exporter, importer, value = (
        rows[column].to_numpy() for column in ("year", "exporter", "importer", "value_usd")
    )
    now = year == base_year
    exporters, importers = (np.flatnonzero(np.bincount(side[now])) for side in (exporter, importer))
    if not len(exporters):
        return None
    row, column = _place(exporters, exporter), _place(importers, importer)
    both = np.flatnonzero((row >= 0) & (column >= 0))
    cell, told, value = row[both] * len(importers) + column[both], year[both], value[both]
    values = {}
    # Rows stand year by year.
    for when in np.unique(year).tolist():
        mine = slice(*np.searchsorted(told, (when, when + 1)))
        matrix = np.zeros((len(exporters), len(importers)))
        matrix.ravel()[cell[mine]] = value[mine]
        values[when] = matrix
    return Cube(product, tier, base_year, exporters, importers, values)


def _place(order: Codes, codes: Codes) -> Codes:
    """The place of each code among those known, which rise; -1 of one that is not."""
    position = np.full(int(max(codes.max(), order[-1])) + 1, -1)
    position[order] = np.arange(len(order))
    return np.asarray(position[codes])
