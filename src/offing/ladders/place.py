"""Where a price stands on a ladder, with how sure that is.

A unit value is the average of all that an exporter sold in a year; the prices around it are not
in trade statistics. So the place is an interval, from draws that vary what is not known:

* the suppliers' weights (a Bayesian bootstrap of exporters: few suppliers, wide interval);
* the unit values, by their noise from year to year.

Around its unit value an exporter's prices are taken to be lognormal, as wide as that noise. The
tests hide the codes below a heading, and compare with where the price stands when they are seen.

All draws are the same for every price, so a higher price never stands lower.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from functools import cache, lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from offing.ladders.ladder import TIERS, Ladder, PricePlace, Tier
from offing.ladders.tiers import shares
from offing.ladders.unit_values import collect, lazy
from offing.terms.errors import InputError

Prices = NDArray[np.float64]

DRAWS = 1000
LOW, HIGH = 0.1, 0.9
"""Ends of the 80 % interval."""
LEAST_SPREAD = 0.05
"""Log points: even one maker's prices are never all the same."""
UNKNOWN_NOISE = 0.3
"""Log points, where the years are too few to measure it: a wide guess, said as one."""
NEAREST = 3


def place(ladder: Ladder, price: float, *, seed: int = 0) -> PricePlace:
    """Where a price stands among a market's imports of the ladder's year.

    Args:
        ladder: the market's ladder.
        price: USD per unit, on the ladder's unit and basis: compare a CIF price with a CIF ladder.
        seed: of the draws; the same seed gives the same place.

    Returns:
        The percentile (median of the draws), its 80 % interval, the probability of each tier, and
        the exporters nearest to the price.

    Raises:
        InputError: ``ladder.bad_price``.
    """
    return places([(ladder, price)], seed=seed)[0]


def places(priced: Iterable[tuple[Ladder, float]], *, seed: int = 0) -> list[PricePlace]:
    """The :func:`place` of each price on its ladder, at a fraction of the time.

    Raises:
        InputError: ``ladder.bad_price``.
    """
    placed: dict[int, PricePlace] = {}
    by_method: dict[str, list[tuple[int, Ladder, Prices]]] = defaultdict(list)
    for number, (ladder, price) in enumerate(priced):
        placed[number], prices = _place_price(ladder, price, seed)
        by_method[ladder.method].append((number, ladder, prices))
    for method, drawn in by_method.items():
        parts = _tiers(method, [(ladder, prices) for _, ladder, prices in drawn])
        for (number, *_), tiers in zip(drawn, parts, strict=True):
            placed[number] = replace(placed[number], tiers=tiers)
    return list(placed.values())


def _place_price(ladder: Ladder, price: float, seed: int) -> tuple[PricePlace, Prices]:
    """The place but for its tiers, and draws of the price for these."""
    if not (math.isfinite(price) and price > 0):
        raise InputError("ladder.bad_price", price=price)
    sellers = [(s.exporter, s.unit_value, s.value_usd) for s in ladder.suppliers if s.unit_value]
    log_value = np.log([unit_value for _, unit_value, _ in sellers])
    weight = np.array([value for _, _, value in sellers])
    weight = weight / weight.sum()

    parts, around, of_price = _draws(seed, len(sellers))
    noise = ladder.noise if ladder.noise is not None else UNKNOWN_NOISE
    spread = max(noise, LEAST_SPREAD)
    drawn = weight * parts
    drawn /= drawn.sum(axis=1, keepdims=True)
    centre = log_value + noise * around
    # By value, a lognormal's median lies half its variance above the log of its mean
    below = ndtr((math.log(price) - centre - spread**2 / 2) / spread)
    percentiles = (drawn * below).sum(axis=1)
    low, middle, high = np.quantile(percentiles, [LOW, 0.5, HIGH])

    nearest = sorted(sellers, key=lambda item: (abs(math.log(item[1] / price)), item[0]))[:NEAREST]
    standing = PricePlace(
        price=price,
        percentile=float(middle),
        low=float(low),
        high=float(high),
        tiers={},
        suppliers=len(sellers),
        nearest=tuple((exporter, unit_value) for exporter, unit_value, _ in nearest),
    )
    return standing, price * np.exp(noise * of_price)


@lru_cache(maxsize=16)
def _draws(seed: int, sellers: int) -> tuple[NDArray[np.float64], ...]:
    """Exponential and normal draws for each seller, and normal ones for the price.

    Only to look at: ladders of as many sellers share them, and so do models in one market.
    """
    rng = np.random.default_rng(seed)
    made = rng.exponential(size=(DRAWS, sellers)), _normal(rng, sellers), _normal(rng, 1)[:, 0]
    for draws in made:
        draws.setflags(write=False)
    return made


def _normal(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Standard normal draws, each column an evenly spread sample in random order."""
    return rng.permuted(np.tile(_levels(), (1, count)), axis=0)


@cache
def _levels() -> NDArray[np.float64]:
    levels: NDArray[np.float64] = ndtri((np.arange(DRAWS)[:, None] + 0.5) / DRAWS)
    return levels


def _tiers(method: str, drawn: list[tuple[Ladder, Prices]]) -> list[dict[Tier, float]]:
    """Mean part of each ladder's draws of a price in each tier, by the ladders' method."""
    ends = [(ladder.reference, *_ends(ladder)) for ladder, _ in drawn]
    reference, low_to, high_from = np.repeat(np.array(ends, dtype=float), DRAWS, axis=0).T
    rows = {"reference": reference, "low_to": low_to, "high_from": high_from}
    prices = np.concatenate([prices for _, prices in drawn])
    parts = collect(lazy(pl.DataFrame({"unit_value": prices, **rows})).select(**shares(method)))
    means = {tier: parts[tier].to_numpy().reshape(-1, DRAWS).mean(axis=1) for tier in TIERS}
    # The last digits depend on how Polars splits the rows over threads.
    return [
        {tier: round(float(means[tier][number]), 12) for tier in TIERS}
        for number in range(len(drawn))
    ]


def _ends(ladder: Ladder) -> tuple[float | None, float | None]:
    """Where the low tier ends and the high one begins."""
    tiers = {tier.name: tier for tier in ladder.tiers}
    return tiers["low"].high, tiers["high"].low
