"""A target: whether it can be reached, what it costs, how likely it is kept."""

from dataclasses import dataclass, replace

import numpy as np

from offing.planning.conflict import without
from offing.planning.limits import Risk, Target
from offing.planning.linear import InfeasibleError, Pool
from offing.planning.offers import Array
from offing.planning.outcome import Decision
from offing.planning.programme import Programme
from offing.planning.solving import GAP, Solution, solve


@dataclass(frozen=True)
class Reached:
    """What becomes of a target.

    Attributes:
        target: asked for.
        most: the most that any plan within the other limits reaches in the mean.
        solution: the best plan that reaches it; ``None`` where none does.
        cost_cny: by how much the target lowers the value; ``None`` where it is out of reach.
        chance: share of scenarios in which the plan reaches it; of the mean it is by construction.
    """

    target: Target
    most: float
    solution: Solution | None
    cost_cny: float | None
    chance: float | None


def amounts(programme: Programme, decision: Decision, target: Target) -> Array:
    """What a decision gives of the target's quantity in each scenario."""
    offers = programme.offers
    year = offers.years.index(target.year)
    taken = np.flatnonzero(decision.choice > 0)
    share = decision.share[year, taken]
    if target.of == "sales":
        sold: Array = offers.sales_usd[:, year, taken] @ share
        return sold
    keep = decision.choice[taken] * offers.keep_cny[taken]
    earned: Array = offers.profit_cny[:, year, taken] @ share
    left: Array = earned - (offers.units[:, year, taken] > 0) @ keep
    return left


def most(programme: Programme, risk: Risk, target: Target, gap: float = GAP) -> float:
    """The most that the other limits allow, in the mean; what can be borne counts too."""
    free, _ = without(programme, risk, [("target", target.of)])
    facts, year = programme.facts, programme.offers.years.index(target.year)
    worth = np.zeros_like(programme.worth)
    fixed = np.zeros_like(programme.fixed)
    if target.of == "sales":
        worth[year] = facts.sales_usd[year]
    else:
        worth[year] = facts.profit_cny[year]
        keep = programme.offers.keep_cny
        fixed = keep * facts.alive[year]
    # Values alone are asked for: the further variables pay nothing here.
    further = tuple(replace(variable, payoff=0.0) for variable in programme.further)
    asked = replace(free, worth=worth, fixed=fixed, further=further)
    decision = solve(asked, Risk(), gap=gap).decision
    return float(amounts(programme, decision, target).mean())


def reached(
    programme: Programme, risk: Risk, target: Target, pool: Pool | None = None, gap: float = GAP
) -> Reached:
    """Whether the target of the programme's limits can be reached, and at what cost.

    Args:
        programme: built with this target among its limits.
        risk: how the worst counts.
        target: the same target.
        pool: what earlier solves learnt.
        gap: of each value.
    """
    pool = Pool() if pool is None else pool
    highest = most(programme, risk, target, gap)
    free = solve(*without(programme, risk, [("target", target.of)]), pool, gap)
    try:
        found = solve(programme, risk, pool, gap)
    except InfeasibleError:
        return Reached(target, highest, None, None, None)
    came = amounts(programme, found.decision, target) >= target.amount
    return Reached(target, highest, found, max(free.value - found.value, 0.0), float(came.mean()))
