"""How right the outlook was at the shares a region had, beside simple bars (省级展望的检验)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from offing.estimators import TINY
from offing.forecast.outlook.intervals import LEVELS
from offing.forecast.shares.replay import Fit, Past, Replayed, replayed
from offing.forecast.shares.widening import Widening
from offing.market.history import FLOOR_USD, Array

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
class Lead:
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
    leads: tuple[Lead, ...]
    begun: float
    widening: Widening | None

    def lead(self, bar: str, measure: str = "crps") -> Lead | None:
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
    told = replayed(past, origin, fit, bases, horizon)
    scored = {year: by_way for year in bases if (by_way := _scored(past, told, year, horizon))}
    pairs = told.of(tuple(scored))
    later = float(pairs.came.sum()) + sum(pairs.begun.values())
    ways = WAYS if scored else ()
    losses = {way: _joined([by_way[way] for by_way in scored.values()]) for way in ways}
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


def _scored(past: Past, told: Replayed, year: int, horizon: int) -> Mapping[str, _Losses] | None:
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
    levels = np.asarray(LEVELS)
    steps = np.diff(np.r_[0.0, (levels[1:] + levels[:-1]) / 2, 1.0])

    def pinball(off: Array) -> Array:
        return np.asarray(2 * np.maximum(levels * off, (levels - 1) * off) @ steps)

    log, logs = np.log(came + FLOOR_USD), np.log(np.maximum(quantiles, 0.0) + FLOOR_USD)
    return _Losses(
        pinball(log[:, None] - logs),
        pinball(came[:, None] - quantiles),
        np.abs(log - logs[:, _MIDDLE]),
        ((came >= low) & (came <= high)).astype(float),
    )


def _joined(parts: Sequence[_Losses]) -> _Losses:
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


def _leads(losses: Mapping[str, _Losses], pairs: Replayed, seed: int) -> Iterator[Lead]:
    """Base years and markets are drawn anew together (Owen, 2007; ``backtest.resampling``)."""
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
            yield Lead(bar, measure, value, float(low), float(high))
