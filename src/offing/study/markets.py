"""The markets of a product: their ladders, where we stand there, and what competitors pay.

A tariff says what an origin without an agreement pays. Whether a rival has one is in no data
that is loaded, so a rival's duty is known in two cases only: it is in the market's own customs
territory, or the product is free for all. Nothing is guessed for the others.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum

import numpy as np
import numpy.typing as npt
import polars as pl

from offing.forecast.ranking import latest_full_year
from offing.ladders.build import PANEL, ladders, panel_ladders
from offing.ladders.ladder import Ladder, PricePlace, PriceTier
from offing.ladders.place import places
from offing.policy.overlay import Rules
from offing.rules.reform import Reform
from offing.rules.rulebook import Rulebook
from offing.study.costs import (
    Costing,
    MarketCost,
    cost_in_market,
    duty_rate_of,
    importer_of,
    quote_or_reason,
    refund_rate_of,
    request_for,
)
from offing.study.file import Study
from offing.study.inputs import StudyInputs
from offing.study.schema import ArticleFacts, ModelFacts
from offing.terms.background import stretch, tell, told_of
from offing.terms.caution import Caution, CountryCode, Phrase, Value, countries
from offing.terms.errors import InputError, MissingDataError, Where
from offing.terms.messages import join_list, say
from offing.terms.sale_terms import PriceLevel


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
        customs: market → its ladder by customs unit values, the only one where there is no panel.
    """

    facts: ModelFacts
    dataset: str
    flows: pl.DataFrame
    year: int
    ladders: Mapping[str, Ladder | None]
    without: tuple[str, ...]
    thin: Mapping[str, float]
    customs: Mapping[str, Ladder | None]

    @property
    def warnings(self) -> list[Caution]:
        """Markets left out for want of imports, and those without tiers for want of unit values."""
        warnings: list[Caution] = []
        if self.without:
            values: dict[str, Value] = {"markets": countries(self.without), "year": str(self.year)}
            warnings.append(Caution("study.warn_no_imports", values))
        if bare := [m for m, ladder in self.ladders.items() if ladder is None]:
            key = "study.warn_thin" if len(bare) < len(self.ladders) else "study.warn_thin_all"
            values = {"markets": countries(bare), "code": self.facts.code, "year": str(self.year)}
            unit = Phrase(f"ladder.unit_{self.facts.unit}")
            warnings.append(Caution(key, {**values, "unit": unit}))
        return warnings


@dataclass(frozen=True)
class Standing:
    """Where the firm's product stands in one market.

    Attributes:
        cost: of a shipment there.
        ladder: of the market.
        place: of our price on it.
        margin: what importers and shops add, share of the shelf price without value-added tax.
    """

    cost: MarketCost
    ladder: Ladder | None
    place: PricePlace | None
    margin: float

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
        tier, ours = self._tier, self.price
        if tier is None or ours is None:
            return None, None
        to_fob = float(self.cost.fob_usd) / ours
        low, high = (None if end is None else end * to_fob for end in (tier.low, tier.high))
        return low, high

    @property
    def price(self) -> float | None:
        """Our price of a unit at the level of the ladder, USD."""
        return None if self.ladder is None else price_at(self.cost, self.ladder.basis, self.margin)


Standings = Mapping[str, Standing]
"""Market → where a product stands there under some rules."""


def _must_not_leave_out_all(study: Study) -> None:
    """Refuse markets that are named and left out.

    Raises:
        InputError: ``study.all_left_out``.
    """
    named = study.markets.consider
    if named != "all" and {*named} & {*study.markets.leave_out}:
        raise InputError("study.all_left_out", markets=join_list(named, 8))


