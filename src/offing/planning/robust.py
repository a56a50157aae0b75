"""How far a plan holds: each input 20 % lower and higher, and where a move turns around.

The plan goes on as it is, as doing nothing does: in a worse year it sells no less, and where a
line's hours no longer suffice all that runs on it gives way alike. Its gain over doing nothing at
both ends is a bar of the tornado (龙卷风图); a move has turned around where the plan with that
market left as it is today is worth more. The value of the input at which that happens is its
break-even.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from offing.planning.inaction import PlanSolution, settled_as
from offing.planning.limits import Risk
from offing.planning.moves import changed_markets
from offing.planning.offers import Offers
from offing.planning.outcome import Decision
from offing.planning.programme import Programme
from offing.planning.today import continue_sales, status_quo_decision
from offing.terms.errors import InputError
from offing.terms.messages import say
from offing.terms.progress import told_of

FACTORS = (0.8, 1.2)
STEPS = 9
"""Halvings of the interval in which a break-even lies: within 1/2,500 of the input."""


@dataclass(frozen=True)
class Input:
    """Something the plan rests on.

    Attributes:
        name: for the reader; the caller's.
        value: as assumed, such as an elasticity of 4.7.
        rebuilt: the programme when this input is multiplied by a factor; same offers, same order.
    """

    name: str
    value: float
    rebuilt: Callable[[float], Programme]


@dataclass(frozen=True)
class Turn:
    """A move that does not survive one end of an input.

    ``factor`` is the end at which it has turned around, ``break_even`` the value of the input
    beyond which it does.
    """

    model: str
    market: str
    factor: float
    break_even: float


@dataclass(frozen=True)
class Bar:
    """One input of the tornado.

    ``gains_cny`` are of the plan over doing nothing, at each of the factors.
    """

    name: str
    value: float
    gains_cny: tuple[float, ...]
    turns: tuple[Turn, ...]


def rescale_offers(
    offers: Offers, *, units: float = 1.0, profit_cny: float = 1.0, sales_usd: float = 1.0
) -> Offers:
    """Offers whose arrays are multiplied, for inputs that act so: a growth, a margin, a rate."""
    return replace(
        offers,
        units=offers.units * units,
        profit_cny=offers.profit_cny * profit_cny,
        sales_usd=offers.sales_usd * sales_usd,
    )


class _World:
    """The plan at one value of an input."""

    def __init__(self, plan: PlanSolution, risk: Risk, programme: Programme) -> None:
        rows = plan.programme.offers.rows
        keys = [(o.model, o.market, o.plant, o.line, o.brand, o.currency) for o in rows]
        others = programme.offers.rows
        if keys != [(o.model, o.market, o.plant, o.line, o.brand, o.currency) for o in others]:
            raise InputError("planning.other_offers")
        self.plan, self.risk, self.programme = plan, risk, programme
        self.stay = status_quo_decision(programme)

    def value(self, decision: Decision) -> float:
        """What these choices and shares are worth here."""
        return settled_as(self.programme, self.risk, continue_sales(self.programme, decision)).value

    @cached_property
    def kept(self) -> float:
        """The value of the plan."""
        return self.value(self.plan.solution.decision)

    def gain(self) -> float:
        """Of the plan over doing nothing."""
        return self.kept - self.value(self.stay)

    def gain_of(self, group: int) -> float:
        """Of one move: all else as chosen."""
        decision = self.plan.solution.decision
        in_group = self.programme.facts.group == group
        choice = np.where(in_group, self.stay.choice, decision.choice)
        share = np.where(in_group, self.stay.share, decision.share)
        return self.kept - self.value(replace(decision, choice=choice, share=share))


def _break_even(plan: PlanSolution, risk: Risk, varied: Input, group: int, factor: float) -> float:
    """Bisection between the input as assumed and an end at which the move has turned."""
    good, bad = 1.0, factor
    for _ in range(STEPS):
        middle = (good + bad) / 2
        if _World(plan, risk, varied.rebuilt(middle)).gain_of(group) > 0:
            good = middle
        else:
            bad = middle
    return varied.value * (good + bad) / 2


def tornado(
    plan: PlanSolution,
    risk: Risk,
    inputs: Sequence[Input],
    factors: Sequence[float] = FACTORS,
    watched: Collection[int] | None = None,
) -> tuple[Bar, ...]:
    """The bars of the inputs, the widest first.

    The bound on the loss is left out. ``watched`` are the groups of the moves that are looked at
    for where they turn; all where ``None``.

    Raises:
        InputError: ``planning.other_offers`` where an input changes which offers there are.
    """
    free = replace(risk, least_worst_cny=None)
    groups = changed_markets(plan.programme, plan.solution.decision, plan.stay.decision)
    if watched is not None:
        groups = [group for group in groups if group in watched]
    bars = []
    for varied in told_of(inputs, say("planning.varying")):
        gains: list[float] = []
        turns: list[Turn] = []
        for factor in factors:
            world = _World(plan, free, varied.rebuilt(factor))
            gains.append(world.gain())
            for group in groups:
                if world.gain_of(group) <= 0:
                    at = _break_even(plan, free, varied, group, factor)
                    turns.append(Turn(*plan.programme.facts.keys[group], factor, at))
        bars.append(Bar(varied.name, varied.value, tuple(gains), tuple(turns)))
    return tuple(sorted(bars, key=_width, reverse=True))


def _width(bar: Bar) -> float:
    return max(bar.gains_cny) - min(bar.gains_cny)
