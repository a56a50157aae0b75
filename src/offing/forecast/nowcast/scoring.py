"""Would the months have forecast the year? Scored on pseudo-vintages of earlier years.

A pseudo-vintage takes the months 1..m as they stand in the data today and forgets the later ones.
It ignores revisions: what was published then was not yet revised, so real nowcasts are somewhat
worse. Every way of telling sees the same flows, and trains on base years whose outcome was known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import fsum

import numpy as np

from offing.estimators import TINY
from offing.forecast.nowcast.nowcast import Nowcast, fitted_lesson, matched_signals
from offing.forecast.nowcast.signals import EMPTY, MonthlySales, Signals, signals
from offing.forecast.outlook.distribution import LEVELS, crps
from offing.forecast.outlook.forecast import outlooks
from offing.market.history import FLOOR_USD, Array, History

WAYS = ("persistence", "outlook", "year_to_date", "nowcast")
"""Last year's sales with the quantiles of their past changes; the annual outlook; last year's sales
times the growth of the months seen, with the quantiles of its own past errors; the nowcast."""
DRAWS = 1000
LEAST_PAST = 10
"""Past errors that quantiles can be taken of."""
_LOW, _MIDDLE, _HIGH = (LEVELS.index(level) for level in (0.1, 0.5, 0.9))


@dataclass(frozen=True)
class NowcastScore:
    """One way of telling the year when so many months are known.

    Attributes:
        way: one of ``WAYS``.
        months: known.
        flows: scored, over all base years.
        log_error: mean absolute error of the log of sales.
        sales_error: sum of absolute errors over all sales.
        crps: continuous ranked probability score on log sales; the lower, the better.
        coverage80: share of flows inside the 80 % interval.
        skill: 1 - crps over that of the annual outlook.
        skill_low: of its 95 % interval, base years redrawn.
        skill_high: of it.
    """

    way: str
    months: int
    flows: int
    log_error: float
    sales_error: float
    crps: float
    coverage80: float
    skill: float
    skill_low: float
    skill_high: float


@dataclass(frozen=True)
class NowcastRecord:
    """How the running year would have been told.

    Attributes:
        dataset: the yearly data, or the months themselves added up.
        monthly: the sets of months.
        years: base years; what is forecast is the year after each.
        scores: by way and months.
        learnt: months → the weight of the months' word of steady, uneven and lumpy flows, fitted
            from all base years.
    """

    dataset: str
    monthly: tuple[str, ...]
    years: tuple[int, ...]
    scores: tuple[NowcastScore, ...]
    learnt: dict[int, tuple[float, ...]]


_ScoreSums = dict[str, float]
"""Of one base year: ``flows``, and sums of what is measured."""


def pseudo_vintages(
    history: History, sales: MonthlySales, months: Sequence[int], *, dataset: str, seed: int
) -> NowcastRecord | None:
    """Score the nowcast of the year after each base year, as if only its first months were known.

    ``months``, so many known, are each from 1 to 11.

    Returns:
        The record; ``None`` where no base year has a known outcome, months and an outlook.
    """
    sums: dict[tuple[str, int], dict[int, _ScoreSums]] = {}
    past: dict[object, list[Array]] = {}
    goods = sorted(set(history.rows) & {p for s in sales.sides for p in s.pairs["product"]})
    bases = [year for year in history.years[1:] if year + 1 in history.years]
    for base_year in bases:
        for count in months:
            shown = signals(sales, base_year, base_year + 1, count)
            if shown is None:
                continue
            shown = shown.take((shown.months == count) & (shown.kind < EMPTY))
            trial = _Trial(history, base_year, shown, goods, seed)
            for way, scored in trial.score_ways(sales, count, past).items():
                sums.setdefault((way, count), {})[base_year] = scored
    if not sums:
        return None
    worth = {m: fitted_lesson(history, sales, (1, m), goods, seed=seed) for m in months}
    years = tuple(sorted({year for by_year in sums.values() for year in by_year}))
    return NowcastRecord(
        dataset,
        sales.datasets,
        years,
        tuple(_summarise_scores(sums, months, seed)),
        {m: tuple(lesson.weight[:3].tolist()) for m, lesson in worth.items()},
    )


class _Trial:
    """One base year: the flows whose months are known, and what came."""

    def __init__(
        self, history: History, base_year: int, signals: Signals, goods: Sequence[str], seed: int
    ) -> None:
        """Look at what came."""
        self.known = history.until(base_year)
        self.base_year, self.signals, self.goods, self.seed = base_year, signals, goods, seed
        self.fitted = outlooks(self.known, base_year, 1, seed=seed)
        self.history = history

    def score_ways(
        self, sales: MonthlySales, months: int, past: dict[object, list[Array]]
    ) -> dict[str, _ScoreSums]:
        """Every way, on the same flows; errors are put to the past afterwards."""
        if self.fitted.model is None:
            return {}
        worth = fitted_lesson(self.known, sales, (1, months), self.goods, seed=self.seed)
        cast = Nowcast(self.base_year, self.signals, {(1, months): worth}, lambda _: self.fitted)
        base, came, level, plain, moved = self._flows(cast)
        if not len(base):
            return {}
        quantiles = {"outlook": plain, "nowcast": moved}
        for way, point in (("persistence", base), ("year_to_date", level)):
            errors = past.setdefault((way, months), [])
            pooled = np.concatenate(errors) if errors else np.zeros(0)
            if len(pooled) >= LEAST_PAST:
                error_quantiles = np.quantile(pooled, LEVELS)
                logs = np.log(point + FLOOR_USD)[:, None] + error_quantiles
                quantiles[way] = np.maximum(np.exp(logs) - FLOOR_USD, 0.0)
            errors.append(np.log((came + FLOOR_USD) / (point + FLOOR_USD)))
        points = {"persistence": base, "year_to_date": level}
        # Ways are compared on the base years that all of them can be scored in.
        if len(quantiles) < len(WAYS):
            return {}
        return {
            way: _sums(points.get(way, quantiles[way][:, _MIDDLE]), quantiles[way], came)
            for way in WAYS
        }

    def _flows(self, cast: Nowcast) -> tuple[Array, ...]:
        """Base, what came, the months' word, quantiles of the outlook and of the nowcast."""
        parts = [part for part in self._product_chunks(cast) if len(part[0])]
        if not parts:
            return tuple(np.zeros((0, 1)) for _ in range(5))
        return tuple(np.concatenate(column) for column in zip(*parts, strict=True))

    def _product_chunks(self, cast: Nowcast) -> Iterable[tuple[Array, ...]]:
        for cells, forecast, cell, months, came, told in matched_signals(
            self.history, self.fitted, self.signals, self.goods
        ):
            usable = ~cells.new[cell] & told
            cell, mine = cell[usable], months.take(usable)
            moved = cast.revise_cells(cells, forecast, 1).sales.at(cell)
            before, base = forecast.sales.at(cell), cells.base[cell]
            yield (
                base,
                came[usable],
                mine.level(base),
                *(np.column_stack([d.quantile(q) for q in LEVELS]) for d in (before, moved)),
            )


