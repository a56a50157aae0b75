"""The map of markets: circles as large as their sales, beside their place where they crowd.

The shipped geometry is the outline of the land as it is drawn, and a point for each country;
``tools/make_world_map.py`` makes it from an atlas.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from importlib import resources
from math import hypot, radians, sqrt
from typing import Any

from offing.report import words
from offing.report.drawing import PAGE, TEXT, WIDTH, Drawing, text_width, two_sizes
from offing.terms.countries import GEOGRAPHY_OF, all_countries, country_name
from offing.terms.messages import say
from offing.terms.numbers import change, moneys

Point = tuple[float, float]


def natural_earth(longitude: float, latitude: float) -> Point:
    """Plane coordinates on the unit sphere; x grows east, y grows north.

    >>> natural_earth(0, 0), round(natural_earth(180, 0)[0], 4), round(natural_earth(0, 90)[1], 4)
    ((0.0, 0.0), 2.7354, 1.4224)
    """
    phi = radians(latitude)
    p2 = phi * phi
    p4, p8 = p2 * p2, p2**4
    x = radians(longitude) * (
        0.8707 - 0.131979 * p2 + p4 * (-0.013791 + p4 * p2 * (0.003971 - 0.001529 * p2))
    )
    y = phi * (1.007226 + p2 * (0.015085 - 0.044475 * p4) + p8 * (0.028874 - 0.005916 * p2))
    return x, y


def shift_longitude(longitude: float, centre: float) -> float:
    """Degrees east of the central meridian, from -180 to 180.

    >>> shift_longitude(-170, 150)
    40.0
    """
    return (longitude - centre + 180.0) % 360.0 - 180.0


SOUTH, NORTH = -56.0, 76.0
"""The latitudes shown: no market lies beyond them."""
PACIFIC, ATLANTIC = 150.0, 11.0
"""Central meridians: the Pacific for exporters of Asia and Oceania, else the Atlantic."""


@cache
def _file() -> dict[str, Any]:
    text = resources.files("offing.report").joinpath("world.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def point(code: str) -> Point | None:
    """Longitude and latitude where a country's circle stands; ``None`` for a few islets."""
    lon_lat = _file()["points"].get(GEOGRAPHY_OF.get(code, code))
    return (lon_lat[0], lon_lat[1]) if lon_lat else None


@dataclass(frozen=True)
class WorldMap:
    """The world, ``width`` pixels wide, with a meridian in its middle."""

    centre: float
    width: float

    @classmethod
    def around(cls, origin: str, width: float) -> "WorldMap":
        """With the exporter's ocean in its middle."""
        lon_lat = point(origin)
        return cls(PACIFIC if lon_lat and lon_lat[0] > 60 else ATLANTIC, width)

    @property
    def height(self) -> float:
        """Pixels from north to south."""
        return self.pixel(0.0, SOUTH)[1]

    def pixel(self, east: float, north: float) -> Point:
        """Degrees from the middle and from the equator in pixels from the top left."""
        scale, top = self.width / (2 * natural_earth(180, 0)[0]), natural_earth(0, NORTH)[1]
        x, y = natural_earth(east, north)
        return self.width / 2 + x * scale, (top - y) * scale

    def place(self, code: str) -> Point | None:
        """Where a country's circle stands, in pixels from the top left."""
        if (where := point(code)) is None:
            return None
        return self.pixel(shift_longitude(where[0], self.centre), where[1])

    def land(self) -> str:
        """The land as one SVG path in half pixels."""
        path: str = _file()["land"][f"{self.centre:g}"][f"{self.width:g}"]
        return path


Circle = tuple[float, float, float]
"""Centre and radius."""

GAP = 1.5
ROUNDS = 400
HOME = 0.02
"""How strongly a circle is drawn back to its place in a round."""


@lru_cache(64)
def apart(circles: tuple[Circle, ...], width: float, height: float) -> tuple[Circle, ...]:
    """Move circles until none covers another, inside a panel, by small steps.

    The same markets are drawn again for each page and language.

    >>> apart(((10, 10, 5), (12, 10, 5)), 100, 100)[1][0] > 17
    True
    """
    at = [[x, y] for x, y, _ in circles]
    sizes = [radius for *_, radius in circles]
    for turn in range(ROUNDS):
        calm = 1 - turn / ROUNDS  # the last rounds only push apart
        for spot, (x, y, _) in zip(at, circles, strict=True):
            spot[0] += (x - spot[0]) * HOME * calm
            spot[1] += (y - spot[1]) * HOME * calm
        _push(at, sizes)
        for spot, radius in zip(at, sizes, strict=True):
            spot[0] = min(max(spot[0], radius + 1), width - radius - 1)
            spot[1] = min(max(spot[1], radius + 1), height - radius - 1)
    return tuple((x, y, radius) for (x, y), radius in zip(at, sizes, strict=True))


