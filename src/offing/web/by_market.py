"""Figures of several markets in one line, as people type them: 墨西哥 15%，巴西 35%."""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from offing.terms.amounts import amount, clear_amount
from offing.terms.countries import country_code, country_name
from offing.terms.errors import InputError, OffingError
from offing.terms.messages import enumerated, say

ONE = re.compile(r"(?P<market>.*[^\W\d为])[\s:：=为]*+(?P<figure>\d[\d.]*+)\s*+(?P<percent>[%％]?)")
"""A market and its figure."""
DOLLARS = re.compile(r"US\$|\$|USD|美元|美金", re.IGNORECASE)


def duties(text: str) -> dict[str, Decimal]:
    """Market → duty as a share; a figure above 1 must say that it is per cent.

    Raises:
        InputError: ``web.bad_duty``, ``web.market_twice``, or a country that is none.
    """

    def rate(figure: str, *, percent: bool) -> Decimal | None:
        value = amount(figure)
        if percent:
            return value.scaleb(-2).normalize()
        return value.normalize() if value <= 1 else None

    return _read(text, rate, "web.bad_duty")


def prices(text: str) -> dict[str, Decimal]:
    """Market → price in USD.

    Raises:
        InputError: ``web.bad_market_price``, ``web.market_twice``, a figure that can be read in two
            ways, or a country that is none.
    """

    def price(figure: str, *, percent: bool) -> Decimal | None:
        value = clear_amount(figure)
        return value if value > 0 and not percent else None

    return _read(DOLLARS.sub(" ", text), price, "web.bad_market_price")


def _read(text: str, figure: Callable[..., Decimal | None], refusal: str) -> dict[str, Decimal]:
    figures: dict[str, Decimal] = {}
    for entry in filter(None, map(str.strip, re.split(r"[,，、;；\n]", text))):
        match = ONE.fullmatch(entry)
        value = match and figure(match["figure"], percent=bool(match["percent"]))
        if match is None or value is None:
            raise InputError(refusal, text=entry[:60])
        market = country_code(match["market"].strip())
        if market in figures:
            raise InputError("web.market_twice", market=country_name(market))
        figures[market] = value
    return figures


def duties_shown(figures: Mapping[str, Any]) -> str:
    """Duties as a person would type them."""
    return enumerated(
        say("web.duty_of", market=market, rate=f"{Decimal(rate).scaleb(2).normalize():f}")
        for market, rate in _named(figures)
    )


def prices_shown(figures: Mapping[str, Any]) -> str:
    """Prices as a person would type them."""
    return enumerated(
        say("web.market_price_of", market=market, price=f"{Decimal(price):f}")
        for market, price in _named(figures)
    )


def _named(figures: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for market, figure in figures.items():
        try:
            yield country_name(country_code(market)), figure
        except OffingError:
            yield market, figure
