"""The frontier of hedging: what each hedge ratio costs, against what it leaves at risk."""

from collections.abc import Sequence
from dataclasses import dataclass

from offing.report.drawing import WIDTH, Axis, Drawing, linear_ticks, spread, text_width
from offing.terms.messages import say
from offing.terms.numbers import percent

LEFT, RIGHT, TOP, BOTTOM = 46.0, WIDTH - 16.0, 30.0, 268.0
HEIGHT = 312.0


@dataclass(frozen=True)
class Line:
    """One currency, or a whole book.

    Attributes:
        name: beside the line.
        points: (share at risk, cost as a share of the amount) from no hedge to a full one.
        chosen: which point is recommended for it.
        best: whether it is the answer.
    """

    name: str
    points: tuple[tuple[float, float], ...]
    chosen: int
    best: bool


def draw(name: str, lines: Sequence[Line], limit: float) -> str:
    """Cost upwards, risk to the right; the limit as an upright line.

    Args:
        name: unique on the page.
        lines: one for each currency.
        limit: the share that may be at risk.
    """
    every = [point for line in lines for point in line.points]
    costs = [cost for _, cost in every]
    x = Axis(0.0, max([limit * 1.15, *(risk for risk, _ in every)]) * 1.04 or 0.01, LEFT, RIGHT)
    y = Axis(min(0.0, *costs), max(0.001, *costs) * 1.06, BOTTOM, TOP)
    described = "; ".join(
        say(
            "settle.frontier_desc",
            name=line.name,
            risk=percent(line.points[line.chosen][0], 1),
            cost=percent(line.points[line.chosen][1], 2),
        )
        for line in lines
    )
    pen = Drawing(name, HEIGHT, say("settle.frontier_heading"), described)
    _axes(pen, x, y, limit)
    for line in lines:
        steps = (f"{x(risk):.1f},{y(cost):.1f}" for risk, cost in line.points)
        pen.path("M" + "L".join(steps), "fan-line")
        for risk, cost in line.points:
            pen.circle(x(risk), y(cost), 2.4, "rival-dot")
    for line in lines:
        risk, cost = line.points[line.chosen]
        kind, size = ("own", 6) if line.best else ("rival", 5)
        pen.circle(x(risk), y(cost), size, kind)
    _names(pen, x, y, lines)
    return pen.svg()


def _axes(pen: Drawing, x: Axis, y: Axis, limit: float) -> None:
    for tick in linear_ticks(y.low, y.high):
        pen.line(LEFT, y(tick), RIGHT, y(tick), "grid")
        pen.text(LEFT - 6, y(tick) + 4, _share(tick), "soft", "end")
    for tick in linear_ticks(x.low, x.high):
        pen.line(x(tick), BOTTOM, x(tick), BOTTOM + 4, "axis")
        pen.text(x(tick), BOTTOM + 18, _share(tick), "soft", "middle")
    pen.line(LEFT, BOTTOM, RIGHT, BOTTOM, "axis")
    pen.text(LEFT - 40, TOP - 14, say("settle.axis_cost"), "soft")
    pen.text(RIGHT, BOTTOM + 36, say("settle.axis_risk"), "soft", "end")
    at_limit = x(limit)
    pen.line(at_limit, TOP - 4, at_limit, BOTTOM, "ours-whisker")
    words = say("settle.axis_limit", limit=percent(limit, 1))
    beside = at_limit + 6 + text_width(words) < RIGHT
    pen.text(at_limit + (6 if beside else -6), TOP + 6, words, "ours-text halo",
             "" if beside else "end")  # fmt: skip


def _names(pen: Drawing, x: Axis, y: Axis, lines: Sequence[Line]) -> None:
    """Each line's name at its right end, beside or below it."""
    ends = [max(line.points) for line in lines]
    places = spread([y(cost) for _, cost in ends], 15, TOP + 14, BOTTOM - 6)
    for line, (risk, cost), height in zip(lines, ends, places, strict=True):
        # Costs fall to the right, so the space below a line's right end is free.
        weight = "strong halo" if line.best else "halo"
        if x(risk) + 10 + text_width(line.name) < RIGHT + 10:
            pen.text(x(risk) + 9, height - 5, line.name, weight)
        else:
            pen.text(x(risk), y(cost) + 18, line.name, weight, "end")


def _share(value: float) -> str:
    return "0" if value == 0 else f"{value * 100:.2f}".rstrip("0").rstrip(".") + "%"
