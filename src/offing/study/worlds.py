"""The joint scenarios in which offers are made, from what may come and the study's own ranges."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from offing.planning.scenarios import Assumed, Duty, MarketDraws, Range, Rates, Scenarios, scenarios
from offing.study.file import Study
from offing.study.market_file import Span

Floats = NDArray[np.float64]


def under_factors(draws: MarketDraws, factors: Mapping[str, Floats | float]) -> MarketDraws:
    """The same draws where a counterfactual multiplies later sales in some markets.

    Args:
        draws: of the world as it is.
        factors: market → one figure, or draws of it: fewer are gone through again and again.
    """
    if not factors:
        return draws
    sales = draws.sales_usd.copy()
    for index, market in enumerate(draws.markets):
        if market in factors:
            drawn = np.resize(np.asarray(factors[market], dtype=float), len(sales))
            sales[:, :, index] *= drawn[:, None]
    return replace(draws, sales_usd=sales)


def worlds_of(
    study: Study, draws: MarketDraws, rates: Rates, spread: Mapping[str, float]
) -> Scenarios:
    """The joint scenarios of one code's markets.

    Args:
        study: for the ranges of costs and the seed.
        draws: of the markets.
        rates: of exchange, as many draws.
        spread: yearly, of the firm's log share, by market.
    """
    assumed = Assumed(
        price_growth={},
        spread=spread,
        freight=_range(study.ranges.freight),
        inputs=_range(study.ranges.inputs),
        duties=tuple(_announced(study)),
    )
    return scenarios(draws, rates, assumed, study.seed)


def _announced(study: Study) -> list[Duty]:
    """Duties that are announced: on goods of the plants in the firm's own country."""
    home = tuple(plant.key for plant in study.plant if plant.country == study.firm.origin)
    return [
        Duty(duty.market, duty.year, float(duty.rate), float(duty.probability), home)
        for duty in study.announced
    ]


def _range(span: Span) -> Range:
    """A triangle between the ends with a mean as near to 1 as they allow: risk and no bias."""
    low, high = float(span.low), float(span.high)
    return Range(low, min(max(3.0 - low - high, low), high), high)
