"""A target: what a decision gives of it, and the most that any plan gives."""

from dataclasses import replace

import numpy as np

from offing.planning.conflict import without
from offing.planning.limits import Risk, Target
from offing.planning.linear import InfeasibleError
from offing.planning.offers import Array
from offing.planning.outcome import Decision
from offing.planning.programme import Programme
from offing.planning.solving import GAP, solve


def amounts(programme: Programme, decision: Decision, target: Target) -> Array:
    """What a decision gives of the target's quantity in each scenario."""
    offers = programme.offers
    year = offers.years.index(target.year)
    chosen = np.flatnonzero(decision.choice > 0)
    share = decision.share[year, chosen]
    if target.of == "sales":
        return np.asarray(offers.sales_usd[:, year, chosen] @ share)
    keep = decision.choice[chosen] * offers.keep_cny[chosen]
    earned: Array = offers.profit_cny[:, year, chosen] @ share
    return np.asarray(earned - (offers.units[:, year, chosen] > 0) @ keep)


def most(
    programme: Programme,
    risk: Risk,
    target: Target,
    gap: float = GAP,
    start: Decision | None = None,
) -> float:
    """The most that the other limits allow, in the mean; what can be borne counts too.

    ``start`` is a plan that is known, for where a full line and many entries leave the search,
    within its nodes, with no plan at all: the most is then at least what it gives.
    """
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
    targeted = replace(free, worth=worth, fixed=fixed, further=further)
    try:
        decision = solve(targeted, Risk(), gap=gap).decision
    except InfeasibleError:
        if start is None:
            raise
        decision = solve(targeted, Risk(), gap=gap, start=start).decision
    return float(amounts(programme, decision, target).mean())
