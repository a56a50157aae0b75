"""An effect that rests on an unknown: it is missing, and no number stands for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from offing.terms.money import Money, round_amount


@dataclass(frozen=True)
class Missing:
    """Why an effect has no number, and what hangs on it.

    Attributes:
        reason: message key of what is not known.
        at_stake: the firm's planned sales of a year that it is about, else its present ones.
        values: of the message; ``product`` and ``market`` say of which segment it is.
    """

    reason: str
    at_stake: Money
    values: Mapping[str, str] = field(default_factory=dict)


def dollars(usd: float) -> Money:
    """An amount of analytics as money, in cents."""
    return Money(round_amount(Decimal(repr(usd))), "USD")


def stake_of(missing: Iterable[Missing]) -> float:
    """What hangs on several of them, USD."""
    return float(sum((each.at_stake.amount for each in missing), Decimal(0)))


def known_share(missing: Iterable[Missing], sales_usd: float) -> float | None:
    """The share of the firm's sales for which an answer holds; ``None`` where nothing is sold.

    >>> known_share([Missing("study.no_rule", dollars(25.0))], 100.0)
    0.75
    """
    return max(1 - stake_of(missing) / sales_usd, 0.0) if sales_usd > 0 else None
