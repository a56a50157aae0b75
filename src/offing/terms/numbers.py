"""Numbers as a person writes them, in both languages: three digits that matter, a unit, no more.

English counts in thousands and millions, Chinese in 万 and 亿. A minus is a minus sign.
"""

from calendar import month_name
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from math import exp, floor, isfinite, log10
from typing import TypeVar

from offing.terms.messages import beside, language, say, set_inside

Number = float | int | Decimal
V = TypeVar("V")

FIXED_SPACE = "\u00a0"
"""Keeps an amount and its unit on one line."""

NOTHING = "–"
"""What an empty cell says."""

_SHORT_ZH = {"CNY": "元", "AUD": "澳元", "CAD": "加元"}
"""Shorter than CLDR's names, and usual."""

_SCALES: dict[str, tuple[tuple[float, str], ...]] = {
    "en": ((1e9, "bn"), (1e6, "m")),
    "zh": ((1e8, "亿"), (1e4, "万")),
}


def _sign_text(value: Number, text: str) -> str:
    return f"−{text}" if value < 0 and text.strip("0.,") else text


def digits(value: Number, significant: int = 3) -> str:
    """A plain number with at most ``significant`` digits that matter, and thousands commas.

    Halves go up, as in a column beside it.

    >>> digits(1234567), digits(12.345), digits(0.0456), digits(-0.5), digits(544.5)
    ('1,230,000', '12.3', '0.0456', '−0.5', '545')
    """
    number = float(value)
    if not isfinite(number):
        return NOTHING
    if number == 0:
        return "0"
    places = significant - 1 - floor(log10(abs(number)))
    rounded = Decimal(repr(abs(number))).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{rounded:,.{max(places, 0)}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return _sign_text(number, text)


def fixed_decimals(value: Number | None, places: int) -> str:
    """A number with a fixed count of decimals, halves up, for a column that aligns.

    >>> fixed_decimals(-1234.5, 0), fixed_decimals(0.925, 2), fixed_decimals(None, 2)
    ('−1,235', '0.93', '–')
    """
    if value is None or not isfinite(value):
        return NOTHING
    number = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    rounded = abs(number).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return _sign_text(number, f"{rounded:,f}")


def difference(value: Number, places: int) -> str:
    """The same with its sign, for what is more or less than something else.

    >>> difference(1234.5, 1), difference(Decimal(-2), 0)
    ('+1,234.5', '−2')
    """
    text = fixed_decimals(value, places)
    return f"+{text}" if value > 0 and text.strip("0.,") else text


def value_or_dash(value: V | None, shown: Callable[[V], str]) -> str:
    """A value as it is shown, and a dash where there is none.

    >>> value_or_dash(0.5, percent), value_or_dash(None, percent)
    ('50%', '–')
    """
    return NOTHING if value is None else shown(value)


@cache
def _chinese_name(currency: str) -> str:
    from babel.numbers import get_currency_name

    return _SHORT_ZH.get(currency) or str(get_currency_name(currency, locale="zh"))


def currency_name(currency: str) -> str:
    """The code in English, the name in Chinese."""
    return _chinese_name(currency) if language() == "zh" else currency


NO_MONEY = 1e-4
"""Less than a ten-thousandth of a unit is what a sum leaves over, and no amount or price."""


def _scale_of(value: float) -> tuple[float, str]:
    # 99,960 would round to 100,000; the scale is chosen from what will be shown.
    shown = float(f"{abs(value):.3g}")
    return next(((size, name) for size, name in _SCALES[language()] if shown >= size), (1, ""))


def money(value: Number, currency: str = "USD") -> str:
    """An amount: ``USD 1.24 m``, ``124 万美元``, ``USD 12,400``, ``1.24 万美元``.

    >>> money(-2.1e-9, "CNY") == money(0, "CNY")
    True
    """
    number = float(value)
    if not isfinite(number):
        return NOTHING
    if abs(number) < NO_MONEY:
        number = 0.0
    size, name = _scale_of(number)
    return _append_currency(digits(number / size), name, currency)


def _append_currency(text: str, scale: str, currency: str) -> str:
    if language() == "zh":
        return f"{text}{FIXED_SPACE}{scale}{currency_name(currency)}"
    return FIXED_SPACE.join(part for part in (currency, text, scale) if part)


def money_range(low: Number | None, high: Number | None, currency: str = "USD") -> str:
    """Two amounts with one unit: ``USD 0.9–1.6 m``, ``90–160 万美元``."""
    ends = [abs(float(end)) for end in (low, high) if end is not None and isfinite(end)]
    return Moneys(currency, *_scale_of(max(ends, default=0.0))).between(low, high)


def _span(low: Number, start: str, end: str) -> str:
    """From one number to another; a dash beside a minus sign would be read as another."""
    return f"{start}–{end}" if float(low) >= 0 else range_text(start, end)


def span_text(low: str, high: str) -> str:
    """Two ends as a cell has them: ``3.3 – 10.6``; one dash where they are not known."""
    return NOTHING if NOTHING in (low, high) else f"{low} – {high}"


def range_text(start: str, end: str) -> str:
    """``1 to 2``, ``1 至 2``."""
    return beside(beside(start, say("report.to")), end)


@dataclass(frozen=True)
class Moneys:
    """Amounts that stand beside each other in a sentence or column: in Chinese all in one unit.

    ``5.95 亿元`` beside ``278 万元`` makes a reader count noughts; ``59,500 万元`` does not.
    English scales each by itself: ``m`` and ``bn`` are a thousand apart, as their digits are.
    """

    currency: str
    size: float | None
    scale: str

    def __call__(self, value: Number) -> str:
        """One amount with its unit."""
        number = float(value)
        if self.size is None or not isfinite(number):
            return money(value, self.currency)
        return _append_currency(digits(number / self.size), self.scale, self.currency)

    def between(self, low: Number | None, high: Number | None) -> str:
        """Two of them with one unit: ``0.9–1.6 亿元``; less than half a unit of money is none."""
        if self.size is None:
            return money_range(low, high, self.currency)
        if low is None or high is None or not (isfinite(low) and isfinite(high)):
            return NOTHING
        first, last = (value if abs(value) >= 0.5 else 0.0 for value in (float(low), float(high)))
        text = _span(first, digits(first / self.size), digits(last / self.size))
        text = text if first or last else "0"
        return _append_currency(text, self.scale, self.currency)


def moneys(values: Iterable[Number | None], currency: str = "USD") -> Moneys:
    """One unit for several amounts: the largest in which the smallest is not below a tenth."""
    if language() != "zh":
        return Moneys(currency, None, "")
    known = [abs(float(v)) for v in values if v is not None and isfinite(v) and v]
    if not known:
        return Moneys(currency, None, "")
    size, name = _scale_of(max(known))
    if size > SCALE_ZH and min(known) < 0.1 * size:
        size, name = SCALE_ZH, _SCALES["zh"][-1][1]
    return Moneys(currency, size, name)


def signed_money(value: Number, currency: str = "CNY", written: Moneys | None = None) -> str:
    """A gain or a loss: ``+ CNY 5.33 m``, ``−1.2 万元``; less than half a unit is none.

    Args:
        value: the difference.
        currency: the firm's, where no other is named.
        written: how the amounts beside it are written, if there are any.
    """
    number = float(value)
    shown = written or Moneys(currency, None, "")
    if not isfinite(number) or abs(number) < 0.5:
        return shown(number if not isfinite(number) else 0)
    sign, gap = "+" if number > 0 else "−", "" if language() == "zh" else FIXED_SPACE
    return f"{sign}{gap}{shown(abs(number))}"


SCALE_ZH = 1e4
"""万: the unit of most amounts of a firm."""


_HIDDEN: ContextVar[bool] = ContextVar("hidden prices", default=False)


def hiding_prices(*, hidden: bool = True) -> AbstractContextManager[None]:
    """Within it a price is told as “…”.

    >>> with hiding_prices():
    ...     price(586)
    '…'
    """
    return set_inside(_HIDDEN, hidden)


def price(value: Number, currency: str = "USD") -> str:
    """The price of one unit, with cents only under 10.

    Prices are not scaled: nobody writes a set for 0.05 万美元.
    """
    if _HIDDEN.get():
        return "…"
    number = float(value)
    return _append_currency(price_digits(number), "", currency)


def price_digits(value: Number) -> str:
    """The same without the currency, for an axis or a column."""
    number = float(value)
    return fixed_decimals(number, 2 if abs(number) < 10 else 1 if abs(number) < 100 else 0)


def percent(value: Number, places: int | None = None) -> str:
    """A share as per cent; one decimal under 10 unless ``places`` says otherwise.

    >>> percent(0.1234), percent(0.034), percent(-0.5), percent(0), percent(0.0001)
    ('12%', '3.4%', '−50%', '0%', '<0.1%')
    """
    number = float(value) * 100
    short = places is None
    if places is None:
        places = 0 if abs(number) >= 9.95 or number == 0 else 1
    smallest = 10.0**-places
    if number and abs(number) <= smallest / 2:
        return f"<{smallest:g}%" if number > 0 else f">−{smallest:g}%"
    text = f"{abs(number):.{places}f}"
    return _sign_text(number, text.removesuffix(".0") if short else text) + "%"


def likelihood(probability: Number) -> str:
    """A probability as whole per cent; what is estimated is never impossible or certain.

    >>> likelihood(0.886), likelihood(0.9985), likelihood(1), likelihood(0)
    ('89%', '>99%', '>99%', '<1%')
    """
    if float(probability) >= 0.995:
        return say("report.almost_sure")
    return percent(probability, 0) if float(probability) >= 0.005 else say("report.hardly")


def percent_range(low: Number, high: Number) -> str:
    """Two shares with one sign: ``52–75%``."""
    return _span(low, percent(low, 0).removesuffix("%"), percent(high, 0))


def change(value: Number) -> str:
    """A change with its sign: ``+59%``, ``−3.1%``."""
    text = percent(value)
    return f"+{text}" if float(value) > 0 and not text.startswith("<") else text


def yearly(log_growth: Number) -> str:
    """A mean log growth as per cent a year: ``+12% a year``."""
    return say("report.a_year", growth=change(exp(float(log_growth)) - 1))


def count(value: Number) -> str:
    """How many: ``12,400``; in Chinese 万 from a hundred thousand. From ten on they are whole."""
    number = float(value)
    number = float(round(number)) if abs(number) >= 10 else number
    if language() == "zh" and abs(number) >= 99_950:
        size, name = _scale_of(number)
        return f"{digits(number / size)} {name}"
    if language() == "en" and abs(number) >= 999_500:
        size, name = _scale_of(number)
        return f"{digits(number / size)} {name}"
    return digits(number)


def distance(km: Number) -> str:
    """Kilometres to the nearest ten or so: ``8,330 km``."""
    return say("report.km", km=digits(km))


def month(on: date) -> str:
    """``June 2025`` or ``2025年6月``."""
    if language() == "zh":
        return f"{on.year}年{on.month}月"
    return FIXED_SPACE.join((month_name[on.month], str(on.year)))


def day(on: date) -> str:
    """``15 June 2025`` or ``2025年6月15日``, on one line."""
    if language() == "zh":
        return f"{month(on)}{on.day}日"
    return FIXED_SPACE.join((str(on.day), month(on)))


@dataclass(frozen=True)
class MoneyColumn:
    """Amounts under one heading: the unit once, the cells with the same decimals."""

    unit: str
    size: float
    places: int
    scale: str
    currency: str

    def cell(self, value: Number | None) -> str:
        """One amount; very small ones say that they are, so that none reads as nothing."""
        if value is None or not isfinite(value):
            return NOTHING
        number = float(value) / self.size
        if number and abs(number) < 0.5 * 10.0**-self.places:
            return ("<" if number > 0 else ">−") + f"{10.0**-self.places:.{self.places}f}"
        return fixed_decimals(number, self.places)

    def amount(self, value: Number) -> str:
        """The same with its unit, where it stands alone."""
        return _append_currency(self.cell(value), self.scale, self.currency)


def money_column(values: Sequence[Number | None], currency: str = "USD") -> MoneyColumn:
    """The unit and decimals that suit a column of amounts, from its largest."""
    known = [abs(float(v)) for v in values if v is not None and isfinite(v)]
    largest = max(known, default=0.0)
    size, name = _scale_of(largest)
    if language() == "en" and size == 1 and largest >= 10_000:
        size, name = 1e3, say("report.thousand")
    shown = largest / size
    places = 0 if shown >= 100 or size == 1 else 1 if shown >= 10 else 2
    unit = (
        f"{name}{currency_name(currency)}"
        if language() == "zh"
        else FIXED_SPACE.join(part for part in (currency, name) if part)
    )
    return MoneyColumn(unit, size, places, name, currency)


def fine_column(values: Iterable[Number | None], currency: str = "USD") -> MoneyColumn:
    """A column of parts and their total; in 万 rather than 亿, in which most parts read 0.1."""
    largest = max((abs(float(v)) for v in values if v is not None and isfinite(v)), default=0.0)
    return money_column([largest / 10 if language() == "zh" else largest], currency)


def price_places(values: Iterable[Number]) -> int:
    """The decimals for prices in one column, from the largest.

    >>> price_places([673, 5.94]), price_places([62.3, 0.1]), price_places([2400, 3])
    (1, 2, 0)
    """
    largest = max((abs(float(v)) for v in values), default=0.0)
    return 0 if largest >= 1000 else 1 if largest >= 100 else 2
