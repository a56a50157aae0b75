"""RCA, complexity, relatedness, concentration and export potential of what is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import polars as pl

from offing.api.asking import Answer, Asked, TableIn, TradeRequest, parts, question
from offing.api.export_potential import Potential, Tables, potential_of
from offing.forecast.ranking import trade_year
from offing.market.indicators.of_year import (
    EPI,
    NAMES,
    PROXIMITY,
    TABLES,
    Indicators,
    check_product,
    near_product,
    of_year,
    table_of,
)
from offing.terms.caution import Caution
from offing.terms.countries import country_code
from offing.terms.errors import InputError
from offing.terms.hs import product_code
from offing.terms.messages import enumerated
from offing.terms.nearest import meant
from offing.terms.numbers import fixed
from offing.terms.sums import added
from offing.warehouse import Warehouse
from offing.warehouse.trade import flows_below, product_codes

USUAL = ("eci", "fitness", "coi", "pci", "ubiquity")
SENSITIVE = ("eci", "fitness", "coi")
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
        projection, tariffs, elasticities: see :class:`offing.api.export_potential.Tables`.
    """

    names: Annotated[
        str | Sequence[str], Asked("indicators.help_names", word=True, kind=tuple[str, ...])
    ] = ()
    year: Annotated[int | None, Asked("gravity.help_year")] = None
    country: Annotated[str | None, Asked("indicators.help_country")] = None
    product: Annotated[str | None, Asked("indicators.help_product")] = None
    digits: Annotated[int | None, Asked("indicators.help_digits")] = None
    least_usd: Annotated[float, Asked("indicators.help_least")] = 0.0
    variant: Annotated[str | None, Asked("indicators.help_variant")] = None
    projection: Annotated[TableIn, Asked("indicators.help_projection", kind=Path | None)] = None
    tariffs: Annotated[TableIn, Asked("indicators.help_tariffs", kind=Path | None)] = None
    elasticities: Annotated[TableIn, Asked("indicators.help_elasticities", kind=Path | None)] = None
    top: Annotated[int, Asked("market.help_top")] = 15


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

    computed: Indicators
    tables: dict[str, pl.DataFrame]
    potential: Potential | None
    least_usd: float
    top: int
    cautions: tuple[Caution, ...]

    @property
    def table(self) -> Any:
        """The one table, for a file.

        Raises:
            InputError: ``indicators.one_table`` where there are several.
        """
        if len(self.tables) > 1:
            raise InputError("indicators.one_table", tables=enumerated(self.tables))
        return self.as_given(next(iter(self.tables.values())))

    def data(self) -> dict[str, Any]:
        """The tables with the year and what was left out."""
        about: dict[str, Any] = {
            "dataset": self.computed.dataset,
            "year": self.computed.year,
            "left_out": self.computed.left_out,
        }
        if self.potential is not None:
            about["variant"] = self.potential.variant
            about["corrected_by_tariffs"] = self.potential.corrected
        return about | {name: rows.to_dicts() for name, rows in self.tables.items()}


