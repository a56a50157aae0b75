"""RCA, complexity, relatedness, concentration and export potential of what is loaded."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Annotated, Any, cast

import numpy as np
import polars as pl

from offing.api.asking import (
    Answer,
    Asked,
    Country,
    Product,
    TableIn,
    TradeRequest,
    parts,
    question,
)
from offing.api.given import Top
from offing.api.world_tables import LARGEST_TARIFF, check_rate, rates
from offing.forecast.ranking import trade_year, year_cautions
from offing.market.history import History
from offing.market.indicators.export_potential import (
    VARIANTS,
    DutyRates,
    Projection,
    Variant,
    export_potential,
)
from offing.market.indicators.of_year import (
    EPI,
    NAMES,
    PROXIMITY,
    TABLES,
    ExportSums,
    YearIndicators,
    check_product,
    fitness_moves,
    near_product,
    table_of,
    year_indicators,
)
from offing.sources.own_table import column_of, first_row, must_be_filled, numbers, own_table
from offing.terms.caution import Caution
from offing.terms.countries import country_code, nowhere
from offing.terms.errors import InputError, MissingDataError, Where, must_be_within, unknown_name
from offing.terms.hs import finest, product_code
from offing.terms.messages import join_list
from offing.terms.numbers import fixed_decimals
from offing.terms.plain import as_data, values_of
from offing.warehouse import Warehouse
from offing.warehouse.trade import export_sums, product_codes


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


def _variant_of(request: "IndicatorsRequest") -> Variant:
    """The variant that is asked for, else the widest that the user's own tables allow.

    Raises:
        InputError: ``indicators.variant_ignores`` where a table has no part in it,
            ``indicators.tariffs_need_sigma``.
    """
    widest = "static" if request.projection is None else "projected"
    widest = widest if request.tariffs is None else "full"
    # Another name is refused by what computes it, which knows them all.
    variant = cast(Variant, (request.variant or widest).strip().lower())
    for what, first in (("projection", 2), ("tariffs", 3), ("elasticities", 2)):
        if getattr(request, what) is not None and variant in VARIANTS[:first]:
            raise InputError("indicators.variant_ignores", variant=variant, what=what)
    if request.tariffs is not None and request.elasticities is None:
        raise InputError("indicators.tariffs_need_sigma")
    return variant


def potential_of(
    flows: pl.DataFrame, year: int, distances: pl.DataFrame, request: "IndicatorsRequest"
) -> Potential:
    """The export potential on the flows that other indicators were computed on.

    Args:
        flows: ``product``, ``exporter``, ``importer``, ``value_usd``.
        year: theirs.
        distances: of pairs of countries, where known.
        request: with the user's own tables for the wider variants: ``projection`` has ``country``,
            ``gdp`` and, where known, ``population``, ratios of the future over today; ``tariffs``
            ``product``, ``exporter``, ``importer``, ``rate`` (0.05 is 5 %); ``elasticities``
            ``product`` and ``sigma`` (of substitution), ``income`` (of imports per head to income
            per head), or both.

    Raises:
        InputError: as :func:`export_potential`, and where a table cannot be read.
        MissingDataError: ``indicators.empty_table``.
    """
    chosen = _variant_of(request)
    table = request.elasticities
    sigma, income = ({}, {}) if table is None else _elasticities(table)
    growth = None if request.projection is None else _projection(request.projection, income)
    duty = None if request.tariffs is None else DutyRates(_rates(request.tariffs), sigma)
    history = History.of(flows.with_columns(year=pl.lit(year, dtype=pl.Int32)), distances=distances)
    rows = _potential_rows(history, year, chosen, growth, duty)
    used = 0
    if duty is not None:
        keys = ("product", "exporter", "importer")
        paid = duty.rates.filter(pl.col("product").is_in(list(sigma)))
        used = rows.join(paid, on=keys, how="semi").height
    ratios = None if growth is None else _ends(growth.gdp.values())
    unlisted = 0 if growth is None else len(set(history.countries) - set(growth.gdp))
    levied = None if duty is None else _ends(duty.rates["rate"])
    return Potential(chosen, rows, not distances.is_empty(), ratios, unlisted, levied, used)


def _potential_rows(
    history: History, year: int, variant: Variant, growth: Projection | None, duty: DutyRates | None
) -> pl.DataFrame:
    names = np.array(history.countries)
    parts = []
    for cube, value in export_potential(history, year, variant, projection=growth, tariffs=duty):
        row, column = at = np.nonzero(cube.candidates)
        exporters, importers = names[cube.exporters[row]], names[cube.importers[column]]
        rows = pl.DataFrame({"exporter": exporters, "importer": importers})
        rows = rows.with_columns(value_usd=cube.base[at], epi=value[at])
        parts.append(rows.with_columns(product=pl.lit(cube.product)))
    untapped = (pl.col("epi") - pl.col("value_usd")).clip(lower_bound=0).alias("untapped")
    keys = ("exporter", "importer", "product")
    return pl.concat(parts).select(*keys, "value_usd", "epi", untapped)


def _ends(values: Iterable[float]) -> tuple[float, float]:
    numbers = list(values)
    return min(numbers), max(numbers)


def _read_table(
    table: pl.DataFrame,
    path: Path,
    keys: tuple[str, ...],
    needed: tuple[str, ...],
    free: tuple[str, ...] = (),
) -> pl.DataFrame:
    """Rows with their keys as codes and the rest as numbers; a free column may be absent."""
    for name in (*keys, *needed):
        column_of(table, path, name)
    if table.is_empty():
        raise MissingDataError("indicators.empty_table", where=Where(path))
    must_be_filled(table, path, *keys)
    table = table.with_columns(_codes(table, path, name).alias(name) for name in keys)
    for name in (*needed, *free):
        if name in table.columns:
            table = table.with_columns(numbers(table, path, name))
    must_be_filled(table, path, *needed)
    again = pl.struct(keys).is_duplicated() & ~pl.struct(keys).is_first_distinct()
    if at := first_row(table, again):
        keyed = " ".join(str(at[name]) for name in keys)
        raise InputError("gravity.duplicate", where=Where(path, at["row"]), keys=keyed)
    return table


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
    table = _read_table(*own_table(source), ("country",), ("gdp",), ("population",))
    for name in {"gdp", "population"} & set(table.columns):
        middle = median(table[name].drop_nulls().to_list() or [1.0])
        if 0 < middle < LEAST_GROWN or MOST_GROWN < middle < float("inf"):
            where = Where(own_table(source)[1], column=name)
            raise InputError("indicators.no_growth_factor", where=where, value=f"{middle:g}")
    return Projection(
        dict(table.select("country", "gdp").iter_rows()), _values_of(table, "population"), income
    )


def _elasticities(source: TableIn) -> tuple[dict[str, float], dict[str, float]]:
    given, path = own_table(source)
    table = _read_table(given, path, ("product",), (), ("sigma", "income"))
    if not {"sigma", "income"} & set(table.columns):
        column_of(table, path, "sigma")
    return _values_of(table, "sigma"), _values_of(table, "income")


def _values_of(table: pl.DataFrame, name: str) -> dict[str, float]:
    """Country or product → number, where there is one."""
    if name not in table.columns:
        return {}
    key = "country" if "country" in table.columns else "product"
    return dict(table.select(key, name).drop_nulls().iter_rows())


def _rates(source: TableIn) -> pl.DataFrame:
    """Rates as shares; those in per cent have its sign.

    Raises:
        InputError: ``equilibrium.huge_tariff``, ``errors.out_of_range``.
    """
    keys = ("product", "exporter", "importer")
    table, path = own_table(source)
    if "rate" in table.columns:
        table = rates(table, path, "rate")
        bare = table.filter(~pl.col("percent")).drop_nulls("rate")
        if at := first_row(bare, ~pl.col("rate").is_between(-1, LARGEST_TARIFF, closed="right")):
            check_rate(at["rate"], Where(path, at["row"], "rate"), LARGEST_TARIFF)
    return _read_table(table, path, keys, ("rate",)).select(*keys, "rate")


USUAL = ("eci", "fitness", "coi", "pci", "ubiquity")
SENSITIVE = ("eci", "fitness", "coi")
UNSETTLED = 1e-8
"""A step that would move a country's fitness by more is told."""
"""What exporters with hardly any trade disturb."""
KEYS = {
    "countries": ("country",),
    "products": ("product",),
    "pairs": ("country", "product"),
    PROXIMITY: ("product",),
    "potential": ("exporter", "importer", "product"),
}


