"""A study under shocks: the rules, the terms and the demand that they bring."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from offing.policy.effects import SegmentDraws, TradeEffects, changes_of, joined
from offing.policy.overlay import Rules
from offing.policy.shock_file import Shock, percent_text
from offing.rules.reform import Changes, NameKeys, Reform, reform_of
from offing.sources.elasticities import substitution_of
from offing.study.costs import refund_rate_of
from offing.study.effects import Assumed, Worked, abroad, effects_on_segments
from offing.study.file import Study
from offing.study.markets import Imports, Standings, standings_of
from offing.study.run import Outcome
from offing.study.world import World
from offing.terms.errors import Where
from offing.terms.sums import added

Array = npt.NDArray[np.float64]
WEEKS = 52
Every = ""
"""Stands for all markets that are not named."""


@dataclass(frozen=True)
class Terms:
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
            self.freight.get(market, self.freight.get(Every, 1.0)),
            self.price.get(market, self.price.get(Every, 1.0)),
        )

    def changes_freight(self, market: str) -> bool:
        """Whether the main carriage to a market costs another sum."""
        return self.of(market)[0] != 1.0


NO_TERMS = Terms()


def terms_of(shocks: Sequence[Shock]) -> Terms:
    """The terms under several shocks; their factors multiply."""
    freight: dict[str, float] = {}
    price: dict[str, float] = {}
    for shock in shocks:
        for carriage in shock.file.freight:
            _multiply(freight, carriage.markets, shock.factor(carriage.change))
        for floor in shock.file.floor:
            _multiply(price, floor.markets, shock.factor(floor.above))
    return Terms(freight, price)


def _multiply(factors: dict[str, float], markets: Sequence[str], factor: float) -> None:
    for market in markets or (Every,):
        factors[market] = factors.get(market, 1.0) * factor


def standings_under(world: World, imports: Imports, terms: Terms) -> Standings:
    """Where a product stands under the world's rules and the terms."""
    groups: dict[tuple[float, float], list[str]] = {}
    for market in imports.ladders:
        groups.setdefault(terms.of(market), []).append(market)
    parts = []
    for (freight, price), markets in groups.items():
        same = replace(imports, ladders={m: imports.ladders[m] for m in markets})
        parts.append(
            standings_of(replace(world, study=_shipped(world.study, freight)), _priced(same, price))
        )
    by_market = {m: s for same in parts for m, s in same.by_market.items()}
    order = {market: by_market[market] for market in imports.ladders}
    return Standings(order, parts[0].refund_rule)


def _shipped(study: Study, factor: float) -> Study:
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


def _priced(imports: Imports, factor: float) -> Imports:
    if factor == 1.0:
        return imports
    facts, by = imports.facts, Decimal(str(factor))
    prices = {m: facts.market_prices_usd.get(m, facts.price_usd) * by for m in imports.ladders}
    return replace(imports, facts=facts.model_copy(update={"market_prices_usd": prices}))


def reform_of_shocks(world: World, shocks: Sequence[Shock], name: str, name_zh: str) -> Reform:
    """The rules that shocks lay over a study's: duties, refund, exchange rates, interest."""
    changes: dict[str, list[dict[str, object]]] = {"rate": [], "charge": [], "exchange": []}
    for shock in shocks:
        for number, duty in enumerate(shock.file.duty):
            importer = duty.importer.upper()
            charge = f"shock_{shock.key}_{number}".replace("-", "_")
            rate = f"{importer.lower()}.{charge}"
            changes["charge"].append(
                {
                    "importer": importer,
                    "name": charge,
                    "stage": "duty",
                    "base": ["customs_value"],
                    "rate": rate,
                    "origins": duty.origins,
                    "not_origins": duty.not_origins,
                    "source": shock.file.shock.source,
                }
            )
            value = percent_text(duty.rate * shock.size)
            changes["rate"].append({"id": rate, "value": value, "source": shock.file.shock.source})
        for exchange in shock.file.exchange:
            moved = shock.factor(exchange.change) - 1
            changes["exchange"].append(
                {"currency": exchange.currency, "change": percent_text(moved)}
            )
        changes["rate"] += _refunds(world, shock) + _interests(world, shock)
    where = next((shock.where for shock in shocks if shock.where), Where(Path("shock")))
    about = NameKeys(name=name, name_zh=name_zh)
    return reform_of(about, Changes.model_validate(changes), where)


def _refunds(world: World, shock: Shock) -> list[dict[str, object]]:
    points = sum(refund.points for refund in shock.file.refund) * shock.size
    rates: list[dict[str, object]] = []
    models = {facts.code: facts for facts in world.study.model} if points else {}
    for facts in models.values():
        today, _ = refund_rate_of(facts, world.study.on, rates=world.laws.refund_rates)
        if today is not None:  # a cancelled refund has no points to lose
            value = min(max(float(today) + points, 0.0), float(facts.levy_rate))
            rates.append({"id": f"chn.refund.{facts.code}", "value": percent_text(value)})
    return rates


def _interests(world: World, shock: Shock) -> list[dict[str, object]]:
    rates: list[dict[str, object]] = []
    for interest in shock.file.interest:
        today = world.laws.settlement.interest(interest.currency, world.study.on)
        if today is not None and not today.is_stale:  # of no rate nothing is moved
            value = float(today.rate) + interest.points * shock.size
            id_ = f"settlement.interest.{interest.currency.lower()}"
            rates.append({"id": id_, "value": percent_text(max(value, 0.0))})
    return rates


