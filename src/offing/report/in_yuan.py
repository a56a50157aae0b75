"""A what-if in the firm's own currency, as its plan is told."""

from dataclasses import replace

from offing.policy.comparison import Comparison, ComparisonTotals, SegmentFigures

CNY = "CNY"
"""The currency of a firm: its costs, its refund and its limits are in yuan."""


def in_yuan(compared: Comparison) -> Comparison:
    """The sums of a year in CNY, each side at its own day's dollar; prices of a unit stay in USD.

    Args:
        compared: with sums in USD.
    """
    today, then = compared.dollar
    segments = (
        replace(row, before=_figures(row.before, today), after=_figures(row.after, then))
        for row in compared.segments
    )
    return replace(
        compared,
        before=_totals(compared.before, today),
        after=_totals(compared.after, then),
        segments=tuple(segments),
    )


def _totals(totals: ComparisonTotals, rate: float) -> ComparisonTotals:
    return replace(
        totals,
        sales=totals.sales * rate,
        margin=totals.margin * rate,
        refund=totals.refund * rate,
        duty=None if totals.duty is None else totals.duty * rate,
    )


def _figures(figures: SegmentFigures | None, rate: float) -> SegmentFigures | None:
    if figures is None:
        return None
    return replace(figures, sales=figures.sales * rate, margin=figures.margin * rate)