@dataclass(frozen=True)
class IndicatorsRequest(TradeRequest):
    """Which indicators of a year's exports?

    Attributes:
        names: of ``NAMES``, also in one text with commas; the usual ones where empty.
        least_usd: exporters of less are left out before anything is computed.
        projection, tariffs, elasticities: see :func:`potential_of`.
    """

    names: Annotated[
        str | Sequence[str], Asked("indicators.help_names", word=True, kind=tuple[str, ...])
    ] = ()
    year: Annotated[int | None, Asked("gravity.help_year")] = None
    country: Annotated[Country | None, Asked("indicators.help_country")] = None
    product: Annotated[Product | None, Asked("indicators.help_product")] = None
    digits: Annotated[int | None, Asked("indicators.help_digits")] = None
    least_usd: Annotated[float, Asked("indicators.help_least")] = 0.0
    variant: Annotated[str | None, Asked("indicators.help_variant")] = None
    projection: Annotated[TableIn, Asked("indicators.help_projection")] = None
    tariffs: Annotated[TableIn, Asked("indicators.help_tariffs")] = None
    elasticities: Annotated[TableIn, Asked("indicators.help_elasticities")] = None
    top: Annotated[Top, Asked("market.help_top")] = 15


@dataclass(frozen=True)
class IndicatorsAnswer(Answer):
    """The indicators asked for.

    Attributes:
        computed: all that was computed on the year.
        tables: ``countries``, ``products``, ``pairs``, ``proximity``, ``potential``, as far as
            asked for: keys, ``value_usd`` and the indicators, the largest first.
        potential: what the export potential rests on.
        least_usd: as asked.
        top: rows to show.
    """

    computed: YearIndicators
    tables: dict[str, pl.DataFrame]
    potential: Potential | None
    least_usd: float
    top: int

    @property
    def table(self) -> Any:
        """The one table, for a file.

        Raises:
            InputError: ``indicators.one_table`` where there are several.
        """
        if len(self.tables) > 1:
            raise InputError("indicators.one_table", tables=join_list(self.tables))
        return self.as_given(next(iter(self.tables.values())))

    def data(self) -> dict[str, Any]:
        """The tables with the year and what was left out."""
        about = values_of(self.computed, "dataset", "year") | {"left_out": len(self.computed.small)}
        potential = values_of(self.potential, "variant", "corrected_by_tariffs=corrected") or {}
        return {**about, **potential, **as_data(self.tables)}


