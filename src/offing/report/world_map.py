"""The shipped geometry: the outline of the land, and a point for each country.

``tools/world_map.py`` makes it from an atlas.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib import resources
from math import radians
from typing import Any

from offing.terms.countries import GEOGRAPHY_OF
from offing.warehouse.kept import code_digest, keep_result

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


def _half(ring: list[Point], edge: float, keep_below: bool) -> list[Point]:
    """The part of a ring on one side of a meridian (Sutherland and Hodgman 1974)."""
    inside: list[Point] = []
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        in1, in2 = (x1 <= edge) == keep_below, (x2 <= edge) == keep_below
        if in1:
            inside.append((x1, y1))
        if in1 != in2:
            inside.append((edge, y1 + (y2 - y1) * (edge - x1) / (x2 - x1)))
    return inside


def cut(ring: list[Point], centre: float) -> list[list[Point]]:
    """A ring of longitudes and latitudes as rings in degrees from the centre, cut at the far side.

    >>> [[x for x, _ in part] for part in cut([(-40, 0), (-20, 0), (-20, 9)], 150)]
    [[170, 180.0, 180.0], [-180.0, -170, -170, -180.0]]
    """
    longitudes = [x for x, _ in ring]
    middle = (min(longitudes) + max(longitudes)) / 2 - centre
    turn = centre + 360 * round(middle / 360)
    moved = [(x - turn, y) for x, y in ring]
    west, east = min(longitudes) - turn, max(longitudes) - turn
    if west >= -180 and east <= 180:
        return [moved]
    edge = -180.0 if west < -180 else 180.0
    below, above = _half(moved, edge, True), _half(moved, edge, False)
    if edge < 0:
        below = [(x + 360, y) for x, y in below]
    else:
        above = [(x - 360, y) for x, y in above]
    return [half for half in (below, above) if len(half) > 2]


def clip_ring(ring: list[Point], width: float, height: float) -> list[Point]:
    """The part of a ring of pixels inside ``0 … width`` by ``0 … height``.

    >>> sorted(clip_ring([(-5, -5), (5, -5), (5, 5), (-5, 5)], 10, 10))
    [(0.0, 0.0), (0.0, 5.0), (5.0, 0.0), (5, 5)]
    """
    for edge, below in ((0.0, False), (width, True)):
        ring = _half(ring, edge, below) if len(ring) > 2 else []
    ring = [(y, x) for x, y in ring]
    for edge, below in ((0.0, False), (height, True)):
        ring = _half(ring, edge, below) if len(ring) > 2 else []
    return [(x, y) for y, x in ring]


SOUTH, NORTH = -56.0, 76.0
"""The latitudes shown: no market lies beyond them."""

PACIFIC, ATLANTIC = 150.0, 11.0
"""Central meridians: the Pacific for exporters of Asia and Oceania, else the Atlantic."""


@cache
def _file() -> dict[str, Any]:
    text = resources.files(__package__ or "").joinpath("world.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def point(code: str) -> Point | None:
    """Longitude and latitude where a country's circle stands; ``None`` for a few islets."""
    lon_lat = _file()["points"].get(GEOGRAPHY_OF.get(code, code))
    return (lon_lat[0], lon_lat[1]) if lon_lat else None


@cache
def outline() -> tuple[list[Point], ...]:
    """The rings of the land, longitudes and latitudes."""
    return tuple(_rings())


def _rings() -> Iterator[list[Point]]:
    for steps in _file()["land"]:
        x, y = steps[0], steps[1]
        ring = [(x / 100, y / 100)]
        for dx, dy in zip(steps[2::2], steps[3::2], strict=True):
            x, y = x + dx, y + dy
            ring.append((x / 100, y / 100))
        yield ring


def path(pixels: list[Point]) -> str:
    """A closed path in relative steps of half pixels (drawn at scale 0.5)."""
    grid = [(round(x * 2), round(y * 2)) for x, y in pixels]
    text = [f"M{grid[0][0]} {grid[0][1]}l"]
    at = grid[0]
    for step in grid[1:]:
        if step != at:
            dx, dy = step[0] - at[0], step[1] - at[1]
            text.append(f"{dx}{dy}" if dy < 0 else f"{dx} {dy}")
            text.append(" ")
            at = step
    return "".join(text).rstrip() + "z" if len(text) > 3 else ""


