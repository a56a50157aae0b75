"""What a plan earns in another world, when it is kept as it is."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

from offing.forecast.results import Outlook
from offing.landed.shipment import Quote
from offing.planning.offers import Offer, Offers
from offing.planning.plan import PlanRow
from offing.policy.comparison import Comparison, Segment, SegmentFigures, Uses, compare
from offing.policy.effects import PlantDraws, SegmentDraws, TradeEffects, plan_effects
from offing.policy.overlay import Rules, under
from offing.rules.reform import Reform
from offing.rules.rule_use import RuleUse
from offing.study.analysis import Demand, ProductAnalysis
from offing.study.costs import MarketCost, cost_in_market, refund_rate_of
from offing.study.delivery import from_other_plants
from offing.study.demand_response import (
    USUAL,
    AssumedResponse,
    DemandResponse,
    effects_on_segments,
    foreign_plants,
    over_home,
    scale_demand,
    scale_figure,
)
from offing.study.file import Study
from offing.study.inputs import StudyInputs
from offing.study.markets import Imports, Standing, Standings, standings_of
from offing.study.plan import StudyPlan, apply_level, build_choice_set, plan_products
from offing.study.result import StudyResult
from offing.study.run import plan_study, run_study, study_result
from offing.study.schema import ModelFacts
from offing.study.settlement import settle_plan
from offing.study.unknown import ABOUT, caution, missing_by_segment, not_computed, share_known
from offing.terms.background import stretch
from offing.terms.money import Missing, stake_of

Floats = NDArray[np.float64]


def offers_in(world: StudyInputs, articles: Sequence[ProductAnalysis]) -> Offers:
    """The offers of a study under other rules or another demand, without a plan of them."""
    return build_choice_set(world, articles).offers


def profit_of_fixed_plan(
    plan: StudyPlan, offers: Offers | None = None, without: Container[tuple[str, str]] = ()
) -> Floats:
    """Margin of the last year, CNY, in every scenario, at the level of the plan's record.

    Each model goes on in its market, from its plant, in its currency, at the nearest price; where
    it is not on offer any more it earns nothing. It sells what the market takes under the change,
    and no more than in the same scenario without it; its market is paid for as without it.

    Args:
        plan: that is kept.
        offers: of the other world; the plan's own where ``None``.
        without: segments that are in no sum, for what they earn there is not known.
    """
    programme, decision = plan.solved.programme, plan.solved.solution.decision
    own, share = programme.offers, decision.share[-1] * plan.decided.factor
    offers = own if offers is None else offers
    total = np.zeros(offers.units.shape[0])
    for variable, left in zip(programme.further, decision.further, strict=True):
        if variable.by_year is not None:
            total += left * variable.by_year[:, -1] / own.discount[-1]
    for offer in np.flatnonzero(share > 0):
        there = _same(own.rows[offer], offers)
        if there is None or (own.rows[offer].model, own.rows[offer].market) in without:
            continue
        row = offers.rows[there]
        alive = own.units[:, -1, offer] > 0
        profit = offers.profit_cny[:, -1, there].astype(np.float64)
        planned, sold = own.units[:, -1, offer], offers.units[:, -1, there]
        # what the market would take beyond the plan was not planned to be made
        fraction = np.divide(planned, sold, out=np.ones(len(sold)), where=sold > planned)
        total += share[offer] * fraction * profit - row.keep_cny * alive
    return total


def _same(offer: Offer, offers: Offers) -> int | None:
    """The place of the offer that goes on with it."""
    alike = [
        index
        for index, row in enumerate(offers.rows)
        if (row.model, row.market, row.plant, row.line, row.currency)
        == (offer.model, offer.market, offer.plant, offer.line, offer.currency)
    ]
    return min(
        alike, key=lambda index: abs(offers.rows[index].price_usd - offer.price_usd), default=None
    )


Array = npt.NDArray[np.float64]


def _duty(quote: Quote) -> float:
    return float(
        sum(line.per_unit for line in quote.lines if line.stage == "duty" and not line.subtotal)
    )


def _figures(made: StudyPlan) -> Iterator[tuple[Segment, SegmentFigures]]:
    facts = {studied.imports.facts.key: studied.imports.facts for studied in made.products}
    for row in made.plan.rows:
        # what a unit is sold for, which may be another price than that of the study
        fob = row.sales_usd / row.units if row.units else row.price_usd
        cost = _cost_at(fob, made.world, facts[row.product], row)
        quote = cost.quote
        yield (
            (row.product, row.market),
            SegmentFigures(
                fob=fob,
                landed=None if quote is None else float(quote.landed / quote.quantity),
                duty=None if quote is None else _duty(quote),
                refund=float(cost.refund_usd),
                refund_why=cost.refund_why,
                margin_rate=row.margin_rate,
                sales=row.sales_usd,
                margin=row.margin_usd,
                units=row.units,
            ),
        )


def _cost_at(fob: float, world: StudyInputs, facts: ModelFacts, row: PlanRow) -> MarketCost:
    price = {row.market: Decimal(repr(fob))}
    at_price = facts.model_copy(update={"market_prices_usd": price, "price_term": "FOB"})
    if row.plant not in ("", world.study.plant_of(facts).key):
        # goods of that plant's country: its duty, no refund
        return from_other_plants(world, at_price, row.market)[row.plant]
    rate, _ = refund_rate_of(facts, world.study.on, rates=world.laws.refund_rates)
    km = world.km.get(row.market)
    return cost_in_market(world.study, at_price, row.market, km, rate, world.costing)


SETTLING: Segment = ("", "")
"""The rules of the settlement rest on no market."""


def _settling(made: StudyPlan) -> float | None:
    settled = settle_plan(made)
    return None if settled is None else settled.cost_rate


def _uses(result: StudyResult) -> dict[Segment, tuple[RuleUse, ...]]:
    settling = {SETTLING: result.settlement.rules} if result.settlement else {}
    return settling | {
        (product.product, market.market): (
            *(market.quote.rules if market.quote else ()),
            *((market.refund_rule,) if market.refund_rule else ()),
        )
        for product in result.products
        for market in product.markets
    }


def _add_own_refunds(made: StudyPlan, uses: Uses, then: Uses) -> Uses:
    """Today's rules with the study's own refund rates, where a rule takes their place."""
    facts = {one.imports.facts.key: one.imports.facts for one in made.products}
    yours = partial(replace, since=None, until=None, source="study.toml", status="user")
    held = dict(uses)
    for at, rules in then.items():
        own, today = facts[at[0]].refund_rate if at[0] in facts else None, uses.get(at, ())
        for use in rules if own is not None else ():
            if use.id.startswith("chn.refund.") and use.id not in {one.id for one in today}:
                held[at] = (*today, yours(use, value=f"{own:f}"))
    return held


def _move_demand(before: ProductAnalysis, after: Standings, laws: Rules, reform: Reform) -> Demand:
    """The demand, scaled by what the landed cost of each market does to sales."""
    outlooks, factors = dict(before.demand.outlook), dict(before.demand.factors)
    for market, outlook in outlooks.items():
        was, now = (side[market].cost.quote for side in (before.standings, after))
        if was is None or now is None:
            continue
        currency = laws.rulebook.regime(market).currency
        factor = _dearer(was, now, currency) ** -float(reform.elasticity or 0)
        outlooks[market] = _scale_outlook(outlook, factor)
        factors[market] = factor
    return replace(before.demand, outlook=outlooks, factors=factors)


def _dearer(was: Quote, now: Quote, currency: str) -> float:
    """Landed cost after ÷ before, in the market's own currency."""
    ratio = float(now.landed / was.landed)
    units = [{code: float(rate) for code, rate, _ in quote.fx} for quote in (was, now)]
    if all(currency in rates for rates in units):
        ratio *= units[1][currency] / units[0][currency]
    return ratio


