"""Solve a plan: the relaxation, then whole choices among the offers that could still matter.

The relaxation (:mod:`linear`) bounds every plan from above. A first plan is sought among its own
offers. Any offer whose reduced cost exceeds the gap between the two cannot be in a better plan
(reduced-cost fixing), so that HiGHS branches over few. Cuts found on the way hold for all.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from offing.planning.linear import (
    TOLERANCE,
    InfeasibleError,
    Master,
    Pool,
    Relaxed,
    add_columns,
    add_rows,
    money_scale,
    new_solver,
    run,
)
from offing.planning.offers import INFINITE, Array, Places, Risk
from offing.planning.outcome import Decision, Outcome, expected_shortfall, outcome
from offing.planning.programme import Programme

GAP = 1e-5
"""The mixed-integer gap that is good enough, of the value."""

NODES = 20_000
BRANCHING = {
    "presolve": "off",
    "mip_allow_restart": False,
    "mip_pscost_minreliable": 0,
    "mip_detect_symmetry": False,
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_feasibility_jump": False,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_root_reduced_cost": False,
}
"""A plan of the relaxation's offers is known before HiGHS branches: its own search for one takes
three times as long as all the rest (measured, ADR 0012). A limit on nodes and none on time, which
would give other answers on other machines."""


@dataclass(frozen=True)
class Solution:
    """A plan.

    Attributes:
        decision: what is taken.
        outcome: what it earns in each scenario.
        value: mean profit less λ times the expected shortfall of minus the profit; CNY.
        bound: no plan within the limits has a higher value.
    """

    decision: Decision
    outcome: Outcome
    value: float
    bound: float

    @property
    def gap(self) -> float:
        """What is left open, as a share of the value (整数规划间隙)."""
        return max(self.bound - self.value, 0.0) / max(abs(self.value), abs(self.bound), 1.0)


def value_of(result: Outcome, risk: Risk) -> float:
    """What is maximised."""
    return result.mean - risk.aversion * result.shortfall if risk.aversion else result.mean


Block = tuple[NDArray[np.intp], NDArray[np.intp], Array]
"""Coefficients: their columns, rows and values."""


class Restricted:
    """The programme over some offers, with whole choices or with choices as given.

    Where the choices and the yes-or-no of hedges are ``given``, what is left is linear.
    """

    def __init__(
        self,
        programme: Programme,
        risk: Risk,
        pool: Pool,
        offers: Places,
        decided: Decision | None = None,
    ) -> None:
        self.programme, self.risk, self.pool, self.offers = programme, risk, pool, offers
        self.money = money_scale(programme)
        self.years = programme.worth.shape[0]
        self.size = len(offers)
        self.columns = self.size * (1 + self.years) + len(programme.further) + 1
        self.binary = np.array([v.binary for v in programme.further], dtype=bool)
        self.units = np.array([v.unit for v in programme.further])
        self.whole = self._needs_whole()
        self.first = len(programme.facts.keys) if decided is None else 0
        self.cuts = 0
        self.solver = new_solver()
        self._fill(decided)
        if decided is not None:
            self.solver.setOptionValue("presolve", "off")
        if risk.counts:
            pool.begin(programme)
            self.add_cuts()

    def _needs_whole(self) -> NDArray[np.bool_]:
        """A choice is whole where a fixed cost, a least share or a rival offer hangs on it."""
        programme, offers = self.programme, self.offers
        groups = programme.facts.group[offers]
        rivals = np.bincount(groups, minlength=len(programme.facts.keys))[groups] > 1
        whole: NDArray[np.bool_] = rivals | (programme.fixed[offers] != 0)
        whole |= (programme.least[:, offers] > 0).any(axis=0)
        return whole

    def _fill(self, decided: Decision | None) -> None:
        """Rows: one offer a group, the limits, shares within their choice from both sides.

        Where choices are given, shares have ends of their own, and the limits are all.
        """
        import highspy

        solver, programme = self.solver, self.programme
        low, high = programme.row_bounds
        blocks = [self._limits()]
        if decided is None:
            ties = np.full(self.size * self.years, INFINITE)
            low = np.concatenate([programme.needed, low, -ties, np.zeros_like(ties)])
            high = np.concatenate([np.ones(self.first), high, np.zeros_like(ties), ties])
            blocks += [self._groups(), *self._ties()]
        columns, rows, values = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
        add_rows(solver, low, high)
        add_columns(solver, self._costs(), self._bounds(decided), (rows, columns), values)
        if decided is None:
            whole = np.r_[self.whole, np.zeros(self.size * self.years, bool), self.binary, False]
            kinds = np.array([highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger])
            every = np.arange(self.columns, dtype=np.int32)
            solver.changeColsIntegrality(self.columns, every, kinds[whole.astype(int)])

    def _limits(self) -> Block:
        """Of choices and shares by year, then of further variables."""
        programme, offers, size, years = self.programme, self.offers, self.size, self.years
        count = programme.worth.shape[1]
        ordered = [years * count + offers, *(year * count + offers for year in range(years))]
        own = programme.matrix[:, np.concatenate(ordered)].tocoo()
        further = np.nonzero(programme.further_matrix)
        return (
            np.concatenate([own.col, size * (1 + years) + further[1]]),
            np.concatenate([own.row, further[0]]) + self.first,
            np.concatenate([own.data, programme.further_matrix[further]]),
        )

    def _groups(self) -> Block:
        group = self.programme.facts.group[self.offers]
        return np.arange(self.size), group, np.ones(self.size)

    def _ties(self) -> Iterator[Block]:
        """``share - most × choice ≤ 0`` and ``share - least × choice ≥ 0``."""
        programme, choices = self.programme, np.tile(np.arange(self.size), self.years)
        ties = np.arange(len(choices))
        below = self.first + len(programme.rows)
        for bound in (programme.most, programme.least):
            yield choices, below + ties, -bound[:, self.offers].ravel()
            yield self.size + ties, below + ties, np.ones(len(ties))
            below += len(ties)

    def _costs(self) -> Array:
        programme, offers = self.programme, self.offers
        payoffs = np.array([v.mean for v in programme.further])
        return np.concatenate(
            [
                programme.fixed[offers] / self.money,
                -programme.worth[:, offers].ravel() / self.money,
                -payoffs * self.units / self.money,
                [self.risk.aversion],
            ]
        )

    def _bounds(self, decided: Decision | None) -> tuple[Array, Array]:
        low, high = np.zeros(self.columns), np.ones(self.columns)
        further = slice(self.size * (1 + self.years), -1)
        high[further] = [1.0 if v.binary else v.most / v.unit for v in self.programme.further]
        low[-1] = -INFINITE if self.risk.counts else 0.0
        least = self.risk.least_worst_cny
        high[-1] = INFINITE if least is None else -least / self.money
        if decided is not None:
            choice = decided.choice[self.offers]
            low[: self.size] = high[: self.size] = choice
            low[further][self.binary] = high[further][self.binary] = decided.further[self.binary]
            shares = slice(self.size, self.size * (1 + self.years))
            low[shares] = (self.programme.least[:, self.offers] * choice).ravel()
            high[shares] = (self.programme.most[:, self.offers] * choice).ravel()
        return low, high

    def add_cuts(self) -> None:
        """Add the pool's cuts that are not rows yet."""
        for cut in self.pool.cuts[self.cuts :]:
            values = np.concatenate(
                [
                    -cut.fixed[self.offers],
                    cut.share[:, self.offers].ravel(),
                    cut.further * self.units,
                    [self.money],
                ]
            )
            places = np.flatnonzero(values)
            self.solver.addRow(
                -cut.constant / self.money,
                INFINITE,
                len(places),
                places.astype(np.int32),
                values[places] / self.money,
            )
        self.cuts = len(self.pool.cuts)

    def decision(self) -> Decision:
        """The solver's answer in offers; choices made exactly whole."""
        values = np.array(self.solver.getSolution().col_value)
        programme = self.programme
        choice = np.zeros(programme.worth.shape[1])
        share = np.zeros_like(programme.worth)
        chosen = values[: self.size]
        chosen = np.where(self.whole, np.round(chosen), (chosen > 0).astype(float))
        shares = values[self.size : self.size * (1 + self.years)].reshape(self.years, self.size)
        choice[self.offers] = chosen
        share[:, self.offers] = np.clip(shares, 0, 1) * (chosen > 0)
        further = values[self.size * (1 + self.years) : -1] * self.units
        further = np.where(self.binary, np.round(further), np.maximum(further, 0))
        return Decision(choice, share, further)

    def settled(self) -> Solution:
        """The best shares and hedges for choices as given, with every cut that they need.

        Raises:
            InfeasibleError: there are none.
        """
        while True:
            if run(self.solver) == "infeasible":
                raise InfeasibleError
            decision = self.decision()
            result = outcome(self.programme, decision)
            if not self._cut_missing(result) or not self.pool.learn(self.programme, result.profit):
                value = value_of(result, self.risk)
                return Solution(decision, result, value, value)
            self.add_cuts()

    def _cut_missing(self, result: Outcome) -> bool:
        """Whether the solver believes in less shortfall than there is."""
        risk = self.risk
        if not risk.counts:
            return False
        believed = self.solver.getSolution().col_value[self.columns - 1]
        if not risk.aversion and risk.least_worst_cny is not None:
            believed = -risk.least_worst_cny / self.money
        size = max(1.0, abs(believed))
        return bool(expected_shortfall(result.profit) / self.money > believed + TOLERANCE * size)


