"""What a kilogram and a piece of goods usually cost, and which slip of a unit makes a price usual.

A wrong unit or currency through a whole file cannot be seen from the file: nothing in it is unlike
the rest. What such goods cost elsewhere shows it, where it lies far outside what anyone pays. The
table (``data/usual_prices.csv``) is made by ``tools/usual_prices.py`` from customs data of many
countries. ADR 0050 tells how far apart the bounds are, why, and what they cannot show.

What the rates of trade and money usually are: outside, a per cent sign or a point is wrong.

One place for the command line, study files and Python. Nothing at all is never odd.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from offing.terms.files import shipped_rows, shipped_toml
from offing.terms.messages import join_list, say
from offing.terms.numbers import digits
from offing.terms.text import Unit

Figure = float | Decimal

WIDER = 5.0
"""By how much a price may be outside the quantiles of its code. So wide, 0.2 % of the codes of
importers that were held back are outside (``tools/usual_prices.py --measure``)."""
MOST = 0.5
"""The part of a file's codes outside, from which on it is the file and not its goods."""
ALONE = 10 * WIDER
"""How far outside one code among others must be."""
MOST_SAID = 3
"""Readings that are said, the likeliest first."""
LONGEST, SHORTEST = 6, 2


@dataclass(frozen=True)
class Usual:
    """What goods of a code cost, in USD for one ``unit``: 1 %, 50 % and 99 % of ``flows``."""

    code: str
    unit: Unit
    flows: int
    low: float
    middle: float
    high: float

    def far(self, price: float, wider: float = WIDER) -> bool:
        """Whether a price is none of these goods'."""
        return not self.low / wider <= price <= self.high * wider

    def holds(self, price: float) -> bool:
        """Whether nearly all such goods cost so much, neither more nor less."""
        return self.low <= price <= self.high

    def apart(self, price: float) -> float:
        """How far a price is from the middle, whether above or below."""
        return abs(math.log(price / self.middle))


@dataclass(frozen=True)
class Level:
    """What goods of one code cost, in the middle of a file or in one deal: USD for one unit.

    ``yuan`` and ``dollar``: CNY for one unit of the currency that the file says, and for one USD.
    """

    code: str
    unit: str
    price: Figure
    yuan: Figure | None = None
    dollar: Figure | None = None

    def times(self) -> dict[str, float]:
        """Slip → what the price is times, once that is put right."""
        slips = {"thousands": 1000.0, "ten_thousands": 10_000.0}
        if self.yuan == 1 and self.dollar:
            slips["dollars"] = float(self.dollar)
        elif self.yuan:
            one = 1 / float(self.yuan)
            slips |= {"yuan": one, "ten_thousand_yuan": 10_000 * one}
        if self.unit == "kg":
            return slips | {"tonnes": 1 / 1000}
        of_many = {"thousand_pieces": 1 / 1000, "ten_thousand_pieces": 1 / 10_000}
        return slips | {"dozens": 1 / 12} | of_many


FarPrice = tuple[Usual, float, tuple[str, ...]]
"""What goods cost, a price that is none of theirs, and the readings that would make it usual, as
names of ``sources.reading_<name>``, the likeliest first."""


def far_said(usual: Usual, price: float, readings: Iterable[str]) -> dict[str, str]:
    """What a message names: the code, what is found, what is usual, and what would be."""
    prices = {"found": price, "low": usual.low, "high": usual.high}
    likely = [*readings][:MOST_SAID] or ["none"]
    return {
        "product": usual.code,
        "unit": say(f"sources.one_{usual.unit}"),
        "readings": join_list(say(f"sources.reading_{name}") for name in likely),
        **{name: digits(price) for name, price in prices.items()},
    }


@dataclass(frozen=True)
class UsualPrices:
    """Unit and HS code of six, four or two digits → what its goods cost."""

    rows: Mapping[tuple[str, str], Usual]

    @classmethod
    def of(cls, rows: Iterable[tuple[Unit, str, Sequence[Figure]]]) -> "UsualPrices":
        """From unit, code, and flows with the three prices."""
        return cls(
            {(u, c): Usual(c, u, int(n), *map(float, prices)) for u, c, (n, *prices) in rows}
        )

    def __len__(self) -> int:
        return len(self.rows)

    def find(self, code: str, unit: str) -> Usual | None:
        """By the longest code that is known; ``None`` where none is, or for another unit."""
        fronts = (code[:length] for length in range(LONGEST, SHORTEST - 1, -2))
        return next((self.rows[unit, c] for c in fronts if (unit, c) in self.rows), None)

    def far(self, level: Level) -> FarPrice | None:
        """A price that lies far outside what its goods cost; ``None`` where it does not."""
        usual, price = self.find(level.code, level.unit), float(level.price)
        if usual is None or price <= 0 or not usual.far(price):
            return None
        right = {name: price * times for name, times in level.times().items()}
        found = {name: usual.apart(price) for name, price in right.items() if usual.holds(price)}
        other = self.find(level.code, "kg" if level.unit == "item" else "item")
        if other is not None and other.holds(price):
            found[f"by_{other.unit}"] = other.apart(price)
        return usual, price, tuple(sorted(found, key=lambda name: found[name]))

    def far_levels(self, levels: Sequence[Level]) -> tuple[dict[int, FarPrice], int]:
        """The levels of a file that are none of their goods', by place; how many can be judged.

        Where most are outside, it is the file and not its goods. One among others must be further
        out: of many right codes one or the other is odd.
        """
        judged = sum(self.find(level.code, level.unit) is not None for level in levels)
        looked_at = {place: self.far(level) for place, level in enumerate(levels)}
        found = {place: far for place, far in looked_at.items() if far is not None}
        if len(found) < MOST * judged:
            found = {n: far for n, far in found.items() if far[0].far(far[1], ALONE)}
        return found, judged


@cache
def shipped() -> UsualPrices:
    """The table that comes with offing; read when it is asked for first.

    >>> tv = shipped().find("85287220", "item")
    >>> tv.code, tv.far(450.0), tv.far(5200.0), tv.far(450_000.0)
    ('8528', False, False, True)
    """
    rows = shipped_rows("offing.terms", "data/usual_prices.csv")
    figures = ("flows", "low", "middle", "high")
    units: dict[str, Unit] = {"item": "item", "kg": "kg"}
    return UsualPrices.of(
        (units[row["unit"]], row["code"], [float(row[name]) for name in figures]) for row in rows
    )


def shared_readings(far: Iterable[FarPrice]) -> tuple[str, ...]:
    """What would make all prices usual, else what the first would; the likeliest first."""
    first, *others = [readings for *_, readings in far]
    return tuple(name for name in first if all(name in one for one in others)) or first


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
