"""The linear relaxation, solved by columns and by cuts, with HiGHS.

A column is a pattern: one offer with a share in each year, at its least or its most. The patterns
of an offer span exactly ``least y ≤ x ≤ most y``, so that few of many offers need ever be in the
solver: prices of the rows tell whether one that is absent would help (Dantzig and Wolfe 1960,
Operations Research 8:101-111). Cuts hold the expected shortfall (:mod:`shortfall`). When neither a
column nor a cut is missing, the value is that of the whole relaxation.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offing.planning.offers import INFINITE, Array, Places, Risk
from offing.planning.outcome import Cut, Decision, cut, expected_shortfall, outcome, tail
from offing.planning.programme import Programme
from offing.terms.errors import InputError

TOLERANCE = 1e-7
"""Of the money scale: a reduced cost or a missing shortfall below it is none."""

ROUNDS, MOST_ROUNDS = 200, 500
"""After the first, cuts of the worst twentieth that are still missing are left out; after the
second the programme counts as not solved."""


@dataclass
class Pool:
    """What one solve learns and the next can use: cuts and offers that mattered."""

    cuts: list[Cut] = field(default_factory=list)
    offers: set[int] = field(default_factory=set)

    tails: set[bytes] = field(default_factory=set)

    def begin(self, programme: Programme) -> None:
        """Without any cut the shortfall would have no lower end."""
        if not self.cuts:
            self.learn(programme, programme.constant)

    def learn(self, programme: Programme, profit: Array) -> bool:
        """Add the cut of this profit's tail; whether it is new.

        One that is known and still seems to be missing is within the solver's tolerance.
        """
        places, weights = tail(profit)
        key = np.sort(places[:-1]).tobytes() + places[-1:].tobytes()
        if key in self.tails:
            return False
        self.tails.add(key)
        self.cuts.append(cut(programme, (places, weights)))
        return True


@dataclass(frozen=True)
class Relaxed:
    """The optimum of the relaxation.

    Attributes:
        value: of the objective, CNY; an upper bound for every plan.
        decision: with fractional choices.
        reduced: n, by how much the value falls at least where the offer is taken; CNY.
        charge: n, what a whole offer uses of hours, budgets and caps, at their prices; CNY.
    """

    value: float
    decision: Decision
    reduced: Array
    charge: Array


class InfeasibleError(Exception):
    """No decision meets the limits."""


@cache
def _silent() -> Any:
    import highspy

    class Silent(highspy.Highs):
        """Without callbacks: turning them on prints a banner, and none is used here."""

        def enableCallbacks(self) -> None:  # noqa: N802
            self.setOptionValue("output_flag", False)

    return Silent


def new_solver() -> Any:
    """HiGHS, silent, one thread, always the same seed."""
    solver = _silent()()
    for name, value in {
        "output_flag": False,
        "threads": 1,
        "random_seed": 0,
        "primal_feasibility_tolerance": 1e-9,
        "dual_feasibility_tolerance": 1e-9,
    }.items():
        solver.setOptionValue(name, value)
    return solver


def add_rows(solver: Any, low: Array, high: Array) -> None:
    """Rows to which columns bring their coefficients."""
    none, starts = np.zeros(0), np.zeros(len(low), np.int32)
    solver.addRows(len(low), low, high, 0, starts, none.astype(np.int32), none)


def add_columns(
    solver: Any, costs: Array, ends: tuple[Array, Array], at: tuple[Places, Places], values: Array
) -> None:
    """Columns between their ends; ``at`` is the row and the column of each value, in any order."""
    from scipy.sparse import csc_array

    cells = csc_array((values, at), shape=(solver.getNumRow(), len(costs)))
    starts, rows = cells.indptr[:-1].astype(np.int32), cells.indices.astype(np.int32)
    solver.addCols(len(costs), costs, *ends, cells.nnz, starts, rows, cells.data)


def money_scale(programme: Programme) -> float:
    """A typical yearly offer's worth: the solver counts money in it."""
    best = np.zeros(len(programme.facts.keys))
    np.maximum.at(best, programme.facts.group, np.abs(programme.worth).sum(axis=0))
    return max(float(best.mean()), 1.0) if best.size else 1.0


