"""One model after the stages that come before the plan."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from offing.study.costs import OWN_DUTY
from offing.study.demand import Demand
from offing.study.inputs import StudyInputs
from offing.study.markets import Imports, Standings, panel_notes
from offing.study.sales import OwnSales
from offing.terms.caution import Caution, Value, countries


@dataclass(frozen=True)
class ProductAnalysis:
    """One model after the stages that come before the plan.

    Attributes:
        imports: what the world buys of it.
        standings: where it stands in each market.
        demand: what may be sold.
        sales: the firm's own of the last twelve months.
    """

    imports: Imports
    standings: Standings
    demand: Demand
    sales: OwnSales

    @property
    def key(self) -> str:
        """The model's name in the study."""
        return self.imports.facts.key

    def warnings(self, world: StudyInputs) -> list[Caution]:
        """What a reader must know of its markets and of the data set that was taken."""
        facts, named = self.imports.facts, world.study.markets.dataset
        on = world.study.on.year
        chosen = world.warehouse.set_caution(facts.code, self.imports.dataset, on)
        set_note = [chosen] if named is None and chosen is not None else []
        notes = panel_notes(self.imports, self.standings)
        return [*self.imports.warnings, *notes, *self._unused_duties(world), *set_note]

    def _unused_duties(self, world: StudyInputs) -> list[Caution]:
        """Duties of the study that the rulebook's own were taken before."""
        quotes = {m: s.cost.quote for m, s in self.standings.by_market.items() if s.cost.quote}
        unused = [
            market
            for market in sorted(set(world.study.duty) & set(quotes))
            if not any(rule.id.startswith("user.mfn") for rule in quotes[market].rules)
        ]
        return [Caution("study.warn_duty_unused", {"markets": countries(unused)})] if unused else []


def is_short(studied: ProductAnalysis) -> bool:
    """Whether markets lack a landed cost since a model's code is a heading of four digits."""
    facts = studied.imports.facts
    short = len(facts.code) < SIX and not facts.national_codes
    costs = (standing.cost for standing in studied.standings.by_market.values())
    return short and any(cost.missing in OWN_DUTY for cost in costs)


def without_six_digits(products: Iterable[ProductAnalysis]) -> Iterator[Caution]:
    """What to write of the models whose code has too few digits for a tariff."""
    short: dict[str, tuple[list[str], set[str]]] = {}
    for studied in filter(is_short, products):
        keys, markets = short.setdefault(studied.imports.facts.code, ([], set()))
        keys.append(studied.key)
        sides = studied.standings.by_market.items()
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


def without_landed_cost(products: Sequence[ProductAnalysis]) -> Iterator[Caution]:
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
        for market, standing in studied.standings.by_market.items():
            if standing.cost.quote is None:
                key = WHY_NOT.get(standing.cost.missing or "", "study.warn_no_quote")
                found.setdefault(key, {}).setdefault(market, set()).add(studied.key)
    return found


SIX = 6
"""Digits of a code from which on tariffs are."""
