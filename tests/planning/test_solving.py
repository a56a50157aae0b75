"""The solver against every choice tried in turn, another solver, and its own laws."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from offing.planning.linear import InfeasibleError, Master, Pool, run
from offing.planning.offers import REMEMBERED, Offer, Offers, PlanLimits, Risk, Target
from offing.planning.outcome import Decision, expected_shortfall, outcome
from offing.planning.programme import Programme, build, facts_of
from offing.planning.solving import Solution, solve, value_of
from offing.terms.errors import InputError
from planning.offer_world import Shape, hedged, hours_today, treasury, world


def choices(programme: Programme) -> Iterator[np.ndarray]:
    """Every way to take at most one offer a model and market."""
    groups = [np.flatnonzero(programme.facts.group == g) for g in range(len(programme.facts.keys))]
    for taken in product(*([None, *group] for group in groups)):
        choice = np.zeros(len(programme.offers.rows))
        choice[[place for place in taken if place is not None]] = 1.0
        yield choice


def full_programme(programme: Programme, risk: Risk, choice: np.ndarray | None) -> float:
    """The value by SciPy on the whole linear programme of Rockafellar and Uryasev.

    Variables: choice, shares, further, the quantile v and one excess a scenario. Written from the
    offers, not from the programme's matrices, for hours, entry budget, target, hedges without
    outlays and what shared markets go on costing. ``choice`` holds the choices; ``None`` relaxes
    them.
    """
    offers, limits = programme.offers, programme.facts.limits
    hedges = programme.facts.treasury.currencies
    scenarios, years, count = offers.units.shape
    discounted = offers.profit_cny * offers.discount[:, None]
    alive = np.einsum("syn,y->sn", offers.units > 0, offers.discount)
    fixed = np.array([o.entry_cny for o in offers.rows]) + alive * [o.keep_cny for o in offers.rows]
    payoff = np.array([h.forwards[0].payoff_cny for h in hedges]).reshape(len(hedges), scenarios).T
    shared = {}
    for market in sorted({o.market for o in offers.rows}):
        here = [p for p, o in enumerate(offers.rows) if o.market == market and o.sold]
        if len({offers.rows[p].model for p in here}) > 1:
            shared[market] = here
    lives = [
        (offers.units[:, :, [p for p in here if offers.rows[p].today]] > 0).any(axis=2)
        for here in shared.values()
    ]
    left = -np.array([life @ offers.discount for life in lives]).reshape(len(shared), scenarios).T
    profit = np.concatenate([-fixed, discounted.reshape(scenarios, -1), payoff, left], axis=1)
    first, total = count, count + years * count + len(hedges) + len(shared)
    money = np.abs(profit).max()
    profit = profit / money
    q = scenarios * 0.05
    cost = np.concatenate(
        [-profit.mean(axis=0), [risk.aversion], np.full(scenarios, risk.aversion / q)]
    )
    rows: list[np.ndarray] = []
    high: list[float] = []

    def add(part: np.ndarray, most: float) -> None:
        rows.append(np.concatenate([part, np.zeros(len(cost) - len(part))]))
        high.append(most)

    for scenario in range(scenarios):
        row = np.concatenate([-profit[scenario], [-1.0], -np.eye(scenarios)[scenario]])
        rows.append(row)
        high.append(0.0)
    for place in range(count):
        for year in range(years):
            part = np.zeros(total)
            part[first + year * count + place], part[place] = 1.0, -1.0
            add(part, 0.0)
    for group in range(len(programme.facts.keys)):
        add((programme.facts.group == group).astype(float), 1.0)
    units, sales = offers.units.mean(axis=0), offers.sales_usd.mean(axis=0)
    for (plant, line), hours in limits.line_hours.items():
        for year in range(years):
            part = np.zeros(total)
            on = np.array([o.hours * (o.plant == plant and o.line == line) for o in offers.rows])
            part[first + year * count : first + (year + 1) * count] = on * units[year]
            add(part, hours[year])
    if limits.entry_budget_cny is not None:
        add(np.array([o.entry_cny for o in offers.rows]), limits.entry_budget_cny)
    if limits.target is not None:
        part = np.zeros(total)
        year = offers.years.index(limits.target.year)
        part[first + year * count : first + (year + 1) * count] = -sales[year]
        add(part, -limits.target.amount)
    for place, hedge in enumerate(hedges):
        part = np.zeros(total)
        part[first + years * count + place] = 1.0
        on = np.array([o.currency == hedge.code for o in offers.rows])
        part[first : first + count] = np.where(on, -sales[0], 0.0)
        add(part, 0.0)
    for place, here in enumerate(shared.values()):
        by_model = {offers.rows[p].model: offers.rows[p].keep_cny for p in here}
        for model in by_model:
            part = np.zeros(total)
            part[total - len(shared) + place] = -1.0
            for p in here:
                own = sum(by_model.values()) * (offers.rows[p].model == model)
                part[p] = own - offers.rows[p].keep_cny
            add(part, 0.0)
    if risk.least_worst_cny is not None:
        row = np.concatenate([np.zeros(total), [1.0], np.full(scenarios, 1 / q)])
        rows.append(row)
        high.append(-risk.least_worst_cny / money)
    taken = [(0, 1)] * count if choice is None else [(c, c) for c in choice]
    bounds = taken + [(0, None)] * (total - count) + [(None, None)] + [(0, None)] * scenarios
    found = linprog(cost, A_ub=np.array(rows), b_ub=high, bounds=bounds, method="highs")
    return -found.fun * money if found.success else -np.inf


def built(seed: int, shape: Shape, **more: object) -> Programme:
    offers = world(shape, seed)
    room = more.pop("room", 0.8)
    hours = tuple(hours_today(offers) * room for _ in offers.years) if room else ()  # type: ignore[operator]
    limits = PlanLimits({("p0", "line"): hours} if hours else {}, **more)  # type: ignore[arg-type]
    return build(facts_of(offers, limits))


RISKS = [Risk(), Risk(0.7), Risk(0.0, 100_000.0), Risk(0.3, -50_000.0)]


@pytest.mark.parametrize("risk", RISKS)
@pytest.mark.parametrize("seed", range(3))
def test_small_plans_equal_every_choice_tried(seed: int, risk: Risk) -> None:
    """2 models × 2 markets × 2 prices, every one of 81 choices solved by SciPy."""
    shape = Shape(2, 2, 2, scenarios=30, years=2, dies=0.1)
    programme = built(seed, shape, entry_budget_cny=4e5)
    best = max(full_programme(programme, risk, choice) for choice in choices(programme))
    if not np.isfinite(best):
        with pytest.raises(InfeasibleError):
            solve(programme, risk)
        return
    found = solve(programme, risk)
    assert found.value == pytest.approx(best, rel=2e-5)
    assert found.value <= best * (1 + 1e-7)
    assert found.bound >= best * (1 - 1e-7)
    assert found.gap <= 1e-5


@pytest.mark.parametrize("risk", RISKS)
@pytest.mark.parametrize("seed", range(4))
def test_relaxation_equals_the_whole_programme_of_rockafellar_and_uryasev(
    seed: int, risk: Risk
) -> None:
    shape = Shape(2, 4, 3, scenarios=90, years=2, dies=0.05)
    programme = built(seed, shape, entry_budget_cny=5e5)
    whole = full_programme(programme, risk, None)
    assert Master(programme, risk, Pool()).solve().value == pytest.approx(whole, rel=1e-6)


def test_target_and_hedge_equal_the_whole_programme() -> None:
    offers = world(Shape(2, 4, 3, scenarios=90, years=2), 5)
    rng = np.random.default_rng(0)
    hedges = [hedged("EUR", rng.normal(0, 0.5, 90)), hedged("USD", rng.normal(0.01, 0.3, 90))]
    most = offers.sales_usd[:, 1].mean(axis=0).sum()
    target = Target("sales", float(most / 6), 2028)
    programme = build(facts_of(offers, PlanLimits(target=target), treasury(*hedges)))
    for risk in (Risk(0.5), Risk(0.0, 1e5)):
        whole = full_programme(programme, risk, None)
        relaxed = Master(programme, risk, Pool()).solve()
        assert relaxed.value == pytest.approx(whole, rel=1e-6)
        assert relaxed.decision.further.max() > 0


def respects(programme: Programme, found: Solution, risk: Risk) -> None:
    """Every limit, recomputed from the offers."""
    decision, facts = found.decision, programme.facts
    assert set(np.unique(decision.choice)) <= {0.0, 1.0}
    taken = np.bincount(facts.group, weights=decision.choice, minlength=len(facts.keys))
    assert taken.max(initial=0) <= 1
    assert (decision.share <= decision.choice + 1e-9).all()
    for row in programme.rows:
        total = sum(
            row.further.get(v.name, 0.0) * value
            for v, value in zip(programme.further, decision.further, strict=True)
        )
        if row.share is not None:
            total += float((row.share * decision.share[:, row.offers]).sum())
        if row.choice is not None:
            total += float(row.choice @ decision.choice[row.offers])
        size = max(abs(x) for x in (row.low, row.high, 1.0) if np.isfinite(x))
        largest = 0.0 if row.share is None else float(np.abs(row.share).max(initial=0))
        assert row.low - 1e-6 * (size + largest) <= total <= row.high + 1e-6 * (size + largest)
    if risk.least_worst_cny is not None:
        assert -found.outcome.shortfall >= risk.least_worst_cny - 1e-5 * abs(risk.least_worst_cny)
    assert found.value == value_of(outcome(programme, decision), risk)


@pytest.mark.long
@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10_000),
    st.floats(0.2, 1.5),
    st.floats(0, 1e6),
    st.floats(0.3, 1),
    st.sampled_from(RISKS[:2]),
)
def test_a_further_limit_never_raises_the_value(
    seed: int, room: float, budget: float, cap: float, risk: Risk
) -> None:
    shape = Shape(2, 4, 3, scenarios=25, years=2, dies=0.1, lot=100.0)
    loose = built(seed, shape, room=None)
    value = solve(loose, risk)
    respects(loose, value, risk)
    tighter: list[dict[str, object]] = [
        {"room": room},
        {"room": None, "entry_budget_cny": budget},
        {"room": None, "working_capital_cny": budget * 3, "cny_per_usd": 7.0},
        {"room": None, "market_share": {"K0": cap, "K1": cap}},
    ]
    for more in tighter:
        programme = built(seed, shape, **more)
        found = solve(programme, risk)
        respects(programme, found, risk)
        assert found.value <= value.bound + 1e-6 * abs(value.bound)


def test_shortfall_equals_a_direct_count() -> None:
    rng = np.random.default_rng(3)
    for size in (7, 100, 1234):
        profit = rng.normal(size=size)
        # Rockafellar and Uryasev: the least over v of v + mean of excesses / (1 - α).
        least = min(v + np.maximum(-profit - v, 0).mean() / 0.05 for v in -profit)
        assert expected_shortfall(profit) == pytest.approx(least, rel=1e-9)


def test_the_loss_that_could_be_borne_binds_and_costs() -> None:
    """Bearing less, the plan earns less in the mean and more in the worst 5%."""
    programme = built(11, Shape(2, 5, 4, scenarios=200))
    free = solve(programme, Risk())
    cautious = solve(programme, Risk(5.0))
    middle = -(free.outcome.shortfall + cautious.outcome.shortfall) / 2
    bound = solve(programme, Risk(0.0, middle))
    assert free.outcome.shortfall > cautious.outcome.shortfall
    assert -bound.outcome.shortfall >= middle * (1 - 1e-6)
    assert bound.outcome.mean < free.outcome.mean
    with pytest.raises(InfeasibleError):
        solve(programme, Risk(0.0, -cautious.outcome.shortfall * 3))


def test_a_hedge_that_costs_nothing_takes_risk_and_not_profit() -> None:
    """Payoff = minus what the currency does to receipts: all of them are sold forward.

    By hand: one offer of USD 1,000,000 in EUR, margin of 10 % at a rate of 7, and the rate alone
    moves: profit = 1e6 × (7 (1 + e) - 6.3). Hedging all leaves 0.7 m in every scenario.
    """
    moves = np.linspace(-0.2, 0.2, 41)
    row = Offer("m", "DEU", "p", "l", "own", "EUR", 100.0, True, True)
    profit = (1e6 * (7 * (1 + moves) - 6.3))[:, None, None]
    units, sales = np.full_like(profit, 1e4), np.full_like(profit, 1e6)
    offers = Offers((row,), (2027,), units, profit, sales, np.ones(1))
    hedge = hedged("EUR", -7 * moves)
    programme = build(facts_of(offers, PlanLimits(), treasury(hedge)))
    found = solve(programme, Risk(0.5))
    assert found.decision.further == pytest.approx([1e6])
    assert found.outcome.profit == pytest.approx(np.full(41, 7e5))
    # Without risk in the value a payoff of mean zero is worth nothing, and a price is worth less.
    dear = build(facts_of(offers, PlanLimits(), treasury(hedged("EUR", -7 * moves - 0.01))))
    assert solve(dear, Risk()).decision.further == pytest.approx([0.0])
    # Held already: 0.4 m; outlays in euro take 0.3 m; what is left is 0.3 m.
    held = build(facts_of(offers, PlanLimits(), treasury(hedged("EUR", -7 * moves, 0.0, 3e5, 4e5))))
    further = dict(
        zip([v.name for v in held.further], solve(held, Risk(5.0)).decision.further, strict=True)
    )
    assert further["hedge_EUR_0"] == pytest.approx(3e5)
    # Held already more than comes in: nothing more is hedged, and the plan is still possible.
    over = build(facts_of(offers, PlanLimits(), treasury(hedged("EUR", -7 * moves, 0.0, 3e5, 9e5))))
    further = dict(
        zip([v.name for v in over.further], solve(over, Risk(5.0)).decision.further, strict=True)
    )
    assert further["hedge_EUR_0"] == 0


def test_spread_falls_on_receipts_less_outlays() -> None:
    """By hand: receipts of 1 m, outlays of 0.3 m: 0.01 on 0.7 m; outlays of 1.5 m: on 0.5 m."""
    row = Offer("m", "DEU", "p", "l", "own", "EUR", 100.0, True, True)
    one = np.ones((20, 1, 1))
    offers = Offers((row,), (2027,), 1e4 * one, 1e5 * one, 1e6 * one, np.ones(1))
    for out, paid in ((3e5, 7e3), (1.5e6, 5e3)):
        hedge = hedged("EUR", np.zeros(20), spread_cny=0.01, out_usd=out)
        found = solve(build(facts_of(offers, PlanLimits(), treasury(hedge))), Risk())
        assert found.value == pytest.approx(1e5 - paid)


def test_lots_and_what_must_be_kept() -> None:
    """A lot of 0.9 of the demand: shares are 0 or at least 0.9. A market to keep is whole."""
    programme = built(4, Shape(1, 4, 2, scenarios=25), room=1.3)
    lots = programme.facts.units[0] * 0.9
    rows = tuple(
        type(row)(**{**vars(row), "lot": lot})
        for row, lot in zip(programme.offers.rows, lots, strict=True)
    )
    offers = replace(programme.offers, rows=rows)
    key = ("m0", "K3")
    limits = PlanLimits(programme.facts.limits.line_hours, must_keep=frozenset({key}))
    kept = build(facts_of(offers, limits))
    found = solve(kept, Risk())
    share = found.decision.share[0]
    assert ((share <= 1e-9) | (share >= 0.9 - 1e-9)).all()
    here = kept.facts.group == kept.facts.keys.index(key)
    assert share[here].sum() == pytest.approx(1.0)


def test_decision_by_hand() -> None:
    """Costs of keeping stop where the market is left; entry is paid on the plan's day."""
    row = Offer(
        "m", "DEU", "p", "l", "own", "EUR", 9.0, False, False, keep_cny=10.0, entry_cny=50.0
    )
    units = np.array([[[5.0], [5.0]], [[5.0], [0.0]]])
    offers = Offers((row,), (2027, 2028), units, units * 20, units * 9, np.array([0.9, 0.8]))
    programme = build(facts_of(offers, PlanLimits()))
    result = outcome(programme, Decision(np.ones(1), np.array([[1.0], [0.5]]), np.zeros(0)))
    assert result.cash == pytest.approx(
        np.array([[-50, 0.9 * (100 - 10), 0.8 * (50 - 10)], [-50, 0.9 * 90, 0.0]])
    )


