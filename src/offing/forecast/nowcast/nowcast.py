"""The outlook moved by the months of the running year, and narrowed by what they have settled.

In the running year δ years after the base year, the median of a flow moves by ``weight`` times
what its months say beyond the outlook (in logs), and the distribution shrinks around it by
``narrowing`` r; nothing lies below what is sold already. A later year follows as far as surprises
last: its median moves by ``slope`` times that, and with the correlation c of the surprises of both
years its spread by √(1 − c²(1 − r²)), as two normals have it. Both are fitted (``lasting``).

Whether a pair sells at all: it does where its months have sales; where they have none, by Bayes'
rule from how many sellers of a year sell late.

Weight and narrowing are fitted to earlier years of the same data. An earlier base year gives for
each flow what its months said beyond the annual outlook of that base year (x, in logs), and what
came beyond it (y). The months' word counts ``weight``, the slope of y on x through zero: 1 where a
season comes back exactly, 0 where months are noise. What is left over, against the outlook's own
half-interval, is how far the distribution may be narrowed. Both lean on a prior as long as few
flows were seen (credibility; Bühlmann, 1967, ASTIN Bulletin 4:199-207), by kind of flow: how
steadily it sells says how noisy its months are.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np

from offing.estimators import SMALL
from offing.forecast.nowcast.signals import (
    BEGAN,
    EMPTY,
    HABITS,
    KINDS,
    LUMPY,
    SILENT,
    STEADY,
    UNEVEN,
    MonthlySales,
    Signals,
    habits,
    newest_signals,
    signals,
)
from offing.forecast.outlook.distribution import PROBABILITIES, Distribution
from offing.forecast.outlook.features import Cells
from offing.forecast.outlook.forecast import Outlooks, outlooks
from offing.forecast.outlook.model import COMMON_SHARE, Forecast
from offing.forecast.outlook.training import outcome
from offing.market.history import FLOOR_USD, Array, Codes, History, Mask

PRIOR_MONTHS = 3.0
"""Months that must be seen until they count as much as the outlook, where nothing was fitted. A
choice, not an estimate."""
STEADINESS = {STEADY: 10 / 12, UNEVEN: 6 / 12, LUMPY: 2.5 / 12, BEGAN: 6 / 12, SILENT: 2.5 / 12}
"""Effective months of a kind over twelve: the middle of its class."""
LEAST = 30.0
"""Flows seen that count as much as the prior."""
LEAST_SOLD = 5.0
"""Flows seen that count as much as an even year, where it is asked how many sell late."""
FURTHEST = 4.0
"""Surprises beyond so many spreads count as that."""
SHARE = 0.8
"""Of errors that shall lie inside the narrowed 80 % interval."""
NARROWEST, WIDEST = 0.02, 2.0
"""Bounds of what a distribution is multiplied by: where an outlook was too sure of itself on the
same data, its months make it wider."""


TrainingSample = tuple[Codes, Array, Array, Array, Array]
"""Flows of one earlier base year: of each its kind; the log of what the months point to, over the
outlook's median; the log of what came, over it; and how far the outlook's 90 % quantile lies above
its median, and its 10 % quantile below, in logarithms."""


@dataclass(frozen=True)
class SignalWeight:
    """What so many months of a year are worth.

    Attributes:
        weight: by kind, 0 to 1.
        narrowing: by kind: what the outlook's distribution is multiplied by around its median.
        late: by habit: the share of pairs that sold nothing in these months of those that sold in
            the year.
        years: base years that were trained on.
    """

    weight: Array
    narrowing: Array
    late: Array
    years: tuple[int, ...]


def prior_weight(kind: int, months: int) -> float:
    """The credibility of so many months of a flow where nothing was fitted.

    >>> round(prior_weight(STEADY, 6), 3), round(prior_weight(LUMPY, 6), 3)
    (0.625, 0.294)
    """
    effective = months * STEADINESS.get(kind, 0.0)
    return effective / (effective + PRIOR_MONTHS)


def lesson(seen: Mapping[int, TrainingSample], months: int, late: Array) -> SignalWeight:
    """What earlier base years, the keys of ``seen``, show of so many months."""
    weight, narrowing = np.zeros(KINDS), np.ones(KINDS)
    names = ("kind", "said", "came", "up", "down")
    columns = zip(*seen.values(), strict=True)
    pooled: dict[str, Array] = dict(zip(names, map(np.concatenate, columns), strict=bool(seen)))
    for kind in range(EMPTY):
        prior = prior_weight(kind, months)
        spread = float(np.sqrt(1 - prior))
        if pooled:
            if kind < BEGAN:
                grows = pooled["kind"] < BEGAN
                prior, spread = _leaning(pooled, grows, prior, spread, len(seen))
            prior, spread = _leaning(pooled, pooled["kind"] == kind, prior, spread, len(seen))
        weight[kind], narrowing[kind] = prior, spread
    return SignalWeight(weight, np.clip(narrowing, NARROWEST, WIDEST), late, tuple(seen))


def _leaning(
    pooled: dict[str, Array], mine: Mask, prior: float, spread: float, years: int
) -> tuple[float, float]:
    """Weight and narrowing of some flows, leaning on what was known before."""
    count = int(mine.sum())
    if not count:
        return prior, spread
    predicted, came, up, down = (pooled[name][mine] for name in ("said", "came", "up", "down"))
    width = np.maximum((up + down) / 2, 0.05)
    x, y = (np.clip(value / width, -FURTHEST, FURTHEST) for value in (predicted, came))
    slope = float(np.clip((x @ y) / max(float(x @ x), SMALL), 0.0, 1.0))
    trust = count / (count + LEAST)
    weight = trust * slope + (1 - trust) * prior
    error = came - weight * predicted
    ratio = np.abs(error) / np.maximum(np.where(error > 0, up, down), 0.05)
    reached = float(np.quantile(ratio, SHARE, method="higher"))
    # An error that all flows of a year share has hardly been seen in few years.
    reached *= float(np.sqrt(1 + COMMON_SHARE / max(years, 1)))
    return weight, trust * reached + (1 - trust) * spread


def late_sellers(sales: MonthlySales, months: int, before: int) -> Array:
    """By habit, the share of a year's sellers that sold nothing in its first months.

    Only years before ``before`` are looked at.
    """
    late, sellers = np.zeros(HABITS), np.zeros(HABITS)
    for habit, silent in _years_of_sales(sales, months, before):
        late += np.bincount(habit, silent, HABITS)
        sellers += np.bincount(habit, minlength=HABITS)
    even = 1 - months / 12
    return np.asarray((late + LEAST_SOLD * even) / (sellers + LEAST_SOLD))


def _years_of_sales(sales: MonthlySales, months: int, before: int) -> Iterable[tuple[Codes, Array]]:
    for side in sales.sides:
        for year in side.years:
            now, last = side.of(year), side.of(year - 1)
            there = np.isfinite(now).all(axis=1) & np.isfinite(last).all(axis=1)
            there &= np.where(there, now.sum(axis=1), 0.0) > 0
            if year < before and there.any():
                yield habits(last[there]), now[there, :months].sum(axis=1) == 0


_LEAST_WIDTH = 0.05


Persistence = tuple[float, float]
"""How surprises last: slope of the later on the earlier, in logs, and their correlation."""
FULL_PERSISTENCE: Persistence = (1.0, 1.0)
"""In the same year."""


def lasting(seen: Sequence[Array], ahead: tuple[int, int]) -> Persistence:
    """What earlier base years show of two horizons, from the :func:`surprises` of each.

    The prior of both is that of a random walk's correlation, √(near/late).
    """
    prior = float(np.sqrt(ahead[0] / ahead[1]))
    near, near_width, late, late_width = np.hstack([np.empty((4, 0)), *seen])
    count = len(near)
    if not count:
        return prior, prior
    near_width, late_width = (np.maximum(w, _LEAST_WIDTH) for w in (near_width, late_width))
    x, y = (
        np.clip(value / width, -FURTHEST, FURTHEST)
        for value, width in ((near, near_width), (late, late_width))
    )
    product = max(float(x @ y), 0.0)
    correlation = product / max(float(np.sqrt((x @ x) * (y @ y))), SMALL)
    raw = x * near_width / late_width
    slope = max(float(raw @ y), 0.0) / max(float(raw @ raw), SMALL)
    trust = count / (count + LEAST)
    return (
        trust * min(slope, 1.0) + (1 - trust) * prior,
        trust * min(correlation, 1.0) + (1 - trust) * prior,
    )


TRAINING_YEARS = 5
"""Earlier base years trained on, the latest."""
TRAINING_PRODUCTS = 40
"""Products trained on, those with the most flows: each is fitted again in each base year."""
_LOW, _MIDDLE, _HIGH = (int(np.searchsorted(PROBABILITIES, level)) for level in (0.1, 0.5, 0.9))


@dataclass(frozen=True)
class Nowcast:
    """What the months say beyond the annual outlook of a base year.

    Attributes:
        base_year: of the outlook.
        signals: of the pairs whose months are known.
        lessons: years ahead and months → what they are worth.
        plain: years ahead → the annual outlook.
        products: trained on.
        datasets: where the months come from.
    """

    base_year: int
    signals: Signals
    lessons: dict[tuple[int, int], SignalWeight]
    plain: Callable[[int], Outlooks]
    products: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    _lasts: dict[tuple[int, int], Persistence] = field(
        default_factory=dict, repr=False, compare=False
    )
    _told: dict[tuple[int, str, str], Forecast] = field(
        default_factory=dict, repr=False, compare=False
    )

    @property
    def newest(self) -> tuple[int, int]:
        """The newest year with months, and how many of it are known."""
        ahead = int(self.signals.ahead.max())
        return self.base_year + ahead, int(self.signals.months[self.signals.ahead == ahead].max())

    @property
    def trained_on(self) -> tuple[int, ...]:
        """Base years that the newest months' worth was fitted to."""
        year, months = self.newest
        return self.lessons[year - self.base_year, months].years

    def revise_outlook(self, fitted: Outlooks) -> Outlooks:
        """The same outlook, moved by the months."""
        if fitted.whole is not None:
            return replace(fitted, whole=self.revise_outlook(fitted.whole), _told={})

        def revise(cells: Cells, forecast: Forecast) -> Forecast:
            return self.revise_cells(cells, forecast, fitted.horizon)

        return replace(fitted, revise=revise, _told={})

    def revise_cells(self, cells: Cells, annual: Forecast, horizon: int) -> Forecast:
        """The outlook of a product's cells, moved by their months."""
        rows = self.signals.rows_by_product.get(cells.cube.product)
        if rows is None:
            return annual
        near = self.signals.take(rows)
        near = near.take(near.ahead <= horizon)
        sales = annual.sales
        for ahead in sorted(set(near.ahead.tolist())):
            of_year = near.take(near.ahead == ahead)
            before = self._plain(ahead, cells) if ahead < horizon else annual
            for months in sorted(set(of_year.months.tolist())):
                of_months = of_year.take(of_year.months == months)
                cell, row = cell_positions(cells, of_months, self.plain(horizon).history)
                if len(cell):
                    worth = self.lessons[ahead, months]
                    moved = _move_distributions(
                        (annual.sales.at(cell), before.sales.at(cell)),
                        of_months.take(row),
                        cells.base[cell],
                        worth,
                        self._lasting(ahead, horizon),
                        now=ahead == horizon,
                    )
                    sales = _insert_cells(sales, cell, moved)
        change = sales.mean - annual.sales.mean
        because = annual.because | {"months": change} if annual.because else {}
        # Growth that the months show, or deny, is growth to come by the horizon no more or less.
        gain = np.maximum(annual.gain + change, 0.0)
        return replace(annual, sales=sales, gain=gain, because=because)

    def _lasting(self, ahead: int, horizon: int) -> Persistence:
        """How far what surprises in the year of the months is there at the horizon."""
        if ahead == horizon:
            return FULL_PERSISTENCE
        if (ahead, horizon) not in self._lasts:
            history = self.plain(ahead).history
            self._lasts[ahead, horizon] = lasting(
                [
                    surprises(history, base_year, (ahead, horizon), self.products)
                    for base_year in training_years(history, horizon)
                ],
                (ahead, horizon),
            )
        return self._lasts[ahead, horizon]

    def _plain(self, ahead: int, cells: Cells) -> Forecast:
        """The annual outlook of the same cells in the year of the months."""
        key = (ahead, cells.cube.product, cells.cube.tier)
        if key not in self._told:
            for other, forecast in self.plain(ahead).forecasts([cells.cube.product]):
                self._told[ahead, other.cube.product, other.cube.tier] = forecast
        return self._told[key]


