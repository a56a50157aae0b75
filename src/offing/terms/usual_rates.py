"""What the rates of trade and money usually are: outside, a per cent sign or a point is wrong.

One place for the command line, study files and Python. Bounds are wide, from memory: what a market
has had since 2000, or a firm would write; nothing at all is never odd.
"""

from decimal import Decimal
from typing import Literal, get_args

Kind = Literal[
    "interest",
    "spread",
    "ndf_basis",
    "cny_discount",
    "credit_premium",
    "default_probability",
    "volatility",
    "cargo_premium",
    "risk",
    "hedge",
    "cover",
    "loss",
    "discount",
    "owed",
    "commission",
    "margin",
    "markup",
    "duty",
    "content",
    "market_share",
    "chance",
]
"""Rates that are typed: the yearly interest of a money market (``interest``), the bank's spread,
the cost of a non-deliverable forward, the discount for an invoice in yuan, the premium of credit
insurance over sales (出口信用保险费率), a chance of default, a year's volatility, the premium of
cargo insurance (货运保险费率), a limit of risk, a hedge ratio, the insured part, the loss of what
is not paid, the discount of a later yuan, interest on what buyers owe, the commission of agents,
the margin of importers and shops, what is insured above the value (投保加成), a duty, the part of a
unit's value that is made in the country (原产成分), the largest part of sales in one market, the
chance of an announced duty."""

_ALL = Decimal(1)
USUAL: dict[Kind, tuple[Decimal, Decimal]] = {
    "interest": (Decimal("0.002"), Decimal("0.8")),
    "spread": (Decimal("0.00005"), Decimal("0.03")),
    "ndf_basis": (Decimal(0), Decimal("0.15")),
    "cny_discount": (Decimal("0.0003"), Decimal("0.1")),
    "credit_premium": (Decimal("0.0003"), Decimal("0.05")),
    "default_probability": (Decimal(0), Decimal("0.2")),
    "volatility": (Decimal("0.01"), Decimal("0.35")),
    "cargo_premium": (Decimal("0.00005"), Decimal("0.02")),
    "risk": (Decimal("0.0005"), Decimal("0.3")),
    "hedge": (Decimal("0.02"), _ALL),
    "cover": (Decimal("0.1"), _ALL),
    "loss": (Decimal("0.1"), _ALL),
    "discount": (Decimal("0.005"), Decimal("0.4")),
    "owed": (Decimal("0.002"), Decimal("0.3")),
    "commission": (Decimal("0.001"), Decimal("0.5")),
    "margin": (Decimal("0.01"), Decimal("0.9")),
    "markup": (Decimal("0.02"), Decimal("0.5")),
    "duty": (Decimal("0.005"), Decimal(1)),
    "content": (Decimal("0.05"), _ALL),
    "market_share": (Decimal("0.01"), _ALL),
    "chance": (Decimal("0.01"), _ALL),
}
MAJOR = frozenset(
    ("CNY", "USD", "EUR", "JPY", "GBP", "CHF", "HKD", "SGD", "AUD", "CAD", "NZD", "KRW", "TWD")
)
"""Currencies whose money-market rates have been below a tenth since 2000."""
PEGGED = frozenset(("HKD", "AED", "SAR", "QAR", "OMR", "BHD", "JOD", "USD"))
RESTLESS = frozenset(("ARS", "TRY", "RUB", "UAH", "NGN", "EGP", "BRL", "ZAR", "KZT", "GHS", "ZMW"))
"""Currencies that have moved by more in a year since 2000 than ``USUAL`` has."""
_LOW = MAJOR | PEGGED | {"SEK", "DKK", "NOK", "CZK", "ILS", "PLN", "HUF", "BGN"}
"""Currencies that have had rates of nearly nothing."""
_RESTLESS_HIGH = Decimal("0.6")
_MAJOR_INTEREST = (Decimal("-0.01"), Decimal("0.1"))
_HUNDREDTH, _HUNDREDFOLD = (Decimal("0.004"), Decimal("0.025")), (Decimal(40), Decimal(250))
"""A rate that is so many times the one of the day has lost or won a per cent sign."""


def is_odd(
    kind: Kind, value: Decimal, *, currency: str = "", of_day: Decimal | None = None
) -> bool:
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


def _bounds(kind: Kind, currency: str) -> tuple[Decimal, Decimal]:
    """Between what a rate usually is; nothing at all is in them for some currencies."""
    low, high = USUAL[kind]
    if kind == "interest" and currency in MAJOR:
        return _MAJOR_INTEREST
    if (kind == "volatility" and currency in PEGGED) or (kind == "interest" and currency in _LOW):
        low = Decimal(0)
    if kind == "volatility" and currency in RESTLESS:
        high = _RESTLESS_HIGH
    return low, high


assert set(USUAL) == set(get_args(Kind))
