"""What could turn a decision, told beside it; all other cautions stand further down."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from offing.planning.plan import Plan
from offing.report import words
from offing.report.blocks import Block, Callout, Folded
from offing.report.decision import Decision
from offing.terms.caution import Caution, ranks
from offing.terms.messages import say

MOST = 3
"""Cautions beside the conclusion."""
WEIGHTY = 0.02
"""Sales that the plan does not know count from this part of all that the firm sells or plans."""
OF_SALES = ("study.warn_no_model", "study.warn_other_unit", "study.warn_other_markets")


@dataclass(frozen=True)
class Doubts:
    """Cautions of a plan in two piles.

    Attributes:
        turning: in words, those that stand beside the conclusion.
        others: in words, all else, in the order in which they were given.
    """

    turning: tuple[str, ...]
    others: tuple[str, ...]

    @classmethod
    def of(cls, plan: Plan, decision: Decision, warnings: Iterable[Caution]) -> "Doubts":
        """Those of a plan.

        Args:
            plan: whose markets and sales say what weighs.
            decision: that made it; its asked prices and what it assumes come first.
            warnings: of the study.
        """
        cautions = list(warnings)
        ranked = sorted(
            _weighty(plan, [*decision.figures.assumed, *cautions]),
            key=lambda caution: ranks()[caution.key],
        )
        asks = [decision.asks()] if decision.figures.asked else []
        rate = decision.figures.cny_per_usd
        turning = [*asks, *(words.caution_text(one, rate) for one in ranked)][:MOST]
        others = (words.caution_text(one, rate) for one in cautions)
        return cls(tuple(turning), tuple(t for t in dict.fromkeys(others) if t not in turning))

    def beside(self) -> list[Block]:
        """Those of the first screen."""
        return [Callout(text) for text in self.turning]

    def further(self) -> list[Block]:
        """The others, folded where they can be."""
        if not self.others:
            return []
        text = say("report.further_cautions", count=len(self.others))
        return [Folded(text, tuple(map(Callout, self.others)))]


def _weighty(plan: Plan, cautions: Sequence[Caution]) -> Iterator[Caution]:
    """Those that can turn a decision and touch this plan."""
    least = WEIGHTY * max(plan.sales_usd, plan.sales_now_usd)
    planned = {row.market for row in plan.rows if row.sales_usd > 0}
    for caution in cautions:
        if caution.severity != "turning":
            continue
        if caution.key in OF_SALES and caution["usd"] < least:
            continue
        remedy = caution.key.startswith("landed.warn_remedy")
        if not remedy or not planned.isdisjoint(caution["destination"]):
            yield caution
