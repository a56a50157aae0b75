"""Every model looked at by itself, up to the choice that all share: what the origin may sell, the
firm's own sales, how such forecasts did before.

What the world trades does not depend on the rules: a what-if takes imports, demand and record as
they are and works out the rest again, see :mod:`offing.study.scenario`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from offing.forecast.axes import MarketFacts
from offing.forecast.outlook.forecast import years_ahead
from offing.forecast.ranking import (
    FittedProduct,
    ForecastTask,
    add_total,
    backtest_product,
    fit_product,
    rank_segments,
    task_flows,
)
from offing.forecast.results import Backtest, Outlook, Ranking
from offing.rules.rule_use import RuleUse
from offing.study.costs import NOT_IN_TARIFF, OWN_DUTY, duty_rates, refund_rate_of
from offing.study.inputs import StudyInputs
from offing.study.markets import (
    Imports,
    Standings,
    imports_of,
    panel_notes,
    rival_duties,
    standings_of,
)
from offing.study.sales import OwnSales, sales_of
from offing.terms.background import stretch, tell
from offing.terms.caution import Caution, Value, countries
from offing.terms.errors import InputError, MissingDataError, OffingError
from offing.terms.messages import join_list, say

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Demand:
    """What the world's trade says of a product.

    Attributes:
        fitted: the product's trade with the outlook fitted to it.
        ranking: by segment, with access and fit under the rules of the run that made it.
        outlook: by market, for all prices: what the plan rests on.
        factors: market → what a counterfactual multiplies later sales by, one figure or a draw a
            scenario; none in the world as it is.
        elsewhere: (market, plant) → the same for goods of other countries' plants, over those on
            the firm's own country's goods.
        kept_usd: market → such a plant and currency → FOB price, which goes on as it was.
    """

    fitted: FittedProduct
    ranking: Ranking
    outlook: Mapping[str, Outlook]
    factors: Mapping[str, Floats | float] = field(default_factory=dict)
    elsewhere: Mapping[tuple[str, str], Floats] = field(default_factory=dict)
    kept_usd: Mapping[str, Mapping[tuple[str, str], float]] = field(default_factory=dict)


Record = tuple[Ranking, Backtest]
"""How such forecasts did: the ranking, with the blue-ocean total where the backtest allows it, and
the backtest of ways of ranking."""


def demand_of(
    world: StudyInputs, imports: Imports, standings: Standings, fitted: FittedProduct | None
) -> Demand:
    """Fit the outlook and rank the segments; another model's fit of the code serves, too.

    The horizon counts from the study's day: the gap between the data and the day is looked ahead
    too.

    Raises:
        MissingDataError: see :func:`~offing.forecast.ranking.rank_segments`.
    """
    tell(say("study.doing_markets"), 0.5)
    study, code, origin = world.study, imports.facts.code, world.study.firm.origin
    duty = duty_rates({market: standing.cost for market, standing in standings.items()})
    in_year = imports.flows.filter(pl.col("year") == imports.year)
    task = ForecastTask(
        code,
        imports.dataset,
        imports.year,
        years_ahead(imports.year, study.on, study.markets.horizon),
        method=study.markets.tiers,
        seed=study.seed,
        months_to=study.on,
    )
    if fitted is None or fitted.task != task:
        flows = world.price_free.keep(("flows", task), partial(task_flows, world.warehouse, task))
        fitted = fit_product(world.warehouse, task, flows)
    known = MarketFacts(
        duty_rate=duty,
        rival_duty=rival_duties(duty, in_year, origin, world.laws.rulebook),
        fit={
            (market, standing.tier): (
                standing.place.percentile if standing.place else None,
                float(standing.cost.margin_rate),
            )
            for market, standing in standings.items()
        },
    )
    rank = partial(rank_segments, world.warehouse, fitted, origin, markets=list(standings))
    make = partial(rank, given=known, without_tiers=imports.thin)
    ranking = world.price_free.keep(("ranking", imports.facts, task, imports.thin), make, known)
    outlook = fitted.outlook_by_market(origin)
    return Demand(fitted, ranking, {m: outlook[m] for m in standings if m in outlook})


def record_of(world: StudyInputs, demand: Demand, of_code: Record | None = None) -> Record:
    """Score the forecasts of earlier years against what came; ``of_code`` is of the same code."""
    ranking, fitted = demand.ranking, demand.fitted
    tell(say("study.doing_markets"), 0.7)
    if of_code is None:
        with stretch(0.7, 0.85):
            backtest = backtest_product(world.warehouse, fitted.task, history=fitted.whole.history)
        tell(say("study.doing_markets"), 0.85)
    else:
        backtest = of_code[1]
    shown = add_total(world.warehouse, ranking, backtest, tiers=world.study.markets.tiers)
    return shown, backtest


@dataclass(frozen=True)
class ProductAnalysis:
    """One model after the stages that come before the plan.

    Attributes:
        imports: what the world buys of it.
        standings: where it stands in each market.
        demand: what may be sold.
        sales: the firm's own of the last twelve months.
        refund_rule: of its export refund; ``None`` where the study gives its own rate.
        record: how such forecasts did; ``None`` where nobody asked.
    """

    imports: Imports
    standings: Standings
    demand: Demand
    sales: OwnSales
    refund_rule: RuleUse | None = None
    record: Record | None = None

    @property
    def key(self) -> str:
        """The model's name in the study."""
        return self.imports.facts.key

    @property
    def rules(self) -> list[RuleUse]:
        """Every rule that a cost rests on, as often as it is used."""
        quotes = [standing.cost.quote for standing in self.standings.values()]
        used = [rule for quote in quotes if quote for rule in quote.rules]
        return [*used, *([self.refund_rule] if self.refund_rule else [])]

    def under(self, world: StudyInputs, standings: Standings, demand: Demand) -> "ProductAnalysis":
        """The same where other rules hold: what the world trades is as it was."""
        facts = self.imports.facts
        _, rule = refund_rate_of(facts, world.study.on, rates=world.laws.refund_rates)
        sales = sales_of(world, facts, standings)
        return replace(self, standings=standings, demand=demand, sales=sales, refund_rule=rule)

    def warnings(self, world: StudyInputs) -> list[Caution]:
        """What a reader must know of its markets and of the data set that was taken."""
        code, dataset = self.imports.facts.code, self.imports.dataset
        chosen = world.warehouse.set_caution(code, dataset, world.study.on.year)
        return [
            *self.imports.warnings,
            *panel_notes(self.imports, self.standings),
            *([chosen] if chosen and world.study.markets.dataset is None else []),
            *world.about_trade,
        ]


