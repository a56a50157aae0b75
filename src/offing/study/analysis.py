"""Third stage: every model looked at by itself, up to the choice that all share.

What the world trades does not depend on the rules: a what-if takes imports, demand and record as
they are and works out the rest again, see :mod:`offing.study.scenario`.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from offing.forecast.ranking import FittedProduct
from offing.rules.rule_use import RuleUse
from offing.study.costs import OWN_DUTY, refund_rate_of
from offing.study.demand import Demand, Record, demand_of, record_of
from offing.study.excluded import lacks_trade
from offing.study.inputs import StudyInputs
from offing.study.markets import Imports, Standings, imports_of, panel_notes, standings_of
from offing.study.sales import OwnSales, sales_of
from offing.terms.background import stretch
from offing.terms.caution import Caution, Value, countries
from offing.terms.errors import InputError, MissingDataError, OffingError


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
        return replace(
            self,
            standings=standings,
            demand=demand,
            sales=sales_of(world, facts, standings),
            refund_rule=rule,
        )

    def warnings(self, world: StudyInputs) -> list[Caution]:
        """What a reader must know of its markets and of the data set that was taken."""
        facts, named = self.imports.facts, world.study.markets.dataset
        on = world.study.on.year
        chosen = world.warehouse.set_caution(facts.code, self.imports.dataset, on)
        set_note = [chosen] if named is None and chosen is not None else []
        notes = panel_notes(self.imports, self.standings)
        return [
            *self.imports.warnings,
            *notes,
            *self._unused_duties(world),
            *set_note,
            *world.of_edition,
        ]

    def _unused_duties(self, world: StudyInputs) -> list[Caution]:
        """Duties of the study that the rulebook's own were taken before."""
        quotes = {m: s.cost.quote for m, s in self.standings.items() if s.cost.quote}
        unused = [
            market
            for market in sorted(set(world.study.duty) & set(quotes))
            if not any(rule.id.startswith("user.mfn") for rule in quotes[market].rules)
        ]
        return [Caution("study.warn_duty_unused", {"markets": countries(unused)})] if unused else []


def analyse_products(
    world: StudyInputs, models: Sequence[str] | None = None
) -> tuple[ProductAnalysis, ...]:
    """Every model up to the plan; what the world trades is looked at once a code.

    A model whose goods the trade data lack is left out, see :func:`offing.study.excluded.left_out`.

    Args:
        world: the study and what it rests on.
        models: keys of those to look at; all where ``None``.

    Raises:
        MissingDataError, InputError, RuleError: what the study asks for is not there or cannot be;
            the trade data lack the goods of all models.
    """
    studied = []
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
                standings = standings_of(world, imports)
                demand = demand_of(world, imports, standings, fits.get(facts.code))
                fits[facts.code] = demand.fitted
        except (MissingDataError, InputError) as error:
            if not lacks_trade(error):
                raise
            lacking.append(error)
            continue
        sales = sales_of(world, facts, standings)
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
    lacking = _lacking(products)
    everything = {studied.key for studied in products}
    for key in ("study.warn_no_quote", *WHY_NOT.values()):
        markets = lacking.get(key, {})
        some = [m for m, models in markets.items() if key in OF_SOME and models != everything]
        if of_all := [market for market in markets if market not in some]:
            yield Caution(key, {"markets": countries(of_all)})
        if some:
            named = {model for market in some for model in markets[market]}
            models = [studied.key for studied in products if studied.key in named]
            yield Caution(f"{key}_of", {"markets": countries(some), "models": tuple(models)})


def _lacking(products: Sequence[ProductAnalysis]) -> dict[str, dict[str, set[str]]]:
    """Caution → market → the models that have no landed cost there for its reason."""
    found: dict[str, dict[str, set[str]]] = {}
    for studied in products:
        for market, standing in studied.standings.items():
            if standing.cost.quote is None:
                key = WHY_NOT.get(standing.cost.missing or "", "study.warn_no_quote")
                found.setdefault(key, {}).setdefault(market, set()).add(studied.key)
    return found


SIX = 6
"""Digits of a code from which on tariffs are."""
