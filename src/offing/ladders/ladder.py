"""What a ladder is made of. The functions that build these are in this room's other files."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from math import inf
from typing import Literal

from offing.terms.errors import InputError
from offing.terms.messages import join_list
from offing.terms.sale_terms import PriceLevel
from offing.terms.text import Unit

Tier = Literal["low", "medium", "high"]
TIERS: tuple[Tier, ...] = ("low", "medium", "high")

LEAST_COVERAGE = 0.2
"""A ladder of a smaller share of a market's imports places no price."""

Basis = Literal["fob", "cif"]
"""``cif``: the unit value at the importer's border, before duty. ``fob``: at the exporter's."""


@dataclass(frozen=True)
class Supplier:
    """One exporter in one market and year.

    Attributes:
        exporter: alpha-3.
        value_usd: its sales there, on the ladder's basis.
        quantity: in the ladder's unit; ``None`` where unknown.
        unit_value: USD for one unit; ``None`` where it cannot be used.
        shares: the part of its value in each tier (sums to 1 where the unit value is usable).
        dropped: the reason (a message key) why its unit value is not used, or ``None``.
    """

    exporter: str
    value_usd: float
    quantity: float | None
    unit_value: float | None
    shares: dict[Tier, float]
    dropped: str | None


@dataclass(frozen=True)
class PriceTier:
    """One price tier of a market: a segment.

    Attributes:
        name: low, medium or high.
        low: lower bound of the unit value, USD per unit; ``None`` for the lowest tier.
        high: upper bound; ``None`` for the highest tier.
        value_usd: imports in the tier.
        share: of the market's value with a usable unit value, 0 to 1.
        growth: mean yearly growth of the tier's value over the ladder's ``trend_years``,
            compounded: 0.05 is 5 % a year. ``None`` if under three years.
        drift: change of the share, in percentage points a year.
        suppliers: exporters with sales in the tier, the largest first, with their share of it.
        concentration: Herfindahl-Hirschman index of those shares, 0 to 1.
    """

    name: Tier
    low: float | None
    high: float | None
    value_usd: float
    share: float
    growth: float | None
    drift: float | None
    suppliers: tuple[tuple[str, float], ...]
    concentration: float


@dataclass(frozen=True)
class BandRow:
    """A price band by absolute thresholds in USD per unit, such as 500 and above.

    ``growth`` is a share: 0.05 is 5 % a year on a market's ladder, and 5 % more than the year
    before in a firm's own book.

    On a market's ladder an exporter lies in the band of its average as a whole. ``crossed`` are
    those that lie here in the ladder's year or did in ``since``, the first year of the growth, and
    in another band in the other year; ``steady`` is the growth without them.
    """

    low: float | None
    high: float | None
    value_usd: float
    share: float
    growth: float | None
    steady: float | None = None
    crossed: tuple[str, ...] = ()
    since: int | None = None


@dataclass(frozen=True)
class Ladder:
    """The price ladder of one product in one market and year.

    Attributes:
        product: HS code.
        market: importer, alpha-3.
        year: of the levels; ``history`` has the years before it.
        unit: in which prices are compared, ``item`` or ``kg``; never mixed.
        basis: ``cif`` where the data have it, else ``fob``; the level of a panel's prices.
        method: of the tiers, one of ``offing.ladders.tiers.METHODS``.
        reference: the unit value that the tiers are measured against, USD per unit.
        tiers: the three tiers, low to high.
        bands: by absolute thresholds.
        suppliers: every exporter, the largest first.
        history: (year, tier, value_usd, share) for every year.
        value_usd: all imports of the market, with and without a usable unit value.
        coverage: share of that value with a usable unit value, 0 to 1.
        dropped: reason (message key) → (flows, value_usd) that could not be placed.
        dataset: the trade data set used.
        note: message key of a caution about the data, or ``None``.
        trend_years: first and last year behind growth and drift; ``None`` with under three years
            of good coverage.
        noise: standard deviation of a supplier's log unit value from year to year, beyond the
            market's common movement; ``None`` where too few years are known.
    """

    product: str
    market: str
    year: int
    unit: Unit
    basis: PriceLevel
    method: str
    reference: float
    tiers: tuple[PriceTier, ...]
    bands: tuple[BandRow, ...]
    suppliers: tuple[Supplier, ...]
    history: tuple[tuple[int, Tier, float, float], ...]
    value_usd: float
    coverage: float
    dropped: dict[str, tuple[int, float]]
    dataset: str
    note: str | None = None
    noise: float | None = None
    trend_years: tuple[int, int] | None = None

    @property
    def thin(self) -> bool:
        """Whether so little of the imports has a unit value that no tier can be named."""
        return self.coverage < LEAST_COVERAGE


