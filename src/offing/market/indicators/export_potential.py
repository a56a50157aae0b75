"""ITC's Export Potential Indicator, with each of its corrections, and named variants of it.

Decreux and Spies (2016), "Export Potential Assessments", International Trade Centre; the formula as
ITC's users write it down (METHODS.md 1.1)::

    EPI_ijk = supply_ik · demand_ijk · ease_ijk

    supply_ik  = v_ik ΔY_i / Σ_i' v_i'k ΔY_i' · min(1, x_ik / m_ik) · [(1 + t_ik) / (1 + t_k)]^σ
    demand_ijk = v_jk · (ΔY_j / ΔN_j)^ε · ΔN_j · [(1 + t_jk) / (1 + t_ijk)]^σ
    ease_ijk   = exp(-|usual log distance of j's suppliers - log distance of i and j|)
                 · v_ij / Σ_k' (v_ik' / v_k') v_jk'

v trade, x exports and m imports of the product, ΔY and ΔN the ratios of GDP and population to come
over those of today, ε the elasticity of imports per head to GDP per head. Tariffs: t_ijk is what i
pays in j, t_jk the mean of j's suppliers (by their world exports of k), t_ik what i pays on average
(by the markets' imports of k), t_k the world's mean of that. σ is the product's elasticity of
substitution.

=============  ==========  ========  ==========  =======
variant        re-exports  distance  projection  tariffs
=============  ==========  ========  ==========  =======
``identity``   no          no        no          no
``static``     yes         yes       no          no
``projected``  yes         yes       yes         no
``full``       yes         yes       yes         yes
=============  ==========  ========  ==========  =======

With ``identity``, ``Σ_k EPI_ijk = v_ij`` exactly. Versions of the indicator put the distance with
demand instead of ease; the product of the three is the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import polars as pl

from offing.estimators import TINY
from offing.market.history import Array, Codes, Cube, History
from offing.terms.errors import InputError, must_be_within, unknown_name

Variant = Literal["identity", "static", "projected", "full"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)


@dataclass(frozen=True)
class Projection:
    """What is expected of countries, as ratios of the future over today: 1.1 is 10 % more.

    A country that is not listed keeps its size (1). ``elasticity`` is of imports per head to GDP
    per head, by product; 1 where not listed.
    """

    gdp: Mapping[str, float]
    population: Mapping[str, float]
    elasticity: Mapping[str, float]


@dataclass(frozen=True)
class DutyRates:
    """Tariffs that exporters face.

    Attributes:
        rates: ``product``, ``exporter``, ``importer``, ``rate`` (0.05 is 5 %). A pair that is not
            listed is not corrected, and counts in no mean.
        sigma: product → elasticity of substitution, above 0; a product that is not listed is not
            corrected.
    """

    rates: pl.DataFrame
    sigma: Mapping[str, float]


def export_potential(
    history: History,
    base_year: int,
    variant: Variant = "static",
    *,
    projection: Projection | None = None,
    tariffs: DutyRates | None = None,
) -> Iterator[tuple[Cube, Array]]:
    """Each product with its EPI, exporter × importer, USD.

    Args:
        history: flows; nothing later than ``base_year`` is looked at.
        base_year: of the flows.
        variant: see the module.
        projection: for ``projected`` and ``full``.
        tariffs: for ``full``.

    Raises:
        InputError: ``errors.unknown_name``, ``indicators.variant_needs`` where the variant's
            data are missing, ``errors.out_of_range`` where a ratio, rate or elasticity is not
            finite or below what it can be.
    """
    if variant not in VARIANTS:
        raise unknown_name(variant, VARIANTS)
    past = history.until(base_year)
    if variant not in ("projected", "full"):
        return _potential(past, base_year, variant, None, None)
    if projection is None:
        raise InputError("indicators.variant_needs", variant=variant, what="projection")
    rates = None
    if variant == "full":
        if tariffs is None:
            raise InputError("indicators.variant_needs", variant=variant, what="tariffs")
        rates = _Rates(history, tariffs)
    for series in (projection.gdp, projection.population, projection.elasticity):
        _refuse(series, least=0.0)
    return _potential(past, base_year, variant, projection, rates)


def _potential(
    past: History,
    base_year: int,
    variant: Variant,
    projection: Projection | None,
    rates: "_Rates | None",
) -> Iterator[tuple[Cube, Array]]:
    size = len(past.countries)
    complement = np.zeros((size, size))
    for cube in past.cubes(base_year, []):
        at = np.ix_(cube.exporters, cube.importers)
        complement[at] += np.where(cube.candidates, _proportional(cube), 0.0)
    actual = past.pairs(base_year).value
    ease = np.divide(actual, complement, out=np.zeros_like(actual), where=complement > 0)
    near = past.nearness
    for cube in past.cubes(base_year, []):
        at = np.ix_(cube.exporters, cube.importers)
        value = _proportional(cube) * ease[at]
        if variant != "identity":
            value = value * _own_production(cube)
            if near is not None:
                value = value * _nearness(cube, np.log(near.km[at]))
        if projection is not None:
            value = value * _project_shares(cube, past, projection)
        if rates is not None:
            value = value * rates.correction(cube)
        yield cube, np.where(cube.candidates, value, 0.0)


def _proportional(cube: Cube) -> Array:
    base = cube.base
    return np.asarray(base.sum(1, keepdims=True) * base.sum(0, keepdims=True) / base.sum())


def _own_production(cube: Cube) -> Array:
    """``min(1, exports / imports)``: who imports more than it exports re-exports in part."""
    exports, imports = cube.base.sum(1), np.zeros(len(cube.exporters))
    position = np.searchsorted(cube.importers, cube.exporters).clip(max=len(cube.importers) - 1)
    also = cube.importers[position] == cube.exporters
    imports[also] = cube.base.sum(0)[position[also]]
    share = np.divide(exports, imports, out=np.ones_like(exports), where=imports > 0)
    return np.asarray(np.minimum(1.0, share)[:, None])


def _nearness(cube: Cube, log_km: Array) -> Array:
    """At most 1: how much farther (or nearer) than j's usual suppliers; 1 where not known."""
    measured = np.isfinite(log_km)
    weight = np.where(measured, cube.base, 0.0)
    total = weight.sum(0)
    weighted = (weight * np.where(measured, log_km, 0.0)).sum(0)
    usual = np.divide(weighted, total, out=np.full_like(total, np.nan), where=total > 0)
    return np.asarray(np.exp(-np.nan_to_num(np.abs(usual[None, :] - log_km))))