def _scale_outlook(outlook: Outlook, factor: float) -> Outlook:
    low, high = (scale_figure(end, factor) for end in (outlook.low80, outlook.high80))
    return replace(outlook, expected_usd=outlook.expected_usd * factor, low80=low, high80=high)


EVERY_MARKET = ""
"""Stands for all markets that are not named."""


@dataclass(frozen=True)
class ShippingTerms:
    """What changes for the firm's own shipments.

    Attributes:
        freight: market → factor on the main carriage.
        price: market → factor on the firm's price.
    """

    freight: Mapping[str, float] = field(default_factory=dict)
    price: Mapping[str, float] = field(default_factory=dict)

    def of(self, market: str) -> tuple[float, float]:
        """The factors of freight and price in a market."""
        return (
            self.freight.get(market, self.freight.get(EVERY_MARKET, 1.0)),
            self.price.get(market, self.price.get(EVERY_MARKET, 1.0)),
        )

    def changes_freight(self, market: str) -> bool:
        """Whether the main carriage to a market costs another sum."""
        return self.of(market)[0] != 1.0


NO_TERMS = ShippingTerms()


def market_costs_under(world: StudyInputs, imports: Imports, terms: ShippingTerms) -> Standings:
    """Where a product stands under the world's rules and the terms."""
    groups: dict[tuple[float, float], list[str]] = {}
    for market in imports.ladders:
        groups.setdefault(terms.of(market), []).append(market)
    by_market: dict[str, Standing] = {}
    for (freight, price), markets in groups.items():
        same = replace(imports, ladders={m: imports.ladders[m] for m in markets})
        there = replace(world, study=_scale_freight(world.study, freight))
        by_market.update(standings_of(there, _scale_price(same, price)))
    return {market: by_market[market] for market in imports.ladders}


