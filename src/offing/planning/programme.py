"""The plan as a mixed-integer programme: labelled variables, one function a constraint.

For each offer o a choice ``y_o`` (0 or 1) and, by year, a share ``x_ot`` of the units that the
market would take, ``least_ot y_o ≤ x_ot ≤ most_ot y_o``; at most one offer a model and market. The
value is

    Σ_t,o worth_ot x_ot - Σ_o fixed_o y_o + Σ_j payoff_j e_j - λ ES95(-profit)

with further variables e: a hedge's notional, receipts less outlays, sales of a year. A new limit is
a function in :data:`CONSTRAINTS` that returns its rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from offing.planning import exchange, kept_markets
from offing.planning.offers import (
    INFINITE,
    Array,
    Facts,
    Offers,
    PlanLimits,
    Row,
    Treasury,
    Variable,
)

if TYPE_CHECKING:
    from scipy.sparse import csc_array

NO_TREASURY = Treasury()
Constraint = Callable[[Facts], list[Row]]


@dataclass(frozen=True)
class Programme:
    """A built programme; money in CNY.

    Attributes:
        facts: offers, limits and means.
        worth: years × n, discounted mean profit of the whole offer.
        fixed: n, what taking the offer costs: entry, years of keeping.
        least: years × n, the least share of a chosen offer; from its lot.
        most: years × n, the largest.
        closed: n, offers that may not be taken.
        needed: by group, whether one of its offers must be taken.
        rows: the constraints.
        further: the further variables.
        matrix: rows × ((years + 1) n), shares year by year, then choices.
        further_matrix: rows × further variables, in their units.
        row_scale: what each row was divided by.
        constant: scenarios, profit that no decision changes: hedges held already.
    """

    facts: Facts
    worth: Array
    fixed: Array
    least: Array
    most: Array
    closed: NDArray[np.bool_]
    needed: NDArray[np.bool_]
    rows: tuple[Row, ...]
    further: tuple[Variable, ...]
    matrix: "csc_array"
    further_matrix: Array
    row_scale: Array
    constant: Array

    @property
    def offers(self) -> Offers:
        """What is chosen from."""
        return self.facts.offers

    @cached_property
    def row_bounds(self) -> tuple[Array, Array]:
        """Lower and upper ends of the constraints, each divided by its scale."""
        low, high = np.array([row.low for row in self.rows]), np.array([r.high for r in self.rows])
        return low / self.row_scale, high / self.row_scale


def line_hours(facts: Facts) -> list[Row]:
    """``Σ hours_o units_ot x_ot ≤ hours of the line in t``."""
    rows = []
    hours = np.array([offer.hours for offer in facts.offers.rows])
    for (plant, line), available in sorted(facts.limits.line_hours.items()):
        here = facts.where(plant=plant, line=line)
        used = facts.yearly((hours * facts.units)[:, here])
        rows += [
            Row("line_hours", f"{plant}/{line}", year, here, share, high=most)
            for (year, share), most in zip(used, available, strict=True)
        ]
    return rows


def entry_budget(facts: Facts) -> list[Row]:
    """``Σ entry_o y_o ≤ budget``."""
    budget = facts.limits.entry_budget_cny
    if budget is None:
        return []
    cost = facts.offers.entry_cny
    here = np.flatnonzero(cost)
    return [Row("entry_budget", "", None, here, choice=cost[here], high=budget)]


def working_capital(facts: Facts) -> list[Row]:
    """``Σ sales_ot x_ot × receivable days / 365 ≤ capital`` (应收账款占用)."""
    capital = facts.limits.working_capital_cny
    if capital is None:
        return []
    days = np.array([offer.receivable_days for offer in facts.offers.rows])
    here = np.flatnonzero(days)
    stands = facts.sales_usd * days / 365 * facts.limits.cny_per_usd
    return [
        Row("working_capital", "", year, here, share, high=capital)
        for year, share in facts.yearly(stands[:, here])
    ]


def total_sales(facts: Facts) -> list[Row]:
    """``Σ sales_ot x_ot = total_t``, which caps on shares refer to."""
    if not facts.limits.market_share:
        return []
    every = np.arange(len(facts.offers.rows))
    return [
        Row("total_sales", "", year, every, sold, further={f"total_{year}": -1.0}, low=0, high=0)
        for year, sold in facts.yearly(facts.sales_usd)
    ]


def market_shares(facts: Facts) -> list[Row]:
    """``sales in a market ≤ share × total_t``."""
    return [
        Row("market_share", market, year, here, sold, further={f"total_{year}": -share}, high=0)
        for market, share in sorted(facts.limits.market_share.items())
        for here in [facts.where(market=market)]
        for year, sold in facts.yearly(facts.sales_usd[:, here])
    ]


def target(facts: Facts) -> list[Row]:
    """``Σ sales_ot x_ot ≥ target``, or the same of profit after the yearly costs of keeping."""
    goal = facts.limits.target
    if goal is None:
        return []
    every = np.arange(len(facts.offers.rows))
    place = facts.offers.years.index(goal.year)
    left: dict[str, float] = {}
    if goal.of == "sales":
        values, choice = facts.sales_usd[place], None
    else:
        keep = facts.offers.keep_cny
        values, choice = facts.profit_cny[place], -keep * facts.alive[place]
        left = {
            v.name: v.year_mean(place, facts.offers.discount) for v in kept_markets.variables(facts)
        }
    share = facts.year(goal.year, values * goal.level)
    return [Row("target", goal.of, goal.year, every, share, choice, left, low=goal.amount)]


CONSTRAINTS: tuple[Constraint, ...] = (
    line_hours,
    entry_budget,
    working_capital,
    total_sales,
    market_shares,
    target,
    kept_markets.rows_of,
    *exchange.CONSTRAINTS,
)
"""Every linear constraint. One offer a model and market, lots and what must be kept are bounds of
the choices and shares; the loss that could be borne is a bound on the expected shortfall."""


def _variables(facts: Facts) -> tuple[Variable, ...]:
    """Sales of each year where a cap needs them, and those of :mod:`offing.planning.exchange`."""
    found = []
    if facts.limits.market_share:
        best = np.zeros((len(facts.keys), len(facts.offers.years)))
        np.maximum.at(best, facts.group, facts.sales_usd.T)
        for year, most in zip(facts.offers.years, best.sum(axis=0), strict=True):
            found.append(Variable(f"total_{year}", max(float(most), 1.0)))
    return (*found, *kept_markets.variables(facts), *exchange.variables(facts))


def facts_of(offers: Offers, limits: PlanLimits, treasury: Treasury = NO_TREASURY) -> Facts:
    """Means over scenarios, and which offers exclude one another."""
    for values in (offers.units, offers.profit_cny, offers.sales_usd):
        assert np.isfinite(values.sum(dtype=np.float64)), "scenarios are numbers"
    names = [(offer.model, offer.market) for offer in offers.rows]
    keys = tuple(dict.fromkeys(names))
    place = {key: number for number, key in enumerate(keys)}

    def mean(values: Array | NDArray[np.bool_]) -> Array:
        return np.asarray(values.mean(axis=0, dtype=np.float64))

    return Facts(
        offers,
        limits,
        treasury,
        units=mean(offers.units),
        sales_usd=mean(offers.sales_usd),
        profit_cny=mean(offers.profit_cny),
        alive=mean(offers.units > 0),
        group=np.array([place[name] for name in names], dtype=np.intp),
        keys=keys,
    )


def build(facts: Facts, constraints: Sequence[Constraint] = CONSTRAINTS) -> Programme:
    """The programme of a plan.

    Args:
        facts: from :func:`facts_of`.
        constraints: what binds it.
    """
    offers = facts.offers
    keep, entry = offers.keep_cny, offers.entry_cny
    least, closed = lots_of(facts)
    needed = np.array([key in facts.limits.must_keep for key in facts.keys], dtype=bool)
    rows = tuple(row for constraint in constraints for row in constraint(facts))
    least = least_shares(facts, rows, needed, least)
    further = _variables(facts)
    matrix, further_matrix, scale = _matrices(facts, rows, further)
    held = sum(currency.constant_cny for currency in facts.treasury.currencies)
    return Programme(
        facts,
        worth=facts.profit_cny * offers.discount[:, None],
        fixed=entry + keep * (offers.discount @ facts.alive),
        least=least,
        most=np.ones_like(least),
        closed=closed,
        needed=needed,
        rows=rows,
        further=further,
        matrix=matrix,
        further_matrix=further_matrix,
        row_scale=scale,
        constant=np.zeros(offers.units.shape[0]) + held,
    )


def cut_by_hours(rows: Sequence[Row], years: Sequence[int], share: Array) -> Array:
    """Shares, years × n, as the hours of the lines let them: all that runs on a full one gives way
    alike.
    """
    left = share.copy()
    for row in rows:
        if row.limit == "line_hours" and row.share is not None:
            used = float((row.share * left[:, row.offers]).sum())
            if used > row.high:
                left[years.index(row.year or 0), row.offers] *= row.high / used
    return left


def least_shares(
    facts: Facts, rows: Sequence[Row], needed: NDArray[np.bool_], least: Array
) -> Array:
    """The least shares, where a market that must be kept is served as much as by today's way.

    So keeping never forces another move where a line is full. One that is not served today is
    served in full.
    """
    offers = facts.offers
    today = np.array([offer.today for offer in offers.rows], dtype=bool)
    going_on = cut_by_hours(rows, offers.years, np.tile(today.astype(float), (len(least), 1)))
    floor = np.ones((len(least), len(facts.keys)))
    floor[:, facts.group[today]] = going_on[:, today]
    here, (lots, _) = floor[:, facts.group], lots_of(facts)
    return np.where(needed[facts.group], np.where(today, here, np.maximum(here, lots)), least)


def add_risk_cuts(programme: Programme, facts: Facts) -> Programme:
    """The programme with the cuts of the receivables' limit that the facts have now."""
    from scipy.sparse import vstack

    kept = np.flatnonzero([row.limit != exchange.RISK for row in programme.rows])
    fresh = exchange.exchange_risk(facts)
    matrix, dense, scale = _matrices(facts, fresh, programme.further)
    return replace(
        programme,
        facts=facts,
        rows=(*(programme.rows[place] for place in kept), *fresh),
        matrix=vstack([programme.matrix[kept], matrix], format="csc"),
        further_matrix=np.concatenate([programme.further_matrix[kept], dense]),
        row_scale=np.concatenate([programme.row_scale[kept], scale]),
    )


