"""The map of markets: circles on land, as large as their sales."""

from collections.abc import Mapping, Sequence
from math import sqrt

from offing.report import words
from offing.report.drawing import Drawing, text_width
from offing.report.map.world import World, centre_for
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import money

WIDTH = 720.0
LARGEST = 25.0
SMALLEST = 3.5
Box = tuple[float, float, float, float]
Circle = tuple[float, float, float]


def radius(value: float, largest: float) -> float:
    """A radius whose area is in proportion, but never too small to see."""
    return max(SMALLEST, LARGEST * sqrt(value / largest)) if value > 0 else SMALLEST


def draw(name: str, planned: Mapping[str, float], today: Mapping[str, float], origin: str) -> str:
    """Planned sales by market as full circles, today's as rings, the origin as a cross.

    Args:
        name: unique on the page.
        planned: alpha-3 → USD; markets that were looked at and get nothing have 0.
        today: alpha-3 → USD.
        origin: alpha-3.
    """
    world = World(WIDTH, centre_for(origin))
    places = {code: at for code in planned if (at := world.place(code)) is not None}
    order = sorted(places, key=lambda code: (-planned[code], code))
    best = [code for code in order if planned[code] > 0]
    largest = max([*planned.values(), *today.values()], default=0.0)
    said = words.series(f"{country_name(code)} {money(planned[code])}" for code in best)
    pen = Drawing(
        name,
        world.height,
        say("report.map_title"),
        say("report.map_desc", origin=country_name(origin), markets=said or say("report.none")),
        width=WIDTH,
    )
    pen.path(world.land(), "land", transform="scale(.5)")
    circles = {code: (*places[code], radius(planned[code], largest)) for code in order}
    for code, circle in circles.items():
        pen.circle(*circle, "planned" if planned[code] > 0 else "looked-at")
    for code in filter(today.get, order):
        pen.circle(*places[code], radius(today[code], largest), "today-ring")
    names = [(country_name(code), circles[code], "") for code in best]
    taken: list[Box] = []
    if home := world.place(origin):
        x, y = home
        pen.path(f"M{x - 6:.1f} {y:.1f}h12M{x:.1f} {y - 6:.1f}v12", "origin")
        names.insert(0, (country_name(origin), (x, y, 7.0), "strong"))
        taken.append((x - 8, y - 8, x + 8, y + 8))
    # Two sets of names: a phone shows fewer, twice as large; the style sheet picks one.
    for cls, size, most in (("wide-only", 12.5, 13), ("narrow-only", 24.0, 6)):
        pen.open(cls)
        _names(pen, names[:most], list(circles.values()), size, taken)
        pen.close()
    return pen.svg()


def _names(
    pen: Drawing,
    names: Sequence[tuple[str, Circle, str]],
    circles: Sequence[Circle],
    size: float,
    taken: Sequence[Box],
) -> None:
    """Put each name beside its circle where it hides nothing taken, else leave it out."""
    full = list(taken)
    for text, (x, y, reach), cls in names:
        width = text_width(text, size) + 2
        best: tuple[float, float, float, Box] | None = None
        for rank, (dx, dy) in enumerate(_around(reach + 3, width, size)):
            box = (x + dx, y + dy - size * 0.85, x + dx + width, y + dy + size * 0.25)
            inside = box[0] >= 0 and box[2] <= WIDTH and box[1] >= 0 and box[3] <= pen.height
            if not inside or any(_meets(box, other) for other in full):
                continue
            cost = rank + 6.0 * sum(_covers(box, circle) for circle in circles)
            if best is None or cost < best[0]:
                best = (cost, x + dx, y + dy, box)
        if best is not None:
            full.append(best[3])
            pen.text(best[1], best[2], text, f"halo {cls}".strip(), size=size)


def _around(gap: float, width: float, size: float) -> list[tuple[float, float]]:
    """Places for a name around a circle, the most usual first: left end and baseline."""
    places = []
    for far in (gap, gap + size, gap + 2.2 * size):
        near = 0.7 * far
        places += [
            (far, size * 0.35),
            (-far - width, size * 0.35),
            (-width / 2, -far - 2),
            (-width / 2, far + size * 0.8),
            (near, -near),
            (-near - width, -near),
            (near, near + size * 0.6),
            (-near - width, near + size * 0.6),
        ]
    return places


def _meets(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _covers(box: Box, circle: Circle) -> bool:
    x, y, r = circle
    dx = max(box[0] - x, 0, x - box[2])
    dy = max(box[1] - y, 0, y - box[3])
    return dx * dx + dy * dy < r * r
