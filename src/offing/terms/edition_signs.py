"""Tell the edition of the Harmonized System from the codes that are there.

Each edition brought codes and dropped codes. A set of data with lithium batteries (850760) is from
2012 or later, one with undivided television receivers (852810) is in the codes of 1992. The codes
below are much traded and come and go once; from the correlation tables between the editions (UN
Statistics Division, Classifications on Economic Statistics).
"""

from collections.abc import Collection

from offing.terms.hs import EDITIONS

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
