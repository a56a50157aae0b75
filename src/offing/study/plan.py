"""Fifth stage: what the firm may sell where becomes a plan."""

from dataclasses import dataclass

from offing.planning import Candidate, Limits, Plan, build, read_back, solve
from offing.study.book import OwnSales
from offing.study.demand import Demand
from offing.study.file import Study
from offing.study.firm_file import ModelFacts
from offing.study.markets import Standings
from offing.study.result import StudyWarning


@dataclass(frozen=True)
class Planned:
    """A plan with what it was made from."""

    candidates: tuple[Candidate, ...]
    limits: Limits
    plan: Plan
    warnings: tuple[StudyWarning, ...] = ()


def candidates_of(
    study: Study, facts: ModelFacts, standings: Standings, demand: Demand, sales: OwnSales
) -> list[Candidate]:
    """The segments that a model could be sold in: where our price stands, and an outlook is."""
    line = study.line_of(facts).key
    return [
        Candidate(
            product=facts.key,
            market=market,
            tier=standing.tier,
            price_usd=float(standing.cost.fob_usd),
            margin_rate=float(standing.cost.margin_rate),
            sales_now_usd=sales.now[market],
            tier_share=standing.tier_share,
            origin_now_usd=outlook.base_usd,
            origin_expected_usd=outlook.expected_usd,
            origin_low_usd=outlook.low80,
            origin_high_usd=outlook.high80,
            line=line,
            hours=float(facts.hours),
        )
        for market, standing in standings.by_market.items()
        if (outlook := demand.outlook.get(market)) is not None
    ]


def planned(study: Study, candidates: list[Candidate]) -> Planned:
    """Allocate the capacity within the study's limits.

    Raises:
        InputError: see :func:`~offing.planning.build`.
    """
    count = len({candidate.market for candidate in candidates}) or 1
    asked, limits = study.limits, _limits(study, count)
    warnings: list[StudyWarning] = []
    if asked.largest_market_share * count < 1:
        values = {
            "count": str(count),
            "cap": f"{asked.largest_market_share:.0%}",
            "taken": f"{1 / count:.0%}",
        }
        warnings.append(("study.warn_few_markets", values))
    model = build(candidates, limits)
    return Planned(tuple(candidates), limits, read_back(model, solve(model)), tuple(warnings))


def _limits(study: Study, markets: int) -> Limits:
    """The study's, with a cap on one market that so few markets can meet."""
    asked = study.limits
    return Limits(
        capacity={line.key: float(line.hours) for line in map(study.line_of, study.model)},
        largest_market_share=max(float(asked.largest_market_share), 1 / markets),
        least_margin_rate=float(asked.least_margin_rate),
        largest_growth=float(asked.largest_growth),
        entry_share=float(asked.entry_share),
        caution=float(asked.caution),
        whole=frozenset(facts.key for facts in study.model if facts.unit == "item"),
    )
