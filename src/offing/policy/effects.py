"""What new tariffs do to trade, as distributions: by segment, in the world, for a country.

SMART for each touched market and price tier, its world prices held (Jammes and Olarreaga 2005,
"Explaining SMART and GSIM", World Bank; Laird and Yeats 1986, UNCTAD); GSIM beside it, the world
market of each origin's variety cleared (Francois and Hall 2009, "Global Simulation Analysis of
Industry-Level Trade Policy"). Both are linear; a plan is moved by the same elasticities on the
whole change. What moves a firm's plan is one thing: the factor on what its origin sells in each
market, as draws (:data:`SegmentDraws`). Any other counterfactual that gives such draws, such as a
general equilibrium, moves a plan in the same way.

An agreement, or a cut of duties for all, is looked at line by line as the World Bank's TRIST does
(Brenton, Saborowski, Staritz and von Uexkull 2011, World Trade Review 10(2)): imports of each
origin under the new duties, and the duty on them, from duties as they are collected where known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

import numpy as np

from offing.estimators import TINY, Floats
from offing.policy.equilibrium.counterfactual import Coefficient
from offing.terms.caution import Caution
from offing.terms.money import Missing

SegmentDraws = Mapping[tuple[str, str], Floats]
"""(product, market) → K factors on what the origin sells there; a market not named stays."""

PlantDraws = Mapping[tuple[str, str, str], Floats]
"""(product, market, country of a plant abroad) → the same for its goods."""

Kind = Literal["partial", "general", "shock"]
DEMAND = -1.0
"""Of all imports of a product to their price: buyers go on spending the same sum. An assumption."""
SUPPLY = 1.5
"""Of an origin's exports to their price in GSIM: that of the four-region example of its authors,
Francois and Hall, read in a public copy of it; its printed prices are repeated in the tests.
"""
TRACE = 1e-6
"""Share of a market that stands in for an origin without sales there, so that a factor exists."""


def smart(
    imports: Floats, before: Floats, after: Floats, substitution: Floats, *, demand: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """A change of tariffs in one market, for K elasticities of substitution at once.

    Args:
        imports: R values by origin, before tariffs.
        before: R tariffs, as shares.
        after: R tariffs of the reform.
        substitution: K, positive.
        demand: of imports to their price, negative; the world price holds.

    Returns:
        By K draws, in the currency of the imports: K × R, more (less) of them for the lower
        (higher) price; K × R, won from (lost to) the other origins, which sums to nought; K, the
        change of the market's tariff revenue, all origins together; K, its consumers' gain beyond
        what the treasury loses: the Harberger triangle.
    """
    relative = (1 + after) / (1 + before)
    creation = np.maximum(imports * demand * (relative - 1), -imports)
    others, paid = imports.sum() - imports, imports * relative
    mean = np.divide(paid.sum() - paid, others, out=np.ones_like(imports), where=others > 0)
    # cheaper against the others wins
    pull = -substitution[:, None] * (relative / mean - 1)
    room = imports + others + imports * pull  # none left: the origin loses all that it sells
    uncapped = np.where(room > 0, imports * others * pull / np.where(room > 0, room, 1), -imports)
    won = np.clip(uncapped, -(imports + creation), others)  # of what dearer imports leave
    gains = np.where(won > 0, won, 0).sum(axis=1, keepdims=True)
    losses = -np.where(won < 0, won, 0).sum(axis=1, keepdims=True)
    even = np.minimum(gains, losses)  # what one origin wins another loses
    scale = np.where(won > 0, even / np.maximum(gains, TINY), even / np.maximum(losses, TINY))
    won = won * scale
    later = imports + creation + won
    triangle = float(((before + after) / 2 * creation).sum())
    revenue = (after * later).sum(axis=1) - float((before * imports).sum())
    created = np.broadcast_to(creation, won.shape)
    return created, won, revenue, np.full(len(won), triangle)


def armington(
    imports: Floats, before: Floats, after: Floats, substitution: Floats, demand: float
) -> Floats:
    """What each origin sells in a market under other tariffs over today's, world prices held.

    The demand of GSIM, on whole changes where GSIM and SMART are linear: with τ̂ = (1 + t′)/(1 + t),
    θ the share in what buyers pay today and E the elasticity of all imports (Armington 1969)::

        M̂_r = τ̂_r^−σ P̂^(σ + E)        P̂ = (Σ θ_r τ̂_r^(1−σ))^(1/(1−σ))

    Equal to both for small changes; a duty that is raised and removed again leads back.

    Args:
        imports: R values by origin, before tariffs; some must be positive.
        before: R tariffs, as shares.
        after: R tariffs of the reform.
        substitution: K, positive.
        demand: of all imports to their price, negative.

    Returns:
        K × R factors.


    >>> imports = np.array([60.0])
    >>> armington(imports, imports * 0, np.array([0.25]), np.array([3.0]), -1.0).round(3).tolist()
    [[0.8]]
    """
    paid = imports * (1 + before)
    shares = paid / max(float(paid.sum()), TINY)
    dearer = np.log1p(after) - np.log1p(before)
    sigma = substitution[:, None]
    at_one = np.abs(substitution - 1) < NEAR_ONE
    slope = np.where(at_one, 1.0, 1 - substitution)
    index = np.log((shares * np.exp((1 - sigma) * dearer)).sum(axis=1)) / slope
    index = np.where(at_one, float(shares @ dearer), index)
    return np.asarray(np.exp(-sigma * dearer + (sigma + demand) * index[:, None]))


NEAR_ONE = 1e-9
"""So near to 1 an elasticity of substitution is 1: shares of spending stay."""


def gsim(
    trade: Floats,
    before: Floats,
    after: Floats,
    *,
    demand: float,
    substitution: float,
    supply: float,
) -> tuple[Floats, Floats]:
    """A change of tariffs anywhere, with world prices that clear; linear in percentage changes.

    Args:
        trade: R × M values before tariffs.
        before: R × M tariffs, as shares.
        after: R × M tariffs of the reform.
        demand: of imports to their price, negative.
        substitution: between origins, positive.
        supply: of exports to their price, positive and finite.

    Returns:
        Changes as shares: R, of the prices of each origin's goods at its border; R × M, of the
        quantities from origin (row) to market (column).
    """
    spent = trade * (1 + before)
    shares = spent / np.maximum(spent.sum(axis=0), TINY)  # θ, at prices with tariffs
    sold = trade / np.maximum(trade.sum(axis=1, keepdims=True), TINY)
    wedge = (after - before) / (1 + before)
    # M̂_rv = −σ P̂_rv + (E_m + σ) Σ_s θ_sv P̂_sv: the own and cross elasticities of the model
    cross = demand + substitution
    slope = cross * (sold @ shares.T)
    slope[np.diag_indices_from(slope)] -= substitution + supply
    constant = -substitution * (sold * wedge).sum(axis=1)
    constant += cross * (sold @ (shares * wedge).sum(axis=0))
    prices = np.asarray(np.linalg.solve(slope, -constant))
    paid = prices[:, None] + wedge
    return prices, -substitution * paid + cross * (shares * paid).sum(axis=0)


@dataclass(frozen=True)
class EffectRange:
    """A figure over the draws: its mean, and the middle 80 % of them."""

    mean: float
    low: float
    high: float


def spread(draws: Floats) -> EffectRange:
    """The mean and the 10 % and 90 % quantiles.

    >>> spread(np.array([1.0, 1.0]))
    EffectRange(mean=1.0, low=1.0, high=1.0)
    """
    low, high = np.quantile(draws, [0.1, 0.9])
    return EffectRange(float(draws.mean()), float(low), float(high))


@dataclass(frozen=True)
class SegmentEffect:
    """SMART in one market and price tier, USD a year.

    Attributes:
        product: HS code.
        market: alpha-3.
        tier: of prices; ``all`` where the data have no unit values.
        imports: from the firm's origin, today.
        creation: of imports from the origin, by the price alone.
        diversion: won from (lost to) other origins.
        revenue: change of the market's tariff revenue, all origins.
        welfare: of its buyers beyond what the treasury loses.
    """

    product: str
    market: str
    tier: str
    imports: float
    creation: EffectRange
    diversion: EffectRange
    revenue: EffectRange
    welfare: EffectRange


@dataclass(frozen=True)
class MarketChange:
    """By how much what the origin sells in a market changes, as a share of today's.

    Attributes:
        product: HS code.
        market: alpha-3.
        change: what moves the plan; ``None`` where it rests on what is not known.
        smart: the same by SMART, which is linear; ``None`` where nothing was worked out by it.
        world: by GSIM, linear too, with world prices cleared; ``None`` where it was not solved.
        duty: the origin's duty before and after; ``None`` where it is not known.
        beside: the same in other models of a general equilibrium, by their names.
        origin: alpha-3 of a plant's country; empty for the firm's own.
        missing: why there is no change, and what hangs on it.
    """

    product: str
    market: str
    change: EffectRange | None
    world: EffectRange | None = None
    smart: EffectRange | None = None
    duty: tuple[float, float] | None = None
    beside: tuple[tuple[str, float], ...] = ()
    origin: str = ""
    missing: Missing | None = None


@dataclass(frozen=True)
class ElasticityUse:
    """Where an elasticity of substitution comes from; ``source`` is a message key."""

    product: str
    median: float
    low: float
    high: float
    source: str
    code: str
    codes: int
    spread_code: str


@dataclass(frozen=True)
class PlanEffects:
    """A year's margin under the change, less that without it, in yuan written as USD of today's
    rate: the mean of the scenarios, and from the 10 % to the 90 % of them.

    Attributes:
        old: of today's plan, kept as it is.
        new: of the plan made anew.
        saved: by making it anew.
        forgone: by how much the plan made anew falls short of the kept one, for the study's limits
            hold for it too; ``new`` is then the kept one.
    """

    old: EffectRange
    new: EffectRange
    saved: EffectRange
    forgone: float = 0.0


Changed = tuple[Literal["tariff", "cost", "effect"], int, float, float]
"""What a shock of the world was taken for, on how many flows, the least and the most of it."""


@dataclass(frozen=True)
class WorldModel:
    """Of which world equilibrium a change is, and what it rests on.

    Attributes:
        model: that the figures are of.
        theta: trade elasticity; ``theta_se`` its standard error, ``None`` with sectors, which have
            their own.
        draws: how many were solved; 0 without an error.
        changed: what the shock was taken for; ``home`` whose tariffs are studied, with the highest
            rate on its imports and its exports.
        deficits: how they are held in ``one-sector``; ``rebate`` of the revenue in
            ``with-revenue``.
        coefficient: of a panel.
        without: other models, and why they cannot have the scenario.
        sector: of the trade that the products are of; empty where all goods stand for them.
    """

    model: str
    theta: float
    theta_se: float | None
    draws: int
    changed: Changed
    deficits: str = "additive"
    rebate: str = "income_tax"
    home: tuple[str, float, float] | None = None
    coefficient: Coefficient | None = None
    without: Mapping[str, str] = field(default_factory=dict)
    sector: str = ""


@dataclass(frozen=True)
class TradeEffects:
    """What a reform or a shock does to demand.

    Attributes:
        kind: how it was found.
        elasticities: of each product, with their sources; empty but for ``partial``.
        demand: elasticity of all imports of a product to their price; ``None`` but for ``partial``.
        supply: of exports to their price in GSIM.
        draws: how many.
        segments: SMART by segment.
        markets: what moves the plan.
        plan: today's plan and the one made anew, of the part that is known; ``None`` where the
            change touches nothing else than what is missing.
        cautions: message keys with their values.
        model: of a general equilibrium, with its trade elasticity; empty else.
        theta: the trade elasticity of a general equilibrium.
        world: what a general equilibrium rests on.
        settling: share of the receivables lost in settling them, before and after; ``None`` where
            the study does not settle.
    """

    kind: Kind
    elasticities: tuple[ElasticityUse, ...] = ()
    demand: float | None = None
    supply: float | None = None
    draws: int = 0
    segments: tuple[SegmentEffect, ...] = ()
    markets: tuple[MarketChange, ...] = ()
    plan: PlanEffects | None = None
    cautions: tuple[Caution, ...] = ()
    model: str = ""
    theta: float | None = None
    world: WorldModel | None = None
    settling: tuple[float, float] | None = None

    @property
    def missing(self) -> tuple[Missing, ...]:
        """Every effect that rests on what is not known."""
        return tuple(row.missing for row in self.markets if row.missing is not None)

    def without(self, missing: Mapping[tuple[str, str], Missing]) -> "TradeEffects":
        """The same, with no number for segments whose effect is missing, a plant's goods too."""
        known = (row for row in self.markets if (row.product, row.market) not in missing)
        gone = (MarketChange(*key, None, missing=why) for key, why in missing.items())
        return replace(self, markets=(*known, *gone))


