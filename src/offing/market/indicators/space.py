"""RCA to COG in one call, from a table to tables.

RCA is that of Balassa (1965), "Trade liberalisation and 'revealed' comparative advantage", The
Manchester School 33(2): a product's share in a country's exports over its share in world exports.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from offing.estimators.one_thread import one_thread
from offing.market.indicators.complexity import complexity, fitness, unknown_complexity
from offing.market.indicators.relatedness import Neighbours, density, outlook_gain, outlook_index
from offing.terms.errors import MissingDataError

Floats = NDArray[np.float64]
Bits = NDArray[np.bool_]


@dataclass(frozen=True)
class Exports:
    """Exports of a year.

    Attributes:
        countries: codes in order, C of them.
        products: codes in order, P of them.
        value: ``(C, P)``, in any one unit of money, none below 0.
    """

    countries: tuple[str, ...]
    products: tuple[str, ...]
    value: Floats

    @classmethod
    def of(cls, table: pl.DataFrame) -> "Exports":
        """The matrix of a table.

        Countries and products without any trade are left out: no share can be taken of nothing.

        Args:
            table: ``country``, ``product``, ``value``; missing pairs are zeros, rows that repeat a
                pair are added up.

        Raises:
            MissingDataError: ``indicators.no_trade`` where nothing is left.
        """
        value = pl.col("value").cast(pl.Float64)
        some = table if table.select((value > 0).all()).item() else table.filter(value > 0)
        if some.is_empty():
            raise MissingDataError("indicators.no_trade")

        def encode_side(side: str) -> tuple[pl.Series, NDArray[np.intp]]:
            # The texts are looked at once; what is sorted are the few that differ.
            code = some[side].cast(pl.String).cast(pl.Categorical).to_physical().to_numpy()
            row = np.full(int(code.max()) + 1, -1)
            row[code] = np.arange(len(code))
            different = np.flatnonzero(row >= 0)
            names = some[side].cast(pl.String).gather(row[different])
            order = names.arg_sort().to_numpy()
            row[different[order]] = np.arange(len(order))
            return names.gather(order), row[code]

        with ThreadPoolExecutor(2) as pool:
            codes, at = zip(*pool.map(encode_side, ("country", "product")), strict=True)
        shape = len(codes[0]), len(codes[1])
        at[0][:] *= shape[1]
        at[0][:] += at[1]
        amount = some["value"].cast(pl.Float64).to_numpy()
        matrix = np.bincount(at[0], amount, shape[0] * shape[1]).astype(np.float64, copy=False)
        countries, products = (tuple(names.to_list()) for names in codes)
        return cls(countries, products, matrix.reshape(shape))


def rca(value: Floats) -> Floats:
    """``(X_cp / X_c) / (X_p / X)``.

    Args:
        value: exports ``(C, P)``, none below 0; see :class:`offing.market.indicators.space`.

    Returns:
        ``(C, P)``; not a number for a country or product without any trade.

    >>> rca(np.array([[2.0, 0.0], [1.0, 1.0]]))
    array([[1.33333333, 0.        ],
           [0.66666667, 2.        ]])
    """
    # In shares of the whole, so that values of any size stay within the range of a float.
    share = value / value.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        own: Floats = share / share.sum(axis=1, keepdims=True)
        own /= share.sum(axis=0)
    return own


def has_advantage(value: Floats, threshold: float = 1.0) -> Bits:
    """Where RCA is at least ``threshold``: the matrix M of complexity and relatedness."""
    return rca(value) >= threshold


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
        eigen = complexity(m) if complexities else unknown_complexity(m)
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