def one_offer(**more: object) -> tuple[Offer, np.ndarray]:
    """An offer of 10 units that earns 100 and sells for 90, in 20 scenarios alike."""
    row = Offer("m", "DEU", "p", "l", "own", "EUR", 9.0, False, True)
    return replace(row, **more), np.ones((20, 1, 1))  # type: ignore[arg-type]


def offers_with(row: Offer, one: np.ndarray) -> Offers:
    return Offers((row,), (2027,), 10 * one, 100 * one, 90 * one, np.ones(1))


def test_working_capital_by_hand() -> None:
    """Sales of USD 90 at 7 stand for 73 days: CNY 126; 63 of them leave room for half."""
    offers = offers_with(*one_offer(receivable_days=73.0))
    limits = PlanLimits(working_capital_cny=63.0, cny_per_usd=7.0)
    found = solve(build(facts_of(offers, limits)), Risk())
    assert found.decision.share == pytest.approx(np.array([[0.5]]))


def test_what_held_hedges_pay_is_in_value_and_bound() -> None:
    """By hand: 50 dollars are hedged already at 0.2 each, beside a profit of 100."""
    offers = offers_with(*one_offer())
    hedge = hedged("EUR", np.full(20, 0.2), held_usd=50.0)
    programme = build(facts_of(offers, PlanLimits(), treasury(hedge)))
    # Receipts of 90 less 50 leave 40 more to hedge, at the same gain.
    for risk in (Risk(), Risk(0.5)):
        found = solve(programme, risk)
        worth = 100 + 0.2 * 90
        assert found.value == pytest.approx(worth * (1 + risk.aversion))
        assert found.bound == pytest.approx(found.value)
        # The relaxation may hedge in part what it may not hedge at all: a bound, not the value.
        assert Master(programme, risk, Pool()).solve().value >= found.value - 1e-6


