"""How many are sold at another price, and which price earns most.

Demand of constant elasticity: ``units(P) = today's units × growth × (P / P_today)^(−σ)``. A price
stands at a level: FOB (离岸价), CIF (到岸价), landed (完税到岸价, duty paid) or retail with its tax
(含税零售价). σ belongs to the level at which it was estimated.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offing.terms.incoterms import PriceLevel

Floats = NDArray[np.float64]

HALF = 0.5
"""How far rivals follow a price where they "match half"."""


@dataclass(frozen=True)
class Chain:
    """What stands between the cost of a unit and the price at which it is bought.

    Duty is in proportion to CIF. Specific duties and minimum prices have no place here: with them
    the best price has no closed form.

    Attributes:
        cost_usd: of a unit, with the price of its line hour.
        proportional: costs as a share of FOB: what is not refunded, commission, cover, settlement.
        freight_usd: freight and insurance of a unit, paid by the buyer.
        duty: on CIF.
        retail: trade margin and sales tax on top of the landed price; 0.8 makes 100 to 180.
    """

    cost_usd: float
    proportional: float = 0.0
    freight_usd: float = 0.0
    duty: float = 0.0
    retail: float = 0.0

    def at(self, level: PriceLevel, fob: float) -> float:
        """The price at a level, of goods that cost ``fob`` at FOB."""
        freight, factor = self._to(level)
        return (fob + freight) * factor

    def fob(self, level: PriceLevel, price: float) -> float:
        """The FOB price behind a price at a level."""
        freight, factor = self._to(level)
        return price / factor - freight

    def _to(self, level: PriceLevel) -> tuple[float, float]:
        freight = 0.0 if level == "fob" else self.freight_usd
        factor = 1.0 if level in ("fob", "cif") else 1.0 + self.duty
        return freight, factor * (1.0 + self.retail if level == "retail" else 1.0)


def answered(sigma: Floats | float, match: float) -> Floats:
    """The elasticity that is left when rivals follow.

    Rivals move their price by ``(P / P₀)^match``, and units are multiplied by
    ``(P / P₀)^(−σ) (P_r / P_r0)^(σ − 1)``, 1 the elasticity of the whole market. Together:
    ``σ − match (σ − 1)``. At an entry the price to leave is the reference, and rivals close the
    same part of the gap.

    Args:
        sigma: the firm's elasticity while rivals hold.
        match: 0 rivals hold, 0.5 they match half, 1 all.

    >>> float(answered(5.0, 0.5))
    3.0
    """
    own = np.asarray(sigma, dtype=float)
    return np.asarray(own - match * (own - 1.0))


def best_price(chain: Chain, sigma: float, level: PriceLevel = "landed") -> float:
    """The price that earns most, at the level at which σ holds.

    For the landed price ``P* = σ/(σ−1) × (1+t) × [(c+μ)/(1−g) + f]``; the level CIF has no duty in
    it, FOB no freight either, retail the trade's margin and tax on top.

    >>> round(best_price(Chain(cost_usd=80, freight_usd=10, duty=0.1), sigma=3), 2)
    148.5
    """
    return sigma / (sigma - 1) * chain.at(level, chain.cost_usd / (1 - chain.proportional))


def implied_sigma(chain: Chain, fob: float, level: PriceLevel = "landed") -> float:
    """The elasticity for which a price is the best one: what today's price takes for granted.

    Infinite where the price covers no more than the cost: no elasticity makes it the best.

    >>> implied_sigma(Chain(cost_usd=80, freight_usd=10, duty=0.1), fob=125)
    3.0
    """
    bare = chain.at(level, chain.cost_usd / (1 - chain.proportional))
    ratio = chain.at(level, fob) / bare
    return round(ratio / (ratio - 1), 12) if ratio > 1 else float("inf")


def outside(price: Floats, low: float, high: float) -> Floats:
    """How far prices lie beyond those at which the firm has sold, in logarithms; 0 within."""
    return np.asarray(
        np.maximum(np.log(low / price), 0.0) + np.maximum(np.log(price / high), 0.0), dtype=float
    )
