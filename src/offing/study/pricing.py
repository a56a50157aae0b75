"""The price of one model in one market: what it would sell and earn at other prices.

The curve is drawn whatever may move the price: the literature's elasticity draws it, wide, and
decides nothing. Prices between those at which the firm has sold stand on its own record; those
beyond are marked, and their spread is wider.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offing.planning.elasticity import HALF, Learnt, Sigma, best_price, implied_sigma, outside
from offing.planning.offering import Grid, Outlet, Selling, offers_of, price_grid
from offing.planning.offers import Offers
from offing.planning.scenarios import Scenarios
from offing.study.analysis import analyse_products
from offing.study.choices import product_scenarios
from offing.study.delivery import duty_of
from offing.study.inputs import StudyInputs
from offing.study.markets import Standing
from offing.study.options import product_options
from offing.study.plan import draws_by_code, rates_ahead
from offing.terms.countries import country_name
from offing.terms.errors import InputError, must_be_within, unknown_name
from offing.terms.messages import join_list
from offing.terms.money import Missing, dollars
from offing.terms.sale_terms import PriceLevel

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PricePoint:
    """One price; amounts of the first year, medians and 80 % intervals of the scenarios.

    Medians: where σ is hardly known, a few scenarios with a large σ would rule a mean.

    Attributes:
        fob_usd: of a unit, as the firm sells it.
        landed_usd: the same, duty paid in the market; ``None`` where the duty is not known.
        units: a year.
        low_units: lower end of the interval.
        high_units: upper end.
        profit_cny: contribution after all costs of the offer.
        low_cny: lower end.
        high_cny: upper end.
        chance: how often it earns more than today's price; ``None`` for today's.
        matched_cny: contribution where rivals follow half.
        outside: whether the firm has not sold at such a price.
        today: whether it is today's.
    """

    fob_usd: float
    landed_usd: float | None
    units: float
    low_units: float
    high_units: float
    profit_cny: float
    low_cny: float
    high_cny: float
    chance: float | None
    matched_cny: float
    outside: bool
    today: bool


@dataclass(frozen=True)
class PriceCurve:
    """A model's price in a market.

    Attributes:
        points: rising in price.
        implied: the elasticity for which today's price is the best one; infinite where it covers
            no more than the cost.
        verdict: see :meth:`offing.planning.elasticity.Sigma.verdict`.
        best_usd: FOB price that would be best at σ; ``None`` where σ decides nothing.
    """

    points: tuple[PricePoint, ...]
    implied: float
    verdict: str
    best_usd: float | None


AS_DRAWN = Grid(match=None)


def price_curve(outlet: Outlet, worlds: Scenarios, prices: Sequence[float]) -> PriceCurve:
    """Units and contribution along FOB prices, today's among them.

    The model is delivered in its first way.
    """
    only = replace(outlet, deliveries=outlet.deliveries[:1], asked_usd=None, ladder=None)
    dollar = worlds.rates.cny_per_usd
    way, level = only.deliveries[0], only.sigma.level
    chain = way.chain(dollar)
    implied = implied_sigma(chain, only.price_usd, level)
    verdict = only.sigma.verdict(implied)
    today = _profit(offers_of([only], worlds, AS_DRAWN), 0)
    points = []
    for fob in sorted({*prices, only.price_usd}):
        at_today = fob == only.price_usd
        priced = only if at_today else replace(only, asked_usd=fob)
        built = offers_of([priced], worlds, AS_DRAWN)
        matched = offers_of([priced], worlds, Grid(match=HALF))
        offer = [row.price_usd for row in built.rows].index(fob)
        profit = _profit(built, offer)
        units = built.units[:, 0, offer].astype(np.float64)
        low, high = np.quantile(units, [0.1, 0.9])
        least, most = np.quantile(profit, [0.1, 0.9])
        points.append(
            PricePoint(
                fob_usd=fob,
                landed_usd=None if way.duty is None else chain.at("landed", fob),
                units=float(np.median(units)),
                low_units=float(low),
                high_units=float(high),
                profit_cny=float(np.median(profit)),
                low_cny=float(least),
                high_cny=float(most),
                chance=None if at_today else float((profit > today).mean()),
                matched_cny=float(np.median(_profit(matched, offer))),
                outside=_beyond(only, fob),
                today=at_today,
            )
        )
    best = None
    if verdict == "moves":
        best = chain.fob(level, best_price(chain, only.sigma.value, level))
    return PriceCurve(tuple(points), implied, verdict, best)


def _profit(offers: Offers, offer: int) -> Floats:
    return np.asarray(offers.profit_cny[:, 0, offer], dtype=np.float64)


def _beyond(outlet: Outlet, fob: float) -> bool:
    """A price that the firm has no record of: all of them where it does not sell."""
    if not isinstance(outlet.state, Selling):
        return True
    return bool(outside(np.array(fob), *outlet.state.between) > 0)


PRICES = 9
STEP = 1.25
"""The grid goes so far beyond the firm's own prices."""
REACH = 1.6
"""It goes no further down than today's price over this: a clearance tells nothing of a price."""


