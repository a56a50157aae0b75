"""What a what-if says: the same figures under two sets of rules, and the rules that differ."""

from dataclasses import dataclass

from offing.policy.effects import Effects
from offing.policy.stress import Stress
from offing.rules.rule_use import RuleUse
from offing.terms.missing import Missing


@dataclass(frozen=True)
class SegmentFigures:
    """One product in one market under one set of rules. Amounts in USD.

    Attributes:
        fob: our price of one unit, brought to FOB.
        landed: one unit with duty and import tax; ``None`` without a quote.
        duty: duties of one unit; ``None`` without a quote.
        refund: what comes back by the export refund for one unit.
        margin_rate: margin over the FOB price.
        sales: planned yearly sales.
        margin: planned yearly margin.
        units: planned yearly units.
    """

    fob: float
    landed: float | None
    duty: float | None
    refund: float
    margin_rate: float
    sales: float
    margin: float
    units: float


@dataclass(frozen=True)
class SegmentChange:
    """A product in a market, before and after; ``None`` where it is in one of them only.

    Where ``missing`` says why, what it is after the change rests on what is not known.
    """

    product: str
    market: str
    before: SegmentFigures | None
    after: SegmentFigures | None
    missing: Missing | None = None

    @property
    def margin(self) -> float | None:
        """By how much the planned yearly margin changes, USD; ``None`` where that is missing."""
        if self.missing is not None:
            return None
        return (self.after.margin if self.after else 0.0) - (
            self.before.margin if self.before else 0.0
        )

    @property
    def is_none(self) -> bool:
        """Whether nothing changes; what is missing is not nothing."""
        return self.missing is None and self.before == self.after


@dataclass(frozen=True)
class RuleChange:
    """A rule that holds otherwise, as the figures used it.

    Attributes:
        id: of the rule.
        before: ``None`` where the rule is new.
        after: ``None`` where it ended.
        used_by: (product, market) whose figures rest on it; both empty for the settlement.
    """

    id: str
    before: RuleUse | None
    after: RuleUse | None
    used_by: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Totals:
    """A whole plan under one set of rules, without what is missing under either; USD a year.

    ``duty`` is that of the segments whose duty is known, ``None`` where none is; ``refund`` is
    units × refund of one; ``settlement_rate`` the share of the receivables that is lost in settling
    them, ``None`` where the study does not settle.
    """

    sales: float
    margin: float
    refund: float
    duty: float | None
    settlement_rate: float | None = None


@dataclass(frozen=True)
class Comparison:
    """A study under today's rules and under a reform.

    Attributes:
        name: of the reform.
        name_zh: in Chinese, where it has one.
        before: totals under today's rules.
        after: totals under the reform.
        segments: by product, the largest change of the yearly margin first.
        rules: those that differ.
        exchange: (currency, change of its value) of the reform.
        unused: rules of the reform that no figure of this study rests on.
        elasticity: of sales to the landed cost, given by the reform; 0 keeps demand as it is.
        effects: what moved demand in the second run; ``None`` where nothing or the reform's own
            elasticity did.
        stress: the shocks that were tried; ``None`` without them.
        dollar: CNY for a dollar on the day, under today's rules and under the reform.
        known_share: of the firm's sales, for which the answer holds; ``None`` where nothing is
            sold or planned.
    """

    name: str
    before: Totals
    after: Totals
    segments: tuple[SegmentChange, ...]
    rules: tuple[RuleChange, ...]
    exchange: tuple[tuple[str, float], ...]
    unused: tuple[str, ...]
    elasticity: float
    name_zh: str | None = None
    effects: Effects | None = None
    stress: Stress | None = None
    dollar: tuple[float, float] = (1.0, 1.0)
    known_share: float | None = None

    def title(self, lang: str) -> str:
        """The reform's name in a language."""
        return self.name_zh if lang == "zh" and self.name_zh else self.name

    @property
    def missing(self) -> tuple[Missing, ...]:
        """Effects that rest on what is not known."""
        return tuple(row.missing for row in self.segments if row.missing is not None)

    @property
    def known(self) -> tuple[SegmentChange, ...]:
        """The segments of which both sides are known."""
        return tuple(row for row in self.segments if row.missing is None)

    @property
    def changed(self) -> tuple[SegmentChange, ...]:
        """The known segments in which anything changes."""
        return tuple(segment for segment in self.known if not segment.is_none)
