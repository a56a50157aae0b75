"""How sure a plan is: the frontier, regret, what limits are worth, and what turns it around.

All of it uses the plan's own scenarios. What was struck ("not yet") stays as it is today: the
frontier is that of plans whose moves are likely enough, and the plan itself is its boldest point.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from offing.planning.conflict import Name
from offing.planning.frontier import Point, frontier
from offing.planning.inaction import PlanSolution
from offing.planning.limits import Risk
from offing.planning.linear import Pool
from offing.planning.moves import changed_markets
from offing.planning.programme import Programme
from offing.planning.regret import regrets
from offing.planning.risk_figures import (
    BarFigures,
    LimitFigures,
    PointFigures,
    RiskFigures,
    TurnFigures,
)
from offing.planning.robust import FACTORS, Bar, Turn, tornado
from offing.planning.shadow_prices import (
    CAPS,
    ShadowPrice,
    amounts_of,
    binding_caps,
    shadow_prices,
    with_more,
)
from offing.planning.solving import Solution
from offing.planning.today import fix_markets, status_quo_decision
from offing.study.file import Study
from offing.study.inputs import InputSensitivity, inputs_of
from offing.study.plan import StudyPlan
from offing.study.run import Outcome
from offing.terms.messages import say
from offing.terms.progress import tell

STEP = 0.1
"""A limit is tried a tenth larger and smaller."""
WATCHED = 5
"""Moves that are looked at for where they turn around: those of the first screen."""
AS_FAR_AS = (0.5, 1.5)
"""Where a move turns around is looked for as far as this."""
NAMED = ("today", "careful", "middle", "bold")
"""Points that a reader compares; the others only draw the curve."""
VISIBLE = 0.005
"""A bar, or a limit's worth, of less than this part of the plan's gain is none."""


@dataclass(frozen=True)
class _Sought:
    """A plan with the programme in which other plans are sought beside it."""

    solved: PlanSolution
    risk: Risk
    pool: Pool

    @property
    def struck(self) -> list[int]:
        """What was looked at and is not made."""
        keys = self.solved.programme.facts.keys
        return [keys.index((i.move.model, i.move.market)) for i in self.solved.not_yet]

    def open(self, programme: Programme) -> Programme:
        """A programme of these offers in which what was struck stays as it is."""
        return fix_markets(programme, status_quo_decision(programme), self.struck)

    @property
    def free(self) -> Risk:
        """What could be borne is not asked where the world is another."""
        return replace(self.risk, least_worst_cny=None)


def with_risk(outcome: Outcome) -> Outcome:
    """A run whose result has the risk of its plan."""
    tell(say("study.doing_risk"), 1.0)
    risk = risk_of(outcome.world.study, outcome.planned)
    return replace(outcome, result=replace(outcome.result, risk=risk))


def risk_of(study: Study, planned: StudyPlan) -> RiskFigures | None:
    """The risk of a plan in plain figures; ``None`` where nothing is sold or planned.

    Args:
        study: for the loss that could be borne.
        planned: the plan with what it was made from.
    """
    if not planned.plan.rows:
        return None
    worst = study.limits.worst_twentieth_cny
    risk = Risk(least_worst_cny=None if worst is None else float(worst))
    if risk.least_worst_cny is not None and -planned.solved.solution.outcome.shortfall < (
        risk.least_worst_cny - 1.0
    ):
        risk = Risk()  # where it could not be kept, the plan was made without it
    sought = _Sought(planned.solved, risk, Pool())
    gain = planned.solved.solution.value - planned.solved.stay.value
    return RiskFigures(
        _points(sought),
        _limits(sought),
        _bars(sought, planned) if planned.solved.moves else (),
        gain,
        round(FACTORS[1] - 1, 6),
        AS_FAR_AS[1] - 1,
        min(WATCHED, len(planned.solved.moves)),
    )


def _points(sought: _Sought) -> tuple[PointFigures, ...]:
    solved = sought.solved
    front = frontier(
        sought.open(solved.programme),
        sought.risk.least_worst_cny,
        pool=sought.pool,
        start=solved.solution.decision,
    )
    today, plan = _point("today", solved.stay), _point("bold", solved.solution)
    # The boldest is the plan itself, as it was decided.
    points = (today, *front.curve[:-1], plan)
    named = {p.name: p.solution.outcome.profit for p in points if p.name in NAMED and p.solution}
    missed = regrets(named)
    figures = []
    for point in points:
        less = missed.get(point.name)
        figures.append(
            PointFigures(
                point.name,
                point.mean_cny,
                point.quantile_cny,
                point.worst_cny,
                _moves(solved, point.solution),
                None if less is None else less.mean,
                None if less is None else less.high,
                None if less is None else less.best,
            )
        )
    return tuple(figures)


def _point(name: str, solution: Solution) -> Point:
    result = solution.outcome
    worst, low = -result.shortfall, result.worst_year_of_twenty
    return Point(name, result.mean, worst, low, solution)


def _moves(solved: PlanSolution, solution: Solution | None) -> int:
    if solution is None:
        return 0
    return len(changed_markets(solved.programme, solution.decision, solved.stay.decision))


def _limits(sought: _Sought) -> tuple[LimitFigures, ...]:
    """Limits that bind to the last unit, or of which a tenth more or less makes a difference."""
    solved, risk = sought.solved, sought.risk
    programme = sought.open(solved.programme)
    prices = shadow_prices(programme, risk, solved.solution, sought.pool)
    caps = binding_caps(programme, solved.solution)
    amounts = [*amounts_of(programme), *caps]
    more, less = (
        with_more(
            solved.programme, risk, solved.solution, amounts, factor, sought.pool, sought.open
        )
        for factor in (1 + STEP, 1 - STEP)
    )
    least = VISIBLE * max(abs(solved.solution.value - solved.stay.value), 1.0)
    figures = [
        _limit(sought, programme, name, [p for p in prices if (p.limit, p.subject) == name],
               more[name], less[name])
        for name in amounts
    ]  # fmt: skip
    told = [limit for limit in figures if _worth_telling(limit, least)]
    return tuple(sorted(told, key=lambda limit: -limit.more_cny))


def _limit(
    sought: _Sought,
    programme: Programme,
    name: Name,
    prices: Sequence[ShadowPrice],
    more: float | None,
    less: float | None,
) -> LimitFigures:
    price = max(prices, key=lambda p: p.price_cny, default=None)
    cap = name[0] in CAPS
    shares = programme.facts.limits.market_share
    bare = LimitFigures(
        *name,
        now=shares[name[1]] if cap else max(r.high for r in programme.rows if r.name == name),
        used=shares[name[1]] if cap else _used(programme, sought.solved.solution, name),
        price_cny=None,
        year=None,
        low=None,
        high=None,
        step=STEP,
        more_cny=max(more or 0.0, 0.0),
        less_cny=None if less is None else max(-less, 0.0),
    )
    if price is None or cap:  # of a cap, one more has no unit that a person would know
        return bare
    high = price.high if np.isfinite(price.high) else None
    return replace(bare, price_cny=price.price_cny, year=price.year, low=price.low, high=high)


def _worth_telling(limit: LimitFigures, least: float) -> bool:
    if limit.price_cny is not None or limit.less_cny is None:
        return True
    return max(limit.more_cny, limit.less_cny) >= least


def _used(programme: Programme, solution: Solution, name: tuple[str, str]) -> float:
    """What a plan takes of a limit, in the year that takes most."""
    decision, used = solution.decision, []
    for row in programme.rows:
        if row.name != name:
            continue
        share = 0.0 if row.share is None else (row.share * decision.share[:, row.offers]).sum()
        choice = 0.0 if row.choice is None else row.choice @ decision.choice[row.offers]
        used.append(float(share + choice))
    return max(used)


def _bars(sought: _Sought, planned: StudyPlan) -> tuple[BarFigures, ...]:
    solved = sought.solved
    keys = solved.programme.facts.keys
    watched = [keys.index((m.model, m.market)) for m in solved.moves[:WATCHED]]
    gain = solved.solution.value - solved.stay.value
    inputs = list(inputs_of(solved, planned.made, planned.rates))
    # What is sold ahead and invoiced otherwise is no part of a kept plan's bars, but of its gain.
    (none,) = tornado(solved, sought.free, [inputs[0].input], (1.0,), ())
    shift = gain - none.gains_cny[0]
    bars = []
    for moved in inputs:
        (bar,) = tornado(solved, sought.free, [moved.input], FACTORS, ())
        # Of more demand the line has no hours: what then gives way turns no move around.
        ends = AS_FAR_AS[:1] if moved.name == "demand" else AS_FAR_AS
        (far,) = tornado(solved, sought.free, [moved.input], ends, watched)
        bars.append(_bar(moved, bar, far.turns, shift))
    told = [bar for bar in bars if bar.turns or _width(bar, gain) > VISIBLE * abs(gain)]
    return tuple(sorted(told, key=lambda bar: -_width(bar, gain)))


def _bar(moved: InputSensitivity, bar: Bar, turns: Sequence[Turn], shift: float) -> BarFigures:
    low, high = (gain + shift for gain in bar.gains_cny)
    told = tuple(_turn(turn) for turn in turns)
    return BarFigures(moved.name, moved.subject, moved.value, low, high, told)


def _turn(turn: Turn) -> TurnFigures:
    return TurnFigures(turn.model, turn.market, turn.break_even - 1)


def _width(bar: BarFigures, gain: float) -> float:
    """From end to end of a bar that begins at the plan's gain."""
    ends = (gain, bar.low_cny, bar.high_cny)
    return max(ends) - min(ends)