def shocked_segments(
    before: Outcome,
    laws: Rules,
    after: Sequence[Standings],
    reform: Reform,
    shocks: Sequence[Shock],
    assumed: Assumed,
) -> tuple[Worked, int]:
    """What shocks do to the origin's sales, as draws, and how much of it the loaded data say.

    Args:
        before: the study under today's rules.
        laws: those under the shocks.
        after: standings of every product under the laws and the shocks' terms.
        reform: of the shocks' rules.
        shocks: laid on together.
        assumed: elasticities and draws.
    """
    worked, several = Worked({}, TradeEffects("shock")), list[SegmentDraws]()
    if assumed.moves:
        worked = effects_on_segments(before, laws, reform, assumed)
        several = [worked.draws, _dearer(before, after, assumed)]
    elsewhere, measured = dict(worked.elsewhere), 0
    for shock in shocks:
        markets, covered = bought(before, shock, assumed.draws)
        several += [markets, _closed(before, shock, assumed.draws)]
        measured += covered
        # neither the home port nor the home route is that of a plant abroad
        for studied in before.products:
            for plant in abroad(before.world, studied.imports.facts):
                for segment, factors in markets.items():
                    if segment[0] == studied.imports.facts.key:
                        flow = (*segment, plant.country)
                        elsewhere[flow] = elsewhere.get(flow, 1.0) * factors
    draws = {segment: factors for segment, factors in joined(several).items() if _moves(factors)}
    known_before = {
        (row.product, row.market): row for row in worked.effects.markets if not row.origin
    }
    duty = {s: row.duty for s, row in known_before.items() if row.duty is not None}
    markets_moved = changes_of(draws, {}, duty, elsewhere=elsewhere)
    effects = replace(worked.effects, kind="shock", markets=markets_moved)
    return Worked(draws, effects, elsewhere, dict(_without_interest(before, shocks))), measured


def _without_interest(
    before: Outcome, shocks: Sequence[Shock]
) -> Iterator[tuple[tuple[str, str], str]]:
    """Segments whose invoices a shock of an interest rate touches that is not known today."""
    moved = {interest.currency for shock in shocks for interest in shock.file.interest}
    for code in moved:
        if before.world.laws.settlement.interest(code, before.world.study.on) is None:
            rows = (row for row in before.planned.plan.rows if row.currency == code)
            yield from (((row.product, row.market), "study.no_interest") for row in rows)


def _moves(factors: Array) -> bool:
    return bool(np.abs(factors - 1).max() > 1e-12)


def _dearer(before: Outcome, after: Sequence[Standings], assumed: Assumed) -> SegmentDraws:
    """Where the firm's price or its carriage rises, rivals' staying: (after ÷ before)^−σ."""
    draws: dict[tuple[str, str], Array] = {}
    for studied, now in zip(before.products, after, strict=True):
        code, key = studied.imports.facts.code, studied.imports.facts.key
        sigma = (assumed.substitution or substitution_of(code)).draws(assumed.draws, assumed.seed)
        for market, standing in now.by_market.items():
            was = studied.standings.by_market[market].cost.cif_usd
            ratio = float(standing.cost.cif_usd / was) if was else 1.0
            if abs(ratio - 1) > 1e-9:
                draws[key, market] = ratio**-sigma
    return draws


def bought(before: Outcome, shock: Shock, count: int) -> tuple[SegmentDraws, int]:
    """What markets buy: by the years of the data where both are covered, else the file's figure."""
    draws: dict[tuple[str, str], Array] = {}
    measured = 0
    for studied in before.products:
        code, key = studied.imports.facts.code, studied.imports.facts.key
        for purchase in shock.file.imports:
            if purchase.products and not code.startswith(tuple(purchase.products)):
                continue
            by_market = _by_year(studied.imports.flows, purchase.years)
            for market in studied.standings.by_market:
                if purchase.markets and market not in purchase.markets:
                    continue
                change = by_market.get(market, purchase.change)
                measured += market in by_market
                draws[key, market] = np.full(count, shock.factor(change))
    return draws, measured


def _by_year(flows: pl.DataFrame, years: tuple[int, int] | None) -> dict[str, float]:
    """Market → change of its imports between two years, where the data have both."""
    if years is None:
        return {}
    sums = [
        dict(flows.filter(pl.col("year") == year).group_by("importer").agg(added()).iter_rows())
        for year in years
    ]
    return {
        market: float(sums[1][market] / value - 1)
        for market, value in sums[0].items()
        if value > 0 and sums[1].get(market, 0.0) > 0
    }


def _closed(before: Outcome, shock: Shock, count: int) -> SegmentDraws:
    """What is not shipped in the weeks of a closure is lost: the worst case."""
    weeks = sum(closure.weeks for closure in shock.file.closed) * shock.size
    if not weeks:
        return {}
    shipped = np.full(count, max(1 - weeks / WEEKS, 0.0))
    return {
        (studied.imports.facts.key, market): shipped
        for studied in before.products
        for market in studied.standings.by_market
    }
