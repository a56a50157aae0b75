"""How right the outlook was at the shares a region had, beside simple bars (省级展望的检验)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from offing.estimators import TINY
from offing.forecast.outlook.distribution import LEVELS, crps, interval
from offing.forecast.outlook.forecast import Outlooks, product_of
from offing.market.history import FLOOR_USD, Array, Codes
from offing.terms.errors import MissingDataError

MEAN_YEARS = 3
"""Of the mean that costs nothing (``scores.three_year_mean``)."""
_LOOKS: dict[str, Any] = {
    "market": pl.String, "country": pl.Float64, "low": pl.Float64, "high": pl.Float64,
    "quantiles": pl.List(pl.Float64),
}  # fmt: skip
Fit = Callable[[str, int, int], Outlooks]
"""Product, base year, years ahead → the outlook of whole markets, fitted on nothing later."""


@dataclass(frozen=True)
class Replayed:
    """Pairs of product and market that the region sold in then, one after the other.

    Attributes:
        year: base year of each.
        market: place in ``markets``.
        markets: of all pairs.
        base: sold in the base year, USD.
        mean: mean of up to three years to it, USD.
        came: sold then, USD.
        share: of the country's sales in the base year.
        low: lower end of the 80 % interval, USD.
        high: upper end of it, USD.
        quantiles: pairs × ``LEVELS``, USD.
        begun: base year → USD that came in pairs in which nothing was sold in the base year.
    """

    year: Codes
    market: Codes
    markets: tuple[str, ...]
    base: Array
    mean: Array
    came: Array
    share: Array
    low: Array
    high: Array
    quantiles: Array
    begun: dict[int, float]

    def of(self, years: Sequence[int]) -> "Replayed":
        """The pairs of some base years."""
        at = np.isin(self.year, list(years))
        names = ("year", "market", "base", "mean", "came", "share", "low", "high", "quantiles")
        columns: dict[str, Any] = {name: getattr(self, name)[at] for name in names}
        begun = {year: usd for year, usd in self.begun.items() if year in set(years)}
        return replace(self, **columns, begun=begun)


@dataclass(frozen=True)
class Past:
    """A region's exports by whole calendar year.

    Attributes:
        sold: ``product``, ``market``, ``year``, ``usd``.
        years: whole ones, rising.
        products: those replayed.
    """

    sold: pl.DataFrame
    years: tuple[int, ...]
    products: tuple[str, ...]

    def pairs(self, base_year: int, horizon: int) -> pl.DataFrame:
        """``product``, ``market``, ``base``, ``mean`` and ``came`` of pairs sold in."""
        window = [y for y in self.years if base_year - MEAN_YEARS < y <= base_year]
        usd, year = pl.col("usd"), pl.col("year")
        summed = (
            self.sold.filter(pl.col("product").is_in(self.products))
            .group_by("product", "market")
            .agg(
                base=usd.filter(year == base_year).sum(),
                mean=usd.filter(year.is_in(window)).sum() / len(window),
                came=usd.filter(year == base_year + horizon).sum(),
            )
        )
        some = summed.with_columns(pl.col("base", "mean", "came").clip(0.0))
        return some.filter((pl.col("base") > 0) | (pl.col("came") > 0)).sort("product", "market")

    def errors(self, base_year: int, horizon: int) -> tuple[Array, Array]:
        """Log errors of last year's sales and of the mean, of outcomes known in the base year."""
        earlier = [
            self.pairs(year, horizon).filter(pl.col("base") > 0)
            for year in self.years
            if year + horizon in self.years and year + horizon <= base_year
        ]
        if not earlier:
            return np.zeros(0), np.zeros(0)
        pairs = pl.concat(earlier).select("base", "mean", "came").to_numpy()
        base, mean, came = np.log(pairs + FLOOR_USD).T
        return came - base, came - mean


def replay_years(past: Past, origin: str, fit: Fit, bases: Sequence[int], horizon: int) -> Replayed:
    """Every base year and product at the shares of that year."""
    parts, begun = [], dict.fromkeys(bases, 0.0)
    for base_year in bases:
        pairs = past.pairs(base_year, horizon)
        begun[base_year] = float(pairs.filter(pl.col("base") == 0)["came"].sum())
        for (product,), mine in (
            pairs.filter(pl.col("base") > 0)
            .partition_by("product", as_dict=True, maintain_order=True)
            .items()
        ):
            told = list(_market_forecasts(fit, str(product), origin, base_year, horizon))
            looks = pl.DataFrame(told, schema=_LOOKS, orient="row")
            both = mine.join(looks, on="market", how="inner", maintain_order="left")
            parts.append(both.with_columns(year=pl.lit(base_year)))
    return _together([part for part in parts if part.height], begun)


