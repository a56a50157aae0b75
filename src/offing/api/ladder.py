"""The price ladder of a product in a market, and where a price stands on it."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

import polars as pl

from offing.api.asking import (
    Answer,
    Asked,
    Country,
    Numbers,
    Product,
    TradeRequest,
    parts,
    question,
)
from offing.ladders.build import PriceMeasure
from offing.ladders.build import ladder as build
from offing.ladders.ladder import TIERS, Basis, Ladder, PricePlace
from offing.ladders.place import place
from offing.ladders.tiers import USUAL_METHOD
from offing.terms.caution import Caution
from offing.terms.errors import InputError
from offing.terms.plain import values_of
from offing.terms.text import Unit

Reference = Literal["world", "market"]


@dataclass(frozen=True)
class LadderRequest(TradeRequest):
    """What sells at which price in a market?

    Attributes:
        price: USD per unit, on the ladder's basis, to place on it.
        method: of the tiers, one of ``offing.ladders.tiers.METHODS``.
        bands: rising thresholds in USD; 500 and 5,000 for items where ``None``.
    """

    product: Annotated[Product, Asked("ladder.help_product")]
    market: Annotated[Country, Asked("ladder.help_market")]
    price: Annotated[float | None, Asked("ladder.help_price")] = None
    year: Annotated[int | None, Asked("ladder.help_year")] = None
    unit: Annotated[Unit | None, Asked("ladder.help_unit")] = None
    method: Annotated[str, Asked("ladder.help_method")] = USUAL_METHOD
    basis: Annotated[Basis | None, Asked("ladder.help_basis")] = None
    reference: Annotated[Reference, Asked("ladder.help_reference")] = "world"
    bands: Annotated[Numbers, Asked("ladder.help_bands", kind=str | None)] = None


@dataclass(frozen=True)
class LadderAnswer(Answer):
    """A market's ladder.

    Attributes:
        ladder: tiers, bands and suppliers; prices in USD per ``ladder.unit``.
        place: where the price stands; ``None`` where none was given or the ladder is too thin.
        own: whether the tiers are measured against this market alone.
    """

    ladder: Ladder
    place: PricePlace | None
    own: bool

    @property
    def table(self) -> Any:
        """The tiers, one row each: bounds, value and share in USD, growth, drift, HHI."""
        rows = [asdict(tier) | {"suppliers": len(tier.suppliers)} for tier in self.ladder.tiers]
        return self.as_given(pl.DataFrame(rows).rename({"name": "tier"}))

    @property
    def suppliers(self) -> Any:
        """The exporters, the largest first: value, quantity, unit value, share of each tier."""
        rows = [asdict(supplier) for supplier in self.ladder.suppliers]
        return self.as_given(
            pl.DataFrame([row | {t: row["shares"].get(t) for t in TIERS} for row in rows]).drop(
                "shares"
            )
        )


@question(LadderRequest)
def ladder(request: LadderRequest) -> LadderAnswer:
    """The price ladder of a product in a market, and where a price stands on it.

    Where under a fifth of the imports have a usable unit value, no tier is named for a price.

    Raises:
        InputError: ``ladder.bad_bands``, ``errors.out_of_range``, ``landed.bad_choice``,
            ``errors.unknown_name``.
        MissingDataError: ``ladder.no_flows``, ``ladder.no_year``, ``ladder.no_unit_values``.

    >>> answer = ladder("8528", "Germany", price=620)
    >>> answer.ladder.unit, max(answer.place.tiers, key=answer.place.tiers.get)
    ('item', 'high')
    """
    code, importer, own = request.product, request.market, request.reference == "market"
    warehouse, chosen, cautions = request.trade(code, request.year)
    flows = warehouse.flows(code, dataset=chosen)
    how = values_of(request, "unit", "method", "basis")
    measure = PriceMeasure(**how, own=own, bands=_thresholds(request.bands))
    built = build(
        flows, product=code, market=importer, year=request.year, measure=measure, dataset=chosen
    )
    placed = None if request.price is None or built.thin else place(built, request.price)
    last: int = flows.filter(pl.col("importer") == importer)["year"].max()  # type: ignore[assignment]
    doubts = (*_doubts(request, built, last), *_far_off(request.price, built))
    return LadderAnswer(built, placed, own, cautions=(*doubts, *cautions))


def _doubts(request: LadderRequest, built: Ladder, last: int) -> list[Caution]:
    """What a reader could take for more than it is."""
    values = {"year": str(built.year), "last": str(last)}
    unsaid = request.price is not None and request.unit is None
    doubts = {
        "ladder.too_thin": built.thin,
        "ladder.older_year": request.year is None and built.year < last,
        "ladder.price_per_kg": unsaid and built.unit == "kg",
    }
    noted = [built.note] if built.note and not built.thin else []
    keys = (*noted, *(key for key, holds in doubts.items() if holds))
    return [Caution(key, values) for key in keys]


FAR = 20
"""How many times above or below all suppliers a price is of another unit or currency."""
COUNTS = 0.01
"""Share of a market's imports from which a supplier's unit value is more than a few samples'."""


def _far_off(price: float | None, built: Ladder) -> list[Caution]:
    """A price that is far from that of every supplier with more than a few samples' imports."""
    least = COUNTS * built.value_usd
    prices = [s.unit_value for s in built.suppliers if s.unit_value and s.value_usd >= least]
    if price is None or not prices or min(prices) / FAR <= price <= max(prices) * FAR:
        return []
    values = {"price": f"{price:,g}", "low": f"{min(prices):,.2f}", "high": f"{max(prices):,.2f}"}
    return [Caution("ladder.far_off", values)]


def _thresholds(bands: Numbers) -> list[float] | None:
    try:
        return None if bands is None else [float(edge) for edge in parts(bands)]
    except ValueError:
        raise InputError("ladder.bad_bands", text=bands) from None
