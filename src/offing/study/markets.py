"""Second and third stage: the markets of a product with their ladders, and where we stand there."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from offing.forecast.ranking import latest_full_year
from offing.ladders.build import ladders
from offing.ladders.ladder import Ladder, Place, PriceTier
from offing.ladders.place import place as place_on
from offing.rules.rule_use import RuleUse
from offing.study.costs import MarketCost, cost_in_market, refund_rate_of
from offing.study.firm_file import ModelFacts
from offing.study.result import StudyWarning
from offing.study.world import World
from offing.terms.errors import MissingDataError
from offing.terms.messages import enumerated, say
from offing.terms.progress import tell


@dataclass(frozen=True)
class Imports:
    """What the world buys of a product, whatever the rules are.

    Attributes:
        facts: the model.
        dataset: the trade data set.
        flows: its trade, all years.
        year: the base year.
        ladders: market → its ladder; ``None`` where there are no usable unit values, or of too
            little of the imports to name a tier. The markets are those to look at.
        without: markets that were asked for and do not import it.
        thin: market → the share of its imports with a usable unit value, where it is too little.
    """

    facts: ModelFacts
    dataset: str
    flows: pl.DataFrame
    year: int
    ladders: Mapping[str, Ladder | None]
    without: tuple[str, ...]
    thin: Mapping[str, float]

    @property
    def warnings(self) -> list[StudyWarning]:
        """Markets left out for want of imports, and those without tiers for want of unit values."""
        said: list[StudyWarning] = []
        if self.without:
            values = {"markets": ", ".join(self.without), "year": str(self.year)}
            said.append(("study.warn_no_imports", values))
        if self.thin:
            values = {"markets": ", ".join(self.thin), "year": str(self.year)}
            said.append(("study.warn_thin", values))
        return said


@dataclass(frozen=True)
class Standing:
    """Where the firm's product stands in one market.

    Attributes:
        cost: of a shipment there.
        ladder: of the market.
        place: of our price on it.
    """

    cost: MarketCost
    ladder: Ladder | None
    place: Place | None

    @property
    def tier(self) -> str:
        """The tier that the price most probably stands in; ``all`` without a ladder."""
        if self.place is None:
            return "all"
        tiers = self.place.tiers
        return max(tiers, key=lambda tier: (tiers[tier], tier))

    @property
    def _tier(self) -> PriceTier | None:
        if self.ladder is None:
            return None
        return next(tier for tier in self.ladder.tiers if tier.name == self.tier)

    @property
    def tier_share(self) -> float:
        """The share of the market's imports in that tier; all of them without a ladder."""
        return 1.0 if self._tier is None else self._tier.share

    @property
    def tier_fob(self) -> tuple[float | None, float | None]:
        """The bounds of that tier as FOB prices; ``None`` where it is open."""
        tier, cost = self._tier, self.cost
        if self.ladder is None or tier is None:
            return None, None
        to_fob = float(cost.fob_usd / cost.cif_usd) if self.ladder.basis == "cif" else 1.0
        low, high = (None if end is None else end * to_fob for end in (tier.low, tier.high))
        return low, high


@dataclass(frozen=True)
class Standings:
    """Where a product stands in each market under some rules, and the rule of its refund."""

    by_market: Mapping[str, Standing]
    refund_rule: RuleUse | None

    @property
    def rules(self) -> list[RuleUse]:
        """Every rule that a cost rests on, as often as it is used."""
        quotes = [standing.cost.quote for standing in self.by_market.values()]
        used = [rule for quote in quotes if quote for rule in quote.rules]
        return [*used, *([self.refund_rule] if self.refund_rule else [])]


def imports_of(world: World, facts: ModelFacts) -> Imports:
    """The markets to look at: those named, or all that import the product.

    Raises:
        MissingDataError: ``study.no_year`` before the first year of data, ``study.no_markets``.
    """
    study, warehouse = world.study, world.warehouse
    dataset = warehouse.trade_set(facts.code, study.markets.dataset, study.on.year)
    flows = warehouse.flows(facts.code, dataset=dataset)
    known = flows.filter(pl.col("year") <= study.on.year)
    if known.is_empty():
        raise MissingDataError("study.no_year", on=study.on, first=flows["year"].min())
    year = study.markets.year or latest_full_year(known)
    importing = set(flows.filter(pl.col("year") == year)["importer"])
    wanted = importing if study.markets.consider == "all" else set(study.markets.consider)
    wanted -= {study.firm.origin, *study.markets.leave_out}
    markets = sorted(wanted & importing)
    if not markets:
        raise MissingDataError(
            "study.no_markets", year=year, markets=enumerated(sorted(wanted)[:8]) or "—"
        )
    tell(say("study.doing_markets"), 0.0)
    built = ladders(
        flows,
        product=facts.code,
        markets=markets,
        year=year,
        unit=facts.unit,
        method=study.markets.tiers,
    )
    return Imports(
        facts,
        dataset,
        flows,
        year,
        {market: None if one is None or one.thin else one for market, one in built.items()},
        without=tuple(sorted(wanted - importing)),
        thin={market: one.coverage for market, one in built.items() if one and one.thin},
    )


def standings_of(world: World, imports: Imports) -> Standings:
    """Cost a shipment to every market under the world's rules, and place our price on its ladder.

    Raises:
        InputError, RuleError: see :func:`~offing.study.costs.cost_in_market`.
    """
    facts, laws = imports.facts, world.laws
    refund_rate, rule = refund_rate_of(facts, world.study.on, rates=laws.refund_rates)
    by_market = {}
    for number, (market, ladder) in enumerate(imports.ladders.items()):
        tell(say("study.doing_markets"), 0.2 + 0.3 * number / len(imports.ladders))
        cost = cost_in_market(
            world.study,
            facts,
            market,
            km=world.km.get(market),
            refund_rate=refund_rate,
            fx=world.fx,
            rulebook=laws.rulebook,
            warehouse=world.warehouse,
        )
        by_market[market] = Standing(cost, ladder, _placed(ladder, cost, world.study.seed))
    return Standings(by_market, rule)


def _placed(ladder: Ladder | None, cost: MarketCost, seed: int) -> Place | None:
    if ladder is None:
        return None
    price = cost.cif_usd if ladder.basis == "cif" else cost.fob_usd
    return place_on(ladder, float(price), seed=seed)
