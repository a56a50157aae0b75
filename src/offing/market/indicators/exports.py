"""Exports of countries by product as a matrix: what RCA, complexity and relatedness start from."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from offing.terms.errors import InputError, MissingDataError

Floats = NDArray[np.float64]


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
            InputError: ``indicators.bad_value`` for a value that is missing, negative or not
                finite.
            MissingDataError: ``indicators.no_trade`` where nothing is left.
        """
        value = pl.col("value").cast(pl.Float64)
        good = (value.is_finite() & (value >= 0)).fill_null(False)
        if not table.select(good.all()).item():
            bad = table.filter(good.not_())
            raise InputError("indicators.bad_value", count=bad.height, **bad.row(0, named=True))
        some = table if table.select((value > 0).all()).item() else table.filter(value > 0)
        if some.is_empty():
            raise MissingDataError("indicators.no_trade")

        def coded(side: str) -> tuple[pl.Series, NDArray[np.intp]]:
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
            codes, at = zip(*pool.map(coded, ("country", "product")), strict=True)
        shape = len(codes[0]), len(codes[1])
        at[0][:] *= shape[1]
        at[0][:] += at[1]
        amount = some["value"].cast(pl.Float64).to_numpy()
        matrix = np.bincount(at[0], amount, shape[0] * shape[1]).astype(np.float64, copy=False)
        countries, products = (tuple(names.to_list()) for names in codes)
        return cls(countries, products, matrix.reshape(shape))
