"""How sure a plan is: the frontier of mean and worst, regret, and where inputs turn moves around.

Nobody is asked for λ. The boldest plan has the highest mean, the most careful the best average of
the worst twentieth, and between them one bears half of what lies between. The figures are as a
study's result keeps them: plain, in CNY, over the horizon and discounted.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from offing.planning.inaction import PlanSolution, settled_as
from offing.planning.limits import CURVE, MOST_CAREFUL
from offing.planning.linear import Pool
from offing.planning.moves import changed_markets
from offing.planning.offers import Array, Offers, Risk
from offing.planning.outcome import LEVEL, Decision, continue_sales, status_quo_decision
from offing.planning.plan import PlanDecision
from offing.planning.programme import Programme
from offing.planning.solving import GAP, Solution, solve
from offing.terms.errors import InputError

LESS_RISK = 0.15
"""At equal expected profit a plan should bring the worst twentieth so much nearer to the mean."""


@dataclass(frozen=True)
class PointFigures:
    """A plan to compare with.

    Attributes:
        name: ``today``, ``careful``, ``middle``, ``bold`` (the plan itself), or a number of the
            curve between them.
        mean_cny: mean profit.
        low_cny: its 5 % quantile.
        worst_cny: its average in the worst twentieth.
        moves: steps away from today.
        regret_cny: on average, by how much the best of the named plans earns more in each world.
        regret_high_cny: the same in the worst twentieth of the worlds, its 95 % quantile.
        best: share of the worlds in which it is the best of the named plans.
        receipts: currency, share of the first year's receipts, share of that hedged; the largest
            first.
    """

    name: str
    mean_cny: float
    low_cny: float
    worst_cny: float
    moves: int
    regret_cny: float | None = None
    regret_high_cny: float | None = None
    best: float | None = None
    receipts: tuple[tuple[str, float, float], ...] = ()


@dataclass(frozen=True)
class LimitFigures:
    """What a limit is worth.

    Attributes:
        limit: its kind, as in ``planning.limit_<kind>``.
        subject: its line, market, currency; empty where there is one of its kind.
        now: the limit: hours a year, CNY, or of the least worst CNY.
        used: what the plan takes of it, in the year that takes most; ``None`` where that has no
            one figure.
        price_cny: what one more of it earns, choices as the plan has them; ``None`` where the limit
            does not bind to the last unit.
        year: of that price, where the limit is one of each year.
        low: down to here the price holds.
        high: up to here.
        step: the part by which the limit is moved for the next two.
        more_cny: what so much more would earn, all choices made again.
        less_cny: what so much less would cost; ``None`` where no plan is left.
    """

    limit: str
    subject: str
    now: float
    used: float | None
    price_cny: float | None
    year: int | None
    low: float | None
    high: float | None
    step: float
    more_cny: float
    less_cny: float | None


@dataclass(frozen=True)
class TurnFigures:
    """A move that an end of an input turns around, and the change of the input where it does."""

    product: str
    market: str
    change: float


@dataclass(frozen=True)
class BarFigures:
    """An input of the tornado (龙卷风图): the kept plan's gain over doing nothing at both its ends.

    Attributes:
        name: of the input, as in ``planning.input_<name>``.
        subject: its currency or market; empty where there is one of its kind.
        value: as assumed, of a rate or an elasticity; ``None`` where only its change says anything.
        low_cny: the gain with the input a fifth lower.
        high_cny: with the input a fifth higher.
        turns: moves that turn around on the way there.
    """

    name: str
    subject: str
    value: float | None
    low_cny: float
    high_cny: float
    turns: tuple[TurnFigures, ...]


@dataclass(frozen=True)
class RiskFigures:
    """The choice between mean and worst, what limits are worth, and what turns the plan around.

    Attributes:
        points: today, then from the most careful to the boldest: the frontier.
        limits: those that are worth something, the most first.
        bars: the widest first.
        gain_cny: of the plan over doing nothing, from which the bars start.
        factor: how far inputs are moved, both ways.
        as_far_as: how far an input is moved to see where a move turns around.
        watched: moves that were looked at for where they turn around.
    """

    points: tuple[PointFigures, ...]
    limits: tuple[LimitFigures, ...]
    bars: tuple[BarFigures, ...]
    gain_cny: float
    factor: float
    as_far_as: float
    watched: int

    @property
    def gap_over_today(self) -> float | None:
        """How far the worst twentieth falls short of the mean, over the same of today's way.

        Both for each yuan expected: at equal expected profit, for a plan may be made in part.
        ``None`` where one of them expects no profit or has no risk.
        """
        named = {point.name: point for point in self.points}
        today, plan = named.get("today"), named.get("bold")
        if today is None or plan is None or min(today.mean_cny, plan.mean_cny) <= 0:
            return None
        now, then = (1 - point.worst_cny / point.mean_cny for point in (today, plan))
        return then / now if now > 0 else None


@dataclass(frozen=True)
class NeedFigures:
    """A limit that keeps a target out of reach; ``needed`` is what would do, all else as it is."""

    limit: str
    subject: str
    now: float | None
    needed: float | None


@dataclass(frozen=True)
class TargetFigures:
    """What a target would need; sales in USD, profit in CNY, of one year and not discounted.

    Attributes:
        of: ``sales`` or ``profit``.
        change: as asked, a part of today's; ``None`` where an amount was asked.
        amount: at least so much, in the mean of the scenarios.
        year: of the horizon.
        now: today's: sales of the last twelve months, or what that year earns if nothing is done.
        plan: what the plan comes to.
        most: the most that any plan within the limits comes to.
        unlimited: the most that buyers would take, or that could be earned, without any limit.
        chance: share of the scenarios in which the plan for it, or the plan itself, reaches it;
            ``None`` out of reach.
        cost_cny: by how much the mean profit over the horizon is lower than the plan's.
        decided: the moves that it takes, the plan's own where that reaches it; ``None`` out of
            reach.
        needs: out of reach, a smallest set of limits that keeps it so; empty where no limit does.
    """

    of: str
    change: float | None
    amount: float
    year: int
    now: float
    plan: float
    most: float
    unlimited: float
    chance: float | None
    cost_cny: float | None
    decided: PlanDecision | None
    needs: tuple[NeedFigures, ...]


STEPS = (0.25, 0.5, 0.75)
"""Points between the ends; the middle one is offered."""


def frontier(
    programme: Programme,
    least_worst_cny: float | None = None,
    pool: Pool | None = None,
    gap: float = GAP,
    start: Decision | None = None,
) -> dict[str, Solution]:
    """Plans within the limits that cannot be better in both, from the most careful to the boldest.

    They are ``careful``, numbers of the curve with ``middle`` among them, and ``bold``, or that
    alone where nothing is traded. Where the firm has said what it can bear, ``least_worst_cny``,
    none is worse.

    Raises:
        InfeasibleError: no plan meets the limits.
    """
    pool = Pool() if pool is None else pool
    risk = Risk(0.0, least_worst_cny)
    bold = solve(programme, risk, pool, gap, start, CURVE)
    averse, start = replace(risk, aversion=MOST_CAREFUL), bold.decision
    careful = solve(programme, averse, pool, gap, start, CURVE)
    worst = -careful.outcome.shortfall, -bold.outcome.shortfall
    if worst[0] - worst[1] <= gap * max(map(abs, worst)):
        return {"bold": bold}
    curve = {"careful": careful}
    for step in STEPS:
        least = float(np.interp(step, (0, 1), worst))
        name = "middle" if step == 0.5 else f"{step:g}"
        curve[name] = solve(programme, Risk(0.0, least), pool, gap, careful.decision, CURVE)
    return {**curve, "bold": bold}


def regrets(profits: Mapping[str, Array]) -> dict[str, tuple[float, float, float]]:
    """Regret of each plan among others on the same scenarios; CNY.

    Args:
        profits: name → n, profit in each scenario.

    Returns:
        Its mean over the scenarios, its 95 % quantile, and the share of the scenarios in which no
        other earns more; ties are shared.

    >>> regrets({"a": np.array([1.0, 5.0]), "b": np.array([3.0, 3.0])})["a"]
    (1.0, 1.9, 0.5)
    """
    if not profits:
        return {}
    table = np.array(list(profits.values()))
    missed = table.max(axis=0) - table
    first = missed == 0
    shares = (first / first.sum(axis=0)).mean(axis=1)
    return {
        name: (float(less.mean()), float(np.quantile(less, LEVEL)), float(share))
        for name, less, share in zip(profits, missed, shares, strict=True)
    }


FACTORS = (0.8, 1.2)
NARROWINGS = 9
"""Halvings of the interval in which a break-even lies: within 1/2,500 of the input."""


Rebuilt = Callable[[float], Programme]
"""The programme where an input is multiplied by a factor; same offers, same order."""


def rescale_offers(offers: Offers, times: Array | float) -> Offers:
    """Offers of which so many times as much is sold, each or all."""
    return replace(
        offers,
        units=offers.units * times,
        profit_cny=offers.profit_cny * times,
        sales_usd=offers.sales_usd * times,
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


def gains_at(
    plan: PlanSolution, risk: Risk, rebuilt: Rebuilt, factors: Sequence[float] = FACTORS
) -> tuple[float, ...]:
    """Gains of the plan over doing nothing where an input is multiplied; no loss is bounded.

    Raises:
        InputError: ``planning.other_offers`` where an input changes which offers there are.
    """
    free = replace(risk, least_worst_cny=None)
    return tuple(_World(plan, free, rebuilt(factor)).gain() for factor in factors)


def turning_points(
    plan: PlanSolution,
    risk: Risk,
    rebuilt: Rebuilt,
    factors: Sequence[float],
    watched: Collection[int],
) -> tuple[TurnFigures, ...]:
    """The moves that an end of an input turns around, and where.

    ``watched`` are the groups of the moves that are looked at.

    Raises:
        InputError: as :func:`gains_at`.
    """
    free, keys = replace(risk, least_worst_cny=None), plan.programme.facts.keys
    changed = changed_markets(plan.programme, plan.solution.decision, plan.stay.decision)
    turns = []
    for factor in factors:
        world = _World(plan, free, rebuilt(factor))
        for group in (group for group in changed if group in watched):
            if world.gain_of(group) <= 0:
                at = _break_even(plan, free, rebuilt, group, factor)
                turns.append(TurnFigures(*keys[group], at - 1))
    return tuple(turns)


def _break_even(
    plan: PlanSolution, risk: Risk, rebuilt: Rebuilt, group: int, factor: float
) -> float:
    """Bisection between the input as assumed and an end at which the move has turned."""
    good, bad = 1.0, factor
    for _ in range(NARROWINGS):
        middle = (good + bad) / 2
        if _World(plan, risk, rebuilt(middle)).gain_of(group) > 0:
            good = middle
        else:
            bad = middle
    return (good + bad) / 2