def _scale_freight(study: Study, factor: float) -> Study:
    if factor == 1.0:
        return study
    by = Decimal(str(factor))
    shipping = study.shipping.model_copy(
        update={
            name: getattr(study.shipping, name) * by
            for name in ("freight_usd_per_m3_1000km", "freight_usd_per_m3_fixed")
        }
    )
    return study.model_copy(update={"shipping": shipping})


def _scale_price(imports: Imports, factor: float) -> Imports:
    if factor == 1.0:
        return imports
    facts, by = imports.facts, Decimal(str(factor))
    prices = {m: facts.market_prices_usd.get(m, facts.price_usd) * by for m in imports.ladders}
    return replace(imports, facts=facts.model_copy(update={"market_prices_usd": prices}))


Work = Callable[[StudyPlan, Rules, Sequence[Standings]], DemandResponse | None]


@dataclass(frozen=True)
class Scenario:
    """What is laid over a study.

    Attributes:
        reform: rules, rates and exchange rates.
        terms: of the firm's own shipments.
        work: gives what moves demand, from the run under today's rules, the laws and the
            standings under the reform; ``None`` leaves demand as it is.
    """

    reform: Reform
    terms: ShippingTerms = NO_TERMS
    work: Work | None = None


def reform_scenario(reform: Reform, assumed: AssumedResponse | None = USUAL) -> Scenario:
    """A reform whose duties move demand by SMART, unless it has an elasticity of its own.

    Args:
        reform: laid over the rules.
        assumed: of SMART; ``None`` leaves demand as it is.
    """
    if assumed is None or reform.elasticity is not None:
        return Scenario(reform)
    assumptions = assumed
    return Scenario(
        reform, work=lambda before, laws, _: effects_on_segments(before, laws, reform, assumptions)
    )


@dataclass(frozen=True)
class ScenarioInputs:
    """A study's products under a scenario, before a plan is made.

    Attributes:
        world: under the scenario's rules.
        products: with its costs, its outlooks and what it does to goods of plants abroad.
        worked: what moves demand; ``None`` where nothing does.
        missing: segments that it touches in a way that is not known.
    """

    world: StudyInputs
    products: tuple[ProductAnalysis, ...]
    worked: DemandResponse | None
    missing: Mapping[Segment, Missing]


def apply_scenario(before: StudyPlan, scenario: Scenario) -> ScenarioInputs:
    """The products of a study under a scenario: costs and outlooks; trade as it was.

    Args:
        before: the run under today's rules.
        scenario: laid over it.
    """
    laws = under(before.world.laws, scenario.reform)
    world = before.world.under(laws)
    after = [
        market_costs_under(world, studied.imports, scenario.terms) for studied in before.products
    ]
    worked = None if scenario.work is None else scenario.work(before, laws, after)
    moved: SegmentDraws = {} if worked is None else worked.draws
    products = []
    for studied, standings in zip(before.products, after, strict=True):
        demand, draws = studied.demand, moved
        plants: PlantDraws = {} if worked is None else worked.elsewhere
        if scenario.reform.elasticity:
            demand = _move_demand(studied, standings, laws, scenario.reform)
            key = studied.imports.facts.key
            draws = {(key, m): np.array([factor]) for m, factor in demand.factors.items()}
            plants = _plants_dearer(before.world, world, studied, scenario.reform)
        elsewhere = over_home(before, studied, draws, plants)
        products.append(scale_demand(studied.under(world, standings, demand), moved, elsewhere))
    plan, worlds = before.plan, (before.world, world)
    lacking = not_computed(
        worlds, before.products, after, scenario.reform, scenario.terms.changes_freight, plan
    )
    missing = missing_by_segment(plan, {**lacking, **(worked.unknown if worked else {})})
    if worked is not None:
        worked = replace(worked, effects=worked.effects.without(missing))
    return ScenarioInputs(world, tuple(products), worked, missing)


