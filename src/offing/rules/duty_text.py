"""Read the texts of official tariffs into duty expressions.

The European Union's, the United Kingdom's and the United States' ways of writing are understood:
``10.20% + 93.10 EUR / 100 kg``, ``4.50% MIN 0.30 EUR / item MAX 0.80 EUR / item``,
``9.00% + EA MAX 18.70% + ADSZ``, ``46.3 cents/kg + 14.9%``, ``$1.092/kg``, ``Free``, seasonal
rates, and ``The duty provided in the applicable subheading + 25%``.
"""

import re
import unicodedata
from decimal import Decimal

from offing.rules.duty import (
    FREE,
    MONTHS,
    AdValorem,
    Bounded,
    Day,
    Duty,
    Element,
    MinimumPrice,
    Season,
    Seasonal,
    Specific,
    Sum,
)
from offing.rules.duty_units import measure
from offing.rules.duty_words import as_tariffs_write
from offing.terms.errors import InputError, Where

_NUMBER = r"\d{1,15}(?:,\d{3}){0,4}(?:\.\d{1,12})?"
_PERCENT = re.compile(rf"^({_NUMBER})\s*%(?: on the entire set)?$")
_BARE = re.compile(rf"^({_NUMBER})$")
_AMOUNT = re.compile(rf"^({_NUMBER})\s*([A-Z]{{3}})\s*/?\s*(.+)$")
_DOLLARS = re.compile(rf"^\$\s*({_NUMBER})\s*/?\s*(.+)$")
_CENTS = re.compile(rf"^({_NUMBER})\s*(?:cents?|¢)\s*/?\s*(.+)$")
_FRACTION = re.compile(r"^(\d{1,6})/([1-9]\d{0,5})$")
_PRICE = re.compile(r"^MIP\s+(.+)$")
_SUBHEADING = re.compile(
    r"^the (?:duty|rate) provided (?:for )?in the applicable subheading$", re.I
)
_BOUNDS = re.compile(r"\b(MIN|MAX)\b")
_SEASON = re.compile(r"^(.*?)(?:\(([^()]*)\))?$", re.S)
_SPAN = re.compile(r"^(\d{1,2})\s*+([A-Z]{3,9})?\s*+-\s*+(\d{1,2})\s*+([A-Z]{3,9})$")
_ELEMENTS = {"EA": "EA", "ADSZ": "ADSZ", "ADFM": "ADFM", "ADS/Z": "ADSZ", "ADF/M": "ADFM",
             "ENTRY PRICE": "entry price", "SUBHEADING": "subheading"}  # fmt: skip
LONGEST = 400
"""Characters that a duty text may have; the longest official one has under 120."""


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def _specific(amount: Decimal, currency: str, unit: str) -> Specific | None:
    measured = measure(unit)
    return None if measured is None else Specific(amount, currency, measured[0], measured[1])


def _term(text: str) -> Duty | None:
    text = text.strip()
    if match := _PERCENT.match(text) or _BARE.match(text):
        # the EU's schedule leaves the % out in nine lines: "6.4 + 24.6 EUR/100 kg"
        rate = _number(match[1]) / 100
        return AdValorem(rate)
    if text.upper() in _ELEMENTS:
        return Element(_ELEMENTS[text.upper()])
    if match := _PRICE.match(text):
        price = _term(match[1])
        return MinimumPrice(price) if isinstance(price, Specific) else None
    if match := _CENTS.match(text):
        return _specific(_number(match[1]) / 100, "USD", match[2])
    if match := _DOLLARS.match(text):
        return _specific(_number(match[1]), "USD", match[2])
    if match := _AMOUNT.match(text):
        return _specific(_number(match[1]), match[2], match[3])
    if text.lower() == "free":
        return FREE
    if _SUBHEADING.match(text):
        return Element("subheading")
    return None


def _sum(text: str) -> Duty | None:
    terms: list[Duty] = []
    for clause in text.split("+"):
        term = _term(clause)
        if term is None:
            return None
        terms.append(term)
    return terms[0] if len(terms) == 1 else Sum(tuple(terms))


def _bounded(text: str) -> Duty | None:
    first, *rest = _BOUNDS.split(text)
    duty = _sum(first)
    bounds: dict[str, Duty] = {}
    for word, bound in zip(rest[::2], rest[1::2], strict=True):
        limit = _sum(bound)
        if limit is None or word in bounds:
            return None
        bounds[word] = limit
    if duty is None or not bounds:
        return duty
    return Bounded(duty, bounds.get("MIN"), bounds.get("MAX"))


def _month(name: str) -> int | None:
    short = name[:3]
    return MONTHS.index(short) + 1 if short in MONTHS else None


def _span(text: str) -> tuple[Day, Day] | None:
    match = _SPAN.match(text.strip())
    if match is None:
        return None
    last = _month(match[4])
    first = _month(match[2]) if match[2] else last
    if first is None or last is None:
        return None
    days = int(match[1]), int(match[3])
    if not all(1 <= day <= 31 for day in days):
        return None
    return (first, days[0]), (last, days[1])


def _seasonal(text: str) -> Duty | None:
    seasons: list[Season] = []
    # a comma outside brackets parts the seasons
    for clause in re.split(r",(?![^(]*\))", text):
        match = _SEASON.match(clause.strip())
        duty = _bounded(match[1]) if match else None
        if match is None or duty is None:
            return None
        spans = [_span(span) for span in match[2].split(",")] if match[2] else []
        if None in spans:
            return None
        seasons.append(Season(tuple(span for span in spans if span is not None), duty))
    return Seasonal(tuple(seasons))


def parse_duty(text: str, *, where: Where | None = None) -> Duty:
    """The expression that a tariff's text means.

    Raises:
        InputError: ``landed.duty_not_understood``.

    >>> str(parse_duty("10.20% + 93.10 EUR / 100 kg"))
    '10.2% + 93.1 EUR/100 kg'
    >>> str(parse_duty("46.3 cents/kg + 14.9%"))
    '0.463 USD/kg + 14.9%'
    """
    wide = unicodedata.normalize("NFKC", text)
    plain = re.sub(r"\s+", " ", wide.replace("€", " EUR")).strip()
    duty: Duty | None = None
    if plain and len(plain) <= LONGEST and plain.isprintable():
        duty = _seasonal(plain) if "(" in plain else _bounded(plain)
    if duty is None:
        raise InputError("landed.duty_not_understood", where=where, text=text[:LONGEST])
    return duty


def duty_of_user(text: str, *, where: Where | None = None) -> Duty:
    """A duty that a person typed: ``0.14`` and ``22/78`` are shares, ``14%`` a percentage.

    ``10%, but not less than 0.5 EUR/kg`` and 30%或每双4300日元，取高 are understood too.

    Raises:
        InputError: ``landed.share_or_percent`` for a bare number above 1, which could be either;
            ``landed.duty_not_understood``.

    >>> str(duty_of_user("0.14"))
    '14%'
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if fraction := _FRACTION.match(plain):
        return AdValorem(_number(fraction[1]) / _number(fraction[2]))
    if re.fullmatch(_NUMBER, plain):
        share = _number(plain)
        if share > 1:
            raise InputError("landed.share_or_percent", where=where, text=plain)
        return AdValorem(share)
    try:
        return parse_duty(plain, where=where)
    except InputError:
        return parse_duty(as_tariffs_write(plain), where=where)
