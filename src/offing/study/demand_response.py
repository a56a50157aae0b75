"""From a reform to a study's segments: what the origin will sell in each market, as draws.

:func:`effects_on_segments` is the hook between ``policy`` and a plan: whatever the plan is made
from, its markets are scaled by these factors.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import fsum

import numpy as np
import numpy.typing as npt
import polars as pl

from offing.ladders.ladder import TIERS
from offing.ladders.tiers import collect, tier_shares
from offing.policy.effects import (
    DEMAND,
    SUPPLY,
    ElasticityUse,
    MarketTrade,
    PlantDraws,
    SegmentDraws,
    SegmentEffect,
    TradeEffects,
    WorldModel,
    changes_of,
    segment_effects,
    world_sales_changes,
)
from offing.policy.overlay import Rules
from offing.rules.reform import Reform
from offing.sources.elasticities import Substitution, substitution_of
from offing.study.analysis import ProductAnalysis
from offing.study.costs import other_plants
from offing.study.inputs import StudyInputs
from offing.study.markets import Duties, Standing, may_touch
from offing.study.plan import StudyPlan
from offing.study.schema import ModelFacts, Plant
from offing.terms.caution import Caution
from offing.terms.errors import InputError, must_be_within
from offing.terms.frames import exact_sum

Array = npt.NDArray[np.float64]
WHOLE = "all"


@dataclass(frozen=True)
class AssumedResponse:
    """What a partial equilibrium assumes.

    Attributes:
        substitution: of every product; its heading's of the shipped table where ``None``.
        demand: elasticity of all imports to their price, negative.
        supply: of exports to their price in GSIM, positive.
        draws: how many.
        seed: of the draws.
        moves: whether demand answers to duties and prices at all.
    """

    substitution: Substitution | None = None
    demand: float = DEMAND
    supply: float = SUPPLY
    draws: int = 200
    seed: int = 1
    moves: bool = True

    def check(self) -> None:
        """Refuse a wrong sign.

        Raises:
            InputError: ``equilibrium.bad_elasticities``, ``errors.out_of_range``.
        """
        if not (self.demand < 0 < self.supply and np.isfinite(self.supply)):
            sigma = "…" if self.substitution is None else self.substitution.median
            raise InputError(
                "equilibrium.bad_elasticities",
                demand=self.demand,
                substitution=sigma,
                supply=self.supply,
            )
        must_be_within("draws", self.draws, ge=1)


USUAL = AssumedResponse()
"""Where a study's own reform is tried and nobody says more."""


@dataclass(frozen=True)
class DemandResponse:
    """Draws that move a plan, with what is said of them, those of plants abroad, and segments of
    which nothing can be said, with the reason.
    """

    draws: SegmentDraws
    effects: TradeEffects
    elsewhere: PlantDraws = field(default_factory=dict)
    unknown: Mapping[tuple[str, str], str] = field(default_factory=dict)


def effects_on_segments(
    before: StudyPlan, laws: Rules, reform: Reform, assumed: AssumedResponse
) -> DemandResponse:
    """SMART and GSIM of a reform on a study's products.

    Args:
        before: the study under today's rules.
        laws: those under the reform.
        reform: as it was laid over them.
        assumed: elasticities and draws.

    Returns:
        Factors on what the origin sells by (product, market), and the effects behind them; none
        where the reform touches no duty of these products.

    Raises:
        InputError: see :meth:`Assumed.check`; ``policy.no_elasticity``.
    """
    assumed.check()
    draws: dict[tuple[str, str], Array] = {}
    world: dict[tuple[str, str], Array] = {}
    # what all of a country could win is shown; a plant of one firm is planned to keep what it has
    elsewhere: dict[tuple[str, str, str], Array] = {}
    won: dict[tuple[str, str, str], Array] = {}
    duty: dict[tuple[str, str], tuple[float, float]] = {}
    smart: dict[tuple[str, str], Array] = {}
    segments: list[tuple[tuple[float, float], SegmentEffect]] = []
    uses = []
    for studied in before.products:
        code, key = studied.imports.facts.code, studied.imports.facts.key
        substitution = assumed.substitution or substitution_of(code)
        sigma = substitution.draws(assumed.draws, assumed.seed)
        trades = _affected_markets(before.world, studied, laws, reform)
        uses.append(elasticity_use(code, substitution))
        for trade in trades:
            rows, factors, linear = segment_effects(code, trade, sigma, assumed.demand)
            draws[key, trade.market], smart[key, trade.market] = factors[0], linear
            for country, other in zip(trade.origins[1:], factors[1:], strict=False):
                elsewhere[key, trade.market, country] = np.minimum(other, 1.0)
                won[key, trade.market, country] = other
            duty[key, trade.market] = rates = float(trade.before[0]), float(trade.after[0])
            segments += [(rates, row) for row in rows if not _is_repeated(row, rates, segments)]
        world |= _world(studied, trades, sigma, assumed)
    effects = TradeEffects(
        "partial", tuple(dict.fromkeys(uses)), assumed.demand, assumed.supply, assumed.draws,
        tuple(row for _, row in segments), changes_of(draws, world, duty, smart, won),
    )  # fmt: skip
    return DemandResponse(draws, effects, elsewhere)


