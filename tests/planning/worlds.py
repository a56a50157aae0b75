"""Small worlds that tests of the plan's economics share: every number is made up here."""

from dataclasses import replace

import numpy as np

from offing.planning.elasticity import Sigma
from offing.planning.offering import Delivery, Outlet, Selling
from offing.planning.scenarios import (
    LEAST_BEND,
    Assumed,
    MarketDraws,
    RateDraws,
    Scenarios,
    scenarios,
)
from offing.terms.sale_terms import PriceLevel

DOLLAR = 7.0
CHINA = Delivery("Qingdao", "A", "USD", cost_cny=2800.0, freight_usd=20.0, duty=0.1)


def rates(n: int, years: int, spread: float = 0.0, seed: int = 3) -> RateDraws:
    """Dollar, euro and yuan; still where the spread is 0."""
    today = np.array([DOLLAR, 7.7, 1.0])
    moves = np.random.default_rng(seed).standard_normal((n, years, 3)) * spread
    moves[:, :, 2] = 0
    return RateDraws(("USD", "EUR", "CNY"), today, today * np.exp(moves - spread**2 / 2))


def still(
    markets: tuple[str, ...] = ("DEU", "POL"), n: int = 4, years: int = 2, growth: float = 0.0
) -> Scenarios:
    """Worlds without risk but for the draws of σ, shares known exactly, σ the same at any price;
    rivals hold theirs.
    """
    base = np.full(len(markets), 1e8)
    grown = (1 + growth) ** np.arange(1, years + 1)[:, None]
    sales = np.broadcast_to(base * grown, (n, years, len(markets)))
    draws = MarketDraws(markets, tuple(range(2027, 2027 + years)), base, sales)
    made = scenarios(draws, rates(n, years), Assumed(dict.fromkeys(markets, 0.0)), seed=1)
    return replace(made, bend=np.full(n, LEAST_BEND), follow=np.zeros(n))


def exactly(value: float, source: str = "user", level: PriceLevel = "landed") -> Sigma:
    """A σ without a doubt."""
    return Sigma(value, value, value, source, level)


def sold(sigma: Sigma, price: float = 560.0, **changes: object) -> Outlet:
    """A model sold in Germany at a price, with a wide ladder."""
    base: dict[str, object] = {
        "model": "TV65", "market": "DEU", "deliveries": (CHINA,), "sigma": sigma,
        "price_usd": price, "state": Selling(1000.0, (300.0, 1200.0)), "ladder": (380.0, 1100.0),
    }  # fmt: skip
    return Outlet(**{**base, **changes})  # type: ignore[arg-type]