@dataclass(frozen=True)
class MarketTrade:
    """One market's imports of a product and the tariffs on them.

    Attributes:
        market: alpha-3.
        origins: R, the firm's own first, then those of its plants in other countries.
        imports: tier → R, USD.
        before: R, tariffs as shares.
        after: R, under the reform.
        tier: that the firm's price stands in.
        plants: how many origins after the first are countries of the firm's plants.
    """

    market: str
    origins: tuple[str, ...]
    imports: Mapping[str, Floats]
    before: Floats
    after: Floats
    tier: str
    plants: int


def segment_effects(
    product: str, trade: MarketTrade, substitution: Floats, demand: float
) -> tuple[tuple[SegmentEffect, ...], Floats, Floats]:
    """SMART in every tier of a market, and in the tier of the firm's price what moves its plan.

    For K draws of the elasticity of substitution.

    Returns:
        SMART by tier; (1 + plants) × K, on what each origin of the firm sells in the tier of its
        price; and K, the change of the first one by SMART, which is linear.
    """
    rows, smarts = [], np.zeros(len(substitution))
    factors = np.ones((1 + trade.plants, len(substitution)))
    for tier, imports in trade.imports.items():
        if not imports.sum() > 0:
            continue
        floored = imports.copy()
        floored[0] = max(floored[0], TRACE * imports.sum())
        created, won, *of_market = smart(
            floored, trade.before, trade.after, substitution, demand=demand
        )
        if tier == trade.tier or len(trade.imports) == 1:
            smarts = (created + won)[:, 0] / floored[0]
            moved = armington(imports, trade.before, trade.after, substitution, demand)
            factors = moved[:, : 1 + trade.plants].T
        if imports[0] > 0:
            figures = map(spread, (created[:, 0], won[:, 0], *of_market))
            rows.append(SegmentEffect(product, trade.market, tier, float(imports[0]), *figures))
    return tuple(rows), factors, smarts


