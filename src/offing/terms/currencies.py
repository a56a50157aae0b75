"""Currency codes (ISO 4217) and which of them have a daily ECB rate."""

from functools import cache

from offing.terms.errors import InputError, Where
from offing.terms.nearest import did_you_mean, nearest

NAMES = {
    "RMB": "CNY", "CNH": "CNY", "人民币": "CNY", "人民币元": "CNY", "元": "CNY",
    "美元": "USD", "美金": "USD", "US$": "USD", "欧元": "EUR", "€": "EUR", "英镑": "GBP",
    "£": "GBP", "日元": "JPY", "日本元": "JPY", "港币": "HKD", "港元": "HKD", "HK$": "HKD",
    "韩元": "KRW", "澳元": "AUD", "澳大利亚元": "AUD", "加元": "CAD", "加拿大元": "CAD",
    "新加坡元": "SGD", "泰铢": "THB", "卢布": "RUB", "瑞士法郎": "CHF", "越南盾": "VND",
    "林吉特": "MYR", "印度卢比": "INR", "墨西哥比索": "MXN", "波兰兹罗提": "PLN", "迪拉姆": "AED",
}  # fmt: skip
"""What people call a currency besides its code. ``$`` and ``¥`` alone stand for several."""

SIGNS: dict[str, frozenset[str]] = {
    "$": frozenset(
        ("USD", "HKD", "AUD", "CAD", "NZD", "SGD", "TWD", "MXN", "CLP", "COP", "ARS", "BRL")
    ),
    "¥": frozenset(("CNY", "JPY")),
}
"""The signs that stand for several currencies, and for which."""


def is_sign_of(sign: str, currency: str | None) -> bool:
    """Whether a bare sign may stand for a currency; where none is known, it is no obstacle.

    >>> is_sign_of("$", "USD"), is_sign_of("$", "CNY"), is_sign_of("¥", None)
    (True, False, True)
    """
    return currency is None or currency in SIGNS[sign]


NO_MONEY = frozenset(
    ("XXX", "XTS", "XAU", "XAG", "XPT", "XPD", "XBA", "XBB", "XBC", "XBD", "XDR", "XSU", "XUA",
     "XAD", "BOV", "CHE", "CHW", "CLF", "COU", "MXV", "USN", "UYI", "UYW")
)  # fmt: skip
"""Codes of ISO 4217 in which nobody is paid: metals, units of account, funds, tests, none."""


@cache
def codes() -> frozenset[str]:
    """Every ISO 4217 code in use in which an invoice can be paid."""
    import pycountry

    return frozenset(currency.alpha_3 for currency in pycountry.currencies) - NO_MONEY


_MOST = ("USD", "EUR", "GBP", "JPY", "HKD", "CNY", "AUD", "CAD")
CLOSE = 0.66
"""Two letters of three: what most invoices are in is meant before what few are."""


def currency_code(text: str, *, where: Where | None = None) -> str:
    """The code in capitals, of a code or a usual name; RMB, CNH and 人民币 are read as CNY.

    Raises:
        InputError: ``currencies.unknown``.

    >>> currency_code("rmb")
    'CNY'
    >>> currency_code("USB")
    Traceback (most recent call last):
    offing.terms.errors.InputError: 'USB' is not a currency.
    Expected: a three-letter ISO 4217 code, such as USD; did you mean USD?
    """
    name = str(text).strip().upper()
    code = NAMES.get(name, name)
    if code not in codes():
        near = did_you_mean(nearest(code, _MOST, CLOSE) or nearest(code, codes()))
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
