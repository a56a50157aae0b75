"""Gravity for thousands of products at once, with clustered covariances.

Santos Silva and Tenreyro (2006) on each product, with exporter and importer effects after Anderson
and van Wincoop (2003). All products share the covariates; see ``kernel`` for the algorithm.

Positive flows of all products, one product after the other, as the kernel takes them.

A year of all products is ten million rows: rows are coded in blocks and put where they belong at
once by product, importer and exporter, compiled, by counting and not comparing, so that no column
is copied as a whole but those that are kept.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from offing.estimators import one_thread
from offing.market.gravity.compiled import compiled_as_written
from offing.market.gravity.estimates import (
    COVARIANCES,
    Floats,
    Gravity,
    PairCovariates,
    ProductGravity,
    small_sample,
)
from offing.terms.errors import InputError

if TYPE_CHECKING:  # loaded after the BLAS that serves it: figures' last digits hang on that
    from offing.market.gravity import kernel

Places = NDArray[np.int64]
Codes = NDArray[np.uint8] | NDArray[np.int16]
Rows = NDArray[np.int32]
Sides = tuple[Codes, Codes]


@compiled_as_written
def append_rows(
    keys: tuple[Rows, Rows, Rows], value: Floats, ends: Places, pair_out: Sides, value_out: Floats
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
    span: tuple[int, int], starts: Places, ends: Places, countries: int, pair: Sides, value: Floats
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


TOLERANCE = 1e-10
"""On the largest change of a coefficient of the standardised covariates."""
STEPS = 60

Look = Callable[["kernel.Fits", int], None]


def _square(covariates: pl.DataFrame) -> PairCovariates:
    names = tuple(c for c in covariates.columns if c not in ("exporter", "importer"))
    if not names:
        raise InputError("gravity.no_covariates")
    refuse_double(covariates, ["exporter", "importer"])
    codes = pl.concat([covariates["exporter"], covariates["importer"]]).cast(pl.String)
    countries = tuple(codes.unique().sort())
    rows, cols = (places(covariates[side], countries) for side in ("exporter", "importer"))
    values = covariates.select(pl.col(names).cast(pl.Float64)).to_numpy()
    raw = np.full((len(names), len(countries), len(countries)), np.nan)
    raw[:, rows, cols] = values.T
    valid = np.isfinite(raw).all(axis=0)
    raw = np.ascontiguousarray(np.where(valid, raw, 0.0))
    if not valid.any():
        raise InputError("gravity.no_pairs")
    centre, deviation = raw[:, valid].mean(axis=1), raw[:, valid].std(axis=1)
    # What differs by rounding alone is constant.
    flat = deviation <= 1e-12 * np.abs(raw[:, valid]).max(axis=1)
    deviation = np.where(flat, 1.0, deviation)
    x = (raw - centre[:, None, None]) / deviation[:, None, None]
    x[flat] = 0.0
    return PairCovariates(names, countries, raw, np.where(valid, x, 0.0), centre, deviation, valid)


def fit_products(
    flows: pl.DataFrame,
    covariates: pl.DataFrame,
    *,
    threads: int | None = None,
    start: Floats | None = None,
) -> Gravity:
    """Estimate one model for each product.

    Args:
        flows: ``product``, ``exporter``, ``importer``, ``value_usd``; pairs that are not listed
            are zeros. One year, or values of one period.
        covariates: ``exporter``, ``importer`` and one column for each covariate. A pair without
            all of them is in no sample; trade within a country is used where its pair is listed.
        threads: products estimated at once; all processors where ``None``.
        start: coefficients to begin with; those of all products together where ``None``.

    Raises:
        InputError: ``gravity.no_covariates``, ``gravity.no_pairs`` where no pair has all of them,
            ``gravity.bad_value`` (missing, negative or infinite), ``gravity.duplicate`` flows or
            pairs.
    """
    import scipy.linalg  # noqa: F401 - its BLAS serves the kernel and must be there to be limited

    pairs = _square(covariates)
    workers = threads or os.cpu_count() or 1
    with one_thread(), ThreadPoolExecutor(workers) as pool:
        trade = positive(flows, pairs, pool)
        run = _Run(pairs, trade, workers)
        fits, notes = run.every_product(pool, None if start is None else start * pairs.spread)
    fits.covariances[:] /= pairs.spread[:, None] * pairs.spread
    fits.beta[:] /= pairs.spread
    fits.effects[:, 0] *= trade.scale[:, None]
    covariance = {kind: fits.covariances[:, at] for at, kind in enumerate(COVARIANCES)}
    return Gravity(
        trade.products, pairs.names, pairs.countries, fits.beta, covariance, fits.effects, notes,
        pairs.centre, pairs.raw, pairs.valid,
    )  # fmt: skip


@dataclass(frozen=True)
class _Run:
    """One estimation of all products."""

    pairs: PairCovariates
    trade: Positive
    workers: int

    @cached_property
    def layers(self) -> tuple[Floats, Floats]:
        """Covariates with the sample as the last layer, and the same turned."""
        layers = np.concatenate([self.pairs.x, self.pairs.valid[None]])
        return layers, np.ascontiguousarray(layers.transpose(0, 2, 1))

    def every_product(
        self, pool: ThreadPoolExecutor, given: Floats | None
    ) -> tuple["kernel.Fits", tuple[ProductGravity, ...]]:
        """The fits, and how each product fared."""
        from offing.market.gravity import kernel

        trade = self.trade
        notes: dict[int, ProductGravity] = {}

        def note(fits: "kernel.Fits", number: int) -> None:
            notes[number] = self._refit_carefully(fits, number)

        start = np.zeros(len(self.pairs.names)) if given is None else given
        if given is None and len(trade.products) > 1 and len(trade.value):
            pooled = self._fit(pool, self._pooled_trade(), start).beta[0]
            start = np.nan_to_num(pooled)
        flows = kernel.Trade(trade.offsets, trade.exporter, trade.importer, trade.value)
        fits = self._fit(pool, flows, start, note)
        return fits, tuple(notes[number] for number in range(len(trade.products)))

    def _pooled_trade(self) -> "kernel.Trade":
        """All products together: a good first guess of each."""
        from offing.market.gravity import kernel

        trade, size = self.trade, len(self.pairs.countries)
        whole = np.zeros((size, size))
        # In blocks, as the places become eight bytes wide on the way.
        for low in range(0, len(trade.value), BLOCK):
            rows = slice(low, low + BLOCK)
            np.add.at(whole, (trade.exporter[rows], trade.importer[rows]), trade.value[rows])
        i_of, j_of = np.nonzero(whole)
        return kernel.Trade(
            np.array([0, len(i_of)]),
            exporters=narrow(i_of, size),
            importers=narrow(j_of, size),
            values=whole[i_of, j_of],
        )

    def _fit(
        self,
        pool: ThreadPoolExecutor,
        flows: "kernel.Trade",
        start: Floats,
        look: Look | None = None,
    ) -> "kernel.Fits":
        from offing.market.gravity import kernel

        count, k, size = len(flows.offsets) - 1, len(start), len(self.pairs.countries)
        fits = kernel.Fits(
            np.full(count, kernel.NEEDS_CARE),
            np.zeros(count, np.int64),
            np.zeros(count, np.int64),
            np.zeros((count, 2), np.int64),
            np.full((count, k), np.nan),
            np.full((count, 4, k, k), np.nan),
            np.zeros((count, 2, size)),
        )
        layers = self.layers

        def work(first: int, last: int) -> None:
            kernel.fit_range((first, last), flows, layers, start, TOLERANCE, STEPS, fits)
            if look is not None:
                for number in range(first, last):
                    look(fits, number)

        # Small portions, so that no thread waits for another at the end.
        portions = min(count, self.workers * 32)
        bounds = np.unique(np.linspace(0, count, portions + 1).astype(int)).tolist()
        list(pool.map(work, bounds[:-1], bounds[1:]))
        return fits

    def _refit_carefully(self, fits: "kernel.Fits", number: int) -> ProductGravity:
        """How a product was estimated, with care where the fast path gave up."""
        from offing.market.gravity import kernel
        from offing.market.gravity.careful import fit_with_care

        missing = int(self.trade.unmatched[number])
        if fits.state[number] == kernel.CONVERGED:
            exporters, importers = fits.sides[number].tolist()
            pairs, steps = int(fits.pairs[number]), int(fits.steps[number])
            note = ProductGravity(
                "estimated", pairs, exporters, importers, steps=steps, unmatched=missing
            )
        else:
            trade, size = self.trade, len(self.pairs.countries)
            mine = slice(trade.offsets[number], trade.offsets[number + 1])
            y = np.zeros((size, size))
            y[trade.exporter[mine], trade.importer[mine]] = trade.value[mine]
            note = replace(fit_with_care(self.pairs, y, fits, number), unmatched=missing)
        if np.isfinite(fits.beta[number]).any():
            estimated = len(self.pairs.names) - len(note.collinear)
            factors = small_sample(note.pairs, estimated, note.exporters, note.importers)
            fits.covariances[number] *= np.array(list(factors.values()))[:, None, None]
        return note
