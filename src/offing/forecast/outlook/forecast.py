"""The outlook as tables: of one product for one origin, or of everything a warehouse holds."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import groupby
from pathlib import Path

import numpy as np
import polars as pl

from offing.estimators import TINY, one_thread
from offing.forecast.outlook.distribution import ENDS, Distribution
from offing.forecast.outlook.features import Cells, cells, years_before
from offing.forecast.outlook.fitting import weight_by_gravity, weight_by_today
from offing.forecast.outlook.model import Forecast, Model, train
from offing.forecast.outlook.training import CELLS, LONG_RUN, LONG_RUN_YEARS, longest_horizon
from offing.forecast.results import Outlook
from offing.market.history import Array, Codes, History
from offing.terms.errors import InputError, MissingDataError, disk_said
from offing.terms.messages import join_list


def drawn(expected: float, base: float, horizon: int, years: int, more: float = 0.0) -> float:
    """The factor that draws the growth of a product's total to the long run.

    Args:
        expected: the fitted outlook of all flows of the product, USD.
        base: the flows today, USD.
        horizon: years ahead.
        years: earlier years with an outcome that the outlook was fitted on.
        more: log growth beyond the long run's, see ``model.Model.more``.

    >>> round(drawn(expected=150.0, base=100.0, horizon=1, years=5) * 150, 1)
    112.0
    """
    if not (expected > 0 and base > 0):
        return 1.0
    fitted = np.log(expected / base)
    trust = years / (years + LONG_RUN_YEARS)
    return float(np.exp((1 - trust) * (LONG_RUN * horizon + more - fitted)))


OWN = 0.5
"""The weight of what a flow's own odds make of its mean; the rest says where growth goes."""
FURTHEST = 3.0
"""A flow's mean is moved by this factor at most, so that its distribution keeps its sense."""


def align_to_level(
    cells: Cells, forecast: Forecast, horizon: int, years: int, more: float
) -> Forecast:
    """The outlook of a product, its distributions moved to one mean that is drawn to the long run.

    The mean of a flow is half what its own odds say (it may stop, fall back or catch up), and half
    its sales today and its share of the exporter's growth. How fast one exporter grows is hardly
    fitted, so in the second half all exporters of the product grow alike, each where its gains are
    expected; where the product shrinks, all flows do in proportion.

    All flows are moved by the factor of the product. What is left of the way to a flow's mean is
    gone by its upper tail where the mean is to fall, and by a factor where it is to rise.
    """
    base, own = float(cells.base.sum()), forecast.sales.mean
    factor = drawn(float(own.sum()), base, horizon, years, more)
    total = float(own.sum()) * factor
    growth = total / base - 1
    gains = np.bincount(cells.row, forecast.gain, len(cells.exports))[cells.row]
    pace = max(growth, 0.0) * cells.exports[cells.row] / np.maximum(gains, TINY)
    added, decline = forecast.gain * pace, cells.base * min(growth, 0.0)
    target = OWN * own * factor + (1 - OWN) * (cells.base + added + decline)
    ratio = np.divide(target, own * factor, out=np.ones(len(own)), where=own * factor > 1e-9)
    moved = np.clip(ratio, 1 / FURTHEST, FURTHEST)
    mean = own * moved * (total / max(float((own * moved).sum()), 1e-9))
    sales = forecast.sales.scaled(factor).shift_mean(mean, cells.base > 0)
    parts = {}
    if forecast.because:
        shared = forecast.because.items()
        parts = {name: effect * pace * (1 - OWN) for name, effect in shared if name != "own"}
        parts["level"] = (1 - OWN) * decline
        parts["own"] = sales.mean - cells.base - np.sum(list(parts.values()), axis=0)
    gain = added if growth > 0 else forecast.gain * factor
    return replace(forecast, sales=sales, gain=gain, because=parts)


def adding_up(
    tiers: Sequence[tuple[Cells, Forecast]], whole: Cells, of_whole: Forecast
) -> list[tuple[Cells, Forecast]]:
    """Scale the outlooks of a product's tiers, pair by pair, to that of the whole.

    A tier keeps the shape that was fitted, for its own jumps are in it, below the largest sales of
    the whole. Where its own odds are far from its part, it is that part of the whole instead. The
    explanation gets the part ``level``.
    """
    places = [_places(cells, whole) for cells, _ in tiers]
    total = np.zeros(len(whole.base))
    for index, (_, forecast) in zip(places, tiers, strict=True):
        total[index] += forecast.expected
    factor = np.divide(of_whole.expected, total, out=np.ones(len(total)), where=total > 0)
    return [
        (cells, _scale_forecast(forecast, cells.base, factor[index], of_whole.sales.at(index)))
        for index, (cells, forecast) in zip(places, tiers, strict=True)
    ]


def _places(cells: Cells, whole: Cells) -> Codes:
    """Where each pair of a tier stands among the pairs of the whole."""
    size = 1 + int(whole.cube.importers[-1])

    def key(cells: Cells) -> Codes:
        return np.asarray(
            cells.cube.exporters[cells.row] * size + cells.cube.importers[cells.column]
        )

    return np.searchsorted(key(whole), key(cells))


