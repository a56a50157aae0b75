"""Are the limits exceeded as often as they say? Rolling, on days the limit had not seen.

A 95 % limit should be fallen short of on 5 % of days. For one day ahead the days are separate and
Kupiec's (1995) likelihood-ratio test of unconditional coverage applies.

For 90 days ahead, neighbouring outcomes share most of their days, and Kupiec's test would count one
fall many times over. Two answers are given. *Overlap-robust*: under the null, hits of overlapping
windows are correlated like normal sums that share days; the number of independent observations
follows, and the share of hits is tested with it. *Separate*: Kupiec's test on windows that do not
overlap, repeated from every starting offset; reported as the share of offsets that reject (with so
few windows some do by chance).
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from offing.settlement.simulation import (
    Floats,
    RateHistory,
    filter_for,
    simulate_from,
    stretches,
    volatilities,
)

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
