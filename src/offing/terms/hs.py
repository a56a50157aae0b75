"""HS codes as text, and their editions.

A code has 2, 4 or 6 digits internationally; importers add more (8 in the EU and the UK's
commodity codes have 10, the US has 10, China declares 10). Only the first six join countries.
"""

import re
from collections.abc import Collection, Iterable

from offing.terms.errors import InputError
from offing.terms.messages import join_list
from offing.terms.products import codes_like, codes_named, product_called

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
    raise InputError("hs.unknown_edition", text=text, known=join_list(EDITIONS.values()))


def product_code(text: str) -> str:
    """A code of 2, 4 or 6 digits, as text; dots and spaces inside are dropped.

    A word that names one heading is that heading: see :mod:`offing.terms.products`.

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


def finest(codes: Iterable[str]) -> list[str]:
    """Codes that have no finer one among them, in order: a sum and its parts do not both count.

    >>> finest(["8528", "85", "852872", "8507"])
    ['8507', '852872']
    """
    every = set(codes)
    above = {code[:digits] for code in every for digits in range(2, len(code))}
    return sorted(every - above)


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


YEARS = tuple(EDITIONS.values())

SIGNS: dict[str, tuple[str, str]] = {
    "847191": ("1992", "1992"),  # digital computers
    "852810": ("1992", "1992"),  # television receivers, colour
    "854211": ("1992", "1992"),  # monolithic integrated circuits, digital
    "271000": ("1992", "1996"),  # petroleum oils, not crude
    "611110": ("1992", "2002"),  # babies' garments of wool, knitted
    "847110": ("1992", "2002"),  # analogue computers
    "851790": ("1992", "2002"),  # parts of telephone sets
    "852520": ("1992", "2002"),  # transmission apparatus with reception (mobile telephones)
    "300210": ("1992", "2012"),  # antisera
    "300220": ("1992", "2017"),  # vaccines for people
    "854140": ("1992", "2017"),  # photosensitive semiconductors (solar cells)
    "854150": ("1992", "2017"),  # other semiconductor devices
    "880330": ("1992", "2017"),  # parts of aeroplanes
    "852812": ("1996", "2002"),  # television receivers, colour
    "852821": ("1996", "2002"),  # video monitors, colour
    "382490": ("1996", "2012"),  # chemical products n.e.s.
    "640312": ("1996", "2022"),  # ski boots
    "847130": ("1996", "2022"),  # portable computers
    "854221": ("2002", "2002"),  # monolithic digital integrated circuits
    "271011": ("2002", "2007"),  # light oils
    "851712": ("2007", "2017"),  # mobile telephones
    "851770": ("2007", "2017"),  # parts of telephone sets
    "844332": ("2007", "2022"),  # printers
    "852872": ("2007", "2022"),  # television receivers, colour
    "854231": ("2007", "2022"),  # processors
    "850760": ("2012", "2022"),  # lithium-ion batteries
    "300215": ("2017", "2022"),  # immunological products, retail
    "382499": ("2017", "2022"),  # chemical products n.e.s.
    "870340": ("2017", "2022"),  # hybrid cars
    "870380": ("2017", "2022"),  # electric cars
    "851713": ("2022", "2022"),  # smartphones
    "851714": ("2022", "2022"),  # other mobile telephones
    "852411": ("2022", "2022"),  # flat panel displays, liquid crystal
    "854151": ("2022", "2022"),  # semiconductor-based transducers
}
"""Code → the first and the last edition that have it."""


def misfits(codes: Collection[str], edition: str) -> list[str]:
    """The signs among the codes that the edition does not have."""
    return sorted(
        code for code in codes if code in SIGNS and not SIGNS[code][0] <= edition <= SIGNS[code][1]
    )


def fitting(codes: Collection[str]) -> frozenset[str]:
    """The editions that the codes may be of; one stray code is forgiven.

    >>> sorted(fitting(["850760", "870380", "870340", "854140", "851712"]))
    ['2017']
    >>> len(fitting(["850760"]))  # one code proves nothing
    7
    """
    counts = {edition: len(misfits(codes, edition)) for edition in YEARS}
    return frozenset(e for e, count in counts.items() if count <= max(1, min(counts.values())))


NO_CHAPTERS = ("00", "77", "98", "99")
"""Chapters that the Harmonized System has not: kept free, or each country's own."""


def gone(code: str, year: int) -> bool:
    """Whether a code is in no edition of a year: it has left, has not come, or never was.

    >>> gone("852812", 2024), gone("852872", 2024), gone("999999", 2024)
    (True, False, True)
    """
    edition = max((start for start in YEARS if int(start) <= year), default=YEARS[0])
    return code[:2] in NO_CHAPTERS or bool(misfits([code[:6]], edition))