Effort = tuple[int, int | None]
"""Nodes of branch and bound, and rounds of branching again with the cuts found, at most; ``None``
for as many as it takes."""


def settle(programme: Programme, risk: Risk, pool: Pool, decision: Decision) -> Solution:
    """The best shares and hedges for given choices, with every cut that they need.

    Raises:
        InfeasibleError: there are none.
    """
    offers = np.flatnonzero(decision.choice > 0)
    counts = np.bincount(programme.facts.group[offers], minlength=len(programme.needed))
    if (counts > 1).any() or (programme.needed & (counts == 0)).any():
        raise InfeasibleError
    return Restricted(programme, risk, pool, offers, decision).settled()


def _whole(
    programme: Programme,
    risk: Risk,
    pool: Pool,
    offers: Places,
    gap: float,
    effort: Effort,
    best: Solution | None = None,
) -> tuple[Solution, float]:
    """The best plan among some offers, and the bound of branch and bound over them.

    ``best`` is a plan that is known: branches that cannot be better are not looked at.
    """
    nodes, rounds = effort
    restricted = Restricted(programme, risk, pool, offers)
    constant = float(programme.constant.mean())
    restricted.solver.setOptionValue("mip_rel_gap", gap / 2)
    for name, value in BRANCHING.items():
        restricted.solver.setOptionValue(name, value)
    restricted.solver.setOptionValue("mip_max_nodes", nodes)
    for number in count(1):
        cuts = len(pool.cuts)
        if best is not None:
            cutoff = (constant - best.value) / restricted.money
            restricted.solver.setOptionValue(
                "objective_bound", cutoff + gap * max(1.0, abs(cutoff))
            )
        ended = run(restricted.solver, nodes=True)
        if ended != "optimal":
            if best is None:
                raise InfeasibleError
            dual_bound = -restricted.solver.getInfo().mip_dual_bound * restricted.money
            return best, best.value if ended == "infeasible" else constant + dual_bound
        bound = constant - restricted.solver.getInfo().mip_dual_bound * restricted.money
        try:
            settled = settle(programme, risk, pool, restricted.decision())
            if best is None or settled.value > best.value:
                best = settled
        except InfeasibleError:
            # The choice breaks the bound on the shortfall: the cuts found on the way exclude it.
            pass
        if best is not None and bound - best.value <= gap * max(abs(best.value), 1.0):
            return best, bound
        if len(pool.cuts) == cuts or number == rounds:
            if best is None:
                raise InfeasibleError
            return best, bound
        restricted.add_cuts()
    raise AssertionError("the rounds do not end by themselves")