TV = Offer("tv", "USA", "home", "main", "own", "USD", 100.0, True, True)
ROWS = (TV, replace(TV, market="DEU"), replace(TV, market="FRA"))
UNITS = np.array([[[1.0, 0.0, 2.0]], [[3.0, 4.0, 0.0]]])
"""Two scenarios, one year."""
OFFERS = Offers(ROWS, (2027,), UNITS, 10 * UNITS, 100 * UNITS, np.ones(1))


def test_sums_are_right_however_often_they_are_asked() -> None:
    """Of the first and the third: 10 and 20, 30 and 0, at weights w and 1."""
    chosen = np.array([0, 2])
    for _ in range(2):
        for weight in np.arange(2 * REMEMBERED, dtype=float):
            earned = OFFERS.earned(0, chosen, np.array([weight, 1.0]))
            assert earned.tolist() == [10 * weight + 20, 30 * weight]
            alive = OFFERS.alive(0, chosen, np.array([weight, 1.0]))
            assert alive.tolist() == [weight + 1, weight]
    assert len(OFFERS._sums) == REMEMBERED


highspy = pytest.importorskip("highspy")
S = highspy.HighsModelStatus


class Solver:  # its names are those of HiGHS
    """Ends in these ways, one run after the other; ``found`` is how good its last plan is."""

    def __init__(self, *ends: Any, found: int = 2) -> None:
        self.ends, self.found = list(ends), found
        self.options: dict[str, float] = {}
        self.cleared = 0

    def run(self) -> None:
        self.end = self.ends.pop(0)

    def getModelStatus(self) -> Any:  # noqa: N802
        return self.end

    def modelStatusToString(self, status: Any) -> str:  # noqa: N802
        return str(status)

    def getInfo(self) -> Any:  # noqa: N802
        return SimpleNamespace(primal_solution_status=self.found)

    def clearSolver(self) -> None:  # noqa: N802
        self.cleared += 1

    def setOptionValue(self, name: str, value: float) -> None:  # noqa: N802
        self.options[name] = value


