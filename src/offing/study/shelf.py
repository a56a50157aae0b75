"""A model with what the plan may offer of it: handed over by one stage, taken by the next.

The second process that makes the plans of earlier years reads these modules and no others: they
load neither Polars nor DuckDB (``tests/study/test_replayed.py``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from offing.planning.elasticity import Learnt, Sigma
from offing.planning.entries import Entry, EntryLine
from offing.planning.offering import Outlet
from offing.planning.plan import Lead
from offing.planning.reach import ShrunkShare

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ForeignPlants:
    """Goods from plants in other countries than the firm's, under a counterfactual.

    Attributes:
        factors: (market, plant) → on what it sells, over those on the firm's own country's goods.
        kept_usd: market → plant and currency → FOB price, which goes on as it was.
    """

    factors: Mapping[tuple[str, str], Floats] = field(default_factory=dict)
    kept_usd: Mapping[str, Mapping[tuple[str, str], float]] = field(default_factory=dict)


NO_PLANTS = ForeignPlants()


@dataclass(frozen=True)
class MarketShare:
    """What the firm's own record says of a model.

    Attributes:
        markets: where it sells today, m of them.
        share: its share of the origin's exports there, drawn together; ``None`` where it sells
            nowhere that the origin exports to.
        spread: of a year's log share, by the ledger drawn to a prior.
        entry: the size of an entry, by the origin's exports to a market.
        sold_at: the lowest and the highest FOB price at which it sells today, USD.
    """

    markets: tuple[str, ...]
    share: ShrunkShare | None
    spread: float
    entry: Entry | EntryLine
    sold_at: tuple[float, float] | None = None

    def usual(self, asks: float) -> float:
        """The price that an entry's size goes with, where no ladder tells one: the firm's own.

        Its entries were made at its own prices: a dearer one sells less, as where it sells, from
        the dearest of them on and without a step. Of a model that it sells nowhere nothing is
        known.
        """
        if self.sold_at is None:
            return asks
        low, high = self.sold_at
        return min(max(asks, low), high)


@dataclass(frozen=True)
class ProductOptions:
    """A model with what the plan may offer of it.

    Attributes:
        code: HS code of its trade.
        outlets: it in every market.
        reached: what its record says.
        sigma: the elasticity that its curve is drawn by.
        ledger: what the ledger says of it; ``None`` without one.
        asked: markets where the study asks another price than the ledger shows.
        exports: market → the origin's exports in the base year, USD.
        tier_share: market → the part of its imports in the tier of our price.
        factors: market → what a counterfactual multiplies later sales by.
        elsewhere: the same for goods of other countries' plants.
        leads: market where it is not sold today → what must come before it is.
    """

    code: str
    outlets: tuple[Outlet, ...]
    reached: MarketShare
    sigma: Sigma
    ledger: Learnt | None
    asked: frozenset[str]
    exports: Mapping[str, float]
    tier_share: Mapping[str, float]
    factors: Mapping[str, Floats | float] = field(default_factory=dict)
    elsewhere: ForeignPlants = NO_PLANTS
    leads: Mapping[str, Lead] = field(default_factory=dict)