def logs(sales: Distribution) -> Array:
    """Cells × knots: log of sales plus ``FLOOR_USD``, of what is alive."""
    usd = sales.scale[:, None] * (np.exp(sales.logs) - FLOOR_USD)
    return np.asarray(np.log(np.maximum(usd, 0.0) + FLOOR_USD))


def cell_positions(cells: Cells, signals: Signals, history: History) -> tuple[Codes, Codes]:
    """Where pairs with months stand: places of cells, and of signals."""
    size = len(history.countries)
    seller, buyer = (
        np.array([history.index.get(code, -1) for code in signals.pairs[side]], dtype=np.int64)
        for side in ("exporter", "importer")
    )
    pair = np.where((seller >= 0) & (buyer >= 0), seller * size + buyer, -1)
    keys = cells.cube.exporters[cells.row] * size + cells.cube.importers[cells.column]
    order = np.argsort(keys, kind="stable")
    at = np.searchsorted(keys[order], pair).clip(max=len(keys) - 1)
    cell = order[at]
    match = keys[cell] == pair
    return cell[match], np.flatnonzero(match)


def _insert_cells(sales: Distribution, cell: Codes, moved: Distribution) -> Distribution:
    alive, knots, scale = sales.alive.copy(), sales.logs.copy(), sales.scale.copy()
    alive[cell], knots[cell], scale[cell] = moved.alive, moved.logs, moved.scale
    return Distribution(alive, knots, scale)


