"""Plans as they would have been made in earlier years, what came of them, and what that says."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, fsum, log


@dataclass(frozen=True)
class EarlierMove:
    """A move of an earlier plan.

    Amounts are CNY over the horizon, discounted to the plan's day: with the move less without it.

    Attributes:
        kind: of :class:`offing.planning.moves.Move`.
        product: key of the model.
        market: alpha-3.
        promised_cny: the mean of its scenarios.
        came_cny: at the sales, prices and rates that came; ``None`` where that is unknown, since
            the market stopped reporting its trade.
        observed: whether the ledger alone tells it, as of a market that was to be left; else what
            the move would have brought is imputed.
    """

    kind: str
    product: str
    market: str
    promised_cny: float
    came_cny: float | None
    observed: bool


@dataclass(frozen=True)
class EarlierPlan:
    """The plan made with the ledger and the trade cut at the end of a year, and what came.

    Attributes:
        base_year: the year at whose last day it is made, with nothing later seen.
        horizon: years to the outcome.
        moves: that it would have made.
        promised_usd: sales expected without moves in the last year, where what came is known.
        came_usd: what they came to.
        observed: whether that is what the firm in fact sold; else what its country's exports did.
        unknown_usd: expected in markets that stopped reporting: not in ``promised_usd``.
        todays_cost: markets whose landed cost of that day is not known: today's is taken.
    """

    base_year: int
    horizon: int
    moves: tuple[EarlierMove, ...]
    promised_usd: float
    came_usd: float
    observed: bool
    unknown_usd: float = 0.0
    todays_cost: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[EarlierMove, ...]:
        """The moves whose outcome is known."""
        return tuple(move for move in self.moves if move.came_cny is not None)

    @property
    def gain_cny(self) -> float:
        """What the known moves brought together: markets of one year are one outcome."""
        return fsum(move.came_cny or 0.0 for move in self.known)


@dataclass(frozen=True)
class LevelRecord:
    """What the expected sales without moves are multiplied by, from the firm's own record.

    Attributes:
        factor: towards 1 by what few outcomes cannot tell, see :func:`level_of`.
        kept: what came over what was expected in all plans, as it was.
        outcomes: independent ones that it rests on.
    """

    factor: float
    kept: float
    outcomes: int


def independent(plans: Sequence[EarlierPlan]) -> tuple[tuple[EarlierPlan, ...], ...]:
    """Plans put together where the years of their outcomes overlap: each group is one outcome.

    From the earliest on: a plan belongs to the group whose first outcome still runs when its own
    begins. There are as many groups as the largest number of outcomes that share no year.
    """
    groups: list[list[EarlierPlan]] = []
    for plan in sorted(plans, key=lambda plan: plan.base_year):
        if groups and plan.base_year < groups[-1][0].base_year + groups[-1][0].horizon:
            groups[-1].append(plan)
        else:
            groups.append([plan])
    return tuple(map(tuple, groups))


def better_than_staying(plans: Sequence[EarlierPlan]) -> tuple[int, int]:
    """In how many independent outcomes the moves brought more than no change, and of how many."""
    outcomes = independent([plan for plan in plans if plan.known])
    return sum(fsum(plan.gain_cny for plan in some) > 0 for some in outcomes), len(outcomes)


LEAST_OUTCOMES = 3
"""Independent outcomes below which no share is stated."""
PRIOR_OUTCOMES = 4.0
"""As many outcomes as came exactly as expected stand beside the firm's own: what errs least, out of
time, in 24 plans of Brazilian states (``docs/record/state-firms-2026-12-01.md``); with 1 the
expected sales erred more than without any level."""


def level_of(plans: Sequence[EarlierPlan]) -> LevelRecord | None:
    """The level by what the firm in fact sold; ``None`` where no outcome is observed.

    The mean of the logs of came over expected, one an independent outcome, times
    ``n / (n + PRIOR_OUTCOMES)``: the posterior mean under a normal prior about 1.
    """
    seen = [plan for plan in plans if plan.observed and min(plan.promised_usd, plan.came_usd) > 0]
    if not seen:
        return None

    def kept(some: Sequence[EarlierPlan]) -> float:
        return fsum(plan.came_usd for plan in some) / fsum(plan.promised_usd for plan in some)

    logs = [log(kept(some)) for some in independent(seen)]
    factor = exp(fsum(logs) / (len(logs) + PRIOR_OUTCOMES))
    return LevelRecord(factor, kept(seen), len(logs))
