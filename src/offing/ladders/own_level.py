"""Whether a ledger under dollars is in yuan, by what such goods cost at the markets' borders."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from math import fsum
from typing import Any

import polars as pl

from offing.ladders.build import PriceMeasure, ladder
from offing.terms.errors import OffingError

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