@pytest.mark.parametrize(
    ("end", "nodes", "found", "said"),
    [
        (S.kOptimal, False, 2, "optimal"),
        (S.kInfeasible, False, 2, "infeasible"),
        (S.kUnboundedOrInfeasible, True, 2, "infeasible"),
        (S.kObjectiveBound, True, 2, "infeasible"),
        (S.kSolutionLimit, True, 2, "optimal"),
        (S.kSolutionLimit, True, 1, "ended"),
        (S.kSolutionLimit, True, 0, "ended"),
    ],
)
def test_how_a_run_ended(end: Any, nodes: bool, found: int, said: str) -> None:
    solver = Solver(end, found=found)
    assert run(solver, nodes=nodes) == said
    assert solver.cleared == 0


@pytest.mark.parametrize("nodes", [True, False])
def test_a_run_that_cannot_be_is_refused(nodes: bool) -> None:
    with pytest.raises(InputError) as said:
        run(Solver(S.kModelError), nodes=nodes)
    assert said.value.key == "planning.not_solved"
    if not nodes:
        with pytest.raises(InputError):
            run(Solver(S.kSolutionLimit))


@pytest.mark.parametrize("end", [S.kUnknown, S.kSolveError])
def test_a_corner_that_cannot_be_settled_is_left_by_beginning_anew(end: Any) -> None:
    """From nothing, a hundred times less exactly than offing asks else; once."""
    solver = Solver(end, S.kOptimal)
    assert run(solver) == "optimal"
    assert solver.cleared == 1
    assert solver.options == {
        "primal_feasibility_tolerance": 1e-7,
        "dual_feasibility_tolerance": 1e-7,
    }
    with pytest.raises(InputError):
        run(Solver(end, end))