def _scale_forecast(
    forecast: Forecast, base: Array, factor: Array, whole: Distribution
) -> Forecast:
    expected = forecast.expected * factor
    level = {"level": forecast.expected * (factor - 1)} if forecast.because else {}
    shape = forecast.sales.below(whole.scale * np.exp(whole.logs[:, -1]))
    mean = shape.mean
    moved = np.divide(expected, mean, out=np.zeros(len(mean)), where=mean > 1e-9)
    own = shape.scaled(moved)
    mean = whole.mean
    of_whole = whole.scaled(np.divide(expected, mean, out=np.ones(len(mean)), where=mean > 1e-9))
    near = (moved <= FURTHEST) & (moved >= 1 / FURTHEST)
    return replace(
        forecast,
        sales=own.where(near, of_whole),
        gain=np.maximum(forecast.gain * factor, expected - base),
        because=forecast.because | level,
    )


def one_year(cells: Cells, horizon: int, *, explain: bool = False) -> Forecast:
    """The outlook of a product's cells from their base year alone."""
    total = cells.exports[cells.row] * np.expm1(LONG_RUN * horizon)
    today, gravity = weight_by_today(cells), weight_by_gravity(cells)
    gain = total * (today + gravity) / 2
    parts = {"in_proportion": total * today, "gravity": total * (gravity - today) / 2}
    sales = Distribution.certain(cells.base + gain)
    return Forecast(sales, cells.base, gain, parts if explain else {}, known=False)


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
                    forecast = align_to_level(cells, forecast, self.horizon, years, self.model.more)
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
            if past.has_tiers:
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
    history: History, base_year: int, horizons: Sequence[int], *, seed: int = 1
) -> tuple[Outlooks, ...]:
    """:func:`outlooks` at several horizons; those that share a model wait for it."""
    past = history.until(base_year)
    models = {longest_horizon(past, ahead): ahead for ahead in horizons}
    with beside() as pool:
        list(pool.map(lambda h: outlooks(history, base_year, h, seed=seed), models.values()))
    return tuple(outlooks(history, base_year, ahead, seed=seed) for ahead in horizons)


@contextmanager
def beside() -> Iterator[ThreadPoolExecutor]:
    """Two models are trained at once: most of it is NumPy's, which leaves Python to the other.

    Products of matrices keep one thread each, so that the bytes are the same anywhere.
    """
    with one_thread(), ThreadPoolExecutor(2) as pool:
        yield pool


def outlooks_of_origin(
    fitted: Outlooks, product: str, origin: str
) -> dict[tuple[str, str], Outlook]:
    """The outlook of one product for one exporter: (market, tier) → outlook.

    Raises:
        MissingDataError: ``market.no_exports`` where the origin exports none of it that year.
    """
    seller = fitted.history.index.get(origin, -1)
    by_segment: dict[tuple[str, str], Outlook] = {}
    for pairs, forecast in fitted.forecasts([product], explain=True):
        for at in np.flatnonzero(pairs.cube.exporters[pairs.row] == seller):
            market = fitted.history.countries[pairs.cube.importers[pairs.column[at]]]
            new = bool(pairs.new[at])
            by_segment[market, pairs.cube.tier] = Outlook(
                base_usd=float(pairs.base[at]),
                base_year=fitted.base_year,
                horizon=fitted.horizon,
                expected_usd=float(forecast.expected[at]),
                method=fitted.method,
                contributions=tuple(
                    (name, float(gain[at])) for name, gain in forecast.because.items()
                ),
                gain_usd=float(forecast.gain[at]),
                entry_probability=_number(forecast.entry[at]) if new else None,
                fall_probability=None if new else _number(forecast.fall[at]),
                **dict(zip(ENDS, map(_number, forecast.intervals[at]), strict=True)),
            )
    if not by_segment:
        raise _no_exports(fitted, product, origin)
    return by_segment


def product_of(fitted: Outlooks, product: str, origin: str) -> tuple[Cells, Forecast]:
    """The outlook of a product whose flows are not split by tier.

    Raises:
        MissingDataError: ``market.no_exports`` where the origin exports none of it that year.
    """
    both = fitted._told.get(product)  # another thread may forget it at any time
    if both is None and (both := next(iter(fitted.forecasts([product])), None)) is not None:
        fitted._told[product] = both
    if both is not None:
        cells, forecast = both
        if fitted.history.index.get(origin, -1) in cells.cube.exporters:
            return cells, forecast
    raise _no_exports(fitted, product, origin)


def _no_exports(fitted: Outlooks, product: str, origin: str) -> MissingDataError:
    countries, year = fitted.history.countries, fitted.base_year
    sold = np.zeros(len(countries))
    for cube in fitted.history.cubes(year, [], [product]):
        sold[cube.exporters] += cube.base.sum(axis=1)
    largest = [countries[at] for at in np.argsort(-sold, kind="stable")[:5] if sold[at]]
    near = join_list(largest) or "—"
    return MissingDataError(
        "market.no_exports", product=product, origin=origin, year=year, near=near
    )


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


