"""Money in Decimal, with the rounding always said."""

from dataclasses import dataclass
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from functools import cache
from typing import Literal

from offing.terms.errors import InputError

Rounding = Literal["half_up", "half_even", "down", "up", "floor", "ceiling"]

_MODES = {
    "half_up": ROUND_HALF_UP,
    "half_even": ROUND_HALF_EVEN,
    "down": ROUND_DOWN,
    "up": ROUND_UP,
    "floor": ROUND_FLOOR,
    "ceiling": ROUND_CEILING,
}


@cache
def _quantum(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


def round_amount(amount: Decimal, places: int = 2, how: Rounding = "half_up") -> Decimal:
    """``amount`` with ``places`` decimals.

    >>> round_amount(Decimal("2.675"))
    Decimal('2.68')
    """
    return amount.quantize(_quantum(places), rounding=_MODES[how])


def exact(value: int | str | Decimal) -> Decimal:
    """A Decimal from a value that is exact. Floats are refused: they are not.

    Raises:
        InputError: ``money.not_exact`` for a float, ``money.not_a_number`` for other text.
    """
    if isinstance(value, bool | float):
        raise InputError("money.not_exact", value=value)
    try:
        number = Decimal(value)
    except (ArithmeticError, TypeError, ValueError) as error:
        raise InputError("money.not_a_number", value=value) from error
    if not number.is_finite():
        raise InputError("money.not_a_number", value=value)
    return number


@dataclass(frozen=True, order=False)
class Money:
    """An amount in one currency (ISO 4217). Amounts of two currencies do not add."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise InputError("money.not_exact", value=self.amount)

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise InputError("money.two_currencies", one=self.currency, other=other.currency)
        return Money(self.amount + other.amount, self.currency)

    def __str__(self) -> str:
        return f"{self.currency} {self.amount:,}"
