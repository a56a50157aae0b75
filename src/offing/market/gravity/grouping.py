"""Rows of a table put by product, importer and exporter, compiled; by counting, not comparing."""

import numpy as np
from numpy.typing import NDArray

from offing.market.gravity.compiled import compiled_as_written

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Rows = NDArray[np.int32]
Codes = NDArray[np.uint8] | NDArray[np.int16]


@compiled_as_written
def append_rows(
    keys: tuple[Rows, Rows, Rows],
    value: Floats,
    ends: Places,
    pair_out: tuple[Codes, Codes],
    value_out: Floats,
) -> None:
    """Put rows behind those that their product has already; a product below 0 is left out.

    ``ends`` is where each product's next row goes, and moves on.
    """
    product, exporter, importer = keys
    for row in range(len(product)):
        p = product[row]
        if p >= 0:
            at = ends[p]
            pair_out[0][at], pair_out[1][at] = exporter[row], importer[row]
            value_out[at] = value[row]
            ends[p] = at + 1


@compiled_as_written
def _order(key: Codes, countries: int, before: Places) -> Places:
    """Rows, as they lie in ``before``, by a key; those with the same key stay in their order."""
    following = np.zeros(countries + 1, np.int64)
    for row in range(len(key)):
        following[key[row] + 1] += 1
    following = np.cumsum(following)
    order = np.empty_like(before)
    for row in before:
        order[following[key[row]]] = row
        following[key[row]] += 1
    return order


@compiled_as_written
def sort_within(
    span: tuple[int, int],
    starts: Places,
    ends: Places,
    countries: int,
    pair: tuple[Codes, Codes],
    value: Floats,
) -> bool:
    """Sort the rows of some products by importer and exporter, in place; whether a pair repeats."""
    double = False
    for p in range(span[0], span[1]):
        mine = slice(starts[p], ends[p])
        i, j, v = pair[0][mine], pair[1][mine], value[mine]
        order = _order(j, countries, _order(i, countries, np.arange(len(v))))
        i[:], j[:], v[:] = i[order], j[order], v[order]
        for row in range(1, len(v)):
            double |= i[row] == i[row - 1] and j[row] == j[row - 1]
    return double
