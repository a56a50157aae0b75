"""Run a study under today's rules and again under a reform, and set the two side by side.

The reform changes rules, rates and exchange rates; it may move demand too, in one of three ways: by
draws of a counterfactual (:mod:`offing.study.effects`), by the reform's own elasticity, or not at
all. With an own elasticity the outlook of a market is multiplied by
``(landed cost after / before) ^ −elasticity``, both in the market's own currency: the response of
one exporter's sales, all others' prices as they are.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from offing.forecast.results import Outlook
from offing.landed.costed import Quote
from offing.policy.comparison import Comparison, Segment, SegmentFigures, compare
from offing.policy.effects import PlantDraws, SegmentDraws, TradeEffects, plan_effects
from offing.policy.overlay import Rules, under
from offing.rules.reform import Reform, reform_of
from offing.rules.rule_use import RuleUse
from offing.study.book import sales_of
from offing.study.demand import Demand
from offing.study.effects import (
    USUAL,
    Assumed,
    Worked,
    abroad,
    effects_on_segments,
    moved,
    over_home,
    scaled,
)
from offing.study.firm_file import ModelFacts
from offing.study.kept import earned
from offing.study.markets import Standings
from offing.study.plan import Planned, planned
from offing.study.plant_costs import from_other_plants
from offing.study.result import StudyResult
from offing.study.run import Outcome, finish, run_study
from offing.study.settlement import settle_plan
from offing.study.shelf import Elsewhere
from offing.study.shocked import NO_TERMS, Terms, standings_under
from offing.study.solved import dollar_of
from offing.study.studied import Studied
from offing.study.unknown import ABOUT, at_stake, caution, not_computed, sales_of_plan
from offing.study.world import World
from offing.terms.errors import Where
from offing.terms.missing import Missing, known_share, stake_of
from offing.terms.progress import stretch

Array = npt.NDArray[np.float64]


def own_reform(world: World) -> Reform | None:
    """The reform that a study brings itself, in its ``[reform]``."""
    own = world.study.reform
    return None if own is None else reform_of(own, own, Where(world.file))


def _duty(quote: Quote) -> float:
    return float(
        sum(line.per_unit for line in quote.lines if line.stage == "duty" and not line.subtotal)
    )


def _fob(quote: Quote) -> float:
    """FOB price of a unit in the quote, which is at the price of the study."""
    return float(next(x.per_unit for x in quote.lines if x.subtotal and x.stage == "FOB"))


def _figures(outcome: Outcome) -> Iterator[tuple[Segment, SegmentFigures]]:
    result, study = outcome.result, outcome.world.study
    quoted = {(p.product, m.market): m for p in result.products for m in p.markets}
    facts = {studied.imports.facts.key: studied.imports.facts for studied in outcome.products}
    for row in result.plan.rows:
        market, model = quoted[row.product, row.market], facts[row.product]
        quote, refund = market.quote, market.refund_usd
        home = study.plant_of(model).key
        if row.plant not in ("", home):  # goods of that plant's country: its duty, no refund
            quote, refund = _from_plant(outcome.world, model, row.market, row.plant), 0.0
        yield (
            (row.product, row.market),
            SegmentFigures(
                fob=row.price_usd if quote is None else _fob(quote),
                landed=None if quote is None else float(quote.landed / quote.quantity),
                duty=None if quote is None else _duty(quote),
                refund=refund,
                margin_rate=row.margin_rate,
                sales=row.sales_usd,
                margin=row.margin_usd,
                units=row.units,
            ),
        )


def _from_plant(world: World, facts: ModelFacts, market: str, plant: str) -> Quote | None:
    return from_other_plants(world, facts, market)[plant].quote


SETTLING: Segment = ("", "")
"""The rules of the settlement rest on no market."""


def _settling(result: StudyResult) -> float | None:
    return None if result.settlement is None else result.settlement.cost_rate


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


def _moved(before: Studied, after: Standings, laws: Rules, reform: Reform) -> Demand:
    """The demand, scaled by what the landed cost of each market does to sales."""
    outlooks, factors = dict(before.demand.outlook), dict(before.demand.factors)
    for market, outlook in outlooks.items():
        was, now = (side.by_market[market].cost.quote for side in (before.standings, after))
        if was is None or now is None:
            continue
        currency = laws.rulebook.regime(market).currency
        factor = _dearer(was, now, currency) ** -float(reform.elasticity or 0)
        outlooks[market] = _scaled(outlook, factor)
        factors[market] = factor
    return replace(before.demand, outlook=outlooks, factors=factors)


def _dearer(was: Quote, now: Quote, currency: str) -> float:
    """Landed cost after ÷ before, in the market's own currency."""
    ratio = float(now.landed / was.landed)
    units = [{code: float(rate) for code, rate, _ in quote.fx} for quote in (was, now)]
    if all(currency in rates for rates in units):
        ratio *= units[1][currency] / units[0][currency]
    return ratio


