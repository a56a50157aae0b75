"""Rows of a table put by product, importer and exporter, compiled; by counting, not comparing."""

import numpy as np
from numpy.typing import NDArray

from offing.market.gravity.compiled import compiled_as_written

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Codes = NDArray[np.int16]
Products = NDArray[np.int16] | NDArray[np.int32]


@compiled_as_written
def put(
    product: Products,
    exporter: Codes,
    importer: Codes,
    value: Floats,
    following: Places,
    exporter_out: Codes,
    importer_out: Codes,
    value_out: Floats,
) -> None:
    """Put rows behind those that their product has; a product below 0 is left out.

    ``following`` has the place of each product's next row, and moves on.
    """
    for row in range(len(product)):
        p = product[row]
        if p >= 0:
            at = following[p]
            exporter_out[at], importer_out[at], value_out[at] = (
                exporter[row],
                importer[row],
                value[row],
            )
            following[p] = at + 1


@compiled_as_written
def _sorted_by(
    key: Codes, countries: int, exporter: Codes, importer: Codes, value: Floats
) -> tuple[Codes, Codes, Floats]:
    """Rows in the order of a key; those with the same key stay as they lie."""
    following = np.zeros(countries + 1, np.int64)
    for row in range(len(key)):
        following[key[row] + 1] += 1
    following = np.cumsum(following)
    i, j, v = np.empty_like(exporter), np.empty_like(importer), np.empty_like(value)
    for row in range(len(key)):
        at = following[key[row]]
        i[at], j[at], v[at] = exporter[row], importer[row], value[row]
        following[key[row]] = at + 1
    return i, j, v


@compiled_as_written
def sort_within(
    span: tuple[int, int],
    offsets: Places,
    countries: int,
    exporter: Codes,
    importer: Codes,
    value: Floats,
) -> bool:
    """Sort the rows of some products by importer and exporter, in place; whether a pair repeats."""
    double = False
    for p in range(span[0], span[1]):
        lo, hi = offsets[p], offsets[p + 1]
        i, j, v = exporter[lo:hi], importer[lo:hi], value[lo:hi]
        i, j, v = _sorted_by(i, countries, i, j, v)
        i, j, v = _sorted_by(j, countries, i, j, v)
        exporter[lo:hi], importer[lo:hi], value[lo:hi] = i, j, v
        for row in range(1, len(i)):
            double |= i[row] == i[row - 1] and j[row] == j[row - 1]
    return double
