"""What a person gives for a settlement and would hardly mean: a caution each, never a change."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from offing.settlement.deal import Credit
from offing.settlement.market_data import Own
from offing.terms.exchange import FxTable
from offing.terms.firm_records import Deal

Caution = tuple[str, dict[str, str]]
MAJOR = frozenset(
    ("CNY", "USD", "EUR", "JPY", "GBP", "CHF", "HKD", "SGD", "AUD", "CAD", "NZD", "KRW", "TWD")
)
"""Currencies whose money-market rates have been below a tenth since 2000."""
PEGGED = frozenset(("HKD", "AED", "SAR", "QAR", "OMR", "BHD", "JOD", "USD"))
_INTEREST, _MAJOR_INTEREST = Decimal("0.8"), Decimal("0.1")
_SPREAD, _BASIS, _DISCOUNT, _PREMIUM = (Decimal(x) for x in ("0.03", "0.15", "0.1", "0.05"))
_DEFAULT = Decimal("0.5")
_VOLATILITY = (Decimal("0.01"), Decimal("0.6"))
_MARGIN = (Decimal("-0.5"), Decimal("0.9"))


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
        if abs(value) > most:
            yield "settle.warn_unlikely", _named(option, code, value)
    for code, value in own.volatility.items():
        low, high = _VOLATILITY
        if not (Decimal(0) if code in PEGGED else low) <= value <= high:
            yield "settle.warn_unlikely", _named("--volatility", code, value)


def _named(option: str, code: str, value: Decimal) -> dict[str, str]:
    said = f"{code}=" if code else ""
    return {"given": f"{option} {said}{(value * 100).normalize():f}%"}


def cost_and_price(deals: Iterable[Deal], fx: FxTable) -> Iterator[Caution]:
    """Deals whose cost is far from their price at the middle rate of the day."""
    for deal in deals:
        if deal.cost_cny is not None and deal.amount > 0:
            margin = 1 - deal.cost_cny / fx.convert(deal.amount, deal.currency, "CNY")
            if not _MARGIN[0] <= margin <= _MARGIN[1]:
                share = {"share": f"{margin * 100:.0f} %", "name": deal.name or deal.currency}
                yield "settle.warn_margin", share