def _market_forecasts(
    fit: Fit, product: str, origin: str, base_year: int, horizon: int
) -> Iterator[tuple[str, float, float, float, list[float]]]:
    """Market, the country's sales, ends of the 80 % interval, quantiles; of those it sells in."""
    try:
        fitted = fit(product, base_year, horizon)
        cells, forecast = product_of(fitted, product, origin)
    except MissingDataError:
        return
    countries, cube = fitted.history.countries, cells.cube
    seller = fitted.history.index.get(origin, -1)
    mine = np.flatnonzero((cube.exporters[cells.row] == seller) & (cells.base > 0))
    if not forecast.known or not len(mine):
        return
    sales = forecast.sales.at(mine)
    low, high = interval(sales, 0.8)
    levels = np.column_stack([sales.quantile(level) for level in LEVELS])
    for at, cell in enumerate(mine):
        market = countries[cube.importers[cells.column[cell]]]
        yield market, float(cells.base[cell]), float(low[at]), float(high[at]), levels[at].tolist()


def _together(parts: Sequence[pl.DataFrame], begun: dict[int, float]) -> Replayed:
    if not parts:
        none, no = np.zeros(0), np.zeros(0, dtype=np.int64)
        levels = np.zeros((0, len(LEVELS)))
        return Replayed(no, no, (), none, none, none, none, none, none, levels, begun)
    rows = pl.concat(parts, how="vertical_relaxed")
    markets = tuple(sorted(rows["market"].unique()))
    index = {market: at for at, market in enumerate(markets)}
    share = (rows["base"] / rows["country"]).to_numpy()
    return Replayed(
        rows["year"].to_numpy().astype(np.int64),
        np.array([index[market] for market in rows["market"]], dtype=np.int64),
        markets,
        rows["base"].to_numpy(),
        rows["mean"].to_numpy(),
        rows["came"].to_numpy(),
        share,
        share * rows["low"].to_numpy(),
        share * rows["high"].to_numpy(),
        share[:, None] * np.array(rows["quantiles"].to_list()),
        begun,
    )


SHARE = 0.8
"""Of outcomes that the interval is to hold."""
LEAST = 30
"""Earlier outcomes that a shift is fitted to, at least: the sixth largest decides."""
CLASSES = 3
"""Of the size of a pair, at most; each has ``LEAST`` outcomes."""


