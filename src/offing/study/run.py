"""Run a study in stages, each a function from named results to the next.

::

    read_study → gather_inputs → analyse_products → build_choice_set → build_programme
        → solve_plan → plan_products → study_result → a view of ``report``

``tests/contracts/test_study_stages.py`` holds these names to what they take and give.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TypeVar

from offing.landed.duties import merge_by_measure
from offing.landed.shipment import Quote
from offing.planning.plan import Plan
from offing.planning.track_record import EarlierPlan, level_of
from offing.policy.in_force import LegalChange, legal_changes
from offing.rules.register import age_cautions
from offing.rules.rule_use import RuleUse
from offing.study.analysis import (
    ProductAnalysis,
    add_records,
    analyse_products,
    is_short,
    short_code_cautions,
    unlanded_cautions,
)
from offing.study.backtest import replay_plans
from offing.study.checks import capacity_findings, ledger_findings, plausibility_findings
from offing.study.choices import ChoiceSet
from offing.study.file import Study
from offing.study.inputs import StudyInputs, study_matters
from offing.study.manifest import sources_used
from offing.study.open_figures import add_open_figures
from offing.study.plan import StudyPlan, apply_level, plan_products
from offing.study.replays import replays
from offing.study.result import Firm, LineResult, MarketResult, ProductResult, StudyResult
from offing.study.sales import gives_back, ledger_asked, ledger_warnings, years_of
from offing.study.schema import Limits, Line, Plant
from offing.study.settlement import settle_plan
from offing.study.unknown import left_out, unread_markets
from offing.terms.background import BackgroundProcess, stretch, tell
from offing.terms.caution import Caution, countries
from offing.terms.messages import say

SCHEMA_VERSION = "2"
TABLES_USED = (
    "flows", "distances", "indicators", "groups", "duty_lines", "fx_rates", "market_panel",
)  # fmt: skip
UNREAD = ("largest_growth", "caution", "return_after")
"""Limits of earlier plans that this one does not read."""
AGED = "rules.warn_aged"
OLD, OTHER_RATES = "landed.warn_rate_old", ("landed.warn_rate_thin", "landed.warn_rate_later")


def cautions_of(world: StudyInputs, products: Sequence[ProductAnalysis]) -> list[Caution]:
    """What a reader must know of the data taken, and of sales that the plan leaves out."""
    taken = [warning for studied in products for warning in studied.warnings(world)]
    standings = [studied.standings.items() for studied in products]
    sales = [(studied.key, studied.sales) for studied in products]
    dollar = world.fx.rate("CNY", "USD")[0]
    short = [*short_code_cautions(products)]
    whole = products if not short else [s for s in products if not is_short(s)]
    for caution in unlanded_cautions(whole):
        here = countries(_weighty_markets(caution["markets"], products))
        taken.append(Caution(caution.key, {**caution.values, "markets": here}))
    study = world.study
    gone = left_out(world, {key for key, _ in sales})
    return [
        *gone,
        *short,
        *taken,
        *ledger_warnings(world, (own for _, own in sales)),
        *unused_duties(study, products),
        *_shipping_not_own(study),
        *_taken_with_vat(world, products),
        *plausibility_findings(study, dollar),
        *unread_markets(study, {m for s in standings for m, _ in s}, {key for key, _ in sales}),
        # the ledger's months are whole only where no model is left out
        *(() if gone else ledger_findings(study, (own for _, own in sales), dollar)),
        *capacity_findings(study, sales),
    ]


def unused_duties(study: Study, products: Iterable[ProductAnalysis]) -> Iterator[Caution]:
    """Duties of the study that the rulebook's own were taken before, of all its models."""
    quotes = [(m, s.cost.quote) for one in products for m, s in one.standings.items()]
    costed = {m: quote for m, quote in quotes if quote and m in study.duty}
    used = {m for m, q in quotes if q and any(rule.id.startswith("user.mfn") for rule in q.rules)}
    if unused := sorted({*costed} - used):
        yield Caution("study.warn_duty_unused", {"markets": countries(unused)})


def _shipping_not_own(study: Study) -> Iterator[Caution]:
    """Lines of carriage that rest on figures of a made-up firm, in a study of another one."""
    lines = study.shipping.illustrative_lines() - {"insurance"}
    if lines and not study.firm.made_up:
        yield Caution("study.warn_shipping_not_own", {"count": len(lines)})


def _taken_with_vat(world: StudyInputs, products: Sequence[ProductAnalysis]) -> Iterator[Caution]:
    """Markets whose prices on DDP have import VAT in them, as the term says alone."""
    markets = {market for studied in products for market in studied.sales.duty_paid}
    for studied in products:
        if studied.imports.facts.price_term == "DDP":
            costed = studied.standings.items()
            markets |= {m for m, s in costed if s.cost.quote is not None and gives_back(world, m)}
    if markets:
        yield Caution(
            "study.warn_ddp_with_vat", {"markets": countries(_weighty_markets(markets, products))}
        )


