"""Lists of products that the United States' additional duties name: one file, one list.

Such a file has a column of codes and no more; its *name* says which list it is. As with the
Section 301 lists, a list says that a line pays more, or is exempt; how much is in the rulebook.

Codes of ten digits that end in ``00`` are whole lines of eight digits: in the tariff's statistical
suffix, ``00`` means that the line is not divided. In the imports of 2024 that is so for 7,614 of
7,616 such codes.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import PurePath

IEEPA_BEGAN, IEEPA_ENDED = date(2025, 4, 5), date(2026, 2, 24)
METALS = date(2026, 4, 6)


@dataclass(frozen=True)
class ProductList:
    """A list and the days on which it holds.

    ``regime`` is the duty regime that its lines get.
    """

    regime: str
    source: str
    since: date
    until: date | None = None


_SURCHARGE = (date(2026, 2, 24), date(2026, 7, 24))

_DERIVATIVES = (date(2025, 3, 12), METALS)

LISTS: dict[str, ProductList] = {
    "metals-annex-ia": ProductList("us232_ia", "@us232|annex=I-A", METALS),
    "metals-annex-ib": ProductList("us232_ib", "@us232|annex=I-B", METALS),
    "metals-annex-ii-removed": ProductList("us232_ii", "@us232|annex=II", METALS),
    "metals-annex-iii-temporary": ProductList("us232_iii", "@us232|annex=III", METALS),
    "section122-product-exemptions": ProductList("us122_exempt", "@us122", *_SURCHARGE),
    "section122-specific-exemptions": ProductList("us122_in_part", "@us122_some", *_SURCHARGE),
    "section122-aircraft-exemptions": ProductList("us122_aircraft", "@us122_aircraft", *_SURCHARGE),
    "annex-ii-exemptions": ProductList(
        "usieepa_exempt", "EO 14257, annex II as first published", IEEPA_BEGAN, date(2025, 11, 13)
    ),
    "annex-ii-exemptions-nov14": ProductList(
        "usieepa_exempt", "EO 14257, annex II of November 2025", date(2025, 11, 13), IEEPA_ENDED
    ),
    "steel-tariffs": ProductList(
        "us232_steel_derivative", "Section 232, derivatives of steel of March 2025", *_DERIVATIVES
    ),
    "alu-tariffs": ProductList(
        "us232_aluminium_content", "Section 232, derivatives of aluminium", *_DERIVATIVES
    ),
    "copper-list": ProductList(
        "us232_copper", "Section 232, copper, U.S. note 36(b)", date(2025, 8, 1), METALS
    ),
    "auto-tariffs": ProductList(
        "us232_auto_parts", "Section 232, vehicle parts, U.S. note 33(g)", date(2025, 5, 3)
    ),
    "brazil-non-airplane-exemptions": ProductList(
        "usbrazil_exempt", "EO 14323, annex I", date(2025, 8, 6), IEEPA_ENDED
    ),
    "brazil-301-exemptions": ProductList(
        "usbrazil301_exempt", "Section 301 Brazil, U.S. note 50(a)", date(2026, 7, 22)
    ),
    "consumer_electronics_eo14257_apr11": ProductList(
        "usieepa_exempt", "memorandum of 2025-04-11 on EO 14257", IEEPA_BEGAN, IEEPA_ENDED
    ),
}
"""File name in small letters, without its ending → list. ``us122_in_part`` and ``us122_aircraft``
depend on more than the code, so no rule uses them: a quote says that the product is on them."""


def list_of(name: str) -> ProductList | None:
    """The list that a file of this name has."""
    return LISTS.get(PurePath(name).stem.lower())
