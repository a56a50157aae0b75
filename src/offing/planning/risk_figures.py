"""How sure a plan is and what bounds it, as a study's result keeps it: plain figures, no arrays.

Amounts are in CNY, over the horizon and discounted.
"""

from dataclasses import dataclass

from offing.planning.plan import PlanDecision

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
    """

    name: str
    mean_cny: float
    low_cny: float
    worst_cny: float
    moves: int
    regret_cny: float | None = None
    regret_high_cny: float | None = None
    best: float | None = None


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
        more_cny: what so much more would earn, all choices anew.
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
