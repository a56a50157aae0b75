"""Today's exports with an honest interval: how far flows of their kind moved before.

A point has no distribution to score. Persistence gets one from its own past errors: the log changes
of flows of the same size and age, in base years whose outcome was known by then.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from offing.forecast.backtest.trial import PAST, Trial
from offing.forecast.outlook.distribution import LEVELS
from offing.market.history import FLOOR_USD, Array, Codes, History, Mask

SIZES = (1e4, 1e5, 1e6, 1e7, 1e8)
"""Class limits of a flow, USD."""
AGES = PAST + 1
"""Classes of the number of years with a sale, 1 to 4."""
LAST = 5
"""Earlier base years used, the latest first: as many as the outlook trains on."""
LEAST = 30
"""Changes that a class needs; one with fewer leans on the pool of its size, then on all."""


def _classes(trial: Trial) -> Codes:
    """Of each flow that exists."""
    old = trial.old
    size = np.searchsorted(SIZES, trial.base[old])
    return np.asarray(size * AGES + np.clip(trial.seen[old], 1, AGES) - 1, dtype=np.int64)


@dataclass
class PastChanges:
    """Log changes over one horizon by base year, class by class."""

    horizon: int
    by_year: dict[int, tuple[Codes, Array]] = field(default_factory=dict)

    def add(self, trial: Trial) -> None:
        """Take in a base year with its outcome."""
        old = trial.old
        change = np.log((trial.later[old] + FLOOR_USD) / (trial.base[old] + FLOOR_USD))
        self.by_year[trial.base_year] = _classes(trial), change

    def quantiles(self, trial: Trial) -> Array | None:
        """Cells × ``LEVELS``, USD, as they could be said in the trial's base year.

        ``None`` where no outcome was known by then. Cells without a flow get none that counts.
        """
        years = sorted(year for year in self.by_year if year + self.horizon <= trial.base_year)
        if not years:
            return None
        pieces = [self.by_year[year] for year in years[-LAST:]]
        table = _table(*(np.concatenate(column) for column in zip(*pieces, strict=True)))
        old = trial.old
        quantiles = np.zeros((len(old), len(LEVELS)))
        change = np.exp(table[_classes(trial)])
        quantiles[old] = np.maximum((trial.base[old, None] + FLOOR_USD) * change - FLOOR_USD, 0.0)
        return quantiles


def _table(kind: Codes, change: Array) -> Array:
    """Classes × ``LEVELS``: quantiles of log changes, thin classes leaning on larger ones."""
    everything = _quantiles(change)
    table = np.empty(((len(SIZES) + 1) * AGES, len(LEVELS)))
    for size in range(len(SIZES) + 1):
        of_size = kind // AGES == size
        pool = _leaning(change[of_size], everything)
        for age in range(AGES):
            table[size * AGES + age] = _leaning(change[of_size & (kind % AGES == age)], pool)
    return table


def _quantiles(change: Array) -> Array:
    return np.quantile(change, LEVELS) if len(change) else np.zeros(len(LEVELS))


def _leaning(change: Array, pool: Array) -> Array:
    trust = len(change) / (len(change) + LEAST)
    return trust * _quantiles(change) + (1 - trust) * pool


AT_MOST = 200
"""Sums looked at over the base years of a horizon, drawn at random: joint draws take their time."""

Interval = Callable[[str, str, Sequence[str]], tuple[float, float] | None]
"""Product, origin and markets → ends of the 80 % interval of the sum, USD."""


def sums_held(
    history: History, trial: Trial, groups: Mask, years: int, seed: int, interval: Interval
) -> dict[str, Array]:
    """Sums inside their interval, and sums looked at, by group.

    A sum is over the markets of a group whose outcome is known; ``years`` base years share
    ``AT_MOST``.
    """
    sells = np.flatnonzero(groups & (trial.sums(trial.base) > 0))
    rng = np.random.default_rng([seed, trial.base_year])
    count = min(len(sells), max(1, AT_MOST // years))
    codes = sorted(history.rows)
    inside, looked = np.zeros(trial.groups), np.zeros(trial.groups)
    chosen = rng.choice(sells, size=count, replace=False)
    for group in sorted(chosen, key=lambda g: trial.product[g]):  # a product's one by one
        cells = np.flatnonzero(trial.group == group)
        markets = [history.countries[at] for at in trial.importer[cells]]
        origin = history.countries[trial.exporter[group]]
        ends = interval(codes[trial.product[group]], origin, markets)
        if ends is None:
            continue
        came = float(trial.later[cells].sum())
        inside[group], looked[group] = ends[0] <= came <= ends[1], 1.0
    return {"sums inside": inside, "sums": looked}
