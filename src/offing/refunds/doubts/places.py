"""Where a Chinese firm is, by its name, beside where a declaration says its goods are from."""

from functools import cache

from offing.terms.shipped import shipped_toml


@cache
def _provinces() -> dict[str, str]:
    """Name of a province or prefecture → its province."""
    listed: dict[str, str] = shipped_toml("offing.refunds.doubts", "places.toml")["cities"]
    of = {name: name for name in listed}
    return of | {city: name for name, cities in listed.items() for city in cities.split()}


def places_in(text: str) -> list[str]:
    """The places that a text names, in its order; those at its very start only for a firm.

    >>> places_in("37029青岛其他"), places_in("宏远电器厂")
    (['青岛'], [])
    """
    parts = [(at, text[at : at + length]) for at in range(len(text)) for length in (4, 3, 2)]
    return [piece for _, piece in parts if piece in _provinces()]


def differ(supplier: str, source: str) -> bool:
    """Whether a supplier's name and 境内货源地 name places that do not lie in one another.

    >>> differ("广州甲电器有限公司", "青岛其他"), differ("山东甲电器有限公司", "37029青岛其他")
    (True, False)
    """
    name = supplier.strip().lstrip("(（")
    firm = next((place for place in places_in(name) if name.startswith(place)), None)
    goods = places_in(source)
    if firm is None or not goods:
        return False
    of = _provinces()
    inside = (of[firm] == of[place] and (firm in goods or of[firm] == firm or of[place] == place)
              for place in goods)  # fmt: skip
    return not any(inside)
