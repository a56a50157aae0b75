"""Make ``world.json`` from the TopoJSON files of world-atlas. Run by hand, once a new atlas is out.

    python -m tools.make_world_map PACKAGE_DIR

``PACKAGE_DIR`` holds ``countries-50m.json`` and ``land-50m.json`` of the npm package world-atlas 2
(ISC), which are Natural Earth 1:50m (public domain).

The land is one shape: no border between countries is kept, so none is drawn. From the countries
only one point each is kept, where a circle for the market stands.
"""

import json
import sys
from pathlib import Path

from offing.report.charts.map import ATLANTIC, NORTH, PACIFIC, SOUTH, WorldMap
from offing.report.drawing import PAGE, WIDTH
from offing.terms.countries import countries_by_number

Point = tuple[float, float]
Ring = list[Point]

TOLERANCE_DEGREES = 0.12
"""Douglas-Peucker tolerance: under half a pixel on a map 1,000 pixels wide."""

SMALLEST_SQUARE_DEGREES = 0.06
"""Islands smaller than this are left out of the land; countries keep their point."""


def decoded_arcs(topology: dict[str, object]) -> list[Ring]:
    """The arcs of a quantised TopoJSON file as longitudes and latitudes."""
    transform: dict[str, list[float]] = topology["transform"]  # type: ignore[assignment]
    (sx, sy), (tx, ty) = transform["scale"], transform["translate"]
    arcs = []
    for arc in topology["arcs"]:  # type: ignore[attr-defined]
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        arcs.append(points)
    return arcs


def joined(ring: list[int], arcs: list[Ring]) -> Ring:
    """A ring's arcs in one; ``~i`` is arc ``i`` reversed.

    The atlas wraps longitudes at 180 degrees. Here they run on, so that Chukotka stays in one
    piece with the rest of its continent.
    """
    points: Ring = []
    for index in ring:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        for x, y in arc[1:] if points else arc:
            turns = round((points[-1][0] - x) / 360) if points else 0
            points.append((x + 360 * turns, y))
    return points


def polygons(geometry: dict[str, object], arcs: list[Ring]) -> list[list[Ring]]:
    """A geometry's polygons, each its outer ring and its holes."""
    shape: list[list[list[int]]] = geometry["arcs"]  # type: ignore[assignment]
    parts = [shape] if geometry["type"] == "Polygon" else shape
    return [[joined(ring, arcs) for ring in part] for part in parts]  # type: ignore[arg-type]


def area(ring: Ring) -> float:
    """The signed area in square degrees."""
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs) / 2


def simplified(ring: Ring, tolerance: float = TOLERANCE_DEGREES) -> Ring:
    """Douglas and Peucker (1973), without recursion."""
    keep = {0, len(ring) - 1}
    stack = [(0, len(ring) - 1)]
    while stack:
        first, last = stack.pop()
        (x1, y1), (x2, y2) = ring[first], ring[last]
        dx, dy = x2 - x1, y2 - y1
        length = (dx * dx + dy * dy) ** 0.5
        far, most = 0, tolerance
        for i in range(first + 1, last):
            x, y = ring[i]
            gap = (
                abs(dy * (x - x1) - dx * (y - y1)) / length
                if length
                else ((x - x1) ** 2 + (y - y1) ** 2) ** 0.5
            )
            if gap > most:
                far, most = i, gap
        if far:
            keep.add(far)
            stack += [(first, far), (far, last)]
    return [ring[i] for i in sorted(keep)]


def inside(point: Point, ring: Ring) -> bool:
    """Whether a point lies in a ring (even-odd rule)."""
    x, y = point
    odd = False
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            odd = not odd
    return odd


