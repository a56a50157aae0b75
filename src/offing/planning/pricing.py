"""What a model would sell and earn in a market at other prices: the curve behind a price.

The curve is drawn whatever may move the price: the literature's elasticity draws it, wide, and
decides nothing. Prices between those at which the firm has sold stand on its own record; those
beyond are marked, and their spread is wider.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offing.planning.elasticity import HALF, best_price, implied_sigma, outside
from offing.planning.offering import Grid, Offering, Outlet, Selling, offers_of
from offing.planning.scenarios import Scenarios

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
    dollar = float(worlds.rates.today[worlds.usd()])
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
        offer = [row.price_usd for row in built.offers.rows].index(fob)
        profit = _profit(built, offer)
        units = built.offers.units[:, 0, offer].astype(np.float64)
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


def _profit(built: Offering, offer: int) -> Floats:
    return np.asarray(built.offers.profit_cny[:, 0, offer], dtype=np.float64)


def _beyond(outlet: Outlet, fob: float) -> bool:
    """A price that the firm has no record of: all of them where it does not sell."""
    if not isinstance(outlet.state, Selling):
        return True
    return bool(outside(np.array(fob), *outlet.state.between) > 0)