def _project_shares(cube: Cube, past: History, projection: Projection) -> Array:
    """Shares move with GDP, markets with people and with income per head."""

    def ratios(of: Mapping[str, float], places: Codes) -> Array:
        return np.array([of.get(past.countries[index], 1.0) for index in places])

    exports = cube.base.sum(1)
    growth = ratios(projection.gdp, cube.exporters)
    share = growth * exports.sum() / (exports * growth).sum()
    people = ratios(projection.population, cube.importers)
    head = ratios(projection.gdp, cube.importers) / people
    demand = head ** projection.elasticity.get(cube.product, 1.0) * people
    return np.asarray(share[:, None] * demand[None, :])


class _Rates:
    """Tariffs by product, as matrices over the history's countries."""

    def __init__(self, history: History, tariffs: DutyRates) -> None:
        _refuse(tariffs.sigma, least=0.0)
        rate = tariffs.rates["rate"].cast(pl.Float64)
        bad = tariffs.rates.filter(~(rate.is_finite() & (rate >= 0)).fill_null(False))
        if bad.height:
            row = bad.row(0, named=True)
            name = f"{row['product']} {row['exporter']} {row['importer']}"
            must_be_within(name, row["rate"], ge=0, lt=np.inf)
        self.sigma = tariffs.sigma
        self.index = history.index
        self.rows_by_product = tariffs.rates.partition_by("product", as_dict=True)

    def correction(self, cube: Cube) -> Array:
        """Both tariff ratios to the power of σ; 1 where a tariff is not known."""
        rows, sigma = self.rows_by_product.get((cube.product,)), self.sigma.get(cube.product)
        if rows is None or sigma is None:
            return np.ones(cube.base.shape)
        whole = np.full((len(self.index),) * 2, np.nan)
        for exporter, importer, rate in rows.select("exporter", "importer", "rate").iter_rows():
            if exporter in self.index and importer in self.index:
                whole[self.index[exporter], self.index[importer]] = rate
        paid = whole[np.ix_(cube.exporters, cube.importers)]
        rated = np.isfinite(paid) & cube.candidates
        filled = np.where(rated, paid, 0.0)
        supply, market = cube.base.sum(1, keepdims=True), cube.base.sum(0, keepdims=True)

        def mean(weight: Array, axis: int) -> Array:
            total = np.where(rated, weight, 0.0).sum(axis, keepdims=True)
            sums = (weight * filled).sum(axis, keepdims=True)
            weighted = np.divide(sums, total, out=np.full(total.shape, np.nan), where=total > 0)
            return np.asarray(weighted)

        in_market = mean(np.broadcast_to(supply, paid.shape), 0)
        of_exporter = mean(np.broadcast_to(market, paid.shape), 1)
        some = np.isfinite(of_exporter)
        world = (supply * np.nan_to_num(of_exporter)).sum() / max((supply * some).sum(), TINY)
        own = (1 + of_exporter) / (1 + world)
        there = (1 + in_market) / (1 + paid)
        return np.asarray(np.where(rated, np.nan_to_num(own * there, nan=1.0) ** sigma, 1.0))


def _refuse(values: Mapping[str, float], least: float) -> None:
    for name, value in values.items():
        must_be_within(name, value, gt=least, lt=np.inf)
