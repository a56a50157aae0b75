"""Text as it is compared: full-width letters, traditional characters made plain; names of units."""

import re
import unicodedata
from decimal import Decimal
from functools import cache
from typing import Literal, get_args

from offing.terms.files import shipped_rows, shipped_toml


def normal(text: str) -> str:
    """Text with full-width letters, digits and signs made plain, without blanks around it.

    >>> normal("　ＦＯＢ（１２）")
    'FOB(12)'
    """
    return unicodedata.normalize("NFKC", text).strip()


_ACCENTS = re.compile("[\u0300-\u036f]")
_LETTERS = str.maketrans("øØłŁđĐ", "oOlLdD")


def strip_accents(text: str) -> str:
    """Plain text without accents, as banks write names.

    >>> strip_accents("Kläder Søn"), strip_accents("ﾄﾖﾀ")
    ('Klader Son', 'トヨタ')
    """
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", normal(text))).translate(_LETTERS)


@cache
def _simpler() -> dict[int, int]:
    said = shipped_toml("offing.terms", "data/characters.toml")
    return str.maketrans(said["traditional"], said["simplified"])


def simplify(text: str) -> str:
    """Text with the traditional characters of headings and countries as simplified ones.

    >>> simplify("出貨日期 數量 美國")
    '出货日期 数量 美国'
    """
    return text.translate(_simpler())


Unit = Literal["item", "kg"]
"""The two units in which a price is compared. They are never mixed."""


@cache
def units() -> dict[str, tuple[str, Decimal]]:
    """Name of a unit → ours (``item``, ``kg`` or ``pair``), and how many of ours it has."""
    rows = shipped_rows("offing.terms", "data/units.csv")
    return {row["name"]: (row["unit"], Decimal(row["times"])) for row in rows}


def unit_of(name: str | None) -> Unit | None:
    """Our unit for a data set's name of one, or ``None`` where it is neither items nor kilograms.

    >>> unit_of("Number of items"), unit_of("KG"), unit_of("m²")
    ('item', 'kg', None)
    """
    unit, times = units().get((name or "").strip().lower(), ("", 0))
    return next((kind for kind in get_args(Unit) if kind == unit and times == 1), None)


def firm_key(name: str) -> str:
    """Letters and digits of a firm's name: brackets, spaces and capitals tell no two firms apart.

    >>> firm_key("海川（青岛） 电器") == firm_key("海川(青岛)电器")
    True
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name)).casefold()
