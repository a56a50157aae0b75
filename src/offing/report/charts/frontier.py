"""The frontier: what less of one thing costs of another, from choice to choice."""

from collections.abc import Sequence
from dataclasses import dataclass

from offing.report.drawing import WIDTH, Axis, Drawing, linear_ticks, space_apart, text_width
from offing.terms.numbers import digits

LEFT, RIGHT, TOP, BOTTOM = 52.0, WIDTH - 14.0, 30.0, 260.0
HEIGHT = 302.0
RADIUS = {"own": 6.0, "today": 5.0, "rival": 5.0, "rival-dot": 2.4}
OWN = {"own": "strong ours-text halo"}
"""How the name of what is chosen stands out."""
Side = tuple[float, float, float, str, str]
"""Of an axis: its lowest and highest value, what a step is counted in, its sign, its name."""


@dataclass(frozen=True)
class FrontierPoint:
    """A choice: ``kind`` is how it is drawn; ``today`` stands beside the line of the others."""

    x: float
    y: float
    kind: str
    label: str = ""


def draw(
    name: str,
    title: str,
    described: str,
    lines: Sequence[Sequence[FrontierPoint]],
    across: Side,
    up: Side,
    limit: tuple[float, str] | None = None,
) -> str:
    """The choices as lines of points, those that matter with their names.

    Args:
        name: unique on the page.
        title: of the picture.
        described: for who does not see it.
        lines: each from one end to the other.
        across: the axis to the right.
        up: the axis upwards.
        limit: a value across that must not be passed, and its name.
    """
    x, y = Axis(*across[:2], LEFT, RIGHT), Axis(*up[:2], BOTTOM, TOP)
    pen = Drawing(name, HEIGHT, title, described)
    _axes(pen, x, y, across, up)
    if limit is not None:
        at, beside = x(limit[0]), x(limit[0]) + 6 + text_width(limit[1]) < RIGHT
        pen.line(at, TOP - 4, at, BOTTOM, "ours-whisker")
        place = (at + 6, "") if beside else (at - 6, "end")
        pen.text(place[0], TOP + 6, limit[1], "ours-text halo", place[1])
    for line in lines:
        steps = [f"{x(p.x):.1f},{y(p.y):.1f}" for p in line if p.kind != "today"]
        if len(steps) > 1:
            pen.path("M" + "L".join(steps), "fan-line")
    points = [point for line in lines for point in line]
    for point in sorted(points, key=lambda point: RADIUS[point.kind]):
        values = ((across, point.x), (up, point.y))
        said = "; ".join(f"{s[4]} {digits(value / s[2], 4)}{s[3]}" for s, value in values)
        pen.open(f"{point.label} {said}".strip())
        pen.circle(x(point.x), y(point.y), RADIUS[point.kind], point.kind)
        pen.close()
    _names(pen, x, y, lines)
    return pen.svg()


def _axes(pen: Drawing, x: Axis, y: Axis, across: Side, up: Side) -> None:
    for tick in linear_ticks(y.low / up[2], y.high / up[2]):
        at = y(tick * up[2])
        pen.line(LEFT, at, RIGHT, at, "grid")
        pen.text(LEFT - 6, at + 4, f"{tick:,.10g}{up[3]}", "soft", "end")
    for tick in linear_ticks(x.low / across[2], x.high / across[2]):
        at = x(tick * across[2])
        pen.line(at, BOTTOM, at, BOTTOM + 4, "axis")
        pen.text(at, BOTTOM + 18, f"{tick:,.10g}{across[3]}", "soft", "middle")
    pen.line(LEFT, BOTTOM, RIGHT, BOTTOM, "axis")
    pen.text(2, TOP - 14, up[4], "soft")
    pen.text(RIGHT, BOTTOM + 36, across[4], "soft", "end")


def _names(pen: Drawing, x: Axis, y: Axis, lines: Sequence[Sequence[FrontierPoint]]) -> None:
    """Names: to the right of a line's end, below it where there is no room; else above."""
    ends = [max(line, key=lambda point: point.x) for line in lines]
    named = [point for line in lines for point in line if point.label]
    beside = [point for point in named if point in ends or point.kind == "today"]
    heights = space_apart([y(point.y) for point in beside], 15, TOP + 8, BOTTOM - 6)
    for point, height in zip(beside, heights, strict=True):
        cls = OWN.get(point.kind, "halo")
        if x(point.x) + 11 + text_width(point.label) < RIGHT + 10:
            pen.text(x(point.x) + 11, height + 4, point.label, cls)
        else:
            pen.text(x(point.x) + 4, y(point.y) + 20, point.label, cls, "end")
    for point in named:
        if point not in beside:
            half = text_width(point.label, bold=True) / 2
            middle = min(max(x(point.x), LEFT + half), RIGHT + 8 - half)
            cls = OWN.get(point.kind, "halo")
            pen.text(middle, y(point.y) - 12, point.label, cls, "middle")


def around(values: Sequence[float], room: float = 0.12) -> tuple[float, float]:
    """Ends of an axis with room on both sides of its values."""
    low, high = min(values), max(values)
    more = room * (high - low) or room * abs(high) or 1.0
    return low - more, high + more
