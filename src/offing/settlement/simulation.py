"""Simulated exchange rates from their own history, with the dependence between currencies.

Filtered historical simulation (Barone-Adesi, Giannopoulos and Vosper 1999): each day's returns are
divided by the volatility that was expected that day; days are drawn from the recent past *as
days*, so that currencies keep moving together; and each simulated path rebuilds its own volatility
as it goes. For horizons of more than two weeks whole stretches of days are drawn, because managed
rates move in one direction for months: drawn day by day, three-month moves come out too small.

The limits are those that :mod:`offing.settlement.simulation` tests.

Closed-form value at risk of a currency position, in exact arithmetic.

These are the textbook limits (RiskMetrics technical document, 1996, ch. 1): they take volatility
and the quantile ``z`` as given. The limits that offing trusts for a plan are simulated from
history and back-tested: see :mod:`offing.settlement.simulation`.

Are the limits exceeded as often as they say? Rolling, on days the limit had not seen.

A 95 % limit should be fallen short of on 5 % of days. For one day ahead the days are separate and
Kupiec's (1995) likelihood-ratio test of unconditional coverage applies.

For 90 days ahead, neighbouring outcomes share most of their days, and Kupiec's test would count one
fall many times over. Two answers are given. *Overlap-robust*: under the null, hits of overlapping
windows are correlated like normal sums that share days; the number of independent observations
follows, and the share of hits is tested with it. *Separate*: Kupiec's test on windows that do not
overlap, repeated from every starting offset; reported as the share of offsets that reject (with so
few windows some do by chance).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offing.terms.errors import InputError, MissingDataError, must_be_within
from offing.terms.messages import join_list
from offing.terms.money import exactly

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
"""Simulations that are kept of a history: up to two megabytes for each day that was asked for."""
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
class Simulated:
    """How the limits were simulated: enough to do it again."""

    paths: int
    trading_days: int
    seed: int
    first_day: date
    last_day: date


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


def single_limit(
    sigma_daily: Decimal,
    z: Decimal,
    *,
    days: Decimal = Decimal(1),
    mean_daily: Decimal = Decimal(0),
) -> Decimal:
    """``z·σ·√h − μ·h``: the limit of a single exposure, a share of its value.

    >>> single_limit(Decimal("0.011"), Decimal("1.65"))
    Decimal('0.01815')
    """
    with exactly():
        return z * sigma_daily * days.sqrt() - mean_daily * days


def annual_volatility_limit(
    value_home: Decimal,
    sigma_annual: Decimal,
    z: Decimal,
    *,
    days: Decimal = Decimal(1),
    trading_days: Decimal = Decimal(252),
) -> Decimal:
    """``V·z·σ·√(h / 252)``: the limit from a yearly volatility."""
    with exactly():
        return value_home * z * sigma_annual * (days / trading_days).sqrt()


def two_factor_lognormal_limit(
    value_home: Decimal, sigma_first: Decimal, sigma_second: Decimal, z: Decimal, rho: Decimal
) -> tuple[Decimal, Decimal, Decimal]:
    """Two lognormal losses ``L = V(1 − e^(−zσ))``, and both: ``√(L₁² + L₂² + 2ρL₁L₂)``."""
    _correlation(rho)
    with exactly():
        l1, l2 = (value_home * (1 - (-z * sigma).exp()) for sigma in (sigma_first, sigma_second))
        return l1, l2, (l1 * l1 + l2 * l2 + 2 * rho * l1 * l2).sqrt()


def _correlation(rho: Decimal) -> None:
    must_be_within("correlation", rho, ge=-1, le=1)


def portfolio_sigma(
    weights: Sequence[Decimal], sigmas: Sequence[Decimal], correlations: Sequence[Sequence[Decimal]]
) -> Decimal:
    """``√(w'Σw)`` of positions with these weights, volatilities and correlations.

    Args:
        weights: of each position, n of them.
        sigmas: volatility of each, n.
        correlations: n × n, symmetric, with ones on the diagonal.

    Raises:
        InputError: ``errors.out_of_range`` or ``settle.lengths_differ``.

    >>> round(portfolio_sigma([Decimal("0.75"), Decimal("0.25")], [Decimal("0.02"),
    ...     Decimal("0.03")], [[Decimal(1), Decimal("0.7")], [Decimal("0.7"), Decimal(1)]]), 4)
    Decimal('0.0209')
    """
    if not len(weights) == len(sigmas) == len(correlations):
        raise InputError("settle.lengths_differ")
    with exactly():
        total = Decimal(0)
        for i, row in enumerate(correlations):
            if len(row) != len(weights):
                raise InputError("settle.lengths_differ")
            for j, rho in enumerate(row):
                _correlation(rho)
                total += weights[i] * weights[j] * sigmas[i] * sigmas[j] * rho
        return total.sqrt()


def path_sigma(flows: Sequence[tuple[Decimal, Decimal]]) -> Decimal:
    """The volatility of flows on several days that one path of the rate decides, in their units.

    The rate walks: what two days share of it is the variance to the earlier one.

    Args:
        flows: the open amount, and the variance of the rate to its day.

    >>> path_sigma([(Decimal(100), Decimal("0.0001")), (Decimal(100), Decimal("0.0006"))]) == 3
    True
    """
    with exactly():
        shared = (a * b * min(s, t) for a, s in flows for b, t in flows)
        return sum(shared, Decimal(0)).sqrt()


RANKS = ("nth", "next", "between")
"""Which of the past is a quantile of it: of a hundred days the 95 % is the fifth worst; others take
the sixth, or what lies between."""


def historical_limit(
    past: Sequence[Decimal], level: Decimal, rank: str = RANKS[0]
) -> tuple[Decimal, Decimal]:
    """The loss that so many of the past changes were worse than, and the mean of those.

    Args:
        past: changes, or gains and losses; at least two.
        level: one-sided confidence.
        rank: of :data:`RANKS`.

    >>> historical_limit([Decimal(-3), Decimal(-2), Decimal(1), Decimal(4)], Decimal("0.75"))
    (Decimal('3'), Decimal('3'))
    """
    ordered, worse = sorted(past), len(past) * (1 - level)
    places = Decimal(ceil(worse) - 1), Decimal(floor(worse)), worse - 1 + level
    at = places[RANKS.index(rank)]
    low = min(max(floor(at), 0), len(ordered) - 2)
    loss = -(ordered[low] + (ordered[low + 1] - ordered[low]) * (at - low))
    tail = ordered[: max(ceil(worse), 1)]
    return loss, -sum(tail, Decimal(0)) / len(tail)


LEVEL = 0.95
EXPECTED = 1 - LEVEL

BASKET = "*"
"""The currency code of the basket."""


@dataclass(frozen=True)
class RangeCoverage:
    """How a currency's limit fared.

    Attributes:
        currency: against CNY; :data:`BASKET` for all of them together.
        horizon: trading days.
        outcomes: limits tested.
        hits: how many were fallen short of.
        p_value: of the test of unconditional coverage (Kupiec, or overlap-robust for more than one
            day).
        separate_rejected: share of starting offsets at which Kupiec's test on separate windows
            rejects at 5 %; ``None`` for one day.
    """

    currency: str
    horizon: int
    outcomes: int
    hits: int
    p_value: float
    separate_rejected: float | None

    @property
    def share(self) -> float:
        """Share of hits: 0.05 is right."""
        return self.hits / self.outcomes

    @property
    def holds(self) -> bool:
        """Whether coverage is not rejected at 5 %."""
        return self.p_value >= 0.05


def kupiec(hits: int, outcomes: int) -> float:
    """p-value of Kupiec's likelihood-ratio test of unconditional coverage.

    >>> round(kupiec(5, 100), 3), round(kupiec(12, 100), 3)
    (1.0, 0.006)
    """
    from scipy.stats import chi2

    def log_likelihood(share: float) -> float:
        missed = (outcomes - hits) * np.log1p(-share) if hits < outcomes else 0.0
        return float(missed + (hits * np.log(share) if hits else 0.0))

    ratio = -2.0 * (log_likelihood(EXPECTED) - log_likelihood(hits / outcomes))
    return float(chi2.sf(max(ratio, 0.0), 1))


@cache
def overlap_inflation(horizon: int, every: int) -> float:
    """By how much overlap inflates the variance of a share of hits, under the null.

    Windows that start ``l`` days apart share ``1 − l/h`` of their days. Hits of two normal sums
    with that correlation are correlated by the bivariate normal probability.
    """
    from scipy.stats import multivariate_normal, norm

    edge = float(norm.ppf(EXPECTED))
    total = 1.0
    for apart in range(every, horizon, every):
        rho = 1.0 - apart / horizon
        both = multivariate_normal.cdf([edge, edge], mean=[0, 0], cov=[[1, rho], [rho, 1]])
        total += 2.0 * (float(both) - EXPECTED**2) / (EXPECTED * (1 - EXPECTED))
    return total


def overlap_robust(hits: int, outcomes: int, horizon: int, every: int) -> float:
    """p-value for the share of hits of windows that overlap (normal approximation)."""
    from scipy.stats import norm

    variance = EXPECTED * (1 - EXPECTED) / outcomes * overlap_inflation(horizon, every)
    return float(2 * norm.sf(abs(hits / outcomes - EXPECTED) / np.sqrt(variance)))


def hits_of(
    history: RateHistory, horizon: int, since: date, *, every: int, paths: int, seed: int
) -> NDArray[np.bool_]:
    """Whether each outcome fell short of its limit: outcomes × (n + 1), the basket last.

    The limit of a day uses returns up to that day only. One set of drawn days serves all limits.
    """
    by = filter_for(horizon)
    returns = history.returns
    sigma = volatilities(returns, by)
    standardised = returns / sigma[:-1]
    squares = np.vstack([np.zeros((1, returns.shape[1])), np.cumsum(returns**2, axis=0)])
    paid = np.vstack([np.zeros((1, returns.shape[1])), np.cumsum(returns, axis=0)])
    first = next(number for number, day in enumerate(history.days) if day >= since)
    first = max(first, by.pool)
    drawn = stretches(paths, horizon, by.pool, np.random.default_rng(seed))
    hits = []
    for day in range(first, len(returns) - horizon + 1, every):
        pool = standardised[day - by.pool : day]
        if horizon == 1:
            simulated = pool * sigma[day]
        else:
            mean_square = (squares[day] - squares[max(0, day - by.memory)]) / by.memory
            (simulated,) = simulate_from(pool, sigma[day], mean_square, drawn, by)
        limit = np.quantile(_add_basket(simulated), EXPECTED, axis=0)
        moved = _add_basket((paid[day + horizon] - paid[day])[None, :])[0]
        hits.append(moved < limit)
    return np.asarray(hits)


def _add_basket(log_returns: Floats) -> Floats:
    """Log returns of each currency (any × n), and of the same CNY amount of each: any × (n + 1)."""
    basket = np.log(np.exp(log_returns).mean(axis=1, keepdims=True))
    return np.asarray(np.hstack([log_returns, basket]))


def coverage(
    history: RateHistory,
    horizon: int,
    since: date,
    *,
    every: int | None = None,
    paths: int = 500,
    seed: int = 1,
) -> list[RangeCoverage]:
    """Back-test the limits of every currency of a history, and of their basket.

    A limit is set ``every`` so many days from ``since`` on: daily for one day, weekly for more.
    """
    step = every or (1 if horizon == 1 else 7)
    hits = hits_of(history, horizon, since, every=step, paths=paths, seed=seed)
    coverages = []
    for column, currency in enumerate((*history.currencies, BASKET)):
        mine = hits[:, column]
        count = int(mine.sum())
        if horizon == 1:
            p_value, separate = kupiec(count, len(mine)), None
        else:
            p_value = overlap_robust(count, len(mine), horizon, step)
            offsets = -(-horizon // step)
            separate = float(
                np.mean(
                    [
                        kupiec(int(mine[at::offsets].sum()), len(mine[at::offsets])) < 0.05
                        for at in range(offsets)
                    ]
                )
            )
        coverages.append(RangeCoverage(currency, horizon, len(mine), count, p_value, separate))
    return coverages