@dataclass(frozen=True)
class Widening:
    """Shifts of the ends, in logs of ``USD + FLOOR_USD``, by class of today's sales.

    Attributes:
        limits: of the classes, USD, rising; one fewer than the shifts.
        shifts: of each class, 0 or more.
        learnt_from: outcomes.
    """

    limits: tuple[float, ...]
    shifts: tuple[float, ...]
    learnt_from: int

    @classmethod
    def fitted(cls, base: Array, came: Array, low: Array, high: Array) -> "Widening | None":
        """From earlier outcomes; arrays in USD, one value a pair; ``low`` and ``high`` of 80 %.

        >>> base = np.full(30, 1e6)
        >>> f"{Widening.fitted(base, base * 4, base / 2, base * 2).shifts[0]:.2f}"  # log 2
        '0.69'
        """
        if len(came) < LEAST:
            return None
        classes = min(len(came) // LEAST, CLASSES)
        limits = np.unique(np.quantile(base, np.arange(1, classes) / classes))
        outside = np.maximum(_log(low) - _log(came), _log(came) - _log(high))
        outside[(low <= 0) & (came <= high)] = -np.inf
        of = np.searchsorted(limits, base)
        parts = [outside[of == at] for at in range(len(limits) + 1)]
        if min(map(len, parts)) < LEAST // 2:  # many pairs of one size
            limits, parts = limits[:0], [outside]
        shifts = tuple(max(_quantile(part), 0.0) for part in parts)
        return cls(tuple(limits.tolist()), shifts, len(came))

    def shift(self, base: Array) -> Array:
        """Of each pair, by today's sales, USD."""
        return np.asarray(self.shifts)[np.searchsorted(np.asarray(self.limits), base)]

    def ends(self, base: Array, share: Array, low: Array, high: Array) -> tuple[Array, Array]:
        """Both ends of the 80 % interval, USD; above the country's own end no share can reach."""
        by = self.shift(base)
        return _usd(_log(low) - by), np.minimum(_usd(_log(high) + by), _whole(high, share))

    def quantiles(self, base: Array, share: Array, quantiles: Array) -> Array:
        """Pairs × ``LEVELS``: those of 10 and 90 % move as the ends, others as a normal's would."""
        from scipy.special import ndtri

        by = ndtri(np.asarray(LEVELS)) / ndtri((1 + SHARE) / 2)
        moved = _usd(_log(quantiles) + self.shift(base)[:, None] * by)
        return np.minimum(moved, _whole(quantiles, share[:, None]))


def _whole(usd: Array, share: Array) -> Array:
    """What the whole country sells where a share of it is so much, USD."""
    return np.asarray(usd / np.minimum(share, 1.0))


def _quantile(outside: Array) -> float:
    """The smallest shift that holds the share of them that n + 1 would have."""
    needed = int(np.ceil(SHARE * (len(outside) + 1)))
    return float(np.sort(outside)[min(needed, len(outside)) - 1])


def _log(usd: Array) -> Array:
    return np.asarray(np.log(np.maximum(usd, 0.0) + FLOOR_USD))


def _usd(log: Array) -> Array:
    return np.asarray(np.maximum(np.exp(log) - FLOOR_USD, 0.0))


WAYS = ("at_shares", "widened", "persistence", "three_year_mean")
"""Shares then × the outlook then; the same with intervals widened; sales of the base year, and the
mean of three years, with the quantiles of their own past errors."""
BARS = ("persistence", "three_year_mean")
MEASURES = ("crps", "quantile_loss", "log_error")
LATEST = 6
"""Base years that are replayed, at most: those that only show how wide to be too."""
LEAST_PAST = 10
"""Past errors that quantiles can be taken of."""
LEAST_YEARS = 2
"""Base years that are scored at the horizon asked for; else a shorter one is."""
DRAWS = 2000
_LOW, _MIDDLE, _HIGH = (LEVELS.index(level) for level in (0.1, 0.5, 0.9))


@dataclass(frozen=True)
class WayScore:
    """One way of telling what a region sells in each pair of product and market.

    Attributes:
        way: one of ``WAYS``.
        crps: continuous ranked probability score on log sales, a pair.
        quantile_loss: weighted quantile loss: its sum over all sales, USD a USD.
        log_error: mean absolute error of the log of sales.
        coverage80: share of pairs inside the 80 % interval.
        coverage80_usd: the same weighted by what was sold.
    """

    way: str
    crps: float
    quantile_loss: float
    log_error: float
    coverage80: float
    coverage80_usd: float


@dataclass(frozen=True)
class SkillLead:
    """1 - the widened outlook's loss over a bar's, with its 95 % interval; below 0 it is worse."""

    bar: str
    measure: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class SharesRecord:
    """The record of a region's outlook.

    Attributes:
        horizon: years ahead, of what was replayed.
        base_years: scored.
        pairs: of product, market and base year.
        products: replayed.
        scores: by way.
        leads: over the bars.
        begun: share of later sales in pairs in which nothing was sold in the base year: no share
            sees these.
        widening: of today's intervals, from all years replayed; ``None`` where too few outcomes
            are known.
    """

    horizon: int
    base_years: tuple[int, ...]
    pairs: int
    products: tuple[str, ...]
    scores: tuple[WayScore, ...]
    leads: tuple[SkillLead, ...]
    begun: float
    widening: Widening | None

    def lead(self, bar: str, measure: str = "crps") -> SkillLead | None:
        """Over one bar, by one measure."""
        return next((x for x in self.leads if (x.bar, x.measure) == (bar, measure)), None)

    def score(self, way: str) -> WayScore | None:
        """Of one way."""
        return next((x for x in self.scores if x.way == way), None)


def record(
    past: Past, origin: str, fit: Fit, fitted_years: Sequence[int], longest: int, seed: int = 1
) -> SharesRecord:
    """Replay a region's earlier years.

    Args:
        past: its whole calendar years.
        origin: its country, alpha-3.
        fit: the outlook of a product as of a year.
        fitted_years: years as of which an outlook can be fitted.
        longest: years ahead; up to it the longest is replayed that has two base years to score.
        seed: of the resampling.
    """
    horizon = _horizon(past, fitted_years, longest)
    bases = _bases(past, fitted_years, horizon)[-LATEST:]
    told = replay_years(past, origin, fit, bases, horizon)
    scored = {year: by_way for year in bases if (by_way := _score_year(past, told, year, horizon))}
    pairs = told.of(tuple(scored))
    later = float(pairs.came.sum()) + sum(pairs.begun.values())
    ways = WAYS if scored else ()
    losses = {way: _join_losses([by_way[way] for by_way in scored.values()]) for way in ways}
    return SharesRecord(
        horizon,
        tuple(scored),
        len(pairs.came),
        past.products,
        tuple(_score(way, loss, pairs.came) for way, loss in losses.items()),
        tuple(_leads(losses, pairs, seed)) if losses else (),
        sum(pairs.begun.values()) / later if later else 0.0,
        _widening(told),
    )


def _bases(past: Past, fitted_years: Sequence[int], horizon: int) -> list[int]:
    return [y for y in past.years if y in fitted_years and y + horizon in past.years]


def _horizon(past: Past, fitted_years: Sequence[int], longest: int) -> int:
    """The longest of which two base years have another whose outcome they knew."""
    for horizon in range(longest, 1, -1):
        bases = _bases(past, fitted_years, horizon)
        if sum(base - horizon in bases for base in bases[-LATEST:]) >= LEAST_YEARS:
            return horizon
    return 1


def _widening(told: Replayed) -> Widening | None:
    return Widening.fitted(told.base, told.came, told.low, told.high)


@dataclass(frozen=True)
class _Losses:
    """Of each pair."""

    crps: Array
    quantile_loss: Array
    log_error: Array
    inside: Array


def _score_year(
    past: Past, told: Replayed, year: int, horizon: int
) -> Mapping[str, _Losses] | None:
    """Every way in one base year; ``None`` where one of them had nothing to fit to by then."""
    pairs = told.of([year])
    errors = dict(zip(BARS, past.errors(year, horizon), strict=True))
    wider = _widening(told.of([y for y in set(told.year.tolist()) if y + horizon <= year]))
    if wider is None or len(errors["persistence"]) < LEAST_PAST or not len(pairs.came):
        return None
    losses = {"at_shares": _losses(pairs.came, pairs.quantiles, pairs.low, pairs.high)}
    wide, ends = wider.quantiles(pairs.base, pairs.share, pairs.quantiles), (pairs.low, pairs.high)
    losses["widened"] = _losses(pairs.came, wide, *wider.ends(pairs.base, pairs.share, *ends))
    for bar, point in (("persistence", pairs.base), ("three_year_mean", pairs.mean)):
        logs = np.log(point + FLOOR_USD)[:, None] + np.quantile(errors[bar], LEVELS)
        quantiles = np.maximum(np.exp(logs) - FLOOR_USD, 0.0)
        own = _losses(pairs.came, quantiles, quantiles[:, _LOW], quantiles[:, _HIGH])
        off = np.abs(np.log(pairs.came + FLOOR_USD) - np.log(point + FLOOR_USD))
        losses[bar] = _Losses(own.crps, own.quantile_loss, off, own.inside)
    return losses


def _losses(came: Array, quantiles: Array, low: Array, high: Array) -> _Losses:
    log, logs = np.log(came + FLOOR_USD), np.log(np.maximum(quantiles, 0.0) + FLOOR_USD)
    return _Losses(
        crps(log[:, None] - logs),
        crps(came[:, None] - quantiles),
        np.abs(log - logs[:, _MIDDLE]),
        ((came >= low) & (came <= high)).astype(float),
    )


def _join_losses(parts: Sequence[_Losses]) -> _Losses:
    names = ("crps", "quantile_loss", "log_error", "inside")
    return _Losses(*(np.concatenate([getattr(loss, name) for loss in parts]) for name in names))


def _score(way: str, losses: _Losses, came: Array) -> WayScore:
    sold = max(float(came.sum()), TINY)
    return WayScore(
        way,
        float(losses.crps.mean()),
        float(losses.quantile_loss.sum()) / sold,
        float(losses.log_error.mean()),
        float(losses.inside.mean()),
        float((losses.inside * came).sum()) / sold,
    )


def _leads(losses: Mapping[str, _Losses], pairs: Replayed, seed: int) -> Iterator[SkillLead]:
    """Base years and markets are redrawn together (Owen, 2007; ``backtest.resampling``)."""
    rng = np.random.default_rng(seed)

    def drawn(count: int) -> Array:
        return rng.multinomial(count, np.full(count, 1 / count), size=DRAWS).astype(float)

    years = sorted(set(pairs.year.tolist()))
    weights = drawn(len(years))[:, np.searchsorted(years, pairs.year)]
    weights *= drawn(len(pairs.markets))[:, pairs.market]
    for bar in BARS:
        for measure in MEASURES:
            mine, theirs = (getattr(losses[way], measure) for way in ("widened", bar))
            draws = 1 - (weights @ mine) / np.maximum(weights @ theirs, TINY)
            low, high = np.quantile(draws, [0.025, 0.975])
            value = 1 - float(mine.sum()) / max(float(theirs.sum()), TINY)
            yield SkillLead(bar, measure, value, float(low), float(high))
