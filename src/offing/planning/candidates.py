"""What a plan chooses from: segments with what the firm may sell there and what it earns."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Candidate:
    """One segment that the firm could serve.

    Attributes:
        product: the model, by its key.
        market: alpha-3.
        tier: the price tier in which our price stands.
        price_usd: FOB price of a unit.
        margin_rate: margin over FOB sales, after the marginal refund and costs to the port.
        sales_now_usd: the firm's sales there in the last twelve months of its ledger.
        tier_share: share of the market's imports in the tier, 0 to 1.
        origin_now_usd: sales of all firms of the origin in the market, at all prices, in the base
            year. Trade data know an exporting country's average price, not a firm's, so the
            outlook that carries a firm is the market's.
        origin_expected_usd: the outlook for them at the horizon.
        origin_low_usd: lower end of its 80 % interval; ``None`` where it has none.
        origin_high_usd: upper end.
        line: production line whose hours a unit takes; the model's own where it is empty.
        hours: line hours of a unit.
    """

    product: str
    market: str
    tier: str
    price_usd: float
    margin_rate: float
    sales_now_usd: float
    tier_share: float
    origin_now_usd: float
    origin_expected_usd: float
    origin_low_usd: float | None
    origin_high_usd: float | None
    line: str = ""
    hours: float = 1.0

    @property
    def made_on(self) -> str:
        """The line that makes it."""
        return self.line or self.product


@dataclass(frozen=True)
class Reach:
    """What the firm may sell in a segment at the horizon: the mean and the 80 % interval, USD.

    An outlook learnt from one year of data has no interval.
    """

    expected: float
    low: float | None
    high: float | None


def reach(candidate: Candidate, *, entry_share: float, largest_growth: float) -> Reach:
    """The sales within the firm's reach.

    Where it sells already, its sales move with the origin's outlook, at most ``largest_growth``
    times today's. Where it does not, it may take ``entry_share`` of what the origin is expected
    to sell, in proportion to the tier: an assumption of the user, printed with the plan.

    >>> c = Candidate("8528", "DEU", "high", 600, 0.1, 2e6, 0.4, 1e8, 1.2e8, 0.8e8, 1.5e8)
    >>> round(reach(c, entry_share=0.02, largest_growth=3).expected)
    2400000
    """
    if candidate.sales_now_usd > 0 and candidate.origin_now_usd > 0:
        factor = candidate.sales_now_usd / candidate.origin_now_usd
        most = candidate.sales_now_usd * largest_growth
    else:
        factor, most = entry_share * candidate.tier_share, float("inf")

    def within(origin_usd: float | None) -> float | None:
        return None if origin_usd is None else min(factor * origin_usd, most)

    return Reach(
        expected=min(factor * candidate.origin_expected_usd, most),
        low=within(candidate.origin_low_usd),
        high=within(candidate.origin_high_usd),
    )