def _weighty_markets(markets: Iterable[str], products: Sequence[ProductAnalysis]) -> list[str]:
    """Markets, those first in which most is sold: by the firm, then by its country."""
    firm, country = Counter[str](), Counter[str]()
    for studied in products:
        firm.update(studied.sales.now)
        country.update({m: look.base_usd for m, look in studied.demand.outlook.items()})
    return sorted(markets, key=lambda market: (-firm[market], -country[market], market))


def plan_study(
    world: StudyInputs, products: Sequence[ProductAnalysis], choices: ChoiceSet | None = None
) -> StudyPlan:
    """The plan of all products together."""
    with stretch(0.8, 1.0):
        tell(say("study.doing_plan"), 0.0)
        return plan_products(world, products, choices)


T = TypeVar("T")
More = Callable[[StudyPlan, StudyResult], StudyResult]


def plan_with_record(
    world: StudyInputs, products: Sequence[ProductAnalysis], more: Callable[[StudyPlan], T]
) -> tuple[StudyPlan, T, tuple[EarlierPlan, ...], tuple[int, ...]]:
    """The plan with what to find out first, at the level of the record of such plans.

    Args:
        world: the study and what it rests on.
        products: its models.
        more: what else is worked out of it as computed, while earlier plans are made aside.

    Returns:
        It, what more found, the earlier plans, and the years that the ledger does not reach.
    """
    made: list[tuple[StudyPlan, T]] = []

    def make() -> None:
        computed = add_open_figures(plan_study(world, products))
        made.append((computed, more(computed)))

    def record() -> tuple[tuple[EarlierPlan, ...], tuple[int, ...]]:
        with BackgroundProcess(replay_plans) as earlier:
            past, too_early = replays(world, products)
            earlier.start(past)
            make()
            return earlier.answer(), too_early

    plans, too_early = world.keep(("record",), record)
    if not made:
        make()
    computed, found = made[0]
    return apply_level(computed, level_of(plans)), found, plans, too_early


def run_study(world: StudyInputs, more: More | None = None) -> tuple[StudyPlan, StudyResult]:
    """Run a study under the rules of its inputs: its plan with what it came from, and its result.

    Args:
        world: the study and what it rests on.
        more: what else is worked out of it, while the plans of earlier years are made aside.

    Raises:
        InputError, MissingDataError, RuleError: what the study asks for is not there or cannot be.
    """

    def work(computed: StudyPlan) -> tuple[tuple[ProductAnalysis, ...], StudyResult]:
        scored = replace(computed, products=add_records(world, computed.products))
        result = study_result(scored)
        return scored.products, result if more is None else more(scored, result)

    made, found, plans, too_early = plan_with_record(world, analyse_products(world), work)
    scored, result = found
    result = replace(result, plan=made.plan, decided=made.decided)
    result = replace(result, earlier_plans=plans, before_ledger=too_early)
    return replace(made, products=scored), result


def study_result(made: StudyPlan) -> StudyResult:
    """Settle, and gather all that a report says but for the plans of earlier years."""
    world, products = made.world, made.products
    study = world.study
    rules = dict.fromkeys(rule for studied in products for rule in studied.rules)
    results = [_order_markets(_product(world, studied), made.plan) for studied in products]
    in_order = tuple(sorted(rules, key=lambda rule: (rule.id, str(rule.since))))
    about_rates = _about_rates(world, results)
    others = ("fx_thin",) if any(one.key in OTHER_RATES for one in about_rates) else ()
    tables = (*TABLES_USED, *others)
    warnings = [
        *_about_limits(study.limits),
        *about_rates,
        *cautions_of(world, products),
        *made.warnings,
        *ledger_asked(world),
        *(warning for product in results for warning in _product_warnings(product)),
        *_illustrative(in_order),
        *age_cautions(in_order, study.on),
    ]
    return StudyResult(
        schema_version=SCHEMA_VERSION,
        title_en=study.title.en,
        title_zh=study.title.zh,
        on=study.on,
        firm=_firm(world),
        products=tuple(results),
        plan=made.plan,
        sources=tuple(
            dict.fromkeys(
                use
                for dataset in dict.fromkeys(studied.imports.dataset for studied in products)
                for use in sources_used(world.warehouse, tables, dataset)
            )
        ),
        rules=in_order,
        warnings=_once(warnings),
        decided=made.decided,
        settlement=settle_plan(made),
        lines=tuple(_line(plant, line) for plant, line in study.lines.values()),
        calendar=calendar_of(world),
    )


