"""Which limits conflict, and what one more of a limit would earn (影子价格).

*Conflict.* A smallest set of named limits that no plan meets together, by a deletion filter
(Chinneck and Dravnieks 1991, ORSA Journal on Computing 3:157-168): a limit without which there is
still no plan is not needed for the conflict. What is left is irreducible: without any one of them
there is a plan.

*Prices.* Choices are held as the plan has them; what is left is a linear programme. HiGHS says over
which range of the limit its answer keeps its form. Cuts of the shortfall that are not yet known can
make that range too wide, so the programme is solved again at both ends: a cut found there narrows
it, until both ends confirm the price.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from math import fsum

import numpy as np

from offing.planning.kept_markets import KEPT
from offing.planning.linear import InfeasibleError, Pool
from offing.planning.offers import Array, Risk, Target
from offing.planning.outcome import Decision
from offing.planning.programme import Programme, least_shares
from offing.planning.solving import GAP, Restricted, Solution, solve
from offing.terms.errors import InputError
from offing.terms.messages import say
from offing.terms.numbers import money

Name = tuple[str, str]
"""A kind of limit and its subject, such as ``("line_hours", "CHN/A")``."""

STRUCTURE = {"total_sales", KEPT, "hedge", "hedge_or_not", "switch", "exchanged"}
"""Rows that define a variable and limit nothing by themselves."""

MOST_CAREFUL = 100.0
"""The worst counts so much more than the mean that only ties are left to it."""

CURVE = 200, 4
"""Nodes and rounds in which a plan is searched that is looked at and not made."""

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
    kept = np.flatnonzero([row.name not in names for row in programme.rows])
    dropped = {key for kind, key in names if kind == "must_keep"}
    freed = np.array([f"{model} {market}" in dropped for model, market in programme.facts.keys])
    # A market that must be kept is served as today at least; freed, its share may be anything.
    here = freed[programme.facts.group] & programme.needed[programme.facts.group]
    smaller = replace(
        programme,
        rows=tuple(programme.rows[place] for place in kept),
        matrix=programme.matrix[kept],
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
    texts = [limit_text(name) + _borne(programme, risk, name) for name in names]
    return InputError("planning.limits_conflict", limits=say("errors.joint").join(texts))


def _borne(programme: Programme, risk: Risk, name: Name) -> str:
    """Of the loss that could be borne: what was asked, and the best that the other limits leave."""
    if name != ("least_worst", ""):
        return ""
    others, _ = without(programme, risk, [name])
    best = -solve(others, Risk(MOST_CAREFUL), effort=CURVE).outcome.shortfall
    values = {"least": money(risk.least_worst_cny or 0.0, "CNY"), "best": money(best, "CNY")}
    return say("planning.limit_least_worst_is", **values)


def amounts(programme: Programme, decision: Decision, target: Target) -> Array:
    """What a decision gives of the target's quantity in each scenario."""
    offers = programme.offers
    year = offers.years.index(target.year)
    chosen = np.flatnonzero(decision.choice > 0)
    share = decision.share[year, chosen] * target.level
    if target.of == "sales":
        return np.asarray(offers.sales_usd[:, year, chosen] @ share)
    keep = decision.choice[chosen] * offers.keep_cny[chosen]
    earned: Array = offers.profit_cny[:, year, chosen] @ share
    further = zip(programme.further, decision.further, strict=True)
    left = fsum(value * v.year_mean(year, offers.discount) for v, value in further)
    return np.asarray(earned - (offers.units[:, year, chosen] > 0) @ keep + left)


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
        worth[year] = facts.sales_usd[year] * target.level
    else:
        worth[year] = facts.profit_cny[year] * target.level
        keep = programme.offers.keep_cny
        fixed = keep * facts.alive[year]
    # Values alone are asked for: of the further variables only what stays of markets costs.
    further = tuple(
        replace(v, payoff=v.year_mean(year, programme.offers.discount) * (target.of == "profit"))
        for v in programme.further
    )
    targeted = replace(free, worth=worth, fixed=fixed, further=further)
    try:
        decision = solve(targeted, Risk(), gap=gap).decision
    except InfeasibleError:
        if start is None:
            raise
        decision = solve(targeted, Risk(), gap=gap, start=start).decision
    return float(amounts(programme, decision, target).mean())


