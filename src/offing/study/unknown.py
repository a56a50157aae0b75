"""What a study cannot know: markets whose landed cost is missing, and effects that rest on one.

What a plan expects at the firm's own price does not rest on a duty: its record there was made under
the duty that buyers pay, and margins are at FOB. Another plant's duty beside it does, and so does
whatever a reform or a shock does to that duty. What a currency does to an invoice, and a refund to
a margin, is known at FOB; what a currency does to the landed price, by a reform's own elasticity,
rests on the duty again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import fsum

from offing.planning.plan import Plan, PlanRow
from offing.rules.reform import Reform
from offing.study.analysis import ProductAnalysis, is_short
from offing.study.competitor_tariffs import may_touch
from offing.study.costs import MarketCost, importer_of
from offing.study.delivery import SAME_UNION, from_other_plants
from offing.study.inputs import StudyInputs
from offing.study.markets import Standings
from offing.terms.caution import Caution, Dollars, Likelihood, Phrase, countries
from offing.terms.errors import MissingDataError
from offing.terms.money import Missing, dollars, known_share, stake_of

Segment = tuple[str, str]
"""A model and a market."""
ABOUT = ("study.about_plan", "study.about_change", "study.about_stress")
"""What is missing: of the plan itself, of a reform or what else is tried, of the study's shocks."""


def _sales(row: PlanRow) -> float:
    """What the firm is to sell, else what it sells today, USD a year."""
    return row.sales_usd or row.sales_now_usd


def sales_of_plan(plan: Plan) -> float:
    """All that can be at stake in a plan, USD a year."""
    return fsum(map(_sales, plan.rows))


def missing_by_segment(plan: Plan, reasons: Mapping[Segment, str]) -> dict[Segment, Missing]:
    """Each segment with its reason and what the plan sells there."""
    sales = {(row.product, row.market): _sales(row) for row in plan.rows}
    return {
        (product, market): Missing(
            reason,
            dollars(sales.get((product, market), 0.0)),
            {"product": product, "market": market},
        )
        for (product, market), reason in reasons.items()
    }


def _lacks(*costs: MarketCost) -> str | None:
    """Why one of several shipments has no landed cost; ``None`` where all have theirs."""
    lacking = (c.missing or "" for c in costs if c.quote is None and c.missing != SAME_UNION)
    return next(lacking, None)


def segments_without_cost(
    plan: Plan, articles: Iterable[ProductAnalysis]
) -> dict[Segment, Missing]:
    """Segments of a plan whose landed cost is not known."""
    sold = {(row.product, row.market) for row in plan.rows}
    reasons = {
        (article.key, market): "study.four_digits" if is_short(article) else reason
        for article in articles
        for market, standing in article.standings.items()
        if (article.key, market) in sold and (reason := _lacks(standing.cost)) is not None
    }
    return missing_by_segment(plan, reasons)


def not_computed(
    worlds: tuple[StudyInputs, StudyInputs],
    products: Sequence[ProductAnalysis],
    after: Sequence[Standings],
    reform: Reform,
    changed_freight: Callable[[str], bool],
    plan: Plan,
) -> dict[Segment, str]:
    """Segments that a change touches, and where its effect rests on what is not known; and why.

    Args:
        worlds: under today's rules and under the change.
        products: under today's rules.
        after: standings of each under the change.
        reform: of the rules.
        changed_freight: whether the main carriage to a market costs another sum.
        plan: for the plants that it delivers from.
    """
    plants = {(row.product, row.market): row.plant for row in plan.rows}
    reasons: dict[Segment, str] = {}
    for studied, standings in zip(products, after, strict=True):
        facts = studied.imports.facts
        for market, now in standings.items():
            segment = facts.key, market
            sides = [studied.standings[market].cost, now.cost]
            if changed_freight(market) and worlds[0].km.get(market) is None:
                reasons[segment] = "study.no_distance"
            if not _touches(reform, worlds[0], facts.code, market):
                continue
            if plants.get(segment, "") not in ("", worlds[0].study.plant_of(facts).key):
                sides = [from_other_plants(w, facts, market)[plants[segment]] for w in worlds]
            if (reason := _lacks(*sides)) is not None:
                reasons[segment] = reason
    return reasons


def _touches(reform: Reform, world: StudyInputs, code: str, market: str) -> bool:
    """Whether a reform moves what goods cost when they have landed, or what rivals' do."""
    book = world.laws.rulebook
    if may_touch([reform], importer_of(book, market), code):
        return True
    moved = {each.currency for each in reform.exchange} if reform.elasticity else set()
    try:
        return not moved.isdisjoint({"USD", book.regime(market).currency})
    except MissingDataError:
        return bool(moved)


def caution(about: str, missing: Iterable[Missing], plan: Plan) -> Iterator[Caution]:
    """What is missing, by its reason: where, why, what is at stake, and for what the answer holds.

    Args:
        about: one of :data:`ABOUT`.
        missing: effects without a number; those on which nothing hangs are not told.
        plan: of whose sales they are a part.
    """
    weighty = sorted((m for m in missing if m.at_stake.amount), key=lambda m: -m.at_stake.amount)
    share = known_share(weighty, sales_of_plan(plan))
    for reason in dict.fromkeys(each.reason for each in weighty):
        same = [each for each in weighty if each.reason == reason]
        yield Caution(
            "study.warn_missing",
            {
                "about": Phrase(about),
                "unknown": Phrase(reason),
                "markets": countries(dict.fromkeys(each.values["market"] for each in same)),
                "usd": Dollars(round(stake_of(same), 2)),
                "holds": Likelihood(round(share or 0.0, 6)),
            },
        )
