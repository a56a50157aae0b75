"""Rules of origin by value: how much of a product is made where the agreement counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from offing.terms.errors import InputError

RCEP = (
    "AUS", "BRN", "CHN", "IDN", "JPN", "KHM", "KOR", "LAO",
    "MMR", "MYS", "NZL", "PHL", "SGP", "THA", "VNM",
)  # fmt: skip
"""The fifteen parties whose materials count together."""

RCEP_THRESHOLD = Decimal("0.40")
"""RCEP, chapter 3, art. 3.5 and annex 3A: the usual least regional value content."""


@dataclass(frozen=True)
class Material:
    """A material in the product: its origin (``None`` where unknown) and its value."""

    origin: str | None
    value: Decimal


@dataclass(frozen=True)
class RegionalValue:
    """The regional value content of a product, as shares of its FOB price.

    Attributes:
        build_down: ``(FOB - non-originating materials) / FOB``.
        build_up: ``(originating materials + other originating costs) / FOB``; labour, overhead,
            profit and the like.
        qualifies: whether one of the two reaches the threshold; an exporter may choose.
    """

    build_down: Decimal
    build_up: Decimal
    qualifies: bool


def regional_value(
    fob: Decimal,
    materials: Iterable[Material],
    *,
    other_originating: Decimal = Decimal(0),
    parties: Iterable[str] = ("CHN",),
    threshold: Decimal = RCEP_THRESHOLD,
) -> RegionalValue:
    """Regional value content by both formulas (RCEP, art. 3.5).

    Args:
        fob: FOB price of the product.
        materials: all that went in, in the same currency.
        other_originating: labour, overhead, profit and other originating costs.
        parties: whose materials count: the exporter alone, or all where the agreement cumulates.
        threshold: least share.

    Raises:
        InputError: ``costing.not_positive`` for a FOB price that is not above zero.

    >>> parts = [Material("CHN", Decimal("1.2")), Material("THA", Decimal("1.5")),
    ...          Material("IND", Decimal("2.0"))]
    >>> regional_value(Decimal("5.6"), parts, parties=RCEP).build_down.quantize(Decimal("0.0001"))
    Decimal('0.6429')
    """
    if not fob > 0:
        raise InputError("costing.not_positive", name="FOB", value=fob)
    inside = frozenset(parties)
    originating = outside = Decimal(0)
    for material in materials:
        if material.origin in inside:
            originating += material.value
        else:
            outside += material.value
    down = (fob - outside) / fob
    up = (originating + other_originating) / fob
    return RegionalValue(down, up, max(down, up) >= threshold)


def preference_gain(
    customs_value: Decimal, mfn: Decimal, preferential: Decimal, cost: Decimal
) -> Decimal:
    """What a preference is worth after its cost of compliance; nothing where it does not pay.

    Args:
        customs_value: of the shipment.
        mfn: the duty without it, as a share.
        preferential: the duty with it.
        cost: certificates, records, checks, for the shipment.

    >>> preference_gain(Decimal(10000), Decimal("0.05"), Decimal(0), Decimal(120))
    Decimal('380.00')
    """
    return max(Decimal(0), customs_value * (mfn - preferential) - cost)
