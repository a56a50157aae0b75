"""The outlook as tables: of one product for one origin, or of everything a warehouse holds."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
import polars as pl

from offing.estimators.one_thread import one_thread
from offing.forecast.outlook.adding_up import adding_up
from offing.forecast.outlook.features import Cells, cells, years_before
from offing.forecast.outlook.intervals import ENDS
from offing.forecast.outlook.level import levelled
from offing.forecast.outlook.model import Forecast, Model, train
from offing.forecast.outlook.one_year import one_year
from offing.forecast.outlook.training import CELLS, longest_horizon
from offing.forecast.results import Outlook
from offing.market.history import Cube, History
from offing.terms.errors import MissingDataError
from offing.terms.messages import enumerated

METHOD = "outlook"
ONE_YEAR = "one_year"
"""The method where there is but one year: growth cannot be estimated."""

WRITTEN = ("low95", "low80", "low50", "high50", "high80", "high95")
"""Ends of the intervals in the order of the table."""


@dataclass(frozen=True)
class Outlooks:
    """The trained outlook at a base year.

    Attributes:
        history: up to the base year.
        base_year: its last year.
        horizon: years ahead.
        model: ``None`` where there is but one year of data.
        whole: the outlook of the same flows with their tiers added up; ``None`` where they are not
            split by tier.
        revise: what the months of the running year change (``forecast.nowcast``); ``None`` where
            none are loaded.
    """

    history: History
    base_year: int
    horizon: int
    model: Model | None
    whole: "Outlooks | None"
    revise: Callable[[Cells, Forecast], Forecast] | None = field(
        default=None, repr=False, compare=False
    )
    _told: dict[str, tuple[Cells, Forecast]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @property
    def method(self) -> str:
        """The model's name."""
        return METHOD if self.model else ONE_YEAR

    @property
    def notes(self) -> tuple[str, ...]:
        """Message keys of cautions about thin data."""
        if self.model is None:
            return ("market.note_one_year",)
        notes = []
        if self.model.trained < self.horizon:
            notes.append("market.note_horizon_shrunk")
        if len(self.model.origins) < 2:
            notes.append("market.note_few_origins")
        return tuple(notes)

    def forecasts(
        self, products: Sequence[str] | None = None, *, explain: bool = False
    ) -> Iterator[tuple[Cells, Forecast]]:
        """Every product (and tier) with its outlook; tiers add up to the outlook of the whole."""
        if self.whole is None:
            for cells in self.cells(products):
                forecast = self.forecast(cells, explain=explain)
                if self.model is not None:
                    years = len(self.model.origins)
                    forecast = levelled(cells, forecast, self.horizon, years, self.model.more)
                if self.revise is not None:
                    forecast = self.revise(cells, forecast)
                yield cells, forecast
            return
        wholes = self.whole.forecasts(products)
        for _, group in groupby(self.cells(products), lambda cells: cells.cube.product):
            tiers = [(cells, self.forecast(cells, explain=explain)) for cells in group]
            yield from adding_up(tiers, *next(wholes))

    def cells(self, products: Sequence[str] | None = None) -> Iterator[Cells]:
        """The candidates of every product with their features."""
        years = years_before(self.history, self.base_year)
        for cube in self.history.cubes(self.base_year, years, products):
            yield cells(self.history, cube)

    def forecast(self, cells: Cells, *, explain: bool = False) -> Forecast:
        """What was fitted of one product's cells, before its level is set."""
        if self.model is not None:
            with one_thread():
                return self.model(cells, explain=explain)
        return one_year(cells, self.horizon, explain=explain)

    def table(self, cells: Cells, ahead: Forecast, quantiles: Sequence[float] = ()) -> pl.DataFrame:
        """The outlook of one product as rows, see ``writing.write``.

        ``quantiles`` are levels of which columns are added: ``q10`` for 0.1.
        """
        names = pl.Series(self.history.countries, dtype=pl.Enum(self.history.countries))
        intervals = ahead.intervals
        return pl.DataFrame(
            {
                "exporter": names.gather(cells.cube.exporters[cells.row]),
                "importer": names.gather(cells.cube.importers[cells.column]),
                "product": pl.Series([cells.cube.product], dtype=pl.String).new_from_index(
                    0, len(cells.base)
                ),
                "tier": pl.Series([cells.cube.tier], dtype=pl.String).new_from_index(
                    0, len(cells.base)
                ),
                "base_usd": cells.base,
                "expected_usd": ahead.expected,
                "gain_usd": ahead.gain,
                **{name: intervals[:, ENDS.index(name)] for name in WRITTEN},
                **{
                    f"q{100 * level:g}": ahead.sales.quantile(level) if ahead.known else np.nan
                    for level in quantiles
                },
                "fall_probability": np.where(cells.new, np.nan, ahead.fall),
                "entry_probability": np.where(cells.new, ahead.entry, np.nan),
            }
        ).with_columns(pl.selectors.float().fill_nan(None))


