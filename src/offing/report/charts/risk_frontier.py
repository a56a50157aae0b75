"""The frontier: plans by their mean and the average of their worst twentieth, today beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

from offing.report import words
from offing.report.drawing import WIDTH, Axis, Drawing, linear_ticks, text_width
from offing.terms.messages import say
from offing.terms.numbers import MoneyColumn

LEFT, RIGHT, TOP, BOTTOM = 52.0, WIDTH - 14.0, 30.0, 250.0
HEIGHT = 292.0
ROOM = 0.12
"""Of the span of all points, on each side."""
LABELLED = ("today", "careful", "bold")


@dataclass(frozen=True)
class Dot:
    """A plan: its key, its name, the average of its worst twentieth, its mean."""

    key: str
    name: str
    worst: float
    mean: float


def _around(values: Sequence[float], start: float, end: float) -> Axis:
    """An axis with room on both sides of its values."""
    low, high = min(values), max(values)
    room = ROOM * (high - low) or ROOM * abs(high) or 1.0
    return Axis(low - room, high + room, start, end)


def draw(name: str, dots: Sequence[Dot], column: MoneyColumn) -> str:
    """The mean upwards, the worst twentieth to the right; the plan set off, today as a ring.

    Args:
        name: unique on the page.
        dots: today first, then the curve from the most careful plan to the boldest.
        column: the unit of all amounts.
    """
    across = _around([dot.worst for dot in dots], LEFT, RIGHT)
    up = _around([dot.mean for dot in dots], BOTTOM, TOP)
    described = words.series(
        say(
            "planning.frontier_desc",
            name=dot.name,
            mean=column.amount(dot.mean),
            worst=column.amount(dot.worst),
        )
        for dot in dots
        if dot.key in LABELLED
    )
    pen = Drawing(name, HEIGHT, say("planning.frontier_title"), described)
    _axes(pen, across, up, column)
    curve = [(across(dot.worst), up(dot.mean)) for dot in dots if dot.key != "today"]
    if len(curve) > 1:
        pen.path("M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in curve), "fan-line")
    for dot in dots:
        x, y = across(dot.worst), up(dot.mean)
        if dot.key == "today":
            pen.circle(x, y, 5, "today")
        elif dot.key == "bold":
            pen.circle(x, y, 6, "own")
        else:
            pen.circle(x, y, 4.5 if dot.key in ("careful", "middle") else 2.6, "rival")
    _labels(pen, dots, across, up)
    return pen.svg()


def _axes(pen: Drawing, across: Axis, up: Axis, column: MoneyColumn) -> None:
    for tick in linear_ticks(up.low / column.size, up.high / column.size):
        y = up(tick * column.size)
        pen.line(LEFT, y, RIGHT, y, "grid")
        pen.text(LEFT - 6, y + 4, f"{tick:,.10g}", "soft", "end")
    for tick in linear_ticks(across.low / column.size, across.high / column.size):
        x = across(tick * column.size)
        pen.line(x, BOTTOM, x, BOTTOM + 4, "axis")
        pen.text(x, BOTTOM + 18, f"{tick:,.10g}", "soft", "middle")
    pen.line(LEFT, BOTTOM, RIGHT, BOTTOM, "axis")
    pen.text(2, TOP - 14, say("planning.axis_mean", unit=column.unit), "soft")
    pen.text(RIGHT, BOTTOM + 36, say("planning.axis_worst", unit=column.unit), "soft", "end")


def _labels(pen: Drawing, dots: Sequence[Dot], across: Axis, up: Axis) -> None:
    """Today to its right; the plan above, to the left; the most careful below, where there is one.

    The curve falls to the right, so that these places are free of it.
    """
    by_key = {dot.key: dot for dot in dots}
    for key, dy, ours in (("today", 4.0, False), ("bold", -12.0, True), ("careful", 20.0, False)):
        if key not in by_key:
            continue
        x, y = across(by_key[key].worst), up(by_key[key].mean)
        text = say(f"planning.label_{key}")
        width = text_width(text)
        cls = "strong ours-text halo" if ours else "halo"
        if key == "today":
            beside = x + 11 + width < RIGHT
            pen.text(x + (11 if beside else -11), y + dy, text, cls, "" if beside else "end")
        else:
            middle = min(max(x, LEFT + width / 2), RIGHT + 8 - width / 2)
            pen.text(middle, y + dy, text, cls, "middle")
