"""What the rates of trade and money usually are: outside, a per cent sign or a point is wrong.

One place for the command line, study files and Python. Nothing at all is never odd.
"""

from decimal import Decimal
from functools import cache

from offing.terms.files import shipped_toml


@cache
def usual_bounds() -> dict[str, tuple[Decimal, Decimal]]:
    """Kind of rate → between what it usually is, as shares: see ``data/usual_rates.toml``."""
    rows = shipped_toml("offing.terms", "data/usual_rates.toml")
    return {kind: (Decimal(low), Decimal(high)) for kind, (low, high) in rows.items()}


MAJOR = frozenset(
    ("CNY", "USD", "EUR", "JPY", "GBP", "CHF", "HKD", "SGD", "AUD", "CAD", "NZD", "KRW", "TWD")
)
"""Currencies whose money-market rates have been below a tenth since 2000."""
PEGGED = frozenset(("HKD", "AED", "SAR", "QAR", "OMR", "BHD", "JOD", "USD"))
RESTLESS = frozenset(("ARS", "TRY", "RUB", "UAH", "NGN", "EGP", "BRL", "ZAR", "KZT", "GHS", "ZMW"))
"""Currencies that have moved by more in a year since 2000 than is usual."""
_LOW = MAJOR | PEGGED | {"SEK", "DKK", "NOK", "CZK", "ILS", "PLN", "HUF", "BGN"}
"""Currencies that have had rates of nearly nothing."""
_RESTLESS_HIGH = Decimal("0.6")
_MAJOR_INTEREST = (Decimal("-0.01"), Decimal("0.1"))
_HUNDREDTH, _HUNDREDFOLD = (Decimal("0.004"), Decimal("0.025")), (Decimal(40), Decimal(250))
"""A rate that is so many times the one of the day has lost or won a per cent sign."""


def is_odd(kind: str, value: Decimal, *, currency: str = "", of_day: Decimal | None = None) -> bool:
    """Whether a careful person would ask about a rate.

    Args:
        kind: what it is a rate of.
        value: a share.
        currency: whose rate it is, where it has one.
        of_day: what counts on that day where nobody gives another: a hundredth or a hundredfold of
            it is odd.

    >>> is_odd("interest", Decimal("0.00041"), currency="USD", of_day=Decimal("0.0388"))
    True
    >>> is_odd("interest", Decimal("0.00041"), currency="JPY", of_day=Decimal("0.0025"))
    False
    >>> is_odd("cargo_premium", Decimal("0.003")), is_odd("cargo_premium", Decimal("0.00003"))
    (False, True)
    """
    times = value / of_day if of_day else Decimal(1)
    if any(low <= times <= high for low, high in (_HUNDREDTH, _HUNDREDFOLD)):
        return True
    low, high = _bounds(kind, currency)
    if kind in ("volatility", "loss") or (kind == "interest" and currency in MAJOR):
        return not low <= value <= high
    return value != 0 and not low <= abs(value) <= high


def _bounds(kind: str, currency: str) -> tuple[Decimal, Decimal]:
    """Between what a rate usually is; nothing at all is in them for some currencies."""
    low, high = usual_bounds()[kind]
    if kind == "interest" and currency in MAJOR:
        return _MAJOR_INTEREST
    if (kind == "volatility" and currency in PEGGED) or (kind == "interest" and currency in _LOW):
        low = Decimal(0)
    if kind == "volatility" and currency in RESTLESS:
        high = _RESTLESS_HIGH
    return low, high