SAME_DUTY = 0.005
"""Models of a code whose duties lie nearer than this are one segment: fees by the piece differ."""


def _is_repeated(
    row: SegmentEffect,
    rates: tuple[float, float],
    shown: Sequence[tuple[tuple[float, float], SegmentEffect]],
) -> bool:
    """Whether another model of the same code has given the segment at the same duties."""
    segment = row.product, row.market, row.tier
    return any(
        (other.product, other.market, other.tier) == segment
        and max(abs(a - b) for a, b in zip(rates, others, strict=True)) < SAME_DUTY
        for others, other in shown
    )


def foreign_plants(world: StudyInputs, facts: ModelFacts) -> list[Plant]:
    """The plants that make a model in another country than the firm's own."""
    home = world.study.firm.origin
    return [plant for plant, _ in other_plants(world.study, facts) if plant.country != home]


def elasticity_use(code: str, sigma: Substitution) -> ElasticityUse:
    """Where the elasticity of a code comes from."""
    low, high = sigma.interval
    return ElasticityUse(
        code, sigma.median, low, high, sigma.source, sigma.code, sigma.codes, sigma.spread_code
    )


def _affected_markets(
    world: StudyInputs, studied: ProductAnalysis, laws: Rules, reform: Reform
) -> list[MarketTrade]:
    """The markets in which any origin's duty on the product changes."""
    facts, origin = studied.imports.facts, world.study.firm.origin
    sides = [Duties(world, facts, side) for side in (world.laws, laws)]
    named = {m for m in studied.standings if may_touch([reform], sides[0].importer(m), facts.code)}
    if not named:
        return []
    flows = _flows_by_tier(studied, world.study.markets.tiers)
    trades = []
    for market in sorted(named):
        inside = flows.filter(pl.col("importer") == market).sort("value_usd", descending=True)
        # what a plant inside the market makes is no import, and in no data of these
        plants = {
            plant.country: None for plant in foreign_plants(world, facts) if plant.country != market
        }
        own = (origin, *plants)
        rivals = [o for o in inside["exporter"] if o not in (*own, market)]
        origins = (*own, *rivals)
        before, after = (side.row(market, origins) for side in sides)
        if before is None or after is None or np.array_equal(before, after):
            continue
        standing = studied.standings[market]
        placed = _imports(inside, origins, standing)
        tier = standing.tier
        trades.append(MarketTrade(market, origins, placed, before, after, tier, len(plants)))
    return trades


def _flows_by_tier(studied: ProductAnalysis, method: str) -> pl.DataFrame:
    """Flows of the base year: ``importer``, ``exporter``, ``value_usd`` and its part by tier."""
    imports = studied.imports
    flows = imports.flows.filter(pl.col("year") == imports.year)
    rows = collect(tier_shares(flows, unit=imports.facts.unit, method=method))
    usd = [(pl.col(tier) * pl.col("value_usd")).sum().alias(tier) for tier in TIERS]
    parts = rows.group_by("importer", "exporter").agg(*usd)
    return (
        flows.group_by("importer", "exporter")
        .agg(exact_sum())
        .join(parts, on=["importer", "exporter"], how="left")
        .with_columns(pl.col(*TIERS).fill_null(0.0))
    )