def solve(
    programme: Programme,
    risk: Risk,
    pool: Pool | None = None,
    gap: float = GAP,
    start: Decision | None = None,
    effort: Effort = (NODES, None),
) -> Solution:
    """The plan of highest value within the limits.

    ``pool`` is what earlier solves of the same offers learnt, and grows. Choices of ``start`` are
    thought to be good; they need not be possible. ``effort`` says how far to search, where not to
    the gap: the bound says what is left open.

    Raises:
        InfeasibleError: no plan meets the limits; :mod:`conflict` says which of them conflict.
        InputError: ``planning.not_solved``.
    """
    pool = Pool() if pool is None else pool
    relaxed = Master(programme, risk, pool).solve()
    best = _first(programme, risk, pool, relaxed, gap, effort, start)
    bound = relaxed.value
    width = INFINITE if best is None else relaxed.value - best.value
    if best is None or width > gap * max(abs(best.value), 1.0):
        may_matter = (relaxed.reduced <= width) & ~programme.closed
        may_matter |= relaxed.decision.choice > 0
        best, within = _whole(programme, risk, pool, np.flatnonzero(may_matter), gap, effort, best)
        bound = min(within, relaxed.value)
    return replace(best, bound=max(bound, best.value))


def _first(
    programme: Programme,
    risk: Risk,
    pool: Pool,
    relaxed: Relaxed,
    gap: float,
    effort: Effort,
    start: Decision | None,
) -> Solution | None:
    """The start where it is possible, or the best plan among the relaxation's own offers."""
    if start is not None and not programme.closed[start.choice > 0].any():
        try:
            return settle(programme, risk, pool, start)
        except InfeasibleError:
            pass
    support = np.flatnonzero(relaxed.decision.choice > 0)
    try:
        return _whole(programme, risk, pool, support, gap, effort)[0]
    except InfeasibleError:
        return None
