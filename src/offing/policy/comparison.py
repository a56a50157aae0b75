"""Figures side by side: under two sets of rules (what-if), or under shocks (stress test)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from math import fsum
from types import MappingProxyType

from offing.policy.effects import PlanEffects, TradeEffects
from offing.rules.reform import Reform
from offing.rules.rule_use import RuleUse
from offing.terms.caution import Caution
from offing.terms.money import Missing

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
        measured: markets whose imports were taken from the loaded data.
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
class ReverseStress:
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
    reverse: tuple[ReverseStress, ...] = ()

    @property
    def missing(self) -> tuple[Missing, ...]:
        """What is missing of any shock, each segment once."""
        rows = (each for row in self.rows for each in row.missing)
        return tuple({tuple(each.values.items()): each for each in rows}.values())


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
        refund_why: message key that says what limits the refund.
    """

    fob: float
    landed: float | None
    duty: float | None
    refund: float
    margin_rate: float
    sales: float
    margin: float
    units: float
    refund_why: str = ""


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
        after, before = (side.margin if side else 0.0 for side in (self.after, self.before))
        return after - before


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
class ComparisonTotals:
    """A whole plan under one set of rules, without what is missing under either; USD a year.

    ``duty`` is that of the segments whose duty is known, ``None`` where none is, ``duty_unknown``
    the share of the sales in the others; ``refund`` is
    units × marginal refund of one, which is not the firm's refund; ``settlement_rate`` the share of
    the receivables that is lost in settling them, ``None`` where the study does not settle.
    """

    sales: float
    margin: float
    refund: float
    duty: float | None
    settlement_rate: float | None = None
    duty_unknown: float = 0.0


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
    before: ComparisonTotals
    after: ComparisonTotals
    segments: tuple[SegmentChange, ...]
    rules: tuple[RuleChange, ...]
    exchange: tuple[tuple[str, float], ...]
    unused: tuple[str, ...]
    elasticity: float
    name_zh: str | None = None
    effects: TradeEffects | None = None
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
        return tuple(segment for segment in self.known if segment.before != segment.after)


Segment = tuple[str, str]
"""A product and a market."""

Figures = Mapping[Segment, SegmentFigures]
Uses = Mapping[Segment, tuple[RuleUse, ...]]


def totals(figures: Figures) -> ComparisonTotals:
    """The sums of a plan.

    >>> plan = totals({("8528", "DEU"): SegmentFigures(500, 700, 60, 40, 0.2, 5e6, 1e6, 1e4)})
    >>> plan.sales, plan.refund, plan.duty
    (5000000.0, 400000.0, 600000.0)
    """
    every = figures.values()
    duties = [segment.duty * segment.units for segment in every if segment.duty is not None]
    sales = fsum(segment.sales for segment in every)
    unknown = fsum(segment.sales for segment in every if segment.duty is None)
    return ComparisonTotals(
        sales=sales,
        margin=float(fsum(segment.margin for segment in every)),
        refund=float(fsum(segment.refund * segment.units for segment in every)),
        duty=float(fsum(duties)) if duties or not figures else None,
        duty_unknown=unknown / sales if sales else 0.0,
    )


def rule_changes(before: Uses, after: Uses) -> tuple[RuleChange, ...]:
    """The rules that differ between two runs, with the segments that rest on each."""
    affected: dict[tuple[str, RuleUse | None, RuleUse | None], list[Segment]] = {}
    for segment in sorted({*before} & {*after}):  # one that is gone has no rule that ended
        was = {use.id: use for use in before[segment]}
        now = {use.id: use for use in after[segment]}
        for id_ in sorted({*was, *now}):
            old, new = was.get(id_), now.get(id_)
            if old is None or new is None or (old.value, old.source) != (new.value, new.source):
                affected.setdefault((id_, old, new), []).append(segment)
    return tuple(
        RuleChange(id_, old, new, tuple(where)) for (id_, old, new), where in affected.items()
    )


def _idle_rules(
    reform: Reform, rules: tuple[RuleChange, ...], markets: Collection[str]
) -> tuple[str, ...]:
    """Rules of the reform that changed nothing here: another market's, or another day's.

    A new duty of a market of the study on other origins' goods is one of the firm's rivals.
    """
    used = {change.id for change in rules}
    rivals = {
        new.charge.rate
        for new in reform.charges
        if new.importer in markets and (new.charge.origins or new.charge.not_origins)
    }
    return tuple(id_ for id_ in reform.ids if id_ not in used and id_ not in rivals)


def compare(
    reform: Reform,
    before: Figures,
    after: Figures,
    rules_before: Uses,
    rules_after: Uses,
    settling: tuple[float | None, float | None] = (None, None),
    missing: Mapping[Segment, Missing] = MappingProxyType({}),
) -> Comparison:
    """The two runs side by side.

    ``settling`` is the share of the receivables lost in settling them, before and after. A segment
    whose effect is ``missing`` has no figures after the change, and is in no sum of either side.
    """
    products = list(dict.fromkeys(product for product, _ in [*before, *after]))
    after = {key: figures for key, figures in after.items() if key not in missing}
    changes = [
        SegmentChange(*key, before.get(key), after.get(key), missing.get(key))
        for key in dict.fromkeys([*before, *after])
    ]
    figures = {**after, **before}
    changes.sort(key=lambda one: (-figures[one.product, one.market].sales, one.market))
    changes.sort(key=lambda one: (products.index(one.product), -abs(one.margin or 0.0)))
    rules = rule_changes(rules_before, rules_after)
    known = {key: each for key, each in before.items() if key not in missing}
    return Comparison(
        name=reform.name,
        before=replace(totals(known), settlement_rate=settling[0]),
        after=replace(totals(after), settlement_rate=settling[1]),
        segments=tuple(changes),
        rules=rules,
        exchange=tuple((rate.currency, float(rate.change)) for rate in reform.exchange),
        unused=_idle_rules(reform, rules, {market for _, market in (*rules_before, *rules_after)}),
        elasticity=float(reform.elasticity or 0),
        name_zh=reform.name_zh,
    )