@dataclass(frozen=True)
class PriceAnalysis:
    """A model's price in a market with what it rests on.

    Attributes:
        curve: units and contribution by price.
        outlet: the model in the market.
        standing: on its ladder.
        sigma: the elasticity of the curve.
        ledger: what the ledger says of it; ``None`` without one.
        asked_usd: FOB price in the study.
        worlds: the scenarios that the curve is drawn over.
        at_usd: FOB price that is weighed beside those of the curve.
    """

    curve: PriceCurve
    outlet: Outlet
    standing: Standing
    sigma: Sigma
    ledger: Learnt | None
    asked_usd: float
    worlds: Scenarios
    at_usd: float | None = None

    def weighed(self, price: float, level: PriceLevel = "fob") -> "PriceAnalysis":
        """The same with one more price on its curve.

        Args:
            price: USD a unit.
            level: where on the way to the shelf it is asked.

        Raises:
            InputError: ``errors.out_of_range`` where it is none, or leaves nothing at FOB.
        """
        must_be_within("--at", price, gt=0, lt=math.inf)
        dollar = self.worlds.rates.cny_per_usd
        fob = self.outlet.deliveries[0].chain(dollar).fob(level, price)
        must_be_within("FOB", fob, gt=0)
        curve = price_curve(self.outlet, self.worlds, (*_grid(self.outlet, self.asked_usd), fob))
        return replace(self, curve=curve, at_usd=fob)

    @property
    def duty_known(self) -> bool:
        """Whether what the curve takes for landed has a duty in it."""
        return duty_of(self.standing.cost) is not None

    @property
    def missing(self) -> Missing | None:
        """Why there is no landed price, and what the firm sells there; ``None`` where there is."""
        if self.duty_known:
            return None
        state = self.outlet.state
        sold = state.units * self.outlet.price_usd if isinstance(state, Selling) else 0.0
        reason = self.standing.cost.missing or "study.no_tariff_line"
        segment = {"product": self.outlet.model, "market": self.outlet.market}
        return Missing(reason, dollars(sold), segment)

    @property
    def point(self) -> PricePoint | None:
        """The point of the price that is weighed."""
        return next((p for p in self.curve.points if p.fob_usd == self.at_usd), None)


def price_analysis(world: StudyInputs, model: str, market: str) -> PriceAnalysis:
    """The curve of one model in one market.

    Raises:
        InputError: ``errors.unknown_name`` or ``price.no_market``.
        MissingDataError: see :func:`~offing.study.analysis.analyse_products`.
    """
    study = world.study
    keys = [facts.key for facts in study.model]
    if model not in keys:
        raise unknown_name(model, keys)
    product = next(studied for studied in analyse_products(world, [model]))
    standing = product.standings.get(market)
    ahead = draws_by_code(world, [product], day=study.on.year, years=study.markets.horizon)
    draws = ahead[product.imports.facts.code]
    sold = {m: {model: r.sales_usd} for m, r in product.sales.records.items() if r.sales_usd > 0}
    shelf = product_options(world, product.imports, product.standings, product.sales, draws, sold)
    outlet = next((outlet for outlet in shelf.outlets if outlet.market == market), None)
    if standing is None or outlet is None:
        markets = join_list(country_name(o.market) for o in shelf.outlets[:12])
        raise InputError("price.no_market", market=country_name(market), markets=markets)
    rates = rates_ahead(world, [outlet.deliveries[0].currency], study.markets.horizon)
    worlds = product_scenarios(study, model, shelf, ahead, rates)
    asks = float(standing.cost.fob_usd)
    grid = _grid(outlet, asks)
    return PriceAnalysis(
        price_curve(outlet, worlds, grid), outlet, standing, shelf.sigma, shelf.ledger, asks, worlds
    )


def _grid(outlet: Outlet, asks: float) -> tuple[float, ...]:
    """FOB prices around the firm's own, at most half as high again as any of them."""
    own = [outlet.price_usd, asks]
    if isinstance(outlet.state, Selling):
        own += outlet.state.between
    low, high = max(min(own), outlet.price_usd / REACH) / STEP, max(own) * STEP
    return price_grid(low, high, PRICES, [outlet.price_usd, asks])