def _move_distributions(
    outlook: tuple[Distribution, Distribution],
    signals: Signals,
    base: Array,
    worth: SignalWeight,
    lasts: Persistence,
    *,
    now: bool,
) -> Distribution:
    """Distributions of the horizon, moved by the months.

    ``outlook`` has the annual outlook of the horizon and that of the year of the months; ``now``
    says whether these are one.
    """
    late, near = outlook
    at = logs(late)
    news = np.log(signals.level(base) + FLOOR_USD) - logs(near)[:, _MIDDLE]
    slope, correlation = lasts
    shift = slope * worth.weight[signals.kind] * np.where(signals.kind == EMPTY, 0.0, news)
    narrow = np.sqrt(1 - correlation**2 * (1 - worth.narrowing[signals.kind] ** 2))
    middle = at[:, [_MIDDLE]]
    moved = middle + shift[:, None] + narrow[:, None] * (at - middle)
    if now:
        moved = np.maximum(moved, np.log(signals.already(base) + FLOOR_USD)[:, None])
    return Distribution.of(_alive(late, near, signals, worth), moved, np.inf)


def _alive(late: Distribution, near: Distribution, signals: Signals, worth: SignalWeight) -> Array:
    """Probability of sales at the horizon, from that in the year of the months.

    Of sales then, and of none then, the outlook's two probabilities tell how many are there later.
    """
    silent = worth.late[signals.habit]
    then = np.where(
        signals.sold > 0,
        1.0,
        near.alive * silent / np.maximum(1 - near.alive + near.alive * silent, SMALL),
    )
    lasts = np.minimum(late.alive / np.maximum(near.alive, SMALL), 1.0)
    begins = np.maximum(late.alive - near.alive, 0.0) / np.maximum(1 - near.alive, SMALL)
    return np.asarray(np.clip(then * lasts + (1 - then) * begins, 0.0, 1.0))


