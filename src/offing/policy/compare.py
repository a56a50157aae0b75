"""Set two runs of one study side by side: figures by market, totals, and the rules that differ."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from math import fsum
from types import MappingProxyType

from offing.policy.comparison import Comparison, RuleChange, SegmentChange, SegmentFigures, Totals
from offing.rules.reform import Reform
from offing.rules.rule_use import RuleUse
from offing.terms.missing import Missing

Segment = tuple[str, str]
"""A product and a market."""

Figures = Mapping[Segment, SegmentFigures]
Uses = Mapping[Segment, tuple[RuleUse, ...]]


def totals(figures: Figures) -> Totals:
    """The sums of a plan.

    >>> plan = totals({("8528", "DEU"): SegmentFigures(500, 700, 60, 40, 0.2, 5e6, 1e6, 1e4)})
    >>> plan.sales, plan.refund, plan.duty
    (5000000.0, 400000.0, 600000.0)
    """
    every = figures.values()
    duties = [segment.duty * segment.units for segment in every if segment.duty is not None]
    return Totals(
        sales=float(fsum(segment.sales for segment in every)),
        margin=float(fsum(segment.margin for segment in every)),
        refund=float(fsum(segment.refund * segment.units for segment in every)),
        duty=float(fsum(duties)) if duties or not figures else None,
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


def _unused(
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
    changes.sort(
        key=lambda change: (
            products.index(change.product),
            -abs(change.margin or 0.0),
            -figures[change.product, change.market].sales,
            change.market,
        )
    )
    rules = rule_changes(rules_before, rules_after)
    known = {key: each for key, each in before.items() if key not in missing}
    return Comparison(
        name=reform.name,
        before=replace(totals(known), settlement_rate=settling[0]),
        after=replace(totals(after), settlement_rate=settling[1]),
        segments=tuple(changes),
        rules=rules,
        exchange=tuple((rate.currency, float(rate.change)) for rate in reform.exchange),
        unused=_unused(reform, rules, {market for _, market in (*rules_before, *rules_after)}),
        elasticity=float(reform.elasticity or 0),
        name_zh=reform.name_zh,
    )
