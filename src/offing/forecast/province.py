"""A region's exports some years ahead: its country's outlook times its shares (省级展望).

The outlook says what a region sells that keeps its shares. Its intervals are the country's, widened
by what the region's own earlier years show (``widening``), where there are enough of them.

How right the outlook was at the shares a region had, beside simple bars (省级展望的检验).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from offing.estimators import TINY
from offing.forecast.outlook.distribution import LEVELS, crps, interval
from offing.forecast.outlook.forecast import Outlooks, outlooks, outlooks_of_origin, product_of
from offing.forecast.ranking import latest_full_year, near_product, product_trade
from offing.market.history import FLOOR_USD, Array, History
from offing.terms.background import stretch, tell
from offing.terms.errors import InputError, MissingDataError
from offing.terms.messages import say
from offing.warehouse import Warehouse
from offing.warehouse.trade import reported_years

MEAN_YEARS = 3
"""Of the mean that costs nothing (``scores.three_year_mean``)."""
QUANTILES = [f"q{at}" for at in range(len(LEVELS))]
Fit = Callable[[str, int, int], Outlooks]
"""Product, base year, years ahead → the outlook of whole markets, fitted on nothing later."""


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


def replay_years(
    past: Past, origin: str, fit: Fit, bases: Sequence[int], horizon: int
) -> tuple[pl.DataFrame, dict[int, float]]:
    """Every base year and product at the shares of that year.

    Returns:
        Pairs of product and ``market`` that the region sold in then, by ``year``: sold in the base
        year (``base``), the ``mean`` of up to three years to it and what ``came``, USD; the
        ``share`` of the country's sales in the base year, ends of the 80 % interval (``low``,
        ``high``) and quantiles at ``LEVELS``, USD. By base year the USD that came in pairs in which
        nothing was sold in it.
    """
    numbers = ("base", "mean", "came", "country", "low", "high", *QUANTILES)
    types = {"market": pl.String, **dict.fromkeys(numbers, pl.Float64), "year": pl.Int64}
    parts, begun = [pl.DataFrame(schema=types)], dict.fromkeys(bases, 0.0)
    for base_year in bases:
        pairs = past.pairs(base_year, horizon)
        begun[base_year] = float(pairs.filter(pl.col("base") == 0)["came"].sum())
        sold = pairs.filter(pl.col("base") > 0)
        for mine in sold.partition_by("product", maintain_order=True):
            looks = _market_forecasts(fit, mine["product"][0], origin, base_year, horizon)
            if looks is not None:
                both = mine.join(looks, on="market", how="inner", maintain_order="left")
                parts.append(both.with_columns(year=pl.lit(base_year)).select(list(types)))
    share = pl.col("base") / pl.col("country")
    rows = pl.concat(parts, how="vertical_relaxed").with_columns(share=share)
    return rows.with_columns(pl.col("low", "high", *QUANTILES) * pl.col("share")), begun


def _market_forecasts(
    fit: Fit, product: str, origin: str, base_year: int, horizon: int
) -> pl.DataFrame | None:
    """Market, the country's sales, ends of the 80 % interval, quantiles; of those it sells in."""
    try:
        fitted = fit(product, base_year, horizon)
        cells, forecast = product_of(fitted, product, origin)
    except MissingDataError:
        return None
    countries, cube = fitted.history.countries, cells.cube
    seller = fitted.history.index.get(origin, -1)
    mine = np.flatnonzero((cube.exporters[cells.row] == seller) & (cells.base > 0))
    if not forecast.known or not len(mine):
        return None
    sales = forecast.sales.at(mine)
    low, high = interval(sales, 0.8)
    quantiles = dict(zip(QUANTILES, map(sales.quantile, LEVELS), strict=True))
    markets = [countries[at] for at in cube.importers[cells.column[mine]]]
    told = {"market": markets, "country": cells.base[mine], "low": low, "high": high}
    return pl.DataFrame(told | quantiles)


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
    def of(cls, base: Array, came: Array, low: Array, high: Array) -> "Widening | None":
        """From earlier outcomes; arrays in USD, one value a pair; ``low`` and ``high`` of 80 %.

        >>> base = np.full(30, 1e6)
        >>> f"{Widening.of(base, base * 4, base / 2, base * 2).shifts[0]:.2f}"  # log 2
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
    told, begun = replay_years(past, origin, fit, bases, horizon)
    scored = {year: by_way for year in bases if (by_way := _score_year(past, told, year, horizon))}
    pairs = told.filter(pl.col("year").is_in(list(scored)))
    came, new = pairs["came"].to_numpy(), sum(begun[year] for year in scored)
    later = float(came.sum()) + new
    ways = WAYS if scored else ()
    losses = {way: pl.concat([by_way[way] for by_way in scored.values()]) for way in ways}
    return SharesRecord(
        horizon,
        tuple(scored),
        len(came),
        past.products,
        tuple(_score(way, loss, came) for way, loss in losses.items()),
        tuple(_leads(losses, pairs, seed)) if losses else (),
        new / later if later else 0.0,
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


def _widening(told: pl.DataFrame) -> Widening | None:
    return Widening.of(*_columns(told, "base", "came", "low", "high"))


def _columns(pairs: pl.DataFrame, *names: str) -> Iterator[Array]:
    return (pairs[name].to_numpy() for name in names)


def _score_year(
    past: Past, told: pl.DataFrame, year: int, horizon: int
) -> Mapping[str, pl.DataFrame] | None:
    """Every way in one base year; ``None`` where one of them had nothing to fit to by then."""
    pairs = told.filter(pl.col("year") == year)
    errors = dict(zip(BARS, past.errors(year, horizon), strict=True))
    wider = _widening(told.filter(pl.col("year") + horizon <= year))
    if wider is None or len(errors["persistence"]) < LEAST_PAST or pairs.is_empty():
        return None
    base, mean, came, share, *ends = _columns(pairs, "base", "mean", "came", "share", "low", "high")
    quantiles = pairs.select(QUANTILES).to_numpy()
    losses = {"at_shares": _losses(came, quantiles, *ends)}
    wide = wider.quantiles(base, share, quantiles)
    losses["widened"] = _losses(came, wide, *wider.ends(base, share, *ends))
    for bar, point in (("persistence", base), ("three_year_mean", mean)):
        logs = np.log(point + FLOOR_USD)[:, None] + np.quantile(errors[bar], LEVELS)
        own = np.maximum(np.exp(logs) - FLOOR_USD, 0.0)
        off = np.abs(np.log(came + FLOOR_USD) - np.log(point + FLOOR_USD))
        loss = _losses(came, own, own[:, _LOW], own[:, _HIGH])
        losses[bar] = loss.with_columns(log_error=pl.Series(off))
    return losses


def _losses(came: Array, quantiles: Array, low: Array, high: Array) -> pl.DataFrame:
    """Of each pair."""
    log, logs = np.log(came + FLOOR_USD), np.log(np.maximum(quantiles, 0.0) + FLOOR_USD)
    return pl.DataFrame(
        {
            "crps": crps(log[:, None] - logs),
            "quantile_loss": crps(came[:, None] - quantiles),
            "log_error": np.abs(log - logs[:, _MIDDLE]),
            "inside": ((came >= low) & (came <= high)).astype(float),
        }
    )


def _score(way: str, losses: pl.DataFrame, came: Array) -> WayScore:
    sold = max(float(came.sum()), TINY)
    scores, quantile_loss, log_error, inside = _columns(
        losses, "crps", "quantile_loss", "log_error", "inside"
    )
    return WayScore(
        way,
        float(scores.mean()),
        float(quantile_loss.sum()) / sold,
        float(log_error.mean()),
        float(inside.mean()),
        float((inside * came).sum()) / sold,
    )


def _leads(
    losses: Mapping[str, pl.DataFrame], pairs: pl.DataFrame, seed: int
) -> Iterator[SkillLead]:
    """Base years and markets are redrawn together (Owen, 2007; ``backtest.resampling``)."""
    rng = np.random.default_rng(seed)

    def drawn(count: int) -> Array:
        return rng.multinomial(count, np.full(count, 1 / count), size=DRAWS).astype(float)

    years, at_year = np.unique(pairs["year"], return_inverse=True)
    markets, at_market = np.unique(pairs["market"], return_inverse=True)
    weights = drawn(len(years))[:, at_year]
    weights *= drawn(len(markets))[:, at_market]
    for bar in BARS:
        for measure in MEASURES:
            mine, theirs = (losses[way][measure].to_numpy() for way in ("widened", bar))
            draws = 1 - (weights @ mine) / np.maximum(weights @ theirs, TINY)
            low, high = np.quantile(draws, [0.025, 0.975])
            value = 1 - float(mine.sum()) / max(float(theirs.sum()), TINY)
            yield SkillLead(bar, measure, value, float(low), float(high))


AHEAD = {
    "product": pl.String, "market": pl.String, "year": pl.Int64, "today_usd": pl.Float64,
    "expected_usd": pl.Float64, "low80": pl.Float64, "high80": pl.Float64, "gain_usd": pl.Float64,
    "share": pl.Float64, "room_usd": pl.Float64,
}  # fmt: skip
RECORD_TAKES = 0.6
"""About this part of the time goes into the replay of earlier years."""


class CountryTrade:
    """A country's trade, product by product, as it is asked for."""

    def __init__(self, warehouse: Warehouse, dataset: str | None) -> None:
        """Of the data set that is named, else of the one with the most trade in each product."""
        self.warehouse, self.dataset = warehouse, dataset
        self.flows: Callable[[str], pl.DataFrame | None] = cache(self._flows)
        self._histories: dict[tuple[str, str, int], History] = {}
        reported = reported_years(warehouse, warehouse.trade_set("", dataset))
        last = latest_full_year(reported)
        self.years = [year for year in sorted(set(reported["year"])) if year <= last]

    def _flows(self, code: str) -> pl.DataFrame | None:
        try:
            rows = self.warehouse.flows(code, dataset=self.dataset)
        except (InputError, MissingDataError) as error:
            if error.key in ("warehouse.no_such_product", "warehouse.not_in_dataset"):
                return None
            raise
        return None if rows.is_empty() else rows

    def set_of(self, code: str) -> str:
        """The data set that a product is looked up in."""
        return self.warehouse.trade_set(code, self.dataset)

    def fit(self, product: str, base_year: int, horizon: int) -> Outlooks:
        """The outlook of whole markets as of a year, fitted on nothing later.

        Raises:
            MissingDataError: ``market.no_year`` or ``market.no_flows``.
        """
        return outlooks(self._history(product, base_year), base_year, horizon)

    def _history(self, product: str, base_year: int) -> History:
        """What the product is fitted on; one for all products that are fitted on the same.

        A product that the set has only below its code is added up, and has one of its own.
        """
        dataset, flows = self.set_of(product), self.flows(product)
        near, _ = near_product(self.warehouse, dataset, product, base_year)
        itself = flows is not None and product in set(
            flows.filter(pl.col("year") <= base_year)["product"]
        )
        key = (dataset, near if itself else f"{product} and below", base_year)
        if key not in self._histories:
            _, self._histories[key] = product_trade(
                self.warehouse, product, dataset=dataset, year=base_year
            )
        return self._histories[key]


