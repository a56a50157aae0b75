"""Duties as people write them, brought to the way in which tariffs write them.

``10%, but not less than 0.5 EUR/kg`` is ``10% MIN 0.5 EUR/kg``; 30%或每双4300日元，取高 is
``30% MIN 4300 JPY/pair``: the higher of two is the first, at least the second.
"""

import re
import unicodedata

from offing.terms.currencies import NAMES

_UNITS = {
    "公斤": "kg", "千克": "kg", "吨": "t", "双": "pair", "件": "item", "个": "item", "只": "item",
    "台": "item", "套": "item", "升": "l", "平方米": "m2", "立方米": "m3", "米": "m",
}  # fmt: skip
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_MONEY = "|".join(sorted(map(re.escape, NAMES), key=len, reverse=True))
_NUMBER = r"(?<!\d)(?<!\d,)\d++(?:,\d++)*+(?:\.\d++)?"

_OR = re.compile(r"\bor\b|或者|或", re.I)
_HIGHER = re.compile(
    r"(?:whichever is (?:the )?(?P<en>higher|greater|more|lower|less|smaller)"
    r"|(?:两者|二者)?(?:中|之间)?(?:取|从|以)?(?:其)?(?P<zh>较?高|较?低)(?:者|的)?(?:为准|计征|征收)?)$",
    re.I,
)
_LESS = r"(?:(?:not|no) (?:less than|below)|at least|minimum(?: of)?|min\.?)"
_MORE = r"(?:(?:not|no) (?:more than|above|exceeding)|at most|maximum(?: of)?|max\.?)"
_BOUNDS = (
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
    for pattern, sign in _BOUNDS:
        plain = pattern.sub(sign, plain)
    plain = re.sub(
        rf"每({_NUMBER})?\s*+({_UNIT})(?:征收|征)?\s*+({_NUMBER})\s*+({_MONEY})", _per_unit, plain
    )
    plain = re.sub(rf"({_NUMBER})\s*({_MONEY})\s*(?=[/每])", _coded, plain)
    plain = re.sub(rf"(?:/|每)\s*+(?:({_NUMBER})\s*+)?({_UNIT})", _unit, plain)
    plain = re.sub(r"(?<!\s)\s*+\bper\b\s*", "/", plain, flags=re.I)
    plain = re.sub(rf"(?<![\w.])({_NUMBER})\s*c(?=\s*/)", r"\1 cents", plain, flags=re.I)
    plain = re.sub(rf"(?<![\w.])({_NUMBER})\s*([a-z]{{3}})(?=\s*/)", _upper, plain, flags=re.I)
    plain = re.sub(rf"(?<!\w)([A-Z]{{3}}|€|£)\s*({_NUMBER})(?=\s*/)", _before, plain, flags=re.I)
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
    return NAMES.get(name.upper(), NAMES.get(name, name.upper()))


def _per_unit(match: re.Match[str]) -> str:
    count = f"{match[1]} " if match[1] else ""
    return f"{match[3]} {_code(match[4])}/{count}{_UNITS[match[2]]}"


def _coded(match: re.Match[str]) -> str:
    return f"{match[1]} {_code(match[2])}"


def _unit(match: re.Match[str]) -> str:
    return f"/{match[1] + ' ' if match[1] else ''}{_UNITS[match[2]]}"


def _upper(match: re.Match[str]) -> str:
    return f"{match[1]} {match[2].upper()}"


def _before(match: re.Match[str]) -> str:
    return (
        match[0] if match[1].upper() in ("MIN", "MAX", "MIP") else f"{match[2]} {_code(match[1])}"
    )
