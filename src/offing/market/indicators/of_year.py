"""The published indicators of a year's exports, in four tables; and how concentrated trade is.

HHI: Hirschman (1964), "The paternity of an index", AER 54(5). Theil (1967), "Economics and
Information Theory"; its parts as in Cadot, Carrère and Strauss-Kahn (2011), "Export
diversification: what's behind the hump?", Review of Economics and Statistics 93(2).
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from math import fsum

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from offing.market.indicators.space import product_space
from offing.terms.errors import InputError, MissingDataError
from offing.terms.frames import exact_sum
from offing.terms.messages import join_list

Floats = NDArray[np.float64]


def _shares(values: ArrayLike) -> Floats:
    amounts = np.asarray(values, dtype=np.float64).ravel()
    if not amounts.any():
        raise MissingDataError("indicators.no_trade")
    amounts = amounts / amounts.max()
    return np.asarray(amounts / amounts.sum())


def hhi(values: ArrayLike) -> float:
    """Sum of squared shares: 1/n for n equal lines, 1 for a single one.

    Raises:
        MissingDataError: ``indicators.no_trade`` where all are 0 or there is none.

    >>> hhi([1, 1, 1, 1])
    0.25
    """
    return float((_shares(values) ** 2).sum())


def normalised_hhi(values: ArrayLike) -> float:
    """``(HHI − 1/n) / (1 − 1/n)``: 0 for equal lines, 1 for a single one that trades.

    Lines with 0 count in n. One line alone is as concentrated as can be: 1.
    """
    count = np.size(values)
    index = hhi(values)
    return 1.0 if count == 1 else max(0.0, (index - 1 / count) / (1 - 1 / count))


def theil(values: ArrayLike) -> float:
    """``(1/n) Σ (x/μ) ln(x/μ)``: 0 for equal lines, ln n for a single one that trades.

    >>> bool(abs(theil([1, 0, 0]) - np.log(3)) < 1e-12)
    True
    """
    share = _shares(values)
    some = share[share > 0]
    return float((some * np.log(some * len(share))).sum())


def theil_by(values: ArrayLike, groups: Sequence[object]) -> tuple[float, float, float]:
    """Theil's index, and its inequality within groups and between them, which add up to it.

    Args:
        values: one for each line, none below 0.
        groups: the group of each line, such as its section or its market.

    Raises:
        MissingDataError: as :func:`hhi`.
    """
    share = _shares(values)
    _, at = np.unique(np.array([str(group) for group in groups]), return_inverse=True)
    weight, lines = np.bincount(at, share), np.bincount(at)
    some = weight > 0
    between = float((weight[some] * np.log(weight[some] * len(share) / lines[some])).sum())
    within = fsum(float(weight[group]) * theil(share[at == group]) for group in np.nonzero(some)[0])
    return theil(share), within, between


def theil_by_margin(values: ArrayLike) -> tuple[float, float, float]:
    """Theil's index with lines that trade and lines that do not as the two groups.

    Between is the extensive margin ``ln(n / n1)``, n1 lines of n trading; within the intensive.
    """
    amounts = np.asarray(values, dtype=np.float64).ravel()
    return theil_by(amounts, [bool(value > 0) for value in amounts])


OF_COUNTRIES = (
    "eci", "fitness", "coi", "diversity",
    "hhi", "hhi_normalised", "theil", "theil_extensive", "theil_intensive", "hhi_markets",
)  # fmt: skip
OF_PRODUCTS = ("pci", "product_fitness", "ubiquity", "hhi_exporters", "hhi_importers")
OF_PAIRS = ("rca", "density", "cog")
PROXIMITY = "proximity"
EPI = "epi"
NAMES = (*OF_COUNTRIES, *OF_PRODUCTS, *OF_PAIRS, PROXIMITY, EPI)
OF_COMPLEXITY = ("eci", "coi", "pci", "cog")
"""What needs three countries and two products at least, linked with one another."""
TABLES = ("countries", "products", "pairs", PROXIMITY, "potential")


ExportSums = Callable[[Sequence[str], Collection[str]], pl.DataFrame]
"""Gives the sums of a year's flows, ``value_usd``, by some of ``product``, ``exporter`` and
``importer``, without some exporters: a year need not be in memory."""


@dataclass(frozen=True)
class YearIndicators:
    """Indicators of a year's exports; null where one is not defined.

    Attributes:
        dataset: the trade data set.
        year: of the flows.
        countries: ``country``, ``value_usd`` and ``OF_COUNTRIES``.
        products: ``product``, ``value_usd`` and ``OF_PRODUCTS``.
        pairs: ``country``, ``product``, ``value_usd``, ``advantage`` and ``OF_PAIRS``.
        small: exporters below ``least_usd``, left out.
    """

    dataset: str
    year: int
    countries: pl.DataFrame
    products: pl.DataFrame
    pairs: pl.DataFrame
    small: tuple[str, ...]


def _sums_of(flows: pl.DataFrame) -> ExportSums:
    return lambda keys, without: (
        flows.filter(~pl.col("exporter").is_in(list(without))).group_by(keys).agg(exact_sum())
    )


def year_indicators(
    flows: pl.DataFrame | ExportSums,
    dataset: str,
    year: int,
    *,
    least_usd: float = 0.0,
    names: Sequence[str] = NAMES,
) -> YearIndicators:
    """The indicators of a year's exports.

    Args:
        flows: ``product``, ``exporter``, ``importer``, ``value_usd`` above zero, each once; or
            what gives their sums.
        dataset: where they are from.
        year: theirs.
        least_usd: exporters of less are left out before anything is computed, as the Atlas of
            Economic Complexity does (1 billion USD).
        names: what is wanted; without one of ``OF_COMPLEXITY`` these are null, and nothing fails
            for want of countries or products.

    Raises:
        InputError: as :func:`product_space`.
        MissingDataError: ``indicators.no_trade``.
    """
    sums = _sums_of(flows) if isinstance(flows, pl.DataFrame) else flows
    exports = sums(["exporter"], ())
    small = tuple(exports.filter(pl.col("value_usd") < least_usd)["exporter"].sort())
    if len(small) == exports.height:
        raise MissingDataError("indicators.no_trade")
    table = sums(["exporter", "product"], small).rename(
        {"exporter": "country", "value_usd": "value"}
    )
    by_country, by_product, by_pair = product_space(
        table, complexities=not set(names).isdisjoint(OF_COMPLEXITY)
    )
    text = pl.col("country", "product").cast(pl.String)
    pairs = by_pair.with_columns(text).rename({"value": "value_usd"})
    countries = (
        by_country.join(_exporter_concentration(pairs), on="country", how="left")
        .join(_concentration(sums, small, "country", "importer", "hhi_markets"), on="country")
        .select("country", "value_usd", *OF_COUNTRIES)
        .sort("country")
    )
    products = (
        by_product.rename({"fitness": "product_fitness"})
        .join(sums(["product"], small), on="product", how="left")
        .join(_concentration(sums, small, "product", "exporter", "hhi_exporters"), on="product")
        .join(_concentration(sums, small, "product", "importer", "hhi_importers"), on="product")
        .select("product", "value_usd", *OF_PRODUCTS)
        .sort("product")
    )
    pairs = pairs.select("country", "product", "value_usd", "advantage", *OF_PAIRS)
    return YearIndicators(dataset, year, countries, products, pairs, small)


def _exporter_concentration(pairs: pl.DataFrame) -> pl.DataFrame:
    """Concentration over products, all that anyone exports."""
    rows = []
    for (country,), mine in pairs.group_by("country", maintain_order=True):
        value = mine["value_usd"].to_numpy()
        whole, within, between = theil_by_margin(value)
        herfindahl = hhi(value), normalised_hhi(value)
        rows.append((country, float(value.sum()), *herfindahl, whole, between, within))
    named = ("country", "value_usd", "hhi", "hhi_normalised",
             "theil", "theil_extensive", "theil_intensive")  # fmt: skip
    return pl.DataFrame(rows, named, orient="row")


def _concentration(
    sums: ExportSums, small: Collection[str], of: str, over: str, name: str
) -> pl.DataFrame:
    """The HHI of each ``of`` over the ``over`` it trades with."""
    key = "exporter" if of == "country" else of
    share = pl.col("value_usd") / pl.col("value_usd").sum()
    return (
        sums([key, over], small)
        .sort(key, over)
        .group_by(pl.col(key).alias(of))
        .agg((share**2).sum().alias(name))
    )


def check_product(computed: YearIndicators, product: str) -> None:
    """Refuse a code that the year's exports do not have (``indicators.no_product``)."""
    codes = computed.products["product"]
    if product not in codes:
        digits = join_list(map(str, sorted(set(codes.str.len_chars()))))
        raise InputError(
            "indicators.no_product", product=product, year=computed.year, digits=digits
        )


