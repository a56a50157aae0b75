"""What a plan is made of."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PlanRow:
    """What the plan gives to one segment.

    Attributes:
        product: the model, by its key.
        market: alpha-3.
        tier: price tier.
        sales_now_usd: the firm's sales there in the last twelve months of its ledger.
        sales_usd: planned yearly sales.
        units: planned yearly units.
        price_usd: FOB price of a unit.
        margin_usd: yearly margin after refund and costs.
        margin_rate: margin over sales.
        low_usd: sales at the lower end of the 80 % interval; ``None`` where the outlook has none.
        high_usd: at the upper end, at most what the whole capacity would bring at this price.
        limit: what keeps it from more: ``outlook``, ``capacity``, ``cap`` or ``margin``.
    """

    product: str
    market: str
    tier: str
    sales_now_usd: float
    sales_usd: float
    units: float
    price_usd: float
    margin_usd: float
    margin_rate: float
    low_usd: float | None
    high_usd: float | None
    limit: str


@dataclass(frozen=True)
class Plan:
    """An allocation of capacity to segments.

    ``capacity_used`` is by line, the share of its hours, 0 to 1; ``concentration`` is the
    Herfindahl-Hirschman index over markets, of the plan and of today.
    """

    rows: tuple[PlanRow, ...]
    sales_usd: float
    sales_now_usd: float
    margin_usd: float
    capacity_used: tuple[tuple[str, float], ...]
    concentration: float
    concentration_now: float