NO_TRADE = (
    "warehouse.no_such_product",
    "warehouse.not_in_dataset",
    "study.no_year",
    "study.no_markets",
    "market.no_exports",
)
"""Why there is nothing to look at of one model, while others may be looked at."""


def analyse_products(
    world: StudyInputs, models: Sequence[str] | None = None
) -> tuple[ProductAnalysis, ...]:
    """Every model up to the plan; what the world trades is looked at once a code.

    A model whose goods the trade data lack is left out, see :func:`offing.study.unknown.left_out`.

    Args:
        world: the study and what it rests on.
        models: keys of those to look at; all where ``None``.

    Raises:
        MissingDataError, InputError, RuleError: what the study asks for is not there or cannot be;
            the trade data lack the goods of all models.
    """
    studied, bare = [], world.price_free
    trade: dict[tuple[str, str], Imports] = {}
    fits: dict[str, FittedProduct] = {}
    lacking: list[OffingError] = []
    wanted = [facts for facts in world.study.model if models is None or facts.key in models]
    for number, facts in enumerate(wanted):
        try:
            with _product_progress(world, number):
                goods = facts.code, facts.unit
                if goods not in trade:
                    trade[goods] = imports_of(world, facts)
                imports = replace(trade[goods], facts=facts)
                make = partial(standings_of, bare, imports)
                standings = bare.keep(("standings", facts), make)
                demand = demand_of(world, imports, standings, fits.get(facts.code))
                fits[facts.code] = demand.fitted
        except (MissingDataError, InputError) as error:
            if error.key not in NO_TRADE:
                raise
            lacking.append(error)
            continue
        sales = bare.keep(("sales", facts), partial(sales_of, bare, facts, standings))
        _, rule = refund_rate_of(facts, world.study.on, rates=world.laws.refund_rates)
        studied.append(ProductAnalysis(imports, standings, demand, sales, rule))
    if lacking and not studied:
        raise lacking[0]
    return tuple(studied)


def _product_progress(world: StudyInputs, number: int) -> AbstractContextManager[None]:
    count = len(world.study.model)
    return stretch(0.1 + 0.7 * number / count, 0.1 + 0.7 * (number + 1) / count)


