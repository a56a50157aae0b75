"""A plan recomputed without some moves is the one that the plan itself was compared with."""

import pytest

from example_plan import made
from offing.planning.inaction import PlanSolution
from offing.planning.inaction import plan as plan_moves
from offing.planning.linear import Pool
from offing.planning.outcome import fix_markets, status_quo_decision
from offing.planning.programme import Programme
from offing.planning.risk import frontier
from offing.planning.treasury import plan_with_money
from offing.study.reoptimise import Switchable, revise_plan
from offing.terms.errors import InputError


@pytest.fixture(scope="module")
def state() -> Switchable:
    return Switchable.of(made(), "")


def test_without_a_move_the_plan_loses_what_the_move_was_said_to_bring(state: Switchable) -> None:
    for move in state.solved.moves[:2]:
        without = revise_plan(state, [(move.model, move.market)])
        assert without.off == ((move.model, move.market),)
        assert move.gain_cny is not None
        # Hedges, and others that are no longer likely enough, come on top.
        assert without.lost_cny == pytest.approx(move.gain_cny, rel=0.1)


def test_it_is_the_plan_that_is_found_from_scratch(
    state: Switchable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The quick way against a whole search in which these markets are held.

    Who takes moves off sees what is left of the plan, whether or not that would be worth a change.
    """
    monkeypatch.setattr("offing.planning.inaction.LEAST_GAIN", 0.0)
    solved = state.solved
    off = [(move.model, move.market) for move in solved.moves[:2]]
    groups = {solved.programme.facts.keys.index(key) for key in off}
    programme = fix_markets(solved.programme, solved.stay.decision, groups)

    def search(of: Programme, pool: Pool) -> PlanSolution:
        least = solved.threshold
        return plan_moves(of, state.risk, threshold=least, weighed=False, pool=pool)

    whole = plan_with_money(programme, state.risk, search)
    quick = revise_plan(state, off)
    assert quick.remade.mean == pytest.approx(
        whole.solution.outcome.mean, rel=1e-3
    )  # twice the gap of a solve, and moves near the threshold that fall in another order


def test_without_any_move_it_is_today(state: Switchable) -> None:
    none = revise_plan(state, [(move.model, move.market) for move in state.solved.moves])
    assert none.kept == 0
    assert none.added or none.remade.mean == pytest.approx(none.today.mean, rel=2e-3)  # hedges
    assert none.remade.mean < none.plan.mean
    assert none.lost_cny == pytest.approx(none.plan.mean - none.remade.mean)


def test_more_care_earns_less_on_average_and_more_in_the_worst(state: Switchable) -> None:
    """The bound is kept, to the gap; what the plan itself earns in the worst changes nothing."""
    plan_worst = revise_plan(state, []).plan.worst
    same = revise_plan(state, [], plan_worst)
    assert same.remade.mean == pytest.approx(same.plan.mean, rel=1e-3)
    keys = state.solved.programme.facts.keys
    struck = [keys.index((one.model, one.market)) for one in state.solved.not_yet]
    programme = fix_markets(
        state.solved.programme, status_quo_decision(state.solved.programme), struck
    )
    careful = frontier(programme)["careful"].outcome
    with_care = revise_plan(state, [], -careful.shortfall)
    assert with_care.least_worst_cny == -careful.shortfall
    assert with_care.remade.worst >= -careful.shortfall * (1 - 2e-4)
    assert with_care.remade.mean == pytest.approx(careful.mean, rel=2e-3)
    assert with_care.remade.mean <= with_care.plan.mean * (1 + 1e-4)


def test_a_bound_that_no_plan_keeps_is_refused(state: Switchable) -> None:
    with pytest.raises(InputError):
        revise_plan(state, [], 10 * revise_plan(state, []).plan.mean)


def test_with_nothing_off_it_is_the_plan(state: Switchable) -> None:
    same = revise_plan(state, [])
    assert same.lost_cny == 0
    assert same.kept == len(state.solved.moves)
    assert same.off == same.dropped == same.added == ()
    assert revise_plan(state, [("no", "such")]).off == ()
