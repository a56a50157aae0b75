"""Money in Decimal, its rounding always said; currencies (ISO 4217); amounts as people type them.

Tax money is Decimal from the text to the result; no binary number comes near it. An effect that
rests on an unknown is missing, and no number stands for it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Context, Decimal, localcontext
from functools import cache
from typing import Literal

from offing.terms.errors import InputError, Where
from offing.terms.files import shipped_toml
from offing.terms.messages import did_you_mean, nearest

Rounding = Literal["half_up", "half_even", "down", "up", "floor", "ceiling"]


@cache
def _quantum(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


def round_amount(amount: Decimal, places: int = 2, how: Rounding = "half_up") -> Decimal:
    """``amount`` with ``places`` decimals.

    >>> round_amount(Decimal("2.675"))
    Decimal('2.68')
    """
    return amount.quantize(_quantum(places), rounding=f"ROUND_{how.upper()}")


def round_money(amount: Decimal, currency: str) -> Decimal:
    """``amount`` in the smallest coin of its currency, by the Unicode CLDR: a yen has no cents.

    >>> round_money(Decimal("10.456"), "JPY"), round_money(Decimal("10.456"), "USD")
    (Decimal('10'), Decimal('10.46'))
    """
    from babel.numbers import get_currency_precision

    return round_amount(amount, get_currency_precision(currency))


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


_SAID = shipped_toml("offing.terms", "data/currencies.toml")
CURRENCY_NAMES: dict[str, str] = _SAID["names"]
"""What people call a currency besides its code. ``$`` and ``¥`` alone stand for several."""
CURRENCY_SIGNS = {sign: frozenset(codes.split()) for sign, codes in _SAID["signs"].items()}
"""The signs that stand for several currencies, and for which."""


def is_sign_of(sign: str, currency: str | None) -> bool:
    """Whether a bare sign may stand for a currency; where none is known, it is no obstacle.

    >>> is_sign_of("$", "USD"), is_sign_of("$", "CNY"), is_sign_of("¥", None)
    (True, False, True)
    """
    return currency is None or currency in CURRENCY_SIGNS[sign]


@cache
def currency_codes() -> frozenset[str]:
    """Every ISO 4217 code in use in which an invoice can be paid."""
    import pycountry

    known = frozenset(currency.alpha_3 for currency in pycountry.currencies)
    return known.difference(_SAID["none"]["codes"].split())


@cache
def _cldr_names() -> Mapping[str, str]:
    """Names in Chinese and English by the Unicode CLDR, in capitals, of what is paid in today."""
    from babel import Locale

    names = [item for lang in ("en", "zh") for item in Locale(lang).currencies.items()]
    return {name.upper(): code for code, name in names if code in currency_codes()}


_MOST = ("USD", "EUR", "GBP", "JPY", "HKD", "CNY", "AUD", "CAD")
CLOSE = 0.66
"""Two letters of three: what most invoices are in is meant before what few are."""


def currency_code(text: str, *, where: Where | None = None) -> str:
    """The code in capitals, of a code or a name; RMB, CNH and 人民币 are read as CNY.

    Raises:
        InputError: ``currencies.unknown``.

    >>> currency_code("rmb")
    'CNY'
    >>> currency_code("新台币"), currency_code("Saudi riyal")
    ('TWD', 'SAR')
    >>> currency_code("USB")
    Traceback (most recent call last):
    offing.terms.errors.InputError: 'USB' is not a currency.
    Expected: a three-letter ISO 4217 code, such as USD; did you mean USD?
    """
    name = str(text).strip().upper()
    code = CURRENCY_NAMES.get(name, name)
    code = code if code in currency_codes() else _cldr_names().get(name, code)
    if code not in currency_codes():
        near = did_you_mean(nearest(code, _MOST, CLOSE) or nearest(code, currency_codes()))
        raise InputError("currencies.unknown", where=where, text=text, near=near)
    return code


def currency_of(country: str) -> str | None:
    """The currency of a country today, by the Unicode CLDR; ``None`` where it has none.

    >>> currency_of("DEU"), currency_of("BRA")
    ('EUR', 'BRL')
    """
    from babel.numbers import get_territory_currencies

    from offing.terms.countries import all_countries

    currencies = get_territory_currencies(all_countries()[country].alpha2)
    return str(currencies[0]) if currencies else None


_CONTEXT = Context(prec=60)
# Amounts to 1e13 with cents, times an exchange rate, times two rates: 40 digits. Room to spare.

SIMPLE = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
"""A number that needs no second look."""

_GROUPED = re.compile(r"[+-]?\d{1,3}(?:(?:,\d{3})+|(?: \d{3})+)(?:\.\d+)?")
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")
"""A thousand in one country's writing, one and nought thousandths in another's."""
_POWERS = {"k": 3, "thousand": 3, "m": 6, "mn": 6, "mio": 6, "million": 6, "bn": 9, "billion": 9}
_SHORT = re.compile(rf"(?i)(.*\d)\s*({'|'.join(_POWERS)})\b(.*)")
_MULTIPLES = {"亿元": 100_000_000, "万元": 10_000, "亿": 100_000_000, "千万": 10_000_000,
              "百万": 1_000_000, "万": 10_000, "元": 1}  # fmt: skip
_SPELT_OUT = re.compile(
    r"(?<![\d.零〇一二两三四五六七八九十百千万亿])[一二两三四五六七八九十][零〇一二两三四五六七八九十百千万亿]*"
)
_UNITS = {"十": 10, "百": 100, "千": 1000}


@contextmanager
def exactly() -> Iterator[None]:
    """Decimal arithmetic with 60 digits inside the block, whatever the caller's context is."""
    with localcontext(_CONTEXT):
        yield


