"""Contribution along the price: a band over the scenarios, today's price marked."""

from collections.abc import Sequence

from offing.report import words
from offing.report.drawing import WIDTH, Axis, Drawing, Scale, linear_ticks
from offing.study.pricing import PricePoint
from offing.terms.messages import say
from offing.terms.numbers import money, money_range, price

LEFT, RIGHT, TOP, BOTTOM = 74.0, WIDTH - 24.0, 26.0, 252.0
HEIGHT = 296.0


def draw(name: str, model: str, market: str, points: Sequence[PricePoint]) -> str:
    """The curve of mean contribution in its band.

    Args:
        name: unique on the page.
        model: its key.
        market: its name.
        points: rising in price.
    """
    told = [f"{price(p.fob_usd)} {money_range(p.low_cny, p.high_cny, 'CNY')}" for p in points]
    described = words.series(told)
    pen = Drawing(name, HEIGHT, say("price.chart_title", model=model, market=market), described)
    first, last = points[0].fob_usd, points[-1].fob_usd
    lowest = min(0.0, *(point.low_cny for point in points))
    highest = max(*(point.high_cny for point in points), 1.0)
    x = Axis(first, max(last, first + 1e-9), LEFT, RIGHT)
    y = Axis(lowest, highest, BOTTOM, TOP)
    for tick in linear_ticks(lowest, highest):
        pen.line(LEFT, y(tick), RIGHT, y(tick), "axis" if tick == 0 else "grid")
        pen.text(LEFT - 8, y(tick) + 4, money(tick, "CNY") if tick else "0", "soft", "end")
    _band(pen, points, x, y)
    for point, said in zip(points, told, strict=True):
        pen.open(said)
        if point.today:
            pen.circle(x(point.fob_usd), y(point.profit_cny), 6, "today")
            pen.text(x(point.fob_usd), TOP - 10, say("price.is_today"), "strong", "middle")
            pen.line(x(point.fob_usd), TOP, x(point.fob_usd), BOTTOM, "grid")
        else:
            pen.circle(
                x(point.fob_usd), y(point.profit_cny), 4, "soft" if point.outside else "rival"
            )
        pen.close()
    for point in (points[0], points[-1], *(p for p in points if p.today)):
        pen.text(
            x(point.fob_usd), BOTTOM + 18, price(point.fob_usd), "soft", _anchor(point, points)
        )
    return pen.svg()


def _anchor(point: PricePoint, points: Sequence[PricePoint]) -> str:
    if point is points[0]:
        return "start"
    return "end" if point is points[-1] else "middle"


def _band(pen: Drawing, points: Sequence[PricePoint], x: Scale, y: Scale) -> None:
    upper = "L".join(f"{x(p.fob_usd):.1f} {y(p.high_cny):.1f}" for p in points)
    lower = "L".join(f"{x(p.fob_usd):.1f} {y(p.low_cny):.1f}" for p in reversed(points))
    pen.path(f"M{upper}L{lower}Z", "fan")
    middle = "L".join(f"{x(p.fob_usd):.1f} {y(p.profit_cny):.1f}" for p in points)
    pen.path(f"M{middle}", "fan-line")