@dataclass(frozen=True)
class PricePlace:
    """Where a price stands on a ladder.

    Attributes:
        price: USD per unit, on the ladder's basis.
        percentile: share of the market's value sold below the price, 0 to 1.
        low: lower end of the 80 % interval of ``percentile``.
        high: upper end.
        tiers: probability of each tier.
        suppliers: number of exporters the place rests on.
        nearest: exporters with the unit values nearest to the price.
    """

    price: float
    percentile: float
    low: float
    high: float
    tiers: dict[Tier, float]
    suppliers: int
    nearest: tuple[tuple[str, float], ...]


WAYS = ("market", "buyer", "brand", "currency")
"""What a book can be split by, besides price bands."""


@dataclass(frozen=True)
class SalesRow:
    """Some of the firm's sales in one year.

    Attributes:
        year: calendar year.
        value_usd: sales less credit notes.
        units: quantity less what came back.
        price_usd: average price of a unit; ``None`` where no unit was sold.
        share: of the year's sales.
        growth: of the value on the year before, as a share (0.59 is 59 %), over the months that
            both years have; ``None`` where there was nothing before.
        units_growth: the same of the quantity.
        price_growth: the same of the average price.
    """

    year: int
    value_usd: float
    units: float
    price_usd: float | None
    share: float
    growth: float | None
    units_growth: float | None
    price_growth: float | None


@dataclass(frozen=True)
class SalesSlice:
    """One band, market, buyer, brand or currency through the years.

    ``name`` is ``None`` where the ledger does not say it. A band reaches from ``low`` (at or
    above) to ``high`` (below), USD per unit; ``None`` leaves a side open.
    """

    name: str | None
    rows: tuple[SalesRow, ...]
    low: float | None = None
    high: float | None = None

    @property
    def last(self) -> SalesRow:
        """The newest year."""
        return self.rows[-1]


@dataclass(frozen=True)
class LadderSales:
    """A firm's sales by price band, and by market, buyer, brand and currency.

    Attributes:
        unit: in which prices are compared, ``item``, ``kg`` or the ledger's own name.
        first: day of the first sale.
        last: day of the last sale.
        years: the calendar years, in order.
        compared: year → first and last month that its growth compares with the year before.
        total: all sales of the unit.
        bands: by price, cheap to dear.
        above: at or above each boundary, whatever the band.
        by: way (see :data:`WAYS`) → slices, the largest of the last year first.
        concentration: way → Herfindahl-Hirschman index of the last year, 0 to 1.
        unplaced_usd: value of lines without a quantity, in no band.
        other_units: unit → lines and USD left out, since units are never mixed.
        rates_given: currency → units for one USD that the user gave.
        lines: of the ledger that were used.
    """

    unit: str
    first: date
    last: date
    years: tuple[int, ...]
    compared: dict[int, tuple[int, int]]
    total: SalesSlice
    bands: tuple[SalesSlice, ...]
    above: tuple[SalesSlice, ...]
    by: dict[str, tuple[SalesSlice, ...]]
    concentration: dict[str, float]
    unplaced_usd: float
    other_units: dict[str, tuple[int, float]]
    rates_given: dict[str, Decimal]
    lines: int


def rising(bands: Iterable[float | Decimal], key: str) -> tuple[float, ...]:
    """The boundaries of price bands, USD per unit.

    Raises:
        InputError: ``key`` where they do not rise, or one is not a number above zero.
    """
    edges = tuple(map(float, bands))
    if not all(0 < edge < inf for edge in edges) or any(a >= b for a, b in pairwise(edges)):
        raise InputError(key, text=join_list(f"{edge:g}" for edge in edges))
    return edges


def piece_price(price: float, kg: float | None) -> float:
    """A price of a kilogram for a piece of so many; without a weight it is of a piece already."""
    return price if kg is None else price * kg