def lots_of(facts: Facts) -> tuple[Array, NDArray[np.bool_]]:
    """Least shares from lots, over the scenarios in which the market takes any; and the offers
    whose lot the market never takes. What is done today is not closed by its lot.
    """
    lot = np.array([offer.lot for offer in facts.offers.rows])
    today = np.array([offer.today for offer in facts.offers.rows], dtype=bool)
    taken = np.divide(
        facts.units, facts.alive, out=np.zeros_like(facts.units), where=facts.alive > 0
    )
    least = np.divide(lot, taken, out=np.where(lot > 0, INFINITE, 0.0) + 0 * taken, where=taken > 0)
    closed = (least > 1 + 1e-9).any(axis=0) & ~today
    return np.minimum(least, 1.0), closed


def _matrices(
    facts: Facts, rows: Sequence[Row], further: Sequence[Variable]
) -> tuple["csc_array", Array, Array]:
    """Coefficients of offers and of further variables, each row divided by its largest."""
    from scipy.sparse import csc_array

    count, years = len(facts.offers.rows), len(facts.offers.years)
    names = {variable.name: place for place, variable in enumerate(further)}
    numbers: list[NDArray[np.int64]] = [np.zeros(0, int)]
    columns: list[NDArray[np.int64]] = [np.zeros(0, int)]
    values: list[Array] = [np.zeros(0)]
    dense = np.zeros((len(rows), len(further)))
    scale = np.ones(len(rows))
    for number, row in enumerate(rows):
        for name, coefficient in row.further.items():
            dense[number, names[name]] = coefficient * further[names[name]].unit
        parts = [] if row.share is None else [(0, row.share)]
        parts += [] if row.choice is None else [(years, row.choice[None])]
        largest = max([float(np.abs(part).max(initial=0)) for _, part in parts] or [0.0])
        scale[number] = max(largest, float(np.abs(dense[number]).max(initial=0))) or 1.0
        dense[number] /= scale[number]
        for first, part in parts:
            block, some = np.nonzero(part)
            numbers.append(np.full(len(some), number))
            columns.append((first + block) * count + row.offers[some])
            values.append(part[block, some] / scale[number])
    places = np.concatenate(numbers), np.concatenate(columns)
    shape = len(rows), (years + 1) * count
    return csc_array((np.concatenate(values), places), shape=shape), dense, scale
