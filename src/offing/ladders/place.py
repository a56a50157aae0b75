"""Where a price stands on a ladder, with how sure that is.

A unit value is the average of all that an exporter sold in a year; the prices around it are not
in trade statistics. So the place is an interval, from draws that vary what is not known:

* the suppliers' weights (a Bayesian bootstrap of exporters: few suppliers, wide interval);
* the unit values, by their noise from year to year.

Around its unit value an exporter's prices are taken to be lognormal, as wide as that noise. The
tests hide the codes below a heading, and compare with where the price stands when they are seen.

All draws are the same for every price, so a higher price never stands lower.

Whether a ledger under dollars is in yuan, by what such goods cost at the markets' borders.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from math import fsum
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from offing.ladders.build import PriceMeasure, ladder
from offing.ladders.ladder import TIERS, Ladder, PricePlace, Tier
from offing.ladders.tiers import collect, lazy, shares
from offing.terms.errors import OffingError, must_be_within

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
        InputError: ``errors.out_of_range``.
    """
    return places([(ladder, price)], seed=seed)[0]


def places(priced: Iterable[tuple[Ladder, float]], *, seed: int = 0) -> list[PricePlace]:
    """The :func:`place` of each price on its ladder, at a fraction of the time.

    Raises:
        InputError: ``errors.out_of_range``.
    """
    placed: dict[int, PricePlace] = {}
    by_method: dict[str, list[tuple[int, Ladder, Prices]]] = defaultdict(list)
    for number, (shown, price) in enumerate(priced):
        placed[number], prices = _place_price(shown, price, seed)
        by_method[shown.method].append((number, shown, prices))
    for method, drawn in by_method.items():
        parts = _tiers(method, [(shown, prices) for _, shown, prices in drawn])
        for (number, *_), tiers in zip(drawn, parts, strict=True):
            placed[number] = replace(placed[number], tiers=tiers)
    return list(placed.values())


def _place_price(ladder: Ladder, price: float, seed: int) -> tuple[PricePlace, Prices]:
    """The place but for its tiers, and draws of the price for these."""
    must_be_within("--price", price, gt=0, lt=math.inf)
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
    nearby = tuple((exporter, unit_value) for exporter, unit_value, _ in nearest)
    standing = PricePlace(
        price,
        percentile=float(middle),
        low=float(low),
        high=float(high),
        tiers={},
        suppliers=len(sellers),
        nearest=nearby,
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


LINES, PAIRS = 0.9, 6
"""Part of a ledger's lines that must be in dollars, and codes in a market that are looked at."""
OF_WEIGHT = 0.01
"""Part of a market's imports from which on a supplier's price is a bound."""
ABOVE, OVER, MOST = 4.0, 3.5, 0.75
"""How many times dearer than the dearest supplier in most of them; no more in yuan, than so many.
The dearest sets of a firm cost three times it."""
CODES, TIMES = 3, (4.5, 11.0)
"""Codes of six digits that all cost so many times China's unit value: of one alone it may be."""


@dataclass(frozen=True)
class UnitValueLevel:
    """What a code costs in the ledger and at a market's border, USD for one unit.

    Attributes:
        code: HS code of the data, of six digits or four.
        market: alpha-3.
        unit: of the prices.
        price: in the ledger.
        chinese: the unit value of China's exports.
        dearest: that of the dearest supplier of weight.
    """

    code: str
    market: str
    unit: str
    price: float
    chinese: float
    dearest: float


def yuan_level(
    sales: pl.DataFrame, flows_of: Callable[[str], pl.DataFrame | None], yuan: float
) -> UnitValueLevel | None:
    """The largest sales of a ledger whose dollars look like yuan; ``None`` where they do not.

    A firm may be dear: it must be far dearer than the dearest supplier nearly everywhere, or
    several codes must all cost a rate of exchange more than China's.

    Args:
        sales: in the ``Sales`` columns.
        flows_of: code → its ``Flows``, ``None`` where there are none.
        yuan: CNY for one US dollar.
    """
    dollars = sales.filter(
        (pl.col("currency") == "USD")
        & pl.col("product").is_not_null()
        & (pl.col("quantity") > 0)
        & (pl.col("amount") > 0)
    )
    if dollars.is_empty() or dollars.height < LINES * sales.height:
        return None
    key = "code", "market", "unit"
    sold = dollars.with_columns(code=pl.col("product").str.slice(0, 6)).group_by(key)
    sums = sold.agg(pl.col("amount", "quantity").cast(pl.Float64).sum())
    first = pl.int_range(pl.len()).over("code")
    largest = sums.sort("amount", *key, descending=True).sort(first, maintain_order=True)
    cached = cache(flows_of)
    pairs = largest.head(PAIRS).iter_rows(named=True)
    levels = [level for row in pairs if (level := _level(cached(row["code"]), row)) is not None]
    return levels[0] if _far_dearer(levels, yuan) or _all_by_the_rate(levels) else None


def _far_dearer(levels: Sequence[UnitValueLevel], yuan: float) -> bool:
    far = [
        level for level in levels
        if level.price > ABOVE * level.dearest and level.price < OVER * yuan * level.dearest
    ]  # fmt: skip
    return len(levels) > 1 and len(far) >= MOST * len(levels)


def _all_by_the_rate(levels: Sequence[UnitValueLevel]) -> bool:
    low, high = TIMES
    fine = [level for level in levels if len(level.code) == 6]
    by_rate = all(low <= level.price / level.chinese <= high for level in fine)
    return by_rate and len({level.code for level in fine}) >= CODES


def _level(flows: pl.DataFrame | None, row: dict[str, Any]) -> UnitValueLevel | None:
    """``None`` where the border tells no price in this unit."""
    if flows is None:
        return None
    code = max(flows["product"].str.slice(0, 6).to_list(), key=len)
    measure = PriceMeasure(unit=row["unit"])
    try:
        built = ladder(flows, product=code, market=row["market"], measure=measure)
    except OffingError:
        return None
    priced = {seller.exporter: seller for seller in built.suppliers if seller.unit_value}
    if built.thin or "CHN" not in priced:
        return None
    least = OF_WEIGHT * fsum(seller.value_usd for seller in built.suppliers)
    chinese = priced["CHN"].unit_value or 0.0
    weighty = [seller.unit_value or 0.0 for seller in priced.values() if seller.value_usd >= least]
    price = row["amount"] / row["quantity"]
    return UnitValueLevel(code, row["market"], built.unit, price, chinese, max([chinese, *weighty]))