def world_sales_changes(
    trade: Floats, before: Floats, after: Floats, substitution: Floats, demand: float, supply: float
) -> Floats:
    """GSIM for K draws: K × M changes of what the first origin sells in each market, as shares.

    Args:
        trade: R × M values, the firm's origin in the first row.
        before: R × M tariffs.
        after: R × M tariffs under the reform.
        substitution: K draws.
        demand: of imports to their price, negative.
        supply: of exports to their price, positive.
    """
    changes = np.empty((len(substitution), trade.shape[1]))
    for number, sigma in enumerate(substitution):
        prices, quantities = gsim(
            trade, before, after, demand=demand, substitution=float(sigma), supply=supply
        )
        changes[number] = np.maximum((1 + quantities[0]) * (1 + prices[0]) - 1, -1.0)
    return changes


def plan_effects(before: Floats, old: Floats, new: Floats) -> PlanEffects:
    """What the kept and the new plan earn against today's world, scenario by scenario.

    ``before`` is today's plan in the world as it is, ``old`` the same plan under the change,
    ``new`` the plan made anew. Who plans anew may keep what there is.
    """
    forgone = max(float(old.mean() - new.mean()), 0.0)
    best = old if forgone else new
    return PlanEffects(spread(old - before), spread(best - before), spread(best - old), forgone)


