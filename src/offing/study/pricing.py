"""The price of one model in one market, from its study."""

import math
from dataclasses import dataclass, replace

from offing.planning.elasticity import Learnt, Sigma
from offing.planning.offering import Outlet, Selling, price_grid
from offing.planning.pricing import PriceCurve, PricePoint, price_curve
from offing.planning.scenarios import Scenarios
from offing.study.analysis import analyse_products
from offing.study.choices import product_scenarios
from offing.study.delivery import duty_of
from offing.study.inputs import StudyInputs
from offing.study.markets import Standing
from offing.study.options import product_options
from offing.study.plan import draws_by_code, rates_ahead
from offing.terms.countries import country_name
from offing.terms.errors import InputError
from offing.terms.messages import join_list
from offing.terms.money import Missing, dollars
from offing.terms.sale_terms import PriceLevel

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
            InputError: ``ladder.bad_price`` where it is none, or leaves nothing at FOB.
        """
        if not (math.isfinite(price) and price > 0):
            raise InputError("ladder.bad_price", price=price)
        dollar = float(self.worlds.rates.today[self.worlds.usd()])
        fob = self.outlet.deliveries[0].chain(dollar).fob(level, price)
        if fob <= 0:
            raise InputError("ladder.bad_price", price=price)
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
        InputError: ``price.no_model`` or ``price.no_market``.
        MissingDataError: see :func:`~offing.study.analysis.analyse_products`.
    """
    study = world.study
    keys = [facts.key for facts in study.model]
    if model not in keys:
        raise InputError("price.no_model", model=model, models=join_list(keys))
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