def _scaled(outlook: Outlook, factor: float) -> Outlook:
    return replace(
        outlook,
        expected_usd=outlook.expected_usd * factor,
        low80=scaled(outlook.low80, factor),
        high80=scaled(outlook.high80, factor),
    )


Work = Callable[[Outcome, Rules, Sequence[Standings]], Worked | None]


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
    terms: Terms = NO_TERMS
    work: Work | None = None


def tried(reform: Reform, assumed: Assumed | None = USUAL) -> Scenario:
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
class Shaken:
    """A study's products under a scenario, before a plan is made.

    Attributes:
        world: under the scenario's rules.
        products: with the costs of the scenario and the outlooks before its draws.
        worked: what moves demand; ``None`` where nothing does.
        elsewhere: of every product, its goods of plants abroad.
        missing: segments that it touches in a way that is not known.
    """

    world: World
    products: tuple[Studied, ...]
    worked: Worked | None
    elsewhere: tuple[Elsewhere, ...]
    missing: Mapping[Segment, Missing]

    @property
    def moved(self) -> list[Studied]:
        """The products with outlooks under the draws, and their goods of plants abroad."""
        draws = {} if self.worked is None else self.worked.draws
        return [
            moved(studied, draws, plants)
            for studied, plants in zip(self.products, self.elsewhere, strict=True)
        ]


def shaken(before: Outcome, scenario: Scenario) -> Shaken:
    """The products of a study under a scenario: costs and outlooks; trade as it was.

    Args:
        before: the run under today's rules.
        scenario: laid over it.
    """
    laws = under(before.world.laws, scenario.reform)
    world = before.world.under(laws)
    after = [standings_under(world, studied.imports, scenario.terms) for studied in before.products]
    worked = None if scenario.work is None else scenario.work(before, laws, after)
    products, elsewhere = [], []
    for studied, standings in zip(before.products, after, strict=True):
        demand = studied.demand
        draws: SegmentDraws = {} if worked is None else worked.draws
        plants: PlantDraws = {} if worked is None else worked.elsewhere
        if scenario.reform.elasticity:
            demand = _moved(studied, standings, laws, scenario.reform)
            key = studied.imports.facts.key
            draws = {(key, m): np.array([factor]) for m, factor in demand.factors.items()}
            plants = _plants_dearer(before.world, world, studied, scenario.reform)
        elsewhere.append(over_home(before, studied, draws, plants))
        sales = sales_of(world, studied.imports.facts, standings)
        products.append(Studied(studied.imports, standings, demand, sales))
    plan, worlds = before.planned.plan, (before.world, world)
    lacking = not_computed(
        worlds, before.products, after, scenario.reform, scenario.terms.changes_freight, plan
    )
    if worked is not None:
        lacking |= worked.unknown
    missing = at_stake(plan, lacking)
    if worked is not None:
        worked = replace(worked, effects=worked.effects.without(missing))
    return Shaken(world, tuple(products), worked, tuple(elsewhere), missing)