def _imports(rows: pl.DataFrame, origins: Sequence[str], standing: Standing) -> dict[str, Array]:
    """Tier → imports by origin; a flow without unit values is spread as its market is."""
    by_exporter = {row["exporter"]: row for row in rows.iter_rows(named=True)}
    if standing.place is None or not float(rows.select(pl.sum_horizontal(*TIERS).sum()).item()):
        return {WHOLE: np.array([_value(by_exporter, o, "value_usd") for o in origins])}
    totals = {tier: float(rows[tier].sum()) for tier in TIERS}
    in_tiers = fsum(totals.values())
    placed: dict[str, Array] = {}
    for tier in TIERS:
        values = []
        for origin in origins:
            split = fsum(_value(by_exporter, origin, name) for name in TIERS)
            rest = max(_value(by_exporter, origin, "value_usd") - split, 0.0)
            values.append(_value(by_exporter, origin, tier) + rest * totals[tier] / in_tiers)
        placed[tier] = np.array(values)
    return placed


def _value(rows: Mapping[str, Mapping[str, float]], origin: str, name: str) -> float:
    return float(rows[origin][name]) if origin in rows else 0.0


def _world(
    studied: ProductAnalysis, trades: Sequence[MarketTrade], sigma: Array, assumed: AssumedResponse
) -> dict[tuple[str, str], Array]:
    """GSIM over all markets of the data: the touched ones have their tariffs, the others none."""
    if not trades:
        return {}
    imports = studied.imports
    flows = imports.flows.filter(
        (pl.col("year") == imports.year) & (pl.col("exporter") != pl.col("importer"))
    )
    origin = trades[0].origins[0]
    rivals = sorted(set(flows["exporter"]) - {origin})
    row = {name: at for at, name in enumerate([origin, *rivals])}
    column = {name: at for at, name in enumerate(sorted(set(flows["importer"])))}
    matrix = np.zeros((len(row), len(column)))
    totals = flows.group_by("exporter", "importer").agg(exact_sum())
    for exporter, importer, value in totals.iter_rows():
        matrix[row[exporter], column[importer]] = value
    before, after = np.zeros_like(matrix), np.zeros_like(matrix)
    for trade in trades:
        at = [row[o] for o in trade.origins if o in row], column[trade.market]
        present = [n for n, o in enumerate(trade.origins) if o in row]
        before[at], after[at] = trade.before[present], trade.after[present]
    sold = matrix.sum(axis=1) > 0
    sold[0] = True
    changes = world_sales_changes(
        matrix[sold], before[sold], after[sold], sigma, assumed.demand, assumed.supply
    )
    key = imports.facts.key
    return {(key, trade.market): changes[:, column[trade.market]] for trade in trades}


def scale_figure(outlook_usd: float | None, factor: float) -> float | None:
    """A figure of an outlook under a factor; ``None`` stays."""
    return None if outlook_usd is None else outlook_usd * factor


LEAST_FACTOR = 1e-6
"""Below it the firm's own country sells nothing; what its plants abroad sell is counted over it."""


PlantsAbroad = tuple[Mapping[tuple[str, str], Array], Mapping[str, Mapping[tuple[str, str], float]]]
"""``elsewhere`` and ``kept_usd`` of a :class:`~offing.study.analysis.Demand`."""


def over_home(
    before: StudyPlan, studied: ProductAnalysis, draws: SegmentDraws, elsewhere: PlantDraws
) -> PlantsAbroad:
    """What a change does to the goods of plants abroad: they go on at the prices that they had.

    A market where the change does not touch their country leaves their sales as they are.
    """
    key = studied.imports.facts.key
    plants = foreign_plants(before.world, studied.imports.facts)
    factors = {}
    for market in {m for product, m in draws if product == key} if plants else ():
        home = np.maximum(draws[key, market], LEAST_FACTOR)
        for plant in plants:
            own = elsewhere.get((key, market, plant.country), np.ones(1))
            factors[market, plant.key] = np.resize(own, len(home)) / home
    menu, keys = before.choices, {plant.key for plant in plants}
    dollar = before.choices.dollar
    prices = {
        outlet.market: {way: usd for way, usd in outlet.usual(dollar).items() if way[0] in keys}
        for outlet in (menu.shelves[key].outlets if keys else ())
    }
    return factors, prices


