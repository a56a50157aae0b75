"""The Export Potential Indicator of what is loaded, with the user's own projections and tariffs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

import numpy as np
import polars as pl

from offing.market.history import History
from offing.market.indicators.export_potential import (
    VARIANTS,
    Projection,
    Tariffs,
    Variant,
    export_potential,
)
from offing.sources.own_table import first_row, numbers, read_table
from offing.study.indicators import Indicators
from offing.terms.countries import country_code
from offing.terms.errors import InputError, MissingDataError, Where
from offing.terms.hs import product_code
from offing.terms.messages import enumerated
from offing.warehouse import Warehouse


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
    growth: tuple[float, float] | None = None
    unlisted: int = 0
    rates: tuple[float, float] | None = None
    corrected: int = 0


def potential_of(
    warehouse: Warehouse,
    made: Indicators,
    *,
    variant: str | None = None,
    projection: Path | None = None,
    tariffs: Path | None = None,
    elasticities: Path | None = None,
) -> Potential:
    """The export potential on the flows that other indicators were computed on.

    Args:
        warehouse: for the distances.
        made: with the flows of the year.
        variant: a name; else the widest one that the files allow.
        projection: table of ``country``, ``gdp`` and, where known, ``population``: ratios of the
            future over today.
        tariffs: table of ``product``, ``exporter``, ``importer``, ``rate`` (0.05 is 5 %).
        elasticities: table of ``product`` and ``sigma`` (of substitution), ``income`` (of imports
            per head to income per head), or both.

    Raises:
        InputError: ``indicators.variant_ignores`` where a file has no part in the variant, as
            :func:`export_potential`, and where a file cannot be read.
        MissingDataError: ``indicators.empty_table``.
    """
    # Another name is refused by what computes it, which knows them all.
    chosen = cast(Variant, (variant or _widest(projection, tariffs)).strip().lower())
    for what, path, used_by in (
        ("projection", projection, VARIANTS[2:]),
        ("tariffs", tariffs, VARIANTS[3:]),
        ("elasticities", elasticities, VARIANTS[2:]),
    ):
        if path is not None and chosen in VARIANTS and chosen not in used_by:
            raise InputError("indicators.variant_ignores", variant=chosen, what=what)
    if tariffs is not None and elasticities is None:
        raise InputError("indicators.tariffs_need_sigma")
    sigma, income = ({}, {}) if elasticities is None else _elasticities(elasticities)
    growth = None if projection is None else _projection(projection, income)
    duty = None if tariffs is None else Tariffs(_rates(tariffs), sigma)
    distances = warehouse.table("distances")
    history = History.of(
        made.flows.with_columns(year=pl.lit(made.year, dtype=pl.Int32)), distances=distances
    )
    names = np.array(history.countries)
    parts = []
    for cube, value in export_potential(
        history,
        made.year,
        chosen,
        projection=growth,
        tariffs=duty,
    ):
        row, column = np.nonzero(cube.candidates)
        parts.append(
            pl.DataFrame(
                {
                    "exporter": names[cube.exporters[row]],
                    "importer": names[cube.importers[column]],
                    "value_usd": cube.base[row, column],
                    "epi": value[row, column],
                }
            ).select(
                "exporter", "importer", pl.lit(cube.product).alias("product"), "value_usd", "epi"
            )
        )
    rows = pl.concat(parts).with_columns(
        untapped=(pl.col("epi") - pl.col("value_usd")).clip(lower_bound=0)
    )
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


def _ends(values: Iterable[float]) -> tuple[float, float]:
    every = list(values)
    return min(every), max(every)


def _widest(projection: Path | None, tariffs: Path | None) -> Variant:
    if tariffs is not None:
        return "full"
    return "static" if projection is None else "projected"


def _table(
    path: Path, keys: tuple[str, ...], needed: tuple[str, ...], free: tuple[str, ...]
) -> pl.DataFrame:
    """Rows with their keys as codes and the rest as numbers; a free column may be absent."""
    table = read_table(path)
    for name in (*keys, *needed):
        if name not in table.columns:
            known = enumerated((*keys, *needed, *free))
            raise InputError("indicators.no_column", where=Where(path), text=name, all=known)
    if table.is_empty():
        raise MissingDataError("indicators.empty_table", where=Where(path))
    for name in keys:
        if (at := first_row(table, pl.col(name).is_null())) is not None:
            raise InputError("gravity.blank_key", where=Where(path, at["row"], name), column=name)
        read: Callable[..., str] = product_code if name == "product" else country_code
        first = table.with_columns(pl.col(name).cast(pl.String)).unique(name, keep="first")
        codes = {
            text: partial(read, text)(where=Where(path, row, name))
            for text, row in first.sort("row").select(name, "row").iter_rows()
        }
        table = table.with_columns(pl.col(name).cast(pl.String).replace_strict(codes))
    given = [name for name in (*needed, *free) if name in table.columns]
    table = table.with_columns(numbers(table, path, name) for name in given)
    for name in needed:
        if (at := first_row(table, pl.col(name).is_null())) is not None:
            raise InputError("gravity.blank_key", where=Where(path, at["row"], name), column=name)
    if at := first_row(
        table, pl.struct(keys).is_duplicated() & ~pl.struct(keys).is_first_distinct()
    ):
        keyed = " ".join(str(at[name]) for name in keys)
        raise InputError("gravity.duplicate", where=Where(path, at["row"]), keys=keyed)
    return table


def _projection(path: Path, income: dict[str, float]) -> Projection:
    table = _table(path, ("country",), ("gdp",), ("population",))
    return Projection(
        dict(table.select("country", "gdp").iter_rows()), _column(table, "population"), income
    )


def _elasticities(path: Path) -> tuple[dict[str, float], dict[str, float]]:
    table = _table(path, ("product",), (), ("sigma", "income"))
    if not {"sigma", "income"} & set(table.columns):
        raise InputError(
            "indicators.no_column", where=Where(path), text="sigma", all="product, sigma, income"
        )
    return _column(table, "sigma"), _column(table, "income")


def _column(table: pl.DataFrame, name: str) -> dict[str, float]:
    """Country or product → number, where there is one."""
    if name not in table.columns:
        return {}
    key = "country" if "country" in table.columns else "product"
    return dict(table.select(key, name).drop_nulls().iter_rows())


def _rates(path: Path) -> pl.DataFrame:
    keys = ("product", "exporter", "importer")
    return _table(path, keys, ("rate",), ()).select(*keys, "rate")
