"""Doubts about totals and weights: a price for a total, tonnes for kilograms, another currency."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from statistics import median
from typing import Any

from offing.refunds.doubts.doubt import Doubt, Worth, counted, figure, of_item, same_unit
from offing.terms.amounts import exactly
from offing.terms.firm_records import Declared
from offing.terms.units import unit_of
from offing.terms.usual_prices import Level, shipped

OFF = Decimal("0.05")
"""How far a total may lie from quantity × unit price: discounts, rounding."""
FAR, ALIKE = 10, Decimal(3)
"""How many times cheaper than the middle of its goods a unit is, and how near the total then lies
to what a unit costs."""
DEAREST, CHEAPEST = Decimal(1500), Decimal("0.5")
"""USD a kilogram: goods in tonnes cost more, pieces of manufactures hardly less. From memory."""
DEAR = (
    "28", "2937", "2939", "30", "71", "8473", "8517", "8523", "8541", "8542", "88", "90", "91",
    "97",
)  # fmt: skip
"""Isotopes and hormones, medicines, jewels, chips, telephones, aircraft, instruments, watches,
art."""
MADE = (*(str(chapter) for chapter in range(42, 44)), *(str(chapter) for chapter in range(60, 68)),
        "84", "85", "87", "90", "94", "95")  # fmt: skip
"""Chapters of manufactures that cost more than :data:`CHEAPEST`, sold by the piece."""
BY_WEIGHT = ("千克", "070", "036")


def of_amounts(rows: Sequence[Declared], worth: Worth) -> Iterable[Doubt]:
    """What totals say beside quantities, unit prices and weights.

    Args:
        rows: items of declarations.
        worth: an amount in another currency.
    """
    usual = _usual_prices(rows)
    alone = set[int]()
    for index, row in enumerate(rows):
        kind = _total_for_price(row, usual)
        if kind:
            alone.add(index)
            price = figure(row.price or row.total)
            yield of_item(kind, row, total=figure(row.total), price=price, **_counted(row))
    whole: dict[str, list[Declared]] = defaultdict(list)
    for index, row in enumerate(rows):
        if index not in alone:
            whole[row.number].append(row)
    others: list[Declared] = []
    for items in whole.values():
        doubts = [*_by_weight(items, worth)]
        yield from doubts
        others += [] if doubts else items
    yield from _of_levels(others, worth)


def _of_levels(rows: Sequence[Declared], worth: Worth) -> Iterable[Doubt]:
    """Goods that cost in the middle of all papers what such goods hardly do anywhere."""
    kinds: dict[tuple[str, str, str], list[Declared]] = defaultdict(list)
    for row in rows:
        if row.quantity > 0 and row.total > 0:
            name = same_unit(row.unit)[0]
            unit = "kg" if name in BY_WEIGHT else unit_of(name)
            kinds[row.code[:6], unit or "", row.currency].append(row)
    priced = [(some, level) for key, some in kinds.items() if (level := _level(*key, some, worth))]
    far, _ = shipped().far_levels([level for _, level in priced])
    for place, found in far.items():
        first, *others = priced[place][0]
        money = sum((row.total for row in (first, *others)), Decimal(0))
        places = [row.where for row in others]
        yield of_item("price_level", first, *places, money=money, **found.said())


def _level(
    code: str, unit: str, currency: str, rows: Sequence[Declared], worth: Worth
) -> Level | None:
    """What a piece or a kilogram costs in the middle; ``None`` where no rate is known."""
    prices = [price for row in rows if (price := _dollars_a_unit(row, worth))]
    if not prices:
        return None
    yuan, dollar = (worth(Decimal(1), money, "CNY") for money in (currency, "USD"))
    return Level(code, unit, median(prices), yuan, dollar)


def _dollars_a_unit(row: Declared, worth: Worth) -> Decimal | None:
    """What one piece or kilogram costs; ``None`` where no rate is known."""
    dollars = worth(row.total, row.currency, "USD")
    with exactly():
        return None if dollars is None else dollars / counted(row)


def _counted(row: Declared) -> dict[str, Any]:
    return {"quantity": f"{row.quantity:f}", "unit": row.unit}


def _usual_prices(rows: Sequence[Declared]) -> dict[tuple[object, ...], Decimal]:
    """What a unit of the same goods costs in the middle of at least three lines."""
    prices: dict[tuple[object, ...], list[Decimal]] = defaultdict(list)
    for row in rows:
        if row.quantity > 0 and row.total > 0:
            prices[_goods(row)].append(row.total / row.quantity)
    return {goods: median(values) for goods, values in prices.items() if len(values) > 2}


def _goods(row: Declared) -> tuple[object, ...]:
    return row.code, row.name, same_unit(row.unit), row.currency


def _total_for_price(row: Declared, usual: dict[tuple[object, ...], Decimal]) -> str:
    """The kind of doubt: the total is what one unit costs, or not what all cost."""
    if row.quantity <= 1 or row.total <= 0:
        return ""
    if row.price:
        if abs(row.total / row.price - 1) <= OFF:
            return "total_is_price"
        return "total_not_product" if abs(row.total / (row.price * row.quantity) - 1) > OFF else ""
    middle = usual.get(_goods(row))
    if middle is None:
        return ""
    cheap = row.total / row.quantity * FAR < middle
    return "total_is_price" if cheap and 1 / ALIKE <= row.total / middle <= ALIKE else ""


def _by_weight(items: Sequence[Declared], worth: Worth) -> Iterable[Doubt]:
    """A declaration, whose gross weight is that of all its items, by the price of a kilogram."""
    first, price = items[0], _price_of_kilogram(items, worth)
    if price is None:
        return
    values: dict[str, Any] = {"price": f"{price:,.2f}", "kg": f"{first.gross_kg:f}"}
    if price > DEAREST and not any(item.code.startswith(DEAR) for item in items):
        yield of_item("weight_in_tonnes", first, **values)
    if price < CHEAPEST and all(map(_is_made_by_the_piece, items)):
        yield of_item("total_too_small", first, **values, **_counted(first))


def _price_of_kilogram(items: Sequence[Declared], worth: Worth) -> Decimal | None:
    """USD; ``None`` where no weight, no total or no rate tells it."""
    kg = items[0].gross_kg or Decimal(0)
    dollars = [worth(item.total, item.currency, "USD") or Decimal(0) for item in items]
    return sum(dollars) / kg if kg > 0 and min(dollars) > 0 else None


def _is_made_by_the_piece(item: Declared) -> bool:
    pieces = same_unit(item.unit)[0] not in BY_WEIGHT and item.quantity > 1
    return pieces and item.code.startswith(MADE)
