"""The shipped geometry: the outline of the land, and a point for each country.

``tools/world_map.py`` makes it from an atlas.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib import resources
from typing import Any

from offing.report.map.projection import Point, cut, natural_earth, shifted
from offing.terms.countries import GEOGRAPHY_OF

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


def centre_for(origin: str) -> float:
    """The central meridian that suits an exporter."""
    lon_lat = point(origin)
    return PACIFIC if lon_lat and lon_lat[0] > 60 else ATLANTIC


@dataclass(frozen=True)
class WorldMap:
    """The world in pixels, ``width`` wide."""

    width: float
    centre: float

    @cached_property
    def scale(self) -> float:
        """Pixels for one unit of the projection."""
        return self.width / (2 * natural_earth(180, 0)[0])

    @property
    def height(self) -> float:
        """Pixels from the northern to the southern end."""
        return self.scale * (self._top - natural_earth(0, SOUTH)[1])

    @cached_property
    def _top(self) -> float:
        return natural_earth(0, NORTH)[1]

    def _pixel(self, degrees: Point) -> Point:
        x, y = natural_earth(degrees[0], max(SOUTH - 4, min(NORTH + 8, degrees[1])))
        return self.width / 2 + x * self.scale, (self._top - y) * self.scale

    def place(self, code: str) -> Point | None:
        """Where a country's circle stands, in pixels from the top left."""
        where = point(code)
        return self._pixel((shifted(where[0], self.centre), where[1])) if where else None

    def land(self) -> str:
        """The land as one SVG path, rounded to half a pixel."""
        return _land(self)

    def frame(self, edge: Sequence[Point]) -> list[Point]:
        """A ring of longitudes and latitudes, in pixels."""
        return [self._pixel((shifted(x, self.centre), y)) for x, y in edge]


@lru_cache(maxsize=16)
def _land(world: WorldMap) -> str:
    parts = (piece for ring in outline() for piece in cut(ring, world.centre))
    return "".join(path([world._pixel(p) for p in piece]) for piece in parts)


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