def changes_of(
    draws: SegmentDraws,
    world: Mapping[tuple[str, str], Floats],
    duty: Mapping[tuple[str, str], tuple[float, float]],
    smart: SegmentDraws = MappingProxyType({}),
    elsewhere: PlantDraws = MappingProxyType({}),
) -> tuple[MarketChange, ...]:
    """The change of every market that moves, the largest fall or rise first; plants' after it."""
    moved = {segment: spread(factors - 1) for segment, factors in draws.items()}
    rows = []
    for segment in sorted(moved, key=lambda segment: (-abs(moved[segment].mean), segment)):
        whole, linear = (spread(of[segment]) if segment in of else None for of in (world, smart))
        rows.append(MarketChange(*segment, moved[segment], whole, linear, duty.get(segment)))
    rows += [
        MarketChange(product, market, spread(factors - 1), origin=country)
        for (product, market, country), factors in sorted(elsewhere.items())
    ]
    return tuple(rows)


def combine_factors(several: Sequence[SegmentDraws]) -> dict[tuple[str, str], Floats]:
    """Several changes at once: their factors multiply, draw by draw.

    >>> combine_factors([{("8528", "DEU"): np.array([0.5])}, {("8528", "DEU"): np.array([0.5])}])
    {('8528', 'DEU'): array([0.25])}
    """
    total: dict[tuple[str, str], Floats] = {}
    for draws in several:
        for segment, factors in draws.items():
            total[segment] = total[segment] * factors if segment in total else factors
    return total


