"""Sections of the Harmonized System by chapter (HS 2022, table of contents)."""

_LAST_CHAPTER = (
    (5, "I"),
    (14, "II"),
    (15, "III"),
    (24, "IV"),
    (27, "V"),
    (38, "VI"),
    (40, "VII"),
    (43, "VIII"),
    (46, "IX"),
    (49, "X"),
    (63, "XI"),
    (67, "XII"),
    (70, "XIII"),
    (71, "XIV"),
    (83, "XV"),
    (85, "XVI"),
    (89, "XVII"),
    (92, "XVIII"),
    (93, "XIX"),
    (96, "XX"),
    (97, "XXI"),
)


def section_of(product: str) -> str:
    """The section of a code, as a Roman numeral; empty for national chapters 98 and 99.

    >>> section_of("852872"), section_of("6203")
    ('XVI', 'XI')
    """
    chapter = int(product[:2])
    return next((name for last, name in _LAST_CHAPTER if chapter <= last), "")
