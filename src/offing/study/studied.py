"""One model after the stages that come before the plan."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from offing.study.book import OwnSales
from offing.study.costs import OWN_DUTY
from offing.study.demand import Demand
from offing.study.markets import Imports, Standings, panel_notes
from offing.study.result import StudyWarning
from offing.study.world import World


@dataclass(frozen=True)
class Studied:
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

    def warnings(self, world: World) -> list[StudyWarning]:
        """What a reader must know of its markets and of the data set that was taken."""
        facts, named = self.imports.facts, world.study.markets.dataset
        on = world.study.on.year
        chosen = world.warehouse.set_caution(facts.code, self.imports.dataset, on)
        set_note = [chosen] if named is None and chosen is not None else []
        notes = panel_notes(self.imports, self.standings)
        return [*self.imports.warnings, *notes, *self._unused_duties(world), *set_note]

    def _unused_duties(self, world: World) -> list[StudyWarning]:
        """Duties of the study that the rulebook's own were taken before."""
        quotes = {m: s.cost.quote for m, s in self.standings.by_market.items() if s.cost.quote}
        unused = [
            market
            for market in sorted(set(world.study.duty) & set(quotes))
            if all(rule.id != "user.mfn" for rule in quotes[market].rules)
        ]
        return [("study.warn_duty_unused", {"markets": ", ".join(unused)})] if unused else []


def is_short(studied: Studied) -> bool:
    """Whether markets lack a landed cost since a model's code is a heading of four digits."""
    facts = studied.imports.facts
    short = len(facts.code) < SIX and not facts.national_codes
    costs = (standing.cost for standing in studied.standings.by_market.values())
    return short and any(cost.missing in OWN_DUTY for cost in costs)


def without_six_digits(products: Iterable[Studied]) -> Iterator[StudyWarning]:
    """What to write of the models whose code has too few digits for a tariff."""
    short: dict[str, tuple[list[str], set[str]]] = {}
    for studied in filter(is_short, products):
        keys, markets = short.setdefault(studied.imports.facts.code, ([], set()))
        keys.append(studied.key)
        sides = studied.standings.by_market.items()
        markets |= {market for market, standing in sides if standing.cost.quote is None}
    for code, (keys, markets) in short.items():
        values = {"names": ", ".join(keys), "markets": ", ".join(sorted(markets))}
        yield "study.warn_short_code", {"code": code, **values}


SIX = 6
"""Digits of a code from which on tariffs are."""
