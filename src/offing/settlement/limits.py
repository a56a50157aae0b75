"""Closed-form value at risk of a currency position, in exact arithmetic.

These are the textbook limits (RiskMetrics technical document, 1996, ch. 1): they take volatility
and the quantile ``z`` as given. The limits that offing trusts for a plan are simulated from
history and back-tested: see :mod:`offing.settlement.simulation`.
"""

from collections.abc import Sequence
from decimal import Decimal
from math import ceil, floor

from offing.terms.errors import InputError
from offing.terms.money import exactly


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
    if not -1 <= rho <= 1:
        raise InputError("settle.bad_correlation", rho=rho)


def portfolio_sigma(
    weights: Sequence[Decimal], sigmas: Sequence[Decimal], correlations: Sequence[Sequence[Decimal]]
) -> Decimal:
    """``√(w'Σw)`` of positions with these weights, volatilities and correlations.

    Args:
        weights: of each position, n of them.
        sigmas: volatility of each, n.
        correlations: n × n, symmetric, with ones on the diagonal.

    Raises:
        InputError: ``settle.bad_correlation`` or ``settle.lengths_differ``.

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
