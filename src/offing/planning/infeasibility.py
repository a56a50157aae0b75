"""Which limits conflict: a smallest set of named limits that no plan meets together.

A deletion filter (Chinneck and Dravnieks 1991, ORSA Journal on Computing 3:157-168): a limit
without which there is still no plan is not needed for the conflict. What is left is irreducible:
without any one of them there is a plan.
"""

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from offing.planning.facts import Risk, Target
from offing.planning.linear import InfeasibleError
from offing.planning.offers import Array
from offing.planning.outcome import Decision
from offing.planning.programme import Programme
from offing.planning.solving import GAP, solve
from offing.terms.errors import InputError
from offing.terms.messages import say

Name = tuple[str, str]
"""A kind of limit and its subject, such as ``("line_hours", "CHN/A")``."""

STRUCTURE = {"total_sales", "hedge", "hedge_or_not", "switch", "exchanged"}
"""Rows that define a variable and limit nothing by themselves."""

ANY_GAP = 1e6
"""The first plan found will do."""


def names_of(programme: Programme, risk: Risk) -> list[Name]:
    """Every limit by name, in the order in which they are given up."""
    names = dict.fromkeys(row.name for row in programme.rows if row.limit not in STRUCTURE)
    for group in np.flatnonzero(programme.needed):
        model, market = programme.facts.keys[group]
        names["must_keep", f"{model} {market}"] = None
    if risk.least_worst_cny is not None:
        names["least_worst", ""] = None
    return list(names)


def without(programme: Programme, risk: Risk, names: Collection[Name]) -> tuple[Programme, Risk]:
    """The programme and the risk without some limits."""
    kept = [place for place, row in enumerate(programme.rows) if row.name not in names]
    dropped = {key for kind, key in names if kind == "must_keep"}
    freed = np.array([f"{model} {market}" in dropped for model, market in programme.facts.keys])
    # A market that must be kept is served as today at least; freed, its share may be anything.
    here = freed[programme.facts.group] & programme.needed[programme.facts.group]
    smaller = replace(
        programme,
        rows=tuple(programme.rows[place] for place in kept),
        matrix=programme.matrix.only(kept),
        further_matrix=programme.further_matrix[kept],
        row_scale=programme.row_scale[kept],
        needed=programme.needed & ~freed,
        least=np.where(here, 0.0, programme.least),
    )
    free = ("least_worst", "") in names
    return smaller, replace(risk, least_worst_cny=None) if free else risk


def feasible(programme: Programme, risk: Risk) -> bool:
    """Whether any plan meets the limits."""
    try:
        solve(programme, replace(risk, aversion=0.0), gap=ANY_GAP)
    except InfeasibleError:
        return False
    return True


def conflicting(programme: Programme, risk: Risk) -> list[Name]:
    """An irreducible set of limits that conflict; empty where there is a plan."""
    if feasible(programme, risk):
        return []
    given_up: list[Name] = []
    names = names_of(programme, risk)
    for name in names:
        if not feasible(*without(programme, risk, [*given_up, name])):
            given_up.append(name)
    return [name for name in names if name not in given_up]


def limit_text(name: Name) -> str:
    """A limit in words."""
    kind, subject = name
    if kind == "target":
        subject = say(f"planning.target_{subject}")
    return say(f"planning.limit_{kind}", subject=subject)


def refusal(programme: Programme, risk: Risk) -> InputError:
    """The error that names the conflicting limits: ``planning.limits_conflict``."""
    names = conflicting(programme, risk)
    return InputError(
        "planning.limits_conflict", limits=say("errors.joint").join(map(limit_text, names))
    )


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