def _sums(point: Array, quantiles: Array, came: Array) -> _ScoreSums:
    log = np.log(came + FLOOR_USD)
    off = log[:, None] - np.log(np.maximum(quantiles, 0) + FLOOR_USD)
    inside = (came >= quantiles[:, _LOW]) & (came <= quantiles[:, _HIGH])
    return {
        "flows": len(came),
        "log": float(np.abs(log - np.log(point + FLOOR_USD)).sum()),
        "error": float(np.abs(came - point).sum()),
        "sales": float(came.sum()),
        "crps": float(crps(off).sum()),
        "inside": float(inside.sum()),
    }


def _summarise_scores(
    sums: dict[tuple[str, int], dict[int, _ScoreSums]], months: Sequence[int], seed: int
) -> Iterable[NowcastScore]:
    for count in months:
        if ("outlook", count) not in sums:
            continue
        bar = sums["outlook", count]
        drawn = np.random.default_rng(seed).integers(len(bar), size=(DRAWS, len(bar)))
        for way in WAYS:
            by_year = sums[way, count].values()
            of = {name: fsum(year[name] for year in by_year) for name in next(iter(by_year))}
            mine, theirs = (
                np.array([year["crps"] for year in years]) for years in (by_year, bar.values())
            )
            skills = 1 - mine[drawn].sum(axis=1) / theirs[drawn].sum(axis=1)
            low, high = np.quantile(skills, [0.025, 0.975])
            yield NowcastScore(
                way,
                count,
                int(of["flows"]),
                of["log"] / of["flows"],
                of["error"] / max(of["sales"], TINY),
                of["crps"] / of["flows"],
                of["inside"] / of["flows"],
                1 - float(mine.sum() / theirs.sum()),
                float(low),
                float(high),
            )