@dataclass(frozen=True)
class DutyLine:
    """A product's imports into a market, before duty, and duties, as shares.

    ``imports``, ``before`` and ``after`` are by origin.
    """

    product: str
    origins: tuple[str, ...]
    imports: Floats
    before: Floats
    after: Floats


@dataclass(frozen=True)
class LineEffect:
    """What new duties change in a product, a year, in the currency of its imports.

    Attributes:
        product: HS code.
        imports: of all origins, today.
        change: of them.
        duty: today's on them, as a share: collected over imports.
        revenue: of customs, today.
        revenue_change: of it.
        home: of the origin that is looked at, today.
        home_change: of it.
        home_smart: the same by SMART, the mean.
    """

    product: str
    imports: float
    change: EffectRange
    duty: float
    revenue: float
    revenue_change: EffectRange
    home: float
    home_change: EffectRange
    home_smart: float


@dataclass(frozen=True)
class LineDraws:
    """K draws of a line: R changes of imports, and that of customs revenue."""

    line: DutyLine
    imports: Floats
    revenue: Floats
    smart: Floats


def line_draws(line: DutyLine, substitution: Floats, demand: float) -> LineDraws:
    """Imports and revenue under the new duties less today's.

    Args:
        line: today's imports and both duties.
        substitution: K, positive.
        demand: of all imports to their price, negative.

    >>> one = DutyLine("8528", ("VNM",), np.array([100.0]), np.array([0.25]), np.array([0.0]))
    >>> made = line_draws(one, np.array([3.0]), -1.0)
    >>> made.imports.tolist(), made.revenue.tolist()
    ([[25.0]], [-25.0])
    """
    factors = armington(line.imports, line.before, line.after, substitution, demand)
    later = line.imports * factors
    created, won, *_ = smart(line.imports, line.before, line.after, substitution, demand=demand)
    revenue = later @ line.after - float(line.imports @ line.before)
    return LineDraws(line, later - line.imports, revenue, created + won)


def line_effect(drawn: LineDraws, home: str) -> LineEffect:
    """The figures of a line; those of ``home`` are nought where it sells nothing."""
    line = drawn.line
    mine = np.array([origin == home for origin in line.origins], dtype=float)
    today, revenue = float(line.imports.sum()), float(line.imports @ line.before)
    return LineEffect(
        line.product, today, spread(drawn.imports.sum(axis=1)), revenue / today, revenue,
        spread(drawn.revenue), float(line.imports @ mine), spread(drawn.imports @ mine),
        float((drawn.smart @ mine).mean()),
    )  # fmt: skip


@dataclass(frozen=True)
class OriginEffect:
    """What an origin sells in the market today, and its change over all lines."""

    origin: str
    today: float
    change: EffectRange


def effects_by_origin(drawn: Sequence[LineDraws]) -> tuple[OriginEffect, ...]:
    """The origins over all lines, who loses most first; draws of lines move together."""
    today: dict[str, float] = {}
    change: dict[str, Floats] = {}
    for one in drawn:
        for at, origin in enumerate(one.line.origins):
            today[origin] = today.get(origin, 0.0) + float(one.line.imports[at])
            change[origin] = change.get(origin, 0.0) + one.imports[:, at]
    effects = (OriginEffect(origin, today[origin], spread(change[origin])) for origin in today)
    return tuple(sorted(effects, key=lambda one: one.change.mean))


def total_effects(drawn: Sequence[LineDraws]) -> tuple[EffectRange, EffectRange]:
    """Imports and customs revenue over all lines: their changes."""
    imports = sum((one.imports.sum(axis=1) for one in drawn), np.zeros(1))
    return spread(imports), spread(sum((one.revenue for one in drawn), np.zeros(1)))