def imports_of(world: StudyInputs, facts: ModelFacts) -> Imports:
    """The markets to look at: those named, or all that import the product.

    Raises:
        MissingDataError: ``study.no_year`` before the first year of data, ``study.no_markets``,
            ``study.must_keep_no_trade``.
        InputError: ``study.all_left_out``.
    """
    study, warehouse = world.study, world.warehouse
    dataset = warehouse.trade_set(facts.code, study.markets.dataset, study.on.year)
    flows = warehouse.flows(facts.code, dataset=dataset)
    past = flows.filter(pl.col("year") <= study.on.year)
    if past.is_empty():
        raise MissingDataError("study.no_year", on=study.on, first=flows["year"].min())
    year = study.markets.year or latest_full_year(past)
    importing = set(flows.filter(pl.col("year") == year)["importer"])
    considered = importing if study.markets.consider == "all" else set(study.markets.consider)
    considered -= {study.firm.origin, *study.markets.leave_out}
    markets = sorted(considered & importing)
    if not considered:
        _must_not_leave_out_all(study)
    if not markets:
        raise MissingDataError(
            "study.no_markets", year=year, markets=join_list(sorted(considered)[:8]) or "—"
        )
    if gone := sorted(set(study.markets.must_keep) - set(markets)):
        where = Where(world.file, key="[markets], must_keep")
        raise MissingDataError(
            "study.must_keep_no_trade", where=where, markets=join_list(gone), year=year
        )
    tell(say("study.doing_markets"), 0.0)
    of, method = (facts.code, facts.unit), study.markets.tiers
    key = ("ladders", *of, dataset, year, *markets, method)

    def build() -> dict[str, Ladder | None]:
        return ladders(flows, product=of[0], markets=markets, year=year, unit=of[1], method=method)

    customs = warehouse.made_once(key, lambda: world.price_free.keep(key, build))
    panels = _panels(world, facts, markets)
    sound = {m: ladder for m, ladder in customs.items() if ladder and not ladder.thin}
    built = {**dict.fromkeys(customs), **sound, **panels}
    thin = {m: c.coverage for m, c in customs.items() if c and c.thin and m not in panels}
    without = tuple(sorted(considered - importing))
    return Imports(facts, dataset, flows, year, built, without, thin, customs)


def _panels(world: StudyInputs, facts: ModelFacts, markets: Sequence[str]) -> dict[str, Ladder]:
    """The ladders of the firm's own market panel, where it is loaded; they count items."""
    panel = world.warehouse.table("market_panel")
    if panel.is_empty() or facts.unit != "item":
        return {}
    year, method = world.study.on.year, world.study.markets.tiers
    return panel_ladders(
        panel, world.history, product=facts.code, markets=markets, year=year, method=method
    )


def price_at(cost: MarketCost, level: PriceLevel, margin: float) -> float | None:
    """Our price of a unit at a level, USD; ``None`` where there is no landed cost to know it from.

    Args:
        cost: of a shipment.
        level: of the price.
        margin: what importers and shops add, share of the shelf price without value-added tax.
    """
    if level == "fob":
        return float(cost.fob_usd)
    if level == "cif":
        return float(cost.cif_usd)
    if cost.quote is None:
        return None
    net = float(cost.quote.landed_before_recoverable / cost.quote.quantity)
    if level == "landed":
        return net
    tax = float(cost.quote.landed / cost.quote.landed_before_recoverable)
    return net / (1 - margin) * tax


def panel_notes(imports: Imports, standings: Standings) -> Iterator[Caution]:
    """Beside each panel, the average price by customs: what the two say of one market."""
    for market, standing in standings.items():
        panel, customs = standing.ladder, imports.customs.get(market)
        if panel is None or panel.dataset != PANEL or customs is None or standing.price is None:
            continue
        there = price_at(standing.cost, customs.basis, standing.margin)
        ours, theirs = average(panel), average(customs)
        if there is None or ours is None or theirs is None:
            continue
        brought = ours * there / standing.price
        values = {
            "market": CountryCode(market),
            "panel": f"{brought:,.0f}",
            "customs": f"{theirs:,.0f}",
            "coverage": f"{customs.coverage:.0%}",
            "gap": f"{brought / theirs - 1:+.0%}",
        }
        yield Caution("study.note_panel", values)


def average(ladder: Ladder) -> float | None:
    """The average price of a unit on a ladder, USD."""
    priced = [
        (s.unit_value * s.quantity, s.quantity)
        for s in ladder.suppliers
        if s.unit_value and s.quantity
    ]
    units = fsum(quantity for _, quantity in priced)
    return fsum(value for value, _ in priced) / units if units else None


def standings_of(world: StudyInputs, imports: Imports) -> Standings:
    """Cost a shipment to every market under the world's rules, and place our price on its ladder.

    Raises:
        InputError, RuleError: see :func:`~offing.study.costs.cost_in_market`.
    """
    facts, rates = imports.facts, world.laws.refund_rates
    refund_rate, _ = refund_rate_of(facts, world.study.on, rates=rates)
    by_market = {}
    with stretch(0.2, 0.5):
        for market, ladder in told_of([*imports.ladders.items()], say("study.doing_markets")):
            km = world.km.get(market)
            cost = cost_in_market(world.study, facts, market, km, refund_rate, world.costing)
            margin = float(world.study.channel_in(market).margin)
            by_market[market] = Standing(cost, ladder, None, margin)
    return _place_prices(by_market, world.study.seed)