def _plants_dearer(
    was: StudyInputs, now: StudyInputs, studied: ProductAnalysis, reform: Reform
) -> PlantDraws:
    """The same as :func:`_moved` for goods of plants abroad, by their own landed costs."""
    facts, laws = studied.imports.facts, now.laws
    factors: dict[tuple[str, str, str], Array] = {}
    for market in studied.standings if foreign_plants(was, facts) else ():
        sides = [from_other_plants(world, facts, market) for world in (was, now)]
        for plant in foreign_plants(was, facts):
            before, other = (side[plant.key].quote for side in sides)
            if before is not None and other is not None:
                ratio = _dearer(before, other, laws.rulebook.regime(market).currency)
                factor = np.array([ratio ** -float(reform.elasticity or 0)])
                factors[facts.key, market, plant.country] = factor
    return factors


def reoptimise(before: StudyPlan, scenario: Scenario) -> TradeEffects | None:
    """What a scenario does to the plan kept and to one recomputed, without the rest of a result."""
    after = apply_scenario(before, scenario)
    anew = apply_level(plan_products(after.world, after.products), before.decided.level)
    return _effects(before, anew, after)


def _effects(before: StudyPlan, anew: StudyPlan, after: ScenarioInputs) -> TradeEffects | None:
    """The effects with a year's margin of the plan kept, and of the one recomputed.

    A firm counts in yuan: they are dollars at today's rate in both worlds. What is missing is in
    none of the sums, and where it is all that the change touches there is no sum.
    """
    if after.worked is None:
        return None
    was, rate, gone = _settling(before), _settling(anew), after.missing
    effects = replace(
        after.worked.effects, settling=None if was is None or rate is None else (was, rate)
    )
    dollar = before.choices.dollar
    kept = profit_of_fixed_plan(before, without=gone) / dollar
    old, new = (
        profit_of_fixed_plan(before, anew.choices.offers, gone) / dollar,
        profit_of_fixed_plan(anew, without=gone) / dollar,
    )
    if stake_of(gone.values()) and np.allclose(old, kept):
        return effects
    return replace(effects, plan=plan_effects(kept, old, new))


def compare_scenario(before: StudyPlan, result: StudyResult, scenario: Scenario) -> Comparison:
    """A study under today's rules and under a scenario, side by side."""
    after = apply_scenario(before, scenario)
    anew = apply_level(plan_study(after.world, after.products), before.decided.level)
    found = study_result(anew)
    old, new = (dict(_figures(side)) for side in (before, anew))
    rules, settling = _uses(found), (_settling(before), _settling(anew))
    held = _add_own_refunds(before, _uses(result), rules)
    comparison = compare(scenario.reform, old, new, held, rules, settling, after.missing)
    return replace(
        comparison,
        effects=_effects(before, anew, after),
        dollar=(before.choices.dollar, anew.choices.dollar),
        known_share=share_known(before.plan, after.missing.values()),
    )


def what_if(
    world: StudyInputs,
    scenario: Scenario,
    more: Callable[[StudyPlan, Comparison], Comparison] | None = None,
) -> tuple[StudyPlan, StudyResult]:
    """A study under today's rules, with what a scenario would change in the result's ``what_if``.

    Args:
        world: the study and what it rests on.
        scenario: laid over it in the second run.
        more: adds to the comparison what needs the first run.

    Raises:
        InputError, MissingDataError, RuleError: see :func:`~offing.study.run.run_study` and
            :func:`~offing.policy.overlay.under`.
    """
    under(world.laws, scenario.reform)  # what it cannot lay over the rules is said before the work
    with stretch(0.0, 0.8):
        before, result = run_study(world)
    with stretch(0.8, 1.0):
        comparison = compare_scenario(before, result, scenario)
        if more is not None:
            comparison = more(before, comparison)
    said = caution(ABOUT[1], comparison.missing, before.plan)
    return before, replace(result, what_if=comparison, warnings=(*result.warnings, *said))