@question(IndicatorsRequest)
def indicators(request: IndicatorsRequest) -> IndicatorsAnswer:
    """The published indicators of a year's exports.

    RCA (Balassa 1965), complexity (Hausmann and Hidalgo 2009), fitness (Tacchella et al. 2012),
    relatedness, concentration, and the Export Potential Indicator (Decreux and Spies 2016).

    Raises:
        InputError: ``errors.unknown_name``, ``errors.out_of_range``, ``indicators.bad_digits``,
            ``indicators.proximity_needs_product``, ``indicators.needs_epi``,
            ``indicators.no_country``, ``indicators.no_product``, ``errors.out_of_range``, and as
            :func:`year_indicators` and :func:`potential_of`.
        MissingDataError: ``market.no_year``, ``indicators.no_trade``.

    >>> answer = indicators("eci,pci", year=2023)
    >>> list(answer.tables)
    ['countries', 'products']
    """
    names, country, product = chosen_names(request.names), request.country, request.product
    _check(request, names)
    warehouse, dataset, cautions = request.trade("", request.year)
    year = trade_year(warehouse, dataset, "", request.year)
    cautions += year_cautions(warehouse, dataset, "", year, request.year)
    sums = _export_sums(warehouse, dataset, year, request.digits)
    computed = year_indicators(sums, dataset, year, least_usd=request.least_usd, names=names)
    # With proximity the product says to what, and restricts no other table.
    only = None if PROXIMITY in names else product
    potential = None
    if EPI in names:
        flows = sums(("product", "exporter", "importer"), computed.small)
        potential = potential_of(flows, year, warehouse.table("distances"), request)
    tables = {
        name: near_product(computed, product or "")
        if name == PROXIMITY
        else _rows(computed, potential, mine, country, only)
        for name in TABLES
        if (mine := [indicator for indicator in names if table_of(indicator) == name])
    }
    least = request.least_usd
    told = (*_cautions(computed, potential, names, least), *cautions)
    return IndicatorsAnswer(computed, tables, potential, least, request.top, cautions=told)