@dataclass(frozen=True)
class MapRegion:
    """A box of longitudes and latitudes; ``name`` is the last part of its message key."""

    name: str
    west: float
    south: float
    east: float
    north: float

    def holds(self, place: Point) -> bool:
        """Whether a place (longitude, latitude) lies in it."""
        return self.west <= place[0] <= self.east and self.south <= place[1] <= self.north

    def edge(self, steps: int = 8) -> list[Point]:
        """Its outline as a ring of longitudes and latitudes."""
        share = [step / steps for step in range(steps)]
        wide, high = self.east - self.west, self.north - self.south
        return [
            *((self.west + wide * s, self.north) for s in share),
            *((self.east, self.north - high * s) for s in share),
            *((self.east - wide * s, self.south) for s in share),
            *((self.west, self.south + high * s) for s in share),
        ]


NARROWEST = 0.5
"""At 84° of latitude, where the land ends, the projection's meridians are 0.64 as far apart."""

EUROPE = MapRegion("europe", -11.5, 35.0, 34.0, 63.0)
ASIA = MapRegion("asia", 66.0, -11.0, 146.0, 47.0)
REGIONS = (EUROPE, ASIA)
"""Where markets crowd."""


def world_for(origin: str) -> MapRegion:
    """All of the world that is shown, with the exporter's ocean in its middle."""
    lon_lat = point(origin)
    centre = PACIFIC if lon_lat and lon_lat[0] > 60 else ATLANTIC
    return MapRegion("world", centre - 180.0, SOUTH, centre + 180.0, NORTH)


@dataclass(frozen=True)
class MapView:
    """A part of the world, ``width`` pixels wide."""

    part: MapRegion
    width: float

    @property
    def _centre(self) -> float:
        return (self.part.west + self.part.east) / 2

    @cached_property
    def _scale(self) -> float:
        half = (self.part.east - self.part.west) / 2
        low, high = self.part.south, self.part.north
        nearest = min(abs(low), abs(high)) if low * high > 0 else 0.0
        return self.width / (2 * natural_earth(half, nearest)[0])

    @property
    def height(self) -> float:
        """Pixels from north to south."""
        return self._scale * (self._top - natural_earth(0, self.part.south)[1])

    @cached_property
    def _top(self) -> float:
        return natural_earth(0, self.part.north)[1]

    def _pixel(self, degrees: Point) -> Point:
        x, y = natural_earth(*degrees)
        return self.width / 2 + x * self._scale, (self._top - y) * self._scale

    def place(self, code: str) -> Point | None:
        """Where a country's circle stands, in pixels from the top left."""
        where = point(code)
        return self.frame([where])[0] if where else None

    def frame(self, edge: Sequence[Point]) -> list[Point]:
        """A ring of longitudes and latitudes, in pixels."""
        return [self._pixel((shift_longitude(x, self._centre), y)) for x, y in edge]

    def may_show(self, ring: Sequence[Point]) -> bool:
        """Whether any of a ring, in degrees from the centre, may lie inside: most do not.

        Meridians come together towards the poles, to :data:`NARROWEST` of their distance here.
        """
        wide = (self.part.east - self.part.west) / 2 / NARROWEST
        east, north = [x for x, _ in ring], [y for _, y in ring]
        level = min(north) <= self.part.north and max(north) >= self.part.south
        return level and min(east) <= wide and max(east) >= -wide

    def land(self) -> str:
        """The land inside, as one SVG path in half pixels."""
        return _land(self)


@lru_cache(maxsize=16)
def _land(view: MapView) -> str:
    def project() -> str:
        rings = (piece for ring in outline() for piece in cut(ring, view._centre))
        near = (ring for ring in rings if view.may_show(ring))
        seen = (clip_ring([view._pixel(p) for p in ring], view.width, view.height) for ring in near)
        return "".join(path(ring) for ring in seen if len(ring) > 2)

    return keep_result(("land", view, code_digest()), project)
