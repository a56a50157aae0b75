"""What a person gives for a settlement and would hardly mean: a caution each, never a change."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from offing.landed.likely import GREATEST_MARGIN, LEAST_MARGIN
from offing.settlement.deal import Credit
from offing.settlement.market_data import Own
from offing.terms.exchange import FxTable
from offing.terms.firm_records import Deal
from offing.terms.payment import DEFERRED

ZERO = Decimal(0)
Caution = tuple[str, dict[str, str]]
MAJOR = frozenset(
    ("CNY", "USD", "EUR", "JPY", "GBP", "CHF", "HKD", "SGD", "AUD", "CAD", "NZD", "KRW", "TWD")
)
"""Currencies whose money-market rates have been below a tenth since 2000."""
PEGGED = frozenset(("HKD", "AED", "SAR", "QAR", "OMR", "BHD", "JOD", "USD"))
_INTEREST, _MAJOR_INTEREST = Decimal("0.8"), Decimal("0.1")
_SPREAD, _BASIS, _DISCOUNT, _PREMIUM = (Decimal(x) for x in ("0.03", "0.15", "0.1", "0.05"))
_DEFAULT = Decimal("0.2")
_VOLATILITY = (Decimal("0.01"), Decimal("0.6"))
_LEAST_INTEREST = Decimal("-0.01")
"""No money market of a major currency has been far below it."""
_LEAST_COVER, _LEAST_LOSS, _LEAST_HEDGE = Decimal("0.1"), Decimal("0.1"), Decimal("0.02")
MOST_RISK = Decimal("0.3")
_RISK = (Decimal("0.0005"), MOST_RISK)
_DOLLARS = (100, 10**9)
"""What deals are worth; below it a settlement costs more than it brings."""
_DAYS = (7, 540)
"""Days from shipment to payment that deferred terms have, at the least and at the most."""


def unlikely(own: Own, credit: Credit) -> Iterator[Caution]:
    """Rates that no market of the last years has had."""
    given = [
        *(("--interest", code, value, _MAJOR_INTEREST if code in MAJOR else _INTEREST)
          for code, value in own.interest.items()),
        *(("--spread", code, value, _SPREAD) for code, value in own.spreads.items()),
        *(("--ndf-basis", code, value, _BASIS) for code, value in own.ndf_basis.items()),
        ("--cny-discount", "", own.cny_discount, _DISCOUNT),
        ("--premium", "", credit.premium_rate, _PREMIUM),
        ("--pd", "", credit.default_probability, _DEFAULT),
    ]  # fmt: skip
    for option, code, value, most in given:
        if abs(value) > most or (code in MAJOR and value < _LEAST_INTEREST):
            yield "settle.warn_unlikely", _named(option, code, value)
    for code, value in own.volatility.items():
        low, high = _VOLATILITY
        if not (Decimal(0) if code in PEGGED else low) <= value <= high:
            yield "settle.warn_unlikely", _named("--volatility", code, value)


def of_request(risk: Decimal, hedge: Decimal | None, credit: Credit) -> Iterator[Caution]:
    """Shares whose per cent sign is one too many or one too few, and insurance of nothing."""
    low, high = _RISK
    for option, value, odd in (
        ("--risk", risk, not low <= risk <= high),
        ("--hedge", hedge, hedge is not None and ZERO < hedge < _LEAST_HEDGE),
        ("--cover", credit.cover, ZERO < credit.cover < _LEAST_COVER),
        ("--lgd", credit.loss_given_default, credit.loss_given_default < _LEAST_LOSS),
    ):
        if odd and value is not None:
            yield "settle.warn_share", _named(option, "", value)
    if (credit.premium_rate > 0) != (credit.cover > 0):
        yield "settle.warn_insured_nothing", {}


def of_deal(deal: Deal, fx: FxTable, buyer: str | None) -> Iterator[Caution]:
    """One deal that is hardly one: next to nothing, paid at once on deferred terms, at home."""
    dollars = abs(fx.convert(deal.amount, deal.currency, "USD"))
    if not _DOLLARS[0] <= dollars <= _DOLLARS[1]:
        yield "settle.warn_amount", {"amount": f"{deal.currency} {deal.amount:,f}"}
    if has_odd_days(deal.terms, deal.days):
        yield "settle.warn_days", {"days": str(deal.days)}
    if buyer == "CHN":
        yield "settle.warn_at_home", {}


def of_book(deals: Sequence[Deal], fx: FxTable) -> Iterator[Caution]:
    """Deals of a book that are hardly ones, and days that are months in most of them."""
    for deal in deals:
        dollars = abs(fx.convert(deal.amount, deal.currency, "USD"))
        if not _DOLLARS[0] <= dollars <= _DOLLARS[1]:
            yield "settle.warn_amount", {"amount": f"{deal.currency} {deal.amount:,f}"}
    later = [deal.days for deal in deals if deal.terms in DEFERRED]
    soon = [days for days in later if 0 < days < _DAYS[0]]
    if 2 * len(soon) > len(later):
        yield "settle.warn_days", {"days": f"{soon[0]}"}


def has_odd_days(terms: str, days: int) -> bool:
    """Whether deferred terms have next to no days, or years: months or a date were meant."""
    return terms in DEFERRED and not _DAYS[0] <= days <= _DAYS[1]


def _named(option: str, code: str, value: Decimal) -> dict[str, str]:
    said = f"{code}=" if code else ""
    return {"given": f"{option} {said}{(value * 100).normalize():f}%"}


def cost_and_price(deals: Iterable[Deal], fx: FxTable) -> Iterator[Caution]:
    """Deals whose cost is far from their price at the middle rate of the day."""
    for deal in deals:
        if deal.cost_cny and deal.amount < 0:
            yield "settle.warn_payable_cost", {"name": deal.name or deal.currency}
        if deal.cost_cny is not None and deal.amount > 0:
            margin = 1 - deal.cost_cny / fx.convert(deal.amount, deal.currency, "CNY")
            if not LEAST_MARGIN <= margin <= GREATEST_MARGIN:
                share = {"share": f"{margin * 100:.0f} %", "name": deal.name or deal.currency}
                yield "settle.warn_margin", share