_MIDDLE = (7, 1)


def target_year(on: date, horizon: int) -> int:
    """The calendar year that has most of the twelve months that end ``horizon`` years after a day.

    >>> target_year(date(2026, 11, 26), 1), target_year(date(2027, 2, 1), 1)
    (2027, 2027)
    """
    return on.year + horizon - (1 if (on.month, on.day) < _MIDDLE else 0)


def years_ahead(base_year: int, on: date, horizon: int) -> int:
    """Years from the base year to the year that is asked for, at least one.

    Raises:
        InputError: ``market.day_before_base``: the day is before the base year.

    >>> years_ahead(2024, date(2026, 11, 26), 2)
    4
    """
    if on.year < base_year:
        raise InputError("market.day_before_base", day=on, year=base_year)
    return max(target_year(on, horizon) - base_year, 1)


@dataclass(frozen=True)
class OutlookFile:
    """What was written.

    Attributes:
        rows: of the file.
        flows: rows with a flow in the base year; the others are pairs that may begin.
        products: HS codes.
        method: the model; ``one_year`` where there is but one year.
        origins: base years it fitted from.
    """

    rows: int
    flows: int
    products: int
    method: str
    origins: tuple[int, ...]


def write(fitted: Outlooks, target: Path, progress: Callable[[float], None]) -> OutlookFile:
    """Write the outlook of every exporter × importer × product (× tier) to a Parquet file.

    Rows: every flow of the base year, and every pair without one whose exporter sold the product
    somewhere and whose importer bought it from someone. All other pairs are expected to stay at
    zero and are not written. Columns: exporter, importer, product, tier, base_usd, expected_usd,
    gain_usd, low95, low80, low50, high50, high80, high95, fall_probability, entry_probability,
    base_year, horizon, method; sorted by product, tier, exporter, importer. The file appears whole
    or not at all.

    Raises:
        StorageError: ``warehouse.disk``.
    """
    parts = target.with_name(f".{target.name}.parts")
    with disk_said("warehouse.disk", target):
        try:
            parts.mkdir(exist_ok=True)
            _clear_folder(parts)
            counts = _write_parts(fitted, parts, progress)
            ready = parts / "whole"
            pl.scan_parquet(sorted(parts.glob("*.parquet")), glob=False).with_columns(
                pl.col("exporter", "importer").cast(pl.String),
                base_year=pl.lit(fitted.base_year, pl.Int32),
                horizon=pl.lit(fitted.horizon, pl.Int32),
                method=pl.lit(fitted.method),
            ).sink_parquet(ready, compression="zstd", maintain_order=True)
            ready.replace(target)
        finally:
            if parts.is_dir():
                _clear_folder(parts)
                parts.rmdir()
    origins = fitted.model.origins if fitted.model else ()
    return OutlookFile(*counts, fitted.method, origins)


def _clear_folder(folder: Path) -> None:
    for stale in folder.iterdir():
        stale.unlink()


_Rows = tuple[pl.DataFrame | None, int, int]
"""An outlook as rows, and how many flows and products there are."""


def _write_parts(
    fitted: Outlooks, folder: Path, progress: Callable[[float], None]
) -> tuple[int, int, int]:
    """Rows, flows and products written, each heading in a file: none is large in memory."""
    counts = np.zeros(3, dtype=np.int64)
    for heading, (table, flows, products) in _headings(fitted):
        if table is not None:
            table.write_parquet(folder / f"{heading}.parquet", compression="zstd")
            counts += table.height, flows, products
            progress(counts[2] / max(len(fitted.history.rows), 1))
    rows, flows, products = counts.tolist()
    return rows, flows, products


def _headings(fitted: Outlooks) -> Iterator[tuple[str, _Rows]]:
    """Each heading's outlook; where the flows lie elsewhere it is made there, as fitted."""
    if (source := fitted.history.source) is None:
        for heading, both in groupby(fitted.forecasts(), lambda each: each[0].cube.product[:4]):
            yield heading, _rows(fitted, both)
        return
    years = [fitted.base_year, *years_before(fitted.history, fitted.base_year)]
    nothing = pl.DataFrame(schema={"year": pl.Int32, "product": pl.String})
    without = replace(fitted, history=fitted.history.flows_of_heading(years, nothing))
    yield from source.headings(years, partial(_outlook_of_heading, without, years))


def _outlook_of_heading(fitted: Outlooks, years: Sequence[int], flows: pl.DataFrame) -> _Rows:
    of_it = replace(fitted, history=fitted.history.flows_of_heading(years, flows))
    return _rows(of_it, of_it.forecasts())


def _rows(fitted: Outlooks, forecasts: Iterable[tuple[Cells, Forecast]]) -> _Rows:
    tables, old, products = [], 0, set()
    for pairs, forecast in forecasts:
        tables.append(fitted.table(pairs, forecast))
        old += int((~pairs.new).sum())
        products.add(pairs.cube.product)
    return (pl.concat(tables) if tables else None), old, len(products)
