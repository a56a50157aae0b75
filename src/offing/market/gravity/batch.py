"""Gravity for thousands of products at once, with clustered covariances.

Santos Silva and Tenreyro (2006) on each product, with exporter and importer effects after Anderson
and van Wincoop (2003). All products share the covariates; see ``kernel`` for the algorithm.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from offing.estimators import one_thread
from offing.market.gravity.estimates import (
    COVARIANCES,
    Floats,
    Gravity,
    PairCovariates,
    ProductGravity,
    small_sample,
)
from offing.market.gravity.positive import BLOCK, Positive, narrow, places, positive, refuse_double
from offing.terms.errors import InputError

TOLERANCE = 1e-10
"""On the largest change of a coefficient of the standardised covariates."""
STEPS = 60

if TYPE_CHECKING:  # the kernel needs a package that not everyone has
    from offing.market.gravity.kernel import Fits, Trade

    Look = Callable[[Fits, int], None]


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
    return Gravity(
        trade.products,
        pairs.names,
        pairs.countries,
        fits.beta,
        {kind: fits.covariances[:, at] for at, kind in enumerate(COVARIANCES)},
        fits.effects,
        notes,
        pairs.centre,
        pairs.raw,
        pairs.valid,
    )


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
    ) -> tuple["Fits", tuple[ProductGravity, ...]]:
        """The fits, and how each product fared."""
        from offing.market.gravity import kernel

        trade = self.trade
        notes: dict[int, ProductGravity] = {}

        def note(fits: "Fits", number: int) -> None:
            notes[number] = self._refit_carefully(fits, number)

        start = np.zeros(len(self.pairs.names)) if given is None else given
        if given is None and len(trade.products) > 1 and len(trade.value):
            pooled = self._fit(pool, self._pooled_trade(), start).beta[0]
            start = np.nan_to_num(pooled)
        flows = kernel.Trade(trade.offsets, trade.exporter, trade.importer, trade.value)
        fits = self._fit(pool, flows, start, note)
        return fits, tuple(notes[number] for number in range(len(trade.products)))

    def _pooled_trade(self) -> "Trade":
        """All products together: a good first guess of each."""
        from offing.market.gravity import kernel

        trade, size = self.trade, len(self.pairs.countries)
        whole = np.zeros((size, size))
        # In blocks, as the places become eight bytes wide on the way.
        for low in range(0, len(trade.value), BLOCK):
            rows = slice(low, low + BLOCK)
            np.add.at(whole, (trade.exporter[rows], trade.importer[rows]), trade.value[rows])
        i_of, j_of = np.nonzero(whole)
        codes = narrow(i_of, size), narrow(j_of, size)
        return kernel.Trade(np.array([0, len(i_of)]), *codes, whole[i_of, j_of])

    def _fit(
        self, pool: ThreadPoolExecutor, flows: "Trade", start: Floats, look: "Look | None" = None
    ) -> "Fits":
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

    def _refit_carefully(self, fits: "Fits", number: int) -> ProductGravity:
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
            careful = fit_with_care(self.pairs, y)
            note = replace(careful.note, unmatched=missing)
            careful.write(fits, number)
        if np.isfinite(fits.beta[number]).any():
            estimated = len(self.pairs.names) - len(note.collinear)
            factors = small_sample(note.pairs, estimated, note.exporters, note.importers)
            fits.covariances[number] *= np.array(list(factors.values()))[:, None, None]
        return note
