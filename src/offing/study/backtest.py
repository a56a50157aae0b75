"""The plan's own record: made in an earlier year, what did it promise, and what came of it?

The same decision is made as of earlier years, with that year's trade and the outlook that it gave,
and with the firm's prices, costs, limits and shares of today, since nothing older is known of it.
What came is of three kinds. *Observed*: what the firm's flows of today would have done, by what its
country's did. *Imputed*: what an entry, another plant or another price would have brought, by the
same trade and today's costs. Whether the buyers would have come is unknowable.

A second process does it, and loads nothing heavy.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from offing.planning.facts import Facts
from offing.planning.inaction import PlanSolution
from offing.planning.linear import InfeasibleError
from offing.planning.outcome import Decision
from offing.planning.plan import EarlierPlan
from offing.study.choices import ChoiceSet
from offing.study.solve import build_programme, solve_plan
from offing.terms.errors import InputError, MissingDataError


@dataclass(frozen=True)
class Earlier:
    """The origin's sales in a market as of an earlier year, USD: then, expected, and what came."""

    base: float
    expected: float
    later: float


@dataclass(frozen=True)
class Replay:
    """The decision as of an earlier year, yet to be made.

    Attributes:
        choices: with the horizon to the outcome, that year's trade, and the rates of today.
        then: HS code → market → sales as of that year.
        base_year: that year.
    """

    choices: ChoiceSet
    then: Mapping[str, Mapping[str, Earlier]]
    base_year: int


def replay_plans(past: Sequence[Replay]) -> tuple[EarlierPlan, ...]:
    """Make each decision, and see what came of it; one that the limits of today forbid is none."""
    plans = []
    for case in past:
        with suppress(InputError, MissingDataError, InfeasibleError):
            programme, _ = build_programme(case.choices)
            solved, _ = solve_plan(programme, case.choices, supposed=True, weighed=False)
            plans.append(_record(solved, case))
    return tuple(plans)


@dataclass
class _Sums:
    """USD of the last year, see :class:`~offing.planning.plan.EarlierPlan`."""

    promised: float = 0.0
    came: float = 0.0
    unchanged: float = 0.0
    earned: float = 0.0
    still: float = 0.0
    imputed: float = 0.0


def _record(solved: PlanSolution, replay: Replay) -> EarlierPlan:
    """What was promised and what came, in the last year, at the costs of today.

    Observed is what today's way would have earned on the trade that came, where the plan keeps it.
    What another plant, price or market would have earned instead nobody saw: that is imputed.
    """
    facts, sums, dollar = solved.programme.facts, _Sums(), replay.choices.dollar
    code_of = {model: shelf.code for model, shelf in replay.choices.shelves.items()}
    for group, (model, market) in enumerate(facts.keys):
        was = replay.then[code_of[model]][market]
        # What came over what was expected of the flow; the firm's share of it is today's.
        ratio = was.later / was.expected if was.expected > 0 else 0.0
        today, chosen = (
            _taken(side.decision, facts, group) for side in (solved.stay, solved.solution)
        )
        share = 0.0 if chosen is None else float(solved.solution.decision.share[-1, chosen])
        if today is None:
            if chosen is not None:
                entry = solved.programme.offers.rows[chosen].entry_cny
                sums.imputed += (_margin(solved, chosen, share, ratio) - entry) / dollar
            continue
        still = float(solved.stay.decision.share[-1, today])
        expected = float(facts.sales_usd[-1, today])
        sums.promised += share * expected
        sums.came += share * expected * ratio
        sums.unchanged += still * (expected * was.base / was.expected if was.expected > 0 else 0.0)
        sums.still += _margin(solved, today, still, ratio) / dollar
        seen = _margin(solved, today, share, ratio)
        sums.earned += seen / dollar
        if chosen not in (None, today):
            sums.imputed += (_margin(solved, chosen, share, ratio) - seen) / dollar
    return EarlierPlan(
        base_year=replay.base_year,
        horizon=replay.choices.study.markets.horizon,
        moves=len(solved.moves),
        promised_usd=sums.promised,
        came_usd=sums.came,
        unchanged_usd=sums.unchanged,
        earned_usd=sums.earned,
        still_usd=sums.still,
        imputed_usd=sums.imputed,
    )


def _taken(decision: Decision, facts: Facts, group: int) -> int | None:
    """The place of the offer that a decision takes for a model in a market."""
    chosen = np.flatnonzero((facts.group == group) & (decision.choice > 0.5))
    return int(chosen[0]) if chosen.size else None


def _margin(solved: PlanSolution, index: int | None, share: float, ratio: float) -> float:
    """Margin of an offer in the last year on the trade that came, CNY, after keeping its market."""
    if index is None or not share:
        return 0.0
    facts, offer = solved.programme.facts, solved.programme.offers.rows[index]
    keep = offer.keep_cny * float(facts.alive[-1, index])
    return share * float(facts.profit_cny[-1, index]) * ratio - keep
