"""RCA to COG in one call, from a table to tables."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl

from offing.estimators.one_thread import one_thread
from offing.market.indicators.complexity import complexity, fitness, unknown
from offing.market.indicators.exports import Exports
from offing.market.indicators.rca import rca
from offing.market.indicators.relatedness import Neighbours, density, outlook_gain, outlook_index


@dataclass(frozen=True)
class ProductSpace:
    """The published indicators of a year.

    Attributes:
        countries: ``country``, ``diversity``, ``eci``, ``fitness``, ``coi``.
        products: ``product``, ``ubiquity``, ``pci``, ``fitness`` (of the product).
        pairs: ``country``, ``product``, ``value``, ``rca``, ``advantage``, ``density``, ``cog``:
            every country with every product.
        eigenvalue: see :class:`offing.market.indicators.complexity.Complexity`.
    """

    countries: pl.DataFrame
    products: pl.DataFrame
    pairs: pl.DataFrame
    eigenvalue: float


def product_space(table: pl.DataFrame, *, complexities: bool = True) -> ProductSpace:
    """Every indicator of a year's exports.

    Small exporters top every list of complexity: leave out those that trade little beforehand, as
    the Atlas does (below 1 million people or 1 billion USD).

    Args:
        table: ``country``, ``product``, ``value``.
        complexities: whether ECI, PCI, COI and COG are wanted; else they are null, and data with
            too few countries or products for them will do.

    Raises:
        InputError: as :meth:`Exports.of` and :func:`complexity`.
        MissingDataError: as :meth:`Exports.of`.
    """
    exports = Exports.of(table)
    advantage = rca(exports.value)
    m = advantage >= 1

    # One thread each: the products of small matrices lose more than they gain by sharing.
    with one_thread(), ThreadPoolExecutor(1) as beside:
        neighbours = Neighbours.of(m)
        closeness = beside.submit(density, m, neighbours)
        named, fitted = beside.submit(_names, exports), beside.submit(fitness, m)
        eigen = complexity(m) if complexities else unknown(m)
        gain = outlook_gain(m, eigen.pci, neighbours) if complexities else np.full(m.shape, np.nan)
        near, (country, product), fit = closeness.result(), named.result(), fitted.result()
    countries = {
        "country": exports.countries,
        "diversity": m.sum(axis=1),
        "eci": eigen.eci,
        "fitness": fit.fitness,
        "coi": outlook_index(m, near, eigen.pci) if complexities else eigen.eci,
    }
    products = {
        "product": exports.products,
        "ubiquity": m.sum(axis=0),
        "pci": eigen.pci,
        "fitness": fit.product,
    }
    pairs = {
        "country": country,
        "product": product,
        "value": exports.value.ravel(),
        "rca": advantage.ravel(),
        "advantage": m.ravel(),
        "density": near.ravel(),
        "cog": gain.ravel(),
    }
    of_countries, of_products, of_pairs = (
        pl.DataFrame(table).with_columns(pl.col(pl.Float64).fill_nan(None))
        for table in (countries, products, pairs)
    )
    return ProductSpace(of_countries, of_products, of_pairs, eigen.eigenvalue)


def _names(exports: Exports) -> list[pl.Series]:
    """Country and product of every pair."""
    c, p = exports.value.shape
    rows, columns = (np.arange(n, dtype=np.uint32) for n in (c, p))
    places = np.repeat(rows, p), np.tile(columns, c)
    return [
        pl.Series(codes, dtype=pl.Enum(codes)).gather(pl.Series(at))
        for codes, at in zip((exports.countries, exports.products), places, strict=True)
    ]
