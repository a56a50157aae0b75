"""How far a plan holds: each input 20 % lower and higher, and where a move turns around.

The plan is kept as it is and its shares and hedges settle anew. Its gain over doing nothing at both
ends is a bar of the tornado (龙卷风图); a move has turned around where the plan with that market
left as it is today is worth more. The value of the input at which that happens is its break-even.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from offing.planning.inaction import Plan, settled_as
from offing.planning.limits import Risk
from offing.planning.linear import InfeasibleError, Pool
from offing.planning.moves import changed
from offing.planning.offers import Array, Offers
from offing.planning.outcome import Decision
from offing.planning.programme import Programme
from offing.planning.solving import settle
from offing.planning.today import held, staying
from offing.terms.errors import InputError
from offing.terms.messages import say
from offing.terms.progress import tell

FACTORS = (0.8, 1.2)
STEPS = 12
"""Halvings of the interval in which a break-even lies: within 1/20,000 of the input."""


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

    Attributes:
        model: of the move.
        market: of the move.
        factor: the end at which it has turned around.
        break_even: the value of the input beyond which it does.
    """

    model: str
    market: str
    factor: float
    break_even: float


@dataclass(frozen=True)
class Bar:
    """One input of the tornado.

    Attributes:
        name: of the input.
        value: as assumed.
        gains_cny: of the plan over doing nothing, at each of the factors; ``None`` where the plan's
            choices break a limit there.
        turns: moves that turn around.
    """

    name: str
    value: float
    gains_cny: tuple[float | None, ...]
    turns: tuple[Turn, ...]


def rescaled(
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
    """The plan's choices at one value of an input."""

    def __init__(self, plan: Plan, risk: Risk, programme: Programme) -> None:
        rows = plan.programme.offers.rows
        keys = [(o.model, o.market, o.plant, o.line, o.brand, o.currency) for o in rows]
        others = programme.offers.rows
        if keys != [(o.model, o.market, o.plant, o.line, o.brand, o.currency) for o in others]:
            raise InputError("planning.other_offers")
        self.plan, self.risk, self.programme = plan, risk, programme
        self.stay = staying(programme)
        self.pool = Pool()

    def value(self, programme: Programme, decision: Decision) -> float | None:
        """The value of these choices, shares and hedges anew; ``None`` where a limit forbids."""
        try:
            return settle(programme, self.risk, self.pool, decision).value
        except InfeasibleError:
            return None

    def gain(self) -> float | None:
        """Of the plan over doing nothing."""
        value = self.value(self.programme, self.plan.solution.decision)
        if value is None:
            return None
        return value - settled_as(self.programme, self.risk, self.stay).value

    def gain_of(self, group: int) -> float | None:
        """Of one move: all else as chosen."""
        decision = self.plan.solution.decision
        here = self.programme.facts.group == group
        other = replace(decision, choice=np.where(here, self.stay.choice, decision.choice))
        value = self.value(self.programme, decision)
        without = self.value(held(self.programme, self.stay, {group}), other)
        return None if value is None or without is None else value - without


def _break_even(plan: Plan, risk: Risk, asked: Input, group: int, factor: float) -> float:
    """Bisection between the input as assumed and an end at which the move has turned."""
    good, bad = 1.0, factor
    for _ in range(STEPS):
        middle = (good + bad) / 2
        gain = _World(plan, risk, asked.rebuilt(middle)).gain_of(group)
        if gain is not None and gain > 0:
            good = middle
        else:
            bad = middle
    return asked.value * (good + bad) / 2


def tornado(
    plan: Plan, risk: Risk, inputs: Sequence[Input], factors: Sequence[float] = FACTORS
) -> tuple[Bar, ...]:
    """The bars of the inputs, the widest first.

    Args:
        plan: with its moves.
        risk: as the plan was chosen; the bound on the loss is left out.
        inputs: what is varied.
        factors: by which.

    Raises:
        InputError: ``planning.other_offers`` where an input changes which offers there are.
    """
    free = replace(risk, least_worst_cny=None)
    groups = changed(plan.programme, plan.solution.decision, plan.stay.decision)
    bars = []
    for number, asked in enumerate(inputs):
        tell(say("planning.varying", name=asked.name), number / len(inputs))
        gains: list[float | None] = []
        turns: list[Turn] = []
        for factor in factors:
            world = _World(plan, free, asked.rebuilt(factor))
            gains.append(world.gain())
            for group in groups:
                gain = world.gain_of(group)
                if gain is not None and gain <= 0:
                    at = _break_even(plan, free, asked, group, factor)
                    turns.append(Turn(*plan.programme.facts.keys[group], factor, at))
        bars.append(Bar(asked.name, asked.value, tuple(gains), tuple(turns)))
    return tuple(sorted(bars, key=_width, reverse=True))


def _width(bar: Bar) -> float:
    known: Array = np.array([gain for gain in bar.gains_cny if gain is not None])
    return float(np.ptp(known)) if known.size > 1 else float("inf")
