"""Why a plan takes less than a market would: its line is full, or a limit of the study says so."""

from dataclasses import replace

import numpy as np

from example_plan import made, world
from offing.report.decision import NamedDecision
from offing.report.views.explain import explain_rows
from offing.study.plan import StudyPlan
from offing.terms.countries import country_name


def told(planned: StudyPlan, market: str) -> str:
    """The sentence of its row."""
    text = explain_rows(planned, NamedDecision.from_study(world().study, planned.decided))
    name = country_name(market)
    return next(line for line in text.sentences if name in line).replace("\u00a0", " ")


def taking(share: float, full: bool) -> tuple[StudyPlan, str]:
    """The example's plan as if it took so much of its first row, its line full or half full."""
    planned = made()
    row = planned.plan.rows[0]
    solution = planned.solved.solution
    taken = np.array(solution.decision.share)
    for place, offer in enumerate(planned.solved.programme.offers.rows):
        if (offer.model, offer.market) == (row.product, row.market):
            taken[-1, place] = share
    decision = replace(solution.decision, share=taken)
    solved = replace(planned.solved, solution=replace(solution, decision=decision))
    used = tuple((line, 1.0 if full else 0.5) for line, _ in planned.plan.capacity_used)
    plan = replace(planned.plan, capacity_used=used)
    return replace(planned, solved=solved, plan=plan), row.market


def test_a_full_line_is_named_where_the_line_is_full() -> None:
    assert "× 0.27 that the full line makes of it" in told(*taking(0.27, full=True))


def test_a_limit_is_named_where_hours_are_left() -> None:
    words = told(*taking(0.27, full=False))
    assert "× 0.27 that the limits of the study leave of it" in words
    assert "line makes" not in words
