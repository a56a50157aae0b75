"""Say how a row of the plan came about: reach, weight, limit and margin, with their numbers."""

from offing.planning.allocation import Limits, weight
from offing.planning.candidates import Candidate, reach
from offing.planning.plan import PlanRow
from offing.terms.messages import say


def _usd(value: float) -> str:
    return f"{value:,.0f}"


def _share(value: float, places: int = 1) -> str:
    return f"{value * 100:.{places}f}%"


def explain_row(row: PlanRow, candidate: Candidate, limits: Limits) -> list[str]:
    """The steps of one row in the language of the context, one sentence each. Amounts in USD.

    Args:
        row: of the plan.
        candidate: the segment that it was made from.
        limits: what the plan had to respect.
    """
    within = reach(candidate, entry_share=limits.entry_share, largest_growth=limits.largest_growth)
    steps = [say("plan.step_price", price=f"{row.price_usd:,.2f}", rate=_share(row.margin_rate, 2))]
    if candidate.sales_now_usd > 0 and candidate.origin_now_usd > 0:
        steps.append(
            say(
                "plan.step_reach",
                now=_usd(candidate.sales_now_usd),
                expected=_usd(candidate.origin_expected_usd),
                origin_now=_usd(candidate.origin_now_usd),
                growth=f"{limits.largest_growth:g}",
                reach=_usd(within.expected),
            )
        )
    else:
        entry, tier = _share(limits.entry_share, 2), _share(candidate.tier_share)
        expected, within_reach = _usd(candidate.origin_expected_usd), _usd(within.expected)
        steps.append(
            say("plan.step_entry", entry=entry, tier=tier, expected=expected, reach=within_reach)
        )
    if within.low is not None and within.high is not None:
        steps.append(
            say(
                "plan.step_weight",
                low=_usd(within.low),
                high=_usd(within.high),
                caution=f"{limits.caution:g}",
                weight=f"{weight(within, limits.caution):.3f}",
            )
        )
    if row.margin_rate < limits.least_margin_rate:
        steps.append(say("plan.step_left_out", least=_share(limits.least_margin_rate)))
        return steps
    sales, limit = _usd(row.sales_usd), say(f"plan.limit_{row.limit}")
    rate, margin = _share(row.margin_rate, 2), _usd(row.margin_usd)
    return [
        *steps,
        say("plan.step_planned", sales=sales, units=f"{row.units:,.0f}", limit=limit),
        say("plan.step_margin", sales=sales, rate=rate, margin=margin),
    ]