def figures_for_words(text: str) -> str:
    """A text with its numbers in Chinese characters as figures.

    What leaves out its last unit (三万五 for 35,000), or has none, stays as it stands.

    >>> [figures_for_words(text) for text in ("五百万元", "一亿两千零五十万", "三万五")]
    ['5000000元', '120500000', '三万五']
    """

    def number(found: re.Match[str]) -> str:
        if not re.search("[十百千万亿]", found[0]) or re.search(
            "[百千万亿][一二两三四五六七八九]$", found[0]
        ):
            return found[0]
        total, part, digit = 0, 0, 0
        for sign in found[0].replace("两", "二").replace("〇", "零"):
            if sign in _UNITS:
                part, digit = part + (digit or 1) * _UNITS[sign], 0
            elif sign == "万":
                total, part, digit = total + (part + digit) * 10_000, 0, 0
            elif sign == "亿":
                total, part, digit = (total + part + digit) * 100_000_000, 0, 0
            else:
                digit = "零一二三四五六七八九".index(sign)
        return str(total + part + digit)

    return _SPELT_OUT.sub(number, text)


def amount(text: str | int | Decimal, *, where: Where | None = None) -> Decimal:
    """An amount of money as it is typed: ``1,234.50``, ``1 234.50``, ``１２００``,
    ``35.2万元``, ``(12.00)``.

    Args:
        text: the cell; a number is taken as it is. Binary floats are refused.
        where: the place in the input, for the error.

    Raises:
        InputError: ``refund.bad_amount`` where it is not one clear number.

    >>> amount("１,２００.50"), amount("3.5万元"), amount("(12.00)")
    (Decimal('1200.50'), Decimal('35000.0'), Decimal('-12.00'))
    """
    if not isinstance(text, str):
        return exact(text)
    if SIMPLE.fullmatch(text):
        return Decimal(text)
    plain = unicodedata.normalize("NFKC", text).strip().replace("−", "-").lstrip("¥￥ ")
    plain = figures_for_words(plain)
    factor = 1
    for suffix, times in _MULTIPLES.items():
        if plain.endswith(suffix):
            plain, factor = plain[: -len(suffix)].strip(), times
            break
    if plain.startswith("(") and plain.endswith(")"):
        plain = "-" + plain[1:-1].strip()
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "").replace(" ", "")
    if not re.fullmatch(r"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d{1,3})?", plain):
        raise InputError("refund.bad_amount", where=where, text=text)
    return Decimal(plain) * factor


def clear_amount(text: str | int | Decimal, *, where: Where | None = None) -> Decimal:
    """An amount typed by a person, who may write a thousand as ``1,000`` or as ``1.000``.

    Raises:
        InputError: ``money.thousand_or_one`` for ``1.000``; see also :func:`amount`.

    >>> clear_amount("250,000"), clear_amount("0.125"), clear_amount("1.5")
    (Decimal('250000'), Decimal('0.125'), Decimal('1.5'))
    """
    if isinstance(text, str):
        plain = unicodedata.normalize("NFKC", text).strip().lstrip("¥￥ ").rstrip("元万亿 ")
        if _EITHER.fullmatch(plain):
            whole, _, thousandths = plain.partition(".")
            raise InputError(
                "money.thousand_or_one",
                where=where,
                text=text,
                large=f"{whole},{thousandths}",
                small=f"{plain}0",
            )
    return amount(text, where=where)


def split_multiple(text: str) -> tuple[str, int]:
    """An amount typed with k, m, bn or their names, without it, and the power of ten that it is.

    Only for what a person types: in a cell of a table m may be metres.

    >>> split_multiple("USD 1.2m"), split_multiple("500 thousand EUR"), split_multiple("5")
    (('USD 1.2', 6), ('500 EUR', 3), ('5', 0))
    """
    short = _SHORT.fullmatch(text)
    return (short[1] + short[3], _POWERS[short[2].lower()]) if short else (text, 0)


def rate(text: str | int | Decimal, *, name: str, where: Where | None = None) -> Decimal:
    """A share of one: ``0.13`` or ``13%``. A bare ``13`` is refused, not guessed at.

    Raises:
        InputError: ``refund.rate_missing``, ``refund.bad_amount`` or ``refund.bad_rate``.

    >>> rate("13%", name="levy rate")
    Decimal('0.13')
    """
    if text == "":
        raise InputError("refund.rate_missing", where=where, name=name)
    if isinstance(text, str) and (bare := unicodedata.normalize("NFKC", text).strip()).endswith(
        "%"
    ):
        value = amount(bare[:-1], where=where).scaleb(-2)
    else:
        value = amount(text, where=where)
    if not 0 <= value < 1:
        raise InputError("refund.bad_rate", where=where, name=name, text=text)
    return value


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
