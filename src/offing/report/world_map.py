"""The shipped geometry: the outline of the land as it is drawn, and a point for each country.

``tools/make_world_map.py`` makes it from an atlas.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import radians
from typing import Any

from offing.terms.countries import GEOGRAPHY_OF

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
    text = resources.files(__package__ or "").joinpath("world.json").read_text(encoding="utf-8")
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
