"""The Export Potential Indicator of what is loaded, with the user's own projections and tariffs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import cast

import numpy as np
import polars as pl

from offing.api.asking import TableIn
from offing.api.world_tables import LARGEST_TARIFF, check_rate, rates
from offing.market.history import History
from offing.market.indicators.export_potential import (
    VARIANTS,
    Projection,
    Tariffs,
    Variant,
    export_potential,
)
from offing.sources.own_table import first_row, numbers, own_table
from offing.terms.countries import country_code
from offing.terms.errors import InputError, MissingDataError, Where
from offing.terms.hs import product_code
from offing.terms.messages import enumerated

LEAST_GROWN, MOST_GROWN = 0.5, 4.0
"""The future over today of the middle country: a growth of 0.1, or GDP itself, is neither."""


@dataclass(frozen=True)
class Potential:
    """What every exporter could sell in every market.

    Attributes:
        variant: see ``offing.market.indicators.export_potential``.
        rows: ``exporter``, ``importer``, ``product``, ``value_usd``, ``epi`` and ``untapped``, USD;
            what a pair trades beyond its potential leaves nothing untapped.
        distances: whether distances are loaded; else distance corrects nothing.
        growth: smallest and largest ratio of GDP that was given; ``None`` without a projection.
        unlisted: countries of the data without one, taken as unchanged.
        rates: smallest and largest tariff that was given; ``None`` without tariffs.
        corrected: pairs and products that a tariff corrects.
    """

    variant: Variant
    rows: pl.DataFrame
    distances: bool
    growth: tuple[float, float] | None
    unlisted: int
    rates: tuple[float, float] | None
    corrected: int


@dataclass(frozen=True)
class Tables:
    """What the user gives for the wider variants: files, or frames of any library.

    Attributes:
        projection: ``country``, ``gdp`` and, where known, ``population``: ratios of the future
            over today.
        tariffs: ``product``, ``exporter``, ``importer``, ``rate`` (0.05 is 5 %).
        elasticities: ``product`` and ``sigma`` (of substitution), ``income`` (of imports per head
            to income per head), or both.
    """

    projection: TableIn
    tariffs: TableIn
    elasticities: TableIn

    def check(self, variant: Variant) -> None:
        """Refuse a table that has no part in the variant."""
        for what, table, used_by in (
            ("projection", self.projection, VARIANTS[2:]),
            ("tariffs", self.tariffs, VARIANTS[3:]),
            ("elasticities", self.elasticities, VARIANTS[2:]),
        ):
            if table is not None and variant in VARIANTS and variant not in used_by:
                raise InputError("indicators.variant_ignores", variant=variant, what=what)
        if self.tariffs is not None and self.elasticities is None:
            raise InputError("indicators.tariffs_need_sigma")

    @property
    def widest(self) -> Variant:
        """The widest variant that they allow."""
        if self.tariffs is not None:
            return "full"
        return "static" if self.projection is None else "projected"


def potential_of(
    flows: pl.DataFrame, year: int, distances: pl.DataFrame, variant: str | None, tables: Tables
) -> Potential:
    """The export potential on the flows that other indicators were computed on.

    Args:
        flows: ``product``, ``exporter``, ``importer``, ``value_usd``.
        year: theirs.
        distances: of pairs of countries, where known.
        variant: a name; else the widest one that the tables allow.
        tables: the user's own.

    Raises:
        InputError: ``indicators.variant_ignores`` where a table has no part in the variant, as
            :func:`export_potential`, and where a table cannot be read.
        MissingDataError: ``indicators.empty_table``.
    """
    # Another name is refused by what computes it, which knows them all.
    chosen = cast(Variant, (variant or tables.widest).strip().lower())
    tables.check(chosen)
    table = tables.elasticities
    sigma, income = ({}, {}) if table is None else _elasticities(table)
    growth = None if tables.projection is None else _projection(tables.projection, income)
    duty = None if tables.tariffs is None else Tariffs(_rates(tables.tariffs), sigma)
    history = History.of(flows.with_columns(year=pl.lit(year, dtype=pl.Int32)), distances=distances)
    rows = _rows(history, year, chosen, growth, duty)
    used = 0
    if duty is not None:
        keys = ("product", "exporter", "importer")
        paid = duty.rates.filter(pl.col("product").is_in(list(sigma)))
        used = rows.join(paid, on=keys, how="semi").height
    return Potential(
        variant=chosen,
        rows=rows,
        distances=not distances.is_empty(),
        growth=None if growth is None else _ends(growth.gdp.values()),
        unlisted=0 if growth is None else len(set(history.countries) - set(growth.gdp)),
        rates=None if duty is None else _ends(duty.rates["rate"]),
        corrected=used,
    )


def _rows(
    history: History, year: int, variant: Variant, growth: Projection | None, duty: Tariffs | None
) -> pl.DataFrame:
    names = np.array(history.countries)
    parts = []
    for cube, value in export_potential(history, year, variant, projection=growth, tariffs=duty):
        row, column = np.nonzero(cube.candidates)
        rows = pl.DataFrame(
            {
                "exporter": names[cube.exporters[row]],
                "importer": names[cube.importers[column]],
                "value_usd": cube.base[row, column],
                "epi": value[row, column],
            }
        )
        parts.append(rows.with_columns(product=pl.lit(cube.product)))
    untapped = (pl.col("epi") - pl.col("value_usd")).clip(lower_bound=0)
    return (
        pl.concat(parts)
        .with_columns(untapped=untapped)
        .select("exporter", "importer", "product", "value_usd", "epi", "untapped")
    )


def _ends(values: Iterable[float]) -> tuple[float, float]:
    numbers = list(values)
    return min(numbers), max(numbers)


def _table(
    source: TableIn, keys: tuple[str, ...], needed: tuple[str, ...], free: tuple[str, ...] = ()
) -> pl.DataFrame:
    """Rows with their keys as codes and the rest as numbers; a free column may be absent."""
    return _of_table(*own_table(source), keys, needed, free)


def _of_table(
    table: pl.DataFrame,
    path: Path,
    keys: tuple[str, ...],
    needed: tuple[str, ...],
    free: tuple[str, ...] = (),
) -> pl.DataFrame:
    for name in (*keys, *needed):
        if name not in table.columns:
            columns = enumerated((*keys, *needed, *free))
            raise InputError("indicators.no_column", where=Where(path), text=name, all=columns)
    if table.is_empty():
        raise MissingDataError("indicators.empty_table", where=Where(path))
    for name in keys:
        _refuse_blank(table, path, name)
        table = table.with_columns(_codes(table, path, name).alias(name))
    for name in (*needed, *free):
        if name in table.columns:
            table = table.with_columns(numbers(table, path, name))
    for name in needed:
        _refuse_blank(table, path, name)
    again = pl.struct(keys).is_duplicated() & ~pl.struct(keys).is_first_distinct()
    if at := first_row(table, again):
        keyed = " ".join(str(at[name]) for name in keys)
        raise InputError("gravity.duplicate", where=Where(path, at["row"]), keys=keyed)
    return table


def _refuse_blank(table: pl.DataFrame, path: Path, name: str) -> None:
    if (at := first_row(table, pl.col(name).is_null())) is not None:
        raise InputError("gravity.blank_key", where=Where(path, at["row"], name), column=name)


def _codes(table: pl.DataFrame, path: Path, name: str) -> pl.Expr:
    """A column of names or codes as codes of countries or products."""
    read: Callable[[str], str] = product_code if name == "product" else country_code
    first = table.with_columns(pl.col(name).cast(pl.String)).unique(name, keep="first")
    codes = {}
    for text, row in first.sort("row").select(name, "row").iter_rows():
        try:
            codes[text] = read(text)
        except InputError as error:
            raise InputError(error.key, where=Where(path, row, name), **error.values) from error
    return pl.col(name).cast(pl.String).replace_strict(codes)


def _projection(source: TableIn, income: dict[str, float]) -> Projection:
    table = _table(source, ("country",), ("gdp",), ("population",))
    for name in {"gdp", "population"} & set(table.columns):
        middle = median(table[name].drop_nulls().to_list() or [1.0])
        if 0 < middle < LEAST_GROWN or MOST_GROWN < middle < float("inf"):
            where = Where(own_table(source)[1], column=name)
            raise InputError("indicators.no_growth_factor", where=where, value=f"{middle:g}")
    return Projection(
        dict(table.select("country", "gdp").iter_rows()), _column(table, "population"), income
    )


def _elasticities(source: TableIn) -> tuple[dict[str, float], dict[str, float]]:
    table = _table(source, ("product",), (), ("sigma", "income"))
    if not {"sigma", "income"} & set(table.columns):
        raise InputError("indicators.no_column", text="sigma", all="product, sigma, income")
    return _column(table, "sigma"), _column(table, "income")


def _column(table: pl.DataFrame, name: str) -> dict[str, float]:
    """Country or product → number, where there is one."""
    if name not in table.columns:
        return {}
    key = "country" if "country" in table.columns else "product"
    return dict(table.select(key, name).drop_nulls().iter_rows())


def _rates(source: TableIn) -> pl.DataFrame:
    """Rates as shares; those in per cent have its sign.

    Raises:
        InputError: ``equilibrium.huge_tariff``, ``equilibrium.bad_rate``.
    """
    keys = ("product", "exporter", "importer")
    table, path = own_table(source)
    if "rate" in table.columns:
        table = rates(table, path, "rate")
        bare = table.filter(~pl.col("percent")).drop_nulls("rate")
        if at := first_row(bare, ~pl.col("rate").is_between(-1, LARGEST_TARIFF, closed="right")):
            check_rate(at["rate"], Where(path, at["row"], "rate"), LARGEST_TARIFF)
    return _of_table(table, path, keys, ("rate",)).select(*keys, "rate")