def _advantages(computed: YearIndicators) -> NDArray[np.bool_]:
    ordered = computed.pairs.sort("country", "product")["advantage"].to_numpy()
    return np.asarray(ordered.reshape(-1, computed.products.height))


def fitness_moves(computed: YearIndicators) -> float:
    """By how much one more step would move the fitness of a country, at most."""
    new = _advantages(computed) @ computed.products["product_fitness"].fill_null(0.0).to_numpy()
    moved = new / new[new > 0].mean() - computed.countries["fitness"].to_numpy()
    return float(np.abs(moved).max())


def near_product(computed: YearIndicators, product: str) -> pl.DataFrame:
    """The other products by their proximity to one, the nearest first.

    Returns:
        ``product``, ``value_usd``, ``proximity``.

    Raises:
        InputError: ``indicators.no_product``.
    """
    check_product(computed, product)
    codes, m = computed.products["product"].to_list(), _advantages(computed)
    own = m[:, codes.index(product)]
    larger = np.maximum(m.sum(axis=0), own.sum()).clip(min=1)
    return (
        computed.products.select("product", "value_usd")
        .with_columns(pl.Series(PROXIMITY, (m & own[:, None]).sum(axis=0) / larger))
        .filter(pl.col("product") != product)
        .sort(PROXIMITY, "product", descending=[True, False])
    )


def table_of(name: str) -> str:
    """Which of ``TABLES`` an indicator stands in."""
    if name == PROXIMITY:
        return PROXIMITY
    if name == EPI:
        return "potential"
    return "countries" if name in OF_COUNTRIES else "products" if name in OF_PRODUCTS else "pairs"