def nowcast(history: History, base_year: int, sales: MonthlySales, *, seed: int) -> Nowcast | None:
    """What the months say beyond the annual outlook; ``None`` where they say nothing of it.

    No month may be of a later day than the one that asks.
    """
    fresh = newest_signals(sales, base_year)
    past = history.until(base_year)
    if fresh is None or outlooks(past, base_year, int(fresh.ahead.max()), seed=seed).model is None:
        return None
    there = set(fresh.rows_by_product) & set(past.rows)
    goods = sorted(sorted(there, key=lambda code: (-past.rows[code], code))[:TRAINING_PRODUCTS])
    lessons = {
        (ahead, months): fitted_lesson(past, sales, (ahead, months), goods, seed=seed)
        for ahead, months in sorted(
            set(zip(fresh.ahead.tolist(), fresh.months.tolist(), strict=True))
        )
    }

    def plain(ahead: int) -> Outlooks:
        return outlooks(past, base_year, ahead, seed=seed)

    return Nowcast(base_year, fresh, lessons, plain, tuple(goods), sales.datasets)


def fitted_lesson(
    history: History,
    sales: MonthlySales,
    reach: tuple[int, int],
    products: Sequence[str],
    *,
    seed: int = 1,
) -> SignalWeight:
    """What months were worth in base years whose outcome lies in the history.

    ``reach`` is years ahead, and months known of that year. Nothing after the history's last year
    is looked at, of months either.
    """
    ahead, months = reach
    seen: dict[int, TrainingSample] = {}
    for base_year in training_years(history, ahead):
        shown = signals(sales, base_year, base_year + ahead, months)
        if shown is None:
            continue
        shown = shown.take(shown.months == months)
        past = training_sample(history, base_year, ahead, shown, products, seed=seed)
        if past is not None:
            seen[base_year] = past
    return lesson(seen, months, late_sellers(sales, months, history.years[-1] + 1))