def _plants_dearer(was: World, now: World, studied: Studied, reform: Reform) -> PlantDraws:
    """The same as :func:`_moved` for goods of plants abroad, by their own landed costs."""
    facts, laws = studied.imports.facts, now.laws
    factors: dict[tuple[str, str, str], Array] = {}
    for market in studied.standings.by_market if abroad(was, facts) else ():
        sides = [from_other_plants(world, facts, market) for world in (was, now)]
        for plant in abroad(was, facts):
            before, other = (side[plant.key].quote for side in sides)
            if before is not None and other is not None:
                ratio = _dearer(before, other, laws.rulebook.regime(market).currency)
                factor = np.array([ratio ** -float(reform.elasticity or 0)])
                factors[facts.key, market, plant.country] = factor
    return factors


def made_anew(
    before: Outcome, scenario: Scenario
) -> tuple[Outcome, TradeEffects | None, Mapping[Segment, Missing]]:
    """The plan made anew under a scenario, what the kept one would lose, draw by draw, and what of
    both is missing.
    """
    after = shaken(before, scenario)
    outcome = finish(after.world, after.moved, before.records)
    if after.worked is None:
        return outcome, None, after.missing
    rate = _settling(outcome.result)
    effects = _of_plan(before, outcome.planned, after.worked.effects, rate, after.missing)
    return outcome, effects, after.missing


def replanned(before: Outcome, scenario: Scenario) -> TradeEffects | None:
    """What a scenario does to the plan kept and to one made anew, without the rest of a result."""
    after = shaken(before, scenario)
    if after.worked is None:
        return None
    anew = planned(after.world, after.moved)
    settled = settle_plan(anew, after.world.fx)
    rate = None if settled is None else settled.cost_rate
    return _of_plan(before, anew, after.worked.effects, rate, after.missing)


def _of_plan(
    before: Outcome,
    anew: Planned,
    effects: TradeEffects,
    rate: float | None,
    gone: Mapping[Segment, Missing],
) -> TradeEffects:
    """The effects with a year's margin of the plan kept, and of the one made anew.

    A firm counts in yuan: they are dollars at today's rate in both worlds. What is ``gone`` is in
    none of the sums, and where it is all that the change touches there is no sum.
    """
    plan, was = before.planned, _settling(before.result)
    dollar = dollar_of(plan.rates)
    kept = earned(plan, without=gone) / dollar
    old, new = (earned(plan, anew.made.offers, gone) / dollar, earned(anew, without=gone) / dollar)
    settling = None if was is None or rate is None else (was, rate)
    if stake_of(gone.values()) and np.allclose(old, kept):
        return replace(effects, settling=settling)
    return replace(effects, plan=plan_effects(kept, old, new), settling=settling)


def compared(before: Outcome, scenario: Scenario) -> Comparison:
    """A study under today's rules and under a scenario, side by side."""
    after, effects, missing = made_anew(before, scenario)
    comparison = compare(
        scenario.reform,
        dict(_figures(before)),
        dict(_figures(after)),
        _uses(before.result),
        _uses(after.result),
        (_settling(before.result), _settling(after.result)),
        missing,
    )
    dollar = (dollar_of(before.planned.rates), dollar_of(after.planned.rates))
    known = known_share(missing.values(), sales_of_plan(before.planned.plan))
    return replace(comparison, effects=effects, dollar=dollar, known_share=known)


def what_if(
    world: World,
    scenario: Scenario,
    more: Callable[[Outcome, Comparison], Comparison] | None = None,
) -> Outcome:
    """A study's result under today's rules, with what a scenario would change in ``what_if``.

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
        before = run_study(world)
    with stretch(0.8, 1.0):
        comparison = compared(before, scenario)
        if more is not None:
            comparison = more(before, comparison)
    said = caution(ABOUT[1], comparison.missing, before.planned.plan)
    warnings = (*before.result.warnings, *said)
    return replace(before, result=replace(before.result, what_if=comparison, warnings=warnings))
