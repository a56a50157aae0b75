"""Duties of several markets in one line, as people type them: 墨西哥 15%，巴西 35%."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from offing.terms.amounts import amount
from offing.terms.countries import country_code, country_name
from offing.terms.errors import InputError, OffingError
from offing.terms.messages import enumerated, say

ONE = re.compile(r"(?P<market>.*?[^\W\d])[\s:：=为]*(?P<rate>\d[\d.]*)\s*(?P<percent>[%％]?)")
"""A market and its duty."""


def read(text: str) -> dict[str, Decimal]:
    """Market → duty as a share; a figure above 1 must say that it is per cent.

    Raises:
        InputError: ``web.bad_duty``, or a country that is none.
    """
    duties: dict[str, Decimal] = {}
    for part in re.split(r"[,，、;；\n]", text):
        if not part.strip():
            continue
        found = ONE.fullmatch(part.strip())
        if found is None:
            raise InputError("web.bad_duty", text=part.strip()[:60])
        rate = amount(found["rate"])
        if found["percent"]:
            rate = rate.scaleb(-2)
        elif rate > 1:
            raise InputError("web.bad_duty", text=part.strip()[:60])
        duties[country_code(found["market"].strip())] = rate.normalize()
    return duties


def shown(duties: Mapping[str, Any]) -> str:
    """The same as a person would type it."""
    return enumerated(
        say("web.duty_of", market=_name(market), rate=f"{Decimal(rate).scaleb(2).normalize():f}")
        for market, rate in duties.items()
    )


def _name(market: str, named: Callable[[str], str] = country_name) -> str:
    try:
        return named(country_code(market))
    except OffingError:
        return market
