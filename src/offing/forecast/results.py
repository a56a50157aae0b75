"""What the market room says of a segment, of its rankings, and whether a total is shown."""

from dataclasses import dataclass
from typing import Literal

AxisName = Literal["demand", "competition", "access", "fit"]
AXES: tuple[AxisName, ...] = ("demand", "competition", "access", "fit")


@dataclass(frozen=True)
class AxisMeasure:
    """One measure behind an axis.

    Attributes:
        name: message key is ``market.part_<name>``.
        value: as measured, in ``unit``; ``None`` where the data have it not.
        unit: ``usd``, ``share``, ``growth`` (a year), ``km``, ``rate``, ``count`` or ``index``.
        rank: midrank among the candidates, 0 (worst) to 1 (best); ``None`` where missing.
    """

    name: str
    value: float | None
    unit: str
    rank: float | None


@dataclass(frozen=True)
class MarketAxis:
    """One of the four axes: the mean midrank of its parts that are known.

    ``coverage`` is the share of its parts that are known; nothing is filled in.
    """

    name: AxisName
    score: float | None
    parts: tuple[AxisMeasure, ...]
    coverage: float


@dataclass(frozen=True)
class Outlook:
    """The sales we may expect h years on.

    Attributes:
        base_usd: the origin's sales in the segment in the base year.
        base_year: that year.
        horizon: years ahead.
        expected_usd: the mean.
        low80: lower end of the 80 % interval; ``None`` where one year of data gives none.
        high80: upper end.
        method: the model's name.
        contributions: (part, USD) that add up from ``base_usd`` to ``expected_usd``.
        gain_usd: what rankings by growth go by: the exporter's sales of the product times the
            growth expected of all trade in it, divided in proportion to the rises expected; where
            that trade shrinks, the rises; by tier, the rises, at least ``expected_usd`` less
            ``base_usd``. Months of the running year add what they change.
        entry_probability: of sales where there are none; ``None`` where there are some.
        fall_probability: of less sales than in the base year; ``None`` where there are none.
        low50: lower end of the 50 % interval.
        high50: upper end.
        low95: lower end of the 95 % interval.
        high95: upper end.
    """

    base_usd: float
    base_year: int
    horizon: int
    expected_usd: float
    low80: float | None
    high80: float | None
    method: str
    contributions: tuple[tuple[str, float], ...]
    gain_usd: float
    entry_probability: float | None = None
    fall_probability: float | None = None
    low50: float | None = None
    high50: float | None = None
    low95: float | None = None
    high95: float | None = None


@dataclass(frozen=True)
class Segment:
    """One product in one market at one price tier, scored.

    ``tier`` is ``low``, ``medium``, ``high``, or ``all`` where the data have no usable unit values.
    ``score`` is what another way of ranking gives, where the list is in the order of one; USD, but
    for those whose ``offing.forecast.scores.unit`` is ``index``. ``total`` is the blue-ocean total,
    0 to 1, where it has proved itself (``offing.forecast.results``).
    """

    product: str
    market: str
    tier: str
    axes: tuple[MarketAxis, ...]
    outlook: Outlook
    coverage: float
    score: float | None = None
    total: float | None = None

    def axis(self, name: AxisName) -> MarketAxis:
        """The axis of that name."""
        return next(axis for axis in self.axes if axis.name == name)


@dataclass(frozen=True)
class Ranking:
    """Segments in order of their expected later growth (``Outlook.gain_usd``), the largest first.

    ``notes`` are message keys of cautions.
    """

    product: str
    origin: str
    year: int
    horizon: int
    dataset: str
    segments: tuple[Segment, ...]
    notes: tuple[str, ...] = ()


Weighting = Literal["dollar", "equal"]


@dataclass(frozen=True)
class Score:
    """One rival's result for one measure, with its bootstrap interval.

    Attributes:
        rival: way of ranking.
        measure: of growth ``captured_top5``, ``lead_mean_top5`` (over the three-year mean),
            ``lead_top5`` (over persistence), ``lead_size_top5``, ``lead_blind_top5`` (over the mean
            that is blind to tiers), ``net_top5`` (rises less falls, over all rises),
            ``captured_outside10_top5`` (of the growth outside today's ten largest markets);
            ``growth_rank``, ``growth_rank_partial``; of figures ``expected_ratio`` (all that was
            expected over all that came), ``coverage80``, ``coverage80_sums`` (of an exporter's
            markets together), ``crps`` and ``crps_skill`` (over persistence with the quantiles of
            its past errors); of empty pairs, ``new`` or ``returning``, ``entry_precision_new``,
            ``entry_over_density_new``, ``entry_sum_new`` (probabilities over what came),
            ``entry_said_new`` and ``entry_came_new`` by class of probability.
        weighting: every dollar equal, or every exporter and product.
        value: measured.
        low: of the 95 % interval.
        high: of it.
        part: ``all``, or the part of the data: ``tier:high``, ``income:low``, ``section:XVI``,
            ``origin:2021``, ``probability:2-5`` (in percent).
        count: of how many: exporter-products that grew (``captured``, ``lead``, ``net``), flows
            (``coverage80``, ``crps``), sums, pairs of a class of probability, or flows that came
            (``entry_precision``, ``entry_sum``); ``None`` where it counts nothing.
    """

    rival: str
    measure: str
    weighting: Weighting
    value: float
    low: float
    high: float
    part: str = "all"
    count: int | None = None


@dataclass(frozen=True)
class Backtest:
    """How the rankings would have done: no ranking saw anything later than its base year.

    Attributes:
        dataset: its name.
        horizon: years between a ranking and its outcome.
        origins: base years.
        groups: exporters of products in a base year whose sales grew somewhere.
        scores: all measures.
        notes: message keys of cautions.
        silent_pairs: share of the pairs that are left out, because neither side reported in the
            base year or at the horizon: missing, not zero.
        silent_sales: their share of sales in the base year; as zeros they would count as lost.
    """

    dataset: str
    horizon: int
    origins: tuple[int, ...]
    groups: int
    scores: tuple[Score, ...]
    notes: tuple[str, ...] = ()
    silent_pairs: float = 0.0
    silent_sales: float = 0.0


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