def calendar_of(world: StudyInputs) -> tuple[LegalChange, ...]:
    """What is fixed in law for the goods in all its markets, as far as the study looks."""
    study = world.study
    matters = study_matters(study, world.laws)
    last = date(study.on.year + study.markets.horizon, 12, 31)
    make = partial(legal_changes, world.laws, matters, world.costing.tariffs, study.on, last)
    found = world.price_free.keep(("calendar", matters), make)
    return tuple(one for one in found if one.change.kind != "caution")


def _line(plant: Plant, line: Line) -> LineResult:
    name_en, name_zh = (line.name.en, line.name.zh) if line.name else (line.key, line.key)
    return LineResult(line.key, plant.key, plant.country, name_en, name_zh, float(line.hours))


def _firm(world: StudyInputs) -> Firm:
    firm = world.study.firm
    return Firm(firm.name.en, firm.name.zh, firm.origin, firm.city.en, firm.city.zh, firm.made_up)


def _product(world: StudyInputs, studied: ProductAnalysis) -> ProductResult:
    facts, ledger = studied.imports.facts, world.study.ledger
    assert studied.record is not None
    ranking, backtest = studied.record
    return ProductResult(
        product=facts.key,
        code=facts.code,
        name_en=facts.name.en,
        name_zh=facts.name.zh,
        unit=facts.unit,
        price_usd=float(facts.price_usd),
        capacity=float(world.study.capacity(facts)),
        ranking=ranking,
        markets=tuple(
            MarketResult(
                market=market,
                km=world.km.get(market),
                groups=world.groups.get(market, ()),
                ladder=standing.ladder,
                place=standing.place,
                quote=standing.cost.quote,
                quote_missing=standing.cost.missing,
                outlook=studied.demand.outlook.get(market),
                refund_usd=float(standing.cost.refund_usd),
                refund_rule=studied.refund_rule,
                refund_why=standing.cost.refund_why,
            )
            for market, standing in studied.standings.items()
        ),
        backtest=backtest,
        book=years_of(world, facts, ledger) if ledger else (),
    )


def _order_markets(product: ProductResult, plan: Plan) -> ProductResult:
    """Markets in the order of the plan, then of the ranking."""
    sold = [row.market for row in plan.rows if row.product == product.product and row.sales_usd]
    ranked = [segment.market for segment in product.ranking.segments]
    place_of = {market: at for at, market in reversed(list(enumerate([*sold, *ranked])))}
    markets = sorted(
        product.markets, key=lambda m: (place_of.get(m.market, len(place_of)), m.market)
    )
    return replace(product, markets=tuple(markets))


def _about_limits(limits: Limits) -> Iterator[Caution]:
    if unread := [name for name in UNREAD if name in limits.model_fields_set]:
        yield Caution("study.warn_unread", {"names": ", ".join(unread)})


def _product_warnings(product: ProductResult) -> list[Caution]:
    keys = (*product.ranking.notes, *product.backtest.notes)
    quotes = [market.quote for market in product.markets if market.quote]
    of_quotes = [
        said for said in _law_cautions(quotes) if said.key not in (OLD, *OTHER_RATES, AGED)
    ]
    return [*(Caution(key) for key in keys), *merge_by_measure(of_quotes)]


OF_LAW = "caution_"
"""With what the name of a caution of a country's law begins, in any room."""


def _law_cautions(quotes: Iterable[Quote]) -> list[Caution]:
    """The cautions of many quotes; of a country's law each once, with its countries."""
    kept: dict[object, Caution] = {}
    for quote in quotes:
        for caution in quote.warnings:
            if not caution.key.rpartition(".")[2].startswith(OF_LAW):
                kept[len(kept)] = caution
                continue
            law = (caution.key, caution["source"])
            there = countries((quote.destination,))
            before = kept[law].subject if law in kept else ()
            kept[law] = replace(caution, subject=tuple(dict.fromkeys(before + there)))
    return list(kept.values())


def _about_rates(world: StudyInputs, products: Sequence[ProductResult]) -> list[Caution]:
    """Said once for all quotes, each of which has currencies of its own."""
    quotes = [market.quote for product in products for market in product.markets if market.quote]
    foreign = {currency for quote in quotes for currency, _, _ in quote.fx}
    return world.fx.cautions({"USD", "CNY", *foreign})


def _illustrative(rules: Iterable[RuleUse]) -> list[Caution]:
    count = sum(rule.status in ("recalled", "illustrative") for rule in rules)
    return [Caution("study.warn_illustrative", {"count": count})] if count else []


def _once(warnings: Iterable[Caution]) -> tuple[Caution, ...]:
    unique: list[Caution] = []
    for warning in warnings:
        if warning not in unique:
            unique.append(warning)
    return tuple(unique)