YearsAhead = Callable[[int], int]
"""Base year → years ahead of it."""


def ahead_at_shares(
    trade: CountryTrade, origin: str, years: YearsAhead, beside: pl.DataFrame, past: Past
) -> tuple[pl.DataFrame, SharesRecord | None]:
    """Each product's markets some years on, in the columns of ``AHEAD``, and the record of it.

    Args:
        trade: of the country.
        origin: the country, alpha-3.
        years: how far ahead.
        beside: see :func:`offing.ladders.standing.region_shares`.
        past: the region's whole years, which the record is made of, and the products looked at.

    Returns:
        The outlook, and ``None`` where there are no products.
    """
    if not past.products:
        return pl.DataFrame(schema=AHEAD), None
    bases = [latest_full_year(rows) for p in past.products if (rows := trade.flows(p)) is not None]
    with stretch(0.0, RECORD_TAKES):
        tell(say("province.replaying"), 0.0)
        replay = record(past, origin, trade.fit, trade.years[1:], years(max(bases)))
    with stretch(RECORD_TAKES, 1.0):
        wider = replay.widening
        rows = expected_at_shares(trade, origin, past.products, years, beside, wider=wider)
    return rows, replay


def expected_at_shares(
    trade: CountryTrade,
    origin: str,
    products: Sequence[str],
    years: YearsAhead,
    beside: pl.DataFrame,
    *,
    wider: Widening | None = None,
) -> pl.DataFrame:
    """The same without a record; intervals that are not widened are the country's alone."""
    parts = [pl.DataFrame(schema=AHEAD)]
    for number, code in enumerate(products):
        tell(say("market.training"), number / len(products))
        flows = trade.flows(code)
        assert flows is not None, "a product beside the country's has flows"
        base = latest_full_year(flows)
        ahead = years(base)
        told = outlooks_of_origin(trade.fit(code, base, ahead), code, origin)
        looks = {market: look for (market, _), look in told.items()}
        mine = beside.filter(pl.col("product") == code)
        mean = float(mine["sold"].sum()) / float(mine["country"].sum())
        rows = [
            (code, market, base + ahead, share * look.base_usd, share * look.expected_usd,
             look.low80 and share * look.low80, look.high80 and share * look.high80,
             share * (look.expected_usd - look.base_usd), share,
             max(mean - share, 0.0) * look.expected_usd)
            for market, share in mine.select("market", "share").rows()
            if share is not None and (look := looks.get(market)) is not None
        ]  # fmt: skip
        frame = pl.DataFrame(rows, schema=AHEAD, orient="row")
        parts.append(frame if wider is None else _widen_intervals(frame, wider))
    return pl.concat(parts)


def _widen_intervals(rows: pl.DataFrame, wider: Widening) -> pl.DataFrame:
    """Ends of pairs that are sold in; the others have a share of nothing."""
    sold = (pl.col("today_usd") > 0) & pl.col("low80").is_not_null()
    base, share, low, high = (
        rows[name].fill_null(1.0).to_numpy() for name in ("today_usd", "share", "low80", "high80")
    )
    low, high = wider.ends(base, np.maximum(share, 1e-12), low, high)
    return rows.with_columns(
        low80=pl.when(sold).then(pl.Series(low)).otherwise("low80"),
        high80=pl.when(sold).then(pl.Series(high)).otherwise("high80"),
    )


def whole_years(lines: pl.DataFrame, years: Sequence[int], products: Sequence[str]) -> Past:
    """A region's past from lines: ``on``, ``product`` and more digits, ``market``, ``usd``."""
    digits = max(map(len, products), default=0)
    sold = (
        lines.group_by(
            pl.col("product").str.slice(0, digits),
            "market",
            year=pl.col("on").dt.year().cast(pl.Int64),
        )
        .agg(pl.col("usd").sum())
        .filter(pl.col("year").is_in(list(years)))
    )
    return Past(sold, tuple(years), tuple(products))