def test_a_sum_that_is_kept_cannot_be_changed() -> None:
    earned = OFFERS.earned(0, np.array([1]), np.ones(1))
    with pytest.raises(ValueError, match="read-only"):
        earned += 1


def test_what_is_taken_costs_nothing_more() -> None:
    """At the optimum of the relaxation what is taken has no reduced cost, in every risk."""
    for risk in RISKS[:2]:
        programme = built(3, Shape(3, 5, 4, scenarios=60, years=2, dies=0.2))
        relaxed = Master(programme, risk, Pool()).solve()
        taken = relaxed.decision.choice > 1e-6
        assert relaxed.reduced[taken].max() <= 1e-6 * relaxed.value
        # Taking any other offer lowers the value by at least what is said.
        for place in np.flatnonzero(relaxed.reduced > 1e-3 * relaxed.value)[:6]:
            groups = programme.facts.group
            needed = programme.needed | (np.arange(len(programme.facts.keys)) == groups[place])
            closed = programme.closed | (
                (groups == groups[place]) & (np.arange(len(groups)) != place)
            )
            forced = replace(programme, needed=needed, closed=closed)
            with_it = Master(forced, risk, Pool()).solve().value
            assert with_it <= relaxed.value - relaxed.reduced[place] + 1e-6 * relaxed.value


def test_a_lot_that_the_market_never_takes_closes_an_offer_and_not_what_is_done_today() -> None:
    for today, value in ((False, 0.0), (True, 100.0)):
        offers = offers_with(*one_offer(lot=11.0, today=today))
        assert solve(build(facts_of(offers, PlanLimits())), Risk()).value == pytest.approx(value)


def test_gap_is_what_the_bound_leaves_open() -> None:
    """By hand: a bound of 110 on a value of 100 leaves 10 of 110."""
    found = solve(build(facts_of(offers_with(*one_offer()), PlanLimits())), Risk())
    assert replace(found, bound=110.0).gap == pytest.approx(10 / 110)
    assert replace(found, bound=90.0).gap == 0
