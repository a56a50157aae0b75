"""One sector: Armington or Eaton and Kortum, in exact changes, with incomes feeding back.

Dekle, Eaton and Kortum (2008), IMF Staff Papers 55(3); Baier, Yotov and Zylkin (2019), Journal of
International Economics 116, whose ``ge_gravity`` the results agree with. With X trade (origins in
rows), Y output, E expenditure, π = X/E, B the change of trade freeness (τ̂^−θ), D = E − Y::

    P̂_j^−θ = Σ_k π_kj B_kj ŵ_k^−θ            Y_i ŵ_i = Σ_j π_ij B_ij ŵ_i^−θ / P̂_j^−θ · E'_j
    E'_j = Y_j ŵ_j + D_j · (ΣYŵ / ΣY)   (additive)   or   E_j ŵ_j   (multiplicative)

Multiplicative deficits clear markets up to the factor ΣYŵ / ΣEŵ, as ``ge_gravity`` has it; reported
expenditure is E ŵ. Additive deficits are a share of the world's output, so that the unit of account
changes no real figure. Solved by Newton's method in log ŵ with the exact Jacobian, in a few steps.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from offing.estimators import Floats
from offing.terms.errors import InputError, RuleError, Where
from offing.terms.messages import join_list

Deficits = Literal["additive", "multiplicative"]

CLOSE = 1e-11
"""Largest gap of an income to its sales, as a share of output, at which a solve ends."""
STEPS = 60
SOLVED = 1e-9
"""A larger gap than this is no solution."""
LARGEST_STEP = 1.0
"""In log ŵ: a longer Newton step is shortened, so that a large shock does not overshoot."""


@dataclass(frozen=True)
class World:
    """A square matrix of trade with its trade inside countries.

    Attributes:
        countries: N codes, in the order of the rows (origins) and columns (destinations).
        trade: N × N values in one currency; the diagonal is trade within the country.
    """

    countries: tuple[str, ...]
    trade: Floats

    @property
    def output(self) -> Floats:
        """Sales of each origin."""
        return np.asarray(self.trade.sum(axis=1))

    @property
    def expenditure(self) -> Floats:
        """Purchases of each destination."""
        return np.asarray(self.trade.sum(axis=0))

    def check(self, where: Where | None = None, *, domestic: bool = True) -> None:
        """Refuse a matrix that no world has.

        Args:
            where: it was read, for the error.
            domestic: whether every country must have trade with itself.

        Raises:
            InputError: ``equilibrium.bad_value`` (negative or missing), ``equilibrium.no_domestic``
                where a country has no trade with itself.
        """
        bad = ~(np.isfinite(self.trade) & (self.trade >= 0))
        if bad.any():
            i, j = (int(x[0]) for x in np.nonzero(bad))
            pair = {"origin": self.countries[i], "market": self.countries[j]}
            raise InputError("equilibrium.bad_value", where=where, value=self.trade[i, j], **pair)
        empty = [c for c, own in zip(self.countries, np.diag(self.trade), strict=True) if own <= 0]
        if domestic and empty:
            raise InputError("equilibrium.no_domestic", where=where, countries=", ".join(empty[:8]))


@dataclass(frozen=True)
class WorldSolution:
    """A world under a shock; changes over today, 1 is no change.

    Attributes:
        welfare: N, real income.
        income: N, nominal.
        prices: N.
        trade: N × N values of the counterfactual.
        residual: the largest relative gap of an equation.
        spent: N, today's expenditure.
        more: N each, what only the model has: of ``with-revenue`` the changes of ``deficit``
            (relative to its size), ``exports_over_income``, ``imports_over_income`` and
            ``employment``, and ``revenue`` of tariffs over today's expenditure; shares.
        world: of ``with-revenue`` ``trade_over_income``, at prices with tariffs, and
            ``employment``, weighted by income.
        steps: of Newton's method.
    """

    welfare: Floats
    income: Floats
    prices: Floats
    trade: Floats
    residual: float
    spent: Floats
    more: Mapping[str, Floats] = field(default_factory=dict)
    world: Mapping[str, float] = field(default_factory=dict)
    steps: int = 0


def must_leave_income(countries: Sequence[str], left: Floats) -> None:
    """Refuse a world in which a country has nothing left to spend.

    Raises:
        InputError: ``equilibrium.not_carried``.
    """
    names = [c for c, amount in zip(countries, left, strict=True) if amount <= 0]
    if names:
        raise InputError("equilibrium.not_carried", countries=join_list(names))


def solve(
    world: World, freeness: Floats, *, theta: float, deficits: Deficits = "additive"
) -> WorldSolution:
    """The equilibrium after a change of trade costs.

    Args:
        world: today's trade.
        freeness: N × N, the factor on trade at given prices, ``exp(β Δz) = τ̂^−θ``; 1 where
            nothing changes.
        theta: trade elasticity, positive (σ − 1 of Armington).
        deficits: whether a deficit stays as a share of world output, or grows with its country.

    Raises:
        RuleError: ``equilibrium.no_solution`` where the equations have no solution that is found.
        InputError: as :func:`must_leave_income`.
    """
    state = _State(world, freeness, theta, deficits)
    log_wages = np.zeros(len(world.countries))
    at, steps = state.at(log_wages), 0
    while at.residual >= CLOSE and np.isfinite(at.residual) and steps < STEPS:
        step = at.newton()
        moved = log_wages + step * min(1.0, LARGEST_STEP / np.abs(step).max())
        log_wages = moved - np.log(state.output @ np.exp(moved) / state.output.sum())
        at, steps = state.at(log_wages), steps + 1
    if not at.residual < SOLVED:
        raise RuleError("equilibrium.no_solution", residual=f"{at.residual:.1e}", steps=steps)
    must_leave_income(world.countries, at.spending)
    spent = state.expenditure
    grown = at.wages if deficits == "multiplicative" else at.spending / spent
    trade = at.shares * (spent * grown)
    return WorldSolution(
        grown / at.prices, grown, at.prices, trade, at.residual, spent, steps=steps
    )


class _State:
    """The equations at a guess of wages."""

    def __init__(self, world: World, freeness: Floats, theta: float, deficits: Deficits) -> None:
        self.output, self.expenditure = world.output, world.expenditure
        self.deficit = self.expenditure - self.output
        self.base = world.trade / self.expenditure * freeness
        self.theta, self.deficits = theta, deficits

    def at(self, log_wages: Floats) -> "_AtWages":
        """Everything that follows from a guess."""
        wages = np.exp(log_wages)
        income = self.output * wages
        if self.deficits == "additive":
            spending = income + self.deficit * (income.sum() / self.output.sum())
        else:
            even = self.expenditure * wages  # world spending must equal world income
            spending = even * (income.sum() / even.sum())
        weighted = self.base * (wages**-self.theta)[:, None]
        index = weighted.sum(axis=0)
        return _AtWages(self, wages, income, spending, weighted / index, index ** (-1 / self.theta))


@dataclass(frozen=True)
class _AtWages:
    state: _State
    wages: Floats
    income: Floats
    spending: Floats
    shares: Floats
    prices: Floats

    @property
    def gap(self) -> Floats:
        """Sales less income."""
        return np.asarray(self.shares @ self.spending - self.income)

    @property
    def residual(self) -> float:
        """The largest gap, as a share of its income."""
        return float(np.max(np.abs(self.gap) / self.income))

    def newton(self) -> Floats:
        """The Newton step in log wages; the numeraire is held by adding its row to every one."""
        state, theta = self.state, self.state.theta
        sold = self.shares * self.spending
        slope = theta * (sold @ self.shares.T)
        slope[np.diag_indices_from(slope)] -= theta * sold.sum(axis=1) + self.income
        own = self.income if state.deficits == "additive" else self.spending
        slope += self.shares * own
        if state.deficits == "additive":  # a deficit moves with the world's output
            drag = self.shares @ (state.deficit / state.output.sum())
            slope += np.outer(drag, self.income)
        else:
            pull = self.income / self.income.sum() - self.spending / self.spending.sum()
            slope += np.outer(sold.sum(axis=1), pull)
        slope += np.outer(self.income, self.income) / self.income.sum()
        return np.asarray(np.linalg.solve(slope, -self.gap), dtype=np.float64)