def add_records(
    world: StudyInputs, products: Sequence[ProductAnalysis]
) -> tuple[ProductAnalysis, ...]:
    """The models with how forecasts of their codes did in earlier years, each code once."""
    records: dict[str, Record] = {}
    scored = []
    for number, studied in enumerate(products):
        with _product_progress(world, number):
            code = studied.imports.facts.code
            records[code] = record_of(world, studied.demand, records.get(code))
            scored.append(replace(studied, record=records[code]))
    return tuple(scored)


def is_short(studied: ProductAnalysis) -> bool:
    """Whether markets lack a landed cost since a model's code is a heading of four digits."""
    facts = studied.imports.facts
    short = len(facts.code) < SIX and not facts.national_codes
    costs = (standing.cost for standing in studied.standings.values())
    return short and any(cost.missing in OWN_DUTY for cost in costs)


def short_code_cautions(products: Iterable[ProductAnalysis]) -> Iterator[Caution]:
    """What to write of the models whose code has too few digits for a tariff."""
    short: dict[str, tuple[list[str], set[str]]] = {}
    for studied in filter(is_short, products):
        keys, markets = short.setdefault(studied.imports.facts.code, ([], set()))
        keys.append(studied.key)
        sides = studied.standings.items()
        markets |= {market for market, standing in sides if standing.cost.quote is None}
    for code, (keys, markets) in short.items():
        values: dict[str, Value] = {"names": ", ".join(keys), "markets": countries(sorted(markets))}
        yield Caution("study.warn_short_code", {"code": code, **values})


WHY_NOT = {
    "study.no_rate": "study.warn_no_rate",
    "study.several_tariff_lines": "study.warn_which_line",
    "study.no_tax_line": "study.warn_no_tax_line",
    "study.no_distance": "study.warn_no_distance",
}
"""What is said of a market without a landed cost, by its reason; of all others no duty is known."""
OF_SOME = ("study.warn_no_quote", "study.warn_which_line")
"""Cautions that name the models where they are true of some alone."""


def unlanded_cautions(products: Sequence[ProductAnalysis]) -> Iterator[Caution]:
    """Markets without a landed cost, each reason by itself, of all models and of some."""
    yield from _codes_not_in_tariff(products)
    lacking = _lacking(products)
    everything = [studied.key for studied in products]
    for key in ("study.warn_no_quote", *WHY_NOT.values()):
        markets = lacking.get(key, {})
        some = [m for m, models in markets.items() if key in OF_SOME and models != everything]
        if of_all := [market for market in markets if market not in some]:
            yield Caution(key, {"markets": countries(of_all)})
        for models, alike in group_by_models({market: markets[market] for market in some}).items():
            values: dict[str, Value] = {"markets": countries(alike), "models": models}
            yield Caution(f"{key}_of", values)


def _codes_not_in_tariff(products: Iterable[ProductAnalysis]) -> Iterator[Caution]:
    """Each model with a national code that the importer's tariff lacks, and the code."""
    for studied in products:
        markets: dict[str, list[str]] = {}
        for market, standing in studied.standings.items():
            if standing.cost.quote is None and standing.cost.missing == NOT_IN_TARIFF:
                facts = studied.imports.facts
                own = facts.national_codes
                code = own.get(market) or join_list(dict.fromkeys(own.values())) or facts.code
                markets.setdefault(code, []).append(market)
        for code, there in markets.items():
            values: dict[str, Value] = {"models": (studied.key,), "markets": countries(there)}
            yield Caution("study.warn_code_not_in_tariff", {"code": code, **values})


def group_by_models(markets: Mapping[str, Iterable[str]]) -> dict[tuple[str, ...], list[str]]:
    """Models → the markets of which the same is true for just these."""
    found: dict[tuple[str, ...], list[str]] = {}
    for market, models in markets.items():
        found.setdefault(tuple(dict.fromkeys(models)), []).append(market)
    return found


def _lacking(products: Sequence[ProductAnalysis]) -> dict[str, dict[str, list[str]]]:
    """Caution → market → the models that have no landed cost there for its reason."""
    found: dict[str, dict[str, list[str]]] = {}
    for studied in products:
        for market, standing in studied.standings.items():
            if standing.cost.quote is None and standing.cost.missing != NOT_IN_TARIFF:
                key = WHY_NOT.get(standing.cost.missing or "", "study.warn_no_quote")
                found.setdefault(key, {}).setdefault(market, []).append(studied.key)
    return found


SIX = 6
"""Digits of a code from which on tariffs are."""
