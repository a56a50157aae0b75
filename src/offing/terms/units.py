"""Units of quantity, and the names that data sets give them."""

from decimal import Decimal
from typing import Literal

Unit = Literal["item", "kg"]
"""The two units in which a price is compared. They are never mixed."""

ITEM_NAMES = frozenset(
    {
        "u",
        "number of items",
        "units",
        "item",
        "items",
        "no",
        "unit",
        "pieces",
        "pcs",
        "pc",
        "piece",
        "set",
        "sets",
        "ea",
        "each",
        "stück",
        "stk",
        "st",
        "unidad",
        "unidades",
        "uds",
        "ud",
        "pieza",
        "piezas",
        "pza",
        "pzas",
        *"套只台个件座辆艘架头张支枝根条把块片组幅部盏顶枚",
    }
)
"""Chinese counts single things by what they are: 张 tables, 把 chairs, 盏 lamps, 条 trousers."""
KG_NAMES = frozenset({"kg", "weight in kilograms", "kilogram", "kilograms", "千克", "公斤"})
WEIGHTS: dict[str, Decimal] = {
    **dict.fromkeys((*KG_NAMES, "kgs", "kilos"), Decimal(1)),
    **dict.fromkeys(("吨", "公吨", "t", "mt", "ton", "tons", "tonne", "tonnes"), Decimal(1000)),
    **dict.fromkeys(("克", "g", "gram", "grams"), Decimal("0.001")),
    **dict.fromkeys(("斤", "市斤", "jin"), Decimal("0.5")),
    **dict.fromkeys(("lb", "lbs", "pound", "pounds"), Decimal("0.45359237")),
}
"""Kilograms of one."""


def unit_of(name: str | None) -> Unit | None:
    """Our unit for a data set's name of one, or ``None`` where it is neither items nor kilograms.

    >>> unit_of("Number of items"), unit_of("KG"), unit_of("m²")
    ('item', 'kg', None)
    """
    text = (name or "").strip().lower()
    if text in ITEM_NAMES:
        return "item"
    if text in KG_NAMES:
        return "kg"
    return None