WORTHLESS = 1e-9
"""A price below this share of the value a unit of the limit is none."""

CONFIRMED = 1e-6
"""How far the value at an end may lie from what the price says, of the value."""

ROUNDS = 30


@dataclass(frozen=True)
class ShadowPrice:
    """The price of a limit that binds.

    Attributes:
        limit: its kind.
        subject: its line, market, currency.
        year: of the horizon.
        price_cny: what one more of it earns: an hour, a yuan, a dollar. Of a target: what one less
            would save.
        now: the limit as it is.
        low: down to here the price holds.
        high: up to here.
        confirmed: whether solving again at both ends gave what the price says.
    """

    limit: str
    subject: str
    year: int | None
    price_cny: float
    now: float
    low: float
    high: float
    confirmed: bool


class _Fixed:
    """The plan with its choices held: solved for any value of one limit."""

    def __init__(self, programme: Programme, risk: Risk, pool: Pool, solution: Solution) -> None:
        self.programme = programme
        taken = np.flatnonzero(solution.decision.choice > 0)
        self.linear = Restricted(programme, risk, pool, taken, solution.decision)
        self.first = self.linear.first

    def at(self, row: int, limit: float) -> float | None:
        """The value with another limit; the limit is then as before."""
        labelled = self.programme.rows[row]
        place, scale = self.first + row, self.programme.row_scale[row]
        low, high = labelled.low / scale, labelled.high / scale
        upper = np.isfinite(labelled.high)
        moved = (low, limit / scale) if upper else (limit / scale, high)
        self.linear.solver.changeRowBounds(place, *moved)
        try:
            return self.linear.settled().value
        except InfeasibleError:
            return None
        finally:
            self.linear.solver.changeRowBounds(place, low, high)


def shadow_prices(
    programme: Programme, risk: Risk, solution: Solution, pool: Pool | None = None
) -> list[ShadowPrice]:
    """The prices of all limits that bind, with confirmed ranges.

    The entry budget has none: with choices held nothing can be bought with more of it; see
    :func:`value_of_more`.
    """
    fixed = _Fixed(programme, risk, Pool() if pool is None else pool, solution)
    found = []
    for row, labelled in enumerate(programme.rows):
        if labelled.limit in STRUCTURE:
            continue
        priced = _shadow_price(fixed, row)
        if priced is not None:
            found.append(priced)
    return found


def _shadow_price(fixed: _Fixed, row: int) -> ShadowPrice | None:
    programme, solver = fixed.programme, fixed.linear.solver
    labelled, scale = programme.rows[row], programme.row_scale[row]
    upper = bool(np.isfinite(labelled.high))
    now = labelled.high if upper else labelled.low
    for _ in range(ROUNDS):
        value, known = fixed.linear.settled().value, len(fixed.linear.pool.cuts)
        dual = solver.getSolution().row_dual[fixed.first + row]
        price = (-dual if upper else dual) * fixed.linear.money / scale
        if price * max(abs(now), 1.0) <= WORTHLESS * max(abs(value), 1.0):
            return None
        _, ranging = solver.getRanging()
        low = ranging.row_bound_dn.value_[fixed.first + row] * scale
        high = ranging.row_bound_up.value_[fixed.first + row] * scale
        low, high = max(min(low, now), 0.0), max(high, now)
        sign = 1.0 if upper else -1.0
        agrees = []
        for end in (low, high):
            there = fixed.at(row, end) if np.isfinite(end) else None
            said = value + sign * price * (end - now)
            agrees.append(there is not None and abs(there - said) <= CONFIRMED * abs(value))
        if len(fixed.linear.pool.cuts) == known or all(agrees):
            break
    return ShadowPrice(
        labelled.limit, labelled.subject, labelled.year, price, now, low, high, all(agrees)
    )


