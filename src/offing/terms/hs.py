"""HS codes as text, and their editions.

A code has 2, 4 or 6 digits internationally; importers add more (8 in the EU and the UK's
commodity codes have 10, the US has 10, China declares 10). Only the first six join countries.
"""

import re

from offing.terms.errors import InputError
from offing.terms.messages import enumerated
from offing.terms.product_words import codes_like, codes_named, product_called

EDITIONS: dict[str, str] = {
    "H0": "1992",
    "H1": "1996",
    "H2": "2002",
    "H3": "2007",
    "H4": "2012",
    "H5": "2017",
    "H6": "2022",
}
"""Comtrade's classification code → HS edition year. BACI writes HS92, HS96, HS02 … HS22."""

LEVELS = (2, 4, 6)


def edition_of(text: str) -> str:
    """The edition year of ``H5``, ``HS17``, ``2017`` or ``HS2017``.

    Raises:
        InputError: ``hs.unknown_edition``.

    >>> edition_of("HS92"), edition_of("H6")
    ('1992', '2022')
    """
    name = text.strip().upper()
    if name in EDITIONS:
        return EDITIONS[name]
    digits = name.removeprefix("HS")
    for year in EDITIONS.values():
        if digits in (year, year[2:]):
            return year
    raise InputError("hs.unknown_edition", text=text, known=enumerated(EDITIONS.values()))


def product_code(text: str) -> str:
    """A code of 2, 4 or 6 digits, as text; dots and spaces inside are dropped.

    A word that names one heading is that heading: see :mod:`offing.terms.product_words`.

    Raises:
        InputError: ``hs.lost_zero`` for 1, 3 or 5 digits, ``hs.which_product`` for a word that
            names several, ``hs.unknown_product`` for one that is not known, ``hs.bad_code``
            otherwise.

    >>> product_code("8528.72"), product_code("电视机"), product_code("Televisions")
    ('852872', '8528', '8528')
    """
    if (named := code_by_word(text)) is not None:
        return named
    code = digits_of(text)
    if code.isascii() and code.isdigit():
        if len(code) in LEVELS:
            return code
        if len(code) in (1, 3, 5):
            raise InputError("hs.lost_zero", code=code, padded=code.zfill(len(code) + 1))
    raise InputError("hs.bad_code", code=text)


def digits_of(text: str) -> str:
    """A code without dots and spaces, and without the ``.0`` of a spreadsheet's number.

    >>> digits_of("8528.72"), digits_of("852872.0")
    ('852872', '852872')
    """
    code = str(text).strip().replace(" ", "")
    if code.endswith(".0") and code.count(".") == 1:
        code = code[:-2]
    return code.replace(".", "")


def code_by_word(text: str) -> str | None:
    """The code that a word names; ``None`` where the text has no letters.

    Raises:
        InputError: ``hs.which_product``, ``hs.unknown_product``.
    """
    plain = str(text).strip()
    if plain.isascii() and not re.search("[A-Za-z]{2}", plain):
        return None
    named = codes_named(plain)
    if len(named) == 1:
        return named[0]
    codes = named or codes_like(plain)
    key = "hs.which_product" if named else "hs.unknown_product" if codes else "hs.bad_code"
    listed = "; ".join(map(product_called, codes))
    raise InputError(key, code=plain[:60], text=plain[:60], listed=listed, codes=codes)
