"""A part of the world in pixels, larger than the map of the whole: its land, its places."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from offing.report.map.projection import Point, clipped, cut, natural_earth, shifted
from offing.report.map.world import outline, path, point


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


@dataclass(frozen=True)
class Window:
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
        top, bottom = (natural_earth(0, edge)[1] for edge in (self.part.north, self.part.south))
        return self._scale * (top - bottom)

    @cached_property
    def _top(self) -> float:
        return natural_earth(0, self.part.north)[1]

    def _pixel(self, degrees: Point) -> Point:
        x, y = natural_earth(*degrees)
        return self.width / 2 + x * self._scale, (self._top - y) * self._scale

    def place(self, code: str) -> Point | None:
        """Where a country's circle stands, in pixels from the top left."""
        where = point(code)
        return self._pixel((shifted(where[0], self._centre), where[1])) if where else None

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
def _land(window: Window) -> str:
    width, height = window.width, window.height
    rings = (piece for ring in outline() for piece in cut(ring, window._centre))
    near = (ring for ring in rings if window.may_show(ring))
    seen = (clipped([window._pixel(p) for p in ring], width, height) for ring in near)
    return "".join(path(ring) for ring in seen if len(ring) > 2)