def _push(at: list[list[float]], sizes: Sequence[float]) -> None:
    for number, spot in enumerate(at):
        for other in range(number + 1, len(at)):
            there = at[other]
            dx, dy = there[0] - spot[0], there[1] - spot[1]
            distance = hypot(dx, dy)
            short = sizes[number] + sizes[other] + GAP - distance
            if short <= 0:
                continue
            if distance < 1e-6:  # on one spot: aside, each its own way
                dx, dy, distance = 1.0, 0.1 * (other - number), hypot(1.0, 0.1 * (other - number))
            # A large circle stays, a small one gives way.
            weight = sizes[other] ** 2 / (sizes[number] ** 2 + sizes[other] ** 2)
            step = short / distance
            spot[0] -= dx * step * weight
            spot[1] -= dy * step * weight
            there[0] += dx * step * (1 - weight)
            there[1] += dy * step * (1 - weight)


LARGEST = 20.0
SMALLEST = 3.0
AWAY = 3.0
"""A circle that stands so far from its place has a line to it."""
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class MappedSales:
    """Sales by market, in one currency.

    Attributes:
        planned: alpha-3 → a year as planned; markets that were looked at and get nothing have 0.
        today: alpha-3 → the last twelve months.
        currency: of both.
        origin: alpha-3.
        says: the message that describes the picture, with ``origin`` and ``markets``.
    """

    planned: Mapping[str, float]
    today: Mapping[str, float]
    currency: str
    origin: str
    says: str = "report.map_desc"

    def largest(self, code: str) -> float:
        """The larger of both."""
        return max(self.planned.get(code, 0.0), self.today.get(code, 0.0))


def radius(value: float, largest: float, most: float = LARGEST) -> float:
    """A radius whose area is in proportion, but never too small to see."""
    return max(SMALLEST, most * sqrt(value / largest)) if value > 0 else SMALLEST


def draw(name: str, sales: MappedSales) -> str:
    """Planned sales by market as full circles, today's as rings, the origin as a cross.

    Args:
        name: unique on the page.
        sales: by market.
    """
    return two_sizes(_drawn(name, sales, WIDTH), _drawn(f"{name}-wide", sales, PAGE))


def _drawn(name: str, sales: MappedSales, width: float) -> str:
    world = WorldMap.around(sales.origin, width)
    pen = _begin(name, sales, world)
    pen.path(world.land(), "land", transform="scale(.5)")
    _markets(pen, sales, world)
    return pen.svg()


def _begin(name: str, sales: MappedSales, world: WorldMap) -> Drawing:
    order = sorted(sales.planned, key=lambda code: (-sales.planned[code], code))
    amount = moneys(sales.planned.values(), sales.currency)
    sales_told = words.series(
        f"{country_name(code)} {amount(sales.planned[code])}"
        for code in order
        if sales.planned[code] > 0
    )
    origin = country_name(sales.origin)
    desc = say(sales.says, origin=origin, markets=sales_told or say("report.none"))
    return Drawing(name, world.height, say("report.map_title"), desc, width=world.width)


def _markets(pen: Drawing, sales: MappedSales, world: WorldMap) -> None:
    """Circles and names of the markets."""
    places = {code: place for code in sales.planned if (place := world.place(code)) is not None}
    sold = sorted((c for c in places if sales.largest(c)), key=lambda c: (-sales.largest(c), c))
    largest = max((sales.largest(code) for code in sales.planned), default=0.0)
    size = partial(radius, largest=largest, most=min(LARGEST, world.width / 30))
    amount = moneys([*sales.planned.values(), *sales.today.values()], sales.currency)
    for code in sorted(places.keys() - set(sold)):
        pen.circle(*places[code], 2, "looked-at")
    home = world.place(sales.origin)
    fixed = [] if home is None else [(*home, 7.0)]
    circles_at = [(*places[code], size(sales.largest(code))) for code in sold]
    placed = apart((*fixed, *circles_at), world.width, world.height)
    circles = placed[len(fixed) :]
    for code, circle in zip(sold, circles, strict=True):
        _draw_leader(pen, places[code], circle)
    for code, circle in zip(sold, circles, strict=True):
        now, planned = sales.today.get(code, 0.0), sales.planned[code]
        pen.open(f"{country_name(code)} {amount(now)} → {amount(planned)}")
        for value, kind in ((planned, "planned"), (now, "today-ring")):
            if value > 0:
                pen.circle(*circle[:2], size(value), kind)
        pen.close()
    names = [
        (country_name(code), words.short_name(code), circle, "")
        for code, circle in zip(sold, circles, strict=True)
    ]
    _names(pen, [*(_origin(pen, sales.origin, at) for at in placed[: len(fixed)]), *names], world)


