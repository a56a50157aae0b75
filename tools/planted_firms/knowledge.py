"""What the best planners would do: one who knows all parameters, one who knows only the files.

The second one has the generator's own prior and the same ledger and trade as the plan. It bounds
what can be asked of a plan; the first one cannot be equalled.
"""

from collections.abc import Mapping

import numpy as np

from tools.planted_firms.world import (
    GRID,
    MARKETS,
    PRIOR,
    YEARS,
    Belief,
    Firm,
    Floats,
    Futures,
    Prior,
    landed,
    profit,
    true_belief,
)

Decision = Mapping[int, float | None]
"""Market → FOB price, USD, or ``None`` where it is left; others go on as today."""

SIGMAS = np.exp(np.linspace(np.log(1.8), np.log(14.0), 25))
LEVELS = 5
"""Points of a market's level, by Gauss and Hermite."""


def today(firm: Firm) -> dict[int, float]:
    """The decision to go on: prices of the last twelve months where something is sold."""
    return {at: float(firm.price_now[at]) for at in range(len(MARKETS)) if firm.sold[at]}


def earned(
    firm: Firm, coming: Futures, decision: Decision, stops: Mapping[int, float] | None = None
) -> Floats:
    """Profit of a whole decision in each draw of the truth; ``stops`` are rules of pilots."""
    prices, below = {**today(firm), **decision}, stops or {}
    return sum(
        (
            profit(firm, coming, at, true_belief(firm, at), price, below.get(at))
            for at, price in prices.items()
        ),
        np.zeros(len(coming.cny)),
    )


def choices(firm: Firm, market: int) -> list[float | None]:
    """Prices that may be asked in a market; the first is to go on."""
    now = float(firm.price_now[market])
    if firm.sold[market]:
        return [now, *(now * step for step in GRID if step != 1.0), None]
    return [None, *(now * step for step in GRID)]


def oracle(firm: Firm, coming: Futures) -> dict[int, float | None]:
    """The best decision of who knows every parameter and no draw."""
    found: dict[int, float | None] = {}
    for at in range(len(MARKETS)):
        options = choices(firm, at)
        worth = [profit(firm, coming, at, true_belief(firm, at), price).mean() for price in options]
        if (best := int(np.argmax(worth))) > 0:
            found[at] = options[best]
    return found


def equal_knowledge(
    firm: Firm, coming: Futures, prior: Prior = PRIOR, sigma: tuple[float, float] | None = None
) -> dict[int, float | None]:
    """The best decision of who knows prior and files; ``sigma`` is a figure with its error."""
    weights, levels = posterior(firm, prior, sigma)
    points, masses = np.polynomial.hermite_e.hermegauss(LEVELS)
    masses = masses / masses.sum()
    hazard = prior.hazard[0] / sum(prior.hazard)
    found: dict[int, float | None] = {}
    for at in range(len(MARKETS)):
        options = choices(firm, at)
        worth = np.zeros(len(options))
        for number in np.flatnonzero(weights > 1e-3):
            mean, spread = levels[number][at]
            for point, mass in zip(points, masses, strict=True):
                for follow in prior.follow:
                    belief = Belief(SIGMAS[number], follow, mean + spread * point, hazard)
                    part = weights[number] * mass / len(prior.follow)
                    worth += part * np.array(
                        [profit(firm, coming, at, belief, price).mean() for price in options]
                    )
        if (best := int(np.argmax(worth))) > 0:
            found[at] = options[best]
    return found


def posterior(
    firm: Firm, prior: Prior, sigma: tuple[float, float] | None = None
) -> tuple[Floats, list[list[tuple[float, float]]]]:
    """Weights of :data:`SIGMAS`, and for each the mean and spread of the level in every market.

    A local level with noise by market, filtered (Kalman) with t shocks taken as normal; markups
    tell what the firm believed of its elasticity.
    """
    months = firm.ledger_months
    observed = np.flatnonzero(firm.sold)
    duty = firm.duty[:, None]
    monthly = np.repeat(firm.size[:, -len(YEARS) - 1 :], 12, axis=1)[:, -months:] / 12
    rivals = np.repeat(firm.rival, 12, axis=1)[:, -months:]
    units = np.maximum(firm.units[:, -months:], 0.5)
    odds = np.log(units / np.maximum(monthly - units, 1.0))
    relative = np.log(landed(firm.price[:, -months:], duty) / rivals)
    log_weight, levels = [], []
    markup = np.median(
        (firm.price * firm.cny / (firm.cost_then * firm.grade))[observed][:, -months:]
    )
    believed = markup / max(markup - 1, 0.02)
    for value in SIGMAS:
        total = 0.0
        of_market: dict[int, tuple[float, float]] = {}
        for at in observed:
            likelihood, mean, variance = _filtered(
                odds[at] + value * relative[at], prior.wander / np.sqrt(12), prior.noise,
                prior.appeal, np.hypot(prior.appeal_spread, prior.firm_spread) + 0.3,
            )  # fmt: skip
            total += likelihood
            of_market[int(at)] = (mean, float(np.sqrt(variance)))
        total -= 0.5 * (np.log(value / prior.sigma) / prior.sigma_spread) ** 2
        total -= 0.5 * (np.log(believed / value) / max(prior.misjudged, 0.02)) ** 2
        if sigma is not None:
            total -= 0.5 * (np.log(value / sigma[0]) / sigma[1]) ** 2
        log_weight.append(total)
        means = np.array([mean for mean, _ in of_market.values()])
        precision = 1 / prior.firm_spread**2 + len(means) / prior.appeal_spread**2
        centre = (
            prior.appeal / prior.firm_spread**2 + means.sum() / prior.appeal_spread**2
        ) / precision
        new = (float(centre), float(np.sqrt(prior.appeal_spread**2 + 1 / precision)))
        levels.append([of_market.get(at, new) for at in range(len(MARKETS))])
    weights = np.exp(np.array(log_weight) - max(log_weight))
    return weights / weights.sum(), levels


def _filtered(
    series: Floats, step: float, noise: float, mean: float, spread: float
) -> tuple[float, float, float]:
    """Log likelihood of a local level with noise, and the level at its end with its variance."""
    likelihood, variance = 0.0, spread**2
    for value in series:
        variance += step**2
        of_value = variance + noise**2
        error = value - mean
        likelihood -= 0.5 * (np.log(of_value) + error**2 / of_value)
        gain = variance / of_value
        mean, variance = mean + gain * error, variance * (1 - gain)
    return likelihood, float(mean), float(variance)


def naive(firm: Firm) -> dict[str, dict[int, float | None]]:
    """Rules of thumb that a plan should not lose against."""
    now, sold = firm.price_now, np.flatnonzero(firm.sold)
    others = [at for at in np.argsort(-firm.size[:, -1]) if not firm.sold[at]]
    least = min(sold, key=lambda at: firm.units[at, -12:].sum() * now[at])
    return {
        "enter the five largest": {int(at): float(now[at]) for at in others[:5]},
        "enter the largest": {int(at): float(now[at]) for at in others[:1]},
        "prices + 5 %": {int(at): float(now[at] * 1.05) for at in sold},
        "prices - 5 %": {int(at): float(now[at] * 0.95) for at in sold},
        "leave the smallest": {int(least): None},
    }
