"""Currency codes (ISO 4217) and which of them have a daily ECB rate."""

from functools import cache

from offing.terms.errors import InputError, Where
from offing.terms.nearest import meant


@cache
def codes() -> frozenset[str]:
    """Every ISO 4217 code in use."""
    import pycountry

    return frozenset(currency.alpha_3 for currency in pycountry.currencies)


def currency_code(text: str, *, where: Where | None = None) -> str:
    """The code in capitals; RMB, CNH and 人民币 are read as CNY.

    Raises:
        InputError: ``currencies.unknown``.

    >>> currency_code("rmb")
    'CNY'
    """
    name = str(text).strip().upper()
    code = {"RMB": "CNY", "CNH": "CNY", "人民币": "CNY", "美元": "USD", "欧元": "EUR"}.get(
        name, name
    )
    if code not in codes():
        raise InputError("currencies.unknown", where=where, text=text, near=meant(code, codes()))
    return code


def currency_of(country: str) -> str | None:
    """The currency of a country today, by the Unicode CLDR; ``None`` where it has none.

    >>> currency_of("DEU"), currency_of("BRA")
    ('EUR', 'BRL')
    """
    from babel.numbers import get_territory_currencies

    from offing.terms.countries import all_countries

    found = get_territory_currencies(all_countries()[country].alpha2)
    return str(found[0]) if found else None
