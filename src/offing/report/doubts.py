"""What could turn a decision, told beside it; all other cautions stand further down."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from offing.planning.plan import Plan
from offing.report import words
from offing.report.blocks import Block, Caution, Folded
from offing.report.decision import Decision
from offing.terms.messages import say

MOST = 3
"""Cautions beside the conclusion."""
WEIGHTY = 0.02
"""Sales that the plan does not know count from this part of all that the firm sells or plans."""
OF_SALES = ("study.warn_no_model", "study.warn_other_unit", "study.warn_other_markets")
LEFT_OUT = tuple(
    f"study.warn_left_out_{why}{sold}" for why in ("loaded", "markets") for sold in ("_sold", "")
)
"""Models that the plan goes on without."""
TURNING = (
    *LEFT_OUT,
    "study.warn_beyond_capacity",
    "study.warn_lot_above_line",
    "study.warn_cost_share",
    "study.warn_other_plant",
    "planning.assumed_old_ledger",
    "study.warn_loss_not_borne",
    "study.warn_entries_barred",
    "study.warn_loss_unknown",
    "study.warn_held_sold",
    "study.warn_held_bought",
    "study.warn_no_model",
    "study.warn_without_rate",
    "study.warn_missing",
    "landed.warn_remedy",
    "landed.warn_remedy_quota",
    "study.warn_below_lot",
    "study.warn_at_cap",
    "study.warn_at_cap_own",
    "study.warn_cap_held",
    "study.warn_other_unit",
    "study.warn_other_markets",
    "planning.assumed_one_year",
    "study.warn_keep_unsold",
    "study.warn_few_markets",
    "study.warn_no_imports",
    "study.warn_figure",
)
"""Cautions that could turn the decision, what weighs most first."""

Said = tuple[str, Mapping[str, str]]


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
    def of(cls, plan: Plan, decision: Decision, warnings: Iterable[Said]) -> "Doubts":
        """Those of a plan.

        Args:
            plan: whose markets and sales say what weighs.
            decision: that made it; its asked prices and what it assumes come first.
            warnings: of the study.
        """
        cautions = list(warnings)
        ranked = sorted(
            _weighty(plan, [*decision.figures.assumed, *cautions]),
            key=lambda caution: TURNING.index(caution[0]),
        )
        asks = [decision.asks()] if decision.figures.asked else []
        rate = decision.figures.cny_per_usd
        turning = [*asks, *(words.warning(*told, rate) for told in ranked)][:MOST]
        others = (words.warning(*told, rate) for told in cautions)
        return cls(tuple(turning), tuple(t for t in dict.fromkeys(others) if t not in turning))

    def beside(self) -> list[Block]:
        """Those of the first screen."""
        return [Caution(text) for text in self.turning]

    def further(self) -> list[Block]:
        """The others, folded where they can be."""
        if not self.others:
            return []
        text = say("report.further_cautions", count=len(self.others))
        return [Folded(text, tuple(map(Caution, self.others)))]


def _weighty(plan: Plan, cautions: Sequence[Said]) -> Iterator[Said]:
    """Those of :data:`TURNING` that touch this plan."""
    least = WEIGHTY * max(plan.sales_usd, plan.sales_now_usd)
    planned = {row.market for row in plan.rows if row.sales_usd > 0}
    for key, values in cautions:
        if key not in TURNING or (key in OF_SALES and float(values["usd"]) < least):
            continue
        remedy = key.startswith("landed.warn_remedy")
        if not remedy or planned & set(values["destination"].split(", ")):
            yield key, values