def outlooks(
    history: History, base_year: int, horizon: int, *, seed: int = 1, size: int = CELLS
) -> Outlooks:
    """Train on everything up to the base year, and on nothing after it; once for a history.

    The history may be longer. About ``size`` cells are fitted on.

    Raises:
        MissingDataError: ``market.no_year``.
    """
    past, key = history.until(base_year), (base_year, horizon, seed, size)
    if key not in past.fits:
        with beside() as pool:
            whole = None
            if past.by_tier:
                whole = pool.submit(
                    outlooks, past.whole(), base_year, horizon, seed=seed, size=size
                )
            model = train(past, horizon, seed=seed, size=size)
            past.fits[key] = Outlooks(
                past, base_year, horizon, model, whole.result() if whole else None
            )
    fitted: Outlooks = past.fits[key]
    return fitted


def outlooks_ahead(
    history: History, base_year: int, horizons: Sequence[int]
) -> tuple[Outlooks, ...]:
    """:func:`outlooks` at several horizons; those that share a model wait for it."""
    past = history.until(base_year)
    models = {longest_horizon(past, ahead): ahead for ahead in horizons}
    with beside() as pool:
        list(pool.map(lambda ahead: outlooks(history, base_year, ahead), models.values()))
    return tuple(outlooks(history, base_year, ahead) for ahead in horizons)


@contextmanager
def beside() -> Iterator[ThreadPoolExecutor]:
    """Two models are trained at once: most of it is NumPy's, which leaves Python to the other.

    Products of matrices keep one thread each, so that the bytes are the same anywhere.
    """
    with one_thread(), ThreadPoolExecutor(2) as pool:
        yield pool


def of_origin(fitted: Outlooks, product: str, origin: str) -> dict[tuple[str, str], Outlook]:
    """The outlook of one product for one exporter: (market, tier) → outlook.

    Raises:
        MissingDataError: ``market.no_exports`` where the origin exports none of it that year.
    """
    seller = fitted.history.index.get(origin, -1)
    by_segment: dict[tuple[str, str], Outlook] = {}
    sold: dict[str, float] = defaultdict(float)
    for pairs, forecast in fitted.forecasts([product], explain=True):
        _add(sold, fitted.history, pairs.cube)
        mine = np.flatnonzero(pairs.cube.exporters[pairs.row] == seller)
        if not len(mine):
            continue
        intervals = forecast.intervals
        for at in mine:
            market = fitted.history.countries[pairs.cube.importers[pairs.column[at]]]
            ends = dict(zip(ENDS, intervals[at].tolist(), strict=True))
            new = bool(pairs.new[at])
            by_segment[market, pairs.cube.tier] = Outlook(
                base_usd=float(pairs.base[at]),
                base_year=fitted.base_year,
                horizon=fitted.horizon,
                expected_usd=float(forecast.expected[at]),
                low80=_number(ends["low80"]),
                high80=_number(ends["high80"]),
                method=fitted.method,
                contributions=tuple(
                    (name, float(gain[at])) for name, gain in forecast.because.items()
                ),
                gain_usd=float(forecast.gain[at]),
                entry_probability=_number(forecast.entry[at]) if new else None,
                fall_probability=None if new else _number(forecast.fall[at]),
                low50=_number(ends["low50"]),
                high50=_number(ends["high50"]),
                low95=_number(ends["low95"]),
                high95=_number(ends["high95"]),
            )
    if not by_segment:
        raise _no_exports(fitted, product, origin, sold)
    return by_segment


def product_of(fitted: Outlooks, product: str, origin: str) -> tuple[Cells, Forecast]:
    """The outlook of a product whose flows are not split by tier.

    Raises:
        MissingDataError: ``market.no_exports`` where the origin exports none of it that year.
    """
    sold: dict[str, float] = defaultdict(float)
    both = fitted._told.get(product)  # another thread may forget it at any time
    if both is None and (both := next(iter(fitted.forecasts([product])), None)) is not None:
        fitted._told[product] = both
    if both is not None:
        cells, forecast = both
        if fitted.history.index.get(origin, -1) in cells.cube.exporters:
            return cells, forecast
        _add(sold, fitted.history, cells.cube)
    raise _no_exports(fitted, product, origin, sold)


def _no_exports(
    fitted: Outlooks, product: str, origin: str, sold: dict[str, float]
) -> MissingDataError:
    largest = sorted(sold, key=lambda code: -sold[code])[:5]
    return MissingDataError(
        "market.no_exports",
        product=product,
        origin=origin,
        year=fitted.base_year,
        near=enumerated(largest) or "—",
    )


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _add(sold: dict[str, float], history: History, cube: Cube) -> None:
    for exporter, value in zip(cube.exporters, cube.base.sum(axis=1), strict=True):
        code = history.countries[exporter]
        sold[code] += float(value)
