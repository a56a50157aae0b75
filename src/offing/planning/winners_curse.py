"""What is chosen for looking best has been lucky: promised gains are shrunk before they are chosen.

Smith and Winkler (2006, Management Science 52:311-322): the estimate of the alternative that looks
best is too high on average, although each estimate is right on average. The remedy is Bayes: an
estimate is drawn to the prior mean by how uncertain it is. The posterior mean of whatever is chosen
is right on average.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offing.planning.offers import Array, Offers
from offing.terms.errors import InputError


@dataclass(frozen=True)
class Shrunk:
    """Gains after shrinking.

    Attributes:
        gain: n, posterior means.
        spread: n, posterior standard deviations.
        prior_mean: of all gains.
        prior_spread: standard deviation of true gains.
    """

    gain: Array
    spread: Array
    prior_mean: float
    prior_spread: float


def shrunk(
    estimate: Array,
    error: Array,
    prior_mean: float | None = None,
    prior_spread: float | None = None,
) -> Shrunk:
    """Posterior means of normal gains with normal errors of estimation.

    Args:
        estimate: n, gains as estimated.
        error: n, standard errors of the estimates.
        prior_mean: ``None`` estimates it: the mean weighted by precision.
        prior_spread: ``None`` estimates it by moments (DerSimonian and Laird 1986, Controlled
            Clinical Trials 7:177-188), not below zero.

    Raises:
        InputError: ``planning.bad_error`` for an error that is negative or not a number.

    >>> shrunk(np.array([10.0, 0.0]), np.array([2.0, 2.0]), 0.0, 2.0).gain.tolist()
    [5.0, 0.0]
    """
    if not (np.isfinite(error).all() and (error >= 0).all()):
        raise InputError("planning.bad_error")
    variance = np.square(error)
    spread = _prior_spread(estimate, variance) if prior_spread is None else prior_spread
    weight = 1 / np.maximum(variance + spread**2, np.finfo(float).tiny)
    mean = float(weight @ estimate / weight.sum()) if prior_mean is None else prior_mean
    total = variance + spread**2
    kept = np.divide(spread**2, total, out=np.ones_like(total), where=total > 0)
    return Shrunk(mean + kept * (estimate - mean), error * np.sqrt(kept), mean, spread)


def _prior_spread(estimate: Array, variance: Array) -> float:
    if len(estimate) < 2 or not variance.any():
        return float(np.std(estimate)) if len(estimate) else 0.0
    weight = 1 / np.maximum(variance, variance[variance > 0].min())
    mean = weight @ estimate / weight.sum()
    scatter = float(weight @ np.square(estimate - mean))
    scale = float(weight.sum() - np.square(weight).sum() / weight.sum())
    return float(np.sqrt(max(scatter - (len(estimate) - 1), 0.0) / scale)) if scale > 0 else 0.0


def shrunk_in_groups(
    estimate: Array, group: NDArray[np.intp], error: tuple[float, float], prior: tuple[float, float]
) -> Array:
    """Posterior means where offers of a market share an error: its segment, its growth.

    gain = prior mean 0 + market part + own part, error likewise; of each a standard deviation. The
    mean of a group is shrunk by the market's parts and its share of the own ones, the distance to
    that mean by the own parts alone.

    Args:
        estimate: n gains, relative to the prior mean.
        group: n, the market of each.
        error: standard errors, shared by the group and own.
        prior: spreads of true gains, shared by the group and own.
    """
    count = np.bincount(group)
    mean = np.bincount(group, weights=estimate) / np.maximum(count, 1)
    true, wrong = np.square(prior), np.square(error)
    size = np.maximum(count, 1)
    between = (true[0] + true[1] / size) / (true[0] + wrong[0] + (true[1] + wrong[1]) / size)
    within = true[1] / (true[1] + wrong[1])
    posterior: Array = (between * mean)[group] + within * (estimate - mean[group])
    return posterior


def gains_over_today(offers: Offers) -> tuple[Array, NDArray[np.bool_]]:
    """Each offer's mean discounted gain over today's offer of its model and market, if taken whole.

    Returns:
        The gains, n, and which offers are today's: their gain is zero and needs no shrinking.
    """
    alive = (offers.units > 0).mean(axis=0)
    profit = offers.profit_cny.mean(axis=0, dtype=np.float64)
    worth = offers.discount @ (profit - offers.keep_cny * alive)
    value = worth - offers.entry_cny
    today = np.array([row.today for row in offers.rows], dtype=bool)
    now = {(r.model, r.market): v for r, v in zip(offers.rows, value, strict=True) if r.today}
    base = np.array([now.get((row.model, row.market), 0.0) for row in offers.rows])
    return value - base, today


def deduction(offers: Offers, error_cny: Array, prior_spread: float | None = None) -> Array:
    """What to take from each offer, so that a chosen one keeps its promise on average; n, CNY.

    The prior of a gain is zero: today's prices are not known to be wrong. Today's offers are what
    gains are measured by and lose nothing. Negative gains are not raised: a deduction is at least
    zero, which leaves the choice among the good ones right and the bad ones bad.

    Args:
        offers: to choose from.
        error_cny: n, standard error of each offer's estimated gain: the uncertainty of elasticity,
            reach and segment, not the spread of the scenarios.
        prior_spread: of true gains; ``None`` estimates it from all that is not today's.
    """
    gain, today = gains_over_today(offers)
    less = np.zeros(len(gain))
    if today.all():
        return less
    found = shrunk(gain[~today], error_cny[~today], 0.0, prior_spread)
    less[~today] = np.maximum(gain[~today] - found.gain, 0.0)
    return less