def scale_demand(
    studied: ProductAnalysis, draws: SegmentDraws, abroad: PlantsAbroad = ({}, {})
) -> ProductAnalysis:
    """A product whose outlooks are scaled by the draws: the mean, and a wider interval.

    The two doubts, of the outlook and of the effect, are taken as independent and lognormal.
    """
    key = studied.imports.facts.key
    outlooks, by_market = dict(studied.demand.outlook), dict(studied.demand.factors)
    for market, outlook in outlooks.items():
        factors = draws.get((key, market))
        if factors is None:
            continue
        mean = float(factors.mean())
        by_market[market] = np.asarray(by_market.get(market, 1.0)) * factors
        low, high = np.quantile(factors, [0.1, 0.9])
        ends = []
        for end, drawn in ((outlook.low80, low), (outlook.high80, high)):
            if end is None or min(end, drawn, mean, outlook.expected_usd) <= 0:
                ends.append(scale_figure(end, mean))
                continue
            apart = np.hypot(np.log(end / outlook.expected_usd), np.log(drawn / mean))
            sign = -1.0 if end < outlook.expected_usd else 1.0
            ends.append(float(outlook.expected_usd * mean * np.exp(sign * apart)))
        outlooks[market] = replace(
            outlook, expected_usd=outlook.expected_usd * mean, low80=ends[0], high80=ends[1]
        )
    elsewhere, kept = abroad
    demand = replace(
        studied.demand, outlook=outlooks, factors=by_market, elsewhere=elsewhere, kept_usd=kept
    )
    return replace(studied, demand=demand)


@dataclass(frozen=True)
class WorldDraws:
    """What a world equilibrium does to one origin's sales.

    Attributes:
        factors: market → K factors on all that it buys from the origin.
        world: the equilibrium.
        elsewhere: (market, country of a plant abroad) → the same for its goods.
        cautions: what was estimated on the way.
        beside: other model → the same, without draws.
    """

    factors: Mapping[str, Array]
    world: WorldModel
    elsewhere: Mapping[tuple[str, str], Array]
    cautions: tuple[Caution, ...]
    beside: Mapping[str, Mapping[str, Array]] = field(default_factory=dict)


def _beside(moved_by: WorldDraws, market: str) -> tuple[tuple[str, float], ...]:
    """The change of one market in the other models."""
    return tuple(
        (model, float(factors[market].mean() - 1)) for model, factors in moved_by.beside.items()
    )


def general_effects(before: StudyPlan, moved_by: WorldDraws) -> DemandResponse:
    """A world equilibrium on a study's segments: a market's imports of all goods stand for each.

    Args:
        before: the study under today's rules.
        moved_by: of the equilibrium; what becomes of markets that it does not know is not known.
    """
    known = moved_by.factors
    segments = [(of.imports.facts.key, m) for of in before.products for m in of.standings]
    draws = {segment: known[segment[1]] for segment in segments if segment[1] in known}
    unknown = dict.fromkeys((s for s in segments if s[1] not in known), "policy.not_in_world")
    elsewhere = {
        (studied.imports.facts.key, market, country): factors
        for studied in before.products
        for plant in foreign_plants(before.world, studied.imports.facts)
        for (market, country), factors in moved_by.elsewhere.items()
        if country == plant.country and market in studied.standings
    }
    effects = TradeEffects(
        "general",
        draws=len(next(iter(draws.values()), np.ones(1))),
        markets=tuple(
            row if row.origin else replace(row, beside=_beside(moved_by, row.market))
            for row in changes_of(draws, {}, {}, elsewhere=elsewhere)
        ),
        cautions=moved_by.cautions,
        model=moved_by.world.model,
        theta=moved_by.world.theta,
        world=moved_by.world,
    )
    return DemandResponse(draws, effects, elsewhere, unknown)
