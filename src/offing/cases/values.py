"""Values as people write them: ``USD 40,000``, 30万美元, ``1800 kg``, ``35bp``, 2026年5月20日."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache

from offing.terms.errors import InputError
from offing.terms.files import shipped_toml
from offing.terms.money import CURRENCY_NAMES, amount, currency_codes, split_multiple

_SHARES = (("%", -2), ("percent", -2), ("per cent", -2), ("‰", -3), ("per mille", -3),
           ("basis points", -4), ("bps", -4), ("bp", -4), ("个基点", -4))  # fmt: skip
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_FRACTION = re.compile(r"(\d{1,2})\s*/\s*(\d{1,2})")
_WORDED = ("%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%Y%m%d")

MEASURES: dict[str, tuple[tuple[str, Decimal], ...]] = {
    "kg": (("weight_kg", Decimal(1)), ("weight_t", Decimal(1000))),
    "t": (("weight_t", Decimal(1)), ("weight_kg", Decimal("0.001"))),
    "item": (("quantity", Decimal(1)),),
    "pair": (("pairs", Decimal(1)),),
    "l": (("litres", Decimal(1)),),
    "m2": (("square_metres", Decimal(1)),),
    "m3": (("cubic_metres", Decimal(1)),),
}
"""Words that say how many of a unit there are, and what to multiply them by."""

SIZES = {("kg", "t"): Decimal(1000), ("t", "kg"): Decimal("0.001"), ("day", "month"): Decimal(30)}
"""How many of the first unit the second is; months are of 30 days, as settlement counts them."""


@dataclass(frozen=True)
class Written:
    """A number as it is written: what stands beside it."""

    number: Decimal
    currency: str = ""
    unit: str = ""
    share: bool = False


@cache
def _units() -> dict[str, str]:
    """What a unit is called → the unit."""
    units = shipped_toml("offing.cases", "units.toml")["units"]
    return {name: unit for unit, names in units.items() for name in names}


def unit_called(name: str) -> str:
    """The unit that a name is of; nothing where it is none."""
    return _units().get(name, "")


@cache
def units_of() -> dict[str, str]:
    """The units of the words that count something of their own."""
    return dict(shipped_toml("offing.cases", "units.toml")["units_of"])


@cache
def _money() -> tuple[tuple[str, str], ...]:
    """Names of currencies, the longest first; bare signs of several currencies are none."""
    names = {name.lower(): code for name, code in CURRENCY_NAMES.items() if name != "元"}
    names |= {code.lower(): code for code in currency_codes()}
    return tuple(sorted(names.items(), key=lambda item: -len(item[0])))


def _split_currency(text: str) -> tuple[str, str]:
    """The text without a currency before or after it, and that currency."""
    for name, code in _money():
        for rest in (text.removeprefix(name), text.removesuffix(name)):
            if rest != text and not (
                name[-1].isalpha() and rest[:1].isascii() and rest[:1].isalpha()
            ):
                return rest.strip(), code.lower()
    return text, ""


def _number(text: str, *, money: bool = False) -> Decimal:
    """A number with its k, million or bn; m is a million of money only."""
    plain, power = split_multiple(text) if money or not text.endswith("m") else (text, 0)
    return amount(plain).scaleb(power)


def parse_number(value: str) -> Written | None:
    """The number of a text; ``None`` where it is not one clear number.

    >>> parse_number("USD 40,000"), parse_number("30万美元")
    (Written(number=Decimal('40000'), currency='usd', unit='', share=False), \
Written(number=Decimal('300000'), currency='usd', unit='', share=False))
    >>> parse_number("35bp").number, parse_number("1800 kg").unit, parse_number("10% or more")
    (Decimal('0.0035'), 'kg', None)
    """
    text = unicodedata.normalize("NFKC", value).strip().lower()
    part = _FRACTION.fullmatch(text)
    if part and 0 < int(part[1]) < int(part[2]):  # 22/78
        return Written(Decimal(part[1]) / Decimal(part[2]), share=True)
    try:
        for sign, places in _SHARES:
            if text.endswith(sign):
                return Written(amount(text.removesuffix(sign)).scaleb(places), share=True)
        bare, currency = _split_currency(text)
        if currency:
            return Written(_number(bare, money=True), currency)
        for name, unit in _units().items():
            if text.endswith(name) and not text.removesuffix(name)[-1:].isalpha():
                return Written(_number(text.removesuffix(name).strip()), unit=unit)
        return Written(_number(text))
    except InputError:
        return None


def number_said(value: object) -> Written | None:
    """What a value says; ``None`` where it is not one clear number."""
    if isinstance(value, Decimal):
        return Written(value)
    return parse_number(value) if isinstance(value, str) else None


def bare_number(value: object) -> Decimal | None:
    """The number of a value that has no unit beside it."""
    said = number_said(value)
    return said.number if said and not said.unit else None


def is_share(value: object) -> bool:
    """Whether a value is written as per cent."""
    return isinstance(value, str) and (said := parse_number(value)) is not None and said.share


def day_written(value: str) -> date | None:
    """The day of a text; ``None`` where it is none, or where day and month could change places.

    >>> day_written("2026年5月20日") == day_written("20 May 2026") == day_written("2026/5/20")
    True
    """
    text = unicodedata.normalize("NFKC", value).strip().replace(",", " ")
    try:
        if match := _DATE.fullmatch(text):
            return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
    for form in _WORDED if len(text) >= len("20260520") else ():
        try:
            return datetime.strptime(" ".join(text.split()), form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None