complexity = indicators


def chosen_names(names: str | Sequence[str]) -> tuple[str, ...]:
    """The indicators asked for, however they are written: ``ECI,pci`` or ``ECI pci``.

    Raises:
        InputError: ``errors.unknown_name``.
    """
    text = names if isinstance(names, str) else ",".join(names)
    chosen = parts(text.lower())
    for name in chosen:
        if name not in NAMES:
            raise unknown_name(name, NAMES)
    return tuple(dict.fromkeys(chosen)) or USUAL


def _check(request: IndicatorsRequest, names: Sequence[str]) -> None:
    """Whether what was asked goes together."""
    must_be_within("--least-usd", request.least_usd, ge=0, lt=float("inf"))
    if request.digits is not None and request.digits not in (2, 4, 6):
        raise InputError("indicators.bad_digits", digits=request.digits)
    if PROXIMITY in names and request.product is None:
        raise InputError("indicators.proximity_needs_product")
    options = (request.variant, request.projection, request.tariffs, request.elasticities)
    if EPI not in names and any(option is not None for option in options):
        raise InputError("indicators.needs_epi")


def _export_sums(warehouse: Warehouse, dataset: str, year: int, digits: int | None) -> ExportSums:
    every = product_codes(warehouse, dataset)
    # none that has another one below it, and none shorter than asked for
    codes = [code for code in finest(every) if len(code) >= (digits or 0)]
    if not codes:
        raise InputError("indicators.bad_digits", digits=digits)
    some = None if len(codes) == len(every) else codes
    return lambda keys, without: export_sums(
        warehouse, dataset, year, keys, codes=some, digits=digits or 6,
        without=(*without, *nowhere()),
    )  # fmt: skip


def _rows(
    computed: YearIndicators,
    potential: Potential | None,
    names: Sequence[str],
    country: str | None,
    product: str | None,
) -> pl.DataFrame:
    """The rows and columns of one table's indicators, the largest first."""
    table = table_of(names[0])
    rows: pl.DataFrame = (
        potential.rows
        if table == "potential" and potential is not None
        else getattr(computed, table)
    )
    if country is not None:
        if country not in computed.countries["country"]:
            raise InputError("indicators.no_country", country=country, year=computed.year)
        column = next((key for key in ("country", "exporter") if key in rows.columns), None)
        rows = rows if column is None else rows.filter(pl.col(column) == country)
    if product is not None:
        check_product(computed, product)
        if "product" in rows.columns:
            rows = rows.filter(pl.col("product") == product)
    more = ("untapped",) if table == "potential" else ()
    keys = KEYS[table]
    return rows.select(*keys, "value_usd", *names, *more).sort(
        names[0], *keys, descending=[True, *[False] * len(keys)], nulls_last=True
    )


def _cautions(
    computed: YearIndicators, potential: Potential | None, names: Sequence[str], least_usd: float
) -> list[Caution]:
    result: list[Caution] = []
    if potential is not None and not potential.distances and potential.variant != "identity":
        result.append(Caution("indicators.potential_no_distances"))
    if computed.small:
        count, least = str(len(computed.small)), fixed_decimals(least_usd, 0)
        result.append(Caution("indicators.left_out", {"count": count, "least": least}))
    elif not least_usd and not set(SENSITIVE).isdisjoint(names):
        result.append(Caution("indicators.small_first"))
    asked = not {"fitness", "product_fitness"}.isdisjoint(names)
    if asked and (moves := fitness_moves(computed)) > UNSETTLED:
        result.append(Caution("indicators.fitness_moves", {"change": f"{moves:.1g}"}))
    return result


LEAST_GROWN, MOST_GROWN = 0.5, 4.0
"""The future over today of the middle country: a growth of 0.1, or GDP itself, is neither."""
