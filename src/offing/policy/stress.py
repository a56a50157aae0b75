"""What a stress test says: each shock, all together, and the smallest that undoes a plan."""

from dataclasses import dataclass
from datetime import date

from offing.policy.effects import PlanEffects
from offing.terms.caution import Caution
from offing.terms.missing import Missing

JOINT = "joint"


@dataclass(frozen=True)
class StressRow:
    """A study's plan under a shock.

    Attributes:
        key: of the shock; ``joint`` for all together.
        name: in English; ``name_zh`` in Chinese, where it has one.
        since: first day of what it repeats; ``None`` where it repeats nothing.
        until: last day.
        source: of its size; ``source_zh`` in Chinese, where it has one.
        status: of the source, as that of a rule; ``hypothetical`` for a round figure.
        plan: a year's margin of the plan kept and of the one made anew, less today's, of the part
            that is known; ``None`` where the shock touches nothing else than what is missing.
        settling: share of the receivables lost in settling them, before and under the shock;
            ``None`` where the study does not settle.
        measured: (product, market) whose imports were taken from the loaded data.
        missing: effects that rest on what is not known.
        known_share: of the firm's sales, for which the figures hold.
    """

    key: str
    name: str
    name_zh: str | None
    since: date | None
    until: date | None
    source: str
    status: str
    plan: PlanEffects | None
    measured: int
    source_zh: str | None = None
    settling: tuple[float, float] | None = None
    missing: tuple[Missing, ...] = ()
    known_share: float | None = None


@dataclass(frozen=True)
class Reverse:
    """What would have to be true for a plan, kept, to earn nothing any more.

    Attributes:
        key: of the shock, or ``joint``.
        size: of the shock that takes the margin to the floor, its own size being 1; ``None`` where
            even the largest tried does not, or there is nothing to lose.
        tried: the largest size that was tried.
        gain: USD of margin a year of the plan without a shock, of the part that is known.
        left: of it at the largest size tried; ``None`` where all that the shock touches is missing.
        floor: USD a year; a plan that earns no more counts as undone.
        what: the shocks at that size, as message keys and values.
    """

    key: str
    size: float | None
    tried: float
    gain: float
    left: float | None
    floor: float
    what: tuple[Caution, ...] = ()


@dataclass(frozen=True)
class Stress:
    """Every shock alone, then together where there are several, and the reverse where asked."""

    rows: tuple[StressRow, ...]
    reverse: tuple[Reverse, ...] = ()

    @property
    def missing(self) -> tuple[Missing, ...]:
        """What is missing of any shock, each segment once."""
        rows = (each for row in self.rows for each in row.missing)
        return tuple({tuple(each.values.items()): each for each in rows}.values())
