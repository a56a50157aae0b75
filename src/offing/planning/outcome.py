"""What a decision earns in each scenario, its expected shortfall (预期损失), and doing nothing.

For losses L of S equally likely scenarios

    ES_α = max { Σ w_s L_s : Σ w_s = 1, 0 ≤ w_s ≤ 1/(S(1-α)) }

(Rockafellar and Uryasev 2000, Journal of Risk 2:21-41, the dual of their linear programme). The
weights that attain it at one plan give an inequality that holds for every plan, since profit is
linear in it: a cut. Künzi-Bay and Mayer (2006, Computational Management Science 3:3-27) show that
few of them are needed. Here the quantile is not a variable of the programme, as it is there: the
best quantile of a plan is known, and each cut is then tight at its plan.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil, fsum

import numpy as np
from numpy.typing import NDArray

from offing.planning.exchange import receipts
from offing.planning.kept_markets import left_of
from offing.planning.offers import Array
from offing.planning.programme import Programme, cut_by_hours

LEVEL = 0.95
"""The worst twentieth."""


Tail = tuple[NDArray[np.intp], Array]
"""The worst scenarios of a plan: their places and weights, which sum to 1."""


def tail(profit: Array, level: float = LEVEL) -> Tail:
    """The weights that attain the expected shortfall of ``-profit``; ties go to the earlier.

    Where S(1-α) is no whole number the last scenario counts in part.

    Args:
        profit: scenarios, in any money.
        level: α, 0 to 1.
    """
    count = len(profit) * (1 - level)
    whole = max(ceil(count - 1e-9), 1)
    # Among those that are not above the last one of the tail, which are few; ties in their order.
    few = np.flatnonzero(profit <= np.partition(profit, whole - 1)[whole - 1])
    places = few[np.argsort(profit[few], kind="stable")[:whole]]
    weights = np.full(whole, 1 / max(count, 1.0))
    weights[-1] = 1 - weights[:-1].sum()
    return places.astype(np.intp), weights


def expected_shortfall(profit: Array, level: float = LEVEL) -> float:
    """ES_α(-profit): minus the average profit of the worst scenarios.

    >>> round(expected_shortfall(np.arange(100.0)), 9)
    -2.0
    """
    places, weights = tail(profit, level)
    return -float(profit[places] @ weights)


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
    cash[:, 0] = -entry
    for year, discount in enumerate(offers.discount):
        share = discount * decision.share[year, chosen]
        cash[:, 1 + year] = offers.earned(year, chosen, share) - discount * keep[~dies].sum()
        if dies.any():
            cash[:, 1 + year] -= offers.alive(year, chosen[dies], discount * keep[dies])
    cash[:, 1] += programme.constant
    for variable, value in zip(programme.further, decision.further, strict=True):
        if value and variable.by_year is not None:
            cash[:, 1:] += value * variable.by_year
        elif value:
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
    offers, (places, weights) = programme.offers, worst

    def over_tail(values: Array | NDArray[np.bool_]) -> Array:
        flat = values.reshape(len(weights), -1).astype(np.float64, copy=False)
        return np.asarray((weights @ flat).reshape(values.shape[1:]))

    keep = offers.keep_cny
    fixed = programme.fixed
    lapsing = np.flatnonzero(keep * offers.dies)
    if lapsing.size:
        # Costs of keeping stop where the market has been left: their tail is not their mean.
        alive = over_tail(offers.units[np.ix_(places, np.arange(len(offers.years)), lapsing)] > 0)
        fixed = fixed.copy()
        mean = offers.discount @ programme.facts.alive[:, lapsing]
        fixed[lapsing] += keep[lapsing] * (offers.discount @ alive - mean)
    payoffs = [np.broadcast_to(v.payoff, programme.constant.shape) for v in programme.further]
    return Cut(
        over_tail(offers.profit_cny[places]) * offers.discount[:, None],
        fixed,
        np.array([weights @ payoff[places] for payoff in payoffs]),
        float(weights @ programme.constant[places]),
    )


def status_quo_decision(programme: Programme) -> Decision:
    """Today's way in every market, and no new hedge.

    Where that takes more hours than a line has, all that runs on it in that year gives way alike.
    No other limit cuts what exists.
    """
    facts = programme.facts
    today = np.array([offer.today for offer in facts.offers.rows], dtype=float)
    share = np.tile(today, (len(facts.offers.years), 1))
    return continue_sales(programme, Decision(today, share, np.zeros(len(programme.further))))


def continue_sales(programme: Programme, decision: Decision) -> Decision:
    """A decision that goes on whatever comes, without hedges: only the hours of a line cut it."""
    share = cut_by_hours(programme.rows, programme.offers.years, decision.share)
    going_on = replace(decision, share=share)
    return replace(going_on, further=further_of(programme, going_on, {}))


def further_of(programme: Programme, decision: Decision, taken: Mapping[str, float]) -> Array:
    """What follows from choices, shares, hedges and switches: yearly sales, what is exchanged, and
    what stays of markets.

    Hedges and switches that are not named are nothing.
    """
    facts, share = programme.facts, decision.share
    left = left_of(programme.rows, decision.choice)
    sales = (facts.sales_usd * share).sum(axis=1)
    outlays = {currency.code: currency.out_usd for currency in facts.treasury.currencies}
    values = np.array([taken.get(variable.name, 0.0) for variable in programme.further])
    for place, variable in enumerate(programme.further):
        kind, *subject = variable.name.split("_")
        if kind == "total":
            values[place] = sales[facts.offers.years.index(int(subject[0]))]
        elif kind == "kept":
            values[place] = left[subject[-1]]
        elif kind == "hedging":
            values[place] = any(
                usd > 0 and name.startswith(f"hedge_{subject[0]}_") for name, usd in taken.items()
            )
        elif kind == "exchanged":
            net = currency_receipts(programme, share, taken, subject[0], int(subject[1]))
            values[place] = abs(net - outlays[subject[0]])
    return values


def currency_receipts(
    programme: Programme, share: Array, taken: Mapping[str, float], code: str, year: int
) -> float:
    """What a decision receives of a currency in a year, USD."""
    facts = programme.facts
    place = facts.offers.years.index(year)
    here, sales, switched = receipts(facts, code, place)
    moved = fsum(value * taken.get(name, 0.0) for name, value in switched.items())
    return float(sales[place] @ share[place, here]) + moved


def fix_markets(programme: Programme, stay: Decision, groups: Collection[int]) -> Programme:
    """The programme in which some (model, market) stay as they are today."""
    if not groups:
        return programme
    here = np.isin(programme.facts.group, list(groups))
    kept = here & (stay.choice > 0)
    # What must be kept and is not served today cannot be held: then there is no plan.
    needed = programme.needed.copy()
    needed[programme.facts.group[kept]] = True
    return replace(
        programme,
        least=np.where(kept, stay.share, programme.least),
        most=np.where(kept, stay.share, programme.most),
        closed=(programme.closed & ~kept) | (here & ~kept),
        needed=needed,
    )
