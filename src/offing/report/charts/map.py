"""The map of markets: circles as large as their sales, with parts of the world drawn larger where
markets crowd.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import hypot, sqrt

from offing.report import words
from offing.report.drawing import PAGE, TEXT, WIDTH, Drawing, text_width, two_sizes
from offing.report.world_map import REGIONS, MapRegion, MapView, point, world_for
from offing.terms.countries import all_countries, country_name
from offing.terms.messages import say
from offing.terms.numbers import change, moneys

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
CROWD = 3
"""Markets from which on a part of the world is drawn larger."""
INSET = 296.0
SPACE = 18.0
TITLE = 20.0
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


def radius(value: float, largest: float) -> float:
    """A radius whose area is in proportion, but never too small to see."""
    return max(SMALLEST, LARGEST * sqrt(value / largest)) if value > 0 else SMALLEST


def draw(name: str, sales: MappedSales) -> str:
    """Planned sales by market as full circles, today's as rings, the origin as a cross.

    Args:
        name: unique on the page.
        sales: by market.
    """
    return two_sizes(_narrow(name, sales), _wide(f"{name}-wide", sales))


def enlarged_regions(sales: MappedSales) -> list[MapRegion]:
    """The parts of the world that are drawn larger."""
    places = [where for code in sales.planned if sales.largest(code) and (where := point(code))]
    return [part for part in REGIONS if sum(map(part.holds, places)) >= CROWD]


def _narrow(name: str, sales: MappedSales) -> str:
    parts = enlarged_regions(sales)
    world = MapView(world_for(sales.origin), WIDTH)
    windows = [MapView(inset, WIDTH) for inset in parts]
    height = world.height + sum(TITLE + SPACE + window.height for window in windows)
    pen = _begin(name, sales, height, WIDTH)
    _world(pen, sales, world, parts, (0.0, 0.0))
    y = world.height
    for window in windows:
        y += SPACE + TITLE
        _inset(pen, sales, window, (0.0, y))
        y += window.height
    return pen.svg()


def _wide(name: str, sales: MappedSales) -> str:
    parts = enlarged_regions(sales)
    windows = [MapView(inset, INSET) for inset in parts]
    room = PAGE - len(parts) * (INSET + SPACE)
    world = MapView(world_for(sales.origin), room)
    height = max([world.height, *(window.height for window in windows)]) + TITLE
    pen = _begin(name, sales, height, PAGE)
    for number, window in enumerate(windows):
        _inset(pen, sales, window, (number * (INSET + SPACE), TITLE))
    left = len(windows) * (INSET + SPACE)
    _world(pen, sales, world, parts, (left, (height - world.height) / 2))
    return pen.svg()


def _begin(name: str, sales: MappedSales, height: float, width: float) -> Drawing:
    order = sorted(sales.planned, key=lambda code: (-sales.planned[code], code))
    amount = moneys(sales.planned.values(), sales.currency)
    sales_told = words.series(
        f"{country_name(code)} {amount(sales.planned[code])}"
        for code in order
        if sales.planned[code] > 0
    )
    origin = country_name(sales.origin)
    desc = say(sales.says, origin=origin, markets=sales_told or say("report.none"))
    return Drawing(name, height, say("report.map_title"), desc, width=width)


def _world(
    pen: Drawing,
    sales: MappedSales,
    world: MapView,
    parts: Sequence[MapRegion],
    at: tuple[float, float],
) -> None:
    left, top = at
    pen.path(world.land(), "land", transform=f"translate({left:.1f} {top:.1f}) scale(.5)")
    for inset in parts:
        ring = world.frame(inset.edge())
        steps = "L".join(f"{left + x:.1f} {top + y:.1f}" for x, y in ring)
        pen.path(f"M{steps}z", "frame")
    inside = {
        code
        for code in (*sales.planned, sales.origin)
        if (where := point(code)) and any(inset.holds(where) for inset in parts)
    }
    frames = [_bounds(world.frame(inset.edge())) for inset in parts]
    _panel(pen, sales, world, at, leave_out=inside, frames=frames)


def _bounds(ring: Sequence[tuple[float, float]]) -> Box:
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return min(xs), min(ys), max(xs), max(ys)


def _inset(pen: Drawing, sales: MappedSales, window: MapView, at: tuple[float, float]) -> None:
    left, top = at
    pen.text(left, top - 7, say(f"report.map_{window.part.name}"), "soft strong")
    pen.rect(left, top, window.width, window.height, "sea")
    pen.path(window.land(), "land", transform=f"translate({left:.1f} {top:.1f}) scale(.5)")
    outside = {
        code
        for code in (*sales.planned, sales.origin)
        if not ((where := point(code)) and window.part.holds(where))
    }
    _panel(pen, sales, window, at, leave_out=outside)


def _panel(
    pen: Drawing,
    sales: MappedSales,
    view: MapView,
    at: tuple[float, float],
    *,
    leave_out: set[str],
    frames: Sequence[Box] = (),
) -> None:
    """Circles and names of the markets in one view."""
    left, top = at
    places = {
        code: place
        for code in sales.planned
        if code not in leave_out and (place := view.place(code)) is not None
    }
    sold = sorted((c for c in places if sales.largest(c)), key=lambda c: (-sales.largest(c), c))
    largest = max((sales.largest(code) for code in sales.planned), default=0.0)
    amount = moneys([*sales.planned.values(), *sales.today.values()], sales.currency)
    for code in sorted(places.keys() - set(sold)):
        pen.circle(left + places[code][0], top + places[code][1], 2, "looked-at")
    home = None if sales.origin in leave_out else view.place(sales.origin)
    circles_at = [(*places[code], radius(sales.largest(code), largest)) for code in sold]
    fixed = [] if home is None else [(*home, 7.0)]
    placed = apart((*fixed, *circles_at), view.width, view.height)
    circles = placed[len(fixed) :]
    for code, (x, y, _) in zip(sold, circles, strict=True):
        from_x, from_y = places[code]
        if hypot(x - from_x, y - from_y) > AWAY:
            pen.line(left + from_x, top + from_y, left + x, top + y, "leader")
            pen.circle(left + from_x, top + from_y, 1.5, "spot")
    for code, (x, y, _) in zip(sold, circles, strict=True):
        pen.open(f"{country_name(code)} {amount(sales.today.get(code, 0.0))} → "
                 f"{amount(sales.planned[code])}")  # fmt: skip
        if sales.planned[code] > 0:
            pen.circle(left + x, top + y, radius(sales.planned[code], largest), "planned")
        if sales.today.get(code):
            pen.circle(left + x, top + y, radius(sales.today[code], largest), "today-ring")
        pen.close()
    names = [
        (country_name(code), words.short_name(code), circle, "")
        for code, circle in zip(sold, circles, strict=True)
    ]
    if home is not None:
        x, y, _ = placed[0]
        pen.path(f"M{left + x - 6:.1f} {top + y:.1f}h12m-6 -6v12", "origin")
        origin = country_name(sales.origin)
        names.insert(0, (origin, origin, placed[0], "strong"))
    _names(pen, names, (view.width, view.height), at, frames)


def _names(
    pen: Drawing,
    names: Sequence[tuple[str, str, Circle, str]],
    size: tuple[float, float],
    at: tuple[float, float],
    frames: Sequence[Box],
) -> None:
    """Put each name beside its circle where it hides nothing, else leave it out."""
    full = list(frames)
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
            inside = box[0] >= 0 and box[2] <= size[0] and box[1] >= 0 and box[3] <= size[1]
            free = not any(_meets(box, other) for other in full)
            if inside and free and not any(_covers(box, circle) for circle in circles):
                full.append(box)
                pen.text(at[0] + x + dx, at[1] + y + dy, text, f"halo {cls}".strip())
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
    world = MapView(world_for(home), WIDTH)
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
