"""What entering and keeping a market costs: the study's own sums, the shipped ones for the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from offing.study.market_file import Entering, Keeping, MarketSums
from offing.terms.caution import Caution, Yuan
from offing.terms.shipped import shipped_toml

PARTS = tuple(MarketSums.model_fields)
"""The parts of a sum, such as ``certification_cny``."""


@dataclass(frozen=True)
class MarketSum:
    """What being in one market costs, part by part.

    Attributes:
        parts: part → CNY, in the order of :data:`PARTS`.
        illustrative: the parts that are shipped figures and not the user's.
    """

    parts: Mapping[str, Decimal]
    illustrative: tuple[str, ...]

    @property
    def total(self) -> Decimal:
        """All parts together, CNY."""
        return sum(self.parts.values(), Decimal(0))

    @property
    def illustrative_cny(self) -> Decimal:
        """How much of it is illustrative, CNY."""
        return sum((self.parts[part] for part in self.illustrative), Decimal(0))


def sums_note(entering: Entering, keeping: Keeping) -> Caution | None:
    """What entering and keeping a market are taken to cost, where some of it is illustrative."""
    once, yearly = sum_of("entering", entering, ""), sum_of("keeping", keeping, "")
    if not (once.illustrative_cny or yearly.illustrative_cny):
        return None
    values = {
        "once": once.total,
        "yearly": yearly.total,
        "once_shipped": once.illustrative_cny,
        "yearly_shipped": yearly.illustrative_cny,
    }
    whole = all(one.illustrative_cny == one.total for one in (once, yearly))
    key = "study.note_sums_shipped" if whole else "study.note_sums"
    return Caution(key, {name: Yuan(round(value)) for name, value in values.items()})


@cache
def _shipped() -> Mapping[str, Mapping[str, Decimal]]:
    shipped = shipped_toml("offing.study", "market_sums.toml")
    return {name: {part: Decimal(sums[part]) for part in PARTS} for name, sums in shipped.items()}


def sum_of(kind: str, own: MarketSums, market: str) -> MarketSum:
    """The sum of one market: its own part, else that of all markets, else the shipped one.

    Args:
        kind: ``entering`` (once) or ``keeping`` (each year).
        own: the study's section of that name.
        market: alpha-3.
    """
    single: Mapping[str, MarketSums] = getattr(own, "market", {})
    layers = [single[market], own] if market in single else [own]
    parts, shipped = {}, []
    for part in PARTS:
        given = [value for layer in layers if (value := getattr(layer, part)) is not None]
        if not given:
            shipped.append(part)
        parts[part] = given[0] if given else _shipped()[kind][part]
    return MarketSum(parts, tuple(shipped))