def hours_worth(
    programme: Programme, risk: Risk, solution: Solution, line: tuple[str, int], hours: float
) -> tuple[float, float] | None:
    """How many hours of a line a plan leaves free in a year, and what it would earn less without so
    many; CNY of that year.

    Choices are held: what each takes of the line is shared out again. Many hours may cost more than
    the price of the last one says, for what is given up first is what earns least.

    Args:
        programme: of the plan.
        risk: of the study.
        solution: the plan.
        line: its subject, such as ``home/main``, and the year.
        hours: that are taken.

    Returns:
        ``None`` where the year is not the plan's, or its choices need the hours.
    """
    for row, labelled in enumerate(programme.rows):
        if (labelled.limit, (labelled.subject, labelled.year)) != ("line_hours", line):
            continue
        fixed = _Fixed(programme, risk, Pool(), solution)
        less = fixed.at(row, max(labelled.high - hours, 0.0)) if hours <= labelled.high else None
        year = programme.offers.years.index(line[1])
        if less is None or labelled.share is None:
            return None
        now = fixed.linear.settled()
        used = float((labelled.share * now.decision.share[:, labelled.offers]).sum())
        worth = max(now.value - less, 0.0) / float(programme.offers.discount[year])
        return max(labelled.high - used, 0.0), worth
    return None


AMOUNTS = ("line_hours", "entry_budget", "working_capital")
"""Limits that are an amount, of which there can be a part more; caps are shares of what is sold."""


CAPS = ("market_share",)
"""Limits that are a share of what is sold: ``sales there ≤ share × total``."""
TIGHT = 0.02
"""A cap of which less than this part is left is looked at: lots leave a little of it."""


def loosen_limit(programme: Programme, name: Name, factor: float) -> Programme:
    """The programme with one limit times a factor in all years."""
    here = [place for place, row in enumerate(programme.rows) if row.name == name]
    rows, matrix = list(programme.rows), programme.further_matrix.copy()
    for place in here:
        row = rows[place]
        if row.limit in CAPS:
            further = {total: share * factor for total, share in row.further.items()}
            rows[place], matrix[place] = replace(row, further=further), matrix[place] * factor
        else:
            rows[place] = replace(row, high=row.high * factor)
    # What must be kept is as much as today's way serves, under the limit as it then is.
    least = least_shares(programme.facts, rows, programme.needed, programme.least)
    return replace(programme, rows=tuple(rows), further_matrix=matrix, least=least)


def binding_caps(programme: Programme, solution: Solution) -> dict[Name, float]:
    """Caps that (nearly) bind: the share of sales that each takes, in the year that takes most."""
    found: dict[Name, float] = {}
    values = {
        v.name: float(x) for v, x in zip(programme.further, solution.decision.further, strict=True)
    }
    for row in programme.rows:
        if row.limit not in CAPS or row.share is None:
            continue
        sold = float((row.share * solution.decision.share[:, row.offers]).sum())
        ((total, less),) = row.further.items()
        most = -less * values[total]
        if values[total] > 0 and sold >= most * (1 - TIGHT):
            found[row.name] = max(found.get(row.name, 0.0), sold / values[total])
    return found


def amounts_of(programme: Programme) -> list[Name]:
    """Limits that are an amount and let something through."""
    return list(dict.fromkeys(r.name for r in programme.rows if r.limit in AMOUNTS and r.high > 0))


def value_of_more(
    programme: Programme,
    risk: Risk,
    solution: Solution,
    names: Iterable[Name],
    factor: float,
    pool: Pool | None = None,
    opened: Callable[[Programme], Programme] = lambda programme: programme,
) -> dict[Name, float | None]:
    """What a part more (or less) of each limit earns, every choice made again; CNY.

    Where much is whole (lots, entries), a limit may have no price of its last unit and be worth
    much all the same. ``factor`` is on the limit, such as 1.1. ``opened`` holds what a plan leaves
    as it is today, under the limit as it then is: of a full line today's way takes other parts.

    Returns:
        By limit, the value of the new plan less that of the plan; ``None`` where there is no plan.
        What choosing again earns under the limit as it is, such as without a hedge, is not its.
    """
    pool = Pool() if pool is None else pool
    found: dict[Name, float | None] = {}
    try:
        anew = solve(opened(programme), risk, pool, GAP, solution.decision).value
    except InfeasibleError:
        anew = solution.value
    base = max(solution.value, anew)
    for name in names:
        try:
            other = solve(
                opened(loosen_limit(programme, name, factor)), risk, pool, GAP, solution.decision
            )
            found[name] = other.value - base
        except InfeasibleError:
            found[name] = None
    return found
