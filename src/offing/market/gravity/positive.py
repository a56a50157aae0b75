"""Positive flows of all products, one product after the other, as the kernel takes them.

A year of all products is ten million rows: rows are coded in blocks and put where they belong at
once by product, importer and exporter, compiled, by counting and not comparing, so that no column
is copied as a whole but those that are kept.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from threading import Lock

import numpy as np
import polars as pl
from numpy.typing import NDArray

from offing.market.gravity.compiled import compiled_as_written
from offing.market.gravity.estimates import Floats, PairCovariates
from offing.terms.errors import InputError

Places = NDArray[np.int64]
Codes = NDArray[np.uint8] | NDArray[np.int16]
Rows = NDArray[np.int32]


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


BLOCK = 200_000
"""Rows looked up at once."""


@dataclass(frozen=True)
class Positive:
    """Positive flows by product, importer and exporter, in units of the product's mean.

    Attributes:
        products: P codes in order.
        offsets: each product's first flow, ``(P + 1,)``.
        exporter: places of the exporters.
        importer: places of the importers.
        value: flows over their product's ``scale``.
        scale: ``(P,)``.
        unmatched: positive flows left out because their pair is in no sample, ``(P,)``.
    """

    products: tuple[str, ...]
    offsets: Places
    exporter: Codes
    importer: Codes
    value: Floats
    scale: Floats
    unmatched: Places


def places(codes: pl.Series, countries: tuple[str, ...]) -> Rows:
    """Each code's place among the known ones, -1 for others."""
    at = codes.cast(pl.String).cast(pl.Enum(countries), strict=False).to_physical()
    return at.cast(pl.Int32).fill_null(-1).to_numpy(writable=True)


def narrow(at: Places | NDArray[np.uint8], countries: int) -> Codes:
    """Places of countries in one byte where it holds them, else in two."""
    return at.astype(np.uint8, copy=False) if countries <= 2**8 else at.astype(np.int16)


def refuse_double(table: pl.DataFrame, keys: list[str]) -> None:
    """Refuse a table in which rows repeat their keys.

    Raises:
        InputError: ``gravity.duplicate``.
    """
    double = table.filter(table.select(keys).is_duplicated()).select(keys)
    if double.height:
        raise InputError("gravity.duplicate", keys=" ".join(map(str, double.row(0))))


def positive(flows: pl.DataFrame, pairs: PairCovariates, pool: ThreadPoolExecutor) -> Positive:
    """Flows above zero whose pair may be in a sample, by product, importer and exporter.

    Raises:
        InputError: ``gravity.bad_value``, ``gravity.duplicate``.
    """
    from offing.market.gravity.positive import append_rows, sort_within

    _refuse_bad(flows)
    products = _products(flows["product"])
    of = np.empty(flows.height, np.uint16 if len(products) <= 2**16 else np.int32)

    def count(rows: slice) -> Places:
        of[rows] = at = places(flows["product"][rows], products)
        return np.bincount(at, minlength=len(products))

    rows_of = sum(pool.map(count, _blocks(flows)))
    offsets = np.append(0, np.cumsum(rows_of)).astype(np.int64)
    # Rows in no sample leave room at the end of their product; it stays zero.
    value = np.zeros(offsets[-1])
    i_of, j_of = (narrow(np.zeros_like(value, np.uint8), len(pairs.countries)) for _ in range(2))
    ends, one_at_a_time = offsets[:-1].copy(), Lock()

    def place(rows: slice) -> Places:
        block = flows[rows]
        p = of[rows].astype(np.int32)
        i, j = (places(block[side], pairs.countries) for side in ("exporter", "importer"))
        # A place of -1 is the last country, which is taken back at once.
        lost = ~pairs.valid[i, j] | (i < 0) | (j < 0)
        amount = block["value_usd"].cast(pl.Float64).to_numpy()
        unmatched = np.bincount(p[lost & (amount > 0)], minlength=len(products))
        p[lost] = -1
        with one_at_a_time:
            append_rows((p, i, j), amount, ends, (i_of, j_of), value)
        return unmatched

    unmatched = sum(pool.map(place, _blocks(flows)), np.zeros(len(products), np.int64))
    bounds = np.linspace(0, len(products), 33).astype(int).tolist()
    doubles = pool.map(
        lambda span: sort_within(span, offsets, ends, len(pairs.countries), (i_of, j_of), value),
        pairwise(bounds),
    )
    if any(list(doubles)):
        refuse_double(flows, ["product", "exporter", "importer"])
    used = value > 0
    if not used.all():
        i_of, j_of, value = i_of[used], j_of[used], value[used]
        offsets = np.append(0, np.cumsum(used))[offsets]
    return Positive(products, offsets, i_of, j_of, value, _scale_flows(value, offsets), unmatched)


def _blocks(table: pl.DataFrame | pl.Series) -> Iterator[slice]:
    rows = len(table)
    return (slice(low, min(low + BLOCK, rows)) for low in range(0, rows, BLOCK))


def _refuse_bad(flows: pl.DataFrame) -> None:
    value = pl.col("value_usd").cast(pl.Float64)
    good = (value.is_finite() & (value >= 0)).fill_null(False)
    if not flows.select(good.all()).item():
        bad = flows.filter(good.not_())
        raise InputError("gravity.bad_value", count=bad.height, **bad.row(0, named=True))


def _products(column: pl.Series) -> tuple[str, ...]:
    some = (set(column[rows].unique().cast(pl.String)) for rows in _blocks(column))
    return tuple(sorted(set().union(*some)))


def _scale_flows(value: Floats, offsets: Places) -> Floats:
    """Divide each product's flows by their mean, in place; the means."""
    scale = np.ones(len(offsets) - 1)
    for number, (low, high) in enumerate(pairwise(offsets.tolist())):
        if low == high:
            continue
        # The mean by way of the largest, so that a sum of huge values stays within a float's range.
        mine = value[low:high]
        largest = mine.max()
        mine /= largest
        mean = mine.mean()
        mine /= mean
        scale[number] = largest * mean
    return scale