def run(solver: Any, *, nodes: bool = False) -> str:
    """Solve and say ``optimal`` or ``infeasible``, or ``ended`` where no plan was found in time.

    ``nodes``: whether the limit of nodes may end it.

    Raises:
        InputError: ``planning.not_solved`` for numbers that a solver cannot take.
    """
    import highspy

    solver.run()
    status = solver.getModelStatus()
    if status in (highspy.HighsModelStatus.kUnknown, highspy.HighsModelStatus.kSolveError):
        # A warm start can lead the simplex into a corner that its tolerances cannot settle.
        solver.clearSolver()
        for name in ("primal_feasibility_tolerance", "dual_feasibility_tolerance"):
            solver.setOptionValue(name, 1e-7)
        solver.run()
        status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kOptimal:
        return "optimal"
    if status in (
        highspy.HighsModelStatus.kInfeasible,
        highspy.HighsModelStatus.kUnboundedOrInfeasible,
        highspy.HighsModelStatus.kObjectiveBound,
    ):
        return "infeasible"
    if nodes and status == highspy.HighsModelStatus.kSolutionLimit:
        return "optimal" if solver.getInfo().primal_solution_status == 2 else "ended"
    raise InputError("planning.not_solved", reason=solver.modelStatusToString(status))


class Master:
    """The linear programme over the patterns known so far; minimises minus the value."""

    def __init__(self, programme: Programme, risk: Risk, pool: Pool) -> None:
        self.programme, self.risk, self.pool = programme, risk, pool
        self.money = money_scale(programme)
        self.years, self.count = programme.worth.shape
        self.keys = len(programme.facts.keys)
        self.solver = new_solver()
        self.known: set[tuple[int, bytes]] = set()
        self.patterns: list[tuple[int, Array]] = []
        self.cuts = 0
        self.feasible_costs = False
        self._start()

    def _start(self) -> None:
        """Rows of groups and limits; further variables, shortfall and the artificial column."""
        programme, solver = self.programme, self.solver
        low, high = programme.row_bounds
        low = np.concatenate([programme.needed.astype(float), low])
        high = np.concatenate([np.ones(self.keys), high])
        add_rows(solver, low, high)
        self.below = np.where(low > 0, low, np.where(high < 0, high, 0.0))
        costs = [-v.mean * v.unit / self.money for v in programme.further]
        for column, variable in enumerate(programme.further):
            rows = np.flatnonzero(programme.further_matrix[:, column])
            values = programme.further_matrix[rows, column]
            most = 1.0 if variable.binary else variable.most / variable.unit
            solver.addCol(0.0, 0.0, most, len(rows), (rows + self.keys).astype(np.int32), values)
        self.shortfall = len(programme.further)
        least = self.risk.least_worst_cny
        most = INFINITE if least is None else -least / self.money
        bound = -INFINITE if self.risk.counts else 0.0
        solver.addVar(bound, max(most, bound))
        self.most_shortfall = most
        rows = np.flatnonzero(self.below)
        solver.addCol(1.0, 0.0, INFINITE, len(rows), rows.astype(np.int32), self.below[rows])
        self.artificial = self.shortfall + 1
        self.fixed_costs = np.array([*costs, self.risk.aversion, 0.0])
        self.first = self.artificial + 1
        if self.risk.counts:
            self.pool.begin(programme)
            for tail_cut in self.pool.cuts:
                self._add_cut(tail_cut)
        self._phase(feasible=not self._needs_phase_one())

    def _needs_phase_one(self) -> bool:
        return bool(self.below.any()) or self.risk.least_worst_cny is not None

    def _phase(self, *, feasible: bool) -> None:
        """Costs of the value, or of the artificial column alone."""
        self.feasible_costs = feasible
        costs = np.concatenate([self.fixed_costs, [self._cost(*p) for p in self.patterns]])
        if not feasible:
            costs[:] = 0.0
            costs[self.artificial] = 1.0
        places = np.arange(len(costs), dtype=np.int32)
        self.solver.changeColsCost(len(costs), places, costs)
        self.solver.changeColBounds(self.artificial, 0.0, 0.0 if feasible else INFINITE)

    def _cost(self, offer: int, share: Array) -> float:
        worth = float(share @ self.programme.worth[:, offer])
        return (float(self.programme.fixed[offer]) - worth) / self.money

    def _add_cut(self, tail_cut: Cut) -> None:
        """``η + (Σ share x - Σ fixed y + Σ further e) ≥ -constant`` as a row, in money's unit."""
        units = np.array([v.unit for v in self.programme.further])
        low = -tail_cut.constant / self.money
        missing = low - (self.most_shortfall if self.risk.least_worst_cny is not None else 0.0)
        artificial = max(missing, 1.0) if self.risk.least_worst_cny is not None else 0.0
        columns = [
            float(share @ tail_cut.share[:, offer] - tail_cut.fixed[offer]) / self.money
            for offer, share in self.patterns
        ]
        values = np.concatenate([tail_cut.further * units / self.money, [1.0, artificial], columns])
        places = np.flatnonzero(values)
        self.solver.addRow(low, INFINITE, len(places), places.astype(np.int32), values[places])
        self.cuts += 1

    def add_patterns(self, offers: NDArray[np.intp], shares: Array) -> int:
        """Add columns that are not known yet; how many."""
        fresh = []
        for offer, share in zip(offers.tolist(), shares.T, strict=True):
            key = (offer, share.tobytes())
            if key not in self.known:
                self.known.add(key)
                fresh.append((offer, share.copy()))
        if not fresh:
            return 0
        self._add_columns(fresh)
        self.patterns += fresh
        return len(fresh)

    def _add_columns(self, fresh: list[tuple[int, Array]]) -> None:
        """One a pattern: its group, what it uses of each limit, its part of each cut."""
        count, places = len(fresh), np.array([offer for offer, _ in fresh])
        parts = np.array([share for _, share in fresh]).T
        uses = self._uses(places, parts)
        cuts = np.array(
            [
                ((parts * c.share[:, places]).sum(axis=0) - c.fixed[places]) / self.money
                for c in self.pool.cuts[: self.cuts]
            ]
        ).reshape(self.cuts, count)
        every = np.arange(count)
        at, rows = np.nonzero(uses)
        columns = np.concatenate([every, at, np.repeat(every, self.cuts)])
        of_cuts = np.arange(self.cuts) + self.keys + uses.shape[1]
        groups = self.programme.facts.group[places]
        index = np.concatenate([groups, rows + self.keys, np.tile(of_cuts, count)])
        value = np.concatenate([np.ones(count), uses[at, rows], cuts.T.ravel()])
        costs = np.array([self._cost(*p) if self.feasible_costs else 0.0 for p in fresh])
        ends = np.zeros(count), np.full(count, INFINITE)
        add_columns(self.solver, costs, ends, (index, columns), value)

    def _uses(self, places: NDArray[np.intp], parts: Array) -> Array:
        """What patterns use of the limits, k × rows: their choice, then their shares by year."""
        programme, count = self.programme, len(places)
        blocks = [self.years, *range(self.years)]
        asked = np.concatenate([block * self.count + places for block in blocks])
        used = programme.matrix[:, asked].tocoo()
        value = used.data * np.concatenate([np.ones(count), parts.ravel()])[used.col]
        size = len(programme.rows)
        flat = np.bincount((used.col % count) * size + used.row, value, count * size)
        return flat.reshape(count, size).astype(np.float64, copy=False)

    def priced(self, duals: Array) -> tuple[Array, Array]:
        """Reduced cost of each offer's best pattern, and that pattern (years × n)."""
        programme, count = self.programme, self.count
        of_groups = duals[: self.keys]
        of_limits = duals[self.keys : self.keys + len(programme.rows)]
        of_cuts = duals[self.keys + len(programme.rows) :]
        both = -(of_limits @ programme.matrix)
        share = both[: self.years * count].reshape(self.years, count)
        choice = both[self.years * count :] - of_groups[programme.facts.group]
        if self.feasible_costs:
            share = share - programme.worth / self.money
            choice = choice + programme.fixed / self.money
        for dual, tail_cut in zip(of_cuts, self.pool.cuts, strict=False):
            if dual:
                share = share - dual / self.money * tail_cut.share
                choice = choice + dual / self.money * tail_cut.fixed
        best = np.where(share < 0, programme.most, programme.least)
        reduced = choice + (share * best).sum(axis=0)
        return np.where(programme.closed, INFINITE, reduced), best

    def decision(self) -> Decision:
        """The solver's answer in offers."""
        values = np.array(self.solver.getSolution().col_value)
        choice, share = np.zeros(self.count), np.zeros((self.years, self.count))
        for (offer, pattern), value in zip(self.patterns, values[self.first :], strict=True):
            if value > 0:
                choice[offer] += value
                share[:, offer] += value * pattern
        units = np.array([v.unit for v in self.programme.further])
        return Decision(choice, share, values[: self.shortfall] * units)

    def _cut_missing(self, decision: Decision) -> bool:
        """Add the cut of this decision where its shortfall is more than the solver believes."""
        if not self.risk.counts or not self.feasible_costs:
            # What the cuts known so far forbid is forbidden; more of them come with the value.
            return False
        believed = self.solver.getSolution().col_value[self.shortfall]
        if not self.risk.aversion:
            # Then it is free up to its bound.
            believed = self.most_shortfall
        profit = outcome(self.programme, decision).profit
        size = max(1.0, abs(believed))
        if expected_shortfall(profit) / self.money <= believed + TOLERANCE * size:
            return False
        if not self.pool.learn(self.programme, profit):
            return False
        self._add_cut(self.pool.cuts[-1])
        return True

    def _columns_missing(self, duals: Array) -> bool:
        reduced, best = self.priced(duals)
        order = np.lexsort((reduced, self.programme.facts.group))
        order = order[reduced[order] < -TOLERANCE]
        groups = self.programme.facts.group[order]
        # The two best offers of a group: more would only wait in the solver.
        second = np.r_[np.zeros(min(2, len(groups)), bool), groups[2:] == groups[:-2]]
        chosen = order[~second]
        return bool(chosen.size) and self.add_patterns(chosen, best[:, chosen]) > 0

    def solve(self) -> Relaxed:
        """Columns and cuts until neither is missing.

        Raises:
            InfeasibleError: the limits cannot be met even in part.
        """
        if self.pool.offers:
            seeds = np.array(sorted(self.pool.offers), dtype=np.intp)
            seeds = seeds[~self.programme.closed[seeds]]
            self.add_patterns(seeds, self.programme.most[:, seeds])
        for turn in range(MOST_ROUNDS):
            if run(self.solver) == "infeasible":
                self._phase(feasible=False)
                continue
            solution = self.solver.getSolution()
            artificial = solution.col_value[self.artificial]
            if not self.feasible_costs and artificial <= 1e-9:
                self._phase(feasible=True)
                continue
            duals = np.array(solution.row_dual)
            decision = self.decision()
            cut_missing = self._cut_missing(decision)
            columns_missing = self._columns_missing(duals)
            # Cuts of a worst twentieth come ever closer: without the last ones the value is a
            # bound all the same, a little wider.
            if columns_missing or (cut_missing and turn < ROUNDS):
                continue
            if not self.feasible_costs:
                raise InfeasibleError
            return self._relaxed_solution(decision, duals)
        raise InputError("planning.not_solved", reason=f"{MOST_ROUNDS} rounds")

    def _relaxed_solution(self, decision: Decision, duals: Array) -> Relaxed:
        value = -self.solver.getInfo().objective_function_value * self.money
        value += float(self.programme.constant.mean())
        self.pool.offers |= set(np.flatnonzero(decision.choice > 0).tolist())
        reduced, _ = self.priced(duals)
        of_limits = duals[self.keys : self.keys + len(self.programme.rows)]
        used = -(of_limits @ self.programme.matrix).reshape(self.years + 1, self.count)
        charge = used.sum(axis=0) * self.money
        return Relaxed(value, decision, np.maximum(reduced, 0.0) * self.money, charge)
