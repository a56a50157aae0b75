"""Duty expressions: ad valorem, specific, compound, bounded, seasonal, by minimum import price.

An expression is what a tariff's text says, as data. Its text form is read by
:func:`offing.rules.duty_text.parse_duty`; ``str()`` of an expression reads back as the same one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Protocol

from offing.terms.errors import InputError, RuleError

PERCENT = Decimal(100)


@dataclass(frozen=True)
class Dutiable:
    """What a duty is taken of.

    Attributes:
        value: the base, in ``currency``.
        currency: ISO 4217; specific amounts must be in it.
        on: the day, for seasonal duties.
        quantities: unit → quantity in the shipment, such as ``{"kg": Decimal(8000)}``.
        elements: amounts that the tariff leaves to other tables (``EA``, ``ADSZ``, ``ADFM``,
            ``entry price``, ``subheading``), in ``currency``.
    """

    value: Decimal
    currency: str
    on: date
    quantities: Mapping[str, Decimal]
    elements: Mapping[str, Decimal] = field(default_factory=dict)


class Duty(Protocol):
    """An expression: its amount for some goods."""

    def of(self, goods: Dutiable) -> Decimal:
        """The amount, in the currency of the goods, not rounded."""


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True)
class AdValorem:
    """A share of the value: ``0.14`` is written ``14%``."""

    rate: Decimal

    def of(self, goods: Dutiable) -> Decimal:
        """Share times value."""
        return self.rate * goods.value

    def __str__(self) -> str:
        return "Free" if self.rate == 0 else f"{_plain(self.rate * PERCENT)}%"


FREE = AdValorem(Decimal(0))


@dataclass(frozen=True)
class Specific:
    """An amount for ``per`` units, such as 93.10 EUR for 100 kg."""

    amount: Decimal
    currency: str
    per: Decimal
    unit: str

    def of(self, goods: Dutiable) -> Decimal:
        """Amount times quantity over ``per``.

        Raises:
            InputError: ``landed.quantity_needed`` where the shipment's quantity in the unit is
                not given, ``landed.duty_currency`` where the currencies differ.
        """
        if goods.currency != self.currency:
            raise InputError("landed.duty_currency", duty=str(self), currency=goods.currency)
        if self.unit not in goods.quantities:
            shown = replace(self, amount=round(self.amount, 4))  # a converted one has 28 digits
            raise InputError("landed.quantity_needed", unit=self.unit, duty=str(shown))
        return self.amount * goods.quantities[self.unit] / self.per

    def __str__(self) -> str:
        per = "" if self.per == 1 else f"{_plain(self.per)} "
        return f"{_plain(self.amount)} {self.currency}/{per}{self.unit}"


@dataclass(frozen=True)
class Element:
    """A part that another table sets: ``EA``, ``ADSZ``, ``ADFM``, ``entry price``, ``subheading``.

    ``subheading`` stands for "the duty provided in the applicable subheading".
    """

    name: str

    def of(self, goods: Dutiable) -> Decimal:
        """The amount given for it.

        Raises:
            InputError: ``landed.element_needed``.
        """
        if self.name not in goods.elements:
            raise InputError("landed.element_needed", element=self.name)
        return goods.elements[self.name]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class MinimumPrice:
    """A minimum import price: the duty lifts the value up to it, ``max(0, price × Q - value)``."""

    price: Specific

    def of(self, goods: Dutiable) -> Decimal:
        """What is missing to the minimum price; nothing where the value is above it."""
        return max(Decimal(0), self.price.of(goods) - goods.value)

    def __str__(self) -> str:
        return f"MIP {self.price}"


@dataclass(frozen=True)
class Sum:
    """A compound duty: all parts together."""

    terms: tuple[Duty, ...]

    def of(self, goods: Dutiable) -> Decimal:
        """The sum of the parts."""
        return sum((term.of(goods) for term in self.terms), Decimal(0))

    def __str__(self) -> str:
        return " + ".join(map(str, self.terms))


@dataclass(frozen=True)
class Bounded:
    """A duty that is at least ``least`` (MIN) and at most ``most`` (MAX)."""

    duty: Duty
    least: Duty | None = None
    most: Duty | None = None

    def of(self, goods: Dutiable) -> Decimal:
        """The amount inside its bounds; the upper one wins where they cross."""
        amount = self.duty.of(goods)
        if self.least is not None:
            amount = max(amount, self.least.of(goods))
        if self.most is not None:
            amount = min(amount, self.most.of(goods))
        return amount

    def __str__(self) -> str:
        least = "" if self.least is None else f" MIN {self.least}"
        most = "" if self.most is None else f" MAX {self.most}"
        return f"{self.duty}{least}{most}"


Day = tuple[int, int]
"""Month and day."""
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


@dataclass(frozen=True)
class Season:
    """A duty in parts of the year, both days included; no period means the rest of the year."""

    periods: tuple[tuple[Day, Day], ...]
    duty: Duty

    def holds(self, on: date) -> bool:
        """Whether one of the periods has the day; a period may run over New Year."""
        day = (on.month, on.day)
        return any(
            first <= day <= last if first <= last else day >= first or day <= last
            for first, last in self.periods
        )

    def __str__(self) -> str:
        if not self.periods:
            return str(self.duty)
        spans = ", ".join(
            f"{first[1]:02} {MONTHS[first[0] - 1]}-{last[1]:02} {MONTHS[last[0] - 1]}"
            for first, last in self.periods
        )
        return f"{self.duty} ({spans})"


@dataclass(frozen=True)
class Seasonal:
    """A duty that changes with the season."""

    seasons: tuple[Season, ...]

    def on(self, day: date) -> Duty:
        """The duty of the day.

        Raises:
            RuleError: ``landed.no_season`` or ``landed.two_seasons``.
        """
        in_season = [season for season in self.seasons if season.holds(day)]
        if not in_season:
            in_season = [season for season in self.seasons if not season.periods]
        if not in_season:
            raise RuleError("landed.no_season", day=day, duty=str(self))
        if len(in_season) > 1:
            raise RuleError("landed.two_seasons", day=day, duty=str(self))
        return in_season[0].duty

    def of(self, goods: Dutiable) -> Decimal:
        """The amount by the season of the day."""
        return self.on(goods.on).of(goods)

    def __str__(self) -> str:
        return ", ".join(map(str, self.seasons))


def convert_duty(duty: Duty, currency: str, rate: Callable[[str], Decimal]) -> Duty:
    """The same duty with its amounts in one currency, such as the Eurasian Union's euros in tenge.

    Args:
        duty: the expression.
        currency: of the importer.
        rate: units of it for one unit of another currency.

    >>> least = Specific(Decimal("25.5"), "EUR", Decimal(1), "item")
    >>> str(convert_duty(Bounded(AdValorem(Decimal("0.1")), least), "RUB", lambda _: Decimal(90)))
    '10% MIN 2295 RUB/item'
    """

    def inside(inner: Duty | None) -> Duty | None:
        return None if inner is None else convert_duty(inner, currency, rate)

    match duty:
        case Specific() if duty.currency != currency:
            return replace(duty, amount=duty.amount * rate(duty.currency), currency=currency)
        case Sum():
            return Sum(tuple(convert_duty(term, currency, rate) for term in duty.terms))
        case Bounded():
            return Bounded(
                convert_duty(duty.duty, currency, rate), inside(duty.least), inside(duty.most)
            )
        case MinimumPrice():
            price = convert_duty(duty.price, currency, rate)
            return MinimumPrice(price) if isinstance(price, Specific) else duty
        case Seasonal():
            seasons = (replace(s, duty=convert_duty(s.duty, currency, rate)) for s in duty.seasons)
            return Seasonal(tuple(seasons))
    return duty


def share_of(duty: Duty) -> Decimal | None:
    """The rate of a purely ad valorem duty, or ``None``."""
    if isinstance(duty, AdValorem):
        return duty.rate
    if isinstance(duty, Sum):
        shares = [share_of(term) for term in duty.terms]
        return None if None in shares else sum((s for s in shares if s is not None), Decimal(0))
    return None
