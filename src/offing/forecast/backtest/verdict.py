"""May the blue-ocean total be shown? Only where it proved better than what costs nothing."""

from dataclasses import dataclass
from typing import Literal

from offing.forecast.results import Backtest

TOTAL = "blue_ocean"
TOP = 10
Reason = Literal["ahead", "not_ahead", "not_tested"]


@dataclass(frozen=True)
class Verdict:
    """Whether the total is shown, and why.

    Attributes:
        shown: it beats all three, with 95 % certainty each.
        reason: message key is ``market.total_<reason>``.
        top: so many first markets were looked at.
        captured: share of later growth, by dollar, on the first markets by the total.
        three_year_mean: by the mean of three years.
        persistence: by today's exports.
        size: by market size.
    """

    shown: bool
    reason: Reason
    top: int = TOP
    captured: float | None = None
    three_year_mean: float | None = None
    persistence: float | None = None
    size: float | None = None


def verdict(run: Backtest, top: int = TOP) -> Verdict:
    """The rule: its leads over the three-year mean, today's exports and size lie above zero."""
    score = {
        (s.rival, s.measure): s for s in run.scores if s.part == "all" and s.weighting == "dollar"
    }
    bars = ("three_year_mean", "persistence", "size")
    captured = [score.get((rival, f"captured_top{top}")) for rival in (TOTAL, *bars)]
    leads = [score.get((TOTAL, f"{lead}_top{top}")) for lead in ("lead_mean", "lead", "lead_size")]
    if None in captured or None in leads:
        return Verdict(False, "not_tested", top)
    ahead = all(lead is not None and lead.low > 0 for lead in leads)
    values = [None if share is None else share.value for share in captured]
    return Verdict(ahead, "ahead" if ahead else "not_ahead", top, *values)
