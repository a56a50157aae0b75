"""HS codes as text, and their editions.

A code has 2, 4 or 6 digits internationally; importers add more (8 in the EU and the UK's
commodity codes have 10, the US has 10, China declares 10). Only the first six join countries.
"""

from offing.terms.errors import InputError, Where
from offing.terms.messages import enumerated

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


def product_code(text: str, *, where: Where | None = None) -> str:
    """A code of 2, 4 or 6 digits, as text; dots and spaces inside are dropped.

    Raises:
        InputError: ``hs.lost_zero`` for 1, 3 or 5 digits, ``hs.bad_code`` otherwise.

    >>> product_code("8528.72")
    '852872'
    """
    code = str(text).strip().replace(".", "").replace(" ", "")
    if code.isascii() and code.isdigit():
        if len(code) in LEVELS:
            return code
        if len(code) in (1, 3, 5):
            raise InputError(
                "hs.lost_zero", where=where, code=code, padded=code.zfill(len(code) + 1)
            )
    raise InputError("hs.bad_code", where=where, code=text)


def parent(code: str, digits: int) -> str:
    """The code's first ``digits`` digits."""
    return code[:digits]