@question(IndicatorsRequest)
def indicators(request: IndicatorsRequest) -> IndicatorsAnswer:
    """The published indicators of a year's exports.

    RCA (Balassa 1965), complexity (Hausmann and Hidalgo 2009), fitness (Tacchella et al. 2012),
    relatedness, concentration, and the Export Potential Indicator (Decreux and Spies 2016).

    Raises:
        InputError: ``indicators.unknown``, ``indicators.bad_least``, ``indicators.bad_digits``,
            ``indicators.proximity_needs_product``, ``indicators.needs_epi``,
            ``indicators.no_country``, ``indicators.no_product``, ``market.bad_top``, and as
            :func:`of_year` and :func:`potential_of`.
        MissingDataError: ``market.no_year``, ``indicators.no_trade``.

    >>> answer = indicators("eci,pci", year=2023)
    >>> list(answer.tables)
    ['countries', 'products']
    """
    names = chosen_names(request.names)
    _check(request, names)
    country = None if request.country is None else country_code(request.country)
    product = None if request.product is None else product_code(request.product)
    warehouse, dataset, cautions = request.trade("", request.year)
    year = trade_year(warehouse, dataset, "", request.year)
    flows = _flows(warehouse, dataset, year, request.digits)
    computed = of_year(flows, dataset, year, least_usd=request.least_usd, names=names)
    # With proximity the product says to what, and restricts no other table.
    only = None if PROXIMITY in names else product
    potential = None
    if EPI in names:
        tables = Tables(request.projection, request.tariffs, request.elasticities)
        distances = warehouse.table("distances")
        potential = potential_of(computed.flows, year, distances, request.variant, tables)
    return IndicatorsAnswer(
        computed,
        {
            name: near_product(computed, product or "")
            if name == PROXIMITY
            else _rows(computed, potential, mine, country, only)
            for name in TABLES
            if (mine := [indicator for indicator in names if table_of(indicator) == name])
        },
        potential,
        request.least_usd,
        request.top,
        (*_cautions(computed, potential, names, request.least_usd), *cautions),
    )


complexity = indicators


def chosen_names(names: str | Sequence[str]) -> tuple[str, ...]:
    """The indicators asked for, however they are written: ``ECI,pci`` or ``ECI pci``.

    Raises:
        InputError: ``indicators.unknown``.
    """
    text = names if isinstance(names, str) else ",".join(names)
    chosen = parts(text.lower())
    for name in chosen:
        if name not in NAMES:
            near = meant(name, NAMES)
            raise InputError("indicators.unknown", text=name, near=near, all=enumerated(NAMES))
    return tuple(dict.fromkeys(chosen)) or USUAL


def _check(request: IndicatorsRequest, names: Sequence[str]) -> None:
    """Whether what was asked goes together."""
    if request.top < 1:
        raise InputError("market.bad_top", text=request.top)
    if not 0 <= request.least_usd < float("inf"):
        raise InputError("indicators.bad_least", text=request.least_usd)
    if request.digits is not None and request.digits not in (2, 4, 6):
        raise InputError("indicators.bad_digits", digits=request.digits)
    if PROXIMITY in names and request.product is None:
        raise InputError("indicators.proximity_needs_product")
    options = (request.variant, request.projection, request.tariffs, request.elasticities)
    if EPI not in names and any(option is not None for option in options):
        raise InputError("indicators.needs_epi")


def _flows(warehouse: Warehouse, dataset: str, year: int, digits: int | None) -> pl.DataFrame:
    keys = ("product", "exporter", "importer")
    return (
        flows_below(warehouse, dataset, year=year, columns=(*keys, "value_usd"))
        .lazy()
        .filter(
            pl.col("value_usd") > 0,
            pl.col("exporter") != pl.col("importer"),
            pl.col("product").is_in(_finest(product_codes(warehouse, dataset), digits)),
        )
        .with_columns(pl.col("product").str.head(digits or 6))
        .group_by(keys)
        .agg(added())
        .sort(keys)
        .collect()
    )


def _finest(codes: Sequence[str], digits: int | None) -> list[str]:
    """Codes to add up: none that has another one below it, and none shorter than asked for."""
    parents = {code[:length] for code in codes for length in range(2, len(code))}
    finest = [code for code in codes if code not in parents and len(code) >= (digits or 0)]
    if not finest:
        raise InputError("indicators.bad_digits", digits=digits)
    return finest


def _rows(
    computed: Indicators,
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
    computed: Indicators, potential: Potential | None, names: Sequence[str], least_usd: float
) -> list[Caution]:
    result: list[Caution] = []
    if potential is not None and not potential.distances and potential.variant != "identity":
        result.append(Caution("indicators.potential_no_distances"))
    if computed.left_out:
        count, least = str(computed.left_out), fixed(least_usd, 0)
        result.append(Caution("indicators.left_out", {"count": count, "least": least}))
    elif not least_usd and not set(SENSITIVE).isdisjoint(names):
        result.append(Caution("indicators.small_first"))
    return result
