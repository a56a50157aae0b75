"""What a decision earns in each scenario: exactly, from the offers themselves."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from offing.planning.offers import Array
from offing.planning.programme import Programme
from offing.planning.shortfall import LEVEL, Tail, expected_shortfall


@dataclass(frozen=True)
class Decision:
    """What is taken.

    Attributes:
        choice: n, 1 where the offer is taken.
        share: years × n, of the units that the market would take.
        further: values of the programme's further variables.
    """

    choice: Array
    share: Array
    further: Array


@dataclass(frozen=True)
class Outcome:
    """What a decision earns.

    Attributes:
        cash: scenarios × (1 + years), discounted CNY: what is paid on the plan's day, then by year.
            Hedges count in the first year.
    """

    cash: Array

    @cached_property
    def profit(self) -> Array:
        """Scenarios, discounted CNY over the horizon."""
        return np.asarray(self.cash.sum(axis=1))

    @property
    def mean(self) -> float:
        """Mean over the scenarios."""
        return float(self.profit.mean())

    @property
    def shortfall(self) -> float:
        """Expected shortfall of minus the profit: minus the average of the worst twentieth."""
        return expected_shortfall(self.profit, LEVEL)

    @property
    def worst_year_of_twenty(self) -> float:
        """The 5 % quantile of the profit."""
        return float(np.quantile(self.profit, 1 - LEVEL))


def outcome(programme: Programme, decision: Decision) -> Outcome:
    """Profit of a decision in each scenario."""
    offers = programme.offers
    chosen = np.flatnonzero(decision.choice > 0)
    choice = decision.choice[chosen]
    keep = choice * offers.keep_cny[chosen]
    entry = choice @ offers.entry_cny[chosen]
    dies = (keep != 0) & offers.dies[chosen]
    cash = np.empty((offers.units.shape[0], 1 + len(offers.years)), order="F")
    cash[:, 0] = -entry - choice @ programme.deduction[chosen]
    for year, discount in enumerate(offers.discount):
        share = discount * decision.share[year, chosen]
        cash[:, 1 + year] = offers.earned(year, chosen, share) - discount * keep[~dies].sum()
        if dies.any():
            cash[:, 1 + year] -= offers.alive(year, chosen[dies], discount * keep[dies])
    cash[:, 1] += programme.constant
    for variable, value in zip(programme.further, decision.further, strict=True):
        if value:
            cash[:, 1] += value * np.asarray(variable.payoff)
    return Outcome(cash)


@dataclass(frozen=True)
class Cut:
    """``ES ≥ -(Σ share x - Σ fixed y + Σ further e + constant)``; tight at one decision.

    Attributes:
        share: years × n, weighted discounted profit over the tail.
        fixed: n, cost of the choice there.
        further: payoffs there.
        constant: what no decision changes there.
    """

    share: Array
    fixed: Array
    further: Array
    constant: float


def cut(programme: Programme, worst: Tail) -> Cut:
    """The inequality of a tail, for every decision."""
    offers, weights = programme.offers, worst.weights

    def over_tail(values: Array | NDArray[np.bool_]) -> Array:
        flat = values.reshape(len(weights), -1).astype(np.float64, copy=False)
        return np.asarray((weights @ flat).reshape(values.shape[1:]))

    keep = offers.keep_cny
    fixed = programme.fixed
    lapsing = np.flatnonzero(keep * offers.dies)
    if lapsing.size:
        # Costs of keeping stop where the market has been left: their tail is not their mean.
        alive = over_tail(
            offers.units[np.ix_(worst.places, np.arange(len(offers.years)), lapsing)] > 0
        )
        fixed = fixed.copy()
        mean = offers.discount @ programme.facts.alive[:, lapsing]
        fixed[lapsing] += keep[lapsing] * (offers.discount @ alive - mean)
    payoffs = [np.broadcast_to(v.payoff, programme.constant.shape) for v in programme.further]
    return Cut(
        over_tail(offers.profit_cny[worst.places]) * offers.discount[:, None],
        fixed,
        np.array([weights @ payoff[worst.places] for payoff in payoffs]),
        float(weights @ programme.constant[worst.places]),
    )
