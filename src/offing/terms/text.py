"""Text as it is compared: full-width letters, digits and signs made plain."""

import unicodedata


def normal(text: str) -> str:
    """Text with full-width letters, digits and signs made plain, without blanks around it.

    >>> normal("　ＦＯＢ（１２）")
    'FOB(12)'
    """
    return unicodedata.normalize("NFKC", text).strip()
