"""Simulated exchange rates from their own history, with the dependence between currencies.

Filtered historical simulation (Barone-Adesi, Giannopoulos and Vosper 1999): each day's returns are
divided by the volatility that was expected that day; days are drawn from the recent past *as
days*, so that currencies keep moving together; and each simulated path rebuilds its own volatility
as it goes. For horizons of more than two weeks whole stretches of days are drawn, because managed
rates move in one direction for months: drawn day by day, three-month moves come out too small.

The limits are those that :mod:`offing.settlement.backtest` tests.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offing.terms.errors import MissingDataError
from offing.terms.messages import join_list

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Filter:
    """How volatility is expected and how far back days are drawn.

    Tomorrow's variance is ``(1 − α − β)·v + α·r² + β·σ²`` with ``v`` the mean square of the last
    ``memory`` days.

    Attributes:
        alpha: weight of the newest squared return.
        beta: weight of the variance before.
        memory: days of the mean.
        pool: days to draw from.
    """

    alpha: float
    beta: float
    memory: int
    pool: int


SHORT = Filter(0.06, 0.94, memory=500, pool=500)
"""Up to two weeks: the exponential weights of RiskMetrics (1996) for daily data."""

LONG = Filter(0.03, 0.95, memory=1500, pool=1500)
"""Longer: volatility returns to the mean of six years, with a half-life of seven weeks."""

PATHS = 10_000
KEPT = 4
"""Simulations that are kept of a history: up to two megabytes each."""
TWO_WEEKS = 10
LONGEST_STRETCH = 63
"""Trading days in three months."""


def trading_days(calendar_days: int) -> int:
    """Trading days in so many days: 63 for 90.

    >>> trading_days(90), trading_days(1)
    (63, 1)
    """
    return max(1, round(calendar_days * 252 / 360))


def filter_for(horizon: int) -> Filter:
    """The filter for a horizon in trading days."""
    return SHORT if horizon <= TWO_WEEKS else LONG


@dataclass(frozen=True)
class RateHistory:
    """Daily rates of some currencies in CNY, on common days.

    Attributes:
        currencies: n codes.
        days: t days in order.
        cny_per_fc: t × n.
    """

    currencies: tuple[str, ...]
    days: tuple[date, ...]
    cny_per_fc: Floats

    @cached_property
    def returns(self) -> Floats:
        """Log returns, (t − 1) × n."""
        return np.asarray(np.diff(np.log(self.cny_per_fc), axis=0))

    @cached_property
    def simulated(self) -> dict[tuple[Any, ...], tuple[Floats, ...]]:
        """What :func:`simulate_at` made, by what was asked."""
        return {}

    def until(self, day: date) -> "RateHistory":
        """The history known on the day."""
        count = sum(1 for past in self.days if past <= day)
        return RateHistory(self.currencies, self.days[:count], self.cny_per_fc[:count])


def volatilities(returns: Floats, by: Filter) -> Floats:
    """The volatility expected for each day, and for the day after the last: (t + 1) × n.

    Made once for the same returns: a plan asks for each of its years, a stress test for each shock.
    It is not to be written to.
    """
    return _expected_shortfall(returns.tobytes(), returns.shape[1], by)


@lru_cache(maxsize=16)
def _expected_shortfall(returns_of: bytes, width: int, by: Filter) -> Floats:
    returns = np.frombuffer(returns_of).reshape(-1, width)
    squares = np.vstack([np.zeros((1, width)), np.cumsum(returns * returns, axis=0)])
    variance = np.empty((len(returns) + 1, width))
    variance[0] = returns[: by.memory].var(axis=0)
    rest = 1.0 - by.alpha - by.beta
    for day in range(len(returns)):
        first = max(0, day + 1 - by.memory)
        mean = (squares[day + 1] - squares[first]) / (day + 1 - first)
        variance[day + 1] = rest * mean + by.alpha * returns[day] ** 2 + by.beta * variance[day]
    volatility: Floats = np.sqrt(np.maximum(variance, 1e-16))
    volatility.setflags(write=False)
    return volatility


def stretches(paths: int, horizon: int, pool: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Which days each path draws: paths × horizon, in stretches of a shared length, wrapping."""
    length = 1 if horizon <= TWO_WEEKS else min(horizon, LONGEST_STRETCH)
    count = -(-horizon // length)
    starts = rng.integers(0, pool, size=(paths, count))
    days = (starts[:, :, None] + np.arange(length)).reshape(paths, -1)[:, :horizon] % pool
    return days.astype(np.int64)


def simulate_from(
    standardised: Floats,
    sigma: Floats,
    mean_square: Floats,
    drawn: NDArray[np.int64],
    by: Filter,
    before_end: Sequence[int] = (0,),
) -> list[Floats]:
    """Log returns over the horizon: paths × n for each of ``before_end``.

    Args:
        standardised: the pool of standardised days, pool × n.
        sigma: volatility expected for the first day, n.
        mean_square: what the variance returns to, n.
        drawn: days of the pool for each path, paths × horizon.
        by: the filter.
        before_end: stop so many days before the horizon, with the volatility rebuilt as ever.
    """
    paths, horizon = drawn.shape
    stops = [max(horizon - days, 0) for days in before_end]
    variance = np.tile(sigma**2, (paths, 1))
    total = np.zeros_like(variance)
    rest = (1.0 - by.alpha - by.beta) * mean_square
    totals = {0: total.copy()}
    for step in range(max(stops)):
        move = np.sqrt(variance) * standardised[drawn[:, step]]
        total += move
        variance = rest + by.alpha * move * move + by.beta * variance
        if step + 1 in stops:
            totals[step + 1] = total.copy()
    return [totals[stop] for stop in stops]


def simulate(
    history: RateHistory, horizon: int, *, paths: int = PATHS, seed: int = 1, before_end: int = 0
) -> Floats:
    """Simulated rates after ``horizon`` trading days, in CNY for one unit: paths × n.

    The drift of the pool's days is in them. It is what makes the limits hold for currencies that
    lose value steadily; it is no forecast.

    Args:
        history: up to today.
        horizon: trading days, see :func:`trading_days`.
        paths: number of paths.
        seed: of the generator; the same seed gives the same paths.
        before_end: the rates so many days before the horizon instead, on the same paths.

    Raises:
        MissingDataError: ``settle.short_history``.
    """
    return simulate_at(history, horizon, (before_end,), paths=paths, seed=seed)[0]


def simulate_at(
    history: RateHistory, horizon: int, before_end: Sequence[int], *, paths: int, seed: int
) -> list[Floats]:
    """As :func:`simulate`, on several days before the horizon, all on the same paths.

    They are kept with the history, for each shock of a stress test asks for them: only look.
    """
    key = horizon, tuple(before_end), paths, seed
    if key not in history.simulated:
        if len(history.simulated) >= KEPT:
            history.simulated.clear()
        history.simulated[key] = _simulate_paths(history, horizon, before_end, paths, seed)
    return list(history.simulated[key])


def _simulate_paths(
    history: RateHistory, horizon: int, before_end: Sequence[int], paths: int, seed: int
) -> tuple[Floats, ...]:
    by = filter_for(horizon)
    returns = history.returns
    if len(returns) < by.pool:
        raise MissingDataError(
            "settle.short_history",
            currencies=join_list(history.currencies),
            days=len(returns),
            needed=by.pool,
        )
    sigma = volatilities(returns, by)
    pool = (returns / sigma[:-1])[-by.pool :]
    mean_square = (returns[-by.memory :] ** 2).mean(axis=0)
    rng = np.random.default_rng(seed)
    drawn = stretches(paths, horizon, by.pool, rng)
    totals = simulate_from(pool, sigma[-1], mean_square, drawn, by, before_end)
    rates = tuple(history.cny_per_fc[-1] * np.exp(total) for total in totals)
    for rate in rates:
        rate.setflags(write=False)
    return rates


MANY, SAMPLED = 2_000, 16
"""From so many values on, one in so many says where to look for their least."""


def lower_limit(values: Floats) -> float:
    """The 95 % limit: the value that is fallen short of with a probability of 5 %."""
    rank = (len(values) - 1) * (1.0 - 0.95)
    below, fraction = int(rank), rank % 1
    if len(values) >= MANY:  # the twentieth part lies in the least tenth, which is soon found
        few = values[::SAMPLED]
        least = values[values <= np.partition(few, len(few) // 10)[len(few) // 10]]
        values = least if len(least) > below + 1 else values
    # As numpy's quantile has it, which takes ten times as long on few values.
    two = np.partition(values, (below, min(below + 1, len(values) - 1)))[below : below + 2]
    low, high = float(two[0]), float(two[-1])
    gap = high - low
    return high - gap * (1 - fraction) if fraction >= 0.5 else low + gap * fraction


def common_days(rates: dict[str, dict[date, float]], currencies: Sequence[str]) -> RateHistory:
    """The history of currencies on the days that all of them and CNY have a rate.

    Args:
        rates: currency → day → units for one euro; must hold CNY.
        currencies: which; CNY itself has no history and is refused by its absence of risk.
    """
    quoted = [rates["CNY"], *(rates[code] for code in currencies if code != "EUR")]
    days = tuple(sorted(set.intersection(*(set(series) for series in quoted))))
    columns = [
        [rates["CNY"][day] / (1.0 if code == "EUR" else rates[code][day]) for day in days]
        for code in currencies
    ]
    table = np.asarray(columns, dtype=np.float64).T.reshape(len(days), len(currencies))
    return RateHistory(tuple(currencies), days, table)