def training_years(history: History, ahead: int) -> list[int]:
    """Base years whose outcome lies in the history, the latest first."""
    years = [year for year in history.years[1:] if year + ahead in history.years]
    return years[::-1][:TRAINING_YEARS]


def surprises(
    history: History, base_year: int, ahead: tuple[int, int], products: Sequence[str]
) -> Array:
    """What came beyond the annual outlook in two later years, of flows that are there in both.

    Returns:
        For each year two rows: the log of what came over the outlook's median, and of the
        outlook's 90 % over its 10 % quantile.
    """
    near, late = (outlooks(history, base_year, h) for h in ahead)
    if near.model is None or late.model is None:
        return np.empty((4, 0))
    cubes = {
        c.product: c for c in history.cubes(base_year, [base_year + h for h in ahead], products)
    }
    parts = [np.empty((4, 0))]
    for (cells, first), (_, second) in zip(
        near.forecasts(products), late.forecasts(products), strict=True
    ):
        outcomes = [outcome(history, cubes[cells.cube.product], one_ahead) for one_ahead in ahead]
        came = [usd[cells.row, cells.column] for usd, _, _ in outcomes]
        both: Mask = ~cells.new
        for usd, (_, _, told) in zip(came, outcomes, strict=True):
            both = both & told[cells.row, cells.column] & (usd > 0)
        row: list[Array] = []
        for usd, forecast in zip(came, (first, second), strict=True):
            at = logs(forecast.sales.at(np.flatnonzero(both)))
            row += [np.log(usd[both] + FLOOR_USD) - at[:, _MIDDLE], at[:, _HIGH] - at[:, _LOW]]
        parts.append(np.array(row))
    return np.hstack(parts)


def matched_signals(
    history: History, fitted: Outlooks, signals: Signals, products: Sequence[str]
) -> Iterator[tuple[Cells, Forecast, Codes, Signals, Array, Mask]]:
    """Product by product the cells with months: places, months, what came, whether that is known.

    ``history`` goes on to the year of the outlook that was fitted.
    """
    base_year, ahead = fitted.base_year, fitted.horizon
    later = [base_year + ahead, base_year + ahead - 1]
    cubes = {c.product: c for c in history.cubes(base_year, later, products)}
    for cells, forecast in fitted.forecasts(products):
        rows = signals.rows_by_product.get(cells.cube.product)
        if rows is None or cells.cube.product not in cubes:
            continue
        mine = signals.take(rows)
        cell, row = cell_positions(cells, mine, history)
        came, _, told = outcome(history, cubes[cells.cube.product], ahead)
        at = cells.row[cell], cells.column[cell]
        yield cells, forecast, cell, mine.take(row), came[at], told[at]


def training_sample(
    history: History,
    base_year: int,
    ahead: int,
    signals: Signals,
    products: Sequence[str],
    *,
    seed: int,
) -> TrainingSample | None:
    """What months said and what came, in an earlier base year."""
    fitted = outlooks(history, base_year, ahead, seed=seed)
    if fitted.model is None:
        return None
    parts: list[tuple[Array | Codes, ...]] = []
    for cells, forecast, cell, mine, sold, known in matched_signals(
        history, fitted, signals, products
    ):
        usable = known & (sold > 0) & (mine.kind < EMPTY)
        at = logs(forecast.sales.at(cell[usable]))
        news = np.log(mine.level(cells.base[cell])[usable] + FLOOR_USD) - at[:, _MIDDLE]
        log = np.log(sold[usable] + FLOOR_USD) - at[:, _MIDDLE]
        up, down = at[:, _HIGH] - at[:, _MIDDLE], at[:, _MIDDLE] - at[:, _LOW]
        parts.append((mine.kind[usable], news, log, up, down))
    columns = tuple(np.concatenate(column) for column in zip(*parts, strict=True))
    return cast(TrainingSample, columns) if columns and len(columns[0]) else None