def place_for(ring: Ring) -> Point:
    """The centroid, or where it falls outside the nearest inner point of a grid over the ring."""
    size = area(ring)
    if size == 0:
        return ring[0]
    cx = cy = 0.0
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        cross = x1 * y2 - x2 * y1
        cx += (x1 + x2) * cross
        cy += (y1 + y2) * cross
    centre = (cx / (6 * size), cy / (6 * size))
    if inside(centre, ring):
        return centre
    xs, ys = [p[0] for p in ring], [p[1] for p in ring]
    grid = [
        (
            min(xs) + (max(xs) - min(xs)) * (i + 0.5) / 24,
            min(ys) + (max(ys) - min(ys)) * (j + 0.5) / 24,
        )
        for i in range(24)
        for j in range(24)
    ]
    inner = [p for p in grid if inside(p, ring)] or [ring[0]]
    return min(inner, key=lambda p: (p[0] - centre[0]) ** 2 + (p[1] - centre[1]) ** 2)


def half_ring(ring: Ring, edge: float, keep_below: bool) -> Ring:
    """The part of a ring on one side of a meridian (Sutherland and Hodgman 1974)."""
    inside: Ring = []
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        in1, in2 = (x1 <= edge) == keep_below, (x2 <= edge) == keep_below
        if in1:
            inside.append((x1, y1))
        if in1 != in2:
            inside.append((edge, y1 + (y2 - y1) * (edge - x1) / (x2 - x1)))
    return inside


def cut(ring: Ring, centre: float) -> list[Ring]:
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
    below, above = half_ring(moved, edge, True), half_ring(moved, edge, False)
    if edge < 0:
        below = [(x + 360, y) for x, y in below]
    else:
        above = [(x - 360, y) for x, y in above]
    return [half for half in (below, above) if len(half) > 2]


def path_text(pixels: Ring) -> str:
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


def land_path(rings: list[Ring], world: WorldMap) -> str:
    """The land as one SVG path in half pixels, as a map draws it."""
    pieces = (piece for ring in rings for piece in cut(ring, world.centre))
    pixels = (
        [world.pixel(*degrees) for degrees in piece]
        for piece in pieces
        if min(y for _, y in piece) <= NORTH and max(y for _, y in piece) >= SOUTH
    )
    return "".join(map(path_text, pixels))


def drawn_land(rings: list[Ring]) -> dict[str, dict[str, str]]:
    """The land as each of the maps draws it."""
    return {
        f"{centre:g}": {
            f"{width:g}": land_path(rings, WorldMap(centre, width)) for width in (WIDTH, PAGE)
        }
        for centre in (ATLANTIC, PACIFIC)
    }


def world(package: Path) -> dict[str, object]:
    """``land``: central meridian → width → the path that is drawn; ``points``: alpha-3 →
    [longitude, latitude].
    """
    land = json.loads((package / "land-50m.json").read_text(encoding="utf-8"))
    arcs = decoded_arcs(land)
    rings = []
    for geometry in land["objects"]["land"]["geometries"]:
        for part in polygons(geometry, arcs):
            for ring in part:
                if abs(area(ring)) < SMALLEST_SQUARE_DEGREES or max(y for _, y in ring) < -60:
                    continue
                rings.append(simplified(ring))
    countries = json.loads((package / "countries-50m.json").read_text(encoding="utf-8"))
    arcs = decoded_arcs(countries)
    points = {}
    for geometry in countries["objects"]["countries"]["geometries"]:
        code = countries_by_number().get(int(geometry["id"])) if "id" in geometry else None
        if code:
            outer = max((part[0] for part in polygons(geometry, arcs)), key=lambda r: abs(area(r)))
            x, y = place_for(outer)
            points[code] = [round((x + 180) % 360 - 180, 2), round(y, 2)]
    return {"land": drawn_land(rings), "points": dict(sorted(points.items()))}


if __name__ == "__main__":
    text = json.dumps(world(Path(sys.argv[1])), separators=(",", ":"))
    shipped = Path(__file__).parents[1] / "src/offing/report/world.json"
    shipped.write_text(text + "\n", encoding="utf-8")
