"""A what-if in pictures: whose margin changes, and what one unit then costs at its market."""

from collections.abc import Sequence

from offing.report import words
from offing.report.drawing import WIDTH, Axis, Drawing, fits, linear_ticks, text_width
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import MoneyColumn, price, price_digits

LEFT, RIGHT = 10.0, WIDTH - 10.0
ROW, HEAD, BAR = 40.0, 12.0, 14.0


def draw_margins(name: str, changes: Sequence[tuple[str, str, float]], column: MoneyColumn) -> str:
    """The change of the yearly margin in each market as bars from a middle line.

    Args:
        name: unique on the page.
        changes: (market, its short name, CNY), in the order to draw them.
        column: the unit of the amounts.
    """
    values = [value for *_, value in changes]
    x = Axis(min(0.0, *values), max(0.0, *values) or min(values) + 1.0, LEFT, RIGHT)
    described = "; ".join(
        say("policy.chart_desc", market=market, delta=_signed(column.amount(value), value))
        for market, _, value in changes
    )
    height = HEAD + ROW * len(changes) + 4
    pen = Drawing(name, height, say("policy.chart_heading"), described)
    for number, (market, short, value) in enumerate(changes):
        y = HEAD + ROW * number
        pen.line(x(0), y + 15, x(0), y + 33, "axis")  # beside the bar: figures stand above it
        _labels(pen, y, market, short, _signed(column.cell(value), value))
        kind = "gain-bar" if value >= 0 else "loss-bar"
        pen.rect(min(x(0), x(value)), y + 17, max(abs(x(value) - x(0)), 1.5), BAR, kind, 2)
    return pen.svg()


def _signed(text: str, value: float) -> str:
    return f"+{text}" if value > 0 and not text.startswith("<") else text


def _labels(pen: Drawing, y: float, market: str, short: str, text: str) -> None:
    """A row's market to the left and its figures to the right."""
    room = RIGHT - LEFT - text_width(text) - 14
    pen.text(LEFT - 6, y + 12, fits(market, room, short), "halo")
    pen.text(RIGHT + 6, y + 12, text, "strong halo", "end")


def draw_landed(name: str, title: str, rows: Sequence[tuple[str, float, float]]) -> str:
    """Landed cost of one unit: a ring for today, a dot under the reform.

    Args:
        name: unique on the page.
        title: of the picture.
        rows: (market, USD today, USD under the reform).
    """
    ends = [value for _, *both in rows for value in both]
    low, high = min(ends), max(ends)
    pad = (high - low) * 0.08 or max(high * 0.02, 1.0)
    x = Axis(low - pad, high + pad, LEFT, RIGHT)
    described = "; ".join(
        say("policy.landed_desc", market=country_name(m), before=price(b), after=price(a))
        for m, b, a in rows
    )
    head = HEAD + 16
    height = head + ROW * len(rows) + 6
    pen = Drawing(name, height, title, described)
    for tick in linear_ticks(x.low, x.high, about=3):
        pen.line(x(tick), head - 8, x(tick), height, "grid")
        near_end = x(tick) > RIGHT - 20
        pen.text(x(tick), head - 14, price_digits(tick), "soft", "end" if near_end else "middle")
    for number, (market, before, after) in enumerate(rows):
        y = head + ROW * number
        at, text = y + 26, f"{price_digits(before)} → {price_digits(after)}"
        _labels(pen, y, country_name(market), words.short_name(market), text)
        pen.line(LEFT, at, RIGHT, at, "track")
        pen.line(x(before), at, x(after), at, "ours-line")
        pen.circle(x(after), at, 6, "ours-fill edge")
        pen.circle(x(before), at, 5, "today")
    return pen.svg()