def _origin(pen: Drawing, code: str, at: Circle) -> tuple[str, str, Circle, str]:
    """The cross of the origin, and its name."""
    pen.path(f"M{at[0] - 6:.1f} {at[1]:.1f}h12m-6 -6v12", "origin")
    return country_name(code), country_name(code), at, "strong"


def _draw_leader(pen: Drawing, place: tuple[float, float], circle: Circle) -> None:
    """A line to the place of a circle that stands beside it."""
    if hypot(circle[0] - place[0], circle[1] - place[1]) > AWAY:
        pen.line(*place, *circle[:2], "leader")
        pen.circle(*place, 1.5, "spot")


def _names(pen: Drawing, names: Sequence[tuple[str, str, Circle, str]], world: WorldMap) -> None:
    """Put each name beside its circle where it hides nothing, else leave it out."""
    full = list[Box]()
    circles = [circle for _, _, circle, _ in names]
    for long, short, (x, y, reach), cls in names:
        tries = (
            (text, spot)
            for text in dict.fromkeys((long, short))
            for spot in _around(reach + 3, text)
        )
        for text, (dx, dy) in tries:
            width = text_width(text) + 2
            box = (x + dx, y + dy - TEXT * 0.8, x + dx + width, y + dy + TEXT * 0.2)
            whole = (0.0, 0.0, world.width, world.height)
            free = _inside(box, whole) and not any(_meets(box, other) for other in full)
            if free and not any(_covers(box, circle) for circle in circles):
                full.append(box)
                pen.text(x + dx, y + dy, text, f"halo {cls}".strip())
                break


def _around(gap: float, text: str) -> list[tuple[float, float]]:
    """Places for a name around a circle, the most usual first: left end and baseline."""
    width = text_width(text) + 2
    places = []
    for far in (gap, gap + TEXT * 0.6, gap + TEXT * 1.2):
        near = 0.7 * far
        places += [
            (far, TEXT * 0.35),
            (-far - width, TEXT * 0.35),
            (-width / 2, -far),
            (-width / 2, far + TEXT * 0.75),
            (near, -near),
            (-near - width, -near),
            (near, near + TEXT * 0.6),
            (-near - width, near + TEXT * 0.6),
        ]
    return places


def _inside(box: Box, other: Box) -> bool:
    left, top = box[0] >= other[0], box[1] >= other[1]
    return left and top and box[2] <= other[2] and box[3] <= other[3]


def _meets(box: Box, other: Box) -> bool:
    return box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]


def _covers(box: Box, circle: Circle) -> bool:
    x, y, r = circle
    dx = max(box[0] - x, 0, x - box[2])
    dy = max(box[1] - y, 0, y - box[3])
    return dx * dx + dy * dy < r * r


NAMED = 6


def draw_gains(name: str, changes: Mapping[str, float], home: str = "CHN") -> str:
    """The change of each country's real income as a circle, its area in proportion.

    Args:
        name: unique on the page.
        changes: alpha-3 → share; places that the map does not know are left out.
        home: the country that the map is laid out for.
    """
    world = WorldMap.around(home, WIDTH)
    places = {code: at for code in changes if (at := world.place(code)) is not None}
    order = sorted(places, key=lambda code: (-abs(changes[code]), code))
    largest = max((abs(changes[code]) for code in order), default=0.0)
    most = [code for code in order if abs(changes[code]) > 0][:NAMED]
    described = words.series(f"{_name(code)} {change(changes[code])}" for code in most)
    pen = Drawing(
        name,
        world.height,
        say("equilibrium.map_heading"),
        say("equilibrium.map_desc", most=described or say("report.none")),
        width=WIDTH,
    )
    pen.path(world.land(), "land", transform="scale(.5)")
    for code in order:
        size = radius(abs(changes[code]), largest) if largest else SMALLEST
        kind = "planned" if changes[code] >= 0 else "loss-bar"
        pen.open(f"{_name(code)} {change(changes[code])}")
        pen.circle(*places[code], min(size, LARGEST), kind)
        pen.close()
    return pen.svg()


def _name(code: str) -> str:
    return country_name(code) if code in all_countries() else code