def _place_prices(by_market: dict[str, Standing], seed: int) -> dict[str, Standing]:
    """The standings with the place of our price, where it is known at the ladder's level."""
    priced = {
        market: (standing.ladder, standing.price)
        for market, standing in by_market.items()
        if standing.ladder is not None and standing.price is not None
    }
    placed = dict(zip(priced, places(priced.values(), seed=seed), strict=True))
    return {m: replace(standing, place=placed.get(m)) for m, standing in by_market.items()}


LEAST_KNOWN = 0.5
"""Share of the rivals' sales in a market whose duty must be known."""


def rival_duties(
    duty: Mapping[str, float], flows: pl.DataFrame, origin: str, rulebook: Rulebook
) -> dict[str, float]:
    """Market → duty over CIF value that rivals pay, weighted by their sales.

    Markets are left out where the duty of too many rivals is not known.

    Args:
        duty: market → the origin's own duty, without a preference.
        flows: ``importer``, ``exporter``, ``value_usd`` of the product in one year.
        origin: the exporter asked for.
        rulebook: knows the customs territories.
    """
    inside = pl.DataFrame(
        [(market, country, True) for market in duty for country in territory(rulebook, market)],
        schema={"importer": pl.String, "exporter": pl.String, "inside": pl.Boolean},
        orient="row",
    )
    others = pl.col("exporter") != pl.col("importer"), pl.col("exporter") != origin
    sales = pl.col("value_usd")
    rivals = (
        flows.lazy()
        .filter(pl.col("importer").is_in(list(duty)), *others)
        .join(inside.lazy(), on=["importer", "exporter"], how="left")
        .group_by("importer")
        .agg(sales.sum(), sales.filter("inside").sum().alias("known"))
        .filter(sales > 0)
        .collect()
    )
    covered = {
        market
        for market, total, within in rivals.rows()
        if duty[market] == 0 or within >= LEAST_KNOWN * total
    }
    return {market: 0.0 for market in duty if market in covered}


Array = npt.NDArray[np.float64]
QUOTED = 8
"""Rivals whose duty is worked out one by one; the smaller ones pay what most of these pay."""


class Duties:
    """Duties of origins, as shares of the CIF value, each worked out once a customs territory."""

    def __init__(self, world: StudyInputs, facts: ArticleFacts, laws: Rules) -> None:
        self._world, self._facts, self._laws = world, facts, laws
        self._known_rate: dict[tuple[str, str], float | None] = {}

    def importer(self, market: str) -> str:
        """The importer whose tariff the market has."""
        return importer_of(self._laws.rulebook, market)

    def of(self, market: str, origin: str) -> float | None:
        """The duty of one origin; ``None`` where neither the tariffs nor the study say."""
        importer = self.importer(market)
        key = (market if market in self._world.study.duty else importer, origin)
        if key not in self._known_rate:
            self._known_rate[key] = self._of(market, importer, origin)
        return self._known_rate[key]

    def _of(self, market: str, importer: str, origin: str) -> float | None:
        if origin in territory(self._laws.rulebook, market):
            return 0.0
        world = self._world
        request = request_for(world.study, self._facts, market, importer, world.km.get(market))
        by = Costing(self._laws.rulebook, world.warehouse, world.fx)
        own = world.study.duty.get(market)
        quoted, _ = quote_or_reason(replace(request, origin=origin), own, by)
        return None if quoted is None else float(duty_rate_of(quoted))

    def row(self, market: str, origins: Sequence[str]) -> Array | None:
        """The duties of origins, the largest first; ``None`` where the first one's is not known."""
        first = self.of(market, origins[0])
        if first is None:
            return None
        inside = territory(self._laws.rulebook, market)
        quoted = [origin for origin in origins[1:] if origin not in inside][:QUOTED]
        by_origin = {origin: self.of(market, origin) for origin in quoted}
        known = {origin: rate for origin, rate in by_origin.items() if rate is not None}
        usual = float(np.median(list(known.values()))) if known else first
        known[origins[0]] = first
        return np.array([0.0 if o in inside else known.get(o, usual) for o in origins])


def territory(rulebook: Rulebook, market: str) -> frozenset[str]:
    """The countries between which goods of a market's customs territory move without duty."""
    try:
        return frozenset({market, *rulebook.regime(market).destinations})
    except MissingDataError:
        return frozenset({market})


def may_touch(reforms: Iterable[Reform], importer: str, code: str) -> bool:
    """Whether a reform names a rule of an importer, so that its duties are worth working out.

    A tariff line of other goods is none of these.
    """
    start = f"{importer.lower()}."
    named = [id_ for reform in reforms for id_ in reform.ids if id_.startswith(start)]
    lines = [id_.rpartition(".")[2] for id_ in named]
    return any(
        not line.isdigit() or line.startswith(code) or code.startswith(line) for line in lines
    )
