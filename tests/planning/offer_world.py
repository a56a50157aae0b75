"""Small worlds of offers for tests of the plan: made up, the same for the same seed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offing.planning.offers import Currency, Forward, Offer, Offers, Treasury

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Shape:
    """How many of what."""

    models: int = 2
    markets: int = 3
    prices: int = 3
    scenarios: int = 40
    years: int = 1
    plants: int = 1
    sold: float = 0.5
    dies: float = 0.0
    lot: float = 0.0
    currencies: tuple[str, ...] = ("USD", "EUR")


def world(shape: Shape, seed: int) -> Offers:
    """Constant-elasticity demand, log-normal markets, an exchange rate; some are sold today."""
    rng = np.random.default_rng(seed)
    rows: list[Offer] = []
    keeping: dict[tuple[int, int], float] = {}
    size, cost, market = [], [], []
    for model in range(shape.models):
        unit_cost = rng.uniform(50, 150)
        for place in range(shape.markets):
            sold = bool(rng.random() < shape.sold)
            demand, elasticity = rng.uniform(500, 3000), rng.uniform(2, 6)
            for step in range(shape.prices):
                factor = 0.85 + 0.15 * step
                for plant in range(shape.plants):
                    rows.append(
                        Offer(
                            model=f"m{model}",
                            market=f"K{place}",
                            plant=f"p{plant}",
                            line="line",
                            brand="own",
                            currency=shape.currencies[place % len(shape.currencies)],
                            price_usd=unit_cost * 1.3 * factor,
                            today=sold and step == shape.prices // 2 and plant == 0,
                            sold=sold,
                            hours=1.0 + 0.5 * model,
                            lot=shape.lot,
                            keep_cny=keeping.setdefault((model, place), float(rng.uniform(0, 3e4))),
                            entry_cny=0.0 if sold else float(rng.uniform(1e5, 5e5)),
                            receivable_days=30.0 * (1 + place),
                        )
                    )
                    size.append(demand * factor**-elasticity)
                    cost.append(unit_cost * (1 + 0.1 * plant))
                    market.append(place)
    shape_of = (shape.scenarios, shape.years, len(rows))
    growth = np.exp(
        rng.normal(0, 0.1, (*shape_of[:2], 1))
        + rng.normal(0, 0.3, (shape.scenarios, shape.years, shape.markets))[:, :, market]
    )
    alive = np.cumprod(
        rng.random((shape.scenarios, shape.years, shape.markets)) >= shape.dies, axis=1
    )
    units: Array = np.array(size) * growth * alive[:, :, market]
    prices = np.array([row.price_usd for row in rows])
    rate = 7 * np.exp(rng.normal(0, 0.08, (*shape_of[:2], 1)))
    profit = units * (prices - np.array(cost)) * rate
    discount: Array = 0.92 ** np.arange(1.0, shape.years + 1)
    years = tuple(range(2027, 2027 + shape.years))
    return Offers(tuple(rows), years, units, profit, units * prices, discount)


def hours_today(offers: Offers) -> float:
    """Line hours of a year that today's offers take, in the mean."""
    today = np.array([row.today * row.hours for row in offers.rows])
    return float(offers.units[:, 0].mean(axis=0) @ today)


def hedged(
    code: str,
    payoff_cny: Array,
    spread_cny: float = 0.0,
    out_usd: float = 0.0,
    held_usd: float = 0.0,
) -> Currency:
    """A currency with one forward; what is held already pays as it does."""
    return Currency(
        code, (Forward(0, payoff_cny),), spread_cny, out_usd, held_usd, held_usd * payoff_cny
    )


def treasury(*currencies: Currency) -> Treasury:
    """Without switches and without a limit."""
    return Treasury(currencies)
