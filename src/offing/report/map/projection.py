"""The Natural Earth projection, cut where the chosen centre needs it.

Šavrič, Jenny, Patterson, Petrovič and Hurni (2011), *A polynomial equation for the Natural Earth
projection*, Cartography and Geographic Information Science 38(4). It bends little towards the
edges, where Europe lies on a map centred on the Pacific. It is not equal-area, which does no harm
here: the land is a backdrop, and the circles carry the quantities.
"""

from math import radians

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


def shifted(longitude: float, centre: float) -> float:
    """Degrees east of the central meridian, from -180 to 180.

    >>> shifted(-170, 150)
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


def clipped(ring: list[Point], width: float, height: float) -> list[Point]:
    """The part of a ring of pixels inside ``0 … width`` by ``0 … height``.

    >>> sorted(clipped([(-5, -5), (5, -5), (5, 5), (-5, 5)], 10, 10))
    [(0.0, 0.0), (0.0, 5.0), (5.0, 0.0), (5, 5)]
    """
    for edge, below in ((0.0, False), (width, True)):
        ring = _half(ring, edge, below) if len(ring) > 2 else []
    ring = [(y, x) for x, y in ring]
    for edge, below in ((0.0, False), (height, True)):
        ring = _half(ring, edge, below) if len(ring) > 2 else []
    return [(x, y) for y, x in ring]
