"""Read the texts of official tariffs into duty expressions.

The European Union's, the United Kingdom's and the United States' ways of writing are understood:
``10.20% + 93.10 EUR / 100 kg``, ``4.50% MIN 0.30 EUR / item MAX 0.80 EUR / item``,
``9.00% + EA MAX 18.70% + ADSZ``, ``46.3 cents/kg + 14.9%``, ``$1.092/kg``, ``Free``, seasonal
rates, and ``The duty provided in the applicable subheading + 25%``. :func:`as_tariffs_write` brings
what people write (``10%, but not less than 0.5 EUR/kg``, 取高) to these ways.

The units in which tariffs measure goods, by the names that their texts use.
"""

import re
import unicodedata
from decimal import Decimal
from functools import cache

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
from offing.terms.errors import InputError, Where
from offing.terms.files import shipped_rows
from offing.terms.money import CURRENCY_NAMES


@cache
def unit_names() -> dict[str, tuple[Decimal, str]]:
    """Name in a tariff's text → how many of which of our units, see ``duty_units.csv``."""
    rows = shipped_rows("offing.rules", "duty_units.csv")
    own = {row["unit"]: (Decimal(1), row["unit"]) for row in rows}
    return own | {
        name.strip(): (Decimal(row["count"]), row["unit"])
        for row in rows
        for name in row["names"].split("|")
    }


@cache
def quantity_units() -> frozenset[str]:
    """Every unit in which a quantity can be given."""
    return frozenset(unit for _, unit in unit_names().values())


_COUNTED = re.compile(r"^(\d[\d,]{0,11}(?:\.\d{1,12})?)\s*(.*)$")


def measure(text: str) -> tuple[Decimal, str] | None:
    """How many of which unit a tariff means by ``100 kg / net`` or ``doz.``; ``None`` if unknown.

    >>> measure("100 kg"), measure("doz."), measure("hl")
    ((Decimal('100'), 'kg'), (Decimal('12'), 'item'), (Decimal('100'), 'l'))
    """
    name = re.sub(r" ?/ ?", "/", re.sub(r"\s+", " ", text.strip().lower())).rstrip(".")
    if name in unit_names():
        return unit_names()[name]
    counted = _COUNTED.match(name)
    if counted is None:
        return None
    count = Decimal(counted[1].replace(",", ""))
    rest = counted[2].strip() or "item"
    if count == 0 or rest not in unit_names():
        return None
    return count * unit_names()[rest][0], unit_names()[rest][1]


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


def _parse_bounds(text: str) -> Duty | None:
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
    for clause in re.split(r",(?![^(]{0,99}\))", text):
        match = _SEASON.match(clause.strip())
        duty = _parse_bounds(match[1]) if match else None
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
        duty = _seasonal(plain) if "(" in plain else _parse_bounds(plain)
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


_UNITS = {
    "公斤": "kg", "千克": "kg", "吨": "t", "双": "pair", "件": "item", "个": "item", "只": "item",
    "台": "item", "套": "item", "升": "l", "平方米": "m2", "立方米": "m3", "米": "m",
}  # fmt: skip
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_MONEY = "|".join(sorted(map(re.escape, CURRENCY_NAMES), key=len, reverse=True))
_PLAIN_NUMBER = r"(?<!\d)(?<!\d,)\d++(?:,\d++)*+(?:\.\d++)?"

_OR = re.compile(r"\bor\b|或者|或", re.I)
_HIGHER = re.compile(
    r"(?:whichever is (?:the )?(?P<en>higher|greater|more|lower|less|smaller)"
    r"|(?:两者|二者)?(?:中|之间)?(?:取|从|以)?(?:其)?(?P<zh>较?高|较?低)(?:者|的)?(?:为准|计征|征收)?)$",
    re.I,
)
_LESS = r"(?:(?:not|no) (?:less than|below)|at least|minimum(?: of)?|min\.?)"
_MORE = r"(?:(?:not|no) (?:more than|above|exceeding)|at most|maximum(?: of)?|max\.?)"
_WORDED_BOUNDS = (
    (re.compile(rf"(?:,|(?<!\s))\s*+(?:but\s++)?{_LESS}\s+", re.I), " MIN "),
    (re.compile(rf"(?:,|(?<!\s))\s*+(?:but\s++)?{_MORE}\s+", re.I), " MAX "),
    (re.compile(r"(?:[,，]|(?<!\s))\s*+(?:但|且)?(?:不低于|不少于|最低)\s*"), " MIN "),
    (re.compile(r"(?:[,，]|(?<!\s))\s*+(?:但|且)?(?:不高于|不超过|最高)\s*"), " MAX "),
    (re.compile(r"(?<!\s)\s*+(?:\bplus\b|\band\b|加上|加(?!元|拿大))\s*", re.I), " + "),
)  # fmt: skip


