"""The units in which tariffs measure goods, by the names that their texts use."""

import re
from decimal import Decimal

_MEANT: tuple[tuple[str, str, str], ...] = (
    # how many, of which unit, under which names
    ("1", "kg", "kg/net | kg net | kilogram | kilograms | kgm"),
    ("1000", "kg", "t | tonne | tonnes | tne"),
    ("100", "kg", "dtn"),
    ("1", "kg gross", "kg/gross | kg/br | kg on contents and container"),
    ("1", "kg gross", "kg on entire contents of container"),
    ("1", "kg drained", "kg/net drained wt | kg eda | kg on drained weight"),
    ("1", "kg dry", "kg/net dry | kg mas"),
    ("1", "kg standard quality", "kg/std qual | kg std qual"),
    ("1", "kg lactic matter", "kg/lactic matter"),
    ("1", "kg dry lactic matter", "kg/dry lactic matter"),
    ("1", "kg sucrose%", "kg/net/%sacchar | kg/net/% sacchar"),
    ("1", "kg total alcohol", "kg/tot alc"),
    ("1", "kg clean", "clean kg"),
    ("1", "kg total sugars", "kg of total sugars"),
    ("1", "kg molybdenum", "kg on molybdenum content"),
    ("1", "kg tungsten", "kg on tungsten content"),
    ("1", "kg magnesium", "kg on magnesium content"),
    ("1", "l", "liter | litre | liters | ltr"),
    ("100", "l", "hl | hlt"),
    ("1000", "l", "kl"),
    ("1", "l alcohol", "l of alcohol"),
    ("1", "l alcohol over 1.15%", "l of alcohol over 1.15%"),
    ("1", "kg tobacco", "kg of tobacco content"),
    ("1", "kg total soluble solids", "kg tss"),
    ("1", "cm3", "cm³"),
    ("1", "minute", "minutes"),
    ("158.987294928", "l", "bbl"),
    ("100", "l vol%", "% vol/hl | %vol/hl"),
    ("1", "pf l", "pf.liter | pf. liter"),
    ("1", "pf l", "pf.liter on ethyl alcohol content | pf. liter on ethyl alcohol content"),
    ("1", "item", "items | each | article | articles | head | piece | pieces | unit | units | nar"),
    ("12", "item", "doz | dozen"),
    ("144", "item", "gross"),
    ("1000", "item", "thousand"),
    ("1", "pair", "pr | prs | pairs | npr"),
    ("1", "line gross", "line/gross"),
    ("1", "jewel", "jewels"),
    ("1", "pin", "pins"),
    ("1", "m", "mtr | metre | meter"),
    ("1", "m2", "mtk | m² | sq m"),
    ("1", "m3", "mtq | m³"),
    ("1", "entry", "declaration"),
)

UNITS: frozenset[str] = frozenset(unit for _, unit, _ in _MEANT)
"""Every unit in which a quantity can be given."""

NAMES: dict[str, tuple[Decimal, str]] = {
    name.strip(): (Decimal(count), unit)
    for count, unit, names in _MEANT
    for name in names.split("|")
} | {unit: (Decimal(1), unit) for unit in UNITS}
"""Name in a tariff's text → how many of which of our units."""

_COUNTED = re.compile(r"^(\d[\d,]{0,11}(?:\.\d{1,12})?)\s*(.*)$")


def measure(text: str) -> tuple[Decimal, str] | None:
    """How many of which unit a tariff means by ``100 kg / net`` or ``doz.``; ``None`` if unknown.

    >>> measure("100 kg"), measure("doz."), measure("hl")
    ((Decimal('100'), 'kg'), (Decimal('12'), 'item'), (Decimal('100'), 'l'))
    """
    name = re.sub(r" ?/ ?", "/", re.sub(r"\s+", " ", text.strip().lower())).rstrip(".")
    if name in NAMES:
        return NAMES[name]
    counted = _COUNTED.match(name)
    if counted is None:
        return None
    count = Decimal(counted[1].replace(",", ""))
    rest = counted[2].strip() or "item"
    if count == 0 or rest not in NAMES:
        return None
    return count * NAMES[rest][0], NAMES[rest][1]
