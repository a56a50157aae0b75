"""The frontier of hedging: what each hedge ratio costs, against what it leaves at risk."""

from collections.abc import Sequence
from dataclasses import dataclass

from offing.report.drawing import WIDTH, Drawing, Scale, linear_ticks, spread, text_width
from offing.terms.messages import say
from offing.terms.numbers import fixed, percent

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
    right = max([limit * 1.15, *(risk for risk, _ in every)]) * 1.04 or 0.01
    lowest = min(0.0, *(cost for _, cost in every))
    highest = max(0.001, *(cost for _, cost in every)) * 1.06

    def x(risk: float) -> float:
        return LEFT + (RIGHT - LEFT) * risk / right

    def y(cost: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (cost - lowest) / (highest - lowest)

    said = "; ".join(
        say(
            "settle.frontier_desc",
            name=line.name,
            risk=percent(line.points[line.chosen][0], 1),
            cost=percent(line.points[line.chosen][1], 2),
        )
        for line in lines
    )
    pen = Drawing(name, HEIGHT, say("settle.frontier_heading"), said)
    _axes(pen, x, y, (lowest, highest), right)
    _limit(pen, x(limit), limit)
    _lines(pen, lines, x, y)
    return pen.svg()


def _axes(pen: Drawing, x: Scale, y: Scale, costs: tuple[float, float], right: float) -> None:
    for tick in linear_ticks(*costs):
        pen.line(LEFT, y(tick), RIGHT, y(tick), "grid")
        pen.text(LEFT - 6, y(tick) + 4, _share(tick), "soft", "end")
    for tick in linear_ticks(0.0, right):
        pen.line(x(tick), BOTTOM, x(tick), BOTTOM + 4, "axis")
        pen.text(x(tick), BOTTOM + 18, _share(tick), "soft", "middle")
    pen.line(LEFT, BOTTOM, RIGHT, BOTTOM, "axis")
    pen.text(LEFT - 40, TOP - 14, say("settle.axis_cost"), "soft")
    pen.text(RIGHT, BOTTOM + 36, say("settle.axis_risk"), "soft", "end")


def _limit(pen: Drawing, at: float, limit: float) -> None:
    pen.line(at, TOP - 4, at, BOTTOM, "ours-whisker")
    words = say("settle.axis_limit", limit=percent(limit, 1))
    beside = at + 6 + text_width(words) < RIGHT
    place, anchor = (at + 6, "") if beside else (at - 6, "end")
    pen.text(place, TOP + 6, words, "ours-text halo", anchor)


def _lines(pen: Drawing, lines: Sequence[Line], x: Scale, y: Scale) -> None:
    for line in lines:
        pen.path("M" + "L".join(f"{x(r):.1f},{y(c):.1f}" for r, c in line.points), "fan-line")
        for risk, cost in line.points:
            pen.circle(x(risk), y(cost), 2.4, "rival-dot")
    for line in lines:
        risk, cost = line.points[line.chosen]
        pen.circle(x(risk), y(cost), 6 if line.best else 5, "own" if line.best else "rival")
    ends = [max(line.points) for line in lines]
    places = spread([y(cost) for _, cost in ends], 15, TOP + 14, BOTTOM - 6)
    for line, (risk, cost), at in zip(lines, ends, places, strict=True):
        # Costs fall to the right, so the space below a line's right end is free.
        room = x(risk) + 10 + text_width(line.name) < RIGHT + 10
        weight = "strong halo" if line.best else "halo"
        if room:
            pen.text(x(risk) + 9, at - 5, line.name, weight)
        else:
            pen.text(x(risk), y(cost) + 18, line.name, weight, "end")


def _share(value: float) -> str:
    return "0" if value == 0 else fixed(value * 100, 2).rstrip("0").rstrip(".") + "%"