def as_tariffs_write(text: str) -> str:
    """The text of a duty in the tariffs' own way; what is not understood stays as it is.

    >>> as_tariffs_write("10%, but not less than 0.5 EUR/kg")
    '10% MIN 0.5 EUR/kg'
    >>> as_tariffs_write("30%或每双4300日元，取高")
    '30% MIN 4300 JPY/pair'
    >>> as_tariffs_write("90c/pair plus USD 1.5 per kg")
    '90 cents/pair + 1.5 USD/kg'
    """
    plain = unicodedata.normalize("NFKC", text).strip().rstrip("。.")
    plain = re.sub(r"(?<!\s)\s*+\bper ?cent\b", "%", _one_of_two(plain), flags=re.I)
    for pattern, sign in _WORDED_BOUNDS:
        plain = pattern.sub(sign, plain)
    plain = re.sub(
        rf"每({_PLAIN_NUMBER})?\s*+({_UNIT})(?:征收|征)?\s*+({_PLAIN_NUMBER})\s*+({_MONEY})",
        _per_unit,
        plain,
    )
    plain = re.sub(rf"({_PLAIN_NUMBER})\s*({_MONEY})\s*(?=[/每])", _encode_amount, plain)
    plain = re.sub(rf"(?:/|每)\s*+(?:({_PLAIN_NUMBER})\s*+)?({_UNIT})", _unit, plain)
    plain = re.sub(r"(?<!\s)\s*+\bper\b\s*", "/", plain, flags=re.I)
    plain = re.sub(rf"(?<![\w.])({_PLAIN_NUMBER})\s*c(?=\s*/)", r"\1 cents", plain, flags=re.I)
    plain = re.sub(
        rf"(?<![\w.])({_PLAIN_NUMBER})\s*([a-z]{{3}})(?=\s*/)", _upper, plain, flags=re.I
    )
    plain = re.sub(
        rf"(?<!\w)([A-Z]{{3}}|€|£)\s*({_PLAIN_NUMBER})(?=\s*/)", _before, plain, flags=re.I
    )
    return " ".join(plain.split())


def _one_of_two(text: str) -> str:
    """The higher or the lower of two duties as the first and its bound."""
    tail = _HIGHER.search(text)
    parts = _OR.split(text[: tail.start()], maxsplit=1) if tail else []
    first, *second = (part.strip().removesuffix(",").strip() for part in parts or [text])
    if tail is None or not first or not any(second):
        return text
    how = (tail["en"] or tail["zh"]).lower()
    bound = "MIN" if how in ("higher", "greater", "more", "高", "较高") else "MAX"
    return f"{first} {bound} {second[0]}"


def _code(name: str) -> str:
    return CURRENCY_NAMES.get(name.upper(), CURRENCY_NAMES.get(name, name.upper()))


def _per_unit(match: re.Match[str]) -> str:
    count = f"{match[1]} " if match[1] else ""
    return f"{match[3]} {_code(match[4])}/{count}{_UNITS[match[2]]}"


def _encode_amount(match: re.Match[str]) -> str:
    return f"{match[1]} {_code(match[2])}"


def _unit(match: re.Match[str]) -> str:
    return f"/{match[1] + ' ' if match[1] else ''}{_UNITS[match[2]]}"


def _upper(match: re.Match[str]) -> str:
    return f"{match[1]} {match[2].upper()}"


def _before(match: re.Match[str]) -> str:
    return (
        match[0] if match[1].upper() in ("MIN", "MAX", "MIP") else f"{match[2]} {_code(match[1])}"
    )
